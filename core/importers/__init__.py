"""Importers, one module or package for each kind of source, and the registry that lists them."""

from core.importers.base import (
    Entry,
    EntryError,
    InMemoryEntry,
    Loaded,
    ResumePoint,
    SkippedEntry,
    Source,
    TableColumns,
)
from core.importers.registry import (
    TAKES,
    Importer,
    Options,
    Take,
    find_importer,
    kinds,
    list_sources,
    open_source,
    watchable_kinds,
)

__all__ = [
    "TAKES",
    "Entry",
    "EntryError",
    "Importer",
    "InMemoryEntry",
    "Loaded",
    "Options",
    "ResumePoint",
    "SkippedEntry",
    "Source",
    "TableColumns",
    "Take",
    "find_importer",
    "kinds",
    "list_sources",
    "open_source",
    "watchable_kinds",
]
