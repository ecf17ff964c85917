"""Writes CSV that spreadsheets open without running formulas in it."""

import csv
import io
from collections.abc import Iterable, Sequence

from core.exported_table import escape


def table(columns: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """Return a table that a spreadsheet can open: CSV in UTF-8 with a byte order mark.

    Without the mark Excel reads the text as Windows-1252. Text is quoted, numbers are not.
    Text that would be run as a formula gets an apostrophe in front. It still reads the same.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([escape(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue().encode("utf-8-sig")
