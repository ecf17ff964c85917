"""Models of Sketchfab: found by its public API, each with its thumbnail, never the model itself.

Everything that the API answers is somebody else's: any field may be missing, null, or of another
type. `SKETCHFAB_API_TOKEN` is sent along if it is set, to the API alone; public models need none.
`LOOKALIKE_SKETCHFAB_API` puts another address in the API's place, for tests and proxies.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core import web
from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import table
from core.importers.folder import one_line, storable
from core.importers.source import Bookmark, Entry, Loaded, Rejected, Source

KIND = "sketchfab"
PREFIX = f"{KIND}:"
HOME = "https://sketchfab.com"
API = "https://api.sketchfab.com/v3"
API_ROOT = "LOOKALIKE_SKETCHFAB_API"
TOKEN = "SKETCHFAB_API_TOKEN"
PAGE = 24
# Pixels on the short side of a thumbnail that is large enough: what the network sees is 224.
SIDE = 256
CONNECTIONS = 4
# Requests a second.
LIST_RATE = 4.0
PICTURE_RATE = 20.0

# What the API answers where there is no such user, collection, model or cursor.
_NOT_THERE = frozenset([400, 404, 410])
_EXAMPLES = (
    f'Write for example "{PREFIX}oak chair", or paste the address of a search, a category, a tag, '
    "a collection, a model, or somebody's page on sketchfab.com."
)
_ADDRESS = re.compile(r"(https?://)?(www\.)?sketchfab\.com(?=[/?#]|$)", re.IGNORECASE)
_UID = re.compile(r"[0-9a-f]{32}")
_UID_AT_END = re.compile(r"(?:^|[-/])([0-9a-f]{32})$")
# What stands where the name of a user stands in an address, and is none.
_NO_USERS = frozenset(
    [
        *("3d-models", "about", "blogs", "categories", "channels", "collections", "developers"),
        *("education", "explore", "features", "feed", "likes", "login", "models", "pricing"),
        *("search", "settings", "signup", "store", "tags", "users"),
    ]
)
# What a search's address may say beside what is understood, without changing what is found.
_NO_FILTERS = frozenset(["type", "sort_by", "sort", "cursor", "features_animation", "lang"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which models are wanted: those to which all that is set applies.

    Attributes:
        words: to search for.
        user: the user name of who made them.
        collection: the uid of a collection.
        category: the slug of a category, as `furniture-home`.
        tag: the slug of a tag.
        model: the uid of one model.
        likes: the least likes that a model has.
        limit: how many at most; 0 for all.
    """

    words: str = ""
    user: str = ""
    collection: str = ""
    category: str = ""
    tag: str = ""
    model: str = ""
    likes: int = 0
    limit: int = 0

    def __str__(self) -> str:
        """Return the text that `parse` reads as the same again."""
        said = {name: value for name, value in asdict(self).items() if value}
        return PREFIX + urlencode(said, quote_via=quote)

    @property
    def location(self) -> str:
        """What opens the same source again."""
        return str(self)


def is_location(text: str) -> bool:
    """Say whether `parse` is the one to read `text`: not whether it can."""
    text = text.strip()
    return text.lower().startswith(PREFIX) or bool(_ADDRESS.match(text))


