"""ZIP and TAR archives, which are unpacked and then opened as the folder that they were."""

from core.importers.archive.described_table import table_in, table_of
from core.importers.archive.importer import UNSUPPORTED_SUFFIXES, is_archive, matches, read
from core.importers.archive.sorter import SUFFIXES

__all__ = [
    "SUFFIXES",
    "UNSUPPORTED_SUFFIXES",
    "is_archive",
    "matches",
    "read",
    "table_in",
    "table_of",
]
