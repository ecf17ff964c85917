"""The map as a zoomable canvas: points that turn into thumbnails, a lasso, a hover card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.map.colouring import Colouring
from components.map.map_data import pack
from components.map.palette import OTHER
from components.widgets.assets import register

_mount = register(__file__)

# The percentage of points on each side that a frame of the map may leave out as outliers.
_OUTLIERS = 2


@dataclass(frozen=True, slots=True)
class Landmark:
    """A point whose thumbnail represents its cluster, and the name of the cluster."""

    point: int
    name: str


@dataclass(frozen=True, slots=True)
class PlacedQuery:
    """The picture of a query, which is no model of the catalogue.

    `places` are where it is, by arrangement.
    """

    src: str
    places: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the view should show: a box for each arrangement, as left, bottom, right, top.

    A map that is already on the screen moves there only if `tag` is new and `follow` is set.
    """

    tag: str
    boxes: Mapping[str, tuple[float, float, float, float]]
    follow: bool = True

    @classmethod
    def around(
        cls,
        coordinates: Mapping[str, NDArray[np.float32]],
        rows: Sequence[int] | NDArray[np.bool_],
        *,
        tag: str,
        follow: bool = True,
    ) -> "Frame":
        """Return a frame around at least one point; on the map a few outliers are left out.

        Args:
            coordinates: float32 (n, 2), by arrangement.
            rows: which points.
            tag: see above.
            follow: see above.
        """
        boxes = {
            name: _box_around(points[rows], outliers=_OUTLIERS if name == "map" else 0)
            for name, points in coordinates.items()
        }
        return cls(tag, boxes, follow)


@dataclass(frozen=True, slots=True)
class DisplayOptions:
    """Which layers are shown besides the points."""

    landmarks: bool = True
    pictures: bool = True
    cards: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnails:
    """From where the browser loads the pictures of points.

    Attributes:
        template: the URL of a thumbnail, with `{id}` and `{version}` to fill in.
        atlas: the URL of the thumbnail atlas; empty if there is none.
        cut_out_template: the URL of a cut-out thumbnail, with `{mask}` to fill in as well.
        masks: uint32 (n,): the mask of each point's cut-out thumbnail; 0 for a point whose
            thumbnail is shown instead. None if all are.
    """

    template: str
    atlas: str
    cut_out_template: str = ""
    masks: NDArray[np.uint32] | None = None

    def cut_outs_as_dict(self) -> dict[str, str] | None:
        """Return what `scene.js` reads of the cut-outs; None if there are none."""
        if self.masks is None:
            return None
        return {"template": self.cut_out_template, "masks": pack(self.masks.astype("<u4"))}


