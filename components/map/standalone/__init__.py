"""The map as one HTML file that holds all its pictures and opens without a server."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from components.map import map_data, map_view
from components.map.colouring import Colouring
from components.map.map_data import MapData
from components.map.map_view import Appearance, Contents, Landmark, Thumbnails
from components.widgets.assets import joined, style_sheet
from core.catalogue import Catalogue, Item
from core.counting import counted
from core.pictures import encoding

# Up to this many models, thumbnails are embedded as they are, 4 kB each; else they are shrunk.
MAX_FULL_THUMBNAILS = 2_000
# The side of a shrunk thumbnail, in pixels: about 1 kB.
_SMALL = 64

_HERE = Path(__file__).parent
_MAP = Path(map_view.__file__).parent


def as_html(
    catalogue: Catalogue,
    map_: MapData,
    colouring: Colouring,
    landmarks: Sequence[Landmark],
    *,
    rows: NDArray[np.bool_] | None = None,
) -> str:
    """Return the map of the models of `rows`, bool (n,), or of all models, as one HTML file.

    The file holds all it needs: the scripts that draw the map in the app, and the coordinates,
    names, credits and thumbnails of the models. It loads nothing from any server.
    """
    kept = np.flatnonzero(np.ones(len(map_.items), bool) if rows is None else rows)
    items = [map_.items[row] for row in kept]
    number_of = {int(row): number for number, row in enumerate(kept)}
    sizes = np.bincount(colouring.groups[kept], minlength=len(colouring.colours))
    small = len(items) > MAX_FULL_THUMBNAILS
    points = map_data.points_as_dict(items, {"map": map_.layouts["map"][kept]}) | {
        "pictures": [_picture(catalogue, item, small=small) for item in items],
        "pages": [item.page_url for item in items],
        "credits": [" · ".join(filter(None, (item.creator, item.licence))) for item in items],
    }
    count = counted(len(items), "model")
    appearance = Appearance(
        layout="map",
        arrangements="",
        colouring=replace(colouring, groups=colouring.groups[kept]),
        thumbnails=Thumbnails(template="", atlas=""),
        landmarks=[
            replace(one, point=number_of[one.point]) for one in landmarks if one.point in number_of
        ],
    )
    contents = Contents(points="", label=f"Map of {count}", appearance=appearance)
    settings = contents.as_dict() | {
        "legend": [
            {"name": entry.name, "count": int(sizes[entry.group]), "colour": entry.colour}
            for entry in colouring.entries
            if sizes[entry.group]
        ],
    }
    return Template(_read(_HERE, "html")).substitute(
        title=escape(catalogue.title),
        summary=f"{count} of {escape(catalogue.title)}, made with Lookalike",
        map_css=style_sheet(_MAP / "map_view.css"),
        map_html=_read(_MAP, "html"),
        css=_read(_HERE, "css"),
        js=joined(_HERE / "standalone.js"),
        points=_embed(points),
        settings=_embed(settings),
    )


def _read(folder: Path, suffix: str) -> str:
    return (folder / f"{folder.name}.{suffix}").read_text(encoding="utf-8")


def _embed(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element, whatever a model is called."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _picture(catalogue: Catalogue, item: Item, *, small: bool) -> str:
    """Return a thumbnail as a data URL; empty if it cannot be read."""
    try:
        data = catalogue.pictures.thumbnail(item.id)
        if small:
            with Image.open(io.BytesIO(data)) as picture:
                picture.thumbnail((_SMALL, _SMALL))
                data = encoding.webp(picture, quality=60)
    except OSError:
        return ""
    return map_data.data_url(data)
