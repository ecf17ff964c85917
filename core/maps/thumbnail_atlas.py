"""The atlas: all thumbnails of a catalogue in one picture, small, for a page to draw at once."""

import base64
import json
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, UnidentifiedImageError

from core.catalogue import Catalogue, Item
from core.jobs import Progress, Stage
from core.pictures import encoding

# Sides of a tile, in pixels: 1,600 tiles are 0.4 MB, and 40 MB once a browser has decoded
# 25,000 small ones.
SIDE, SMALL_SIDE = 32, 20
SMALL_FROM = 10_000
# More would be larger than browsers take; such a catalogue has no atlas.
MAX_ITEMS = 100_000
# Tiles between looks whether to stop.
_BATCH = 200
# The name under which they are kept for the next time.
_TILES = "tiles"


def publish(catalogue: Catalogue, items: Sequence[Item], *, progress: Progress) -> None:
    """Draw the atlas of items, and have pages serve it in place of the last one.

    It is JSON: the `side` of a tile, the `columns`, `tiles`, each named by the id and the
    first 8 characters of the picture's digest, row by row, and the `picture` itself, a WebP
    as its own address. A thumbnail that is not there leaves its tile white.
    """
    if not 0 < len(items) <= MAX_ITEMS:
        return
    side = SIDE if len(items) < SMALL_FROM else SMALL_SIDE
    columns = math.ceil(math.sqrt(len(items)))
    rows = math.ceil(len(items) / columns)
    names = [f"{item.id}.{item.digest[:8]}" for item in items]
    progress.stage(Stage.BUILDING_THUMBNAILS, len(items))
    tiles = np.full((rows * columns, side, side, 3), 255, np.uint8)
    before = catalogue.load_cache(_TILES) or {}
    usable = "tiles" in before and before["tiles"].shape[1] == side
    known = _numbered(before["names"]) if usable else {}
    for number, (item, name) in enumerate(zip(items, names, strict=True)):
        if name in known:
            tiles[number] = before["tiles"][known[name]]
        elif (tile := _tile(catalogue, item, side)) is not None:
            tiles[number] = tile
        progress.advance()
        if number % _BATCH == 0:
            progress.check()
    # Of 10,000 pictures of which a few are new, to open all takes 3.7 s, and this .1.
    catalogue.save_cache(_TILES, {"names": np.array(names), "tiles": tiles[: len(items)]})
    by_row = tiles.reshape(rows, columns, side, side, 3).swapaxes(1, 2)
    sheet = Image.fromarray(by_row.reshape(rows * side, columns * side, 3))
    data = encoding.webp(sheet, quality=80, method=2)
    told = {
        "side": side,
        "columns": columns,
        "tiles": names,
        "picture": f"data:image/webp;base64,{base64.b64encode(data).decode()}",
    }
    catalogue.pictures.publish("atlas", json.dumps(told).encode())


def _numbered(names: np.ndarray) -> dict[str, int]:
    return {name: number for number, name in enumerate(names.tolist())}


def _tile(catalogue: Catalogue, item: Item, side: int) -> np.ndarray | None:
    try:
        with Image.open(catalogue.pictures.thumbnail(item)) as picture:
            small = picture.convert("RGB").resize((side, side), Image.Resampling.BOX)
    except (OSError, UnidentifiedImageError):
        return None
    return np.asarray(small)
