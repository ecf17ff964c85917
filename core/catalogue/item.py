"""The item: one 3D model of a catalogue, as every room sees it."""

import base64
import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One 3D model: what is said about it, without its picture.

    `source_id` is the importer's own name for it (an emoji's hexcode, a
    relative path) and may hold anything. `digest` names its pictures by their
    bytes, and `sides` those from other sides; both are empty until a catalogue
    has taken the item.
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
    sides: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The project's own id: safe in addresses and file names, the same at every import."""
        return item_id(self.source_id)


def item_id(source_id: str) -> str:
    """Return the id of `source_id`: 13 characters of `a-z2-7`, from 64 bits of BLAKE2b.

    Among a million items two share an id with a probability of 3e-8.
    """
    digest = hashlib.blake2b(source_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()
