"""Tables that name pictures by file or by URL: CSV, TSV, pipe-separated or JSON Lines."""

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from core import web
from core.catalogue import Item
from core.errors import LookalikeError
from core.importers.base import (
    Entry,
    EntryError,
    InMemoryEntry,
    Loaded,
    SkippedEntry,
    Source,
    TableColumns,
    digest,
)
from core.importers.file_listing import local_path
from core.importers.folder import read_picture
from core.importers.table_reader import (
    JSON_SUFFIXES,
    WESTERN,
    Record,
    TableFormat,
    detect_format,
)
from core.importers.text import one_line, os_error_reason, readable, storable

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
SUFFIXES = JSON_SUFFIXES | {".csv", ".tsv", ".psv", ".txt"}
# Rows of a table that are read to open it quickly.
HEAD_ROWS = 20
# Pictures downloaded at the same time, from all hosts together.
CONNECTIONS = 8
_URL = re.compile(r"[a-z][a-z0-9+.-]+://|data:", re.IGNORECASE)


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
    """

    path: Path
    columns: tuple[str, ...]
    fields: Mapping[str, str]
    mapped: frozenset[str]
    total: int
    url_columns: frozenset[str]
    format: TableFormat

    def records(self) -> Iterator[tuple[int, Record | str]]:
        """Yield each row's number with its cells by column, or with what is wrong with it."""
        return self.format.records()

    @property
    def recognised(self) -> TableColumns:
        """Which columns hold which fields, and which hold none."""
        used = set(self.fields.values())
        return TableColumns(self.fields, tuple(each for each in self.columns if each not in used))

    def cells(self, record: Record) -> dict[str, object]:
        """Return the cells of a row by field."""
        return {field: record.get(column) for field, column in self.fields.items()}


def matches(location: str) -> bool:
    """Say whether a location is a file with the name of a table."""
    path = local_path(location)
    return path.suffix.lower() in SUFFIXES and os.path.exists(path) and not os.path.isdir(path)


def open_table(
    path: str | Path, *, columns: Mapping[str, str] | None = None, quick: bool = False
) -> Table:
    """Read a table once, to find its columns and encoding and to count its rows.

    Columns are recognised by the names in `ALIASES`, whatever their case.

    Args:
        path: the file.
        columns: overrides the names, as in `{"picture": "Thumb file"}`.
        quick: reads only the first rows. In JSON Lines, later ones may have other columns.

    Raises:
        LookalikeError: the file cannot be read or is not a table.
    """
    file = local_path(path)
    try:
        try:
            return _look_through(detect_format(file), columns or {}, quick=quick)
        except UnicodeDecodeError:
            return _look_through(detect_format(file, encoding=WESTERN), columns or {}, quick=quick)
    except (OSError, ValueError) as error:
        raise LookalikeError(
            f'The table "{file}" cannot be read ({os_error_reason(error)}). Check its name and '
            "permissions."
        ) from error


def _look_through(format_: TableFormat, columns: Mapping[str, str], *, quick: bool) -> Table:
    """Return what `open_table` returns; raises `UnicodeDecodeError` for another encoding."""
    file = format_.path
    names = dict.fromkeys(format_.header)
    total = 0
    url_columns: set[str] = set()
    records = format_.records(strict=True)
    for _, record in islice(records, HEAD_ROWS if quick else None):
        total += 1
        if not isinstance(record, str):
            if not format_.delimiter:
                names.update(dict.fromkeys(record))
            url_columns.update(name for name in record if _is_url(record[name]))
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
    )


