"""The web client against real servers on this machine, none of which means well."""

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
DEAD = 9  # a port on which nobody listens
PATIENCE = 20  # seconds that anything may take on a busy machine


class Handler(BaseHTTPRequestHandler):
    """Answers with the function that the server has for the path."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.seen.append((self.path, dict(self.headers), time.monotonic()))
        answer = self.server.answers.get(self.path, lambda handler: handler.answer(404))
        try:
            answer(self)
        except OSError:
            self.close_connection = True

    def answer(self, status: int, data: bytes = b"", /, **headers: str) -> None:
        """Send an answer; `Content_Length="-"` leaves that header away."""
        self.send_response(status)
        headers = {"Content_Length": str(len(data)), **headers}
        for name, value in headers.items():
            if value != "-":
                self.send_header(name.replace("_", "-"), value)
        self._headers_buffer.append(b"\r\n" + data)
        self.flush_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server with an answer for each path."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Callable[[Handler], None]] = {}
        self.seen: list[tuple[str, dict[str, str], float]] = []
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up here."""

    def __call__(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.seen]

    def says(self, path: str, status: int, data: bytes = b"", **headers: str) -> str:
        """Answer always the same; return the address."""
        self.answers[path] = lambda handler: handler.answer(status, data, **headers)
        return self(path)

    def says_in_turn(self, path: str, *answers: Callable[[Handler], None]) -> str:
        """Answer differently each time; return the address."""
        following = iter(answers)
        self.answers[path] = lambda handler: next(following)(handler)
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
def as_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow no private addresses, whatever the machine's own environment says."""
    monkeypatch.delenv("LOOKALIKE_ALLOW_PRIVATE", raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as one:
        yield one


class Time:
    """A clock that only sleeping moves."""

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
    """Give a client that reaches this machine and has no patience."""
    with Client(
        allow_private=True, rate=1000, read=2, total=3, jitter=lambda least, most: 0.01
    ) as one:
        yield one


def names(monkeypatch: pytest.MonkeyPatch, **addresses: str | Exception) -> list[str]:
    """Resolve names as told, with _ for a dot; return the list of names that are looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        asked.append(host)
        found = addresses.get(host.replace(".", "_"), host)
        if isinstance(found, Exception):
            raise found
        kind = socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (each, port)) for each in found.split()]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


# -- what may be reached ------------------------------------------------------


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
def test_only_addresses_of_the_internet_are_public(address: str, public: bool) -> None:
    assert web.is_public(address) is public


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1", "127.1", "[::1]"]
)
def test_this_machine_is_not_reached_by_any_of_its_names(server: Server, host: str) -> None:
    server.says("/a.png", 200, PNG)
    with (
        Client() as client,
        pytest.raises(WebError, match=r"private network .*LOOKALIKE_ALLOW_PRIVATE=1"),
    ):
        client.picture(f"http://{host}:{server.server_port}/a.png")
    assert not server.seen


def test_a_name_that_leads_to_this_machine_is_refused(
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
        assert client.picture(server.says("/a.png", 200, PNG)) is not None


def test_the_address_that_was_checked_is_the_one_that_is_reached(
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


def test_a_redirect_is_checked_like_an_address(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.says("/secret", 200, PNG)
    server.says("/a", 302, Location=server("/secret").replace("127.0.0.1", "localhost"))
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
        ("http://ann:secret@example.org/", "holds a name or a password"),
        ("http://[", "no address"),
        ("/again", "leads on and on"),
    ],
)
def test_a_redirect_that_leads_astray(
    server: Server, client: Client, location: str, reason: str
) -> None:
    server.says("/again", 302, Location="/again")
    with pytest.raises(WebError, match=reason) as error:
        client.picture(server.says("/a", 302, Location=location))
    assert "secret" not in str(error.value)
    assert len(server.seen) <= 1 + MAX_REDIRECTS


def test_five_redirects_are_followed(server: Server, client: Client) -> None:
    for number in range(5):
        server.says(f"/{number}", (301, 302, 303, 307, 308)[number], Location=f"{number + 1}")
    server.says("/5", 200, PNG)
    fetched = client.picture(server("/0"))
    assert fetched is not None and fetched.data == PNG
    assert web.final_url(fetched.version) == server("/0")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "has no http://"),
        ("chair.png", "has no http://"),
        ("file:///etc/passwd", 'begins with "file:"'),
        ("data:image/png;base64," + "A" * 5000, 'begins with "data:"'),
        ("gopher://example.org", 'begins with "gopher:"'),
        ("http://", "names no host"),
        ("http:///a.png", "names no host"),
        ("http://[::1", "is no address"),
        ("http://a b/", "is no address"),
        ("http://xn--/", "is no address"),
        ("http://example.org:0/", "is no address"),
        ("http://example.org:99999/", "is no address"),
        ("http://example.org/\0", "is no address"),
        ("http://ann@example.org/", "holds a name or a password"),
        ("http://" + "a" * 300 + ".org/", "There is no host"),
    ],
)
def test_what_is_no_address_gets_a_sentence(client: Client, address: str, reason: str) -> None:
    with pytest.raises(WebError, match=reason) as error:
        client.picture(address)
    assert len(str(error.value)) < 500


def test_a_proxy_of_the_environment_is_not_used(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{DEAD}")
    with Client(allow_private=True) as other:
        assert other.picture(server.says("/a.png", 200, PNG)) is not None


def test_cookies_are_not_kept(server: Server, client: Client) -> None:
    address = server.says("/a.png", 200, PNG, Set_Cookie="id=1")
    client.picture(address)
    client.picture(address)
    assert all("Cookie" not in headers for _, headers, _ in server.seen)


def test_authorization_goes_to_its_host_and_no_other(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with running() as other:
        other.says("/end", 200, b"[1]")
        server.says("/here", 302, Location=other("/end"))
        server.says("/start", 302, Location="/here")
        assert client.json(server("/start"), authorization="Token geheim") == [1]
        sent = [headers.get("Authorization") for _, headers, _ in (*server.seen, *other.seen)]
    assert sent == ["Token geheim", "Token geheim", None]
    with pytest.raises(WebError) as error:
        client.json(server("/nowhere"), authorization="Token geheim")
    assert "geheim" not in f"{error.value!r}{caplog.text}"


# -- how much, and how long ---------------------------------------------------


def endless(handler: Handler, *, chunked: bool = False) -> None:
    """Send without end."""
    piece = b"\xff" * 65_536
    if chunked:
        handler.answer(200, Content_Length="-", Transfer_Encoding="chunked")
        piece = b"10000\r\n" + piece + b"\r\n"
    else:
        handler.answer(200, Content_Length="-", Connection="close")
    while True:
        handler.wfile.write(piece)


@pytest.mark.parametrize("kind", ["stated", "unstated", "chunked", "bomb"])
def test_an_answer_that_is_too_large_is_not_read(server: Server, kind: str) -> None:
    bomb = gzip.compress(bytes(60_000_000), 1) if kind == "bomb" else b""
    server.answers["/a"] = {
        "stated": lambda handler: handler.answer(200, PNG, Content_Length=str(5 * 10**9)),
        "unstated": endless,
        "chunked": lambda handler: endless(handler, chunked=True),
        "bomb": lambda handler: handler.answer(200, bomb, Content_Encoding="gzip"),
    }[kind]
    with (
        Client(allow_private=True) as client,
        pytest.raises(WebError, match="more than 20 MB"),
    ):
        client.picture(server("/a"))
    assert len(server.seen) == 1


def test_pictures_are_asked_for_unpacked_and_unpacked_if_they_are_not(
    server: Server, client: Client
) -> None:
    fetched = client.picture(server.says("/a", 200, gzip.compress(PNG), Content_Encoding="gzip"))
    assert fetched is not None and fetched.data == PNG
    assert server.seen[0][1]["Accept-Encoding"] == "identity"
    for coding, reason in [("gzip", "damaged"), ("br", 'packs its answer as "br"')]:
        with pytest.raises(WebError, match=reason):
            client.picture(server.says("/b", 200, b"not packed", Content_Encoding=coding))


def drip(handler: Handler, *, head: bool = False) -> None:
    """Send a byte every tenth of a second, of the head already or of the body."""
    handler.close_connection = True
    if not head:
        handler.answer(200, Content_Length="100000")
    data = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000 if head else PNG * 100
    for byte in data:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


@pytest.mark.parametrize("head", [True, False])
def test_an_answer_that_drips_ends_when_its_time_is_up(server: Server, head: bool) -> None:
    server.answers["/a"] = lambda handler: drip(handler, head=head)
    with (
        Client(allow_private=True, total=2) as client,
        pytest.raises(WebError, match="takes too long"),
    ):
        client.picture(server("/a"))
    assert len(server.seen) == 1  # it had its time


def test_a_server_that_falls_silent_is_tried_again(server: Server) -> None:
    address = server.says_in_turn(
        "/a", lambda handler: time.sleep(1), lambda handler: handler.answer(200, PNG)
    )
    with Client(allow_private=True, read=0.3, jitter=lambda least, most: 0) as client:
        assert client.picture(address) is not None


def test_a_server_that_never_answers(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with (
            Client(allow_private=True, read=0.2, jitter=lambda least, most: 0) as client,
            pytest.raises(WebError, match="fell silent"),
        ):
            client.picture(f"http://127.0.0.1:{port}/")
        with (
            Client(allow_private=True, connect=0.3) as client,
            pytest.raises(WebError, match="does not answer"),
        ):
            client.picture(f"https://127.0.0.1:{port}/")


def test_no_more_connections_than_told_are_used_at_once(server: Server) -> None:
    lock, now, most = threading.Lock(), 0, 0
    three_at_once = threading.Barrier(3)

    def answer(handler: Handler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        three_at_once.wait(PATIENCE)
        with lock:
            now -= 1
        handler.answer(200, PNG)

    server.answers["/a"] = answer
    with (
        Client(allow_private=True, connections=3, rate=1000) as client,
        ThreadPoolExecutor(10) as pool,
    ):
        assert all(pool.map(client.picture, [server("/a")] * 21))
    assert most == 3


def test_requests_are_begun_at_a_polite_rate(server: Server) -> None:
    address = server.says("/a", 200, PNG)
    time_ = Time()
    with time_.client(rate=20) as client, ThreadPoolExecutor(4) as pool:
        assert all(pool.map(client.picture, [address] * 11))
    assert time_.now - 100 > 0.45


# -- trying again -------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_tried_again_ever_more_slowly_and_at_random(
    server: Server, status: int
) -> None:
    failing = [lambda handler: handler.answer(status)] * 4
    address = server.says_in_turn("/a", *failing, lambda handler: handler.answer(200, PNG))
    time_ = Time()
    assert time_.client().picture(address) is not None
    assert time_.jitters == [(0, 0.5), (0, 1), (0, 2), (0, 4)]
    assert time_.now == pytest.approx(107.5, abs=0.3)


@pytest.mark.parametrize(
    ("status", "reason", "tries"),
    [
        (400, "answers with 400", 1),
        (401, r"asks who you are \(401\)", 1),
        (403, r"does not allow it \(403\)", 1),
        (404, r"has nothing at this address \(404\)", 1),
        (410, r"gone for good \(410\)", 1),
        (429, r"asks for fewer requests \(429\)", 5),
        (500, r"trouble of its own \(500\)", 5),
        (503, r"trouble of its own \(503\)", 5),
        (501, r"trouble of its own \(501\)", 1),
        (304, "answers with 304", 1),
        (302, "answers with 302", 1),
    ],
)
def test_each_refusal_has_its_words(server: Server, status: int, reason: str, tries: int) -> None:
    with pytest.raises(WebError, match=f"^127.0.0.1 .*{reason}") as error:
        Time().client().picture(server.says("/a", status, b"in detail"))
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
def test_a_server_says_how_long_to_wait(
    server: Server, status: int, asked: str | timedelta, least: float, most: float
) -> None:
    if isinstance(asked, timedelta):
        asked = format_datetime(datetime.now(UTC) + asked, usegmt=True)
    address = server.says_in_turn(
        "/a",
        lambda handler: handler.answer(status, Retry_After=asked),
        lambda handler: handler.answer(200, PNG),
    )
    time_ = Time()
    assert time_.client().picture(address) is not None
    assert least <= time_.now - 100 <= most


def test_everybody_waits_when_a_server_asks_for_it(server: Server) -> None:
    server.says("/b", 200, PNG)
    waiting = threading.Event()

    def sleep(seconds: float) -> None:
        waiting.set()
        time.sleep(seconds)

    server.says_in_turn(
        "/a",
        lambda handler: handler.answer(429, Retry_After="1"),
        lambda handler: handler.answer(200, PNG),
    )
    with Client(allow_private=True, sleep=sleep) as client, ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.picture, server("/a"))
        assert waiting.wait(PATIENCE)
        assert client.picture(server("/b")) is not None
        assert first.result() is not None
    times = [when for _, _, when in server.seen]
    assert all(when - times[0] >= 0.95 for when in times[1:])


def test_a_body_that_is_cut_is_fetched_again(server: Server, client: Client) -> None:
    def cut(handler: Handler) -> None:
        handler.answer(200, PNG[:10], Content_Length=str(len(PNG)))
        handler.close_connection = True

    def hang_up(handler: Handler) -> None:
        handler.close_connection = True

    def nonsense(handler: Handler) -> None:
        handler.wfile.write(b"no HTTP at all\r\n\r\n")
        handler.close_connection = True

    address = server.says_in_turn(
        "/a", cut, hang_up, nonsense, lambda handler: handler.answer(200, PNG)
    )
    fetched = client.picture(address)
    assert fetched is not None and fetched.data == PNG
    server.answers["/b"] = cut
    with pytest.raises(WebError, match="broke off in the middle"):
        client.picture(server("/b"))
    server.answers["/c"] = hang_up
    with pytest.raises(WebError, match="hung up"):
        client.picture(server("/c"))


# -- hosts that do not answer -------------------------------------------------


def test_a_thousand_addresses_of_a_dead_host_fail_at_once() -> None:
    def fetch(number: int) -> str:
        with pytest.raises(WebError) as error:
            client.picture(f"http://127.0.0.1:{DEAD}/{number}.png")
        return str(error.value)

    time_ = Time()
    with time_.client() as client, ThreadPoolExecutor(8) as pool:
        reasons = set(pool.map(fetch, range(1000)))
    assert reasons == {
        "127.0.0.1 does not let anybody connect. Check the address, or try again later."
    }
    assert time_.now - 100 < 5


def test_a_host_that_comes_back_is_used_again(server: Server) -> None:
    time_ = Time()
    client = time_.client(tries=1)
    server.says("/a", 503)
    for _ in range(MAX_FAILURES + 3):
        with pytest.raises(WebError, match=r"trouble of its own \(503\)"):
            client.picture(server("/a"))
    assert len(server.seen) == MAX_FAILURES
    server.says("/a", 200, PNG)
    time_.now += PAUSE_AFTER_FAILURES
    assert client.picture(server("/a")) is not None


def test_answers_that_are_refusals_leave_a_host_in_use(server: Server) -> None:
    client = Time().client()
    for number in range(20):
        with pytest.raises(WebError, match="404"):
            client.picture(server(f"/{number}"))
    assert client.picture(server.says("/a", 200, PNG)) is not None


def test_hosts_without_a_name_cost_one_look_each(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    asked = names(monkeypatch, **{f"no{number}_test": missing for number in range(50)})
    with Client() as client:
        for number in range(50):
            with pytest.raises(WebError, match=rf"There is no host no{number}\.test\. Check"):
                client.picture(f"http://no{number}.test/a.png")
    assert len(asked) == 50


def test_without_a_network_nobody_waits_for_every_host(monkeypatch: pytest.MonkeyPatch) -> None:
    offline = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    asked = names(monkeypatch, **{f"no{number}_test": offline for number in range(50)})
    client = Client(jitter=lambda least, most: 0)
    for number in range(50):
        with pytest.raises(WebError, match="Check that this machine is online"):
            client.picture(f"http://no{number}.test/a.png")
    assert len(asked) <= MAX_FAILURES * MAX_TIMEOUTS


# -- the same again -----------------------------------------------------------


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
def test_what_is_known_is_not_sent_again(
    server: Server, client: Client, given_: dict[str, str], asked: dict[str, str]
) -> None:
    address = server.says("/a", 200, PNG, **given_)
    fetched = client.picture(address)
    assert fetched is not None
    server.says("/a", 304, Content_Length="-")
    assert client.picture(address, known=fetched.version) is None
    assert client.is_current(address, fetched.version)
    for _, headers, _ in server.seen[1:]:
        assert asked.items() <= headers.items()

    server.says("/a", 200, PNG + b"new", ETag='"v2"')
    assert not client.is_current(address, fetched.version)
    changed = client.picture(address, known=fetched.version)
    assert changed is not None and changed.data == PNG + b"new"
    assert json.loads(changed.version)["url"] == address


def test_without_marks_the_bytes_are_compared(server: Server, client: Client) -> None:
    address = server.says("/a", 200, PNG)
    fetched = client.picture(address)
    assert fetched is not None
    assert not client.is_current(address, fetched.version)  # it cannot be told
    assert client.picture(address, known=fetched.version) is None
    server.says("/a", 200, PNG + b"new")
    assert client.picture(address, known=fetched.version) is not None


def test_to_look_whether_something_is_current_no_body_is_read(server: Server) -> None:
    address = server.says("/a", 200, PNG, ETag='"v1"')
    with Client(allow_private=True) as client:
        fetched = client.picture(address)
        assert fetched is not None
        server.answers["/a"] = endless
        assert not client.is_current(address, fetched.version)
        # This server names versions, and does not compare them.
        server.says("/a", 200, PNG, ETag='"v1"')
        assert client.is_current(address, fetched.version)


def test_the_version_of_another_address_is_not_asked_about(server: Server, client: Client) -> None:
    fetched = client.picture(server.says("/a", 200, PNG, ETag='"v1"'))
    assert fetched is not None
    other = server.says("/b", 200, PNG, ETag='"v1"')
    assert client.picture(other, known=fetched.version) is not None
    assert not client.is_current(other, fetched.version)
    assert "If-None-Match" not in server.seen[-1][1]


@given(st.text() | st.from_type(dict).map(str) | st.lists(st.integers()).map(json.dumps))
def test_a_version_of_another_kind_says_nothing(version: str) -> None:
    assert web.final_url(version) == ""


# -- what is no picture -------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "nothing at all"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML><title>x</title>", "a web page"),
        (b"<html lang=en>", "a web page"),
        (b'{"error": 1}', r"data \(JSON\)"),
        (b"<?xml version='1.0'?><Error/>", "a document of XML"),
        (b"<svg xmlns=''/>", "a document of XML"),
        ("Bitte später.".encode(), "text"),
    ],
)
def test_what_plainly_is_no_picture(
    server: Server, client: Client, data: bytes, reason: str
) -> None:
    with pytest.raises(WebError, match=reason):
        client.picture(server.says("/a.png", 200, data, Content_Type="image/png"))


def test_a_picture_is_known_by_its_bytes(server: Server, client: Client) -> None:
    for data in (PNG, b"GIF89a and so on", b"PK\x03\x04 may be anything"):
        address = server.says("/a.html", 200, data, Content_Type="text/html")
        fetched = client.picture(address)
        assert fetched is not None and fetched.data == data


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff", b'{"a":', b"[" * 100_000])
def test_what_is_no_json(server: Server, client: Client, data: bytes) -> None:
    with pytest.raises(WebError, match="not JSON"):
        client.json(server.says("/a", 200, data))


# -- stopping -----------------------------------------------------------------


class Hold:
    """Holds whoever comes, until it is let go."""

    def __init__(self) -> None:
        self.came, self.let_go = threading.Event(), threading.Event()

    def __call__(self, *_: Any, **__: Any) -> None:
        self.came.set()
        self.let_go.wait(PATIENCE)

    def body(self, handler: Handler) -> None:
        """Send the head and the first byte of an answer."""
        handler.close_connection = True
        handler.answer(200, PNG[:1], Content_Length=str(len(PNG)))
        self()


@pytest.fixture
def hold() -> Iterator[Hold]:
    one = Hold()
    yield one
    one.let_go.set()


@pytest.mark.parametrize("where", ["body", "head", "wait", "name", "turn"])
def test_cancelling_waits_for_nothing(
    server: Server, hold: Hold, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def sleep(seconds: float) -> None:
        hold.came.set()
        time.sleep(seconds)

    server.answers["/body"] = hold.body
    server.answers["/head"] = hold
    server.says("/wait", 429, Retry_After="60")
    server.says("/turn", 200, PNG)
    address = server(f"/{where}")
    client = Client(allow_private=True, rate=0.01 if where == "turn" else 20, sleep=sleep)
    if where == "turn":
        client.picture(address)
    if where == "name":
        monkeypatch.setattr(socket, "getaddrinfo", hold)
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(client.picture, address)
        assert hold.came.wait(PATIENCE)
        assert not fetching.done()
        client.stop()
        with pytest.raises(Cancelled):
            fetching.result(PATIENCE / 2)


def test_whoever_waits_looks_whether_to_stop(server: Server, hold: Hold) -> None:
    server.answers["/a"] = hold.body

    def check() -> None:
        if hold.came.is_set():
            raise Cancelled("Stop.")

    with Client(allow_private=True, check=check) as client, pytest.raises(Cancelled, match="Stop"):
        client.picture(server("/a"))


# -- encryption ---------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for good.test that signs itself, with its key in one file."""
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
    """Put the server behind TLS, by the names good.test and bad.test."""
    names(monkeypatch, good_test="127.0.0.1", bad_test="127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.says("/a", 200, PNG)
    return server


def test_a_certificate_that_nobody_signed_is_refused(secure: Server, client: Client) -> None:
    with pytest.raises(WebError, match=r"good\.test cannot prove .*self-signed certificate"):
        client.picture(f"https://good.test:{secure.server_port}/a")
    assert not secure.seen


def test_a_certificate_counts_for_its_own_name_only(
    secure: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Client(allow_private=True) as client:
        assert client.picture(f"https://good.test:{secure.server_port}/a") is not None
        # The connection that is kept leads to the same address, and is not this host's.
        with pytest.raises(WebError, match=r"bad\.test cannot prove .*not valid for 'bad\.test'"):
            client.picture(f"https://bad.test:{secure.server_port}/a")
    assert len(secure.seen) == 1


def test_a_server_that_speaks_no_tls(server: Server, client: Client) -> None:
    with pytest.raises(WebError, match="no encryption that is safe"):
        client.picture(f"https://127.0.0.1:{server.server_port}/a")
