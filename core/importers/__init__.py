"""Importers: each reads one kind of source as items and the bytes of their pictures."""

from core.importers.base import Bookmark, Entry, Held, Loaded, Refused, Rejected, Source
from core.importers.registry import KINDS, open_source

__all__ = [
    "KINDS",
    "Bookmark",
    "Entry",
    "Held",
    "Loaded",
    "Refused",
    "Rejected",
    "Source",
    "open_source",
]
