"""Parse which Sketchfab models to import from a text or a URL."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.errors import LookalikeError
from core.importers.text import one_line

KIND = "sketchfab"
PREFIX = f"{KIND}:"
_EXAMPLES = (
    f'Write for example "{PREFIX}oak chair", or paste the URL of a search, a category, a tag, '
    "a collection, a model or a creator's page on sketchfab.com."
)
_URL = re.compile(r"(https?://)?(www\.)?sketchfab\.com(?=[/?#]|$)", re.IGNORECASE)
_UID = re.compile("[0-9a-f]{32}")
# The oldest models have uids of 26 or 27 digits and letters, of which capital ones are others than
# small ones. A word of that length in the URL of a page is in small letters.
_OLD_UID = re.compile("(?=.*[a-z])(?=.*[A-Z])[0-9A-Za-z]{20,31}")
# Paths of sketchfab.com that look like the name of a user.
_NOT_USERS = frozenset(
    [
        *("3d-models", "about", "blogs", "categories", "channels", "collections", "developers"),
        *("education", "embed", "explore", "features", "feed", "likes", "login", "models"),
        *("pricing", "search", "settings", "show", "signup", "store", "tags", "users"),
    ]
)
# The first part of a model's URL; the last two are from the time of the old uids.
_MODELS = ("3d-models", "models", "show", "embed")
# Parameters of a search URL that do not change which models are found.
_NOT_FILTERS = frozenset(["type", "sort_by", "sort", "cursor", "features_animation", "lang"])


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchfabQuery:
    """Which models to import: those that fulfil every condition that is set.

    Attributes:
        words: the words to search for.
        user: the user name of the creator.
        collection: the uid of a collection.
        category: the slug of a category, such as `furniture-home`.
        tag: the slug of a tag.
        model: the uid of a single model.
        likes: the smallest number of likes.
        limit: the largest number of models; 0 for all.
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
        """Return a text from which `parse` makes the same query."""
        fields = {name: value for name, value in asdict(self).items() if value}
        return PREFIX + urlencode(fields, quote_via=quote)

    @property
    def location(self) -> str:
        """The location that opens the same source again."""
        return str(self)


def is_location(text: str) -> bool:
    """Say whether `text` is meant for `parse`, which may still reject it."""
    text = text.strip()
    return text.lower().startswith(PREFIX) or bool(_URL.match(text))


def parse(text: str) -> SketchfabQuery:
    """Return the query in a text.

    The text is `sketchfab:` followed by words or by conditions such as `words=oak chair&likes=5`,
    with the names of `SketchfabQuery`'s attributes; or the URL of a page of sketchfab.com.

    Raises:
        LookalikeError: the text names no models.
    """
    text = text.strip()
    if not is_location(text):
        raise LookalikeError(f'"{text}" does not name models on Sketchfab. {_EXAMPLES}')
    rest = text[len(PREFIX) :].strip() if text.lower().startswith(PREFIX) else text
    if _URL.match(rest):
        fields = _query_from_url(rest)
    elif "=" in rest:
        fields = dict(parse_qsl(rest, keep_blank_values=True))
    else:
        fields = {"words": rest}
    return _query_from_text({name: one_line(value) for name, value in fields.items()})


def uid_in(text: str) -> str:
    """Return the uid in a text that is a uid or the URL of a model; empty if there is none."""
    text = text.strip()
    home = _URL.match(text)
    if not home:
        return _uid(text)
    parts = [part for part in re.split("[?#]", text[home.end() :])[0].split("/") if part]
    return _uid_at_end(parts[1]) if len(parts) >= 2 and parts[0] in _MODELS else ""


def _uid(text: str) -> str:
    """Return a text that is a uid, as Sketchfab writes it; empty for any other text."""
    if _UID.fullmatch(text.lower()):
        return text.lower()
    return text if _OLD_UID.fullmatch(text) else ""


def _uid_at_end(text: str) -> str:
    """Return the uid that a text ends in, after a name and a hyphen; empty if it has none."""
    return _uid(re.split("[-/]", text)[-1])


def _query_from_url(text: str) -> dict[str, str]:
    """Return the conditions in the URL of a page of sketchfab.com, by attribute of the query."""
    home = _URL.match(text)
    assert home is not None
    url = urlsplit(text[home.end() :])
    parts = [unquote(part) for part in url.path.split("/") if part]
    query = {name: value for name, value in parse_qsl(url.query) if value}
    match parts:
        case ["search"]:
            return _query_from_search(query)
        case [_, _, *_] if uid := uid_in(text):
            return {"model": uid}
        case ["3d-models", "categories", slug, *_] | ["categories", slug, *_]:
            return {"category": slug}
        case ["tags", slug, *_]:
            return {"tag": slug}
        case [user, "collections", name, *_] if uid := _uid_at_end(name):
            return {"collection": uid}
        case [_, "collections", _, *_]:
            raise LookalikeError(
                "This is an old URL of a collection, without the collection's uid. Open it in a "
                "browser, and copy the URL that it leads to."
            )
        case [user] | [user, "models"] if user not in _NOT_USERS:
            return {"user": user}
    raise LookalikeError(f'The page "{text}" lists no models that can be imported. {_EXAMPLES}')


def _query_from_search(query: Mapping[str, str]) -> dict[str, str]:
    """Return the conditions in a search URL; raises `LookalikeError` for an unknown filter."""
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
    unknown = [name for name in query if name not in names and name not in _NOT_FILTERS]
    if unknown:
        raise LookalikeError(
            f"This search is filtered by {', '.join(map(repr, unknown))}, which is not supported. "
            "Remove that filter, and copy the URL again."
        )
    return {names[name]: value for name, value in query.items() if name in names}


def _query_from_text(fields: Mapping[str, str]) -> SketchfabQuery:
    """Return the query with these conditions; raises `LookalikeError` if one is not valid."""
    known = SketchfabQuery.__dataclass_fields__
    for name in fields:
        if name not in known:
            raise LookalikeError(
                f'"{name}" is not a condition for Sketchfab models. '
                f"Use {', '.join(known)}, as in {PREFIX}words=oak chair&likes=5"
            )
    numbers = {
        name: _whole_number(name, fields[name]) for name in ("likes", "limit") if fields.get(name)
    }
    texts: dict[str, Any] = {
        name: text for name, text in fields.items() if name not in ("likes", "limit")
    }
    for name in ("collection", "model"):
        if texts.get(name):
            uid = _uid_at_end(texts[name])
            if not uid:
                raise LookalikeError(
                    f'"{texts[name]}" is not the uid of a {name}. A uid has 32 digits and '
                    "letters from a to f, or if it is old, about 27 digits and letters of both "
                    "cases. The URL ends in it."
                )
            texts[name] = uid
    for name in ("user", "category", "tag"):
        if re.search(r"[\s/?#&]", texts.get(name, "")):
            raise LookalikeError(
                f'"{texts[name]}" is not the name of a {name}. Copy the name from its URL on '
                "Sketchfab."
            )
    query = SketchfabQuery(**texts | numbers)
    if query == SketchfabQuery():
        raise LookalikeError(f"Say what to look for on Sketchfab. {_EXAMPLES}")
    if query.model and query != SketchfabQuery(model=query.model):
        raise LookalikeError(
            "A single model cannot be combined with other conditions. Leave the rest out."
        )
    return query


def _whole_number(name: str, text: str) -> int:
    """Return a whole number; raises `LookalikeError`."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise LookalikeError(f'"{text}" is not a number of {name}. Write one such as {name}=500.')
    return int(text)
