"""Furniture libraries: what is read of their files, and of damaged and hostile ones."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    sweethome3d,
)
from tests.core.importers.sources import HEAD, contents, items, library, write


def patched(path: Path, old: bytes, new: bytes) -> None:
    """Replace bytes that a file must contain."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


def encrypt(path: Path) -> None:
    """Mark the member `seats/b.png` as encrypted in the directory of the archive."""
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"seats/b.png"))
    data[entry + 8] |= 1
    path.write_bytes(data)


def understate(path: Path) -> None:
    """Declare in both headers that the 30 MB of `seats/b.png` are 10 bytes."""
    patched(path, (30_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("icon", "data", "compression", "damage", "reason"),
    [
        ("icon#1=/seats/gone.png", b"B", zipfile.ZIP_STORED, None, 'no file "seats/gone.png"'),
        ("icon#1=", b"B", zipfile.ZIP_STORED, None, "no icon"),
        ("planIcon#1=/seats/b.png", b"B", zipfile.ZIP_STORED, None, "no icon"),
        ("icon#1=/seats/b.png", bytes(30_000_000), zipfile.ZIP_DEFLATED, None, "larger than"),
        ("icon#1=/seats/b.png", bytes(30_000_000), zipfile.ZIP_DEFLATED, understate, "damaged"),
        ("icon#1=/seats/b.png", b"BBBB", zipfile.ZIP_STORED, encrypt, "encrypted"),
        ("icon#1=/seats/b.png", b"BBBB", zipfile.ZIP_BZIP2, None, "not supported"),
        (
            "icon#1=/seats/b.png",
            b"BBBB",
            zipfile.ZIP_STORED,
            lambda path: patched(path, b"BBBB", b"XXXX"),
            "damaged",
        ),
    ],
    ids=range(8),
)
def test_furniture_skips_a_bad_piece_and_continues(
    tmp_path: Path,
    icon: str,
    data: bytes,
    compression: int,
    damage: Callable[[Path], None] | None,
    reason: str,
) -> None:
    catalogue = f"{HEAD}name#1=Bad\n{icon}\nname#5=Good\nicon#5=/seats/a.png\n"
    icons = {"seats/a.png": b"A", "seats/b.png": data}
    path = library(tmp_path / "a.sh3f", catalogue, icons, compression)
    if damage:
        damage(path)
    entries, skipped = contents(sweethome3d.read(path))
    assert [entry.item.name for entry in entries.values()] == ["Good"]
    assert all(reason in each.reason for each in skipped.values()) and skipped


def test_furniture_continues_after_a_library_that_cannot_be_read(tmp_path: Path) -> None:
    library(tmp_path / "good.sh3f", HEAD + "name#1=Chair\nicon#1=/seats/a.png\n")
    write(tmp_path / "bad.sh3f", b"<html>not found</html>")
    entries, skipped = contents(sweethome3d.read(tmp_path))
    assert list(entries) == ["Shop#Seats#1"]
    assert "not a .sh3f file" in skipped["bad.sh3f"].reason


def test_furniture_says_what_is_wrong(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.sh3f", "w") as archive:
        archive.writestr("readme.txt", "hello")
    library(tmp_path / "none.sh3f", HEAD)
    (tmp_path / "empty").mkdir()
    for name, sentence in {
        "missing.sh3f": "No such file",
        "other.sh3f": "not a furniture library: It has no file .PluginFurnitureCatalog.properties",
        "none.sh3f": "lists no furniture",
        "empty": "has no .sh3f files",
    }.items():
        with pytest.raises(LookalikeError, match=sentence):
            sweethome3d.read(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "stated", "licence"),
    [
        ("x", "Creative Commons Attribution 3.0 Unported license  © Ann", "CC-BY 3.0"),
        ("x", "Creative Commons Attribution 3.0 United States license", "CC-BY 3.0 US"),
        ("Blend Swap CC-0", "Public domain", "CC-0"),
        ("x", "Public domain", "Public domain"),
        ("x", "Creative Commons Attribution-NonCommercial 3.0", None),
        ("x", "Free Art License 1.3", None),
        ("x", "", None),
    ],
)
def test_furniture_licences(tmp_path: Path, name: str, stated: str, licence: str | None) -> None:
    catalogue = f"name={name}\nlicense={stated}\nname#1=a\nicon#1=/seats/a.png"
    [item] = items(sweethome3d.read(library(tmp_path / "a.sh3f", catalogue)))
    assert item.licence == (stated if licence is None else licence)
