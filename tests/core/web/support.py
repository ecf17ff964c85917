"""Servers on this machine, and a clock that moves only when somebody sleeps."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core.web import Client

PNG = b"\x89PNG\r\n\x1a\n and what follows"
DEAD = 9  # a port without a server
PATIENCE = 20  # seconds that anything may take on a busy machine


class Handler(BaseHTTPRequestHandler):
    """Responds with the function that the server has for the path."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.seen.append((self.path, dict(self.headers), time.monotonic()))
        respond = self.server.responses.get(self.path, lambda handler: handler.respond(404))
        try:
            respond(self)
        except OSError:
            self.close_connection = True

    def respond(self, status: int, data: bytes = b"", /, **headers: str) -> None:
        """Send a response; `Content_Length="-"` omits that header."""
        self.send_response(status)
        headers = {"Content_Length": str(len(data)), **headers}
        for name, value in headers.items():
            if value != "-":
                self.send_header(name.replace("_", "-"), value)
        self._headers_buffer.append(b"\r\n" + data)  # type: ignore[attr-defined]
        self.flush_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""


class Server(ThreadingHTTPServer):
    """A server with a response for each path."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.responses: dict[str, Callable[[Handler], None]] = {}
        self.seen: list[tuple[str, dict[str, str], float]] = []
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet: clients close connections here."""

    def __call__(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.seen]

    def serve(self, path: str, status: int, data: bytes = b"", **headers: str) -> str:
        """Always respond in the same way; return the URL."""
        self.responses[path] = lambda handler: handler.respond(status, data, **headers)
        return self(path)

    def serve_in_turn(self, path: str, *responses: Callable[[Handler], None]) -> str:
        """Respond differently each time; return the URL."""
        following = iter(responses)
        self.responses[path] = lambda handler: next(following)(handler)
        return self(path)


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class FakeTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.jitters: list[tuple[float, float]] = []

    def client(self, **options: Any) -> Client:
        return Client(
            allow_private=True,
            clock=lambda: self.now,
            sleep=self.sleep,
            jitter=self.jitter,
            **options,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def jitter(self, least: float, most: float) -> float:
        self.jitters.append((least, most))
        return most


def names(monkeypatch: pytest.MonkeyPatch, **addresses: str | Exception) -> list[str]:
    """Resolve the given names, with _ for a dot; return the list of names that are looked up."""
    looked_up: list[str] = []

    def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        looked_up.append(host)
        result = addresses.get(host.replace(".", "_"), host)
        if isinstance(result, Exception):
            raise result
        kind = socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (each, port)) for each in result.split()]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


def endless(handler: Handler, *, chunked: bool = False) -> None:
    """Send data without end."""
    piece = b"\xff" * 65_536
    if chunked:
        handler.respond(200, Content_Length="-", Transfer_Encoding="chunked")
        piece = b"10000\r\n" + piece + b"\r\n"
    else:
        handler.respond(200, Content_Length="-", Connection="close")
    while True:
        handler.wfile.write(piece)


class Hold:
    """Blocks every caller until it is released."""

    def __init__(self) -> None:
        self.reached, self.released = threading.Event(), threading.Event()

    def __call__(self, *_: Any, **__: Any) -> None:
        self.reached.set()
        self.released.wait(PATIENCE)

    def body(self, handler: Handler) -> None:
        """Send the head and the first byte of a response."""
        handler.close_connection = True
        handler.respond(200, PNG[:1], Content_Length=str(len(PNG)))
        self()
