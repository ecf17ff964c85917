"""Draws a heat map over a picture: which parts of it contributed to a score."""

import numpy as np
from PIL import Image, ImageOps

from core.pictures import WHOLE
from core.search.explain import MatchMap
from core.vision.cutout import Cutout, plain_mask

# What black and white become at full heat: one hue, and lighter than where there is no heat, so
# that the map can be read by lightness alone, by colour-blind people and on a pale projector.
DARK, LIGHT = (176, 80, 0), (255, 196, 64)
# How much of the picture's own brightness and colour is left where there is no heat.
BRIGHTNESS = 0.45
COLOUR = 0.25
# The opacity of the white over what lies around the object.
FADED = 0.8


def overlay(cut: Cutout, match_map: MatchMap, *, strongest: float, size: int = 448) -> Image.Image:
    """Return the picture with its matching parts highlighted: RGB, longer side `size` pixels.

    The picture is dimmed, and lit in proportion to what each place contributed to the score.
    Places that contributed nothing or less stay dark, as does everything outside the part that
    was compared. If only the object was compared, what lies around it is neither dark nor lit but
    faded: a cell of the map is larger than the edge of an object.

    Args:
        cut: the picture, and its object if that is what was compared.
        match_map: what each cell of the picture contributed.
        strongest: the contribution shown at full heat: the `strongest` of the match, so that
            both of its pictures have the same scale.
        size: in pixels.
    """
    picture = cut.original
    scale = size / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    base = picture.resize((width, height), Image.Resampling.LANCZOS)
    grey = base.convert("L")
    dimmed = Image.blend(grey.convert("RGB"), base, COLOUR).point(lambda level: level * BRIGHTNESS)
    lit = ImageOps.colorize(grey, DARK, LIGHT)
    heat = _heat(match_map, strongest, base.size)
    shown = Image.composite(lit, dimmed, heat)
    mask = _object_mask(cut) if match_map.part != WHOLE else None
    if mask is None:
        return shown
    faded = Image.blend(base, Image.new("RGB", base.size, "white"), FADED)
    return Image.composite(shown, faded, mask.resize(base.size, Image.Resampling.BILINEAR))


def _object_mask(cut: Cutout) -> Image.Image | None:
    """Return where the object is, mode L and of any size; None if all of it was compared."""
    if cut.mask is not None or cut.basis != "plain":
        return cut.mask
    found = plain_mask(cut.original)
    if found is None:
        return None
    from scipy import ndimage  # Imported here: it takes 0.3 s, which only some pictures need.

    # A part of the object that looks like the background is no hole in it.
    filled = ndimage.binary_fill_holes(np.asarray(found[0]) > 0)
    return Image.fromarray(filled.astype(np.uint8) * 255)


def _heat(match_map: MatchMap, strongest: float, size: tuple[int, int]) -> Image.Image:
    """Return the heat at each pixel, mode L."""
    width, height = size
    part = match_map.part
    left, right = round(part.left * width), round(part.right * width)
    top, bottom = round(part.top * height), round(part.bottom * height)
    heat = Image.new("L", size)
    if strongest <= 0:
        return heat
    cells = Image.fromarray((match_map.cells / strongest).clip(0, 1).astype(np.float32))
    smooth = cells.resize((max(1, right - left), max(1, bottom - top)), Image.Resampling.BICUBIC)
    levels = (np.asarray(smooth).clip(0, 1) * 255).round().astype(np.uint8)
    heat.paste(Image.fromarray(levels), (left, top))
    return heat
