"""Checks of URLs and IP addresses, before any request is sent."""

import ipaddress

import httpx

from core.web.errors import WebError

MAX_SHOWN = 80  # characters of a URL in an error message
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def parse(url: str) -> httpx.URL:
    """Return a URL that may be requested; raises `WebError` without asking any server."""
    shown = url if len(url) <= MAX_SHOWN else f"{url[: MAX_SHOWN - 3]}..."
    try:
        parsed = httpx.URL(url.strip())
        if "%" in parsed.host or parsed.port == 0 or (parsed.port or 1) > 65_535:
            raise ValueError("no such host or port")
    except (httpx.InvalidURL, ValueError) as error:
        raise WebError(f'"{shown}" is not a valid URL. Check that it is complete.') from error
    if parsed.scheme not in ("http", "https"):
        what = f'begins with "{parsed.scheme}:"' if parsed.scheme else "has no http:// or https://"
        raise WebError(
            f'The URL "{shown}" {what}. Only URLs that begin with http:// or https:// can be '
            "downloaded."
        )
    if not parsed.host:
        raise WebError(f'The URL "{shown}" has no host. Check that it is complete.')
    if parsed.userinfo:
        raise WebError(
            f"The URL at {parsed.host} contains a user name or a password, which would be stored "
            "and shown. Use one without."
        )
    return parsed


def is_public(address: str) -> bool:
    """Say whether an IP address, as text, belongs to the public internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip.is_site_local:
            return False
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local
    )


def origin_of(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return the scheme, host and port of a URL, which two URLs of one server share."""
    return url.scheme, url.host, url.port


def redirect_target(response: httpx.Response) -> httpx.URL:
    """Return the URL that a response redirects to; raises `WebError` if it may not be requested."""
    host = response.url.host
    try:
        target = response.url.join(response.headers["location"])
        return parse(str(target))
    except WebError as error:
        raise WebError(f"{host} redirects elsewhere. {error}") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise WebError(
            f"{host} redirects to something that is not a valid URL. Check the original URL."
        ) from error
