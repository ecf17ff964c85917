"""A table that names pictures, local or on the web: CSV, TSV, pipe-separated, or JSON Lines."""

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
    digest,
)
from core.importers.folder import read_picture
from core.importers.table_reader import JSON_SUFFIXES, Record, TableFormat, detect_format
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
# Pictures that are fetched at once, from all hosts together.
CONNECTIONS = 8
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://|data:", re.IGNORECASE)


def read(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    check: Callable[[], None] | None = None,
) -> Source:
    """Open a table: every row is an item, its picture a file in the table's folder, or an address.

    Columns are found by the names in `ALIASES`, whatever their case; `columns`
    says otherwise, as in `{"picture": "Thumb file"}`. `check` is called whenever a server is
    waited for, and raises what is to end that. Raises `LookalikeError`
    where there is nothing to read or no column of pictures.
    """
    table = open_table(path, columns=columns)
    if "picture" not in table.fields:
        raise LookalikeError(
            f"The table {table.path.name} has no column of pictures. {_has_column(table.columns)} "
            'Rename the one that names the picture files to "picture", or map it: picture=COLUMN.'
        )
    on_web = table.fields["picture"] in table.with_addresses
    client = web.Client(connections=CONNECTIONS, check=check) if on_web else None
    return Source(
        "table",
        storable(str(table.path)),
        table.total,
        _entries(table, client),
        workers=CONNECTIONS if client else 2,
    )


def open_table(path: str | Path, *, columns: Mapping[str, str] | None = None) -> "Table":
    """Read a table through once; raises `LookalikeError` where there is nothing to read."""
    file = Path(os.path.abspath(os.path.expanduser(path)))
    try:
        form = detect_format(file)
        names = dict.fromkeys(form.header)
        total = 0
        with_addresses: set[str] = set()
        for _, record in form.records():
            total += 1
            if not isinstance(record, str):
                if not form.delimiter:
                    names.update(dict.fromkeys(record))
                with_addresses.update(name for name in record if _is_address(record[name]))
    except (OSError, ValueError) as error:
        raise LookalikeError(
            f'The table "{file}" cannot be read ({os_error_reason(error)}). Check its name and its rights.'
        ) from error
    if form.delimiter and not total:
        raise LookalikeError(f"The table {file.name} has column names but no rows.")
    if not names:
        raise LookalikeError(
            f"{file.name} is not JSON Lines: every line must be an object of its own, "
            'such as {"picture": "chair.png", "name": "Chair"}.'
        )
    fields = _fields(file.name, list(names), columns or {})
    return Table(file, tuple(names), fields, total, frozenset(with_addresses), form)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read through once.

    Attributes:
        path: the file.
        columns: the names of all columns.
        fields: the column of each field of `ALIASES` that the table has.
        total: how many rows there are.
        with_addresses: the columns in which there is an address.
    """

    path: Path
    columns: tuple[str, ...]
    fields: Mapping[str, str]
    total: int
    with_addresses: frozenset[str]
    _format: "TableFormat"

    def records(self) -> Iterator[tuple[int, Record | str]]:
        """Yield each row's number and its cells by column, or what is wrong with it."""
        return self._format.records()

    def cells(self, record: Record) -> dict[str, object]:
        """Return the cells of a row by field."""
        return {field: record.get(column) for field, column in self.fields.items()}


@dataclass(frozen=True, slots=True)
class _PictureFile(Entry):
    """A picture in a file below the table's folder. Its version is the SHA-256 of the file."""

    item: Item
    row: int
    folder: Path
    picture: str

    def is_current(self, known: str) -> bool:
        with refuse_with(f"Row {self.row}: "):
            return digest(_picture(self.folder, self.picture)) == known

    def load(self, known: str) -> Loaded | None:
        with refuse_with(f"Row {self.row}: "):
            return InMemoryEntry(self.item, _picture(self.folder, self.picture)).load(known)


@dataclass(frozen=True, slots=True)
class _PictureAddress(Entry):
    """A picture on the web. Its version is what `web.Client` says."""

    item: Item
    row: int
    address: str
    client: web.Client

    def is_current(self, known: str) -> bool:
        with refuse_with(f"Row {self.row}: "):
            return self.client.is_current(self.address, known)

    def load(self, known: str) -> Loaded | None:
        with refuse_with(f"Row {self.row}: "):
            fetched = self.client.picture(self.address, known=known)
        return None if fetched is None else Loaded(picture=fetched.data, version=fetched.version)


