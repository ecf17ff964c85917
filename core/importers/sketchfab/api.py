"""Requests to Sketchfab's API."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from core import web
from core.errors import LookalikeError
from core.importers.sketchfab.location import SketchfabQuery
from core.importers.text import one_line

HOME = "https://sketchfab.com"
API = "https://api.sketchfab.com/v3"
API_ROOT = "LOOKALIKE_SKETCHFAB_API"
TOKEN = "SKETCHFAB_API_TOKEN"
PAGE = 24
CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, as received, and the cursor of the next one; empty if it is the last."""

    models: list[object]
    cursor: str


class Api:
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

    def page(self, wanted: SketchfabQuery, cursor: str) -> Page:
        """Return a page of what is wanted; raises `WebError`."""
        path, query = request(wanted)
        if cursor:
            query["cursor"] = cursor
        answer = as_mapping(self._get(path, query))
        results = answer.get("results")
        return Page(results if isinstance(results, list) else [], _next_cursor(answer))

    def model(self, uid: str) -> Mapping[str, object]:
        """Return what is said of one model; raises `WebError`."""
        return as_mapping(self._get(f"models/{uid}", {}))

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


def request(wanted: SketchfabQuery) -> tuple[str, dict[str, str]]:
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
    cursor = as_text(as_mapping(answer.get("cursors")).get("next"))
    try:
        return dict(parse_qsl(urlsplit(following).query)).get("cursor", "") or cursor
    except ValueError:
        return cursor


def as_mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""