@dataclass(frozen=True, slots=True)
class Stop:
    """A cluster that the tour shows.

    Attributes:
        cluster: its number.
        name: its name.
        count: how many models it has.
        box: that holds them, but for a few outliers: left, bottom, right, top.
    """

    cluster: int
    name: str
    count: int
    box: tuple[float, float, float, float]

    @classmethod
    def at(cls, cluster: int, points: NDArray[np.float32], *, name: str) -> "Stop":
        """Return a stop at a cluster with at least one point, float32 (n, 2)."""
        return cls(cluster, name, len(points), _box_around(points, outliers=_OUTLIERS))


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the map looks.

    Attributes:
        layout: "map", "grid" or "category".
        arrangements: the URL of the layout's arrangements; empty for the map.
        colouring: the colours of the points.
        landmarks: where two would overlap, the first is shown.
        stops: of the tour, in turn.
        options: which layers are shown.
        thumbnails: the pictures of the points.
    """

    layout: str
    arrangements: str
    colouring: Colouring
    thumbnails: Thumbnails
    landmarks: Sequence[Landmark] = ()
    stops: Sequence[Stop] = ()
    options: DisplayOptions = field(default_factory=DisplayOptions)


@dataclass(frozen=True, slots=True)
class Highlights:
    """Which points are highlighted. Points are numbered as the models of the map.

    Attributes:
        matches: bool (n,): points that do not match the filters are grey; None if all match.
        selected: bool (n,): points that are not selected are faint; None if nothing is.
        marked: the point of the model that the URL names.
        query: a query from Search that is shown instead of a marked model.
        linked: the points that lines lead to, from the marked point or the query.
        linked_pictures: the thumbnails of the first of these, for the card, as data URLs: to ask
            for each would double the time until they are seen. An empty one is asked for.
        ahead: the points whose thumbnails the page of the marked model shows, and which load ahead.
    """

    matches: NDArray[np.bool_] | None = None
    selected: NDArray[np.bool_] | None = None
    marked: int | None = None
    query: PlacedQuery | None = None
    linked: Sequence[int] = ()
    linked_pictures: Sequence[str] = ()
    ahead: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class FinderResults:
    """What a person has searched for on the map, and what was found.

    Attributes:
        text: by which models are searched for.
        points: those whose models match it, the best match first.
        words: to search for instead where no model matches, the nearest first.
    """

    text: str
    points: Sequence[int]
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """What part of the map is shown: `view` as it is in the URL, or else `frame`, or else all."""

    frame: Frame | None = None
    view: str = ""


@dataclass(frozen=True, slots=True)
class Handlers:
    """What to do when a person acts on the map. Each gets the view as its last argument.

    Attributes:
        on_select: gets a lasso as `url_selection.read` reads it.
        on_clear: is called when the selection was cleared.
        on_mark: gets the id of a model to mark; empty if none is to be.
        on_find: gets a text to find models by.
    """

    on_select: Callable[[str, str], None]
    on_clear: Callable[[str], None]
    on_mark: Callable[[str, str], None]
    on_find: Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a map shows.

    Attributes:
        points: the URL of its points.
        label: what screen readers are told that it is.
        appearance: how it looks.
        highlights: which points are highlighted.
        position: what part of it is shown.
        found: what a person has searched for on it.
        model_url: where the card of a point leads, followed by the id of its model; empty in a map
            of one file, which shows models beside it.
        drawing_url: where to draw what is searched for in vain.
    """

    points: str
    label: str
    appearance: Appearance
    highlights: Highlights = field(default_factory=Highlights)
    position: Position = field(default_factory=Position)
    found: FinderResults | None = None
    model_url: str = ""
    drawing_url: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what `scene.js` reads."""
        appearance, highlights = self.appearance, self.highlights
        matches, selected = highlights.matches, highlights.selected
        return {
            "points": self.points,
            "atlas": appearance.thumbnails.atlas,
            "pictures": appearance.thumbnails.template,
            "cut_outs": appearance.thumbnails.cut_outs_as_dict(),
            "label": self.label,
            "layout": appearance.layout,
            "arrangements": appearance.arrangements,
            "groups": pack(appearance.colouring.groups),
            "colours": appearance.colouring.colours,
            "other": OTHER,
            "faded": "" if matches is None else pack(~matches),
            "selected": "" if selected is None else pack(selected),
            "marked": -1 if highlights.marked is None else highlights.marked,
            "linked": list(highlights.linked),
            "linked_pictures": list(highlights.linked_pictures),
            "ahead": list(highlights.ahead),
            "query": None if highlights.query is None else asdict(highlights.query),
            "found": None if self.found is None else asdict(self.found),
            "landmarks": [asdict(landmark) for landmark in appearance.landmarks],
            "stops": [asdict(stop) for stop in appearance.stops],
            "shown": asdict(appearance.options),
            "frame": None if self.position.frame is None else asdict(self.position.frame),
            "view": self.position.view,
            "model_url": self.model_url,
            "drawing_url": self.drawing_url,
        }


def map_view(contents: Contents, *, key: str, handlers: Handlers) -> None:
    """Show a map.

    A click on a point shows its card, which gets its neighbours when the point is the marked one.
    The handlers are called before the script runs again. Moving, zooming and hovering run nothing
    on the server.
    """

    def pressed() -> None:
        event = st.session_state[key]["pressed"]
        view = str(event["view"])
        if event["kind"] == "select":
            handlers.on_select(str(event["selection"]), view)
        elif event["kind"] == "mark":
            handlers.on_mark(str(event["id"]), view)
        elif event["kind"] == "find":
            handlers.on_find(str(event["text"]), view)
        else:
            handlers.on_clear(view)

    _mount(key=key, data=contents.as_dict(), on_pressed_change=pressed)


def _box_around(
    points: NDArray[np.float32], *, outliers: float
) -> tuple[float, float, float, float]:
    """Return the box around points, float32 (n, 2), without outliers: left, bottom, right, top.

    `outliers` is the percentage of points that it may leave out on each side.
    """
    (left, bottom), (right, top) = np.percentile(points, [outliers, 100 - outliers], axis=0)
    return float(left), float(bottom), float(right), float(top)