def parse(text: str) -> Wanted:
    """Return what `text` asks for; raises `LookalikeError` where it asks for nothing.

    It is words after `sketchfab:`, or there a query as `words=oak chair&likes=5` with the names
    of `Wanted`'s attributes, or the address of a page of sketchfab.com.
    """
    text = text.strip()
    if not is_location(text):
        raise LookalikeError(f'"{text}" is nothing on Sketchfab. {_EXAMPLES}')
    asked = text[len(PREFIX) :].strip() if text.lower().startswith(PREFIX) else text
    if _ADDRESS.match(asked):
        said = _of_address(asked)
    elif "=" in asked:
        said = dict(parse_qsl(asked, keep_blank_values=True))
    else:
        said = {"words": asked}
    return _wanted({name: one_line(value) for name, value in said.items()})


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
        resume: the text of a `Bookmark`, to go on there.
        check: called whenever Sketchfab is waited for; raises what is to end that.
        list_rate: pages of the list that are asked for in a second, at most.
        picture_rate: thumbnails that are asked for in a second, at most.
    """
    wanted = parse(text)
    api = _Api(check=check, rate=list_rate)
    pictures = web.Client(connections=CONNECTIONS, check=check, rate=picture_rate)
    return Source(
        KIND,
        wanted.location,
        wanted.limit or int(bool(wanted.model)),
        _stopping(_entries(wanted, resume or "", api, pictures), api.client, pictures),
        whole=not (wanted.limit or resume),
        workers=CONNECTIONS,
    )


def lists_models(path: str | Path, *, columns: Mapping[str, str] | None = None) -> bool:
    """Say whether a table is one for `read_table`: of models of Sketchfab, without pictures.

    Raises `LookalikeError` where there is no table.
    """
    rows = table.open_table(path, columns=columns)
    return "picture" not in rows.fields and _uid_column(rows, columns or {}) is not None


def read_table(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    check: Callable[[], None] | None = None,
    list_rate: float = LIST_RATE,
    picture_rate: float = PICTURE_RATE,
) -> Source:
    """Open a table that names models of Sketchfab by uid or address, with no pictures of its own.

    What the table says of a model goes before what Sketchfab says. The arguments are those of
    `table.read` and `read`. Raises `LookalikeError`.
    """
    rows = table.open_table(path, columns=columns)
    column = _uid_column(rows, columns or {})
    if column is None:
        raise LookalikeError(
            f'The table {rows.path.name} names no models of Sketchfab. Give it a column "uid" '
            'with their uids, or a column "url" with the addresses of their pages.'
        )
    api = _Api(check=check, rate=list_rate)
    pictures = web.Client(connections=CONNECTIONS, check=check, rate=picture_rate)
    return Source(
        "table",
        storable(str(rows.path)),
        rows.total,
        _stopping(_rows(rows, column, api, pictures), api.client, pictures),
        workers=CONNECTIONS,
    )


@dataclass(frozen=True, slots=True)
class _Thumbnail(Entry):
    """A model and its thumbnail. A thumbnail that changes has another address."""

    item: Item
    address: str
    client: web.Client

    def is_current(self, known: str) -> bool:
        return web.address_of(known) == self.address

    def load(self, known: str) -> Loaded | None:
        with table.refusing():
            fetched = self.client.picture(self.address, known=known)
        return None if fetched is None else Loaded(picture=fetched.data, version=fetched.version)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a list, as received, and the cursor of the next one; empty if it is the last."""

    models: list[object]
    cursor: str


class _Api:
    """Sketchfab's Data API, version 3."""

    def __init__(self, *, check: Callable[[], None] | None, rate: float) -> None:
        self._root = (os.environ.get(API_ROOT) or API).rstrip("/")
        self._token = os.environ.get(TOKEN, "").strip()
        if not re.fullmatch("[!-~]*", self._token):
            raise LookalikeError(
                f"The token in {TOKEN} holds characters that no token has. Copy it anew from "
                f"{HOME}/settings/password."
            )
        self.client = web.Client(connections=CONNECTIONS, check=check, rate=rate)

    def page(self, wanted: Wanted, cursor: str) -> _Page:
        """Return a page of what is wanted; raises `WebError`."""
        path, query = _request(wanted)
        if cursor:
            query["cursor"] = cursor
        answer = _mapping(self._get(path, query))
        results = answer.get("results")
        return _Page(results if isinstance(results, list) else [], _next_cursor(answer))

    def model(self, uid: str) -> Mapping[str, object]:
        """Return what is said of one model; raises `WebError`."""
        return _mapping(self._get(f"models/{uid}", {}))

    def _get(self, path: str, query: Mapping[str, str]) -> object:
        address = f"{self._root}/{path}" + (f"?{urlencode(query)}" if query else "")
        authorization = f"Token {self._token}" if self._token else ""
        try:
            return self.client.json(address, authorization=authorization)
        except web.WebError as error:
            if error.status != 401:
                raise
            raise LookalikeError(
                f"Sketchfab does not accept the token in {TOKEN}. Copy it anew from "
                f"{HOME}/settings/password, or leave it away: public models need none."
                if self._token
                else f"Sketchfab asks for a token. Copy yours from {HOME}/settings/password and "
                f"set {TOKEN} to it."
            ) from error


def _stopping(
    entries: Iterator[Entry | Rejected | Bookmark], *clients: web.Client
) -> Iterator[Entry | Rejected | Bookmark]:
    """Yield `entries`; whoever closes this before its end stops all fetching as well."""
    try:
        yield from entries
    except GeneratorExit:
        for client in clients:
            client.stop()
        raise


# -- lists --------------------------------------------------------------------


