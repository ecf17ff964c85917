"""What the tests of the importers share: small sources, and reading one to its end."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from core.catalogue import Item
from core.importers import (
    Entry,
    EntryError,
    InMemoryEntry,
    SkippedEntry,
    Source,
)

ODD_NAMES = [
    'it\'s a "chair"',
    "<script>alert(1)</script>",
    "кресло 🪑 椅子",
    "كرسي أحمر",
    "100% & more; #1",
    "n" * 300,
]


def loaded(entry: object) -> object:
    """Return an entry with its picture, or why it cannot be loaded."""
    if not isinstance(entry, Entry):
        return entry
    try:
        picture = entry.load("")
    except EntryError as error:
        return SkippedEntry(entry.item.source_id, entry.item.name, str(error))
    assert picture is not None
    return InMemoryEntry(entry.item, picture.picture)


def contents(source: Source) -> tuple[dict[str, InMemoryEntry], dict[str, SkippedEntry]]:
    """Read a source to its end; return the entries and what was skipped, by `source_id`."""
    everything = [loaded(entry) for entry in source.entries]
    entries = {each.item.source_id: each for each in everything if isinstance(each, InMemoryEntry)}
    skipped = {each.source_id: each for each in everything if isinstance(each, SkippedEntry)}
    assert len(entries) + len(skipped) == len(everything) == source.total
    return entries, skipped


def items(source: Source) -> list[Item]:
    """Return the items of a source that skips nothing, in their order."""
    entries, skipped = contents(source)
    assert not skipped
    return [entry.item for entry in entries.values()]


def write(path: Path, data: bytes = b"picture") -> Path:
    """Write a file and create its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


HEAD = "id=Shop#Seats\nname=Nice seats\nlicense=Creative Commons Attribution 3.0 license\n"


def library(
    path: Path,
    catalogue: str,
    icons: Mapping[str, bytes] = MappingProxyType({"seats/a.png": b"A"}),
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """Write a Sweet Home 3D library; `compression` is the method of the last icon."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PluginFurnitureCatalog.properties", catalogue.encode("iso-8859-1"))
        archive.writestr("PluginFurnitureCatalog_fr.properties", b"name#1=Chaise\n")
        for name, data in icons.items():
            last = name == [*icons][-1]
            archive.writestr(name, data, compression if last else zipfile.ZIP_STORED)
    return path
