"""What to import from Sketchfab, read from text or from a URL."""

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
class SketchfabQuery:
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


def parse(text: str) -> SketchfabQuery:
    """Return what `text` asks for; raises `LookalikeError` where it asks for nothing.

    It is words after `sketchfab:`, or there a query as `words=oak chair&likes=5` with the names
    of `SketchfabQuery`'s attributes, or the address of a page of sketchfab.com.
    """
    text = text.strip()
    if not is_location(text):
        raise LookalikeError(f'"{text}" is nothing on Sketchfab. {_EXAMPLES}')
    asked = text[len(PREFIX) :].strip() if text.lower().startswith(PREFIX) else text
    if _ADDRESS.match(asked):
        said = _query_from_url(asked)
    elif "=" in asked:
        said = dict(parse_qsl(asked, keep_blank_values=True))
    else:
        said = {"words": asked}
    return _query_from_text({name: one_line(value) for name, value in said.items()})


def uid_in(text: str) -> str:
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


def _query_from_url(text: str) -> dict[str, str]:
    """Return what the address of a page of sketchfab.com asks for, as a query would say it."""
    home = _ADDRESS.match(text)
    assert home is not None
    address = urlsplit(text[home.end() :])
    parts = [unquote(part) for part in address.path.split("/") if part]
    query = {name: value for name, value in parse_qsl(address.query) if value}
    match parts:
        case ["search"]:
            return _query_from_search(query)
        case ["3d-models" | "models", _, *_] if uid := uid_in(text):
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


def _query_from_search(query: Mapping[str, str]) -> dict[str, str]:
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


def _query_from_text(said: Mapping[str, str]) -> SketchfabQuery:
    """Return what is said as `SketchfabQuery`; raises `LookalikeError` for what makes no sense."""
    known = SketchfabQuery.__dataclass_fields__
    for name in said:
        if name not in known:
            raise LookalikeError(
                f'"{name}" is nothing that models of Sketchfab are chosen by. '
                f"There are {', '.join(known)}, as in {PREFIX}words=oak chair&likes=5"
            )
    numbers = {
        name: _whole_number(name, said[name]) for name in ("likes", "limit") if said.get(name)
    }
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
    wanted = SketchfabQuery(**texts | numbers)
    if wanted == SketchfabQuery():
        raise LookalikeError(f"Say what to look for on Sketchfab. {_EXAMPLES}")
    if wanted.model and wanted != SketchfabQuery(model=wanted.model):
        raise LookalikeError("One model is asked for, and cannot be narrowed. Leave the rest away.")
    return wanted


def _whole_number(name: str, text: str) -> int:
    """Return a number; raises `LookalikeError`."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise LookalikeError(f'"{text}" is no number of {name}. Write one such as {name}=500.')
    return int(text)