def _entries(
    wanted: Wanted, resume: str, api: _Api, pictures: web.Client
) -> Iterator[Entry | Rejected | Bookmark]:
    """Yield what is wanted, page by page, with a bookmark after each."""
    if wanted.model:
        yield _one(wanted.model, api, pictures)
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
        if not cursor or cursor in passed or not page.models or _is_past(wanted, page):
            break
        passed.add(cursor)
        yield Bookmark(f"{taken}:{cursor}")
        page = _next(wanted, cursor, api, taken)
    if not taken:
        raise LookalikeError(
            f"None of these models has {wanted.likes:,} likes. Ask for fewer, or for other models."
        )


def _first(wanted: Wanted, api: _Api) -> _Page:
    """Return the first page; raises `LookalikeError` where nothing is there."""
    try:
        page = api.page(wanted, "")
    except web.WebError as error:
        if error.status in _NOT_THERE:
            raise LookalikeError(_nothing(wanted)) from error
        raise LookalikeError(f"Sketchfab cannot be searched. {error}") from error
    if not page.models:
        raise LookalikeError(_nothing(wanted))
    return page


def _next(wanted: Wanted, cursor: str, api: _Api, taken: int) -> _Page:
    """Return the page at `cursor`; raises `LookalikeError` that says how far the list was read."""
    try:
        return api.page(wanted, cursor)
    except web.WebError as error:
        raise LookalikeError(
            f"Sketchfab's list broke off after {taken:,} models. {error} "
            "Start the import again: it goes on from there."
        ) from error


def _resumed(wanted: Wanted, cursor: str, api: _Api, taken: int) -> _Page | None:
    """Return the page at which an earlier import ended; None if Sketchfab knows it no more."""
    try:
        page = _next(wanted, cursor, api, taken)
    except LookalikeError as error:
        if isinstance(error.__cause__, web.WebError) and error.__cause__.status in _NOT_THERE:
            return None
        raise
    return page if page.models else None


def _is_past(wanted: Wanted, page: _Page) -> bool:
    """Say whether a list that begins with the most liked models has none with enough any more."""
    likes = [count for model in page.models if (count := _likes(model)) is not None]
    is_sorted = "sort_by" in _request(wanted)[1]
    return is_sorted and bool(likes) and max(likes) < wanted.likes


def _one(uid: str, api: _Api, pictures: web.Client) -> Entry | Rejected:
    """Return one model; raises `LookalikeError` where there is none."""
    try:
        return _entry(api.model(uid), uid, pictures)
    except web.WebError as error:
        if error.status in _NOT_THERE:
            raise LookalikeError(_nothing(Wanted(model=uid))) from error
        raise LookalikeError(f"Sketchfab cannot be asked. {error}") from error


def _place(bookmark: str) -> tuple[int, str]:
    """Return how many were taken before a bookmark, and its cursor."""
    match = re.fullmatch(r"([0-9]{1,9}):(.+)", bookmark)
    return (int(match[1]), match[2]) if match else (0, "")


def _request(wanted: Wanted) -> tuple[str, dict[str, str]]:
    """Return the path and the query that list what is wanted."""
    query = {"count": str(PAGE)}
    others = (wanted.words, wanted.user, wanted.category, wanted.tag)
    if wanted.collection and not any(others) and not wanted.likes:
        return f"collections/{wanted.collection}/models", query
    names = {
        "q": wanted.words,
        "user": wanted.user,
        "collection": wanted.collection,
        "categories": wanted.category,
        "tags": wanted.tag,
        "sort_by": "-likeCount" if wanted.likes else "",
    }
    return "search", {"type": "models"} | {
        name: said for name, said in names.items() if said
    } | query


def _next_cursor(answer: Mapping[str, object]) -> str:
    """Return the cursor of the next page. Its address is somebody else's and is not followed."""
    following = answer.get("next")
    if not isinstance(following, str) or not following:
        return ""
    cursor = _text(_mapping(answer.get("cursors")).get("next"))
    try:
        return dict(parse_qsl(urlsplit(following).query)).get("cursor", "") or cursor
    except ValueError:
        return cursor


def _nothing(wanted: Wanted) -> str:
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


# -- models -------------------------------------------------------------------


def _entry(model: object, place: str, pictures: web.Client) -> Entry | Rejected:
    """Return a model of a list, or why it cannot be taken; `place` says where it stands."""
    said = _mapping(model)
    name = _text(said.get("name"))
    uid = _uid(_text(said.get("uid")))
    if not uid:
        return Rejected(place, name, "Sketchfab lists it without its uid, by which it is known.")
    address = _thumbnail(said)
    if not address:
        return Rejected(
            uid, name, f"Sketchfab shows no thumbnail of it. Look at {HOME}/models/{uid}"
        )
    return _Thumbnail(_item(said, uid), address, pictures)


