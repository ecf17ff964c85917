"""How alike the colours of a drawing and of models are.

A drawing is found by its lines; where it has colours, of models whose lines are about as similar
those in its colours come first. A model's colours are read from its thumbnail, so that nothing has
to be stored.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import Catalogue, Item
from core.search.query import Example, PictureExample
from core.vision import cutout, ink

# How many models with the most similar lines are put into the order of their colours as well, and
# how much the similarity of the colours, 0 to 1, adds to a score. Chosen by `benchmarks.colours`.
SHORTLIST, WEIGHT = 200, 0.05
# The colours that are counted: black, grey and white, and those of Okabe and Ito's palette.
_COUNTED = (
    *((0, 0, 0), (128, 128, 128), (255, 255, 255)),
    *((213, 94, 0), (230, 159, 0), (240, 228, 66), (0, 158, 115), (0, 114, 178), (204, 121, 167)),
)
_GREYS = 3
# How far apart two colours are, in CIELAB, that are hardly alike.
_REACH = 20.0
# The side, in pixels, at which the colours of a model are counted.
_SIDE = 40

Shares = NDArray[np.float32]


def of_drawings(examples: Sequence[Example]) -> Shares | None:
    """Return the colours of the drawings from the sketch pad among positive examples.

    They are shares of the colours that are counted, without black, grey and white: float32 (9,),
    1 in all. None if no drawing has colours.
    """
    found = [
        _shares(_coloured(one.picture))[_GREYS:]
        for one in examples
        if isinstance(one, PictureExample)
        and one.from_sketch_pad
        and one.weight > 0
        and ink.is_coloured(one.picture)
    ]
    if not found:
        return None
    total = np.sum([each / each.sum() for each in found], axis=0) / len(found)
    return np.concatenate([np.zeros(_GREYS, np.float32), total]).astype(np.float32)


def similarity(catalogue: Catalogue, item: Item, colours: Shares) -> float:
    """Return how alike the colours of a model and of drawings are: Bhattacharyya's sum, 0 to 1."""
    read = partial(catalogue.pictures.thumbnail, item.id)
    shares = _of_thumbnail(_Thumbnail(str(catalogue.folder), item.id, item.digest, read))
    return float(np.sqrt(shares * colours).sum())


@dataclass(frozen=True, slots=True)
class _Thumbnail:
    """A thumbnail, known by its catalogue and item and by the digest of the picture it is of."""

    catalogue: str
    item_id: str
    digest: str
    read: Callable[[], bytes] = field(compare=False)


@lru_cache(maxsize=50_000)
def _of_thumbnail(thumbnail: _Thumbnail) -> Shares:
    """Return the colours of the object on a thumbnail; zeros if its file is lost."""
    try:
        with Image.open(io.BytesIO(thumbnail.read())) as file:
            picture = file.convert("RGB")
    except OSError:
        return np.zeros(len(_COUNTED), np.float32)
    small = picture.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small).reshape(-1, 3)
    if (found := cutout.plain_mask(small)) is not None:
        pixels = pixels[np.asarray(found[0]).ravel() > 0]
    return _shares(pixels)


def _coloured(drawing: Image.Image) -> NDArray[np.uint8]:
    pixels = np.asarray(drawing).reshape(-1, 3)
    return pixels[ink.colourfulness(pixels) > ink.COLOURED]


def _shares(pixels: NDArray[np.uint8]) -> Shares:
    """Return which share of RGB pixels, (n, 3), is like each of the colours that are counted."""
    apart = _lab(pixels)[:, None] - _LAB[None]
    nearness = np.exp(-(apart**2).sum(axis=2) / (2 * _REACH**2)) + 1e-9
    return np.asarray((nearness / nearness.sum(axis=1, keepdims=True)).mean(axis=0), np.float32)


def _lab(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return sRGB, (n, 3), in CIELAB."""
    levels = pixels.astype(np.float32) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    shares = linear @ _XYZ.T
    roots = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    x, y, z = roots.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1).astype(np.float32)


# From linear sRGB to XYZ, as shares of the white point D65.
_XYZ = np.array(
    [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0178, 0.1095, 0.8727]], np.float32
)
_LAB = _lab(np.array(_COUNTED, np.uint8))
