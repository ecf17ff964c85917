"""Telling pictures that show something from those that do not."""

from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from core.pictures import resizing

# A picture is looked at this small, which also smooths its noise; a smaller one is blurred.
_SIDE: Final = 256
# Levels, of 255 in any channel, that are taken for black, and that are taken for one colour: white
# things on white paper have shadows that are twice as dark.
_NEARLY_BLACK, _SAME = 32, 12
# The share of the pixels that may have another colour, such as a speck of dust.
_SPECKS = 1 / 4000


def is_blank(picture: Image.Image) -> bool:
    """Return whether there is nothing to see in an RGB picture.

    It is blank, nearly black or of one colour, but for noise and specks.
    """
    small = resizing.shrink(picture, side=_SIDE)
    if max(picture.size) < 2 * _SIDE:
        small = small.filter(ImageFilter.BoxBlur(1))
    pixels = np.asarray(small).reshape(-1, 3)
    light = (pixels >= _NEARLY_BLACK).any(axis=1)
    differing = (np.abs(pixels - np.median(pixels, axis=0)) > _SAME).any(axis=1)
    return bool(min(light.mean(), differing.mean()) <= _SPECKS)
