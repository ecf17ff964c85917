"""Builds the thumbnail atlas: all thumbnails of a catalogue in one file for the map."""

import base64
import json
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.catalogue import Catalogue, Item
from core.jobs import Progress, Stage
from core.pictures import encoding

# The side of a tile in pixels: 1,600 tiles take 0.4 MB, and 25,000 small ones take 40 MB once a
# browser has decoded them.
SIDE, SMALL_SIDE = 32, 20
SMALL_FROM = 10_000
# A larger atlas would exceed what browsers accept as a picture, so such a catalogue has none.
MAX_ITEMS = 100_000
# How many tiles are made between two checks for cancellation.
_BATCH = 200
# The name of the cache of tiles.
_TILES = "tiles"


def publish(catalogue: Catalogue, items: Sequence[Item], *, progress: Progress) -> None:
    """Build the atlas of the items and serve it in place of the last one.

    The atlas is JSON: the `side` of a tile, the number of `columns`, the names of the `tiles`
    row by row, each the item's id and the first 8 characters of its picture's digest, and the
    `picture`, a WebP as a data URL. An item without a thumbnail has a white tile. Without
    items, or with more than `MAX_ITEMS`, nothing is done.

    Raises:
        Cancelled: while tiles are made, if `progress` says so.
    """
    if not 0 < len(items) <= MAX_ITEMS:
        return
    side = SIDE if len(items) < SMALL_FROM else SMALL_SIDE
    columns = math.ceil(math.sqrt(len(items)))
    rows = math.ceil(len(items) / columns)
    names = [f"{item.id}.{item.digest[:8]}" for item in items]
    progress.stage(Stage.BUILDING_THUMBNAILS, len(items))
    tiles = np.full((rows * columns, side, side, 3), 255, np.uint8)
    cached = catalogue.load_cache(_TILES) or {}
    is_usable = "tiles" in cached and cached["tiles"].shape[1] == side
    number_of = (
        {name: number for number, name in enumerate(cached["names"].tolist())} if is_usable else {}
    )
    for number, (item, name) in enumerate(zip(items, names, strict=True)):
        if name in number_of:
            tiles[number] = cached["tiles"][number_of[name]]
        elif (tile := _tile(catalogue, item, side)) is not None:
            tiles[number] = tile
        progress.advance()
        if number % _BATCH == 0:
            progress.check()
    # With 10,000 pictures of which a few are new, opening all takes 3.7 s, and this .1.
    catalogue.save_cache(_TILES, {"names": np.array(names), "tiles": tiles[: len(items)]})
    by_row = tiles.reshape(rows, columns, side, side, 3).swapaxes(1, 2)
    picture = Image.fromarray(by_row.reshape(rows * side, columns * side, 3))
    data = encoding.webp(picture, quality=80, method=2)
    atlas = {
        "side": side,
        "columns": columns,
        "tiles": names,
        "picture": f"data:image/webp;base64,{base64.b64encode(data).decode()}",
    }
    catalogue.pictures.publish("atlas", json.dumps(atlas).encode())


def _tile(catalogue: Catalogue, item: Item, side: int) -> NDArray[np.uint8] | None:
    """Return an item's tile, uint8 (side, side, 3); None if its thumbnail cannot be read."""
    try:
        with Image.open(catalogue.pictures.thumbnail(item)) as picture:
            small = picture.convert("RGB").resize((side, side), Image.Resampling.BOX)
    except (OSError, UnidentifiedImageError):
        return None
    return np.asarray(small)