def read(
    table: Table | str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    check: Callable[[], None] | None = None,
) -> Source:
    """Open a table whose rows are items, each with a picture file or the URL of a picture.

    Picture files must be in the table's folder or below it.

    Args:
        table: an open table, or a path that is opened with `open_table`.
        columns: as for `open_table`, if `table` is a path.
        check: called while a server is waited for; raises what should end the wait.

    Raises:
        LookalikeError: the table cannot be read or has no column of pictures.
    """
    if not isinstance(table, Table):
        table = open_table(table, columns=columns)
    if "picture" not in table.fields:
        raise LookalikeError(
            f"The table {table.path.name} has no column of pictures. "
            f"{_list_columns(table.columns)} "
            'Rename the one with the picture files to "picture", or map it: picture=COLUMN.'
        )
    # Of rows that were not read yet, any may have a URL.
    has_urls = not table.total or table.fields["picture"] in table.url_columns
    client = web.Client(connections=CONNECTIONS, check=check) if has_urls else None
    return Source(
        "table",
        storable(str(table.path)),
        table.total,
        _entries(table, client),
        workers=CONNECTIONS if client else 2,
        columns=(table.recognised,),
    )


@dataclass(frozen=True, slots=True)
class _PictureFile(Entry):
    """A picture file in the table's folder or below it. Its version is the file's SHA-256."""

    item: Item
    row: int
    folder: Path
    picture: str

    def is_current(self, known: str) -> bool:
        with as_entry_error(f"Row {self.row}: "):
            return digest(_picture(self.folder, self.picture)) == known

    def load(self, known: str) -> Loaded | None:
        with as_entry_error(f"Row {self.row}: "):
            return InMemoryEntry(self.item, _picture(self.folder, self.picture)).load(known)

    def quick_picture(self) -> bytes | None:
        with as_entry_error(f"Row {self.row}: "):
            return _picture(self.folder, self.picture)


@dataclass(frozen=True, slots=True)
class _PictureUrl(Entry):
    """A picture on the web. Its version is that of `web.Client`."""

    item: Item
    row: int
    url: str
    client: web.Client

    def is_current(self, known: str) -> bool:
        with as_entry_error(f"Row {self.row}: "):
            return self.client.is_current(self.url, known)

    def load(self, known: str) -> Loaded | None:
        with as_entry_error(f"Row {self.row}: "):
            fetched = self.client.picture(self.url, known=known)
        return None if fetched is None else Loaded(picture=fetched.data, version=fetched.version)


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
                f'The table {table} has no column "{column}". {_list_columns(names)}'
            )
    return fields


def _list_columns(names: Iterable[str]) -> str:
    """Return a sentence that lists the columns of a table."""
    return f"Its columns are {', '.join(map(repr, names))}."


def column_key(name: str) -> str:
    """Return what equal column names share: `Page URL`, `page_url` and `pageUrl` are the same."""
    return re.sub(r"[\s_-]", "", name).casefold()


def _entries(table: Table, client: web.Client | None) -> Iterator[Entry | SkippedEntry]:
    """Yield an item for each row, or why it is skipped. Closing the iterator stops downloads."""
    folder = Path(os.path.realpath(table.path.parent))
    seen: set[str] = set()
    try:
        for number, record in table.records():
            row = f"row {number}"
            if isinstance(record, str):
                yield SkippedEntry(row, "", f"Row {number}: {record}")
                continue
            cells = table.cells(record)
            picture = cell_text(cells["picture"]).strip()
            problem = _problem_with(picture)
            item = item_of(cells, "" if problem else picture)
            if problem:
                yield SkippedEntry(item.source_id or row, item.name, f"Row {number}: {problem}")
            elif item.source_id in seen:
                reason = f'Row {number}: An earlier row has the same id, "{item.source_id}".'
                yield SkippedEntry(f"{item.source_id} ({row})", item.name, reason)
            else:
                seen.add(item.source_id)
                if client and _is_url(picture):
                    yield _PictureUrl(item, number, picture, client)
                else:
                    yield _PictureFile(item, number, folder, picture.replace("\\", "/"))
    except GeneratorExit:
        if client:
            client.stop()
        raise


