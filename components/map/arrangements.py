"""The layouts of the map: as it is, as a grid, and by category, for canvases of several shapes."""

import json
import threading
from collections import Counter
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from components.map.map_data import MapData, pack
from core.catalogue import Catalogue
from core.maps import grid
from core.maps.grid import Arrangement

# What the page calls the layouts.
LAYOUTS = {"map": "Map", "grid": "Grid", "category": "By category"}
# The width of a canvas for each unit of its height: the browser takes the nearest. Cells then fill
# at least .93 of a canvas whose shape lies between these.
SHAPES = (0.45, 0.52, 0.6, 0.7, 0.81, 0.93, 1.08, 1.25, 1.45, 1.68, 1.94, 2.24)
# Up to this many categories have a block of their own. Of more, those have one that are among the
# largest and have at least this share of the models.
MAX_BLOCKS, MIN_SHARE = 40, 1 / 400
# What the blocks are called that are no category.
OTHER, NONE = "Other", "No category"
# Two visitors do not compute the same at once.
_ONE_AFTER_THE_OTHER = threading.Lock()
# Coordinates are sent in this many steps from -1 to 1.
_STEPS = 2**16 - 1


def offered(map_: MapData) -> dict[str, str]:
    """Return the layouts of a map: by category only if there is more than one block."""
    differ = len(groups(map_)) > 1
    return {layout: label for layout, label in LAYOUTS.items() if layout != "category" or differ}


def of(map_: MapData, layout: str) -> dict[str, Arrangement]:
    """Return the arrangements of a layout by name, one for each shape; none for the map itself.

    They are computed at the first call: 0.1 s for 1,600 models, 1.4 s for 25,000.
    """
    if layout not in ("grid", "category"):
        return {}
    with _ONE_AFTER_THE_OTHER:
        if layout not in map_.arranged:
            map_.arranged[layout] = {
                f"{layout}-{round(100 * shape)}": _snapped(_arranged(map_, layout, shape))
                for shape in SHAPES
            }
        return map_.arranged[layout]


def coordinates(map_: MapData, layout: str) -> dict[str, NDArray[np.float32]]:
    """Return the coordinates of a layout, float32 (n, 2): by the name of each grid."""
    if layout == "map":
        return {"map": map_.layouts["map"]}
    return {name: one.coordinates for name, one in of(map_, layout).items()}


def named(map_: MapData, name: str) -> NDArray[np.float32] | None:
    """Return the coordinates of the arrangement or the layout of a name, which may be anything.

    "grid" is the square one of earlier versions, which links may name.
    """
    if name in map_.layouts:
        return map_.layouts[name]
    layout, _, shape = name.partition("-")
    known = layout in offered(map_) and shape in {str(round(100 * each)) for each in SHAPES}
    return of(map_, layout)[name].coordinates if known and layout != "map" else None


def serve(catalogue: Catalogue, map_: MapData, layout: str) -> str:
    """Serve the arrangements of a layout; return the URL, empty for the map itself."""
    if layout == "map":
        return ""
    url = map_.served.get(layout)
    # Somebody may have deleted the served files.
    if url is None or not catalogue.pictures.is_served(url):
        url = catalogue.pictures.serve(layout, _as_json(map_, layout).encode())
        map_.served[layout] = url
    return url


def groups(map_: MapData) -> list[tuple[str, NDArray[np.intp]]]:
    """Return the blocks by category: the name and the rows of each, the largest first.

    Of too many categories, the small ones are one block, which comes last but for that of the
    models without a category.
    """
    own, _ = _own_and_folded(map_)
    number_of = {category: number for number, category in enumerate(own)} | {"": len(own) + 1}
    numbers = np.array([number_of.get(item.category, len(own)) for item in map_.items])
    found = [
        (name, np.flatnonzero(numbers == number)) for number, name in enumerate([*own, OTHER, NONE])
    ]
    return [(name, rows) for name, rows in found if len(rows)]


def folded(map_: MapData) -> int:
    """Return how many categories have no block of their own."""
    return len(_own_and_folded(map_)[1])


def _own_and_folded(map_: MapData) -> tuple[list[str], list[str]]:
    """Return the categories with a block of their own, the largest first, and the others."""
    counts = Counter(item.category for item in map_.items)
    counts.pop("", None)
    ordered = counts.most_common()
    own = [category for category, _ in ordered]
    if len(own) <= MAX_BLOCKS:
        return own, []
    least = MIN_SHARE * len(map_.items)
    large = sum(count >= least for _, count in ordered[: MAX_BLOCKS - 1])
    return own[:large], own[large:]


def _arranged(map_: MapData, layout: str, shape: float) -> Arrangement:
    places = map_.layouts["map"]
    if layout == "grid":
        return grid.as_grid(places, shape)
    return grid.as_blocks(places, groups(map_), shape)


def _as_json(map_: MapData, layout: str) -> str:
    """Return the arrangements of a layout as `scene.js` reads them."""
    data = [
        {
            "name": name,
            "shape": shape,
            "cell": one.cell,
            "box": one.box,
            "blocks": [asdict(block) for block in one.blocks],
            "positions": pack(_steps(one.coordinates)),
        }
        for shape, (name, one) in zip(SHAPES, of(map_, layout).items(), strict=True)
    ]
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _snapped(made: Arrangement) -> Arrangement:
    """Return the arrangement with its coordinates as the browser gets them."""
    steps = _steps(made.coordinates).astype(np.float64)
    return replace(made, coordinates=(steps / _STEPS * 2 - 1).astype(np.float32))


def _steps(points: NDArray[np.float32]) -> NDArray[np.uint16]:
    return np.rint((points.astype(np.float64) + 1) / 2 * _STEPS).astype("<u2")
