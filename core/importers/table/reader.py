"""Detect the format of a table and read its records."""

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.errors import LookalikeError
from core.importers.text import one_line

JSON_SUFFIXES = frozenset([".jsonl", ".ndjson", ".json"])
MAX_LINE_BYTES = 1_000_000
UTF_8 = "utf-8-sig"
# Latin-1 with the curly quotes and dashes that Excel adds: what is not UTF-8.
WESTERN = "cp1252"
Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a table is written. JSON Lines have no delimiter and no header."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]

    def records(self, *, strict: bool = False) -> Iterator[tuple[int, Record | str]]:
        """Yield each row's number with its cells by column, or with what is wrong with it.

        If `strict`, it raises `UnicodeDecodeError` where a file that seemed to be UTF-8 is not.
        """
        strict = strict and self.encoding == UTF_8
        lines = _lines(self.path, self.encoding, errors="strict" if strict else "replace")
        if not self.delimiter:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _json_record(line)
            return
        in_header = True
        for number, cells in enumerate(_delimited(lines, self.delimiter), 1):
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
                # Of two columns with one name the first counts, as in a spreadsheet.
                pairs = zip(self.header, cells, strict=False)
                yield number, dict(reversed(list(pairs)))


def detect_format(path: Path, *, encoding: str = "") -> TableFormat:
    """Return how a table is written; raises `LookalikeError` if it is empty or not text.

    Only the beginning is read. `encoding` is for a file whose beginning gave a wrong one.
    """
    encoding = encoding or _encoding(path)
    sample = list(islice((line for line in _lines(path, encoding) if line.strip()), 20))
    if not sample:
        raise LookalikeError(
            f"The table {path.name} is empty. Add a line of column names and a row."
        )
    if "\0" in sample[0]:
        raise LookalikeError(f"{path.name} is not a text file. Save the table as CSV in UTF-8.")
    if sample[0].lstrip().startswith("{") or path.suffix.lower() in JSON_SUFFIXES:
        return TableFormat(path, encoding, "", ())
    delimiter = max(",;\t|", key=lambda delimiter: _agreement(sample, delimiter))
    header = next(_delimited(sample, delimiter))
    if isinstance(header, str):
        raise LookalikeError(f"The first line of {path.name} cannot be read. {header}")
    return TableFormat(path, encoding, delimiter, tuple(one_line(name) for name in header))


def _encoding(path: Path) -> str:
    """Return the encoding of a text: UTF-16 by its mark, UTF-8 if that is valid, or `WESTERN`."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    try:
        with path.open(encoding="utf-8") as text:
            text.read(1 << 20)
    except UnicodeDecodeError:
        return WESTERN
    return UTF_8


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


def _delimited(lines: Iterable[str], delimiter: str) -> Iterator[list[str] | str]:
    """Yield the cells of each row, or a sentence if the csv module cannot read it."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"It cannot be read as a row: {error}."


def _agreement(sample: list[str], delimiter: str) -> tuple[bool, float, int]:
    """Return how well a delimiter fits a sample, as a key for `max`.

    It has whether there are several columns, the share of rows with as many columns as the first,
    and the number of columns.
    """
    widths = [len(cells) for cells in _delimited(sample, delimiter) if isinstance(cells, list)]
    if not widths:
        return False, 0.0, 0
    return widths[0] > 1, widths.count(widths[0]) / len(widths), widths[0]


def _json_record(line: str) -> Record | str:
    """Return the object on a line of JSON Lines, or a sentence if there is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"It is not JSON: {error}."
    if not isinstance(value, dict):
        return "It is JSON, but not an object in curly brackets."
    return {one_line(name): cell for name, cell in value.items()}
