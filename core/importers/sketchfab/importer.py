"""Import models listed by Sketchfab's public API: their thumbnails, never the models themselves.

Responses of the API are not trusted: any field may be missing, null or of another type. The token
in `SKETCHFAB_API_TOKEN` is sent to the API alone; public models need none.
`LOOKALIKE_SKETCHFAB_API` replaces the URL of the API, for tests and proxies.
"""

import re
from collections.abc import Callable, Iterator

from core import web
from core.errors import LookalikeError
from core.importers.base import Entry, ResumePoint, SkippedEntry, Source
from core.importers.sketchfab.api import CONNECTIONS, Api, Page, request, says
from core.importers.sketchfab.location import KIND, SketchfabQuery, parse
from core.importers.sketchfab.models import entry_of, likes_of

# Requests per second.
LIST_RATE = 4.0
PICTURE_RATE = 20.0
# The statuses of the API if there is no such user, collection, model or cursor.
_NOT_FOUND = frozenset([400, 404, 410])
# Empty pages in a row after which a list is not read further.
MAX_EMPTY_PAGES = 50


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
        stopping(_entries(query, resume or "", api, pictures), api.client, pictures),
        whole=not (query.limit or resume),
        workers=CONNECTIONS,
    )


def stopping(
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
    empty = 0
    while True:
        for number, model in enumerate(page.models, 1):
            if query.likes and (likes_of(model) or 0) < query.likes:
                continue
            entry = entry_of(model, f"page {len(cursors)}, model {number}", pictures)
            source_id = entry.item.source_id if isinstance(entry, Entry) else entry.source_id
            # The list changes while it is read: a model that moved to the next page comes twice.
            if source_id not in seen:
                seen.add(source_id)
                yield entry
                count += 1
                if count == query.limit:
                    return
        cursor = page.cursor
        if not cursor or cursor in cursors or _is_past_likes(query, page):
            break
        # Models that are no longer public leave gaps, and pages without any.
        empty = 0 if page.models else empty + 1
        if empty >= MAX_EMPTY_PAGES:
            raise LookalikeError(
                f"The list of Sketchfab models stopped after {count:,} models: {empty} pages in a "
                "row are empty. The next try continues from there."
            )
        cursors.add(cursor)
        yield ResumePoint(f"{count}:{cursor}")
        page = _next(query, cursor, api, count)
    if not count and not query.likes:
        raise LookalikeError(_no_results(query))
    if not count:
        raise LookalikeError(
            f"None of these models has {query.likes:,} likes or more. Ask for fewer, or for other "
            "models."
        )


def _first(query: SketchfabQuery, api: Api) -> Page:
    """Return the first page; raises `LookalikeError` if there is none."""
    try:
        page = api.page(query, "")
    except web.WebError as error:
        if error.status in _NOT_FOUND:
            raise LookalikeError(_no_results(query) + says(error)) from error
        raise LookalikeError(f"The Sketchfab search failed. {error}") from error
    if not page.models and not page.cursor:
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
    return page if page.models or page.cursor else None


def _is_past_likes(query: SketchfabQuery, page: Page) -> bool:
    """Say whether the rest of a list sorted by likes has too few likes."""
    likes = [count for model in page.models if (count := likes_of(model)) is not None]
    is_sorted = "sort_by" in request(query)[1]
    return is_sorted and bool(likes) and max(likes) < query.likes


def _import_one(uid: str, api: Api, pictures: web.Client) -> Entry | SkippedEntry:
    """Return a single model; raises `LookalikeError` if there is none."""
    try:
        return entry_of(api.model(uid), uid, pictures)
    except web.WebError as error:
        if error.status in _NOT_FOUND | {403}:
            raise LookalikeError(_no_results(SketchfabQuery(model=uid)) + says(error)) from error
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
