"""What is on the web, fetched with care: addresses come from anywhere, and so do answers.

Nothing inside the machine's own network is reached, whatever name or redirect leads there. An
answer has a size and a time that it cannot exceed. What may pass is tried again, ever more slowly
and never sooner than a server asks for; a server that does not answer is soon left alone.
"""

import email.utils
import errno
import hashlib
import ipaddress
import json
import math
import os
import random
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

import httpcore
import httpx

from core import images
from core.errors import LookalikeError
from core.jobs import Cancelled

# The environment's leave to reach private addresses: for tests and for servers of one's own.
ALLOW_PRIVATE = "LOOKALIKE_ALLOW_PRIVATE"
REDIRECTS = 5
LARGEST_JSON = 20_000_000
# A refusal of at most this many bytes is read, though nobody wants it, to keep its connection.
SMALL = 65_536
# Answers that may be others in a moment.
PASSING = frozenset({408, 425, 429, *range(500, 600)}) - {501, 505}
# Seconds: the longest pause of our own, and the longest that a server is granted.
LONGEST_PAUSE = 30.0
LONGEST_RETRY_AFTER = 120.0
# Requests in a row that came to nothing until a host is left alone, and for how many seconds.
TROUBLES = 5
REST = 30.0
# A host that never answered is tried this often for one address.
TRIES_OF_THE_SILENT = 2
# Of the addresses that a host has, so many are tried.
ADDRESSES = 3
# Seconds after which whoever waits looks whether to stop.
SLICE = 0.25

Found = TypeVar("Found")
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class WebError(LookalikeError):
    """Something that cannot be had from the web: the text is a sentence that says why.

    Attributes:
        status: what the server answered; 0 where it did not come to that.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int = 0,
        passing: bool = False,
        slow: bool = False,
        offline: bool = False,
        wait: float | None = None,
    ) -> None:
        """Keep the sentence and what it means for another try.

        It may be `passing`, or have been so `slow` that once is enough, or concern the network
        and not the host alone; `wait` is how many seconds the server asks for.
        """
        super().__init__(text)
        self.status = status
        self._passing = passing
        self._slow = slow
        self._offline = offline
        self._wait = wait
        self._host: _Host | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture as received, and the version to give next time."""

    data: bytes
    version: str


@dataclass(slots=True)
class _Host:
    """What all threads know of a host. Times are those of the client's clock.

    Attributes:
        next: when the next request may begin.
        reached: whether it ever answered.
        troubles: how many requests in a row came to nothing.
        trouble: why, in a sentence.
        rests_until: until then nothing is asked of it.
    """

    next: float = -math.inf
    reached: bool = False
    troubles: int = 0
    trouble: str = ""
    rests_until: float = -math.inf


