"""Requests to Sketchfab's Data API."""

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
PAGE_SIZE = 24
CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, as received, and the cursor of the next; empty on the last page."""

    models: list[object]
    cursor: str


class Api:
    """Sketchfab's Data API, version 3."""

    def __init__(self, *, check: Callable[[], None] | None, rate: float) -> None:
        """Read the environment; raises `LookalikeError` if the token there is not valid.

        `check` is called while the API is waited for and raises what should end the wait; `rate`
        is the largest number of requests per second.
        """
        self._root = (os.environ.get(API_ROOT) or API).rstrip("/")
        self._token = os.environ.get(TOKEN, "").strip()
        if not re.fullmatch("[!-~]*", self._token):
            raise LookalikeError(
                f"The token in {TOKEN} contains characters that no token has. Copy it again from "
                f"{HOME}/settings/password."
            )
        self._token_is_checked = False
        self.client = web.Client(connections=CONNECTIONS, check=check, rate=rate)

    def page(self, query: SketchfabQuery, cursor: str) -> Page:
        """Return the page at `cursor` (empty for the first); raises `WebError`."""
        path, parameters = request(query)
        if cursor:
            parameters["cursor"] = cursor
        response = as_mapping(self._get(path, parameters))
        results = response.get("results")
        return Page(results if isinstance(results, list) else [], _next_cursor(response))

    def model(self, uid: str) -> Mapping[str, object]:
        """Return the description of one model.

        Raises:
            WebError: it cannot be fetched. That concerns this model only.
            LookalikeError: Sketchfab does not accept the token.
        """
        try:
            return as_mapping(self._get(f"models/{uid}", {}))
        except web.WebError as error:
            if error.status == 401 and self._token:
                self._check_token()
            raise

    def _check_token(self) -> None:
        """Raise `LookalikeError` if Sketchfab does not know whose the token is; ask once."""
        if self._token_is_checked:
            return
        try:
            self._get("me", {})
        except web.WebError as error:
            if error.status == 401:
                raise LookalikeError(str(error)) from error
        self._token_is_checked = True

    def _get(self, path: str, parameters: Mapping[str, str]) -> object:
        url = f"{self._root}/{path}" + (f"?{urlencode(parameters)}" if parameters else "")
        authorization = f"Token {self._token}" if self._token else ""
        try:
            return self.client.json(url, authorization=authorization)
        except web.WebError as error:
            if error.status != 401:
                raise
            sentence = (
                f"Sketchfab does not accept the token in {TOKEN}. Copy it again from "
                f"{HOME}/settings/password, or remove it: public models need no token."
                if self._token
                else f"Sketchfab requires a token. Copy yours from {HOME}/settings/password and "
                f"set {TOKEN} to it."
            )
            raise web.WebError(f"{sentence}{says(error)}", status=401, said=error.said) from error


def says(error: web.WebError) -> str:
    """Return a sentence that quotes why Sketchfab refused, for the end of others; or nothing."""
    return f" Sketchfab says: “{error.said}”" if error.said else ""


def request(query: SketchfabQuery) -> tuple[str, dict[str, str]]:
    """Return the path and the parameters of the list of models that a query asks for."""
    parameters = {"count": str(PAGE_SIZE)}
    others = (query.words, query.user, query.category, query.tag)
    if query.collection and not any(others) and not query.likes:
        return f"collections/{query.collection}/models", parameters
    names = {
        "q": query.words,
        "user": query.user,
        "collection": query.collection,
        "categories": query.category,
        "tags": query.tag,
        "sort_by": "-likeCount" if query.likes else "",
    }
    return "search", {"type": "models"} | {
        name: value for name, value in names.items() if value
    } | parameters


def _next_cursor(response: Mapping[str, object]) -> str:
    """Return the cursor of the next page. Its URL is not trusted and not requested."""
    following = response.get("next")
    if not isinstance(following, str) or not following:
        return ""
    cursor = as_text(as_mapping(response.get("cursors")).get("next"))
    try:
        return dict(parse_qsl(urlsplit(following).query)).get("cursor", "") or cursor
    except ValueError:
        return cursor


def as_mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object, and an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """Return a text on one line, and an empty one for any other value."""
    return one_line(value) if isinstance(value, str) else ""