def _item(model: Mapping[str, object], uid: str) -> Item:
    """Return what is said of a model."""
    user = _mapping(model.get("user"))
    licence = model.get("license")
    categories = _names(model.get("categories"))
    return Item(
        source_id=uid,
        name=_text(model.get("name")) or "Untitled",
        category=categories[0] if categories else "",
        tags=tuple(_names(model.get("tags"))),
        creator=_text(user.get("displayName")) or _text(user.get("username")),
        licence=_text(licence) or _text(_mapping(licence).get("label")),
        page_url=_at_home(model.get("viewerUrl")) or f"{HOME}/models/{uid}",
        embed_url=_at_home(model.get("embedUrl")) or f"{HOME}/models/{uid}/embed",
    )


def _thumbnail(model: Mapping[str, object]) -> str:
    """Return the address of the smallest thumbnail that is large enough, else of the largest."""
    sizes: dict[int, str] = {}
    images = _mapping(model.get("thumbnails")).get("images")
    for each in map(_mapping, images if isinstance(images, list) else []):
        address = each.get("url")
        side = min(_number(each.get("width")) or 0, _number(each.get("height")) or 0)
        if isinstance(address, str) and re.match("https?://", address, re.IGNORECASE):
            sizes.setdefault(side, address.encode("utf-8", "replace").decode("utf-8"))
    enough = [side for side in sizes if side >= SIDE]
    return sizes[min(enough) if enough else max(sizes)] if sizes else ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return int(value) if type(value) is int and 0 <= value < 10**12 else None


def _likes(model: object) -> int | None:
    return _number(_mapping(model).get("likeCount"))


def _names(values: object) -> list[str]:
    """Return the names of tags or categories, each once."""
    found = [
        _text(value) or _text(_mapping(value).get("name")) or _text(_mapping(value).get("slug"))
        for value in (values if isinstance(values, list) else [])
    ]
    return list(dict.fromkeys(name for name in found if name))


def _at_home(value: object) -> str:
    """Return an address of sketchfab.com, and nothing for any other: it is opened in the page."""
    text = _text(value)
    return text if re.match(r"https://(www\.)?sketchfab\.com/\S*$", text) else ""


# -- tables -------------------------------------------------------------------


def _uid_column(rows: table.Table, columns: Mapping[str, str]) -> str | None:
    """Return the column that names models of Sketchfab; None if there is none."""
    by_name = {table.bare(name): name for name in reversed(rows.columns)}
    if "source_id" in columns:
        candidates = [rows.fields["source_id"]]
    else:
        candidates = [by_name[name] for name in ("uid", "mid") if name in by_name]
    if "page_url" in rows.fields:
        candidates.append(rows.fields["page_url"])
    for column in candidates:
        for _, record in rows.records():
            if not isinstance(record, str) and _uid(table.raw(record.get(column))):
                return column
    return None


def _rows(
    rows: table.Table, column: str, api: _Api, pictures: web.Client
) -> Iterator[Entry | Rejected]:
    """Yield the model that each row names, or why there is none."""
    seen: set[str] = set()
    for number, record in rows.records():
        row = f"Row {number}"
        if isinstance(record, str):
            yield Rejected(row.lower(), "", f"{row}: {record}")
            continue
        own = table.item_of(rows.cells(record), "")
        named = one_line(table.raw(record.get(column)))
        uid = _uid(named)
        if not uid:
            reason = f'{row}: "{named}" is neither the uid nor the address of a model on Sketchfab.'
            yield Rejected(named or row.lower(), own.name, reason)
        elif uid in seen:
            reason = f"{row}: An earlier row names the same model."
            yield Rejected(f"{uid} ({row.lower()})", own.name, reason)
        else:
            seen.add(uid)
            yield _row(row, uid, own, api, pictures)


def _row(row: str, uid: str, own: Item, api: _Api, pictures: web.Client) -> Entry | Rejected:
    """Return the model of a row, with what the row says of it first."""
    try:
        entry = _entry(api.model(uid), uid, pictures)
    except web.WebError as error:
        reason = str(error)
        if error.status in (403, 404, 410):
            reason = "It is not on Sketchfab any more, or not public."
        return Rejected(uid, own.name, f"{row}: {reason}")
    if isinstance(entry, Rejected):
        return Rejected(uid, own.name or entry.name, f"{row}: {entry.reason}")
    said = {name: getattr(own, name) for name in ("name", "category", "tags", "creator", "licence")}
    item = replace(entry.item, **{name: value for name, value in said.items() if value})
    assert isinstance(entry, _Thumbnail)
    return replace(entry, item=replace(item, source_id=uid))


