"""The facts about a model, and the URL of its 3D viewer."""

from html import escape
from urllib.parse import SplitResult, urlsplit

import streamlit as st

from components.shared import titles
from core.catalogue import Item

NOTHING_TO_SEE = (
    "Its picture is blank, nearly black or of one colour, so it is not compared with others."
)


def facts(item: Item) -> None:
    """Show those of category, tags, creator, licence, link and what is missing that it has."""
    tags = "".join(f"<li>{escape(tag)}</li>" for tag in item.tags)
    rows = [
        # The heading may cut it.
        ("Name", escape(item.name) if len(item.name) > titles.LONG else ""),
        ("Category", escape(item.category)),
        ("Tags", f"<ul>{tags}</ul>" if tags else ""),
        ("Creator", escape(item.creator)),
        ("Licence", escape(item.licence)),
        ("Page", _link(item.page_url)),
        ("Missing textures", ", ".join(map(escape, item.missing_textures))),
        ("Note", escape(item.remark)),
        ("Nothing to see", NOTHING_TO_SEE if item.is_blank else ""),
    ]
    if not any(value for _, value in rows):
        st.caption("There are no further details.")
        return
    listed = "".join(f'<dt>{name}</dt><dd dir="auto">{value}</dd>' for name, value in rows if value)
    st.html(f'<dl class="facts">{listed}</dl>')


def viewer_url(item: Item) -> str | None:
    """Return the URL of the model's 3D viewer, or None if it has none that is safe to show."""
    parts = _parts(item.embed_url)
    return item.embed_url if parts and parts.scheme == "https" else None


def _link(url: str) -> str:
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    shown = escape(parts.hostname.removeprefix("www."))
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL, which comes from a table of anybody's, or None if it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return None
