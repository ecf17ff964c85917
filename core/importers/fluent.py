"""The demo catalogue: Microsoft's Fluent emoji, rendered in 3D."""

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
    """Open the Fluent emoji, fetching their two archives the first time.

    `include` adds some of `EXTRAS`, which are left out otherwise. Emoji that
    have no picture in the set are left out. They come in Unicode's order:
    likes stand together.
    """
    if unknown := set(include) - set(EXTRAS):
        raise LookalikeError(
            f"Fluent has no {', '.join(sorted(unknown))} to include, only {', '.join(EXTRAS)}."
        )
    pictures, words = fetch(PICTURES, WORDS)
    with tarfile.open(words) as archive:
        emoji = json.loads(_member(archive, "package/en/data.json"))
        messages = json.loads(_member(archive, "package/en/messages.json"))
    with tarfile.open(pictures) as archive:
        names = [name for name in archive.getnames() if name.endswith(".webp")]
    members = {_plain(Path(name).stem): name for name in names}
    # Two emoji are drawn twice, with and without -fe0f: the exact hexcode wins.
    members |= {Path(name).stem: name for name in names}
    drawn = []
    for item, hexcode in _items(emoji, messages, include):
        if member := members.get(hexcode.lower()) or members.get(item.source_id):
            drawn.append((item, member))
    return Source("fluent", "fluent", len(drawn), _entries(pictures, drawn))


def _entries(pictures: Path, drawn: Sequence[tuple[Item, str]]) -> Iterator[Entry]:
    """Yield each item with the member of the archive that is its picture."""
    # A gzip stream only goes forward, and the archive's order is not Unicode's:
    # 17 MB on disk save reading it a thousand times.
    with gzip.open(pictures) as packed, tempfile.TemporaryFile() as unpacked:
        shutil.copyfileobj(packed, unpacked)
        unpacked.seek(0)
        with tarfile.open(fileobj=unpacked, mode="r:") as archive:
            index = {member.name: member for member in archive}
            for item, name in drawn:
                yield InMemoryEntry(item, _member(archive, index[name]))


def _items(
    emoji: Sequence[Mapping[str, Any]],
    messages: Mapping[str, Any],
    include: Collection[str],
) -> Iterator[tuple[Item, str]]:
    """Yield an item and its hexcode for every emoji that is wanted."""
    groups = {group["order"]: group for group in messages["groups"]}
    # Two subgroups share an order; the one that is still in use comes last.
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
        for one in (entry, *skins):
            item = Item(
                source_id=_plain(one["hexcode"]),
                name=_capitalised(one["label"]),
                category=_capitalised(group["message"]),
                tags=tuple(tags),
                creator="Microsoft",
                licence="MIT",
            )
            yield item, one["hexcode"]


def _plain(hexcode: str) -> str:
    """Return a hexcode without the variation selectors, on which sources disagree."""
    return hexcode.lower().replace("-fe0f", "")


def _capitalised(text: str) -> str:
    """Return `text` with its first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def _member(archive: tarfile.TarFile, member: str | tarfile.TarInfo) -> bytes:
    """Return the bytes of a file in the archive."""
    file = archive.extractfile(member)
    if file is None:
        raise LookalikeError(f"{member} is no file of its archive.")
    with file:
        return file.read()
