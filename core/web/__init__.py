"""What is on the web, fetched with care: addresses come from anywhere, and so do answers.

Nothing inside the machine's own network is reached, whatever name or redirect leads there. An
answer has a size and a time that it cannot exceed. What may pass is tried again, ever more slowly
and never sooner than a server asks for; a server that does not answer is soon left alone.
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