def _problem_with(picture: str) -> str:
    """Return what is wrong with a picture's path or URL, as far as the text alone shows it."""
    if not picture:
        return "It names no picture."
    try:
        if _is_url(picture):
            web.parse(picture)
    except web.WebError as error:
        if re.match("https?:", picture, re.IGNORECASE):
            return str(error)
        return (
            f"{error} Download it into the table's folder, and put the name of the file in its "
            "place."
        )
    return ""


def item_of(cells: Record, picture: str) -> Item:
    """Return the item that a row describes.

    Args:
        cells: the cells of the row by field.
        picture: the path or URL of its picture; empty if there is none.
    """
    text = {field: one_line(cell_text(cell)) for field, cell in cells.items()}
    tags = map(cell_text, _tags(cells.get("tags")))
    source_id = cell_text(cells.get("source_id"))
    path = one_line(_path(picture))
    return Item(
        # An id belongs to its source: it is stored exactly as it is.
        source_id=source_id if source_id.strip() else path,
        name=text.get("name") or _readable(path),
        category=text.get("category", ""),
        tags=tuple(dict.fromkeys(tag for tag in map(one_line, tags) if tag)),
        creator=text.get("creator", ""),
        licence=text.get("licence", ""),
        page_url=_web_url(text.get("page_url", "")),
        embed_url=_web_url(text.get("embed_url", "")),
    )


def _path(picture: str) -> str:
    """Return a URL unchanged, and a path with the separators of this system."""
    if not picture or _is_url(picture):
        return picture
    return PurePosixPath(picture.replace("\\", "/")).as_posix()


def _readable(path: str) -> str:
    """Return a name made from a picture's path or URL."""
    if _is_url(path):
        with contextlib.suppress(ValueError):
            path = unquote(urlsplit(path).path)
    return readable(path) if path.strip("/") else ""


def _tags(cell: object) -> list[object]:
    """Return the tags of a list, of a list written as JSON, or of a text with commas, ; or |."""
    if isinstance(cell, list):
        return cell
    text = cell_text(cell)
    if text.startswith("["):
        with contextlib.suppress(ValueError, RecursionError):
            tags = json.loads(text)
            if isinstance(tags, list):
                return tags
    return list(re.split("[,;|]", text))


def cell_text(cell: object) -> str:
    """Return a cell as text that UTF-8 can hold; empty if it is neither text nor a number."""
    text = str(cell) if isinstance(cell, (str, int, float)) else ""
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_url(cell: object) -> bool:
    """Say whether a cell holds a URL of any scheme, whether or not it can be downloaded."""
    return isinstance(cell, str) and bool(_URL.match(cell.strip()))


@contextmanager
def as_entry_error(prefix: str = "") -> Iterator[None]:
    """Raise `EntryError` for a picture that cannot be read or downloaded.

    `prefix` is put in front of the reason.
    """
    try:
        yield
    except (EntryError, web.WebError) as error:
        raise EntryError(f"{prefix}{error}") from error


def _web_url(text: str) -> str:
    """Return an http or https URL, and an empty string for any other text: it becomes a link."""
    return text if re.fullmatch(r"https?://[^\s/?#]\S*", text, re.IGNORECASE) else ""


def _picture(folder: Path, picture: str) -> bytes:
    """Return the bytes of a picture below `folder`; raises `EntryError` with a sentence."""
    path = PurePosixPath(picture)
    if "\0" in picture:
        raise EntryError("The name of its picture contains a NUL character. Rename the file.")
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:/", picture):
        raise EntryError(
            f'The path "{picture}" leads out of the table\'s folder. Copy the file into it.'
        )
    real = Path(os.path.realpath(folder / path))
    if not real.is_relative_to(folder):
        raise EntryError(
            f'The path "{picture}" is a link that leads out of the table\'s folder. Copy the file '
            "into it."
        )
    if not os.path.isfile(real):
        raise EntryError(f'There is no file "{picture}" in the table\'s folder.')
    try:
        return read_picture(real)
    except OSError as error:
        raise EntryError(
            f'The file "{picture}" cannot be read: {os_error_reason(error)}.'
        ) from error
