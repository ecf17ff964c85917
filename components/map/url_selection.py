"""The selection on the map in its URL: a lasso, a cluster, or a value of a facet.

`sel=map:-1200.3400.…` is a lasso on the layout `map`: the x and y of its corners in
ten-thousandths. `sel=grid-145:…` is one on the grid in one of its shapes, by the name of the
arrangement. `sel=cluster:3` and `sel=category:Food` are groups of the legend.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.map import arrangements
from components.map.map_data import FACETS, MapData
from components.shared import url_state
from core.maps.lasso import Lasso

_PARAMETER = "sel"
# A lasso of 48 corners, each of two numbers of up to six characters and a full stop.
_MAX_LENGTH = 48 * 14 + 8
_PRECISION = 10_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Models that were selected on the map.

    Attributes:
        text: the selection as it is in the URL.
        rows: which rows of the map are selected, bool (n,).
        name: of the group; empty for a lasso.
        is_group: whether it is a group of the legend and not a lasso.
        cluster: the number of the cluster that it is, or None.
    """

    text: str
    rows: NDArray[np.bool_]
    name: str
    is_group: bool
    cluster: int | None = None


def from_url(map_: MapData) -> Selection | None:
    """Return the selection of the URL; warn if this map does not have it."""
    # One character more than allowed, so that a longer text is not cut into a valid one.
    text = url_state.text(_PARAMETER, max_length=_MAX_LENGTH + 1)
    if not text:
        return None
    selection = read(text, map_) if len(text) <= _MAX_LENGTH else None
    if selection is None:
        url_state.warn_invalid(_PARAMETER, text, "the map without it")
    return selection


def read(text: str, map_: MapData) -> Selection | None:
    """Return what `text` selects on a map, or None if that cannot be selected."""
    kind, _, value = text.partition(":")
    if kind == "cluster":
        if not (value.isascii() and value.isdecimal() and int(value) < len(map_.clusters)):
            return None
        number = int(value)
        rows = map_.labels == number
        return Selection(text, rows, map_.name_of(number), is_group=True, cluster=number)
    if kind in FACETS:
        rows = np.array([getattr(item, kind) == value for item in map_.items], bool)
        return Selection(text, rows, value, is_group=True) if value and rows.any() else None
    coordinates = arrangements.named(map_, kind)
    lasso = None if coordinates is None else _lasso(kind, value)
    if coordinates is None or lasso is None:
        return None
    return Selection(text, lasso.contains(coordinates), "", is_group=False)


def put(text: str, view: str) -> None:
    """Write a selection and the view to the URL; an empty text clears it. Only in callbacks."""
    url_state.change(**{_PARAMETER: text, "view": view})


def toggle(text: str) -> None:
    """Select a group, or clear the selection if it was selected. Only in callbacks.

    The view is left to the map, which shows the group.
    """
    url_state.change(**_toggled(text))


def toggle_link(text: str) -> str:
    """Return the URL that `toggle` would lead to."""
    return url_state.link(**_toggled(text))


def _toggled(text: str) -> dict[str, str | None]:
    was_selected = url_state.text(_PARAMETER, max_length=_MAX_LENGTH) == text
    return {_PARAMETER: "" if was_selected else text, "view": None}


def _lasso(layout: str, text: str) -> Lasso | None:
    try:
        numbers = [int(part) / _PRECISION for part in text.split(".")]
    except (ValueError, OverflowError):
        return None
    if len(numbers) < 6 or len(numbers) % 2:
        return None
    return Lasso(layout, tuple(zip(numbers[::2], numbers[1::2], strict=True)))
