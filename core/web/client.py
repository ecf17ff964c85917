"""The HTTP client: the rate of requests, retries, redirects and hosts that do not respond."""

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
from core.web.connections import ALLOW_PRIVATE, BROKEN, POLL_SECONDS, Body, Network, pool
from core.web.errors import WebError
from core.web.host_state import Host
from core.web.responses import (
    check_is_picture,
    check_status,
    drain,
    read_body,
    validators_of,
    version_of,
)
from core.web.urls import origin_of, parse, redirect_target

MAX_REDIRECTS = 5
MAX_JSON_BYTES = 20_000_000
# Seconds: the longest pause between two tries, and the longest that a server may ask for.
MAX_PAUSE = 30.0
MAX_RETRY_AFTER = 120.0
# Failed requests in a row after which a host is left alone, and for how many seconds.
MAX_FAILURES = 5
PAUSE_AFTER_FAILURES = 30.0
# Tries for one URL of a host that has never responded.
MAX_TIMEOUTS = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture as received, and the version to pass in next time."""

    data: bytes
    version: str


class Client:
    """Downloads over HTTP. All methods may be called from several threads.

    Every method that downloads raises `WebError`, or `Cancelled` once `stop` was called.
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
        max_bytes: int = decoding.LIMITS.file_bytes,
        allow_private: bool | None = None,
        check: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Prepare the connections.

        Args:
            connections: how many are open at the same time.
            rate: requests per second to one host.
            tries: how often one URL is tried in all.
            connect: seconds to connect.
            read: seconds of one wait for more bytes.
            total: seconds of one whole response.
            max_bytes: the size of the largest picture.
            allow_private: whether private addresses may be reached; None to read the environment
                variable `ALLOW_PRIVATE`.
            check: called at least every half second of a wait; raises what should end it.
            clock: returns seconds; for tests.
            sleep: waits some seconds; for tests.
            jitter: returns a random number of a range; for tests.
        """
        if allow_private is None:
            allow_private = os.environ.get(ALLOW_PRIVATE) == "1"
        self._rate, self._tries, self._total, self._max_bytes = rate, tries, total, max_bytes
        self._caller_check = check
        self._stopped = threading.Event()
        self._clock, self._sleep, self._jitter = clock, sleep, jitter
        self._lock = threading.Lock()
        self._hosts: dict[bytes, Host] = {}
        # Failures of the network, which concern every host.
        self._all_hosts = Host()
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
        """Close the connections of a client that is no longer used."""
        with suppress(Exception):
            self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def stop(self) -> None:
        """End all downloads, and those requested later, with `Cancelled`."""
        self._stopped.set()

    def picture(self, url: str, *, known: str = "") -> Fetched | None:
        """Return the picture at `url`, or None if that is still the version `known`.

        Data that is plainly not a picture raises `WebError`; the rest is for `core.pictures` to
        decode.
        """

        def receive(response: httpx.Response) -> Fetched | None:
            if response.status_code == 304:
                return None
            data = read_body(response, self._max_bytes)
            check_is_picture(data, response.url.host)
            version = version_of(url, response.headers, data)
            return None if version == known else Fetched(data, version)

        return self._fetch(url, receive, validators_of(known, url))

    def is_current(self, url: str, known: str) -> bool:
        """Say whether version `known` is still what is at `url`, without downloading it.

        False if the server sent no ETag or date that identifies versions.
        """
        validators = validators_of(known, url)
        if not validators:
            return False

        def receive(response: httpx.Response) -> bool:
            # Some servers send ETags but ignore `If-None-Match`.
            same = response.headers.get("etag") == validators.get("If-None-Match", "")
            return response.status_code == 304 or same

        return self._fetch(url, receive, validators)

    def json(self, url: str, *, authorization: str = "") -> object:
        """Return the JSON at `url`; `authorization` is sent to its host and to no other."""

        def receive(response: httpx.Response) -> object:
            try:
                value: object = json.loads(read_body(response, MAX_JSON_BYTES))
            except (ValueError, RecursionError) as error:
                host = response.url.host
                raise WebError(
                    f"{host} responded with something that is not JSON. Try again later."
                ) from error
            return value

        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        return self._fetch(url, receive, headers, authorization=authorization)

    def _fetch(
        self,
        url: str,
        receive: Callable[[httpx.Response], T],
        headers: Mapping[str, str],
        *,
        authorization: str = "",
    ) -> T:
        """Return what `receive` makes of the response, retrying temporary errors."""
        parsed = parse(url)
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
        tried = 0
        while True:
            try:
                return self._follow(parsed, receive, headers, authorization)
            except WebError as error:
                tried += 1
                host = error.host
                if host is None or not error.temporary:
                    raise
                if error.timed_out or tried >= self._tries_of(host):
                    self._note_failure(host, error)
                    raise
                self._pause(host, error, tried)

    def _follow(
        self,
        url: httpx.URL,
        receive: Callable[[httpx.Response], T],
        headers: Mapping[str, str],
        authorization: str,
    ) -> T:
        """Send one request and follow its redirects."""
        origin = origin_of(url)
        for _ in range(MAX_REDIRECTS + 1):
            sent = dict(headers)
            if authorization and origin_of(url) == origin:
                sent["Authorization"] = authorization
            with self._requested(url, sent) as response:
                if not response.has_redirect_location:
                    check_status(response, secret=authorization.rpartition(" ")[2])
                    return receive(response)
                target = redirect_target(response)
            url = target
        raise WebError(f"{url.host} redirects too often. Use the URL that it finally leads to.")

    @contextmanager
    def _requested(self, url: httpx.URL, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Send a request when the rate allows it, and give the response before its body is read."""
        with self._lock:
            host = self._hosts.setdefault(url.netloc, Host())
        try:
            self._await_turn(host)
            with self._slot(), self._network.time_limit(self._total):
                response = self._send(url, headers)
                with self._lock:
                    host.responded = True
                    self._all_hosts.failures = 0
                try:
                    yield response
                finally:
                    drain(response)
                    response.close()
        except BROKEN as error:
            broken = WebError(
                f"{url.host} closed the connection in the middle of its response. Try again later.",
                temporary=True,
            )
            broken.host = host
            raise broken from error
        except WebError as error:
            error.host = error.host or host
            if not error.temporary:
                self._note_response(host)
            raise
        self._note_response(host)

    def _send(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Return the response before its body is read.

        httpx's own client is not used: it stores cookies, follows the environment's proxies,
        which look up names themselves, and parses the target of a redirect before it is checked.
        """
        request = httpx.Request("GET", url, headers={"User-Agent": "Lookalike", **headers})
        try:
            received = self._pool.handle_request(
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
                f"{url.host} closed the connection without a response. Try again later.",
                temporary=True,
            ) from error
        return httpx.Response(
            received.status, headers=received.headers, stream=Body(received), request=request
        )

    # Shared by all threads: when the next request may start, and which hosts are left alone.

    def _check(self) -> None:
        """Raise what should end all downloads."""
        if self._stopped.is_set():
            raise Cancelled
        if self._caller_check is not None:
            self._caller_check()

    def _await_turn(self, host: Host) -> None:
        """Wait until a request to `host` may start; raises `WebError` while it is left alone."""
        while True:
            self._check()
            with self._lock:
                now = self._clock()
                for each in (host, self._all_hosts):
                    if now < each.paused_until:
                        raise WebError(each.last_error)
                wait = host.next_request - now
                if wait <= 0:
                    host.next_request = now + 1 / self._rate
                    return
            self._sleep(min(wait, POLL_SECONDS))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Wait for a free connection."""
        while not self._slots.acquire(timeout=POLL_SECONDS):
            self._check()
        try:
            yield
        finally:
            self._slots.release()

    def _tries_of(self, host: Host) -> int:
        """Return how often a URL of this host is tried."""
        with self._lock:
            if max(host.failures, self._all_hosts.failures) >= MAX_FAILURES:
                return 1  # After its pause, this try tells whether it responds again.
            return self._tries if host.responded else min(self._tries, MAX_TIMEOUTS)

    def _pause(self, host: Host, error: WebError, tried: int) -> None:
        """Wait before another try; if the server asked for a pause, all threads wait."""
        now = self._clock()
        until = now + self._jitter(0, min(MAX_PAUSE, 2 ** (tried - 2)))
        if error.retry_after is not None:
            resumes = now + min(error.retry_after, MAX_RETRY_AFTER)
        else:
            resumes = until if error.status == 429 else now
        with self._lock:
            host.next_request = max(host.next_request, resumes)
        while (wait := until - self._clock()) > 0:
            self._check()
            self._sleep(min(wait, POLL_SECONDS))

    def _note_response(self, host: Host) -> None:
        """Reset the failures of a host: it responded, whatever the status."""
        with self._lock:
            if self._clock() >= host.paused_until:
                host.failures = 0

    def _note_failure(self, host: Host, error: WebError) -> None:
        """Count a failed request; after `MAX_FAILURES` in a row, others fail without waiting."""
        with self._lock:
            for each in (host, self._all_hosts) if error.offline else (host,):
                each.failures += 1
                each.last_error = str(error)
                if each.failures >= MAX_FAILURES:
                    each.paused_until = self._clock() + PAUSE_AFTER_FAILURES
