"""The importer of folders of pictures."""

import os
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    InMemoryEntry,
    SkippedEntry,
    folder,
)
from tests.core.importers.sources import ODD_NAMES, contents, items, loaded, write


def test_folder_lists_pictures_in_natural_order_with_folders_as_categories(tmp_path: Path) -> None:
    for name in ["chair 10.png", "chair 2.PNG", "Seats/Soft/red_arm-chair.JPeG", "Seats/a.avif"]:
        write(tmp_path / name, name.encode())
    for ignored in ["notes.txt", ".hidden.png", ".git/a.png", "png", "Seats/._a.avif"]:
        write(tmp_path / ignored)

    source = folder.read(tmp_path)

    assert (source.kind, source.location, source.total) == ("folder", str(tmp_path), 4)
    entries, skipped = contents(source)
    assert not skipped
    assert list(entries) == [
        "chair 2.PNG",
        "chair 10.png",
        "Seats/a.avif",
        "Seats/Soft/red_arm-chair.JPeG",
    ]
    deepest = entries["Seats/Soft/red_arm-chair.JPeG"]
    assert (deepest.item.name, deepest.item.category) == ("red arm chair", "Seats/Soft")
    assert deepest.data == b"Seats/Soft/red_arm-chair.JPeG"
    assert entries["chair 2.PNG"].item.category == ""


def test_folder_reads_each_picture_only_when_it_is_loaded(tmp_path: Path) -> None:
    write(tmp_path / "1.png"), write(tmp_path / "2.png"), write(tmp_path / "3.png")
    entries = folder.read(tmp_path).entries
    next(entries)
    write(tmp_path / "2.png", b"changed")
    (tmp_path / "3.png").unlink()

    second, third = map(loaded, entries)

    assert isinstance(second, InMemoryEntry) and second.data == b"changed"
    assert isinstance(third, SkippedEntry) and "No such file" in third.reason


@pytest.mark.parametrize("name", ODD_NAMES)
def test_folder_keeps_unusual_names(tmp_path: Path, name: str) -> None:
    # File systems allow no names of 300 characters, so it is split.
    path = "/".join(name[start : start + 100] for start in range(0, len(name), 100))
    path = path.replace("</script>", "<-script>")
    write(tmp_path / f"{path}.png")

    [item] = items(folder.read(tmp_path))

    assert item.source_id == f"{path}.png"
    assert item.name == path.split("/")[-1].replace("-", " ")


def test_folder_stores_names_that_are_not_text(tmp_path: Path) -> None:
    for byte in (b"\xe9", b"\xe8"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf" + byte + b".png")).write_bytes(b"picture")

    found = items(folder.read(tmp_path))

    assert len({item.id for item in found}) == 2
    assert [item.source_id.encode().decode() for item in found] == ["caf\\xe8.png", "caf\\xe9.png"]


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


def test_folder_skips_a_huge_file_without_reading_it(tmp_path: Path) -> None:
    write(tmp_path / "small.png")
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(1 << 40)

    entries, skipped = contents(folder.read(tmp_path))

    assert list(entries) == ["small.png"]
    assert "larger than 20 MB" in skipped["huge.png"].reason


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