class Client:
    """Fetches over HTTP. Every method may be called from several threads at once.

    Every method that fetches raises `WebError`, or `Cancelled` once `stop` was called.
    """

    def __init__(
        self,
        *,
        connections: int = 4,
        rate: float = 20.0,
        tries: int = 5,
        connect: float = 10.0,
        read: float = 20.0,
        total: float = 60.0,
        largest: int = images.LIMITS.file_bytes,
        allow_private: bool | None = None,
        check: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Prepare to fetch.

        `connections` are used at once, and `rate` requests a second begun with one host; `tries`
        is how often something is tried in all. `connect`, `read` (one wait for more bytes) and
        `total` (one whole answer) are seconds, `largest` the bytes of a picture. `check` is
        called at least every half second of waiting and raises what is to end it. Private
        addresses are refused unless `allow_private`, by default what the environment says.
        """
        if allow_private is None:
            allow_private = os.environ.get(ALLOW_PRIVATE) == "1"
        self._rate, self._tries, self._total, self._largest = rate, tries, total, largest
        self._own_check = check
        self._stopped = threading.Event()
        self._clock, self._sleep, self._jitter = clock, sleep, jitter
        self._lock = threading.Lock()
        self._hosts: dict[bytes, _Host] = {}
        self._everywhere = _Host()
        self._slots = threading.Semaphore(connections)
        self._network = _Network(allow_private=allow_private, check=self._check)
        self._pool = _pool(self._network, connections)
        self._timeout = httpx.Timeout(read, connect=connect, pool=None).as_dict()

    def __enter__(self) -> Self:
        """Use the client as a context that closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self.close()

    def __del__(self) -> None:
        """Close the connections of a client that nobody has any more."""
        with suppress(Exception):
            self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def stop(self) -> None:
        """End all that is under way, and whatever is asked for later, with `Cancelled`."""
        self._stopped.set()

    def picture(self, address: str, *, known: str = "") -> Fetched | None:
        """Return the picture at `address`, or None where that still is the version `known`.

        What plainly is none is refused; whether the rest is one, `core.images` finds out.
        """

        def take(response: httpx.Response) -> Fetched | None:
            if response.status_code == 304:
                return None
            data = _body(response, self._largest)
            _check_is_picture(data, response.url.host)
            version = _version(address, response.headers, data)
            return None if version == known else Fetched(data, version)

        return self._fetch(address, take, _validators(known, address))

    def is_current(self, address: str, known: str) -> bool:
        """Say whether version `known` is still what is at `address`, without fetching it.

        False where the server gave nothing that tells versions apart.
        """
        validators = _validators(known, address)
        if not validators:
            return False

        def take(response: httpx.Response) -> bool:
            # Some servers name versions and do not compare them.
            same = response.headers.get("etag") == validators.get("If-None-Match", "")
            return response.status_code == 304 or same

        return self._fetch(address, take, validators)

    def json(self, address: str, *, authorization: str = "") -> object:
        """Return the JSON at `address`; `authorization` is sent to its host and to no other."""

        def take(response: httpx.Response) -> object:
            try:
                value: object = json.loads(_body(response, LARGEST_JSON))
            except (ValueError, RecursionError) as error:
                host = response.url.host
                raise WebError(f"{host} answers with what is not JSON. Try again later.") from error
            return value

        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        return self._fetch(address, take, headers, authorization=authorization)

    def _fetch(
        self,
        address: str,
        take: Callable[[httpx.Response], Found],
        headers: Mapping[str, str],
        *,
        authorization: str = "",
    ) -> Found:
        """Return what `take` makes of the answer, trying again where that can help."""
        url = parse(address)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
        tried = 0
        while True:
            try:
                return self._follow(url, take, headers, authorization)
            except WebError as error:
                tried += 1
                host = error._host
                if host is None or not error._passing:
                    raise
                if error._slow or tried >= self._tries_of(host):
                    self._note_trouble(host, error)
                    raise
                self._pause(host, error, tried)

    def _follow(
        self,
        url: httpx.URL,
        take: Callable[[httpx.Response], Found],
        headers: Mapping[str, str],
        authorization: str,
    ) -> Found:
        """Ask once, and follow where the answer leads."""
        origin = _origin(url)
        for _ in range(REDIRECTS + 1):
            sent = dict(headers)
            if authorization and _origin(url) == origin:
                sent["Authorization"] = authorization
            with self._asked(url, sent) as response:
                if not response.has_redirect_location:
                    _check_status(response)
                    return take(response)
                target = _target(response)
            url = target
        raise WebError(f"{url.host} leads on and on. Give the address that it leads to.")

    @contextmanager
    def _asked(self, url: httpx.URL, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Send a request when its turn has come, and give the answer, its body yet to come."""
        with self._lock:
            host = self._hosts.setdefault(url.netloc, _Host())
        try:
            self._await_turn(host)
            with self._slot(), self._network.time_limit(self._total):
                response = self._send(url, headers)
                with self._lock:
                    host.reached = True
                    self._everywhere.troubles = 0
                try:
                    yield response
                finally:
                    _drain(response)
                    response.close()
        except _BROKEN as error:
            broken = WebError(
                f"{url.host} broke off in the middle of its answer. Try again later.", passing=True
            )
            broken._host = host
            raise broken from error
        except WebError as error:
            error._host = error._host or host
            if not error._passing:
                self._note_answer(host)
            raise
        self._note_answer(host)

    def _send(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Return the answer's head.

        Not by httpx's own client: it keeps cookies, heeds the environment's proxies, which look
        names up by themselves, and reads where a redirect leads before that is checked.
        """
        request = httpx.Request("GET", url, headers={"User-Agent": "Lookalike", **headers})
        try:
            answer = self._pool.handle_request(
                httpcore.Request(
                    "GET",
                    httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    extensions={"timeout": self._timeout},
                )
            )
        except _BROKEN as error:
            raise WebError(
                f"{url.host} hung up without an answer. Try again later.", passing=True
            ) from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), request=request
        )

    # What all threads share: whose turn it is, and which hosts are better left alone.

    def _check(self) -> None:
        """Raise what is to end all work."""
        if self._stopped.is_set():
            raise Cancelled("Cancelled. What was done is kept; start again to go on.")
        if self._own_check is not None:
            self._own_check()

    def _await_turn(self, host: _Host) -> None:
        """Wait until a request to `host` may begin; raises `WebError` while it is left alone."""
        while True:
            self._check()
            with self._lock:
                now = self._clock()
                for each in (host, self._everywhere):
                    if now < each.rests_until:
                        raise WebError(each.trouble)
                wait = host.next - now
                if wait <= 0:
                    host.next = now + 1 / self._rate
                    return
            self._sleep(min(wait, SLICE))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Wait for one of the connections."""
        while not self._slots.acquire(timeout=SLICE):
            self._check()
        try:
            yield
        finally:
            self._slots.release()

    def _tries_of(self, host: _Host) -> int:
        with self._lock:
            if max(host.troubles, self._everywhere.troubles) >= TROUBLES:
                return 1  # It had its rest, and this is the try that tells whether that helped.
            return self._tries if host.reached else min(self._tries, TRIES_OF_THE_SILENT)

    def _pause(self, host: _Host, error: WebError, tried: int) -> None:
        """Wait before another try; where the server asks for it, all threads do."""
        now = self._clock()
        until = now + self._jitter(0, min(LONGEST_PAUSE, 2 ** (tried - 2)))
        if error._wait is not None:
            resumes = now + min(error._wait, LONGEST_RETRY_AFTER)
        else:
            resumes = until if error.status == 429 else now
        with self._lock:
            host.next = max(host.next, resumes)
        while (wait := until - self._clock()) > 0:
            self._check()
            self._sleep(min(wait, SLICE))

    def _note_answer(self, host: _Host) -> None:
        """Forget the troubles of a host: it answered, whatever it said."""
        with self._lock:
            if self._clock() >= host.rests_until:
                host.troubles = 0

    def _note_trouble(self, host: _Host, error: WebError) -> None:
        """Count a request that came to nothing; after some in a row the others need not wait."""
        with self._lock:
            for each in (host, self._everywhere) if error._offline else (host,):
                each.troubles += 1
                each.trouble = str(error)
                if each.troubles >= TROUBLES:
                    each.rests_until = self._clock() + REST


# -- addresses ----------------------------------------------------------------


def parse(address: str) -> httpx.URL:
    """Return an address that may be fetched; raises `WebError`, and asks nobody."""
    shown = address if len(address) <= 80 else f"{address[:77]}..."
    try:
        url = httpx.URL(address.strip())
        if "%" in url.host or url.port == 0 or (url.port or 1) > 65_535:
            raise ValueError("no such host or port")
    except (httpx.InvalidURL, ValueError) as error:
        raise WebError(f'"{shown}" is no address: check that it is whole.') from error
    if url.scheme not in ("http", "https"):
        what = f'begins with "{url.scheme}:"' if url.scheme else "has no http:// or https://"
        raise WebError(
            f'The address "{shown}" {what}; only those that begin with http:// or https:// can be '
            "fetched."
        )
    if not url.host:
        raise WebError(f'The address "{shown}" names no host: check that it is whole.')
    if url.userinfo:
        raise WebError(
            f"The address at {url.host} holds a name or a password, which would be stored and "
            "shown. Give one without."
        )
    return url


def address_of(version: str) -> str:
    """Return the address whose picture has this `version`; nothing if it says none."""
    return _record(version).get("url", "")


def is_public(address: str) -> bool:
    """Say whether an IP address, as text, is one of the internet at large."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip.is_site_local:
            return False
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local
    )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _target(response: httpx.Response) -> httpx.URL:
    """Return where an answer leads; raises `WebError` where that may not be fetched."""
    host = response.url.host
    try:
        target = response.url.join(response.headers["location"])
        return parse(str(target))
    except WebError as error:
        raise WebError(f"{host} leads somewhere else. {error}") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise WebError(f"{host} leads to something that is no address.") from error


