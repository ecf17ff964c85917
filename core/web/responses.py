"""Checks of responses: their status, size and content, and the version of what was received."""

import email.utils
import hashlib
import html
import json
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from core.pictures import UnsupportedFormat, decoding
from core.web.connections import BROKEN
from core.web.errors import WebError

# The body of an error of at most this many bytes is read: for what it says, and to reuse the
# connection.
MAX_ERROR_BYTES = 65_536
MAX_SAID = 200  # characters
# Where APIs write, in JSON, why they refuse.
_REASONS = ("detail", "message", "error_description", "error")
# Statuses that another try may change.
TEMPORARY = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505}


def check_status(response: httpx.Response, *, secret: str = "") -> None:
    """Raise `WebError` with a sentence for a status other than success.

    The sentence quotes what the server says, but never the `secret` that was sent to it.
    """
    host, status = response.url.host, response.status_code
    conditional = any(name.startswith("if-") for name in response.request.headers)
    if 200 <= status < 300 or (status == 304 and conditional):
        return
    match status:
        case 401:
            text = "requires a login (401). Use a URL that is open to everybody."
        case 403:
            text = "denies access (403). Use a URL that is open to everybody."
        case 404:
            text = "has nothing at this URL (404). Check the URL."
        case 410:
            text = "says that this was removed permanently (410). Remove the URL."
        case 429:
            text = "still limits the number of requests (429). Try again later."
        case _ if status >= 500:
            text = f"reports a server error ({status}). Try again later."
        case _:
            text = f"responded with status {status}. Check the URL."
    said = _said(response, secret)
    raise WebError(
        f"{host} {text}" + (f" It says: “{said}”" if said else ""),
        status=status,
        temporary=status in TEMPORARY,
        retry_after=_retry_after(response.headers.get("retry-after", "")),
        said=said,
    )


def _said(response: httpx.Response, secret: str) -> str:
    """Return what an error response says, as short plain text on one line.

    Of a web page this is the title. It is empty for data, and for a text that only repeats the
    status.
    """
    data = b""
    with suppress(*BROKEN, WebError):
        data = read_body(response, MAX_ERROR_BYTES)
    text = data.decode("utf-8", "replace")
    try:
        text = _reason_in(json.loads(text))
    except (ValueError, RecursionError):
        if text.lstrip("\ufeff \t\r\n").startswith(("<", "{", "[")):
            title = re.search("<title[^<>]*>([^<>]*)<", text[:5000], re.IGNORECASE)
            text = html.unescape(title[1]) if title else ""
    if secret:
        text = text.replace(secret, "…")
    text = re.sub("<[^<>]*>", " ", text)
    text = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    status = response.status_code
    words = text.strip(".").lower().removeprefix(str(status)).lstrip()
    if "\ufffd" in text or words == _phrase(status):
        return ""
    return text if len(text) <= MAX_SAID else f"{text[: MAX_SAID - 1]}…"


def _reason_in(value: object, depth: int = 5) -> str:
    """Return the first text in JSON that an API responded with, preferably a reason."""
    if isinstance(value, str):
        return value
    parts: list[object] = []
    if isinstance(value, dict):
        parts = [value[name] for name in _REASONS if name in value] or list(value.values())
    elif isinstance(value, list):
        parts = value
    found = (_reason_in(part, depth - 1) for part in parts) if depth else iter(())
    return next(filter(None, found), "")


def _phrase(status: int) -> str:
    """Return the usual words for a status, in small letters."""
    with suppress(ValueError):
        return HTTPStatus(status).phrase.lower()
    return ""


def _retry_after(text: str) -> float | None:
    """Return the seconds that a `Retry-After` header asks for; None if it cannot be read.

    It holds a number of seconds or a date.
    """
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text.strip()):
        return float(text)
    with suppress(ValueError, TypeError, OverflowError):
        date = email.utils.parsedate_to_datetime(text)
        if date.tzinfo is None:  # the oldest of the three forms of a date names no zone
            date = date.replace(tzinfo=UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    return None


def read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body of a response; raises `WebError` as soon as it exceeds `max_bytes`."""
    host = response.url.host
    too_large = WebError(
        f"{host} sends more than {max_bytes / 1e6:g} MB, the limit. "
        "Make the picture smaller, or use another URL."
    )
    stated = response.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > max_bytes:
        raise too_large
    decompress = _decompressor(response)
    data = bytearray()
    for chunk in response.iter_raw():
        data += decompress(chunk, max_bytes + 1 - len(data))
        if len(data) > max_bytes:
            raise too_large
    return bytes(data)


def _decompressor(response: httpx.Response) -> Callable[[bytes, int], bytes]:
    """Return a function that decompresses a chunk to at most so many bytes."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    host = response.url.host
    if coding in ("identity", ""):
        return lambda chunk, max_bytes: chunk
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise WebError(
            f'{host} compresses its response as "{coding}", which is not supported. Use another '
            "URL."
        )
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def decompress(chunk: bytes, max_bytes: int) -> bytes:
        try:
            return stream.decompress(chunk, max_bytes)
        except zlib.error as error:
            raise WebError(f"{host} sent a damaged response. Try again later.") from error

    return decompress


def drain(response: httpx.Response) -> None:
    """Read the rest of a small error response, so that its connection can be reused."""
    stated = response.headers.get("content-length", "")
    small = stated.isdecimal() and int(stated[:20]) <= MAX_ERROR_BYTES
    if response.status_code >= 300 and small and not response.is_stream_consumed:
        with suppress(*BROKEN, WebError):
            for _ in response.iter_raw():
                pass


def check_is_picture(data: bytes, host: str) -> None:
    """Raise `WebError` for data that is plainly not a picture, judged by its bytes alone."""
    if not data:
        raise WebError(f"{host} sent an empty response. Check the URL.")
    with suppress(UnsupportedFormat):
        decoding.format_of(data)
        return
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<!doctype html|<(html|head|body)\b", head) or b"<html" in head:
        what = "a web page"
    elif head.startswith((b"<?xml", b"<svg", b"<!doctype")):
        what = "an XML document"
    elif head.startswith((b"{", b"[")):
        what = "JSON data"
    elif not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        what = "text"
    else:
        return
    raise WebError(f"{host} sent {what} instead of a picture. Use the URL of the picture itself.")


def version_of(url: str, headers: httpx.Headers, data: bytes) -> str:
    """Return a text that identifies this version of what is at `url`."""
    validators = {"etag": headers.get("etag", ""), "modified": headers.get("last-modified", "")}
    usable = {name: text for name, text in validators.items() if re.fullmatch("[ -~]{1,200}", text)}
    record = {"url": url, **usable, "sha256": hashlib.sha256(data).hexdigest()}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _record(version: str) -> dict[str, str]:
    """Return the fields of a version; empty for a text that `version_of` did not write."""
    with suppress(ValueError, RecursionError):
        record = json.loads(version)
        if isinstance(record, dict) and all(isinstance(text, str) for text in record.values()):
            return record
    return {}


def validators_of(version: str, url: str) -> dict[str, str]:
    """Return the headers that request what is at `url` unless it is still `version`."""
    record = _record(version)
    if record.get("url") != url:
        return {}
    named = {"If-None-Match": record.get("etag"), "If-Modified-Since": record.get("modified")}
    return {name: text for name, text in named.items() if text}


def final_url(version: str) -> str:
    """Return the URL that a version was requested from; empty if the text names none."""
    return _record(version).get("url", "")
