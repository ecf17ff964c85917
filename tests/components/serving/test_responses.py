"""What a browser gets from the server: compressed, kept, and with the styles of the app."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fontTools.ttLib import TTFont
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from components.serving.responses import (
    ICONS,
    CompressedScripts,
    Document,
    FewerIcons,
    KeptPictures,
    RemovedFiles,
    styles,
)
from devtools import icon_font

HTML = """<html><head><link rel="preload" href="./font.woff2"
 as="font" crossorigin /><link rel="shortcut icon" href="./favicon.png" />
<script src="./a.js"></script></head><body><div id="root"></div></body>"""
NAVIGATION = {"Accept": "text/html,application/xhtml+xml"}


class Streamlit:
    """Answers every request with one body, and counts them."""

    def __init__(self, body: str = "x" * 1000, **headers: str) -> None:
        self.body, self.headers, self.requests = body, headers, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        headers = {name.replace("_", "-"): value for name, value in self.headers.items()}
        await Response(self.body, headers=headers)(scope, receive, send)


def get(app: ASGIApp, url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    async def answer() -> httpx.Response:
        transport: Any = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(url, headers=headers)

    # Not in this thread, in which the browser of earlier tests leaves a loop running.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answer()).result()


def test_scripts_of_streamlit_are_compressed_once() -> None:
    streamlit = Streamlit(cache_control="public, immutable", content_type="text/javascript")
    app = CompressedScripts(streamlit)

    for _ in range(2):
        answer = get(app, "/static/js/a.js")

        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.text == streamlit.body
    assert streamlit.requests == 1


def test_scripts_that_may_change_are_passed_on() -> None:
    answer = get(CompressedScripts(Streamlit()), "/app/static/a.js")

    assert "content-encoding" not in answer.headers


def test_who_takes_no_gzip_gets_none() -> None:
    app = CompressedScripts(Streamlit(cache_control="immutable", content_type="text/css"))

    answer = get(app, "/static/css/a.css", {"Accept-Encoding": "identity"})

    assert "content-encoding" not in answer.headers


def test_pages_get_only_the_icons_that_they_show() -> None:
    app = FewerIcons(Streamlit())
    url = f"/static/media/{icon_font.full_font().name}"

    answer = get(app, url)

    assert answer.content == ICONS.read_bytes()
    assert get(app, url, {"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert get(app, "/static/media/SourceSans.woff2").text == "x" * 1000


def test_every_icon_that_pages_or_streamlit_name_is_in_the_font() -> None:
    known = icon_font.icons(TTFont(icon_font.full_font()))
    there = icon_font.icons(TTFont(ICONS))

    missing = {name for name in icon_font.named() if name in known and name not in there}

    assert not missing, "run: python -m devtools.icon_font"


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("/app/static/thumbnails/small/a.webp?v=12345678", True),
        ("/app/static/thumbnails/small/atlas-0123456789abcdef.json", True),
        ("/app/static/icon.png", False),
        ("/?item=a&v=1", False),
    ],
)
def test_files_with_a_version_are_kept(url: str, is_kept: bool) -> None:
    answer = get(KeptPictures(Streamlit()), url)

    assert ("immutable" in answer.headers.get("cache-control", "")) == is_kept


@pytest.mark.parametrize("is_removed_at", ["stat", "open"])
def test_file_that_is_removed_meanwhile_is_not_found(tmp_path: Path, is_removed_at: str) -> None:
    file = tmp_path / "a.webp"
    file.write_bytes(b"picture")
    status = file.stat() if is_removed_at == "open" else None
    app = RemovedFiles(FileResponse(file, stat_result=status))
    url = "/app/static/thumbnails/small/a.webp"

    assert get(app, url).content == b"picture"
    file.unlink()
    assert get(app, url).status_code == 404


def test_errors_that_are_no_removed_files_are_not_hidden() -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    for url in ("/", "/media/a.webp"):
        with pytest.raises(RuntimeError):
            get(RemovedFiles(fail), url)


def test_page_comes_with_styles_and_icon_of_the_app_and_without_the_font() -> None:
    streamlit = Streamlit(HTML, content_type="text/html", etag="1")

    answer = get(Document(streamlit), "/search?like=a", NAVIGATION | {"If-None-Match": "1"})

    assert f"<style>{styles()}</style></body>" in answer.text
    assert "font.woff2" not in answer.text
    # Streamlit's script finds no "shortcut icon" that it could set anew with each click.
    assert '<link rel="icon" href="./app/static/icon.png">' in answer.text
    assert "shortcut icon" not in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "etag" not in answer.headers
    assert answer.headers["content-encoding"] == "gzip"


def test_styles_are_those_of_all_pages_and_modules_but_not_of_widgets() -> None:
    for shown in (".stMainBlockContainer", ".st-key-bar", ".trail", "dl.figures"):
        assert shown in styles()
    # Those of one widget, and those that several share.
    for hidden in (".gallery", '[role="status"]', '[role="listbox"]'):
        assert hidden not in styles()


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/a/b", "../b"),
        ("/a/b%20c/d%22?item=x&y=1", "../../d%22?item=x&y=1"),
        ("/a//evil.example", "../../evil.example"),
    ],
)
def test_page_in_a_folder_is_one_of_the_app(url: str, location: str) -> None:
    streamlit = Streamlit(HTML, content_type="text/html")

    answer = get(Document(streamlit), url, NAVIGATION)

    assert answer.is_redirect
    assert answer.headers["location"] == location


def test_what_is_no_page_is_passed_on() -> None:
    for streamlit in (Streamlit(content_type="image/webp"), Streamlit(content_type="text/plain")):
        answer = get(Document(streamlit), "/media/a.webp", NAVIGATION)

        assert answer.text == streamlit.body


def test_answers_to_scripts_are_passed_on() -> None:
    streamlit = Streamlit(HTML, content_type="text/html")

    assert get(Document(streamlit), "/a/b", {"Accept": "*/*"}).text == HTML