# -- answers ------------------------------------------------------------------


def _check_status(response: httpx.Response) -> None:
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
        passing=status in PASSING,
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


def _body(response: httpx.Response, largest: int) -> bytes:
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


def _drain(response: httpx.Response) -> None:
    """Read what is left of a small refusal, so that its connection can be used again."""
    stated = response.headers.get("content-length", "")
    small = stated.isdecimal() and int(stated[:20]) <= SMALL
    if response.status_code >= 300 and small and not response.is_stream_consumed:
        with suppress(*_BROKEN, WebError):
            for _ in response.iter_raw():
                pass


def _check_is_picture(data: bytes, host: str) -> None:
    """Raise `WebError` for what plainly is something else, judged by its bytes alone."""
    if not data:
        raise WebError(f"{host} answers with nothing at all. Check the address.")
    with suppress(images.UnsupportedFormat):
        images.format_of(data)
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


# -- versions -----------------------------------------------------------------


def _version(address: str, headers: httpx.Headers, data: bytes) -> str:
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


def _validators(version: str, address: str) -> dict[str, str]:
    """Return the headers that ask for anything but `version` of what is at `address`."""
    record = _record(version)
    if record.get("url") != address:
        return {}
    named = {"If-None-Match": record.get("etag"), "If-Modified-Since": record.get("modified")}
    return {name: text for name, text in named.items() if text}


