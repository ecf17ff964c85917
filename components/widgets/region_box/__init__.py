"""A picture with a box that a person draws on it to select a region."""

import math
from collections.abc import Callable
from dataclasses import astuple

import streamlit as st

from components.widgets.assets import register
from core.pictures import Box

_mount = register(__file__)


def region_box(
    *,
    key: str,
    src: str,
    alt: str,
    region: Box | None,
    on_change: Callable[[Box | None], None],
) -> None:
    """Show a picture, at most 448 pixels high, and the box on it.

    `src` is the picture's URL (`app/static/...` or a data URL) and `alt` says what it shows.
    `region` is the selected region, None for the whole picture.

    `on_change` gets the new region, or None for the whole picture, before the script runs again:
    once after a drag, and 0.25 s after the last key. It must store the region where the next
    `region` comes from: the box follows `region`, but never while the person is ahead of it.
    Anything from the browser that is not a region is ignored.
    """
    answered = f"{key}.answered"

    def changed() -> None:
        match st.session_state[key]["changed"]:
            case {"number": int(number), "box": edges}:
                st.session_state[answered] = number
                box = checked(edges)
                if box is not None or edges is None:
                    on_change(box)

    _mount(
        key=key,
        data={
            "src": src,
            "alt": alt,
            "region": region and astuple(region),
            "answered": st.session_state.get(answered),
        },
        on_changed_change=changed,
    )


def checked(edges: object) -> Box | None:
    """Return the region that `edges`, meant as left, top, right and bottom, enclose.

    `edges` may be anything. Numbers outside the picture are clipped to its edges, and edges in the
    wrong order are swapped. None unless these are four finite numbers that enclose something.
    """
    if not isinstance(edges, list) or len(edges) != 4 or not all(map(_is_finite, edges)):
        return None
    x0, y0, x1, y1 = (float(min(max(edge, 0), 1)) for edge in edges)
    box = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return box if box.left < box.right and box.top < box.bottom else None


def _is_finite(value: object) -> bool:
    # Not math.isfinite, which raises for integers that are too large for a float.
    return type(value) in (int, float) and -math.inf < value < math.inf  # type: ignore[operator]
