"""Models of Sketchfab: found by its public API, each with its thumbnail, never the model itself.

Everything that the API answers is somebody else's: any field may be missing, null, or of another
type. `SKETCHFAB_API_TOKEN` is sent along if it is set, to the API alone; public models need none.
`LOOKALIKE_SKETCHFAB_API` puts another address in the API's place, for tests and proxies.
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

# Pixels on the short side of a thumbnail that is large enough: what the network sees is 224.
SIDE = 256
# Requests a second.
LIST_RATE = 4.0
PICTURE_RATE = 20.0

# What the API answers where there is no such user, collection, model or cursor.
_NOT_THERE = frozenset([400, 404, 410])


def read(
    text: str,
    *,
    resume: str | None = None,
    check: Callable[[], None] | None = None,
    list_rate: float = LIST_RATE,
    picture_rate: float = PICTURE_RATE,
) -> Source:
    """Open what `text` asks for, as `parse` reads it; nothing is asked of Sketchfab yet.

    Args:
        text: what is wanted.
        resume: the text of a `ResumePoint`, to go on there.
        check: called whenever Sketchfab is waited for; raises what is to end that.
        list_rate: pages of the list that are asked for in a second, at most.
        picture_rate: thumbnails that are asked for in a second, at most.
    """
    wanted = parse(text)
    api = Api(check=check, rate=list_rate)
    pictures = web.Client(connections=CONNECTIONS, check=check, rate=picture_rate)
    return Source(
        KIND,
        wanted.location,
        wanted.limit or int(bool(wanted.model)),
        _stopping(_entries(wanted, resume or "", api, pictures), api.client, pictures),
        whole=not (wanted.limit or resume),
        workers=CONNECTIONS,
    )


def lists_models(opened: Table) -> bool:
    """Say whether an open table is one for `read_table`: Sketchfab models, and no pictures."""
    return "picture" not in opened.fields and _uid_column(opened) is not None


def read_table(
    opened: Table,
    *,
    check: Callable[[], None] | None = None,
    list_rate: float = LIST_RATE,
    picture_rate: float = PICTURE_RATE,
) -> Source:
    """Open a table that names Sketchfab models by uid or URL and has no pictures of its own.

    What the table says of a model takes precedence over what Sketchfab says.

    Args:
        opened: a table for which `lists_models` is true.
        check: as for `read`, as the arguments below.
        list_rate: as above.
        picture_rate: as above.

    Raises:
        LookalikeError: the table names no models.
    """
    column = _uid_column(opened)
    if column is None:
        raise LookalikeError(
            f'The table {opened.path.name} names no Sketchfab models. Add a column "uid" with '
            'their uids, or a column "url" with the URLs of their pages.'
        )
    api = Api(check=check, rate=list_rate)
    pictures = web.Client(connections=CONNECTIONS, check=check, rate=picture_rate)
    return Source(
        "table",
        storable(str(opened.path)),
        opened.total,
        _stopping(_rows(opened, column, api, pictures), api.client, pictures),
        workers=CONNECTIONS,
    )


@dataclass(frozen=True, slots=True)
class Thumbnail(Entry):
    """A model and its thumbnail. A thumbnail that changes has another address."""

    item: Item
    url: str
    client: web.Client

    def is_current(self, known: str) -> bool:
        return web.final_url(known) == self.url

    def load(self, known: str) -> Loaded | None:
        with table.as_entry_error():
            fetched = self.client.picture(self.url, known=known)
        return None if fetched is None else Loaded(picture=fetched.data, version=fetched.version)


def _stopping(
    entries: Iterator[Entry | SkippedEntry | ResumePoint], *clients: web.Client
) -> Iterator[Entry | SkippedEntry | ResumePoint]:
    """Yield `entries`; whoever closes this before its end stops all fetching as well."""
    try:
        yield from entries
    except GeneratorExit:
        for client in clients:
            client.stop()
        raise


def _entries(
    wanted: SketchfabQuery, resume: str, api: Api, pictures: web.Client
) -> Iterator[Entry | SkippedEntry | ResumePoint]:
    """Yield what is wanted, page by page, with a bookmark after each."""
    if wanted.model:
        yield _import_one(wanted.model, api, pictures)
        return
    taken, cursor = _place(resume)
    page = _resumed(wanted, cursor, api, taken) if cursor else None
    if page is None:
        taken, cursor = 0, ""
        page = _first(wanted, api)
    passed = {cursor}
    seen: set[str] = set()
    while True:
        for number, model in enumerate(page.models, 1):
            if wanted.likes and (_likes(model) or 0) < wanted.likes:
                continue
            entry = _entry(model, f"page {len(passed)}, model {number}", pictures)
            source_id = entry.item.source_id if isinstance(entry, Entry) else entry.source_id
            # A list shifts while it is read: what moved to the next page is there again.
            if source_id not in seen:
                seen.add(source_id)
                yield entry
                taken += 1
                if taken == wanted.limit:
                    return
        cursor = page.cursor
        if (
            not cursor
            or cursor in passed
            or not page.models
            or _is_before_resume_point(wanted, page)
        ):
            break
        passed.add(cursor)
        yield ResumePoint(f"{taken}:{cursor}")
        page = _next(wanted, cursor, api, taken)
    if not taken:
        raise LookalikeError(
            f"None of these models has {wanted.likes:,} likes. Ask for fewer, or for other models."
        )


def _first(wanted: SketchfabQuery, api: Api) -> Page:
    """Return the first page; raises `LookalikeError` where nothing is there."""
    try:
        page = api.page(wanted, "")
    except web.WebError as error:
        if error.status in _NOT_THERE:
            raise LookalikeError(_no_results(wanted)) from error
        raise LookalikeError(f"Sketchfab cannot be searched. {error}") from error
    if not page.models:
        raise LookalikeError(_no_results(wanted))
    return page


def _next(wanted: SketchfabQuery, cursor: str, api: Api, taken: int) -> Page:
    """Return the page at `cursor`; raises `LookalikeError` that says how far the list was read."""
    try:
        return api.page(wanted, cursor)
    except web.WebError as error:
        raise LookalikeError(
            f"Sketchfab's list broke off after {taken:,} models. {error} "
            "Start the import again: it goes on from there."
        ) from error


def _resumed(wanted: SketchfabQuery, cursor: str, api: Api, taken: int) -> Page | None:
    """Return the page at which an earlier import ended; None if Sketchfab knows it no more."""
    try:
        page = _next(wanted, cursor, api, taken)
    except LookalikeError as error:
        if isinstance(error.__cause__, web.WebError) and error.__cause__.status in _NOT_THERE:
            return None
        raise
    return page if page.models else None


def _is_before_resume_point(wanted: SketchfabQuery, page: Page) -> bool:
    """Say whether a list that begins with the most liked models has none with enough any more."""
    likes = [count for model in page.models if (count := _likes(model)) is not None]
    is_sorted = "sort_by" in request(wanted)[1]
    return is_sorted and bool(likes) and max(likes) < wanted.likes


def _import_one(uid: str, api: Api, pictures: web.Client) -> Entry | SkippedEntry:
    """Return one model; raises `LookalikeError` where there is none."""
    try:
        return _entry(api.model(uid), uid, pictures)
    except web.WebError as error:
        if error.status in _NOT_THERE:
            raise LookalikeError(_no_results(SketchfabQuery(model=uid))) from error
        raise LookalikeError(f"Sketchfab cannot be asked. {error}") from error


def _place(bookmark: str) -> tuple[int, str]:
    """Return how many were taken before a bookmark, and its cursor."""
    match = re.fullmatch(r"([0-9]{1,9}):(.+)", bookmark)
    return (int(match[1]), match[2]) if match else (0, "")


def _no_results(wanted: SketchfabQuery) -> str:
    """Return a sentence for a list that is empty or not there."""
    if wanted.model:
        return (
            f"Sketchfab has no public model {wanted.model}. Check the address: it ends in the "
            "model's uid."
        )
    if wanted.collection:
        return (
            f"Sketchfab has no public collection {wanted.collection} with such models. Check the "
            "address: it ends in the collection's uid."
        )
    if wanted.user:
        return (
            f"Sketchfab finds no such models of “{wanted.user}”. Check the name: it is what the "
            "address of their page ends in."
        )
    if wanted.words:
        return f"Sketchfab finds nothing for “{wanted.words}”. Try fewer or other words."
    return f"Sketchfab finds nothing for {wanted}. Check how it is written."


def _entry(model: object, place: str, pictures: web.Client) -> Entry | SkippedEntry:
    """Return a model of a list, or why it cannot be taken; `place` says where it stands."""
    said = as_mapping(model)
    name = as_text(said.get("name"))
    uid = uid_in(as_text(said.get("uid")))
    if not uid:
        return SkippedEntry(
            place, name, "Sketchfab lists it without its uid, by which it is known."
        )
    address = _thumbnail(said)
    if not address:
        return SkippedEntry(
            uid, name, f"Sketchfab shows no thumbnail of it. Look at {HOME}/models/{uid}"
        )
    return Thumbnail(_item(said, uid), address, pictures)


def _item(model: Mapping[str, object], uid: str) -> Item:
    """Return what is said of a model."""
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


def _thumbnail(model: Mapping[str, object]) -> str:
    """Return the address of the smallest thumbnail that is large enough, else of the largest."""
    sizes: dict[int, str] = {}
    images = as_mapping(model.get("thumbnails")).get("images")
    for each in map(as_mapping, images if isinstance(images, list) else []):
        address = each.get("url")
        side = min(_number(each.get("width")) or 0, _number(each.get("height")) or 0)
        if isinstance(address, str) and re.match("https?://", address, re.IGNORECASE):
            sizes.setdefault(side, address.encode("utf-8", "replace").decode("utf-8"))
    enough = [side for side in sizes if side >= SIDE]
    return sizes[min(enough) if enough else max(sizes)] if sizes else ""


def _number(value: object) -> int | None:
    return int(value) if type(value) is int and 0 <= value < 10**12 else None


def _likes(model: object) -> int | None:
    return _number(as_mapping(model).get("likeCount"))


def _names(values: object) -> list[str]:
    """Return the names of tags or categories, each once."""
    found = [
        as_text(value)
        or as_text(as_mapping(value).get("name"))
        or as_text(as_mapping(value).get("slug"))
        for value in (values if isinstance(values, list) else [])
    ]
    return list(dict.fromkeys(name for name in found if name))


def _sketchfab_url(value: object) -> str:
    """Return an address of sketchfab.com, and nothing for any other: it is opened in the page."""
    text = as_text(value)
    return text if re.match(r"https://(www\.)?sketchfab\.com/\S*$", text) else ""


def _uid_column(opened: Table) -> str | None:
    """Return the column that names models of Sketchfab; None if there is none."""
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


def _rows(
    opened: Table, column: str, api: Api, pictures: web.Client
) -> Iterator[Entry | SkippedEntry]:
    """Yield the model that each row names, or why there is none."""
    seen: set[str] = set()
    for number, record in opened.records():
        row = f"Row {number}"
        if isinstance(record, str):
            yield SkippedEntry(row.lower(), "", f"{row}: {record}")
            continue
        own = table.item_of(opened.cells(record), "")
        named = one_line(table.cell_text(record.get(column)))
        uid = uid_in(named)
        if not uid:
            reason = f'{row}: "{named}" is neither the uid nor the address of a model on Sketchfab.'
            yield SkippedEntry(named or row.lower(), own.name, reason)
        elif uid in seen:
            reason = f"{row}: An earlier row names the same model."
            yield SkippedEntry(f"{uid} ({row.lower()})", own.name, reason)
        else:
            seen.add(uid)
            yield _row(row, uid, own, api, pictures)


def _row(row: str, uid: str, own: Item, api: Api, pictures: web.Client) -> Entry | SkippedEntry:
    """Return the model of a row, with what the row says of it first."""
    try:
        entry = _entry(api.model(uid), uid, pictures)
    except web.WebError as error:
        reason = str(error)
        if error.status in (403, 404, 410):
            reason = "It is not on Sketchfab any more, or not public."
        return SkippedEntry(uid, own.name, f"{row}: {reason}")
    if isinstance(entry, SkippedEntry):
        return SkippedEntry(uid, own.name or entry.name, f"{row}: {entry.reason}")
    said = {name: getattr(own, name) for name in ("name", "category", "tags", "creator", "licence")}
    item = replace(entry.item, **{name: value for name, value in said.items() if value})
    assert isinstance(entry, Thumbnail)
    return replace(entry, item=replace(item, source_id=uid))
