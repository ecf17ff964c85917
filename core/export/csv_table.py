"""Writes CSV that spreadsheets open without running formulas in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# Where a spreadsheet may read text as a formula: at the start of a cell, and after any character
# that ends a cell in some spreadsheets (in Excel, where 0.5 is written 0,5: the semicolon).
_FORMULA = re.compile(r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?= *[=+\-@\uff1d\uff0b\uff0d\uff20])")


def table(columns: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """Return a table that a spreadsheet can open: CSV in UTF-8 with a byte order mark.

    Without the mark Excel reads the text as Windows-1252. Text is quoted, numbers are not.
    Following OWASP's advice against formulas in names ("CSV Injection"), text that begins with
    `=`, `+`, `-`, `@`, one of their full-width forms, a tab or a line break gets an apostrophe
    in front. It still reads the same, and is not evaluated.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(
            [_FORMULA.sub("'", cell) if isinstance(cell, str) else cell for cell in row]
        )
    return file.getvalue().encode("utf-8-sig")
