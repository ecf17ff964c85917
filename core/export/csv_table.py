"""CSV that spreadsheets open without running anything in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# Where a spreadsheet may take text for a formula: at the start of a cell, and after what some
# spreadsheets end a cell with (Excel, in countries that write 0,5: the semicolon).
_FORMULA = re.compile(r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?= *[=+\-@\uff1d\uff0b\uff0d\uff20])")


def table(columns: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """Return a table that a spreadsheet opens: CSV in UTF-8 with a byte order mark.

    Without the mark Excel takes the text for Windows-1252. Text is quoted, numbers are not.
    OWASP's advice against formulas in names ("CSV Injection") is followed: where text begins
    with `=`, `+`, `-`, `@`, their full-width forms, a tab or a line break, an apostrophe is put
    before it. It reads as before and is not calculated.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(
            [_FORMULA.sub("'", cell) if isinstance(cell, str) else cell for cell in row]
        )
    return file.getvalue().encode("utf-8-sig")
