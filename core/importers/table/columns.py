"""Open a table: which of its columns hold what, and how many rows it has."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.errors import LookalikeError
from core.importers.base import (
    TableColumns,
)
from core.importers.file_listing import local_path
from core.importers.table.reader import (
    Record,
    TableFormat,
    detect_format,
    guessed_encoding,
)
from core.importers.table.rows import cell_text, is_url
from core.importers.text import CODE_PAGES, one_line, os_error_reason

ALIASES: Mapping[str, tuple[str, ...]] = {
    "picture": (
        *("picture", "image", "thumbnail", "file", "path", "filename"),
        *("picture_url", "image_url", "thumbnail_url"),
    ),
    "source_id": ("source_id", "id", "uid", "mid", "key"),
    "name": ("name", "title", "label"),
    "category": ("category", "class", "group", "folder"),
    "tags": ("tags", "keywords"),
    "creator": ("creator", "author", "user", "artist"),
    "licence": ("licence", "license"),
    "page_url": ("page_url", "url", "page", "link", "viewer_url"),
    "embed_url": ("embed_url", "embed"),
}
# Rows of a table that are read to open it quickly.
HEAD_ROWS = 20
# Rows that are shown before an import, and the characters of each cell.
SHOWN_ROWS, SHOWN_CHARACTERS = 3, 80


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read once, or its first rows, to learn what is in it.

    Attributes:
        path: the file.
        columns: the names of all columns.
        fields: the column of each field of `ALIASES` that the table has.
        mapped: the fields whose column the caller chose.
        total: the number of rows; 0 if only the first were read.
        url_columns: the columns with at least one URL in the rows that were read.
        format: how the file is written.
        head: the cells of the first rows, in the order of `columns`.
    """

    path: Path
    columns: tuple[str, ...]
    fields: Mapping[str, str]
    mapped: frozenset[str]
    total: int
    url_columns: frozenset[str]
    format: TableFormat
    head: tuple[tuple[str, ...], ...] = ()

    def records(self) -> Iterator[tuple[int, Record | str]]:
        """Yield each row's number with its cells by column, or with what is wrong with it."""
        return self.format.records()

    @property
    def recognised(self) -> TableColumns:
        """Which columns hold which fields, and which hold none."""
        used = set(self.fields.values())
        unused = tuple(each for each in self.columns if each not in used)
        encoding = self.format.encoding
        code_page = encoding if encoding in CODE_PAGES else ""
        return TableColumns(self.fields, unused, code_page, self.head)

    def cells(self, record: Record) -> dict[str, object]:
        """Return the cells of a row by field."""
        return {field: record.get(column) for field, column in self.fields.items()}


def open_table(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    quick: bool = False,
) -> Table:
    """Read a table once, to find its columns and encoding and to count its rows.

    Columns are recognised by the names in `ALIASES`, whatever their case.

    Args:
        path: the file.
        columns: overrides the names, as in `{"picture": "Thumb file"}`.
        encoding: of its text; by default it is guessed.
        quick: reads only the first rows. In JSON Lines, later ones may have other columns.

    Raises:
        LookalikeError: the file cannot be read or is not a table.
    """
    file = local_path(path)
    try:
        try:
            found = detect_format(file, encoding=encoding)
            return _look_through(found, columns or {}, quick=quick, strict=not encoding)
        except UnicodeDecodeError:
            encoding = guessed_encoding(file)
            return _look_through(detect_format(file, encoding=encoding), columns or {}, quick=quick)
    except (OSError, ValueError) as error:
        raise LookalikeError(
            f'The table "{file}" cannot be read ({os_error_reason(error)}). Check its name and '
            "permissions."
        ) from error


def _look_through(
    format_: TableFormat, columns: Mapping[str, str], *, quick: bool, strict: bool = True
) -> Table:
    """Return what `open_table` returns; if `strict`, `UnicodeDecodeError` for another encoding."""
    file = format_.path
    names = dict.fromkeys(format_.header)
    total = 0
    url_columns: set[str] = set()
    first: list[Record] = []
    records = format_.records(strict=strict)
    for _, record in islice(records, HEAD_ROWS if quick else None):
        total += 1
        if not isinstance(record, str):
            if not format_.delimiter:
                names.update(dict.fromkeys(record))
            url_columns.update(name for name in record if is_url(record[name]))
            if len(first) < SHOWN_ROWS:
                first.append(record)
    is_whole = not quick or next(records, None) is None
    if format_.delimiter and not total:
        raise LookalikeError(f"The table {file.name} has column names but no rows. Add some.")
    if not names and is_whole:
        raise LookalikeError(
            f"{file.name} is not JSON Lines. Put one object on each line, "
            'such as {"picture": "chair.png", "name": "Chair"}.'
        )
    return Table(
        file,
        tuple(names),
        _fields(file.name, list(names), columns),
        frozenset(columns),
        total if is_whole else 0,
        frozenset(url_columns),
        format_,
        tuple(tuple(_shown(record.get(name)) for name in names) for record in first),
    )


def _shown(cell: object) -> str:
    """Return the beginning of a cell, as people read it."""
    text = one_line(cell_text(cell))
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _fields(table: str, names: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each field that the table has."""
    by_name = {column_key(name): name for name in reversed(names)}
    fields = {}
    for field, aliases in ALIASES.items():
        for alias in (columns[field],) if field in columns else aliases:
            if column_key(alias) in by_name:
                fields[field] = by_name[column_key(alias)]
                break
    for field, column in columns.items():
        if field not in ALIASES:
            raise LookalikeError(f'"{field}" is not one of {", ".join(ALIASES)}.')
        if field not in fields:
            raise LookalikeError(
                f'The table {table} has no column "{column}". {list_columns(names)}'
            )
    return fields


def list_columns(names: Iterable[str]) -> str:
    """Return a sentence that lists the columns of a table."""
    return f"Its columns are {', '.join(map(repr, names))}."


def column_key(name: str) -> str:
    """Return what equal column names share: `Page URL`, `page_url` and `pageUrl` are the same."""
    return re.sub(r"[\s_-]", "", name).casefold()