# -- connections --------------------------------------------------------------


def _pool(network: httpcore.NetworkBackend, connections: int) -> httpcore.ConnectionPool:
    """Return connections that are kept by host name.

    Were names replaced by the addresses that were checked, two hosts at one address would share
    a connection whose certificate is proved for only one of them.
    """
    return httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(),
        max_connections=connections,
        max_keepalive_connections=connections,
        keepalive_expiry=15.0,
        network_backend=network,
    )


class _Body(httpx.SyncByteStream):
    """The body of an answer, as httpx wants it."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Deadline(threading.local):
    """When the answer that a thread waits for has to be there, by the real clock."""

    at = math.inf


class _Network(httpcore.NetworkBackend):
    """Connects to the very addresses that it has checked."""

    def __init__(self, *, allow_private: bool, check: Callable[[], None]) -> None:
        self._allow_private = allow_private
        self._deadline = _Deadline()
        self.check = check

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Give this thread so many seconds for an answer."""
        self._deadline.at = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline.at = math.inf

    def until(self, timeout: float | None) -> float:
        """Return when a wait of `timeout` seconds has to end."""
        return min(self._deadline.at, time.monotonic() + (timeout or math.inf))

    def is_over(self) -> bool:
        """Say whether this thread's time is over."""
        return time.monotonic() >= self._deadline.at

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        until = self.until(timeout)
        found = self.wait_for(lambda: _look_up(host, port), until, host)
        if not self._allow_private:
            for address in found:
                if not is_public(address):
                    raise WebError(
                        f"{host} is inside a private network ({address}), from which nothing is "
                        f"fetched. Set {ALLOW_PRIVATE}=1 if that is meant."
                    )
        found = found[:ADDRESSES]
        share = (until - time.monotonic()) / len(found)

        def connect() -> httpcore.NetworkStream:
            failures: list[Exception] = []
            for address in found:
                try:
                    return httpcore.SyncBackend().connect_tcp(
                        address, port, max(share, 0.001), socket_options=socket_options
                    )
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    failures.append(error)
            raise failures[0]

        try:
            return _Line(self.wait_for(connect, until, host), host, self)
        except httpcore.ConnectTimeout as error:
            raise _silence(host) from error
        except httpcore.ConnectError as error:
            raise _unreachable(host, error.__cause__) from error

    def wait_for(self, work: Callable[[], Found], until: float, host: str) -> Found:
        """Return what `work` returns, in a thread that is left to itself when time is up.

        Neither looking a name up nor connecting can be interrupted.
        """
        results: SimpleQueue[tuple[Found | None, Exception | None]] = SimpleQueue()

        def run() -> None:
            try:
                results.put((work(), None))
            except Exception as error:
                results.put((None, error))

        threading.Thread(target=run, daemon=True, name="connect").start()
        while True:
            self.check()
            left = until - time.monotonic()
            try:
                found, error = results.get(timeout=max(0.0, min(left, SLICE)))
            except Empty:
                if left <= 0:
                    raise _silence(host) from None
                continue
            if error is not None:
                raise error
            return found  # type: ignore[return-value]


