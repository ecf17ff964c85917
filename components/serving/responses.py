"""Middleware that compresses and caches responses, so that a first visit is fast and stable.

Streamlit serves its own scripts uncompressed and files of the app without a time to keep them, and
sends the app's styles only once its scripts run. These ASGI middlewares for `st.App` change the
responses, and know nothing of how Streamlit finds them.
"""

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.widgets.assets import style_sheet

ROOT = Path(__file__).parents[2]
# The icons that pages show, in 4 % of the bytes of Streamlit's font; see devtools/icon_font.py.
ICONS = ROOT / "static" / "icons" / "icons.woff2"

# What the paths of the app's files contain.
_FILES = "/app/static/"
# The path of Streamlit's font of icons.
_ICONS = re.compile(r"/static/media/MaterialSymbols-Rounded\.[\w-]+\.woff2$")
# The link by which Streamlit's page fetches its own font, which .streamlit/config.toml replaces.
_FONT = re.compile(r'<link\s[^>]*\bas="font"[^>]*>')
# The link to Streamlit's icon. Streamlit's script sets it anew with each run of a page, and the
# browser then fetches the icon again; a link that is called only an icon it leaves alone.
_SHORTCUT_ICON = re.compile(r'<link\s[^>]*\brel="shortcut icon"[^>]*>')
_ICON = '<link rel="icon" href="./app/static/icon.png">'
# All pages are names in one folder. Without being told, Streamlit's script asks first whether the
# server is in a folder of the page's name, and gets "404" twice.
_SERVER = (
    "<script>window.__streamlit ??= "
    '{ BACKEND_BASE_URL: new URL("./", location.href).href };</script>'
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that was held back."""

    headers: Headers
    body: bytes


async def _held(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    when: Callable[[int, Headers], bool],
) -> _Answer | None:
    """Hold back the answer of `app` when its status and headers say so; else pass it on."""
    headers: Headers | None = None
    parts: list[bytes] = []

    async def look(message: Message) -> None:
        nonlocal headers
        if message["type"] == "http.response.start":
            found = Headers(raw=message["headers"])
            if when(message["status"], found):
                headers = found
        if headers is None:
            await send(message)
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, look)
    return None if headers is None else _Answer(headers, b"".join(parts))


def _is_get(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET")


def _takes_gzip(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


@dataclass(frozen=True, slots=True)
class CompressedScripts:
    """Compresses Streamlit's scripts and styles, each once.

    Streamlit leaves it to a proxy, because it would compress them at every request.
    """

    app: ASGIApp
    compressed: dict[str, Response] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not (_is_get(scope) and scope["path"].endswith((".js", ".css")) and _takes_gzip(scope)):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self.compressed:
            answer = await _held(self.app, scope, receive, send, when=_is_of_streamlit)
            if answer is None:
                return
            body = await to_thread.run_sync(gzip.compress, answer.body)
            self.compressed[path] = Response(
                body,
                headers={
                    "Cache-Control": answer.headers["cache-control"],
                    "Content-Encoding": "gzip",
                    "Vary": "Accept-Encoding",
                },
                media_type=answer.headers["content-type"],
            )
        await self.compressed[path](scope, receive, send)


def _is_of_streamlit(status: int, headers: Headers) -> bool:
    """Return whether an answer is a file that never changes, and is not compressed yet."""
    is_whole = status == 200 and "content-encoding" not in headers
    return is_whole and "immutable" in headers.get("cache-control", "")


@dataclass(frozen=True, slots=True)
class FewerIcons:
    """Sends the icons that pages show in place of Streamlit's font, which each page fetches."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not (_is_get(scope) and _ICONS.search(scope["path"])):
            await self.app(scope, receive, send)
            return
        font = ICONS.read_bytes()
        tag = f'"{hashlib.sha256(font).hexdigest()[:16]}"'
        is_known = Headers(scope=scope).get("if-none-match") == tag
        # The URL is that of Streamlit's version, and says nothing of this file's.
        headers = {"Cache-Control": "no-cache", "ETag": tag}
        answer = (
            Response(status_code=304, headers=headers)
            if is_known
            else Response(font, headers=headers, media_type="font/woff2")
        )
        await answer(scope, receive, send)


@dataclass(frozen=True, slots=True)
class KeptPictures:
    """Lets browsers keep the files whose URLs have a version, such as thumbnails."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not (_is_get(scope) and _has_version(scope["path"], scope["query_string"])):
            await self.app(scope, receive, send)
            return

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                # Not in a shared cache: a catalogue may be private.
                headers["Cache-Control"] = "private, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, keep)


@dataclass(frozen=True, slots=True)
class RemovedFiles:
    """Answers "404" for a file that is removed while Streamlit is about to send it.

    Such as a thumbnail of a catalogue that somebody deletes. Otherwise Starlette's error would be
    a stack trace in the server's log.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or _FILES not in scope["path"]:
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        has_begun = False

        async def hold_start(message: Message) -> None:
            # Starlette sends the headers before it opens the file.
            nonlocal start, has_begun
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                has_begun = True
                await send(start)
                start = None
            await send(message)

        try:
            await self.app(scope, receive, hold_start)
        except (FileNotFoundError, RuntimeError):
            if has_begun:
                raise
            await Response(status_code=404)(scope, receive, send)


def _has_version(path: str, query: bytes) -> bool:
    """Return whether a URL stands for the same bytes for ever: by `v`, or by a digest in its name.

    `core/catalogue/picture_store.py` and `components/shared/asset_urls.py` make these.
    """
    is_named = re.search(r"-[0-9a-f]{16}\.\w+$", path) or re.search(rb"(^|&)v=", query)
    return _FILES in path and bool(is_named)


@dataclass(frozen=True, slots=True)
class Document:
    """Gives Streamlit's page the styles of the app, so that they are there before its elements.

    It also names the app's icon, leaves out the font that nothing uses, and redirects from a folder
    of the server, where the page could find none of its scripts, to the page of the last name.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not _is_get(scope) or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        # What the browser has of the page may hold older styles.
        asked = {"accept-encoding", "if-none-match", "if-modified-since"}
        headers = [each for each in scope["headers"] if each[0].decode("latin-1") not in asked]
        whole = {**scope, "headers": headers}
        answer = await _held(self.app, whole, receive, send, when=_is_document)
        if answer is None:
            return
        if folders := _folders(scope):
            query = scope["query_string"].decode("latin-1")
            name = scope["raw_path"].decode("latin-1").rpartition("/")[2]
            url = f"{'../' * folders}{name}{query and f'?{query}'}"
            redirect = RedirectResponse(url, headers={"Cache-Control": "no-cache"})
            await redirect(scope, receive, send)
            return
        body = document(answer.body.decode("utf-8"), styles()).encode("utf-8")
        sent = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if _takes_gzip(scope):
            body = gzip.compress(body)
            sent["Content-Encoding"] = "gzip"
        await Response(body, headers=sent, media_type="text/html")(scope, receive, send)


def _folders(scope: Scope) -> int:
    """Return how many folders of the app the path of a request has in front of its last name."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return str(path).removeprefix(f"/{base}").lstrip("/").count("/")


def _is_document(status: int, headers: Headers) -> bool:
    return status == 200 and headers.get("content-type", "").startswith("text/html")


def styles() -> str:
    """Return the styles of the app: those of all pages, and of each module beside its code.

    The styles of widgets are not among them, nor, unless a module imports them, those that widgets
    share: Streamlit gives them to their shadow roots.
    """
    modules = [*ROOT.glob("components/*/*.css"), *ROOT.glob("pages/*.css")]
    modules = [file for file in modules if file.parent.name != "widgets"]
    files = [ROOT / "components" / "app.css", *sorted(modules)]
    return "\n".join(style_sheet(file) for file in files)


def document(html: str, styles: str) -> str:
    """Return Streamlit's page with the icon and the styles of the app, and without its font."""
    html = _FONT.sub("", html, count=1).replace("<head>", f"<head>{_SERVER}", 1)
    html = _SHORTCUT_ICON.sub(_ICON, html, count=1)
    # At the end: of two rules with the same weight the later one counts, and Streamlit adds its
    # own to the head.
    return html.replace("</body>", f"<style>{styles}</style></body>", 1)
