"""Tables that name Sketchfab models and have no pictures of their own."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from core import web
from core.catalogue import Item
from core.importers import table
from core.importers.base import Entry, SkippedEntry, Source
from core.importers.sketchfab.api import CONNECTIONS, Api, says
from core.importers.sketchfab.importer import LIST_RATE, PICTURE_RATE, stopping
from core.importers.sketchfab.location import uid_in
from core.importers.sketchfab.models import Thumbnail, entry_of
from core.importers.table import Table
from core.importers.text import one_line, storable


def uid_column(opened: Table) -> str | None:
    """Return the column that names Sketchfab models, if a table has one and no pictures.

    It reads the table until the first such model.
    """
    if "picture" in opened.fields:
        return None
    by_name = {table.column_key(name): name for name in reversed(opened.columns)}
    if "source_id" in opened.mapped:
        candidates = [opened.fields["source_id"]]
    else:
        candidates = [by_name[name] for name in ("uid", "mid") if name in by_name]
    if "page_url" in opened.fields:
        candidates.append(opened.fields["page_url"])
    for column in candidates:
        for _, record in opened.records():
            if not isinstance(record, str) and uid_in(table.cell_text(record.get(column))):
                return column
    return None


def read_table(
    opened: Table,
    column: str,
    *,
    check: Callable[[], None] | None = None,
    list_rate: float = LIST_RATE,
    picture_rate: float = PICTURE_RATE,
) -> Source:
    """Open a table that names Sketchfab models by uid or URL and has no pictures of its own.

    What the table says of a model takes precedence over what Sketchfab says.

    Args:
        opened: the table.
        column: what `uid_column` returned for it.
        check: as for `read`, as the arguments below.
        list_rate: as above.
        picture_rate: as above.
    """
    api = Api(check=check, rate=list_rate)
    pictures = web.Client(connections=CONNECTIONS, check=check, rate=picture_rate)
    return Source(
        "table",
        storable(str(opened.path)),
        opened.total,
        stopping(_rows(opened, column, api, pictures), api.client, pictures),
        workers=CONNECTIONS,
        columns=(opened.recognised,),
    )


def _rows(
    opened: Table, column: str, api: Api, pictures: web.Client
) -> Iterator[Entry | SkippedEntry]:
    """Yield the model that each row names, or why it is skipped."""
    seen: set[str] = set()
    for number, record in opened.records():
        row = f"Row {number}"
        if isinstance(record, str):
            yield SkippedEntry(row.lower(), "", f"{row}: {record}")
            continue
        row_item = table.item_of(opened.cells(record), "")
        named = one_line(table.cell_text(record.get(column)))
        uid = uid_in(named)
        if not uid:
            reason = f'{row}: "{named}" is neither the uid nor the URL of a model on Sketchfab.'
            yield SkippedEntry(named or row.lower(), row_item.name, reason)
        elif uid in seen:
            reason = f"{row}: An earlier row names the same model."
            yield SkippedEntry(f"{uid} ({row.lower()})", row_item.name, reason)
        else:
            seen.add(uid)
            yield _row(row, uid, row_item, api, pictures)


def _row(
    row: str, uid: str, row_item: Item, api: Api, pictures: web.Client
) -> Entry | SkippedEntry:
    """Return the model of a row; what the row says takes precedence."""
    try:
        entry = entry_of(api.model(uid), uid, pictures)
    except web.WebError as error:
        reason = str(error)
        if error.status in (403, 404, 410):
            reason = f"It is no longer on Sketchfab, or not public.{says(error)}"
        return SkippedEntry(uid, row_item.name, f"{row}: {reason}")
    if isinstance(entry, SkippedEntry):
        return SkippedEntry(uid, row_item.name or entry.name, f"{row}: {entry.reason}")
    given = {
        name: getattr(row_item, name) for name in ("name", "category", "tags", "creator", "licence")
    }
    item = replace(entry.item, **{name: value for name, value in given.items() if value})
    assert isinstance(entry, Thumbnail)
    return replace(entry, item=replace(item, source_id=uid))
