"""The map as the page needs it: models in order, and the data that the browser loads."""

import base64
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Cluster, CutOutThumbnail, Item, MapQuality
from core.files import AnyArray
from core.maps import thumbnail_atlas
from core.maps.grid import Arrangement

# What models can be grouped and coloured by: facets of `Filters` of which each has one value.
FACETS = ("category", "creator", "licence")
# The name of the data that the browser loads.
_SERVED = "map"


@dataclass(frozen=True, slots=True)
class MapData:
    """The map of a catalogue. Row i of each array belongs to `items[i]`.

    Attributes:
        items: the models on the map.
        row_of: the row of each model, by id.
        layouts: the coordinates of each stored layout, float32 (n, 2): the map, and its grid as a
            square, which only links of earlier versions show.
        labels: int32 (n,): the number of each model's cluster, -1 for none.
        clusters: the clusters, by number.
        added_later: how many models were added to the map after its layout was computed.
        fingerprint: of the vectors that the layout was computed from.
        quality: None if there are too few models to measure it.
        url: from which the browser loads names and coordinates.
        atlas: the URL of the thumbnail atlas; empty if there is none.
        state: maps that are equal in it are equal: the state of the catalogue's map when it was
            read, and a hash of the models with their facts and of the atlas.
        arranged: the arrangements of layouts, as far as they were computed (`arrangements.py`).
        served: the URLs of those that are served, by layout.
        varied: the facets in which the models differ.
    """

    items: tuple[Item, ...]
    row_of: dict[str, int]
    layouts: dict[str, NDArray[np.float32]]
    labels: NDArray[np.int32]
    clusters: tuple[Cluster, ...]
    added_later: int
    fingerprint: str
    quality: MapQuality | None
    url: str
    atlas: str
    state: Hashable = None
    arranged: dict[str, dict[str, Arrangement]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    served: dict[str, str] = field(init=False, default_factory=dict, compare=False, repr=False)
    varied: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Look through the models once: a page asks at every click."""
        varied = {
            facet for facet in FACETS if len({getattr(item, facet) for item in self.items}) > 1
        }
        object.__setattr__(self, "varied", frozenset(varied))

    def rows(self, ids: Sequence[str]) -> list[int]:
        """Return the rows of those of `ids` that are on the map."""
        return [self.row_of[item_id] for item_id in ids if item_id in self.row_of]

    def mask(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Return which models of the map have one of `ids`, bool (n,)."""
        mask = np.zeros(len(self.items), bool)
        mask[self.rows(ids)] = True
        return mask

    def name_of(self, cluster: int) -> str:
        """Return the name of a cluster; a cluster without one is called by its number."""
        return self.clusters[cluster].label(cluster)


@dataclass(frozen=True, slots=True, eq=False)
class MapCutOuts:
    """The cut-out thumbnails of a map.

    Attributes:
        masks: uint32 (n,): the mask of each thumbnail, as in `CutOutThumbnail`; 0 for a model whose
            ordinary thumbnail is shown.
        atlas: the URL of the atlas with these thumbnails; empty if there is none.
    """

    masks: NDArray[np.uint32]
    atlas: str


def read(catalogue: Catalogue) -> MapData | None:
    """Return the catalogue's map and serve its data; None before there is a map."""
    # Read first: if the map changes meanwhile, the next run finds another state.
    state = catalogue.state("map")
    stored = catalogue.map.load()
    if stored is None or not stored.ids:
        return None
    row_of = {item_id: row for row, item_id in enumerate(stored.ids)}
    items = tuple(sorted(catalogue.items.get_many(stored.ids), key=lambda item: row_of[item.id]))
    layouts = {"map": stored.coordinates, "grid": stored.grid}
    points = points_as_dict(items, {"map": stored.coordinates})
    points["clusters"] = pack(stored.labels.astype("<i2"))
    data = json.dumps(points, ensure_ascii=False, separators=(",", ":"))
    url = catalogue.pictures.serve(_SERVED, data.encode())
    atlas = catalogue.pictures.served_url(thumbnail_atlas.ATLAS) or ""
    return MapData(
        items=items,
        row_of=row_of,
        layouts=layouts,
        labels=stored.labels,
        clusters=stored.clusters,
        added_later=int(stored.added_later.sum()),
        fingerprint=stored.fingerprint,
        quality=stored.quality,
        url=url,
        atlas=atlas,
        state=(state, hash((items, atlas))),
    )


def read_cut_outs(
    catalogue: Catalogue, map_: MapData, cut_outs: Mapping[str, CutOutThumbnail]
) -> MapCutOuts:
    """Return those of the catalogue's cut-out thumbnails, by item id, that are on the map."""
    atlas = catalogue.pictures.served_url(thumbnail_atlas.CUT_OUT_ATLAS) or ""
    masks = np.zeros(len(map_.items), np.uint32)
    for row, item in enumerate(map_.items):
        if (cut_out := cut_outs.get(item.id)) is not None and cut_out.is_of(item):
            masks[row] = int(cut_out.mask, 16)
    return MapCutOuts(masks, atlas)


def points_as_dict(
    items: Sequence[Item], layouts: Mapping[str, NDArray[np.float32]]
) -> dict[str, Any]:
    """Return the points of the map as `scene.js` reads them.

    Row i of each layout, float32 (n, 2), holds the coordinates of `items[i]`.
    """
    categories = sorted({item.category for item in items})
    number_of = {category: number for number, category in enumerate(categories)}
    return {
        "ids": [item.id for item in items],
        "names": [item.name for item in items],
        "versions": [item.short_digest for item in items],
        "categories": categories,
        "category": pack(np.array([number_of[item.category] for item in items], "<u2")),
        "layouts": {name: pack(points.astype("<f4")) for name, points in layouts.items()},
    }


def pack(array: AnyArray) -> str:
    """Return the bytes of an array in base64, as the browser unpacks them."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def data_url(webp: bytes) -> str:
    """Return a picture as a URL that holds it."""
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"
