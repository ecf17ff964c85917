"""Connections: only to addresses that were checked, and ended when their time is up."""

import errno
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import httpcore
import httpx

from core.web.errors import WebError
from core.web.urls import is_public

# The environment's leave to reach private addresses: for tests and for servers of one's own.
ALLOW_PRIVATE = "LOOKALIKE_ALLOW_PRIVATE"
# Of the addresses that a host has, so many are tried.
ADDRESSES = 3
# Seconds after which whoever waits looks whether to stop.
SLICE = 0.25
BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)

T = TypeVar("T")


def pool(network: httpcore.NetworkBackend, connections: int) -> httpcore.ConnectionPool:
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


class Body(httpx.SyncByteStream):
    """The body of an answer, as httpx wants it."""

    def __init__(self, answer: httpcore.Response) -> None:
        """Take it from `answer`."""
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        """Yield it as it comes."""
        yield from self._answer.iter_stream()

    def close(self) -> None:
        """Let its connection be used again, or end it."""
        self._answer.close()


class _Deadline(threading.local):
    """When the answer that a thread waits for has to be there, by the real clock."""

    at = math.inf


class Network(httpcore.NetworkBackend):
    """Connects to the very addresses that it has checked."""

    def __init__(self, *, allow_private: bool, check: Callable[[], None]) -> None:
        """Keep what `Client` was told."""
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
        """Connect to a host, or raise `WebError`."""
        until = self.until(timeout)
        found = self.wait_for(lambda: _resolve(host, port), until, host)
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
            return _Connection(self.wait_for(connect, until, host), host, self)
        except httpcore.ConnectTimeout as error:
            raise _timeout_error(host) from error
        except httpcore.ConnectError as error:
            raise _unreachable_error(host, error.__cause__) from error

    def wait_for(self, work: Callable[[], T], until: float, host: str) -> T:
        """Return what `work` returns, in a thread that is left to itself when time is up.

        Neither looking a name up nor connecting can be interrupted.
        """
        results: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

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
                    raise _timeout_error(host) from None
                continue
            if error is not None:
                raise error
            return found  # type: ignore[return-value]


class _Connection(httpcore.NetworkStream):
    """A connection that is read in slices: silence and dripping end when their time is up."""

    def __init__(self, line: httpcore.NetworkStream, host: str, network: Network) -> None:
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
            raise _timeout_error(self._host) from error
        except httpcore.ConnectError as error:
            raise _unreachable_error(self._host, error.__cause__) from error
        return _Connection(line, self._host, self._network)

    def close(self) -> None:
        self._line.close()

    def get_extra_info(self, info: str) -> Any:
        return self._line.get_extra_info(info)


def _resolve(host: str, port: int) -> list[str]:
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


def _timeout_error(host: str) -> WebError:
    return WebError(f"{host} does not answer. Try again later.", passing=True, slow=True)


def _unreachable_error(host: str, cause: BaseException | None) -> WebError:
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
