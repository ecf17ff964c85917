"""Links that look like buttons: what leads elsewhere opens in a new tab and can be copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from components.widgets.page_history import IN_APP


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page or state of the app.

    Attributes:
        label: what people read.
        url: relative to the page.
        symbol: the name of its icon in Streamlit's font of symbols; empty for none.
        is_primary: whether it is the one that most people are looking for.
        aloud: the label as screen readers say it and as the tooltip has it, where it is short.
    """

    label: str
    url: str
    symbol: str = ""
    is_primary: bool = False
    aloud: str = ""


def row(links: Sequence[Link]) -> None:
    """Show links beside each other; a plain click on one stays within the app."""
    st.html(html(links), width="content")


def html(links: Sequence[Link]) -> str:
    """Return links beside each other as HTML, for a part of the page that is HTML itself."""
    return f'<div class="links">{"".join(map(_html, links))}</div>'


def icon(symbol: str) -> str:
    """Return an icon of Streamlit's font of symbols as HTML, which screen readers leave out."""
    return f'<span class="icon" aria-hidden="true">{escape(symbol)}</span>' if symbol else ""


def _html(link: Link) -> str:
    label = f'<span dir="auto">{escape(link.label)}</span>'
    href = escape(link.url)
    kind = "primary button" if link.is_primary else "button"
    aloud = escape(link.aloud)
    named = f' aria-label="{aloud}" title="{aloud}"' if aloud else ""
    return f'<a class="{IN_APP} {kind}" href="{href}"{named}>{icon(link.symbol)}{label}</a>'
