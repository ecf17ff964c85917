"""A text that the browser keeps for its tab, and hands back after a reload."""

import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)

# The most characters that are taken back. Browsers keep about five million for each site.
MAX_LENGTH = 6_000_000


def tab_storage(name: str, text: str | None, *, key: str, on_found: Callable[[str], None]) -> None:
    """Keep `text` under `name` as long as the tab is open, in place of what was kept before.

    None asks for what was kept. If the page was reloaded, if the person came back to it, or if the
    server has forgotten the session, `on_found` gets the text before the script runs again; it
    comes from the browser and may be anything. A page that is opened by a link gets nothing: what
    was kept belongs to another one. The empty string keeps nothing any more. Texts that the browser
    has no room for are not kept: see `is_full`.

    Call it once on a page, with one `key`, and hide it by that: it shows nothing.
    """

    def found() -> None:
        event = st.session_state[key]["found"]
        given = event.get("text")
        st.session_state[_full(key)] = bool(event.get("full"))
        if isinstance(given, str) and 0 < len(given) <= MAX_LENGTH:
            on_found(given)

    session = st.session_state.setdefault(f"{key}.session", secrets.token_hex(4))
    data: dict[str, Any] = {"name": name, "text": text, "session": session}
    _mount(key=key, data=data, on_found_change=found)


def is_full(key: str) -> bool:
    """Return whether the browser had no room for the last text."""
    return bool(st.session_state.get(_full(key)))


def _full(key: str) -> str:
    return f"{key}.full"
