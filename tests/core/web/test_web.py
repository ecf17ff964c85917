"""The HTTP client against real, hostile servers on this machine."""

import gzip
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import web
from core.jobs import Cancelled
from core.web import Client, WebError, connections
from core.web.client import MAX_FAILURES, MAX_REDIRECTS, MAX_TIMEOUTS, PAUSE_AFTER_FAILURES

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


@pytest.fixture(autouse=True)
def default_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow no private addresses, whatever the environment of this machine says."""
    monkeypatch.delenv("LOOKALIKE_ALLOW_PRIVATE", raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


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


@pytest.fixture
def client() -> Iterator[Client]:
    """Return a client that may reach this machine and has short timeouts."""
    with Client(
        allow_private=True, rate=1000, read=2, total=3, jitter=lambda least, most: 0.01
    ) as client:
        yield client


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


# -- which hosts may be reached -----------------------------------------------


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("64:ff9b::5db8:d822", True),  # NAT64 of a public address
        ("127.0.0.1", False),
        ("127.8.9.10", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("100.127.255.254", False),
        ("0.0.0.0", False),
        ("192.0.2.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("::127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::5db8:d822", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert web.is_public(address) is public


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1", "127.1", "[::1]"]
)
def test_no_name_of_this_machine_is_reached(server: Server, host: str) -> None:
    server.serve("/a.png", 200, PNG)
    with (
        Client() as client,
        pytest.raises(WebError, match=r"private network .*LOOKALIKE_ALLOW_PRIVATE=1"),
    ):
        client.picture(f"http://{host}:{server.server_port}/a.png")
    assert not server.seen


def test_a_name_that_resolves_to_this_machine_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, evil_test="127.0.0.1", half_test="93.184.216.34 10.0.0.1")
    with Client() as client:
        for host in ("evil.test", "half.test"):
            with pytest.raises(WebError, match=f"{host} is inside a private network"):
                client.picture(f"http://{host}:{server.server_port}/a.png")
    assert not server.seen


def test_the_environment_allows_private_addresses(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    with Client() as client:
        assert client.picture(server.serve("/a.png", 200, PNG)) is not None


def test_the_checked_address_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    reached: list[Any] = []

    def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: Any, *args: Any, **options: Any) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with Client(tries=1) as client, pytest.raises(WebError, match="connect"):
        client.picture("http://rebinding.test/a.png")
    assert reached == [("93.184.216.34", 80)]


def test_a_redirect_is_checked_like_a_url(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.serve("/secret", 200, PNG)
    server.serve("/a", 302, Location=server("/secret").replace("127.0.0.1", "localhost"))
    checks = iter([True, False])
    monkeypatch.setattr(connections, "is_public", lambda address: next(checks))
    with Client() as client, pytest.raises(WebError, match="localhost is inside a private"):
        client.picture(server("/a"))
    assert server.paths() == ["/a"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", 'begins with "file:"'),
        ("ftp://example.org/a.png", 'begins with "ftp:"'),
        ("data:image/png;base64,AAAA", 'begins with "data:"'),
        ("http://ann:secret@example.org/", "contains a user name or a password"),
        ("http://[", "not a valid URL"),
        ("/again", "redirects too often"),
    ],
)
def test_a_redirect_that_may_not_be_followed(
    server: Server, client: Client, location: str, reason: str
) -> None:
    server.serve("/again", 302, Location="/again")
    with pytest.raises(WebError, match=reason) as error:
        client.picture(server.serve("/a", 302, Location=location))
    assert "secret" not in str(error.value)
    assert len(server.seen) <= 1 + MAX_REDIRECTS


def test_five_redirects_are_followed(server: Server, client: Client) -> None:
    for number in range(5):
        server.serve(f"/{number}", (301, 302, 303, 307, 308)[number], Location=f"{number + 1}")
    server.serve("/5", 200, PNG)
    fetched = client.picture(server("/0"))
    assert fetched is not None and fetched.data == PNG
    assert web.final_url(fetched.version) == server("/0")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "has no http://"),
        ("chair.png", "has no http://"),
        ("file:///etc/passwd", 'begins with "file:"'),
        ("data:image/png;base64," + "A" * 5000, 'begins with "data:"'),
        ("gopher://example.org", 'begins with "gopher:"'),
        ("http://", "has no host"),
        ("http:///a.png", "has no host"),
        ("http://[::1", "not a valid URL"),
        ("http://a b/", "not a valid URL"),
        ("http://xn--/", "not a valid URL"),
        ("http://example.org:0/", "not a valid URL"),
        ("http://example.org:99999/", "not a valid URL"),
        ("http://example.org/\0", "not a valid URL"),
        ("http://ann@example.org/", "contains a user name or a password"),
        ("http://" + "a" * 300 + ".org/", "There is no host"),
    ],
)
def test_an_invalid_url_gets_a_sentence(client: Client, url: str, reason: str) -> None:
    with pytest.raises(WebError, match=reason) as error:
        client.picture(url)
    assert len(str(error.value)) < 500


def test_proxies_of_the_environment_are_not_used(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{DEAD}")
    with Client(allow_private=True) as other:
        assert other.picture(server.serve("/a.png", 200, PNG)) is not None


def test_cookies_are_not_stored(server: Server, client: Client) -> None:
    url = server.serve("/a.png", 200, PNG, Set_Cookie="id=1")
    client.picture(url)
    client.picture(url)
    assert all("Cookie" not in headers for _, headers, _ in server.seen)


def test_authorization_goes_to_its_host_and_no_other(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with running() as other:
        other.serve("/end", 200, b"[1]")
        server.serve("/here", 302, Location=other("/end"))
        server.serve("/start", 302, Location="/here")
        assert client.json(server("/start"), authorization="Token secret") == [1]
        sent = [headers.get("Authorization") for _, headers, _ in (*server.seen, *other.seen)]
    assert sent == ["Token secret", "Token secret", None]
    with pytest.raises(WebError) as error:
        client.json(server("/nowhere"), authorization="Token secret")
    assert "secret" not in f"{error.value!r}{caplog.text}"


# -- limits of size and time --------------------------------------------------


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


def drip(handler: Handler, *, head: bool = False) -> None:
    """Send one byte every tenth of a second, from the head on or only in the body."""
    handler.close_connection = True
    if not head:
        handler.respond(200, Content_Length="100000")
    data = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000 if head else PNG * 100
    for byte in data:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


@pytest.mark.parametrize("head", [True, False])
def test_a_slow_response_ends_when_its_time_is_up(server: Server, head: bool) -> None:
    server.responses["/a"] = lambda handler: drip(handler, head=head)
    with (
        Client(allow_private=True, total=2) as client,
        pytest.raises(WebError, match="takes too long"),
    ):
        client.picture(server("/a"))
    assert len(server.seen) == 1  # it is not tried again


def test_a_server_that_stops_responding_is_tried_again(server: Server, hold: "Hold") -> None:
    url = server.serve_in_turn("/a", hold, lambda handler: handler.respond(200, PNG))
    # So long that a busy machine responds in time.
    with Client(allow_private=True, read=3, jitter=lambda least, most: 0) as client:
        assert client.picture(url) is not None


def test_a_server_that_never_responds(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with (
            Client(allow_private=True, read=0.2, jitter=lambda least, most: 0) as client,
            pytest.raises(WebError, match="stopped responding"),
        ):
            client.picture(f"http://127.0.0.1:{port}/")
        with (
            Client(allow_private=True, connect=0.3) as client,
            pytest.raises(WebError, match="does not respond"),
        ):
            client.picture(f"https://127.0.0.1:{port}/")


def test_the_number_of_connections_is_limited(server: Server) -> None:
    lock, now, most = threading.Lock(), 0, 0
    three_at_once = threading.Barrier(3)

    def respond(handler: Handler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        three_at_once.wait(PATIENCE)
        with lock:
            now -= 1
        handler.respond(200, PNG)

    server.responses["/a"] = respond
    with (
        Client(allow_private=True, connections=3, rate=1000) as client,
        ThreadPoolExecutor(10) as pool,
    ):
        assert all(pool.map(client.picture, [server("/a")] * 21))
    assert most == 3


def test_the_rate_of_requests_is_limited(server: Server) -> None:
    url = server.serve("/a", 200, PNG)
    fake_time = FakeTime()
    with fake_time.client(rate=20) as client, ThreadPoolExecutor(4) as pool:
        assert all(pool.map(client.picture, [url] * 11))
    assert fake_time.now - 100 > 0.45


# -- retries ------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_temporary_errors_are_retried_after_growing_random_pauses(
    server: Server, status: int
) -> None:
    failing = [lambda handler: handler.respond(status)] * 4
    url = server.serve_in_turn("/a", *failing, lambda handler: handler.respond(200, PNG))
    fake_time = FakeTime()
    assert fake_time.client().picture(url) is not None
    assert fake_time.jitters == [(0, 0.5), (0, 1), (0, 2), (0, 4)]
    assert fake_time.now == pytest.approx(107.5, abs=0.3)


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
    ("asked", "least", "most"),
    [
        ("7", 7, 8),
        ("0.5", 0.5, 1),
        (timedelta(seconds=60), 30, 61),
        (timedelta(seconds=-60), 0, 1),
        ("999999", 120, 121),
        ("soon", 0, 1),
        ("-5", 0, 1),
        ("Wed, 99 Foo 2016", 0, 1),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_client_waits_as_long_as_the_server_asks(
    server: Server, status: int, asked: str | timedelta, least: float, most: float
) -> None:
    if isinstance(asked, timedelta):
        asked = format_datetime(datetime.now(UTC) + asked, usegmt=True)
    url = server.serve_in_turn(
        "/a",
        lambda handler: handler.respond(status, Retry_After=asked),
        lambda handler: handler.respond(200, PNG),
    )
    fake_time = FakeTime()
    assert fake_time.client().picture(url) is not None
    assert least <= fake_time.now - 100 <= most


def test_all_threads_wait_when_a_server_asks_for_it(server: Server) -> None:
    server.serve("/b", 200, PNG)
    waiting = threading.Event()

    def sleep(seconds: float) -> None:
        waiting.set()
        time.sleep(seconds)

    server.serve_in_turn(
        "/a",
        lambda handler: handler.respond(429, Retry_After="1"),
        lambda handler: handler.respond(200, PNG),
    )
    with Client(allow_private=True, sleep=sleep) as client, ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.picture, server("/a"))
        assert waiting.wait(PATIENCE)
        assert client.picture(server("/b")) is not None
        assert first.result() is not None
    times = [when for _, _, when in server.seen]
    assert all(when - times[0] >= 0.95 for when in times[1:])


def test_a_body_that_is_cut_short_is_downloaded_again(server: Server, client: Client) -> None:
    def cut(handler: Handler) -> None:
        handler.respond(200, PNG[:10], Content_Length=str(len(PNG)))
        handler.close_connection = True

    def hang_up(handler: Handler) -> None:
        handler.close_connection = True

    def nonsense(handler: Handler) -> None:
        handler.wfile.write(b"no HTTP at all\r\n\r\n")
        handler.close_connection = True

    url = server.serve_in_turn(
        "/a", cut, hang_up, nonsense, lambda handler: handler.respond(200, PNG)
    )
    fetched = client.picture(url)
    assert fetched is not None and fetched.data == PNG
    server.responses["/b"] = cut
    with pytest.raises(WebError, match="in the middle of its response"):
        client.picture(server("/b"))
    server.responses["/c"] = hang_up
    with pytest.raises(WebError, match="without a response"):
        client.picture(server("/c"))


# -- hosts that do not respond ------------------------------------------------


def test_a_thousand_urls_of_a_dead_host_fail_quickly() -> None:
    def fetch(number: int) -> str:
        with pytest.raises(WebError) as error:
            http.picture(f"http://127.0.0.1:{DEAD}/{number}.png")
        return str(error.value)

    fake_time = FakeTime()
    with fake_time.client() as http, ThreadPoolExecutor(8) as pool:
        reasons = set(pool.map(fetch, range(1000)))
    assert reasons == {"127.0.0.1 does not accept connections. Check the URL, or try again later."}
    assert fake_time.now - 100 < 5


def test_a_host_that_responds_again_is_used_again(server: Server) -> None:
    fake_time = FakeTime()
    client = fake_time.client(tries=1)
    server.serve("/a", 503)
    for _ in range(MAX_FAILURES + 3):
        with pytest.raises(WebError, match=r"reports a server error \(503\)"):
            client.picture(server("/a"))
    assert len(server.seen) == MAX_FAILURES
    server.serve("/a", 200, PNG)
    fake_time.now += PAUSE_AFTER_FAILURES
    assert client.picture(server("/a")) is not None


def test_error_responses_do_not_pause_a_host(server: Server) -> None:
    client = FakeTime().client()
    for number in range(20):
        with pytest.raises(WebError, match="404"):
            client.picture(server(f"/{number}"))
    assert client.picture(server.serve("/a", 200, PNG)) is not None


def test_unknown_hosts_are_looked_up_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    asked = names(monkeypatch, **{f"no{number}_test": missing for number in range(50)})
    with Client() as client:
        for number in range(50):
            with pytest.raises(WebError, match=rf"There is no host no{number}\.test\. Check"):
                client.picture(f"http://no{number}.test/a.png")
    assert len(asked) == 50


def test_without_a_network_only_a_few_hosts_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    offline = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    asked = names(monkeypatch, **{f"no{number}_test": offline for number in range(50)})
    client = Client(jitter=lambda least, most: 0)
    for number in range(50):
        with pytest.raises(WebError, match="Check that this machine is online"):
            client.picture(f"http://no{number}.test/a.png")
    assert len(asked) <= MAX_FAILURES * MAX_TIMEOUTS


# -- conditional requests -----------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "asked"),
    [
        ({"ETag": '"v1"'}, {"If-None-Match": '"v1"'}),
        ({"ETag": 'W/"v1"'}, {"If-None-Match": 'W/"v1"'}),
        (
            {"Last_Modified": "Wed, 04 May 2016 12:00:00 GMT"},
            {"If-Modified-Since": "Wed, 04 May 2016 12:00:00 GMT"},
        ),
    ],
)
def test_a_known_version_is_not_downloaded_again(
    server: Server, client: Client, given_: dict[str, str], asked: dict[str, str]
) -> None:
    url = server.serve("/a", 200, PNG, **given_)
    fetched = client.picture(url)
    assert fetched is not None
    server.serve("/a", 304, Content_Length="-")
    assert client.picture(url, known=fetched.version) is None
    assert client.is_current(url, fetched.version)
    for _, headers, _ in server.seen[1:]:
        assert asked.items() <= headers.items()

    server.serve("/a", 200, PNG + b"new", ETag='"v2"')
    assert not client.is_current(url, fetched.version)
    changed = client.picture(url, known=fetched.version)
    assert changed is not None and changed.data == PNG + b"new"
    assert json.loads(changed.version)["url"] == url


def test_without_validators_the_bytes_are_compared(server: Server, client: Client) -> None:
    url = server.serve("/a", 200, PNG)
    fetched = client.picture(url)
    assert fetched is not None
    assert not client.is_current(url, fetched.version)  # unknown without downloading
    assert client.picture(url, known=fetched.version) is None
    server.serve("/a", 200, PNG + b"new")
    assert client.picture(url, known=fetched.version) is not None


def test_checking_a_version_reads_no_body(server: Server) -> None:
    url = server.serve("/a", 200, PNG, ETag='"v1"')
    with Client(allow_private=True) as client:
        fetched = client.picture(url)
        assert fetched is not None
        server.responses["/a"] = endless
        assert not client.is_current(url, fetched.version)
        # This server sends ETags and ignores If-None-Match.
        server.serve("/a", 200, PNG, ETag='"v1"')
        assert client.is_current(url, fetched.version)


def test_the_version_of_another_url_is_not_sent(server: Server, client: Client) -> None:
    fetched = client.picture(server.serve("/a", 200, PNG, ETag='"v1"'))
    assert fetched is not None
    other = server.serve("/b", 200, PNG, ETag='"v1"')
    assert client.picture(other, known=fetched.version) is not None
    assert not client.is_current(other, fetched.version)
    assert "If-None-Match" not in server.seen[-1][1]


@given(st.text() | st.from_type(dict).map(str) | st.lists(st.integers()).map(json.dumps))
def test_a_version_of_another_kind_names_no_url(version: str) -> None:
    assert web.final_url(version) == ""


# -- data that is not a picture -----------------------------------------------


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


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff", b'{"a":', b"[" * 100_000])
def test_data_that_is_not_json(server: Server, client: Client, data: bytes) -> None:
    with pytest.raises(WebError, match="not JSON"):
        client.json(server.serve("/a", 200, data))


# -- cancelling ---------------------------------------------------------------


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


@pytest.fixture
def hold() -> Iterator[Hold]:
    hold = Hold()
    yield hold
    hold.released.set()


@pytest.mark.parametrize("where", ["body", "head", "wait", "name", "turn"])
def test_cancelling_takes_effect_in_every_kind_of_wait(
    server: Server, hold: Hold, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def sleep(seconds: float) -> None:
        hold.reached.set()
        time.sleep(seconds)

    server.responses["/body"] = hold.body
    server.responses["/head"] = hold
    server.serve("/wait", 429, Retry_After="60")
    server.serve("/turn", 200, PNG)
    url = server(f"/{where}")
    client = Client(allow_private=True, rate=0.01 if where == "turn" else 20, sleep=sleep)
    if where == "turn":
        client.picture(url)
    if where == "name":
        monkeypatch.setattr(socket, "getaddrinfo", hold)
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(client.picture, url)
        assert hold.reached.wait(PATIENCE)
        assert not fetching.done()
        client.stop()
        with pytest.raises(Cancelled):
            fetching.result(PATIENCE / 2)


def test_a_wait_calls_check(server: Server, hold: Hold) -> None:
    server.responses["/a"] = hold.body

    def check() -> None:
        if hold.reached.is_set():
            raise Cancelled("Stop.")

    with Client(allow_private=True, check=check) as client, pytest.raises(Cancelled, match="Stop"):
        client.picture(server("/a"))


# -- encryption ---------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a self-signed certificate for good.test, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", key, "-out", certificate, "-days", "2"),
            *("-subj", "/CN=good.test", "-addext", "subjectAltName=DNS:good.test"),
        ],
        check=True,
        capture_output=True,
    )
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    return certificate


@pytest.fixture
def secure(server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Put the server behind TLS, under the names good.test and bad.test."""
    names(monkeypatch, good_test="127.0.0.1", bad_test="127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.serve("/a", 200, PNG)
    return server


def test_a_self_signed_certificate_is_refused(secure: Server, client: Client) -> None:
    with pytest.raises(WebError, match=r"good\.test has no valid certificate .*self-signed"):
        client.picture(f"https://good.test:{secure.server_port}/a")
    assert not secure.seen


def test_a_certificate_is_valid_only_for_its_name(
    secure: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Client(allow_private=True) as client:
        assert client.picture(f"https://good.test:{secure.server_port}/a") is not None
        # The open connection goes to the same IP address, but belongs to the other host.
        with pytest.raises(WebError, match=r"bad\.test has no valid .*not valid for 'bad\.test'"):
            client.picture(f"https://bad.test:{secure.server_port}/a")
    assert len(secure.seen) == 1


def test_a_server_without_tls(server: Server, client: Client) -> None:
    with pytest.raises(WebError, match="no secure connection"):
        client.picture(f"https://127.0.0.1:{server.server_port}/a")
