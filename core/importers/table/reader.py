"""Detect the format of a table and read its records."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core import sandbox
from core.errors import LookalikeError
from core.exported_table import COLUMNS, unescape
from core.importers.table import delimited
from core.importers.text import UTF_8, guess_code_page, one_line
from core.sandbox import SandboxError

JSON_SUFFIXES = frozenset([".jsonl", ".ndjson", ".json"])
MAX_LINE_BYTES = 1_000_000
# Latin-1 with the curly quotes and dashes that Excel adds.
WESTERN = "cp1252"
# How much of a text is looked at to guess its code page.
MAX_GUESSED_BYTES = 4_000_000
# The line with which Excel is told the delimiter.
SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
# The lines above the header in which a title may be.
MAX_TITLE_LINES = 5
# Tables that are not text, and what stands for the delimiter of their cells.
SPREADSHEETS = frozenset([".xlsx", ".xlsm", ".xls", ".ods", ".parquet"])
SHEET = "\0"
# The first bytes of XLSX and ODS, of XLS, and of Parquet.
_SPREADSHEET_MARKS = (b"PK\3\4", b"\xd0\xcf\x11\xe0", b"PAR1")
# What reading one may take: bytes of address space, seconds, bytes of its rows and of its XML.
SHEET_MEMORY, SHEET_SECONDS = 1_000_000_000, 60
MAX_SHEET_BYTES, MAX_UNPACKED = 100_000_000, 400_000_000
Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a table is written.

    Attributes:
        path: the file.
        encoding: of its text.
        delimiter: between two cells; empty for JSON Lines, which have no header either.
        header: the names of the columns.
        above: how many lines are above the header: blank ones, a title, or one for Excel.
        rows: the cells of a spreadsheet, which is read at once; None for a text.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    above: int = 0
    rows: Sequence[Sequence[str]] | None = None

    def records(self, *, strict: bool = False) -> Iterator[tuple[int, Record | str]]:
        """Yield each row's number with its cells by column, or with what is wrong with it.

        If `strict`, it raises `UnicodeDecodeError` where a file that seemed to be UTF-8 is not.
        """
        if self.rows is not None:
            for number, row in enumerate(self.rows[self.above + 1 :], self.above + 2):
                if any(cell.strip() for cell in row):
                    yield number, dict(reversed(list(zip(self.header, row, strict=False))))
            return
        strict = strict and self.encoding == UTF_8
        lines = _lines(self.path, self.encoding, errors="strict" if strict else "replace")
        if not self.delimiter:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _json_record(line)
            return
        in_header = True
        is_exported = self.header == COLUMNS
        below = islice(lines, self.above, None)
        rows = delimited.rows(below, self.delimiter, width=len(self.header))
        for number, cells in enumerate(rows, 1 + self.above):
            if isinstance(cells, str):
                yield number, cells
            elif not any(cell.strip() for cell in cells):
                continue
            elif in_header:
                in_header = False
            elif any(cells[len(self.header) :]):
                yield (
                    number,
                    f"It has {len(cells)} cells, but the table has {len(self.header)} columns.",
                )
            else:
                if is_exported:
                    cells = [unescape(cell) for cell in cells]
                # Of two columns with one name the first counts, as in a spreadsheet.
                pairs = zip(self.header, cells, strict=False)
                yield number, dict(reversed(list(pairs)))


def detect_format(path: Path, *, encoding: str = "") -> TableFormat:
    """Return how a table is written; raises `LookalikeError` if it is empty or not text.

    Only the beginning is read, unless it is a spreadsheet. `encoding` is for a file whose beginning
    gave a wrong one.
    """
    if is_spreadsheet(path):
        return _spreadsheet_format(path)
    encoding = encoding or _encoding(path)
    numbered = enumerate(_lines(path, encoding))
    filled = list(islice(((number, line) for number, line in numbered if line.strip()), 20))
    sample = [line for _, line in filled]
    empty = LookalikeError(f"The table {path.name} is empty. Add a line of column names and a row.")
    if not sample:
        raise empty
    if "\0" in sample[0]:
        raise LookalikeError(f"{path.name} is not a text file. Save the table as CSV in UTF-8.")
    if sample[0].lstrip().startswith("{") or path.suffix.lower() in JSON_SUFFIXES:
        return TableFormat(path, encoding, "", ())
    delimiter, above = _delimiter(sample)
    header = next(delimited.rows(sample[above:], delimiter), None)
    if header is None:
        raise empty
    if isinstance(header, str):
        raise LookalikeError(f"The first line of {path.name} cannot be read. {header}")
    return TableFormat(path, encoding, delimiter, tuple(map(one_line, header)), filled[above][0])


def _spreadsheet_format(path: Path) -> TableFormat:
    """Return how a spreadsheet is written, with its rows."""
    rows = spreadsheet_rows(path)
    widths = [max((n for n, cell in enumerate(row, 1) if cell.strip()), default=0) for row in rows]
    usual = _usual([width for width in widths[:20] if width])
    above = next((place for place, width in enumerate(widths) if width and width >= usual), None)
    if above is None:
        raise LookalikeError(
            f"The table {path.name} is empty. Add a line of column names and a row."
        )
    header = tuple(map(one_line, rows[above]))
    return TableFormat(path, UTF_8, SHEET, header, above, rows)


def is_spreadsheet(path: Path) -> bool:
    """Say whether a table begins as a spreadsheet or a Parquet file does, whatever its name."""
    with path.open("rb") as file:
        return file.read(4) in _SPREADSHEET_MARKS


def spreadsheet_rows(path: Path) -> list[list[str]]:
    """Return the rows of a spreadsheet or a Parquet file, read in a process with limits.

    Raises `LookalikeError`, and `OSError` if the file cannot be read.
    """
    try:
        answer = sandbox.read(
            "core.importers.table.spreadsheet",
            path,
            memory=SHEET_MEMORY,
            seconds=SHEET_SECONDS,
            max_bytes=MAX_SHEET_BYTES,
            max_unpacked=MAX_UNPACKED,
            longest=MAX_SHEET_BYTES,
        )
        rows = [json.loads(line) for line in answer.body.splitlines()]
        return [[str(cell) for cell in row] for row in rows]
    except (SandboxError, ValueError, TypeError) as error:
        raise LookalikeError(
            f"The table {path.name} cannot be read: it is damaged, protected by a password, or "
            "too large to be read at once. Save it as CSV in UTF-8."
        ) from error


def _delimiter(sample: list[str]) -> tuple[str, int]:
    """Return the delimiter of a table, and how many lines of the sample are above the header.

    The sample has the first lines that are not blank.
    """
    if named := SEPARATOR.fullmatch(sample[0]):
        return named[1], 1
    delimiter = max(",;\t|", key=lambda delimiter: _agreement(sample, delimiter))
    widths = _widths(sample, delimiter)
    usual = _usual(widths)
    # A title is one cell above several columns.
    above = next((place for place, width in enumerate(widths) if width == usual), 0)
    is_title = above <= MAX_TITLE_LINES and all(width == 1 for width in widths[:above])
    return delimiter, above if is_title else 0


def _widths(sample: list[str], delimiter: str) -> list[int]:
    """Return how many cells each row of a sample has, up to the last that has anything in it."""
    widths = []
    for cells in delimited.rows(sample, delimiter):
        filled = [place for place, cell in enumerate(cells, 1) if cell.strip()]
        if isinstance(cells, list):
            widths.append(len(cells) if len(filled) > 1 else max(filled, default=0))
    return widths


def _usual(widths: list[int]) -> int:
    """Return the most frequent number of cells, of two the first."""
    return Counter(widths).most_common(1)[0][0] if widths else 0


def _agreement(sample: list[str], delimiter: str) -> tuple[bool, float, int]:
    """Return how well a delimiter fits a sample, as a key for `max`.

    It has whether there are several columns, the share of rows with the usual number of columns,
    and that number.
    """
    widths = _widths(sample, delimiter)
    usual = _usual(widths)
    return usual > 1, widths.count(usual) / max(1, len(widths)), usual


def _encoding(path: Path) -> str:
    """Return the encoding of a text: UTF-16 by its mark, UTF-8 if that is valid, or a guess."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    try:
        with path.open(encoding="utf-8") as text:
            text.read(1 << 20)
    except UnicodeDecodeError:
        return guessed_encoding(path)
    return UTF_8


def guessed_encoding(path: Path) -> str:
    """Return the code page of a file that is not UTF-8."""
    with path.open("rb") as file:
        return guess_code_page(file.read(MAX_GUESSED_BYTES), usual=WESTERN)


def _lines(path: Path, encoding: str, *, errors: str = "replace") -> Iterator[str]:
    """Yield the lines of a text file; a line of more than a million characters is cut.

    A file without line ends then costs one row, and not all memory.
    """
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        while line := file.readline(MAX_LINE_BYTES):
            rest = line
            while len(rest) == MAX_LINE_BYTES and not rest.endswith(("\n", "\r")):
                rest = file.readline(MAX_LINE_BYTES)
            yield line


def _json_record(line: str) -> Record | str:
    """Return the object on a line of JSON Lines, or a sentence if there is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"It is not JSON: {error}."
    if not isinstance(value, dict):
        return "It is JSON, but not an object in curly brackets."
    return {one_line(name): cell for name, cell in value.items()}
