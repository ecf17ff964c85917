"""Careful downloads: URLs come from anywhere, and no response is trusted.

No host inside the machine's own network is reached, whatever name or redirect leads to it. Every
response is limited in size and time. Temporary errors are retried after growing pauses, never
sooner than the server asks for, and a host that does not respond is left alone for a while.
"""

from core.web.client import Client, Fetched
from core.web.connections import ALLOW_PRIVATE
from core.web.errors import WebError
from core.web.responses import final_url
from core.web.urls import is_public, parse

__all__ = [
    "ALLOW_PRIVATE",
    "Client",
    "Fetched",
    "WebError",
    "final_url",
    "is_public",
    "parse",
]
