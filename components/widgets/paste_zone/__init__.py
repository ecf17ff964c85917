"""A drop zone for a picture: pasted or dropped anywhere on the page, or chosen as a file."""

import base64
from collections.abc import Callable

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)

# What is said of a picture that `decoded` refuses.
INCOMPLETE = "The picture was not transferred completely. Try again."
_MAX_BYTES = 20_000_000
_ENVELOPE = 500_000  # bytes reserved for the rest of a message


def paste_zone(*, key: str, on_picture: Callable[[bytes], None], large: bool = False) -> None:
    """Show the zone.

    A `large` one is what the page is about, and takes the focus when it comes.

    `on_picture` gets the bytes of each picture before the script runs again: those of the file,
    or a JPEG or PNG of at most 1,600 pixels a side if the picture was larger. They come from the
    browser and have not been checked: they may be of any format, or no picture at all. Giving the
    same picture twice calls it twice. The browser rejects files of more than 20 MB, and those
    that are too large for `server.maxWidgetStateSize` (30 allows 20 MB; Streamlit's default of 25
    allows 18).
    """
    answered, problem = f"{key}.answered", f"{key}.problem"

    def given() -> None:
        match st.session_state[key]["given"]:
            case {"number": int(number), "base64": str(encoded)}:
                picture = decoded(encoded)
                st.session_state[answered] = number
                st.session_state[problem] = INCOMPLETE if picture is None else ""
                if picture is not None:
                    on_picture(picture)

    _mount(
        key=key,
        data={
            "answered": st.session_state.get(answered),
            "problem": st.session_state.get(problem, ""),
            "max_bytes": max_bytes(),
            "large": large,
        },
        on_given_change=given,
    )


def decoded(encoded: str) -> bytes | None:
    """Return a picture that `picture_intake.js` has sent; None if it is incomplete."""
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return None


def max_bytes() -> int:
    """Return the size of the largest file that can be sent.

    Streamlit closes the connection on a message over its limit, and base64 turns three bytes into
    four.
    """
    message = int(st.get_option("server.maxWidgetStateSize")) * 1_000_000
    return min(_MAX_BYTES, (message - _ENVELOPE) * 3 // 4)
