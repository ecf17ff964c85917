"""What two pictures have in common, laid over them as warmth."""

import numpy as np
from PIL import Image, ImageOps

from core.search.explain import MatchMap

# What black and white become in full warmth: one hue, and lighter than where there is none,
# so that the map is read by lightness where hues are not told apart or a projector
# washes them out.
DARK, LIGHT = (176, 80, 0), (255, 196, 64)
# How much of the picture's own brightness and colour is left where there is no warmth.
BRIGHTNESS = 0.45
COLOUR = 0.25


def overlay(
    picture: Image.Image, side: MatchMap, *, strongest: float, size: int = 448
) -> Image.Image:
    """Return the RGB picture, its longer side `size` pixels, with what matched in a warm light.

    The picture is dimmed, and lit in proportion to what a place brought to the score. What
    brought nothing, or less, stays dark, and so does all beyond the part that was compared.

    Args:
        picture: RGB.
        side: the picture's side of a match.
        strongest: what the full warmth stands for: the `strongest` of the match, so that
            both of its pictures are on one scale.
        size: in pixels.
    """
    scale = size / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    base = picture.resize((width, height), Image.Resampling.LANCZOS)
    grey = base.convert("L")
    dimmed = Image.blend(grey.convert("RGB"), base, COLOUR).point(lambda level: level * BRIGHTNESS)
    warm = ImageOps.colorize(grey, DARK, LIGHT)
    return Image.composite(warm, dimmed, _warmth(side, strongest, base.size))


def _warmth(side: MatchMap, strongest: float, size: tuple[int, int]) -> Image.Image:
    """Return how warm it is at each pixel, mode L."""
    width, height = size
    left, right = round(side.part.left * width), round(side.part.right * width)
    top, bottom = round(side.part.top * height), round(side.part.bottom * height)
    warmth = Image.new("L", size)
    if strongest <= 0:
        return warmth
    cells = Image.fromarray((side.cells / strongest).clip(0, 1).astype(np.float32))
    smooth = cells.resize((max(1, right - left), max(1, bottom - top)), Image.Resampling.BICUBIC)
    levels = (np.asarray(smooth).clip(0, 1) * 255).round().astype(np.uint8)
    warmth.paste(Image.fromarray(levels), (left, top))
    return warmth
