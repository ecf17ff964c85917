"""Addresses, before anybody is asked: which may be fetched, and which of the internet they are."""

import ipaddress

import httpx

from core.web.errors import WebError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def parse(address: str) -> httpx.URL:
    """Return an address that may be fetched; raises `WebError`, and asks nobody."""
    shown = address if len(address) <= 80 else f"{address[:77]}..."
    try:
        url = httpx.URL(address.strip())
        if "%" in url.host or url.port == 0 or (url.port or 1) > 65_535:
            raise ValueError("no such host or port")
    except (httpx.InvalidURL, ValueError) as error:
        raise WebError(f'"{shown}" is no address: check that it is whole.') from error
    if url.scheme not in ("http", "https"):
        what = f'begins with "{url.scheme}:"' if url.scheme else "has no http:// or https://"
        raise WebError(
            f'The address "{shown}" {what}; only those that begin with http:// or https:// can be '
            "fetched."
        )
    if not url.host:
        raise WebError(f'The address "{shown}" names no host: check that it is whole.')
    if url.userinfo:
        raise WebError(
            f"The address at {url.host} holds a name or a password, which would be stored and "
            "shown. Give one without."
        )
    return url


def is_public(address: str) -> bool:
    """Say whether an IP address, as text, is one of the internet at large."""
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
    """Return what two addresses share that are of one server."""
    return url.scheme, url.host, url.port


def target_of(response: httpx.Response) -> httpx.URL:
    """Return where an answer leads; raises `WebError` where that may not be fetched."""
    host = response.url.host
    try:
        target = response.url.join(response.headers["location"])
        return parse(str(target))
    except WebError as error:
        raise WebError(f"{host} leads somewhere else. {error}") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise WebError(f"{host} leads to something that is no address.") from error
