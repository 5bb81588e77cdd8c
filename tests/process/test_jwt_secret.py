"""The secret that a process makes for itself."""

from pathlib import Path

import pytest

from realtime_app.config import SECRET_BYTES, SettingsInvalid
from realtime_app.process.jwt_secret import FILE_NAME, read_or_create, with_jwt_secret
from tests.app import SECRET, given_settings


def test_it_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / FILE_NAME
    made = read_or_create(path)
    assert len(made.encode()) >= SECRET_BYTES
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_create(path) == made
    assert list(path.parent.iterdir()) == [path]


def test_another_folder_gets_another_one(tmp_path: Path) -> None:
    assert read_or_create(tmp_path / "a") != read_or_create(tmp_path / "b")


def test_it_stands_beside_the_database(tmp_path: Path) -> None:
    settings = with_jwt_secret(given_settings(tmp_path, jwt_secret=""))
    assert settings.jwt_secret.get_secret_value() == (tmp_path / FILE_NAME).read_text().strip()


def test_a_secret_that_was_set_is_left_alone(tmp_path: Path) -> None:
    assert with_jwt_secret(given_settings(tmp_path)).jwt_secret.get_secret_value() == SECRET
    assert not (tmp_path / FILE_NAME).exists()


def test_a_file_that_holds_too_little_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("short\n")
    with pytest.raises(SettingsInvalid, match="too short") as refused:
        read_or_create(tmp_path / FILE_NAME)
    assert "short\n" not in str(refused.value)


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsInvalid, match=r"JWT_SECRET is not set, and .*/file/secret can't be used"):
        read_or_create(tmp_path / "file" / "secret")
