"""The map as one HTML file that opens without a server, pictures and all."""

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from PIL import Image

from components.map import map_data, map_view, palette
from components.map.colouring import Colouring
from components.map.map_data import MapData, pack
from components.map.map_view import Landmark, Shown
from components.widgets.assets import joined
from core.catalogue import Catalogue, Item

# Models whose thumbnails are put in as they are, 4 kB each; those of more are made smaller.
IN_FULL = 2_000
# The side of a smaller one, in pixels: about 1 kB.
_SMALL = 64

_HERE = Path(__file__).parent
_MAP = Path(map_view.__file__).parent


def page(
    catalogue: Catalogue,
    chart: MapData,
    colouring: Colouring,
    landmarks: Sequence[Landmark],
    *,
    rows: np.ndarray | None = None,
    title: str = "",
) -> str:
    """Return the map of the models of `rows`, bool (n,), or of all, as an HTML page.

    It holds all that it needs: the program that draws the map in the app, the places, names,
    credits and pictures of the models. It asks no server for anything.
    """
    kept = np.flatnonzero(np.ones(len(chart.items), bool) if rows is None else rows)
    items = [chart.items[row] for row in kept]
    number = {int(row): place for place, row in enumerate(kept)}
    sizes = np.bincount(colouring.groups[kept], minlength=len(colouring.colours))
    points = map_data.points_as_dict(
        items, {name: at[kept] for name, at in chart.layouts.items()}
    ) | {
        "pictures": [_picture(catalogue, item, small=len(items) > IN_FULL) for item in items],
        "pages": [item.page_url for item in items],
        "credits": [" · ".join(filter(None, (item.creator, item.licence))) for item in items],
    }
    title = title or catalogue.title
    settings = {
        "pictures": "",
        "atlas": "",
        "label": f"Map of {len(items):,} models",
        "layout": "map",
        "cell": chart.cell,
        "groups": pack(colouring.groups[kept]),
        "colours": colouring.colours,
        "other": palette.OTHER,
        "faded": pack(np.zeros(len(items), np.uint8)),
        "selected": "",
        "marked": -1,
        "linked": [],
        "visitor": None,
        "landmarks": [
            asdict(Landmark(number[one.point], one.name))
            for one in landmarks
            if one.point in number
        ],
        "shown": asdict(Shown()),
        "frame": None,
        "view": "",
        "keeps_view": False,
        "legend": [
            {"name": entry.name, "count": int(sizes[entry.group]), "colour": entry.colour}
            for entry in colouring.entries
            if sizes[entry.group]
        ],
    }
    return Template(_read(_HERE, "html")).substitute(
        title=escape(title),
        told=f"{len(items):,} models of {escape(catalogue.title)}, made with Lookalike",
        map_css=_read(_MAP, "css"),
        map_html=_read(_MAP, "html"),
        css=_read(_HERE, "css"),
        js=joined(_HERE / "standalone.js"),
        points=_inside(points),
        settings=_inside(settings),
    )


def _read(folder: Path, suffix: str) -> str:
    return (folder / f"{folder.name}.{suffix}").read_text(encoding="utf-8")


def _inside(told: dict[str, Any]) -> str:
    """Return JSON that no name of a model can end the script element with."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _picture(catalogue: Catalogue, item: Item, *, small: bool) -> str:
    """Return a thumbnail as its own address; empty where it cannot be read."""
    try:
        data = catalogue.pictures.thumbnail(item).read_bytes()
        if small:
            buffer = io.BytesIO()
            with Image.open(io.BytesIO(data)) as picture:
                picture.thumbnail((_SMALL, _SMALL))
                picture.save(buffer, "WEBP", quality=60)
            data = buffer.getvalue()
    except OSError:
        return ""
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"
