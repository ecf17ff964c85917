"""ZIP and TAR archives, which are unpacked and then opened as the folder that they were."""

from core.importers.archive.described_table import table_in
from core.importers.archive.importer import (
    SUFFIXES,
    UNSUPPORTED_SUFFIXES,
    is_archive,
    matches,
    read,
)
from core.importers.archive.sorter import UNPACKED_SUFFIXES

__all__ = [
    "SUFFIXES",
    "UNPACKED_SUFFIXES",
    "UNSUPPORTED_SUFFIXES",
    "is_archive",
    "matches",
    "read",
    "table_in",
]
