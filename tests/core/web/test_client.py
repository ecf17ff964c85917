"""The HTTP client against real, hostile servers on this machine."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from core import web
from core.web import Client, WebError
from core.web.client import MAX_FAILURES, MAX_TIMEOUTS, PAUSE_AFTER_FAILURES
from tests.core.web.support import (
    DEAD,
    PATIENCE,
    PNG,
    FakeTime,
    Handler,
    Hold,
    Server,
    endless,
    names,
    running,
)

# -- redirects, cookies and tokens ---------------------------------------------


def test_five_redirects_are_followed(server: Server, client: Client) -> None:
    for number in range(5):
        server.serve(f"/{number}", (301, 302, 303, 307, 308)[number], Location=f"{number + 1}")
    server.serve("/5", 200, PNG)
    fetched = client.picture(server("/0"))
    assert fetched is not None and fetched.data == PNG
    assert web.final_url(fetched.version) == server("/0")


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


def test_a_server_that_stops_responding_is_tried_again(server: Server, hold: Hold) -> None:
    url = server.serve_in_turn("/a", hold, lambda handler: handler.respond(200, PNG))
    # So long that a busy machine responds in time.
    with Client(allow_private=True, read=3, jitter=lambda least, most: 0) as client:
        assert client.picture(url) is not None


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


@pytest.mark.parametrize(
    "form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"]
)
def test_dates_that_a_server_asks_for_are_in_gmt(
    server: Server, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        asked = (datetime.now(UTC) + timedelta(seconds=60)).strftime(form)
        url = server.serve_in_turn(
            "/a",
            lambda handler: handler.respond(429, Retry_After=asked),
            lambda handler: handler.respond(200, PNG),
        )
        fake_time = FakeTime()
        assert fake_time.client().picture(url) is not None
    finally:
        monkeypatch.undo()
        time.tzset()
    assert 30 <= fake_time.now - 100 <= 61


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


# -- JSON ---------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"<html>", b"\xff", b'{"a":', b"[" * 100_000])
def test_data_that_is_not_json(server: Server, client: Client, data: bytes) -> None:
    with pytest.raises(WebError, match="not JSON"):
        client.json(server.serve("/a", 200, data))
