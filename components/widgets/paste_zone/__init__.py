"""A zone that takes a picture: pasted or dropped anywhere on the page, or chosen as a file."""

import base64
from collections.abc import Callable

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)

_BROKEN = "That picture did not arrive whole. Please try again."
_MOST_BYTES = 20_000_000
_ENVELOPE = 500_000  # bytes left for the rest of a message


def paste_zone(*, key: str, on_picture: Callable[[bytes], None]) -> None:
    """Show the zone.

    `on_picture` gets the bytes of each picture before the script runs again:
    the file's own bytes, or a JPEG or PNG of at most 1,600 pixels a side where
    the picture was larger. They come from the browser, and nothing has been
    checked: they may be of any format, or no picture at all. The same picture
    given twice calls it twice. Files of more than 20 MB are refused in the
    browser, as are those too large for `server.maxWidgetStateSize` (30 lets
    20 MB through; Streamlit's default of 25 stops at 18).
    """
    heard, trouble = f"{key}.heard", f"{key}.trouble"

    def given() -> None:
        event = st.session_state[key]["given"]
        st.session_state[heard] = event["number"]
        try:
            picture = base64.b64decode(event["base64"], validate=True)
        except ValueError:
            st.session_state[trouble] = _BROKEN
            return
        st.session_state[trouble] = ""
        on_picture(picture)

    _mount(
        key=key,
        data={
            "heard": st.session_state.get(heard),
            "trouble": st.session_state.get(trouble, ""),
            "most_bytes": _most_bytes(),
        },
        on_given_change=given,
    )


def _most_bytes() -> int:
    """The largest file that can be sent: one more byte may cost the connection.

    Streamlit closes it on a message over its limit, and base64 makes four
    bytes of three.
    """
    message = int(st.get_option("server.maxWidgetStateSize")) * 1_000_000
    return min(_MOST_BYTES, (message - _ENVELOPE) * 3 // 4)
