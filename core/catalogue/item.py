"""The item: one 3D model of a catalogue, as every package sees it."""

import base64
import hashlib
import json
import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One 3D model: its facts, without its picture.

    `source_id` is the importer's own name for it (an emoji's hexcode, a relative path) and may
    hold anything. `digest` names its pictures by their bytes, and `viewpoints` those from other
    viewpoints; both are empty until the item is added to a catalogue.
    """

    source_id: str
    name: str
    category: str = ""
    tags: tuple[str, ...] = ()
    creator: str = ""
    licence: str = ""
    page_url: str = ""
    embed_url: str = ""
    digest: str = ""
    viewpoints: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The project's own id: safe in URLs and file names, the same at every import."""
        return item_id(self.source_id)


def item_id(source_id: str) -> str:
    """Return the id of `source_id`: 13 characters of `a-z2-7`, from 64 bits of BLAKE2b.

    Among a million items two share an id with a probability of 3e-8.
    """
    digest = hashlib.blake2b(source_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


def item_from_row(row: sqlite3.Row) -> Item:
    """Return the item that a row of the table `items` holds."""
    return Item(
        source_id=row["source_id"],
        name=row["name"],
        category=row["category"],
        tags=tuple(json.loads(row["tags"])),
        creator=row["creator"],
        licence=row["licence"],
        page_url=row["page_url"],
        embed_url=row["embed_url"],
        digest=row["digest"],
        viewpoints=tuple(json.loads(row["viewpoints"])),
    )
