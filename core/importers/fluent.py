"""Import the demo catalogue: Microsoft's Fluent emoji, rendered in 3D."""

import gzip
import json
import shutil
import tarfile
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers.base import Entry, InMemoryEntry, Source
from core.importers.npm import Archive, fetch

PICTURES = Archive(
    "@lobehub/fluent-emoji-3d",
    "1.1.0",
    "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
)
WORDS = Archive(
    "emojibase-data",
    "17.0.0",
    "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a",
)
EXTRAS = ("flags", "skin tones")


def read(*, include: Collection[str] = ()) -> Source:
    """Open the Fluent emoji, downloading their two archives the first time.

    `include` adds some of `EXTRAS`, which are otherwise left out. Emoji without a picture in the
    set are left out. They come in the order of Unicode, which puts similar emoji together. Raises
    `LookalikeError` if the archives cannot be downloaded.
    """
    if unknown := set(include) - set(EXTRAS):
        raise LookalikeError(
            f"Fluent has no {', '.join(sorted(unknown))} to include. Choose from "
            f"{', '.join(EXTRAS)}."
        )
    pictures, words = fetch(PICTURES, WORDS)
    with tarfile.open(words) as archive:
        emoji = json.loads(_member(archive, "package/en/data.json"))
        messages = json.loads(_member(archive, "package/en/messages.json"))
    with tarfile.open(pictures) as archive:
        names = [name for name in archive.getnames() if name.endswith(".webp")]
    members = {_without_selectors(Path(name).stem): name for name in names}
    # Two emoji have two pictures, with and without -fe0f: the exact hexcode takes precedence.
    members |= {Path(name).stem: name for name in names}
    pictured = []
    for item, hexcode in _items(emoji, messages, include):
        if member := members.get(hexcode.lower()) or members.get(item.source_id):
            pictured.append((item, member))
    return Source("fluent", "fluent", len(pictured), _entries(pictures, pictured))


def _entries(pictures: Path, pictured: Sequence[tuple[Item, str]]) -> Iterator[Entry]:
    """Yield each item with the picture that the archive has for it."""
    # A gzip stream can only be read forwards, and the archive is not in the order of Unicode:
    # 17 MB on disk save reading it a thousand times.
    with gzip.open(pictures) as packed, tempfile.TemporaryFile() as unpacked:
        shutil.copyfileobj(packed, unpacked)
        unpacked.seek(0)
        with tarfile.open(fileobj=unpacked, mode="r:") as archive:
            index = {member.name: member for member in archive}
            for item, name in pictured:
                yield InMemoryEntry(item, _member(archive, index[name]))


def _items(
    emoji: Sequence[Mapping[str, Any]],
    messages: Mapping[str, Any],
    include: Collection[str],
) -> Iterator[tuple[Item, str]]:
    """Yield an item and its hexcode for every emoji that is included."""
    groups = {group["order"]: group for group in messages["groups"]}
    # Two subgroups have the same order; the one in use comes last.
    subgroups = {group["order"]: group["message"] for group in messages["subgroups"]}
    left_out = {"component", "flags"} - set(include)
    for entry in emoji:
        if "group" not in entry:
            continue
        group = groups[entry["group"]]
        if group["key"] in left_out:
            continue
        tags = dict.fromkeys([*entry.get("tags", ()), subgroups[entry["subgroup"]]])
        skins = entry.get("skins", ()) if "skin tones" in include else ()
        for variant in (entry, *skins):
            item = Item(
                source_id=_without_selectors(variant["hexcode"]),
                name=_capitalised(variant["label"]),
                category=_capitalised(group["message"]),
                tags=tuple(tags),
                creator="Microsoft",
                licence="MIT",
            )
            yield item, variant["hexcode"]


def _without_selectors(hexcode: str) -> str:
    """Return a hexcode without the variation selectors, which differ between sources."""
    return hexcode.lower().replace("-fe0f", "")


def _capitalised(text: str) -> str:
    """Return `text` with a capital first letter and the rest unchanged."""
    return text[:1].upper() + text[1:]


def _member(archive: tarfile.TarFile, member: str | tarfile.TarInfo) -> bytes:
    """Return the bytes of a file in an archive."""
    file = archive.extractfile(member)
    if file is None:
        raise LookalikeError(
            f"{member} is missing from its archive. Delete the archive and try again."
        )
    with file:
        return file.read()
