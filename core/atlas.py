"""The atlas: all thumbnails of a catalogue in one picture, small, for a page to draw at once."""

import base64
import io
import json
import math
from collections.abc import Sequence

from PIL import Image, UnidentifiedImageError

from core.catalogue import Catalogue
from core.items import Item
from core.jobs import Progress

# Sides of a tile, in pixels: 1,600 tiles are 0.4 MB, and 40 MB once a browser has decoded
# 25,000 small ones.
SIDE, SMALL_SIDE = 32, 20
SMALL_FROM = 10_000
# More would be larger than browsers take; such a catalogue has no atlas.
MOST = 100_000
# Tiles between looks whether to stop.
_AT_ONCE = 200


def publish(catalogue: Catalogue, items: Sequence[Item], *, progress: Progress) -> None:
    """Draw the atlas of items, and have pages serve it in place of the last one.

    It is JSON: the `side` of a tile, the `columns`, `tiles`, each named by the id and the
    first 8 characters of the picture's digest, row by row, and the `picture` itself, a WebP
    as its own address. A thumbnail that is not there leaves its tile white.
    """
    if not 0 < len(items) <= MOST:
        return
    side = SIDE if len(items) < SMALL_FROM else SMALL_SIDE
    columns = math.ceil(math.sqrt(len(items)))
    sheet = Image.new("RGB", (columns * side, math.ceil(len(items) / columns) * side), "white")
    progress.stage("Gathering the pictures of the map", len(items))
    for number, item in enumerate(items):
        down, across = divmod(number, columns)
        if (tile := _tile(catalogue, item, side)) is not None:
            sheet.paste(tile, (across * side, down * side))
        progress.advance()
        if number % _AT_ONCE == 0:
            progress.check()
    buffer = io.BytesIO()
    sheet.save(buffer, "WEBP", quality=80, method=2)
    told = {
        "side": side,
        "columns": columns,
        "tiles": [f"{item.id}.{item.digest[:8]}" for item in items],
        "picture": f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}",
    }
    catalogue.publish("atlas", json.dumps(told).encode())


def _tile(catalogue: Catalogue, item: Item, side: int) -> Image.Image | None:
    try:
        with Image.open(catalogue.thumbnail(item)) as picture:
            return picture.convert("RGB").resize((side, side), Image.Resampling.BOX)
    except (OSError, UnidentifiedImageError):
        return None
