"""The cut-outs of a catalogue's pictures: what `compact` compares of each item."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import Catalogue, Item, StoredMask
from core.pictures import decoding, encoding
from core.vision import cutout, segmentation
from core.vision.cutout import Cutout
from core.vision.segmentation import Segmentation


def of_item(catalogue: Catalogue, item: Item) -> Cutout:
    """Return what is compared of an item's picture, as it was when the item was indexed.

    Without a stored mask it is the whole picture, unless transparency or a plain background tells
    the object. Raises `CatalogueError` if the picture's file is lost, and `ImageError` if it cannot
    be decoded.
    """
    picture, alpha = decoding.decode_with_alpha(catalogue.pictures.original(item))
    choice = catalogue.masks.choice(item.id)
    if choice == "whole":
        return cutout.whole(picture)
    if (cut := segmentation.without_network(picture, alpha)) is not None:
        return cut
    mask = catalogue.masks.get(item)
    if mask is None or mask.png is None:
        return cutout.whole(picture)
    return segmentation.apply(picture, _found(mask, mask.png), always=choice == "object")


def coverage(png: bytes, side: int) -> NDArray[np.float32]:
    """Return how much of each cell of a grid a stored mask covers, 0 to 1: float32 (side, side)."""
    opacity = decoding.decode(png).convert("L").resize((side, side), Image.Resampling.BOX)
    return np.asarray(opacity, np.float32) / np.float32(255)


def stored(found: Segmentation) -> StoredMask:
    """Return a segmentation as a catalogue stores it."""
    png = encoding.png(found.mask) if found.mask.getbbox() else None
    return StoredMask("mask" if found.is_object else "whole", found.confidence, png)


def _found(mask: StoredMask, png: bytes) -> Segmentation:
    return Segmentation(decoding.decode(png).convert("L"), mask.confidence)
