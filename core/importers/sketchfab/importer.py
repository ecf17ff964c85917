"""Import models listed by Sketchfab's public API: their thumbnails, never the models themselves.

Responses of the API are not trusted: any field may be missing, null or of another type. The token
in `SKETCHFAB_API_TOKEN` is sent to the API alone; public models need none.
`LOOKALIKE_SKETCHFAB_API` replaces the URL of the API, for tests and proxies.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from core import web
from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import table
from core.importers.base import Entry, Loaded, ResumePoint, SkippedEntry, Source
from core.importers.sketchfab.api import CONNECTIONS, HOME, Api, Page, as_mapping, as_text, request
from core.importers.sketchfab.location import KIND, SketchfabQuery, parse, uid_in
from core.importers.table import Table
from core.importers.text import one_line, storable

# Pixels on the short side of a thumbnail that is large enough: the network sees 224.
MIN_THUMBNAIL_SIDE = 256
# Requests per second.
LIST_RATE = 4.0
PICTURE_RATE = 20.0

# The statuses of the API if there is no such user, collection, model or cursor.
_NOT_FOUND = frozenset([400, 404, 410])


def read(
    text: str,
    *,
    resume: str | None = None,
    check: Callable[[], None] | None = None,
    list_rate: float = LIST_RATE,
    picture_rate: float = PICTURE_RATE,
) -> Source:
    """Open the source that `text` names, without sending a request yet.

    Args:
        text: a text that `parse` understands.
        resume: the text of a `ResumePoint` to continue from.
        check: called while Sketchfab is waited for; raises what should end the wait.
        list_rate: the largest number of pages of the list per second.
        picture_rate: the largest number of thumbnails per second.

    Raises:
        LookalikeError: the text names no models.
    """
    query = parse(text)
    api = Api(check=check, rate=list_rate)
    pictures = web.Client(connections=CONNECTIONS, check=check, rate=picture_rate)
    return Source(
        KIND,
        query.location,
        query.limit or int(bool(query.model)),
        _stopping(_entries(query, resume or "", api, pictures), api.client, pictures),
        whole=not (query.limit or resume),
        workers=CONNECTIONS,
    )


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
        _stopping(_rows(opened, column, api, pictures), api.client, pictures),
        workers=CONNECTIONS,
        columns=(opened.recognised,),
    )


@dataclass(frozen=True, slots=True)
class Thumbnail(Entry):
    """A model and its thumbnail. A changed thumbnail has another URL."""

    item: Item
    url: str
    client: web.Client

    def is_current(self, known: str) -> bool:
        """Compare the URLs, without a request."""
        return web.final_url(known) == self.url

    def load(self, known: str) -> Loaded | None:
        """Return the thumbnail unless it is still the version `known`."""
        with table.as_entry_error():
            fetched = self.client.picture(self.url, known=known)
        return None if fetched is None else Loaded(picture=fetched.data, version=fetched.version)


def _stopping(
    entries: Iterator[Entry | SkippedEntry | ResumePoint], *clients: web.Client
) -> Iterator[Entry | SkippedEntry | ResumePoint]:
    """Yield `entries`. Closing this iterator before its end stops all downloads."""
    try:
        yield from entries
    except GeneratorExit:
        for client in clients:
            client.stop()
        raise


def _entries(
    query: SketchfabQuery, resume: str, api: Api, pictures: web.Client
) -> Iterator[Entry | SkippedEntry | ResumePoint]:
    """Yield the models of a query page by page, with a resume point after each page."""
    if query.model:
        yield _import_one(query.model, api, pictures)
        return
    count, cursor = _position(resume)
    page = _resumed(query, cursor, api, count) if cursor else None
    if page is None:
        count, cursor = 0, ""
        page = _first(query, api)
    cursors = {cursor}
    seen: set[str] = set()
    while True:
        for number, model in enumerate(page.models, 1):
            if query.likes and (_likes(model) or 0) < query.likes:
                continue
            entry = _entry(model, f"page {len(cursors)}, model {number}", pictures)
            source_id = entry.item.source_id if isinstance(entry, Entry) else entry.source_id
            # The list changes while it is read: a model that moved to the next page comes twice.
            if source_id not in seen:
                seen.add(source_id)
                yield entry
                count += 1
                if count == query.limit:
                    return
        cursor = page.cursor
        if not cursor or cursor in cursors or not page.models or _is_past_likes(query, page):
            break
        cursors.add(cursor)
        yield ResumePoint(f"{count}:{cursor}")
        page = _next(query, cursor, api, count)
    if not count:
        raise LookalikeError(
            f"None of these models has {query.likes:,} likes or more. Ask for fewer, or for other "
            "models."
        )


def _first(query: SketchfabQuery, api: Api) -> Page:
    """Return the first page; raises `LookalikeError` if it is empty."""
    try:
        page = api.page(query, "")
    except web.WebError as error:
        if error.status in _NOT_FOUND:
            raise LookalikeError(_no_results(query)) from error
        raise LookalikeError(f"The Sketchfab search failed. {error}") from error
    if not page.models:
        raise LookalikeError(_no_results(query))
    return page


def _next(query: SketchfabQuery, cursor: str, api: Api, count: int) -> Page:
    """Return the page at `cursor`; raises `LookalikeError` that says how far the import came."""
    try:
        return api.page(query, cursor)
    except web.WebError as error:
        raise LookalikeError(
            f"The list of Sketchfab models stopped after {count:,} models. {error} "
            "The next try continues from there."
        ) from error


def _resumed(query: SketchfabQuery, cursor: str, api: Api, count: int) -> Page | None:
    """Return the page where an earlier import stopped; None if its cursor is no longer valid."""
    try:
        page = _next(query, cursor, api, count)
    except LookalikeError as error:
        if isinstance(error.__cause__, web.WebError) and error.__cause__.status in _NOT_FOUND:
            return None
        raise
    return page if page.models else None


def _is_past_likes(query: SketchfabQuery, page: Page) -> bool:
    """Say whether the rest of a list sorted by likes has too few likes."""
    likes = [count for model in page.models if (count := _likes(model)) is not None]
    is_sorted = "sort_by" in request(query)[1]
    return is_sorted and bool(likes) and max(likes) < query.likes


def _import_one(uid: str, api: Api, pictures: web.Client) -> Entry | SkippedEntry:
    """Return a single model; raises `LookalikeError` if there is none."""
    try:
        return _entry(api.model(uid), uid, pictures)
    except web.WebError as error:
        if error.status in _NOT_FOUND:
            raise LookalikeError(_no_results(SketchfabQuery(model=uid))) from error
        raise LookalikeError(f"The request to Sketchfab failed. {error}") from error


def _position(resume_point: str) -> tuple[int, str]:
    """Return the number of models before a resume point, and its cursor."""
    match = re.fullmatch(r"([0-9]{1,9}):(.+)", resume_point)
    return (int(match[1]), match[2]) if match else (0, "")


def _no_results(query: SketchfabQuery) -> str:
    """Return a sentence for a list that is empty or does not exist."""
    if query.model:
        return (
            f"Sketchfab has no public model {query.model}. Check the URL: it ends in the "
            "model's uid."
        )
    if query.collection:
        return (
            f"Sketchfab has no public collection {query.collection} with such models. Check the "
            "URL: it ends in the collection's uid."
        )
    if query.user:
        return (
            f"Sketchfab finds no such models by “{query.user}”. Check the name: the URL of their "
            "page ends in it."
        )
    if query.words:
        return f"Sketchfab finds nothing for “{query.words}”. Try fewer or other words."
    return f"Sketchfab finds nothing for {query}. Check its spelling."


def _entry(model: object, position: str, pictures: web.Client) -> Entry | SkippedEntry:
    """Return a model of a list, or why it is skipped; `position` says where it is in the list."""
    description = as_mapping(model)
    name = as_text(description.get("name"))
    uid = uid_in(as_text(description.get("uid")))
    if not uid:
        return SkippedEntry(
            position, name, "Sketchfab lists it without a uid. Import it by its URL."
        )
    url = _thumbnail_url(description)
    if not url:
        return SkippedEntry(uid, name, f"Sketchfab has no thumbnail of it. See {HOME}/models/{uid}")
    return Thumbnail(_item(description, uid), url, pictures)


def _item(model: Mapping[str, object], uid: str) -> Item:
    """Return the item that the description of a model gives."""
    user = as_mapping(model.get("user"))
    licence = model.get("license")
    categories = _names(model.get("categories"))
    return Item(
        source_id=uid,
        name=as_text(model.get("name")) or "Untitled",
        category=categories[0] if categories else "",
        tags=tuple(_names(model.get("tags"))),
        creator=as_text(user.get("displayName")) or as_text(user.get("username")),
        licence=as_text(licence) or as_text(as_mapping(licence).get("label")),
        page_url=_sketchfab_url(model.get("viewerUrl")) or f"{HOME}/models/{uid}",
        embed_url=_sketchfab_url(model.get("embedUrl")) or f"{HOME}/models/{uid}/embed",
    )


def _thumbnail_url(model: Mapping[str, object]) -> str:
    """Return the URL of the smallest thumbnail that is large enough, else of the largest."""
    sizes: dict[int, str] = {}
    images = as_mapping(model.get("thumbnails")).get("images")
    for each in map(as_mapping, images if isinstance(images, list) else []):
        url = each.get("url")
        side = min(_number(each.get("width")) or 0, _number(each.get("height")) or 0)
        if isinstance(url, str) and re.match("https?://", url, re.IGNORECASE):
            sizes.setdefault(side, url.encode("utf-8", "replace").decode("utf-8"))
    enough = [side for side in sizes if side >= MIN_THUMBNAIL_SIDE]
    return sizes[min(enough) if enough else max(sizes)] if sizes else ""


def _number(value: object) -> int | None:
    return int(value) if type(value) is int and 0 <= value < 10**12 else None


def _likes(model: object) -> int | None:
    return _number(as_mapping(model).get("likeCount"))


def _names(values: object) -> list[str]:
    """Return the names of tags or categories, without repetitions."""
    names = [
        as_text(value)
        or as_text(as_mapping(value).get("name"))
        or as_text(as_mapping(value).get("slug"))
        for value in (values if isinstance(values, list) else [])
    ]
    return list(dict.fromkeys(name for name in names if name))


def _sketchfab_url(value: object) -> str:
    """Return a URL of sketchfab.com, and an empty text for any other: it is opened in the page."""
    text = as_text(value)
    return text if re.match(r"https://(www\.)?sketchfab\.com/\S*$", text) else ""


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
        entry = _entry(api.model(uid), uid, pictures)
    except web.WebError as error:
        reason = str(error)
        if error.status in (403, 404, 410):
            reason = "It is no longer on Sketchfab, or not public."
        return SkippedEntry(uid, row_item.name, f"{row}: {reason}")
    if isinstance(entry, SkippedEntry):
        return SkippedEntry(uid, row_item.name or entry.name, f"{row}: {entry.reason}")
    given = {
        name: getattr(row_item, name) for name in ("name", "category", "tags", "creator", "licence")
    }
    item = replace(entry.item, **{name: value for name, value in given.items() if value})
    assert isinstance(entry, Thumbnail)
    return replace(entry, item=replace(item, source_id=uid))
