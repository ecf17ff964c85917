"""Paper to draw on, whose drawing Python gets at each pause."""

import base64
from collections.abc import Callable

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)

_PREFIX = "data:image/png;base64,"


def sketch_pad(
    *,
    key: str,
    drawing: bytes | None,
    on_draw: Callable[[bytes | None], None],
    traced: str = "",
) -> None:
    """Show the paper and its tools: pen, eraser, width, undo, redo, clear.

    `drawing` is what is on the paper when it is first shown: a PNG, such as was
    drawn before the page was left. `on_draw` gets the drawing as a PNG of black
    on white, 448 pixels a side, before the script runs again, 0.2 s after each
    stroke or change; None where the paper is blank. It comes from the browser,
    and nothing has been checked. `traced` is the address of a picture that
    shines through, to draw over; it is no part of the drawing.
    """

    def drawn() -> None:
        text = st.session_state[key]["drawn"]["drawing"]
        if not text:
            on_draw(None)
            return
        try:
            on_draw(base64.b64decode(text.removeprefix(_PREFIX), validate=True))
        except ValueError:
            on_draw(b"")

    restored = _PREFIX + base64.b64encode(drawing).decode() if drawing else ""
    _mount(
        key=key,
        data={"drawing": restored, "traced": traced},
        on_drawn_change=drawn,
    )
