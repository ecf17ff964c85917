"""Importers: each reads one kind of source as items and the bytes of their pictures."""

from core.importers.base import (
    Entry,
    EntryError,
    InMemoryEntry,
    Loaded,
    ResumePoint,
    SkippedEntry,
    Source,
)
from core.importers.registry import KINDS, open_source

__all__ = [
    "KINDS",
    "Entry",
    "EntryError",
    "InMemoryEntry",
    "Loaded",
    "ResumePoint",
    "SkippedEntry",
    "Source",
    "open_source",
]
