"""The catalogue's map as the page uses it: its models in one order, and what the browser loads."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from components.shared import asset_urls
from core.catalogue import Catalogue, Cluster, Item, MapQuality

# What the page calls the layouts.
LAYOUTS = {"map": "Map", "grid": "Grid"}


@dataclass(frozen=True, slots=True)
class MapData:
    """The map of a catalogue; row i of each array belongs to `items[i]`.

    Attributes:
        items: the models on it.
        row_of: the row of each, by id.
        layouts: places of each layout, float32 (n, 2).
        cell: how far apart models are on the grid.
        labels: int32 (n,): the number of each model's cluster, -1 for none.
        clusters: by number.
        later: how many models were placed after the others were laid out.
        identity: of the vectors that it was laid out by.
        quality: how far it can be trusted, where that can be told.
        address: where the browser loads names and places from.
        atlas: where it loads all pictures from, small; empty where there is no atlas.
    """

    items: tuple[Item, ...]
    row_of: dict[str, int]
    layouts: dict[str, np.ndarray]
    cell: float
    labels: np.ndarray
    clusters: tuple[Cluster, ...]
    later: int
    fingerprint: str
    quality: MapQuality | None
    address: str
    atlas: str

    def rows(self, ids: list[str]) -> list[int]:
        """Return the rows of those of `ids` that are on the map."""
        return [self.row_of[one] for one in ids if one in self.row_of]

    def name_of(self, cluster: int) -> str:
        """Return what a cluster is called; one without words has a number."""
        return self.clusters[cluster].name or f"Cluster {cluster + 1}"


def read(catalogue: Catalogue) -> MapData | None:
    """Return the catalogue's map, and have it served; None before there is one."""
    found = catalogue.map.load()
    if found is None or not found.ids:
        return None
    row_of = {item_id: row for row, item_id in enumerate(found.ids)}
    items = tuple(sorted(catalogue.items.get_many(found.ids), key=lambda item: row_of[item.id]))
    layouts = {"map": found.coordinates, "grid": found.grid}
    data = json.dumps(points_as_dict(items, layouts), ensure_ascii=False, separators=(",", ":"))
    path = catalogue.pictures.publish("map", data.encode())
    return MapData(
        items=items,
        row_of=row_of,
        layouts=layouts,
        cell=_cell(found.grid),
        labels=found.labels,
        clusters=found.clusters,
        later=int(found.added_later.sum()),
        fingerprint=found.fingerprint,
        quality=found.quality,
        address=asset_urls.file(path),
        atlas=""
        if (atlas := catalogue.pictures.published("atlas")) is None
        else asset_urls.file(atlas),
    )


def points_as_dict(items: Sequence[Item], layouts: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return what the browser is told of the points, as `map_view.js` reads it.

    Row i of each layout, float (n, 2), is the place of `items[i]`.
    """
    kinds = sorted({item.category for item in items})
    number = {kind: place for place, kind in enumerate(kinds)}
    return {
        "ids": [item.id for item in items],
        "names": [item.name for item in items],
        "versions": [item.digest[:8] for item in items],
        "kinds": kinds,
        "kind": pack(np.array([number[item.category] for item in items], "<u2")),
        "layouts": {name: pack(places.astype("<f4")) for name, places in layouts.items()},
    }


def pack(numbers: np.ndarray) -> str:
    """Return the bytes of an array in base64, as the browser unpacks them."""
    return base64.b64encode(np.ascontiguousarray(numbers).tobytes()).decode()


def _cell(grid: np.ndarray) -> float:
    """Return the side of a cell of the grid."""
    steps = [np.diff(np.unique(np.round(axis, 5))) for axis in grid.T]
    return float(min((step.min() for step in steps if len(step)), default=1.0))
