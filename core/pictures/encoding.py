"""Encoding pictures as files."""

import io
from typing import Any

from PIL import Image


def webp(picture: Image.Image, *, quality: int, method: int = 4) -> bytes:
    """Return a picture as a lossy WebP file.

    Args:
        picture: RGB, or RGBA to store its alpha.
        quality: 0 to 100.
        method: 0 (fast) to 6 (small); 4 is the encoder's default.
    """
    return _encode(picture, "WEBP", quality=quality, method=method)


def jpeg(picture: Image.Image, *, quality: int, subsampling: int = -1) -> bytes:
    """Return a picture as a JPEG file.

    Args:
        picture: RGB.
        quality: 0 to 95.
        subsampling: of the colours; 0 for none, -1 for the encoder's default (4:2:0).
    """
    return _encode(picture, "JPEG", quality=quality, subsampling=subsampling)


def png(picture: Image.Image, *, compress_level: int = -1) -> bytes:
    """Return a picture as a PNG file, which is lossless.

    Args:
        picture: in any mode.
        compress_level: 0 (fast) to 9 (small); -1 is the encoder's default (6).
    """
    return _encode(picture, "PNG", compress_level=compress_level)


def _encode(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()
