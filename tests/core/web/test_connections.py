"""No private address is reached, by any name, and every wait ends in time."""

import shutil
import socket
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancelled
from core.web import Client, WebError, connections
from tests.core.web.support import DEAD, PATIENCE, PNG, Handler, Hold, Server, names

# -- which hosts may be reached -----------------------------------------------


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


def test_proxies_of_the_environment_are_not_used(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{DEAD}")
    with Client(allow_private=True) as other:
        assert other.picture(server.serve("/a.png", 200, PNG)) is not None


# -- limits of size and time --------------------------------------------------


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


# -- cancelling ---------------------------------------------------------------


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
