"""A client of the web: whose turn it is, what is tried again, and where an answer leads."""

import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self, TypeVar

import httpcore
import httpx

from core.jobs import Cancelled
from core.pictures import decoding
from core.web.connections import ALLOW_PRIVATE, BROKEN, SLICE, Body, Network, pool
from core.web.errors import Host, WebError
from core.web.responses import (
    body_of,
    check_is_picture,
    check_status,
    drain,
    validators_of,
    version_of,
)
from core.web.urls import origin_of, parse, target_of

MAX_REDIRECTS = 5
MAX_JSON_BYTES = 20_000_000
# Seconds: the longest pause of our own, and the longest that a server is granted.
MAX_PAUSE = 30.0
MAX_RETRY_AFTER = 120.0
# Requests in a row that came to nothing until a host is left alone, and for how many seconds.
MAX_FAILURES = 5
PAUSE_AFTER_FAILURES = 30.0
# A host that never answered is tried this often for one address.
MAX_TIMEOUTS = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture as received, and the version to give next time."""

    data: bytes
    version: str


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
        largest: int = decoding.LIMITS.file_bytes,
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
        self._hosts: dict[bytes, Host] = {}
        self._everywhere = Host()
        self._slots = threading.Semaphore(connections)
        self._network = Network(allow_private=allow_private, check=self._check)
        self._pool = pool(self._network, connections)
        self._timeout = httpx.Timeout(read, connect=connect, pool=None).as_dict()

    def __enter__(self) -> Self:
        """Use the client as a context that closes it."""
        return self

    def __exit__(self, *_: object) -> None:
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
            data = body_of(response, self._largest)
            check_is_picture(data, response.url.host)
            version = version_of(address, response.headers, data)
            return None if version == known else Fetched(data, version)

        return self._fetch(address, take, validators_of(known, address))

    def is_current(self, address: str, known: str) -> bool:
        """Say whether version `known` is still what is at `address`, without fetching it.

        False where the server gave nothing that tells versions apart.
        """
        validators = validators_of(known, address)
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
                value: object = json.loads(body_of(response, MAX_JSON_BYTES))
            except (ValueError, RecursionError) as error:
                host = response.url.host
                raise WebError(f"{host} answers with what is not JSON. Try again later.") from error
            return value

        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        return self._fetch(address, take, headers, authorization=authorization)

    def _fetch(
        self,
        address: str,
        take: Callable[[httpx.Response], T],
        headers: Mapping[str, str],
        *,
        authorization: str = "",
    ) -> T:
        """Return what `take` makes of the answer, trying again where that can help."""
        url = parse(address)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
        tried = 0
        while True:
            try:
                return self._follow(url, take, headers, authorization)
            except WebError as error:
                tried += 1
                host = error.host
                if host is None or not error.passing:
                    raise
                if error.slow or tried >= self._tries_of(host):
                    self._note_trouble(host, error)
                    raise
                self._pause(host, error, tried)

    def _follow(
        self,
        url: httpx.URL,
        take: Callable[[httpx.Response], T],
        headers: Mapping[str, str],
        authorization: str,
    ) -> T:
        """Ask once, and follow where the answer leads."""
        origin = origin_of(url)
        for _ in range(MAX_REDIRECTS + 1):
            sent = dict(headers)
            if authorization and origin_of(url) == origin:
                sent["Authorization"] = authorization
            with self._asked(url, sent) as response:
                if not response.has_redirect_location:
                    check_status(response)
                    return take(response)
                target = target_of(response)
            url = target
        raise WebError(f"{url.host} leads on and on. Give the address that it leads to.")

    @contextmanager
    def _asked(self, url: httpx.URL, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Send a request when its turn has come, and give the answer, its body yet to come."""
        with self._lock:
            host = self._hosts.setdefault(url.netloc, Host())
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
                    drain(response)
                    response.close()
        except BROKEN as error:
            broken = WebError(
                f"{url.host} broke off in the middle of its answer. Try again later.", passing=True
            )
            broken.host = host
            raise broken from error
        except WebError as error:
            error.host = error.host or host
            if not error.passing:
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
        except BROKEN as error:
            raise WebError(
                f"{url.host} hung up without an answer. Try again later.", passing=True
            ) from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=Body(answer), request=request
        )

    # What all threads share: whose turn it is, and which hosts are better left alone.

    def _check(self) -> None:
        """Raise what is to end all work."""
        if self._stopped.is_set():
            raise Cancelled("Cancelled. What was done is kept; start again to go on.")
        if self._own_check is not None:
            self._own_check()

    def _await_turn(self, host: Host) -> None:
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

    def _tries_of(self, host: Host) -> int:
        with self._lock:
            if max(host.troubles, self._everywhere.troubles) >= MAX_FAILURES:
                return 1  # It had its rest, and this is the try that tells whether that helped.
            return self._tries if host.reached else min(self._tries, MAX_TIMEOUTS)

    def _pause(self, host: Host, error: WebError, tried: int) -> None:
        """Wait before another try; where the server asks for it, all threads do."""
        now = self._clock()
        until = now + self._jitter(0, min(MAX_PAUSE, 2 ** (tried - 2)))
        if error.wait is not None:
            resumes = now + min(error.wait, MAX_RETRY_AFTER)
        else:
            resumes = until if error.status == 429 else now
        with self._lock:
            host.next = max(host.next, resumes)
        while (wait := until - self._clock()) > 0:
            self._check()
            self._sleep(min(wait, SLICE))

    def _note_answer(self, host: Host) -> None:
        """Forget the troubles of a host: it answered, whatever it said."""
        with self._lock:
            if self._clock() >= host.rests_until:
                host.troubles = 0

    def _note_trouble(self, host: Host, error: WebError) -> None:
        """Count a request that came to nothing; after some in a row the others need not wait."""
        with self._lock:
            for each in (host, self._everywhere) if error.offline else (host,):
                each.troubles += 1
                each.trouble = str(error)
                if each.troubles >= MAX_FAILURES:
                    each.rests_until = self._clock() + PAUSE_AFTER_FAILURES
