"""A sketch pad that sends its drawing to Python at each pause."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from components.widgets.assets import register

_mount = register(__file__)

_PREFIX = "data:image/png;base64,"


@dataclass(frozen=True, slots=True)
class Ghost:
    """A drawing that one click puts on the pad.

    Attributes:
        name: what it shows, with its article: "a house".
        strokes: the points of each, as in an SVG polyline, "20,46 20,86", in hundredths of the
            side. A corner that is given twice stays sharp.
    """

    name: str
    strokes: Sequence[str]


def sketch_pad(
    *,
    key: str,
    drawing: bytes | None,
    on_draw: Callable[[bytes | None], None],
    traced: str = "",
    large: bool = False,
    ghosts: Sequence[Ghost] = (),
) -> None:
    """Show the sketch pad and its tools: pen, eraser, width, undo, redo, clear, and colours.

    `drawing` is the PNG that is on the pad when it is first shown, such as the one drawn before
    the page was left. `on_draw` gets the drawing as a PNG, in ink on white and 448 pixels a side,
    before the script runs again, 0.2 s after each stroke or change; None if the pad is empty. It
    comes from the browser and has not been checked. `traced` is the URL of a faded picture under
    the pad, to be traced; it is not part of the drawing.

    A `large` pad offers the `ghosts`. Its element has the attribute `data-large`, "true" or
    "false", by which the page's style sheet gives it its place; it never changes while a stroke is
    drawn.
    """

    def drawn() -> None:
        match st.session_state[key]["drawn"]:
            case {"drawing": ""}:
                on_draw(None)
            case {"drawing": str(url)}:
                try:
                    on_draw(base64.b64decode(url.removeprefix(_PREFIX), validate=True))
                except ValueError:
                    on_draw(b"")

    restored = _PREFIX + base64.b64encode(drawing).decode() if drawing else ""
    _mount(
        key=key,
        data={
            "drawing": restored,
            "traced": traced,
            "large": large,
            "ghosts": [asdict(ghost) for ghost in ghosts],
        },
        on_drawn_change=drawn,
    )
