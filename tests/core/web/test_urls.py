"""Which URLs and addresses are accepted, and the sentences of the others."""

import pytest

from core import web
from core.web import Client, WebError
from core.web.client import MAX_REDIRECTS
from tests.core.web.support import Server


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
