"""Decoding, checking, resizing and encoding pictures."""

from core.pictures.box import WHOLE, Box
from core.pictures.errors import (
    DamagedImage,
    EmptyImage,
    ImageError,
    ImageTooLarge,
    UnsupportedFormat,
)

__all__ = [
    "WHOLE",
    "Box",
    "DamagedImage",
    "EmptyImage",
    "ImageError",
    "ImageTooLarge",
    "UnsupportedFormat",
]