def _fields(table: str, names: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each field that the table has."""
    by_name = {bare_path(name): name for name in reversed(names)}
    fields = {}
    for field, aliases in ALIASES.items():
        for alias in (columns[field],) if field in columns else aliases:
            if bare_path(alias) in by_name:
                fields[field] = by_name[bare_path(alias)]
                break
    for field, column in columns.items():
        if field not in ALIASES:
            raise LookalikeError(f'"{field}" is not one of {", ".join(ALIASES)}.')
        if field not in fields:
            raise LookalikeError(
                f'The table {table} has no column "{column}". {_has_column(names)}'
            )
    return fields


def _has_column(names: Iterable[str]) -> str:
    """List the columns of a table in a sentence."""
    return f"Its columns are {', '.join(map(repr, names))}."


def bare_path(name: str) -> str:
    """Return a column's name as it is compared: `Page URL`, `page_url` and `pageUrl` are one."""
    return re.sub(r"[\s_-]", "", name).casefold()


def _entries(table: Table, client: web.Client | None) -> Iterator[Entry | SkippedEntry]:
    """Yield an item for each row, or why it is none; whoever closes this ends all fetching."""
    folder = Path(os.path.realpath(table.path.parent))
    taken: set[str] = set()
    try:
        for number, record in table.records():
            row = f"row {number}"
            if isinstance(record, str):
                yield SkippedEntry(row, "", f"Row {number}: {record}")
                continue
            cells = table.cells(record)
            picture = cell_text(cells["picture"]).strip()
            wrong = _skip(picture)
            item = item_of(cells, "" if wrong else picture)
            if wrong:
                yield SkippedEntry(item.source_id or row, item.name, f"Row {number}: {wrong}")
            elif item.source_id in taken:
                reason = f'Row {number}: An earlier row has the same id, "{item.source_id}".'
                yield SkippedEntry(f"{item.source_id} ({row})", item.name, reason)
            else:
                taken.add(item.source_id)
                if client and _is_address(picture):
                    yield _PictureAddress(item, number, picture, client)
                else:
                    yield _PictureFile(item, number, folder, picture.replace("\\", "/"))
    except GeneratorExit:
        if client:
            client.stop()
        raise


def _skip(picture: str) -> str:
    """Say what is wrong with where a picture is, if that shows without looking there."""
    if not picture:
        return "It names no picture."
    try:
        if _is_address(picture):
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
    """Return the item that a row describes, by its cells by field and where its picture is."""
    text = {field: one_line(cell_text(cell)) for field, cell in cells.items()}
    words = map(cell_text, _tags(cells.get("tags")))
    source_id = cell_text(cells.get("source_id"))
    path = one_line(_path(picture))
    return Item(
        # Somebody else's name for the item: not one character of it is ours to mend.
        source_id=source_id if source_id.strip() else path,
        name=text.get("name") or _readable(path),
        category=text.get("category", ""),
        tags=tuple(dict.fromkeys(word for word in map(one_line, words) if word)),
        creator=text.get("creator", ""),
        licence=text.get("licence", ""),
        page_url=_web_address(text.get("page_url", "")),
        embed_url=_web_address(text.get("embed_url", "")),
    )


def _path(picture: str) -> str:
    """Return where a picture is, an address as it is and a path as it is written here."""
    if not picture or _is_address(picture):
        return picture
    return PurePosixPath(picture.replace("\\", "/")).as_posix()


def _readable(path: str) -> str:
    """Return a name made from where a picture is."""
    if _is_address(path):
        with contextlib.suppress(ValueError):
            path = unquote(urlsplit(path).path)
    return readable(path) if path.strip("/") else ""


def _tags(cell: object) -> list[object]:
    """Return the tags of a list, of a list written as JSON, or between commas, ; or |."""
    if isinstance(cell, list):
        return cell
    text = cell_text(cell)
    if text.startswith("["):
        with contextlib.suppress(ValueError, RecursionError):
            listed = json.loads(text)
            if isinstance(listed, list):
                return listed
    return list(re.split("[,;|]", text))


def cell_text(cell: object) -> str:
    """Return a cell as text that UTF-8 can hold; neither text nor a number is nothing."""
    text = str(cell) if isinstance(cell, (str, int, float)) else ""
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_address(cell: object) -> bool:
    """Say whether a cell holds an address of any kind, fit to be fetched or not."""
    return isinstance(cell, str) and bool(_ADDRESS.match(cell.strip()))


@contextmanager
def refuse_with(before: str = "") -> Iterator[None]:
    """Raise `EntryError` for what cannot be read or fetched, with `before` in front of the reason."""
    try:
        yield
    except (EntryError, web.WebError) as error:
        raise EntryError(f"{before}{error}") from error


def _web_address(text: str) -> str:
    """Return an address of the web, and nothing for any other text: it becomes a link."""
    return text if re.fullmatch(r"https?://[^\s/?#]\S*", text, re.IGNORECASE) else ""


def _picture(folder: Path, picture: str) -> bytes:
    """Return the bytes of a picture below `folder`; raises `EntryError` with a sentence."""
    path = PurePosixPath(picture)
    if "\0" in picture:
        raise EntryError("The name of its picture holds a NUL character.")
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:/", picture):
        raise EntryError(f'The path "{picture}" leads out of the table\'s folder.')
    real = Path(os.path.realpath(folder / path))
    if not real.is_relative_to(folder):
        raise EntryError(f'The path "{picture}" is a link that leads out of the table\'s folder.')
    if not os.path.isfile(real):
        raise EntryError(f'There is no file "{picture}" in the table\'s folder.')
    try:
        return read_picture(real)
    except OSError as error:
        raise EntryError(
            f'The file "{picture}" cannot be read: {os_error_reason(error)}.'
        ) from error
