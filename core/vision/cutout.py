"""Cut the object of a picture out of its background: `compact` compares cut-outs.

This module needs no network: it finds objects whose file is transparent around them, and objects
on a plain background. `segmentation` finds all others.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageChops

from core.pictures.box import WHOLE, Box
from core.pictures.colour import WHITE

# What an object was told from its background by: the transparency of the file, a plain background,
# the network's mask, the ink of a drawing, or nothing: the whole picture.
Basis = Literal["alpha", "plain", "mask", "ink", "whole"]

# Levels of colour and brightness are 0 to 255.
# A border pixel belongs to the background if no channel differs by more than this from the
# border's median: JPEG's ringing stays below it.
BACKGROUND_TOLERANCE = 24
# The background is plain if this share of the border belongs to it.
PLAIN_BORDER = 0.9
# The longer side, in pixels, of the picture in which a plain background is searched for.
SEARCH_SIDE = 256
# The opacity from which a pixel belongs to the object.
OPAQUE = 128
# A transparent file has an object only if this share of its border is transparent: otherwise it is
# a picture with holes, or its alpha channel is inverted.
CLEAR_BORDER = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class Cutout:
    """A picture with its object told from the background.

    Attributes:
        original: the picture as it was, RGB.
        picture: the picture to compare, RGB, with `background` wherever the object is not. On a
            plain background, and for the whole picture, it is `original`; otherwise it may be
            smaller. Ink is black on white.
        box: the object's, in shares of the picture.
        background: its red, green and blue, which also fill what lies outside the picture.
        basis: what the object was told by.
        mask: the object's opacity, mode L and of any size; None for a plain background, for ink
            and for the whole picture.
    """

    original: Image.Image
    picture: Image.Image
    box: Box
    background: tuple[int, int, int]
    basis: Basis
    mask: Image.Image | None = None


def whole(picture: Image.Image) -> Cutout:
    """Return an RGB picture as it is, for one that has no single object."""
    return Cutout(picture, picture, WHOLE, WHITE, "whole")


def by_alpha(picture: Image.Image, alpha: Image.Image | None) -> Cutout | None:
    """Return the object of an RGB picture if its file is transparent around it.

    Args:
        picture: RGB, what is transparent on white or on a dark background.
        alpha: the file's opacity, mode L and of the same size; None for a file without.
    """
    box = None if alpha is None else _alpha_box(alpha)
    if alpha is None or box is None:
        return None
    return Cutout(picture, picture, box, _background_of(picture, alpha), "alpha", alpha)


def with_mask(picture: Image.Image, mask: Image.Image) -> Cutout:
    """Return the object of an RGB picture cut out on white by its opacity, mode L.

    The mask may have another size. One that covers nothing gives the whole picture.
    """
    box = _opaque_box(mask)
    if box is None:
        return whole(picture)
    opacity = mask if mask.size == picture.size else mask.resize(picture.size, _SMOOTH)
    background = Image.new("RGB", picture.size, WHITE)
    cut = Image.composite(picture, background, opacity)
    return Cutout(picture, cut, box, WHITE, "mask", mask)


def find_object(picture: Image.Image) -> Cutout | None:
    """Return the object on the plain background of an RGB picture, of any colour.

    None if the background at the border is not plain, or if there is nothing on it.
    """
    found = plain_mask(picture)
    if found is None:
        return None
    mask, background = found
    edges = mask.getbbox()
    assert edges is not None, "there is something on the background"
    return Cutout(picture, picture, _shares(edges, mask.size), background, "plain")


def plain_mask(picture: Image.Image) -> tuple[Image.Image, tuple[int, int, int]] | None:
    """Return what differs from the plain background of an RGB picture, and the background's colour.

    The mask has mode L, 0 or 255, and at most 256 pixels a side. None as for `find_object`.
    """
    small = picture.copy()
    small.thumbnail((SEARCH_SIDE, SEARCH_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(small)
    border = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    background = np.median(border, axis=0)
    if (np.abs(border - background).max(axis=1) <= BACKGROUND_TOLERANCE).mean() < PLAIN_BORDER:
        return None
    red, green, blue = (int(value) for value in background)
    # Pillow compares 8-bit channels in 1 ms, a seventh of the time that NumPy takes.
    plain = Image.new("RGB", small.size, (red, green, blue))
    channels = ImageChops.difference(small, plain).split()
    furthest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    differs = furthest.point([255 * (value > BACKGROUND_TOLERANCE) for value in range(256)])
    return None if differs.getbbox() is None else (differs, (red, green, blue))


def _alpha_box(alpha: Image.Image) -> Box | None:
    """Return the box of what is opaque, or None if the border is opaque or all is transparent."""
    if alpha.getextrema() == (255, 255):
        return None
    levels = np.asarray(alpha)
    border = np.concatenate([levels[0], levels[-1], levels[1:-1, 0], levels[1:-1, -1]])
    if (border < OPAQUE).mean() < CLEAR_BORDER:
        return None
    return _opaque_box(alpha)


def _background_of(picture: Image.Image, alpha: Image.Image) -> tuple[int, int, int]:
    """Return the colour that an RGB picture has where it is transparent."""
    clear = np.asarray(alpha) == 0
    if not clear.any():
        return WHITE
    red, green, blue = np.asarray(picture)[np.unravel_index(clear.argmax(), clear.shape)].tolist()
    return red, green, blue


def _opaque_box(mask: Image.Image) -> Box | None:
    edges = mask.point([255 * (value >= OPAQUE) for value in range(256)]).getbbox()
    return None if edges is None else _shares(edges, mask.size)


def _shares(edges: tuple[int, int, int, int], size: tuple[int, int]) -> Box:
    left, top, right, bottom = edges
    width, height = size
    return Box(left / width, top / height, right / width, bottom / height)


_SMOOTH = Image.Resampling.BILINEAR
