"""Items, the 3D models of a catalogue, and their ids."""

import base64
import hashlib
import json
import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The facts about one 3D model, without its picture.

    Attributes:
        source_id: the importer's identifier (an emoji's hexcode, a relative path), any text.
        name: for people.
        category: empty if it has none.
        tags: further words to find it by.
        creator: who made it; empty if unknown.
        licence: of the model; empty if unknown.
        page_url: its page on the web; empty if it has none.
        embed_url: of a viewer that can be embedded; empty if it has none.
        digest: the SHA-256 of its pictures, in hexadecimal digits; empty until the item is added
            to a catalogue.
        viewpoints: the names of the viewpoints that it has pictures from; empty until then too.
        missing_textures: the names of its textures that are missing or cannot be read; as above.
        remark: a sentence on what of it cannot be shown; as above.
        up: which axis of its 3D file points up in its pictures, "y" or "z"; empty until then, and
            if it was not rendered here.
        up_basis: how what is detected of that is known, a `UpBasis`; as above.
        is_blank: whether there is nothing to see in its picture, so that it is not compared.
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
    missing_textures: tuple[str, ...] = ()
    remark: str = ""
    up: str = ""
    up_basis: str = ""
    is_blank: bool = False

    @property
    def id(self) -> str:
        """Lookalike's id of the item: safe in URLs and file names, the same at every import."""
        return item_id(self.source_id)

    @property
    def short_digest(self) -> str:
        """The first 8 characters of the digest: enough to tell that its pictures have changed."""
        return self.digest[:8]


def item_id(source_id: str) -> str:
    """Return the id of `source_id`: 13 characters of `a-z2-7`, from 64 bits of BLAKE2b.

    The probability that two of a million items share an id is 3e-8.
    """
    digest = hashlib.blake2b(source_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


def item_from_row(row: sqlite3.Row) -> Item:
    """Return the item in a row of the table `items`."""
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
        missing_textures=tuple(json.loads(row["missing_textures"])),
        remark=row["remark"],
        up=row["up"],
        up_basis=row["up_basis"],
        is_blank=bool(row["blank"]),
    )
