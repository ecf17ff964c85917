"""The importer of folders of pictures."""

import os
from pathlib import Path

import pytest

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


def test_folder_skips_a_huge_file_without_reading_it(tmp_path: Path) -> None:
    write(tmp_path / "small.png")
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(1 << 40)

    entries, skipped = contents(folder.read(tmp_path))

    assert list(entries) == ["small.png"]
    assert "larger than 20 MB" in skipped["huge.png"].reason
