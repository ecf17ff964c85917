"""What servers respond: too large, packed, an error, or no picture."""

import gzip
import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import web
from core.web import Client, WebError, responses
from tests.core.web.support import PNG, FakeTime, Server, endless


@pytest.mark.parametrize("kind", ["stated", "unstated", "chunked", "bomb"])
def test_a_response_that_is_too_large_is_not_read(server: Server, kind: str) -> None:
    bomb = gzip.compress(bytes(60_000_000), 1) if kind == "bomb" else b""
    server.responses["/a"] = {
        "stated": lambda handler: handler.respond(200, PNG, Content_Length=str(5 * 10**9)),
        "unstated": endless,
        "chunked": lambda handler: endless(handler, chunked=True),
        "bomb": lambda handler: handler.respond(200, bomb, Content_Encoding="gzip"),
    }[kind]
    with (
        Client(allow_private=True) as client,
        pytest.raises(WebError, match="more than 20 MB"),
    ):
        client.picture(server("/a"))
    assert len(server.seen) == 1


def test_pictures_are_requested_uncompressed_and_decompressed_otherwise(
    server: Server, client: Client
) -> None:
    fetched = client.picture(server.serve("/a", 200, gzip.compress(PNG), Content_Encoding="gzip"))
    assert fetched is not None and fetched.data == PNG
    assert server.seen[0][1]["Accept-Encoding"] == "identity"
    for coding, reason in [("gzip", "damaged"), ("br", 'compresses its response as "br"')]:
        with pytest.raises(WebError, match=reason):
            client.picture(server.serve("/b", 200, b"not packed", Content_Encoding=coding))


@pytest.mark.parametrize(
    ("status", "reason", "tries"),
    [
        (400, "responded with status 400", 1),
        (401, r"requires a login \(401\)", 1),
        (403, r"denies access \(403\)", 1),
        (404, r"has nothing at this URL \(404\)", 1),
        (410, r"removed permanently \(410\)", 1),
        (429, r"limits the number of requests \(429\)", 5),
        (500, r"reports a server error \(500\)", 5),
        (503, r"reports a server error \(503\)", 5),
        (501, r"reports a server error \(501\)", 1),
        (304, "responded with status 304", 1),
        (302, "responded with status 302", 1),
    ],
)
def test_each_status_has_a_sentence(server: Server, status: int, reason: str, tries: int) -> None:
    with pytest.raises(WebError, match=f"^127.0.0.1 .*{reason}") as error:
        FakeTime().client().picture(server.serve("/a", status, b"in detail"))
    assert error.value.status == status
    assert len(server.seen) == tries


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"detail": "Ask the owner."}', "Ask the owner."),
        (b'{"code": 7, "message": "Ask\\n \\u202ethe <i>owner</i>."}', "Ask the owner ."),
        (b'{"errors": [{"uid": ["Ask the owner."]}]}', "Ask the owner."),
        (b'{"detail": "The key k3y-of-mine is too old."}', "The key … is too old."),
        (b"Ask the owner.\r\n", "Ask the owner."),
        (b"a" * 60_000, "a" * 199 + "…"),
        (b"<!DOCTYPE html><title>Blocked &amp; logged</title><p>x", "Blocked & logged"),
        (b"<html><head><title>403 Forbidden</title></head></html>", ""),
        (b"<Error><Code>AccessDenied</Code></Error>", ""),
        (b'{"detail": "Forbidden."}', ""),
        (b'{"detail": null}', ""),
        (b"[" * 60_000, ""),
        (b"[1, 2]", ""),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"a" * 70_000, ""),
        (b"", ""),
    ],
)
def test_what_a_server_says_is_quoted_as_short_plain_text(
    server: Server, body: bytes, said: str
) -> None:
    url = server.serve("/a", 403, body)
    with pytest.raises(WebError) as error:
        FakeTime().client().json(url, authorization="Token k3y-of-mine")
    assert error.value.said == said
    assert str(error.value).endswith(f" It says: “{said}”" if said else "open to everybody.")
    server.serve("/a", 403, gzip.compress(body), Content_Encoding="gzip")
    with pytest.raises(WebError) as error:
        FakeTime().client().json(url, authorization="Token k3y-of-mine")
    assert error.value.said == said


@given(st.text() | st.from_type(dict).map(str) | st.lists(st.integers()).map(json.dumps))
def test_a_version_of_another_kind_names_no_url(version: str) -> None:
    assert web.final_url(version) == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty response"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML><title>x</title>", "a web page"),
        (b"<html lang=en>", "a web page"),
        (b'{"error": 1}', "JSON data"),
        (b"<?xml version='1.0'?><Error/>", "an XML document"),
        (b"<svg xmlns=''/>", "an XML document"),
        ("Bitte später.".encode(), "text"),
    ],
)
def test_data_that_is_plainly_not_a_picture(
    server: Server, client: Client, data: bytes, reason: str
) -> None:
    with pytest.raises(WebError, match=reason):
        client.picture(server.serve("/a.png", 200, data, Content_Type="image/png"))


def test_a_picture_is_recognised_by_its_bytes(server: Server, client: Client) -> None:
    for data in (PNG, b"GIF89a and so on", b"PK\x03\x04 may be anything"):
        url = server.serve("/a.html", 200, data, Content_Type="text/html")
        fetched = client.picture(url)
        assert fetched is not None and fetched.data == data


def test_only_validators_that_can_be_sent_are_kept() -> None:
    url = "https://example.org/ä.png"
    for etag in ('"é"', '"' + "x" * 300 + '"', '"a\nb"', ""):
        headers = httpx.Headers([(b"etag", etag.encode()), (b"last-modified", b"today")])
        version = responses.version_of(url, headers, PNG)
        assert responses.validators_of(version, url) == {"If-Modified-Since": "today"}
        assert responses.validators_of(version, url + "?") == {}
        assert web.final_url(version) == url
    assert responses.validators_of('{"url": 1}', url) == responses.validators_of("[", url) == {}
