"""Temporary folders live as long as what uses them, and leave nothing behind."""

import os
import time
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers.temporary_folder import TemporaryFolder


def made_long_ago(path: Path) -> Path:
    """Make a folder with a file, if there is none, and date it back."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "a.png").write_bytes(b"a")
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def test_a_folder_exists_as_long_as_it_is_used(empty_cache: Path) -> None:
    folder = TemporaryFolder("uploads")
    path = folder.path
    assert path.parent == empty_cache / "uploads"
    (path / "a.png").write_bytes(b"a")
    del folder
    assert not path.exists()


def test_a_folder_can_be_removed_now(empty_cache: Path) -> None:
    folder = TemporaryFolder("uploads")
    folder.remove()
    folder.remove()
    assert list((empty_cache / "uploads").iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_and_one_in_use_is_not(empty_cache: Path) -> None:
    used = TemporaryFolder("uploads")
    made_long_ago(used.path)
    left = made_long_ago(empty_cache / "uploads" / "left")
    other = made_long_ago(empty_cache / "unpacked" / "left")
    (empty_cache / "uploads" / "new").mkdir()
    TemporaryFolder("uploads").remove()
    assert used.path.exists() and other.exists()
    assert not left.exists()
    assert (empty_cache / "uploads" / "new").exists(), "it may not be locked yet"


def test_a_cache_that_cannot_be_written_is_an_error_for_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(LookalikeError, match="LOOKALIKE_CACHE"):
        TemporaryFolder("uploads")
