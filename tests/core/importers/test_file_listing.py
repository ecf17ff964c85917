"""The files below a folder: links, many folders, and folders that cannot be read."""

import os
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    folder,
)
from tests.core.importers.sources import contents, items, write


def test_folder_follows_links_inside_it_and_reads_each_folder_once(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "real/a.png"), write(root / ".store/b.png")
    write(tmp_path / "secret/c.png")
    (root / "again").symlink_to(root / "real")
    (root / "kept").symlink_to(root / ".store")
    (root / "real/loop").symlink_to(root)
    (root / "b.png").symlink_to(root / ".store/b.png")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "c.png").symlink_to(tmp_path / "secret/c.png")
    (root / "gone.png").symlink_to(root / "nowhere.png")
    (root / "self.png").symlink_to(root / "self.png")
    os.mkfifo(root / "pipe.png")

    entries, skipped = contents(folder.read(root))

    assert list(entries) == ["b.png", "kept/b.png", "real/a.png"]
    assert set(skipped) == {"out", "c.png", "gone.png", "self.png", "pipe.png"}
    assert "leads out of the folder" in skipped["out"].reason
    assert "leads out of the folder" in skipped["c.png"].reason


def test_folder_with_ten_thousand_folders(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}/{number}.png").touch()

    found = items(folder.read(tmp_path))

    assert [item.name for item in found] == [str(number) for number in range(10_000)]


def test_folder_says_what_is_wrong(tmp_path: Path) -> None:
    file = write(tmp_path / "folder/notes.txt")
    with pytest.raises(LookalikeError, match=r"has no pictures.*\.png"):
        folder.read(tmp_path)
    with pytest.raises(LookalikeError, match="is a file, not a folder"):
        folder.read(file)
    with pytest.raises(LookalikeError, match="No such file"):
        folder.read(tmp_path / "nowhere")
    with pytest.raises(LookalikeError, match="cannot be read"):
        folder.read(f"{tmp_path}/nul\0byte")
