"""Builds the thumbnail atlas: all thumbnails of a catalogue in one file for the map."""

import base64
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from core.catalogue import Catalogue, CutOutThumbnail, Item
from core.jobs import Progress, Stage
from core.pictures import encoding

# The side of a tile in pixels. At 40 the map as a whole needs no other pictures, on screens of high
# resolution few. 1,600 tiles take 0.6 MB; 25,000 small ones take 40 MB once a browser has decoded
# them, as do 6,000 of the others.
SIDE, SMALL_SIDE = 40, 20
SMALL_FROM = 6_000
# A larger atlas would exceed what browsers accept as a picture, so such a catalogue has none.
MAX_ITEMS = 100_000
# How many tiles are made between two checks for cancellation.
_TILES_PER_CHECK = 200
# The names of the caches of tiles: those of thumbnails, and those of cut-out thumbnails.
_TILES, _CUT_OUT_TILES = "tiles", "cut-out tiles"
# The names of the two atlases.
ATLAS, CUT_OUT_ATLAS = "atlas", "cut-out-atlas"

_NONE: Mapping[str, CutOutThumbnail] = MappingProxyType({})


def serve(
    catalogue: Catalogue,
    items: Sequence[Item],
    *,
    progress: Progress,
    cut_outs: Mapping[str, CutOutThumbnail] = _NONE,
) -> None:
    """Build the atlas of the items and serve it in place of the last one.

    With `cut_outs`, by item id, it shows these in place of the items' thumbnails, and is served
    beside the atlas without them, as `CUT_OUT_ATLAS`.

    The atlas is JSON: the `side` of a tile, the number of `columns`, the names of the `tiles`
    row by row, each the item's id and the first 8 characters of its picture's digest, and the
    `picture`, a WebP as a data URL. An item without a thumbnail has a white tile. Without
    items, or with more than `MAX_ITEMS`, nothing is done.

    Raises:
        Cancelled: `progress` was cancelled while tiles were made.
    """
    if not 0 < len(items) <= MAX_ITEMS:
        return
    side = SIDE if len(items) < SMALL_FROM else SMALL_SIDE
    columns = math.ceil(math.sqrt(len(items)))
    rows = math.ceil(len(items) / columns)
    names = [f"{item.id}.{item.short_digest}" for item in items]
    sources = [_Source.of(catalogue, item, cut_outs.get(item.id)) for item in items]
    progress.stage(Stage.BUILDING_THUMBNAILS, len(items))
    tiles = np.full((rows * columns, side, side, 3), 255, np.uint8)
    cached = _cached_tiles(catalogue, _TILES, side)
    if cut_outs:
        cached |= _cached_tiles(catalogue, _CUT_OUT_TILES, side)
    for number, source in enumerate(sources):
        if (tile := cached.get(source.name)) is None:
            tile = _tile(source.read, side)
        if tile is not None:
            tiles[number] = tile
        progress.advance()
        if number % _TILES_PER_CHECK == 0:
            progress.check()
    # With 10,000 pictures of which a few are new, opening all takes 3.7 s, and the cache .1 s.
    own = [number for number, source in enumerate(sources) if source.is_cut_out or not cut_outs]
    catalogue.save_cache(
        _CUT_OUT_TILES if cut_outs else _TILES,
        {"names": np.array([sources[number].name for number in own]), "tiles": tiles[own]},
    )
    by_row = tiles.reshape(rows, columns, side, side, 3).swapaxes(1, 2)
    picture = Image.fromarray(by_row.reshape(rows * side, columns * side, 3))
    data = encoding.webp(picture, quality=80, method=2)
    atlas = {
        "side": side,
        "columns": columns,
        "tiles": names,
        "picture": f"data:image/webp;base64,{base64.b64encode(data).decode()}",
    }
    name = CUT_OUT_ATLAS if cut_outs else ATLAS
    catalogue.pictures.serve(name, json.dumps(atlas).encode())


def remove_cut_outs(catalogue: Catalogue) -> None:
    """Delete the atlas of cut-out thumbnails and its tiles, if there are any."""
    catalogue.pictures.delete_served(CUT_OUT_ATLAS)
    catalogue.delete_cache(_CUT_OUT_TILES)


@dataclass(frozen=True, slots=True)
class _Source:
    """The thumbnail that a tile is made of, and the name of the tile in the cache."""

    read: Callable[[], bytes]
    name: str
    is_cut_out: bool

    @classmethod
    def of(cls, catalogue: Catalogue, item: Item, cut_out: CutOutThumbnail | None) -> "_Source":
        if cut_out is not None and cut_out.is_of(item):
            name = f"{item.id}.{cut_out.picture}.{cut_out.mask}"
            return cls(partial(catalogue.pictures.cut_out, cut_out), name, True)
        name = f"{item.id}.{item.short_digest}"
        return cls(partial(catalogue.pictures.thumbnail, item.id), name, False)


def _cached_tiles(catalogue: Catalogue, name: str, side: int) -> dict[str, NDArray[np.uint8]]:
    """Return the tiles in a cache by their names; none if they have another side."""
    cached = catalogue.load_cache(name) or {}
    if "tiles" not in cached or cached["tiles"].shape[1] != side:
        return {}
    return dict(zip(cached["names"].tolist(), cached["tiles"], strict=True))


def _tile(read: Callable[[], bytes], side: int) -> NDArray[np.uint8] | None:
    """Return the tile of a thumbnail, uint8 (side, side, 3); None if it cannot be read."""
    try:
        with Image.open(io.BytesIO(read())) as picture:
            small = picture.convert("RGB").resize((side, side), Image.Resampling.BOX)
    except (OSError, UnidentifiedImageError):
        return None
    return np.asarray(small)
