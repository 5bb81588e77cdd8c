"""The browser app's page and its files."""

from pathlib import Path

import pytest

from tests.app import RunningApp


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built browser app."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>The app</title>")
    (folder / "assets" / "index-Ab12Cd34.js").write_text("run()")
    (folder / "assets" / "icon.svg").write_text("<svg/>")
    monkeypatch.setattr("handlers.pages.STATIC", folder)
    return folder


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/", "/app", "/app/", "/app/calendar/2026-11-23"])
async def test_the_app_is_served_at_all_its_paths(app: RunningApp, static: Path, path: str) -> None:
    answer = await app.get(path)
    assert (answer.status, answer.body) == (200, (static / "index.html").read_bytes())
    assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.gen_test
async def test_without_a_build_the_page_says_how_to_make_one(
    app: RunningApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.pages.STATIC", tmp_path / "nothing")
    answer = await app.get("/")
    assert answer.status == 200
    assert b"make web" in answer.body


@pytest.mark.gen_test
async def test_only_files_with_a_hash_in_their_name_are_kept_for_ever(app: RunningApp, static: Path) -> None:
    hashed = await app.get("/assets/index-Ab12Cd34.js")
    plain = await app.get("/assets/icon.svg")
    assert (hashed.status, hashed.body) == (200, b"run()")
    assert "immutable" in hashed.headers["Cache-Control"]
    assert plain.headers["Cache-Control"] == "no-cache"
    assert plain.headers["Content-Type"] == "image/svg+xml"


@pytest.mark.gen_test
@pytest.mark.parametrize("asked", ["bytes=1-2", "bytes=9-", "pages=1"])
async def test_a_file_comes_whole_whatever_part_of_it_is_asked_for(app: RunningApp, static: Path, asked: str) -> None:
    answer = await app.get("/assets/index-Ab12Cd34.js", headers={"Range": asked})
    assert (answer.status, answer.body) == (200, b"run()")
    assert answer.headers["Accept-Ranges"] == "none"


@pytest.mark.gen_test
async def test_the_api_answers_a_browser_too(app: RunningApp, static: Path) -> None:
    answer = await app.get("/tasks", headers={"Accept": "text/html"})
    assert answer.error["code"] == "AUTHENTICATION_ERROR"
