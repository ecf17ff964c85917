"""Smaller copies of pictures."""

from PIL import Image

from core.pictures.decoding import _webp


def shrink(picture: Image.Image, *, side: int = 1024) -> Image.Image:
    """Return `picture` with its longer side at most `side` pixels; itself if it is that small."""
    if max(picture.size) <= side:
        return picture
    return _fit(picture, side)


def thumbnail(picture: Image.Image, *, side: int = 160, budget: int = 8_000) -> bytes:
    """Return the RGB `picture` as a WebP of `side` x `side` pixels and under `budget` bytes.

    The picture is scaled, up if need be, until its longer side is `side` pixels,
    and centred on white. Quality is lowered step by step until the file fits. Where
    the lowest does not do (noise at 160 pixels needs 6,400 bytes), detail is halved
    until it fits.

    Raises `ValueError` for a budget that not even a single colour meets.
    """
    fitted = _fit(picture, side)
    square = Image.new("RGB", (side, side), "white")
    square.paste(fitted, ((side - fitted.width) // 2, (side - fitted.height) // 2))
    for quality in (80, 65, 50, 35, 20, 10, 0):
        encoded = _webp(square, quality)
        if len(encoded) < budget:
            return encoded
    detail = side
    while detail > 1:
        detail //= 2
        coarse = square.resize((detail, detail), Image.Resampling.BOX)
        encoded = _webp(coarse.resize((side, side), Image.Resampling.BICUBIC), 0)
        if len(encoded) < budget:
            return encoded
    raise ValueError(f"a WebP of {side} x {side} pixels cannot be under {budget} bytes")


def _fit(picture: Image.Image, side: int) -> Image.Image:
    """Return `picture` scaled so that its longer side is `side` pixels and the other at least 1."""
    scale = side / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    # From six times the target on, average whole boxes first: eight times as fast, looks alike.
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
