"""Import tables that name pictures by file or by URL: text, spreadsheets or Parquet."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from core import web
from core.errors import LookalikeError
from core.importers.base import (
    Entry,
    SkippedEntry,
    Source,
)
from core.importers.file_kinds import FileKind
from core.importers.file_listing import local_path
from core.importers.table.columns import Table, list_columns, open_table
from core.importers.table.pictures import PictureFile, PictureUrl, problem_with
from core.importers.table.reader import (
    JSON_SUFFIXES,
    SPREADSHEETS,
)
from core.importers.table.rows import cell_text, is_url, item_of
from core.importers.text import storable

SUFFIXES = JSON_SUFFIXES | SPREADSHEETS | {".csv", ".tsv", ".psv", ".txt"}
# Pictures downloaded at the same time, from all hosts together.
CONNECTIONS = 8


def matches(location: str) -> bool:
    """Say whether a location is a file with the name of a table."""
    path = local_path(location)
    return path.suffix.lower() in SUFFIXES and os.path.exists(path) and not os.path.isdir(path)


def read(
    table: Table | str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    check: Callable[[], None] | None = None,
    others: dict[str, FileKind] | None = None,
) -> Source:
    """Open a table whose rows are items, each with a picture file or the URL of a picture.

    Picture files must be in the table's folder or below it.

    Args:
        table: an open table, or a path that is opened with `open_table`.
        columns: as for `open_table`, if `table` is a path.
        check: called while a server is waited for; raises what should end the wait.
        others: the files in the table's folder; those that rows name are removed as they are read.

    Raises:
        LookalikeError: the table cannot be read or has no column of pictures.
    """
    if not isinstance(table, Table):
        table = open_table(table, columns=columns)
    if "picture" not in table.fields:
        raise LookalikeError(
            f"The table {table.path.name} has no column of pictures. "
            f"{list_columns(table.columns)} "
            'Rename the one with the picture files to "picture", or map it: picture=COLUMN.'
        )
    # Of rows that were not read yet, any may have a URL.
    has_urls = not table.total or table.fields["picture"] in table.url_columns
    client = web.Client(connections=CONNECTIONS, check=check) if has_urls else None
    return Source(
        "table",
        storable(str(table.path)),
        table.total,
        _entries(table, client, {} if others is None else others),
        workers=CONNECTIONS if client else 2,
        columns=(table.recognised,),
    )


def _entries(
    table: Table, client: web.Client | None, others: dict[str, FileKind]
) -> Iterator[Entry | SkippedEntry]:
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
            picture = _relative(cell_text(cells["picture"]).strip(), table.path.parent, folder)
            others.pop(PurePosixPath(picture.replace("\\", "/")).as_posix(), None)
            problem = problem_with(picture)
            item = item_of(cells, "" if problem else picture)
            if problem:
                yield SkippedEntry(item.source_id or row, item.name, f"Row {number}: {problem}")
            elif item.source_id in seen:
                reason = f'Row {number}: An earlier row has the same id, "{item.source_id}".'
                yield SkippedEntry(f"{item.source_id} ({row})", item.name, reason)
            else:
                seen.add(item.source_id)
                if client and is_url(picture):
                    yield PictureUrl(item, number, picture, client)
                else:
                    yield PictureFile(item, number, folder, picture.replace("\\", "/"))
    except GeneratorExit:
        if client:
            client.stop()
        raise


def _relative(picture: str, *folders: Path) -> str:
    """Return an absolute path that is in one of these folders relative to it, else as it is."""
    path = PurePosixPath(picture.replace("\\", "/"))
    for folder in folders:
        if path.is_absolute() and path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return picture
