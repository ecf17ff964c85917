"""The results of a search to take away, for other programs: a table, and JSON."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Any

from core.search import Neighbour, Results

COLUMNS = (
    "rank",
    "score",
    "id",
    "source_id",
    "name",
    "category",
    "tags",
    "creator",
    "licence",
    "page_url",
)

# Where a spreadsheet may take text for a formula: at the start of a cell, and after what some
# spreadsheets end a cell with (Excel, in countries that write 0,5: the semicolon).
_FORMULA = re.compile(r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?= *[=+\-@\uff1d\uff0b\uff0d\uff20])")


def as_csv(results: Results) -> bytes:
    """Return the results as a table that a spreadsheet opens, tags parted by commas."""
    return table(
        COLUMNS,
        (
            (
                found.rank,
                round(found.score, 6),
                found.item.id,
                found.item.source_id,
                found.item.name,
                found.item.category,
                ", ".join(found.item.tags),
                found.item.creator,
                found.item.licence,
                found.item.page_url,
            )
            for found in results.neighbours
        ),
    )


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


def told(found: Neighbour) -> dict[str, Any]:
    """Return what programs are told of a neighbour; `part` only where parts were looked for."""
    return {
        "id": found.item.id,
        "name": found.item.name,
        "score": round(found.score, 6),
        "rank": found.rank,
        "mirrored": found.mirrored,
        "side": found.side,
    } | ({"part": astuple(found.part)} if found.part else {})


def as_json(results: Results, *, query: Mapping[str, Any]) -> bytes:
    """Return the results as the command line tells them, with all that is said of each item.

    UTF-8: `{"query": …, "neighbours": [{"id", "name", "score", "rank", …}, …]}`.
    """
    neighbours = [told(found) | asdict(found.item) for found in results.neighbours]
    answer = {"query": dict(query), "neighbours": neighbours}
    # Half a surrogate pair, which an address may bring in, has no bytes in UTF-8.
    return json.dumps(answer, ensure_ascii=False, indent=2).encode("utf-8", "replace")