class _Line(httpcore.NetworkStream):
    """A connection that is read in slices: silence and dripping end when their time is up."""

    def __init__(self, line: httpcore.NetworkStream, host: str, network: _Network) -> None:
        self._line = line
        self._host = host
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = self._network.until(timeout)
        while True:
            self._network.check()
            left = until - time.monotonic()
            if left <= 0 and self._network.is_over():
                raise WebError(
                    f"{self._host} takes too long to send its answer. Try again later.",
                    passing=True,
                    slow=True,
                )
            if left <= 0:
                raise WebError(f"{self._host} fell silent. Try again later.", passing=True)
            with suppress(httpcore.ReadTimeout):
                return self._line.read(max_bytes, timeout=min(left, SLICE))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._line.write(buffer, timeout)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        until = self._network.until(timeout)
        left = max(0.001, until - time.monotonic())
        try:
            line = self._network.wait_for(
                lambda: self._line.start_tls(ssl_context, server_hostname, left), until, self._host
            )
        except httpcore.ConnectTimeout as error:
            raise _silence(self._host) from error
        except httpcore.ConnectError as error:
            raise _unreachable(self._host, error.__cause__) from error
        return _Line(line, self._host, self._network)

    def close(self) -> None:
        self._line.close()

    def get_extra_info(self, info: str) -> Any:
        return self._line.get_extra_info(info)


def _look_up(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; raises `WebError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        number = error.errno if isinstance(error, socket.gaierror) else socket.EAI_NONAME
        if number in (socket.EAI_AGAIN, socket.EAI_SYSTEM):
            raise WebError(
                f"The name {host} cannot be looked up. Check that this machine is online, and "
                "try again.",
                passing=True,
                offline=True,
            ) from error
        raise WebError(
            f"There is no host {host}. Check the address, and that this machine is online."
        ) from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _silence(host: str) -> WebError:
    return WebError(f"{host} does not answer. Try again later.", passing=True, slow=True)


def _unreachable(host: str, cause: BaseException | None) -> WebError:
    """Return why there is no connection, in words."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return WebError(
            f"{host} cannot prove that it is {host} ({cause.verify_message}), so nothing is "
            "fetched from it. Check the address."
        )
    if isinstance(cause, ssl.SSLError):
        return WebError(f"{host} offers no encryption that is safe. Check the address.")
    number = cause.errno if isinstance(cause, OSError) else None
    if number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return WebError(
            f"{host} cannot be reached. Check that this machine is online, and try again.",
            passing=True,
            offline=number != errno.EHOSTUNREACH,
        )
    return WebError(
        f"{host} does not let anybody connect. Check the address, or try again later.",
        passing=True,
    )