# -- what is asked for --------------------------------------------------------


def _uid(text: str) -> str:
    """Return the uid in a uid or in the address of a model; nothing if there is none."""
    text = text.strip()
    if _UID.fullmatch(text.lower()):
        return text.lower()
    address = _ADDRESS.match(text)
    if not address:
        return ""
    parts = [part for part in re.split("[?#]", text[address.end() :])[0].split("/") if part]
    if len(parts) >= 2 and parts[0] in ("3d-models", "models"):
        found = _UID_AT_END.search(parts[1].lower())
        return found[1] if found else ""
    return ""


def _of_address(text: str) -> dict[str, str]:
    """Return what the address of a page of sketchfab.com asks for, as a query would say it."""
    home = _ADDRESS.match(text)
    assert home is not None
    address = urlsplit(text[home.end() :])
    parts = [unquote(part) for part in address.path.split("/") if part]
    query = {name: value for name, value in parse_qsl(address.query) if value}
    match parts:
        case ["search"]:
            return _of_search(query)
        case ["3d-models" | "models", _, *_] if uid := _uid(text):
            return {"model": uid}
        case ["3d-models", "categories", slug, *_] | ["categories", slug, *_]:
            return {"category": slug}
        case ["tags", slug, *_]:
            return {"tag": slug}
        case [user, "collections", name, *_] if found := _UID_AT_END.search(name.lower()):
            return {"collection": found[1]}
        case [_, "collections", _, *_]:
            raise LookalikeError(
                "This address of a collection is an old one, without the collection's uid. Open "
                "it in a browser, and copy the address that it leads to."
            )
        case [user] | [user, "models"] if user not in _NO_USERS:
            return {"user": user}
    raise LookalikeError(f'The page "{text}" lists no models that can be read. {_EXAMPLES}')


def _of_search(query: Mapping[str, str]) -> dict[str, str]:
    """Return what the address of a search asks for; a filter that would be lost is refused."""
    names = {
        "q": "words",
        "user": "user",
        "category": "category",
        "categories": "category",
        "tag": "tag",
        "tags": "tag",
        "collection": "collection",
    }
    if query.get("type", "models") != "models":
        raise LookalikeError(f"This searches for {query['type']}. Search for models instead.")
    lost = [name for name in query if name not in names and name not in _NO_FILTERS]
    if lost:
        raise LookalikeError(
            f"This search is narrowed by {', '.join(map(repr, lost))}, which cannot be kept. "
            "Take that away, and copy the address again."
        )
    return {names[name]: value for name, value in query.items() if name in names}


def _wanted(said: Mapping[str, str]) -> Wanted:
    """Return what is said as `Wanted`; raises `LookalikeError` for what makes no sense."""
    known = Wanted.__dataclass_fields__
    for name in said:
        if name not in known:
            raise LookalikeError(
                f'"{name}" is nothing that models of Sketchfab are chosen by. '
                f"There are {', '.join(known)}, as in {PREFIX}words=oak chair&likes=5"
            )
    numbers = {name: _whole(name, said[name]) for name in ("likes", "limit") if said.get(name)}
    texts: dict[str, Any] = {
        name: text for name, text in said.items() if name not in ("likes", "limit")
    }
    for name in ("collection", "model"):
        if texts.get(name):
            found = _UID_AT_END.search(texts[name].lower())
            if not found:
                raise LookalikeError(
                    f'"{texts[name]}" is not the uid of a {name}: that is 32 digits and letters '
                    "from a to f, and the address ends in it."
                )
            texts[name] = found[1]
    for name in ("user", "category", "tag"):
        if re.search(r"[\s/?#&]", texts.get(name, "")):
            raise LookalikeError(
                f'"{texts[name]}" is not the name of a {name} as addresses on Sketchfab have it.'
            )
    wanted = Wanted(**texts | numbers)
    if wanted == Wanted():
        raise LookalikeError(f"Say what to look for on Sketchfab. {_EXAMPLES}")
    if wanted.model and wanted != Wanted(model=wanted.model):
        raise LookalikeError("One model is asked for, and cannot be narrowed. Leave the rest away.")
    return wanted


def _whole(name: str, text: str) -> int:
    """Return a number; raises `LookalikeError`."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise LookalikeError(f'"{text}" is no number of {name}. Write one such as {name}=500.')
    return int(text)
