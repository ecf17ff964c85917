"""Connections that go only to checked IP addresses and end when their time is up."""

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

# Set to 1, this environment variable allows private addresses: for tests and your own servers.
ALLOW_PRIVATE = "LOOKALIKE_ALLOW_PRIVATE"
# IP addresses of a host that are tried.
MAX_ADDRESSES = 3
# Seconds between two checks of whether a wait should end.
POLL_SECONDS = 0.25
BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)

T = TypeVar("T")


def pool(network: httpcore.NetworkBackend, connections: int) -> httpcore.ConnectionPool:
    """Return a pool whose connections are reused by host name.

    If the names were replaced by the checked addresses, two hosts at one address would share a
    connection whose certificate is valid for only one of them.
    """
    return httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(),
        max_connections=connections,
        max_keepalive_connections=connections,
        keepalive_expiry=15.0,
        network_backend=network,
    )


class Body(httpx.SyncByteStream):
    """The body of a response, in the form that httpx needs."""

    def __init__(self, response: httpcore.Response) -> None:
        """Wrap a response whose body was not read yet."""
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks as they arrive."""
        yield from self._response.iter_stream()

    def close(self) -> None:
        """Return the connection to the pool, or close it if the body was not read."""
        self._response.close()


class _Deadline(threading.local):
    """When the response that this thread waits for must be complete, by the real clock."""

    at = math.inf


class Network(httpcore.NetworkBackend):
    """Connects to exactly the IP addresses that it has checked."""

    def __init__(self, *, allow_private: bool, check: Callable[[], None]) -> None:
        """Store the settings of the client; `check` raises what should end a wait."""
        self._allow_private = allow_private
        self._deadline = _Deadline()
        self.check = check

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Limit the time of this thread's response to so many seconds."""
        self._deadline.at = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline.at = math.inf

    def until(self, timeout: float | None) -> float:
        """Return when a wait of `timeout` seconds must end."""
        return min(self._deadline.at, time.monotonic() + (timeout or math.inf))

    def is_time_up(self) -> bool:
        """Say whether this thread's time is up."""
        return time.monotonic() >= self._deadline.at

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a host; raises `WebError`."""
        until = self.until(timeout)
        addresses = self.wait_for(lambda: _resolve(host, port), until, host)
        if not self._allow_private:
            for address in addresses:
                if not is_public(address):
                    raise WebError(
                        f"{host} is inside a private network ({address}), so nothing is downloaded "
                        f"from it. Set {ALLOW_PRIVATE}=1 to allow that."
                    )
        addresses = addresses[:MAX_ADDRESSES]
        share = (until - time.monotonic()) / len(addresses)

        def connect() -> httpcore.NetworkStream:
            failures: list[Exception] = []
            for address in addresses:
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
        """Return what `work` returns; raises `WebError` when the time is up.

        Looking up a name and connecting cannot be interrupted, so they run in a thread that is
        abandoned then.
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
                result, error = results.get(timeout=max(0.0, min(left, POLL_SECONDS)))
            except Empty:
                if left <= 0:
                    raise _timeout_error(host) from None
                continue
            if error is not None:
                raise error
            return result  # type: ignore[return-value]


class _Connection(httpcore.NetworkStream):
    """A connection that is read in short waits, so that slow and stalled responses time out."""

    def __init__(self, stream: httpcore.NetworkStream, host: str, network: Network) -> None:
        self._stream = stream
        self._host = host
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = self._network.until(timeout)
        while True:
            self._network.check()
            left = until - time.monotonic()
            if left <= 0 and self._network.is_time_up():
                raise WebError(
                    f"{self._host} takes too long to send its response. Try again later.",
                    temporary=True,
                    timed_out=True,
                )
            if left <= 0:
                raise WebError(f"{self._host} stopped responding. Try again later.", temporary=True)
            with suppress(httpcore.ReadTimeout):
                return self._stream.read(max_bytes, timeout=min(left, POLL_SECONDS))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        until = self._network.until(timeout)
        left = max(0.001, until - time.monotonic())
        try:
            stream = self._network.wait_for(
                lambda: self._stream.start_tls(ssl_context, server_hostname, left),
                until,
                self._host,
            )
        except httpcore.ConnectTimeout as error:
            raise _timeout_error(self._host) from error
        except httpcore.ConnectError as error:
            raise _unreachable_error(self._host, error.__cause__) from error
        return _Connection(stream, self._host, self._network)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; raises `WebError`."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        code = error.errno if isinstance(error, socket.gaierror) else socket.EAI_NONAME
        if code in (socket.EAI_AGAIN, socket.EAI_SYSTEM):
            raise WebError(
                f"The name {host} cannot be looked up. Check that this machine is online, and "
                "try again.",
                temporary=True,
                offline=True,
            ) from error
        raise WebError(
            f"There is no host {host}. Check the URL, and that this machine is online."
        ) from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _timeout_error(host: str) -> WebError:
    return WebError(f"{host} does not respond. Try again later.", temporary=True, timed_out=True)


def _unreachable_error(host: str, cause: BaseException | None) -> WebError:
    """Return a sentence that says why there is no connection."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return WebError(
            f"{host} has no valid certificate ({cause.verify_message}), so nothing is downloaded "
            "from it. Check the URL."
        )
    if isinstance(cause, ssl.SSLError):
        return WebError(f"{host} supports no secure connection. Check the URL.")
    code = cause.errno if isinstance(cause, OSError) else None
    if code in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return WebError(
            f"{host} cannot be reached. Check that this machine is online, and try again.",
            temporary=True,
            offline=code != errno.EHOSTUNREACH,
        )
    return WebError(
        f"{host} does not accept connections. Check the URL, or try again later.",
        temporary=True,
    )
