"""Scaling pictures down, and making thumbnails."""

from PIL import Image

from core.pictures import encoding

# Tried in this order until a thumbnail fits its budget.
_THUMBNAIL_QUALITIES = (80, 65, 50, 35, 20, 10, 0)


def shrink(picture: Image.Image, *, side: int = 1024) -> Image.Image:
    """Return `picture` with its longer side at most `side` pixels.

    A picture that is small enough is returned itself, not a copy.
    """
    if max(picture.size) <= side:
        return picture
    return _scale_to_fit(picture, side)


def thumbnail(picture: Image.Image, *, side: int = 160, budget: int = 8_000) -> bytes:
    """Return the RGB `picture` as a WebP file of `side` x `side` pixels and under `budget` bytes.

    The picture is scaled, up if need be, until its longer side is `side` pixels, and centred on
    white. Quality is lowered step by step until the file fits. If the lowest quality is not
    enough (noise at 160 pixels needs 6,400 bytes), detail is halved until it fits.

    Raises `ValueError` for a budget that not even a single colour meets.
    """
    scaled = _scale_to_fit(picture, side)
    square = Image.new("RGB", (side, side), "white")
    square.paste(scaled, ((side - scaled.width) // 2, (side - scaled.height) // 2))
    for quality in _THUMBNAIL_QUALITIES:
        data = encoding.webp(square, quality=quality)
        if len(data) < budget:
            return data
    detail = side
    while detail > 1:
        detail //= 2
        coarse = square.resize((detail, detail), Image.Resampling.BOX)
        smooth = coarse.resize((side, side), Image.Resampling.BICUBIC)
        data = encoding.webp(smooth, quality=0)
        if len(data) < budget:
            return data
    raise ValueError(f"a WebP of {side} x {side} pixels cannot be under {budget} bytes")


def _scale_to_fit(picture: Image.Image, side: int) -> Image.Image:
    """Return `picture` scaled so that its longer side is `side` pixels and the other at least 1."""
    scale = side / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    # From six times the target size on, average whole boxes first: eight times as fast, and the
    # result looks the same.
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
