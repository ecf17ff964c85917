"""Puts the thumbnails of a row side by side in one file, for which a browser asks only once."""

import io
from collections.abc import Sequence

from PIL import Image, UnidentifiedImageError

from core.catalogue import Catalogue, Item
from core.pictures import encoding


def serve(catalogue: Catalogue, name: str, items: Sequence[Item]) -> str | None:
    """Serve the strip of these items in place of the last one of that `name`.

    It has a square for each item, from left to right. Returns its URL, or None if a thumbnail
    cannot be read.
    """
    squares = []
    for item in items:
        try:
            data = catalogue.pictures.thumbnail(item.id)
            with Image.open(io.BytesIO(data)) as thumbnail:
                squares.append(thumbnail.convert("RGB"))
        except (OSError, UnidentifiedImageError):
            return None
    side = max((square.height for square in squares), default=0)
    if side == 0:
        return None
    strip = Image.new("RGB", (side * len(squares), side), "white")
    for number, square in enumerate(squares):
        strip.paste(square, (number * side, 0))
    webp = encoding.webp(strip, quality=85, method=2)
    return catalogue.pictures.serve(name, webp, suffix=".webp")
