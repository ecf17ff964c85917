"""Tables that name pictures by file or by URL, and what other importers need of tables."""

from core.importers.table.columns import Table, column_key, open_table
from core.importers.table.importer import CONNECTIONS, SUFFIXES, matches, read
from core.importers.table.pictures import as_entry_error
from core.importers.table.rows import cell_text, item_of

__all__ = [
    "CONNECTIONS",
    "SUFFIXES",
    "Table",
    "as_entry_error",
    "cell_text",
    "column_key",
    "item_of",
    "matches",
    "open_table",
    "read",
]
