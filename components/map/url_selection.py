"""What is selected on the map, in its address: a lasso, a cluster, or a group of a facet.

`sel=map:-1200.3400.…` is a lasso on the layout `map`: x and y of its corners in
ten-thousandths. `sel=cluster:3` and `sel=category:Food` are groups of the legend.
"""

from dataclasses import dataclass

import numpy as np

from components.map.colouring import FACETS
from components.map.map_data import LAYOUTS, MapData
from components.shared import url_state
from core.maps.lasso import Lasso

_PARAMETER = "sel"
# A lasso of 48 corners, each of two numbers of up to six signs and a full stop.
_MAX_LENGTH = 48 * 14 + 8
_PRECISION = 10_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Models that were chosen on the map.

    Attributes:
        text: what the address says.
        rows: which rows of the chart: bool (n,).
        name: what they are called.
        is_group: whether it is a group of the legend, and no lasso.
    """

    text: str
    rows: np.ndarray
    name: str
    is_group: bool


def from_url(chart: MapData) -> Selection | None:
    """Return what the address selects; say so where it selects what this map does not have."""
    # One sign more, so that a longer one is not cut into another.
    text = url_state.text(_PARAMETER, longest=_MAX_LENGTH + 1)
    if not text:
        return None
    found = read(text, chart) if len(text) <= _MAX_LENGTH else None
    if found is None:
        url_state.warn_invalid(_PARAMETER, text, "the map without it")
    return found


def read(text: str, chart: MapData) -> Selection | None:
    """Return what `text` selects on a map, or None where it says nothing that can be selected."""
    kind, _, value = text.partition(":")
    if kind in LAYOUTS:
        lasso = _lasso(kind, value)
        if lasso is None:
            return None
        return Selection(text, lasso.holds(chart.layouts[kind]), "", is_group=False)
    if kind == "cluster":
        if not (value.isascii() and value.isdecimal() and int(value) < len(chart.clusters)):
            return None
        number = int(value)
        return Selection(text, chart.labels == number, chart.name_of(number), is_group=True)
    if kind in FACETS:
        rows = np.array([getattr(item, kind) == value for item in chart.items], bool)
        return Selection(text, rows, value, is_group=True) if value and rows.any() else None
    return None


def put(text: str, view: str) -> None:
    """Put a selection into the address, or take it out, with the view. Only in callbacks."""
    url_state.change(**{_PARAMETER: text, "view": view})


def choose(text: str) -> None:
    """Select a group, or no longer if it was selected. The view follows. Only in callbacks."""
    again = url_state.text(_PARAMETER, longest=_MAX_LENGTH) == text
    url_state.change(**{_PARAMETER: "" if again else text, "view": None})


def _lasso(layout: str, text: str) -> Lasso | None:
    try:
        numbers = [int(part) / _PRECISION for part in text.split(".")]
    except (ValueError, OverflowError):
        return None
    if len(numbers) < 6 or len(numbers) % 2:
        return None
    return Lasso(layout, tuple(zip(numbers[::2], numbers[1::2], strict=True)))
