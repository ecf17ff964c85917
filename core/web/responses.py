"""Checks of responses: their status, size and content, and the version of what was received."""

import email.utils
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import httpx

from core.pictures import UnsupportedFormat, decoding
from core.web.connections import BROKEN
from core.web.errors import WebError

# The body of an error of at most this many bytes is read and discarded, to reuse the connection.
MAX_DRAINED_BYTES = 65_536
# Statuses that another try may change.
TEMPORARY = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505}


def check_status(response: httpx.Response) -> None:
    """Raise `WebError` with a sentence for a status other than success."""
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
    raise WebError(
        f"{host} {text}",
        status=status,
        temporary=status in TEMPORARY,
        retry_after=_retry_after(response.headers.get("retry-after", "")),
    )


def _retry_after(text: str) -> float | None:
    """Return the seconds that a `Retry-After` header asks for; None if it cannot be read.

    It holds a number of seconds or a date.
    """
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text.strip()):
        return float(text)
    with suppress(ValueError, TypeError, OverflowError):
        date = email.utils.parsedate_to_datetime(text)
        return max(0.0, (date - datetime.now(date.tzinfo and UTC)).total_seconds())
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
    small = stated.isdecimal() and int(stated[:20]) <= MAX_DRAINED_BYTES
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
