"""The map as a picture to move about in: points that turn into pictures, a lasso, a card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st

from components.map.colouring import Colouring
from components.map.map_data import MapData, pack
from components.map.palette import OTHER
from components.widgets.assets import register

_mount = register(__file__)

# Of a hundred places, so many on each side may lie outside their frame.
_FAR_OFF = 2


@dataclass(frozen=True, slots=True)
class Landmark:
    """A point whose picture stands for what lies around it, and what that is called."""

    point: int
    name: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """A picture that is no model of the catalogue, at its place in each layout."""

    src: str
    places: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the map to be seen: left, bottom, right, top.

    Where one is already, the map goes there only if `tag` is new and it is to be followed.
    """

    tag: str
    box: tuple[float, float, float, float]
    follow: bool = True

    @classmethod
    def around(cls, places: np.ndarray, *, tag: str, follow: bool = True) -> "Frame":
        """Return a frame around places, float (n, 2), at least one; a few far off are left out."""
        (left, bottom), (right, top) = np.percentile(places, [_FAR_OFF, 100 - _FAR_OFF], axis=0)
        return cls(tag, (float(left), float(bottom), float(right), float(top)), follow)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown beside the points: each can be switched off."""

    landmarks: bool = True
    pictures: bool = True
    cards: bool = True


def map_view(
    chart: MapData,
    *,
    key: str,
    label: str,
    pictures: str,
    layout: str,
    colouring: Colouring,
    matches: np.ndarray | None = None,
    selected: np.ndarray | None = None,
    marked: int | None = None,
    linked: Sequence[int] = (),
    visitor: Visitor | None = None,
    landmarks: Sequence[Landmark] = (),
    shown: Shown | None = None,
    frame: Frame | None = None,
    view: str = "",
    on_open: Callable[[str, str], None],
    on_select: Callable[[str, str], None],
    on_clear: Callable[[str], None],
) -> None:
    """Show the map.

    Points are numbered as `chart.items`. `pictures` is the address of a thumbnail with `{id}`
    and `{version}` to fill. Points that do not match, bool (n,), are grey; those that are not
    selected, bool (n,), are faint. `marked` is the point that is looked at, or `visitor` a
    picture that is; lines lead from it to those that are `linked`. Of two landmarks that would
    hide each other the first is shown. `view` is what the address says of the view.

    `on_open` gets the id of a point that is clicked, `on_select` a lasso as text (as
    `selection.read` takes it), and `on_clear` nothing; each gets the view, before the script
    runs again. Moving about and resting on points runs nothing.
    """

    def pressed() -> None:
        event = st.session_state[key]["pressed"]
        if event["kind"] == "open":
            on_open(str(event["id"]), str(event["view"]))
        elif event["kind"] == "select":
            on_select(str(event["selection"]), str(event["view"]))
        else:
            on_clear(str(event["view"]))

    _mount(
        key=key,
        data={
            "points": chart.address,
            "atlas": chart.atlas,
            "pictures": pictures,
            "label": label,
            "layout": layout,
            "cell": chart.cell,
            "groups": pack(colouring.groups),
            "colours": colouring.colours,
            "other": OTHER,
            "faded": pack(np.zeros(len(chart.items), np.uint8) if matches is None else ~matches),
            "selected": "" if selected is None else pack(selected),
            "marked": -1 if marked is None else marked,
            "linked": list(linked),
            "visitor": None if visitor is None else asdict(visitor),
            "landmarks": [asdict(landmark) for landmark in landmarks],
            "shown": asdict(shown or Shown()),
            "frame": None if frame is None else asdict(frame),
            "view": view,
            "keeps_view": True,
        },
        on_pressed_change=pressed,
    )
