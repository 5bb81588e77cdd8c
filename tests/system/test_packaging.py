"""The wheel holds everything that runs, and runs without the source tree."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that neither an older build nor the browser app's own state plays a part."""
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "handlers", source / "handlers")
    shutil.copytree(ROOT / "realtime_app", source / "realtime_app", ignore=shutil.ignore_patterns("static"))
    built = source / "realtime_app" / "static"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html>")
    (built / "assets" / "index-1a2b.js").write_text("")
    run_pip("wheel", str(source), "--no-deps", "--no-build-isolation", "--wheel-dir", str(source / "dist"))
    return next((source / "dist").glob("*.whl"))


@pytest.fixture
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_wheel_holds_the_browser_app(names: list[str]) -> None:
    assert "realtime_app/static/index.html" in names
    assert "realtime_app/static/assets/index-1a2b.js" in names


def test_wheel_holds_every_migration(names: list[str]) -> None:
    migrations = (ROOT / "realtime_app" / "store" / "migrations").rglob("*.py")
    paths = {str(path.relative_to(ROOT)) for path in migrations}
    assert len(paths) >= 2
    assert paths <= set(names)


def test_wheel_holds_every_module_of_both_packages_and_no_test(names: list[str]) -> None:
    modules = {
        str(path.relative_to(ROOT)) for name in ("realtime_app", "handlers") for path in (ROOT / name).rglob("*.py")
    }
    assert modules <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "web/", "bench/"))]


def test_wheel_declares_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        path = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "realtime-app = realtime_app.cli:main" in archive.read(path).decode()


def test_installed_wheel_migrates_a_database_without_the_source_tree(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    run_pip("install", "--no-deps", "--target", str(installed), str(wheel))
    environment = {
        "PYTHONPATH": str(installed),
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/realtime.db",
        "REDIS_URL": "memory://",
    }
    where = "import realtime_app; print(realtime_app.__file__)"
    imported = subprocess.check_output([sys.executable, "-c", where], env=environment, cwd=tmp_path, text=True)
    assert imported.startswith(str(installed))

    subprocess.run([sys.executable, "-m", "realtime_app", "migrate"], env=environment, cwd=tmp_path, check=True)

    assert (tmp_path / "realtime.db").stat().st_size > 0


def run_pip(action: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", action, "--quiet", "--disable-pip-version-check", "--no-index"]
    subprocess.run([*command, *arguments], check=True)
