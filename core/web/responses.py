"""Answers, none of which is believed: their status, their bytes, and the version that they are."""

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

# A refusal of at most this many bytes is read, though nobody wants it, to keep its connection.
SMALL = 65_536
# Answers that may be others in a moment.
TEMPORARY = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505}


def check_status(response: httpx.Response) -> None:
    """Raise `WebError` for an answer without what was asked for, in words."""
    host, status = response.url.host, response.status_code
    conditional = any(name.startswith("if-") for name in response.request.headers)
    if 200 <= status < 300 or (status == 304 and conditional):
        return
    match status:
        case 401:
            text = "asks who you are (401). Give an address that is open to everybody."
        case 403:
            text = "does not allow it (403). Give an address that is open to everybody."
        case 404:
            text = "has nothing at this address (404). Check the address."
        case 410:
            text = "says that it is gone for good (410). Take it off the list."
        case 429:
            text = "asks for fewer requests (429), however long one waits. Try again later."
        case _ if status >= 500:
            text = f"has trouble of its own ({status}). Try again later."
        case _:
            text = f"answers with {status} and not with what is asked for. Check the address."
    raise WebError(
        f"{host} {text}",
        status=status,
        passing=status in TEMPORARY,
        wait=_retry_after(response.headers.get("retry-after", "")),
    )


def _retry_after(text: str) -> float | None:
    """Return the seconds that a `Retry-After` asks for, as a number or a date; None for neither."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text.strip()):
        return float(text)
    with suppress(ValueError, TypeError, OverflowError):
        date = email.utils.parsedate_to_datetime(text)
        return max(0.0, (date - datetime.now(date.tzinfo and UTC)).total_seconds())
    return None


def body_of(response: httpx.Response, largest: int) -> bytes:
    """Return the body of an answer; raises `WebError` as soon as it is over `largest` bytes."""
    host = response.url.host
    too_large = WebError(
        f"{host} sends more than {largest / 1e6:g} MB, the most that is read. "
        "Make the picture smaller, or give another address."
    )
    stated = response.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > largest:
        raise too_large
    unpack = _unpacker(response)
    data = bytearray()
    for chunk in response.iter_raw():
        data += unpack(chunk, largest + 1 - len(data))
        if len(data) > largest:
            raise too_large
    return bytes(data)


def _unpacker(response: httpx.Response) -> Callable[[bytes, int], bytes]:
    """Return what turns packed bytes into at most so many plain ones."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    host = response.url.host
    if coding in ("identity", ""):
        return lambda chunk, most: chunk
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise WebError(f'{host} packs its answer as "{coding}", which is not read.')
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return unpacker.decompress(chunk, most)
        except zlib.error as error:
            raise WebError(f"{host} sends an answer that is damaged. Try again later.") from error

    return unpack


def drain(response: httpx.Response) -> None:
    """Read what is left of a small refusal, so that its connection can be used again."""
    stated = response.headers.get("content-length", "")
    small = stated.isdecimal() and int(stated[:20]) <= SMALL
    if response.status_code >= 300 and small and not response.is_stream_consumed:
        with suppress(*BROKEN, WebError):
            for _ in response.iter_raw():
                pass


def check_is_picture(data: bytes, host: str) -> None:
    """Raise `WebError` for what plainly is something else, judged by its bytes alone."""
    if not data:
        raise WebError(f"{host} answers with nothing at all. Check the address.")
    with suppress(UnsupportedFormat):
        decoding.format_of(data)
        return
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<!doctype html|<(html|head|body)\b", head) or b"<html" in head:
        what = "a web page"
    elif head.startswith((b"<?xml", b"<svg", b"<!doctype")):
        what = "a document of XML"
    elif head.startswith((b"{", b"[")):
        what = "data (JSON)"
    elif not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        what = "text"
    else:
        return
    raise WebError(
        f"{host} gives {what} at this address, not a picture. Give the address of the picture "
        "itself."
    )


def version_of(address: str, headers: httpx.Headers, data: bytes) -> str:
    """Return as text what tells this version from others."""
    marks = {"etag": headers.get("etag", ""), "modified": headers.get("last-modified", "")}
    kept = {name: text for name, text in marks.items() if re.fullmatch("[ -~]{1,200}", text)}
    record = {"url": address, **kept, "sha256": hashlib.sha256(data).hexdigest()}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _record(version: str) -> dict[str, str]:
    """Return what a version says; nothing for one that is not ours."""
    with suppress(ValueError, RecursionError):
        record = json.loads(version)
        if isinstance(record, dict) and all(isinstance(text, str) for text in record.values()):
            return record
    return {}


def validators_of(version: str, address: str) -> dict[str, str]:
    """Return the headers that ask for anything but `version` of what is at `address`."""
    record = _record(version)
    if record.get("url") != address:
        return {}
    named = {"If-None-Match": record.get("etag"), "If-Modified-Since": record.get("modified")}
    return {name: text for name, text in named.items() if text}


def final_url(version: str) -> str:
    """Return the address whose picture has this `version`; nothing if it says none."""
    return _record(version).get("url", "")
