"""Separate the ink of a drawing from its paper, whatever light falls on it.

A photographed sheet is grey, darker at one side, and may lie in a shadow. What counts is how much
darker than the paper around it a pixel is.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from core.pictures.box import Box
from core.pictures.colour import WHITE
from core.vision.cutout import Cutout, find_object, whole

# The longer side, in pixels, at which a picture is looked at, and the one at which its ink is cut
# out: of the smallest drawings that leaves 224 pixels.
DETECTION_SIDE, CUT_SIDE = 256, 512
# In pixels at `DETECTION_SIDE`: what is at most this wide is not taken for paper; and the reach
# over which the paper's light is averaged, at a size so many times smaller.
WIDEST_STROKE, LIGHT_REACH, LIGHT_SCALE = 41, 12, 4
# A picture shows light strokes on a dark ground if the median level of its border is below this (0
# to 255), and nearer to the darkest levels than to the brightest: those of these shares.
DARK, EXTREMES = 110, 0.005
# The darkness from which a pixel is ink is 2.5 times that of the paper's grain plus 0.05, between
# these. Darkness is 0 for paper, 1 for black.
MIN_INK, MAX_INK = 0.15, 0.4
# Darker than this share of the darkest strokes, a pixel becomes part of a stroke; the printed lines
# of squared paper are lighter.
FAINT = 0.35
# The largest of red, green and blue minus the smallest from which a pixel is coloured, and the
# brightness below which ink is black (0 to 255).
COLOURED, BLACK = 60, 110
# A drawing has colours, or lines, if they cover this share of it.
MIN_COVERED = 0.0005
# In pixels of the sketch pad: a coloured stroke that is wider is no line.
WIDE = 13
# A part of a drawing has at least this share of the ink of its largest part.
MIN_PART = 0.002
# Parts that touch the picture's border, such as a finger or the edge of the table, are left out if
# the others have this share of all outlines.
MIN_INSIDE = 0.5


@dataclass(frozen=True, eq=False)
class Ink:
    """A picture divided by its paper.

    Attributes:
        levels: its colours, inverted if it is dark: float32 (3, height, width), 0 to 255.
        ratio: the same divided by the light of the paper, 0 to 1.
        paper: the light of the paper, 0 to 255, of the same shape.
        is_dark: whether light strokes on a dark ground were inverted.
    """

    levels: NDArray[np.float32]
    ratio: NDArray[np.float32]
    paper: NDArray[np.float32]
    is_dark: bool

    @cached_property
    def darkness(self) -> NDArray[np.float32]:
        """How much darker than the paper each pixel is: float32 (height, width), 0 to 1."""
        return np.asarray(1 - self.ratio.min(axis=0), np.float32)

    @cached_property
    def grain(self) -> float:
        """The darkness of the paper's own grain."""
        lower = self.darkness[self.darkness <= np.median(self.darkness)]
        return float(np.percentile(lower, 80))

    @cached_property
    def threshold(self) -> float:
        """The darkness from which a pixel is ink."""
        return float(np.clip(2.5 * self.grain + 0.05, MIN_INK, MAX_INK))

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Where there is ink."""
        return np.asarray(self.darkness > self.threshold)

    @cached_property
    def strength(self) -> float:
        """The darkness of the darkest strokes."""
        strokes = self.darkness[self.mask]
        return max(float(np.percentile(strokes, 90)) if strokes.size else 1.0, 0.2)


def separate(picture: Image.Image, *, side: int = DETECTION_SIDE) -> Ink:
    """Return the ink of an RGB picture, scaled to `side` pixels at most."""
    small = _fitted(picture, DETECTION_SIDE)
    is_dark = _is_dark(small)
    light = _light(ImageOps.invert(small) if is_dark else small)
    shown = small if side == DETECTION_SIDE else _fitted(picture, side)
    levels = _channels(ImageOps.invert(shown) if is_dark else shown)
    paper = _channels(light.resize(shown.size, Image.Resampling.BILINEAR))
    return Ink(levels, (levels / np.maximum(paper, 1)).clip(0, 1), paper, is_dark)


def cut_out(picture: Image.Image) -> Cutout | None:
    """Return the drawing on an RGB picture in dark ink on white; None if there is no ink.

    Takes 25 ms; the mask of an object takes a pass through the network.
    """
    from scipy import ndimage  # Imported here for the same reason as in `_light`.

    ink = separate(picture, side=CUT_SIDE)
    low = max(ink.threshold, FAINT * ink.strength)
    # Strokes are as dark as they were beside each other, and the darkest are black.
    darkness = ((ink.darkness - low / 2) / max(ink.strength - low / 2, 0.05)).clip(0, 1)
    kept = _drawing_in(ink.darkness > low)
    if not kept.any():
        return None
    # With the soft edges of the strokes.
    near = ndimage.binary_dilation(kept, iterations=2)
    levels = np.where(near, 255 * (1 - darkness), 255)
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    height, width = kept.shape
    box = Box(
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )
    grey = Image.fromarray((levels + 0.5).astype(np.uint8)).convert("RGB")
    return Cutout(picture, grey, box, WHITE, "ink")


def on_white(picture: Image.Image) -> Cutout:
    """Return the drawing on an RGB picture that is in ink on white as it is, colours in black."""
    lines = _in_black(picture) if is_coloured(picture) else picture
    return replace(find_object(lines) or whole(lines), original=picture, basis="ink")


def is_coloured(picture: Image.Image) -> bool:
    """Return whether more than a few pixels of an RGB picture are coloured."""
    return bool((colourfulness(np.asarray(picture)) > COLOURED).mean() > MIN_COVERED)


def colourfulness(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the largest of red, green and blue minus the smallest, of RGB pixels (..., 3)."""
    return np.asarray(pixels.max(axis=-1) - pixels.min(axis=-1))


def _in_black(picture: Image.Image) -> Image.Image:
    """Return the lines of coloured ink on white in black: yellow is as good a line as blue.

    What is coloured in with a wide brush is no line; if there is nothing else, its outline is.
    """
    from scipy import ndimage  # Imported here for the same reason as in `_light`.

    pixels = np.asarray(picture)
    darkness = 255 - pixels.min(axis=-1).astype(np.int16)
    levels = (255 - 2 * darkness).clip(0, 255)
    inside = ndimage.minimum_filter(colourfulness(pixels) > COLOURED, WIDE)
    wide = ndimage.maximum_filter(inside, WIDE + 2)
    lines = np.where(wide & (pixels.max(axis=-1) >= BLACK), 255, levels)
    if (lines < BLACK).mean() < MIN_COVERED:
        lines = np.where(inside, 255, levels)
    return Image.fromarray(lines.astype(np.uint8)).convert("RGB")


def _drawing_in(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the ink without specks, and without what reaches into the picture from outside."""
    from scipy import ndimage  # Imported here for the same reason as in `_light`.

    parts, count = ndimage.label(ink, np.ones((3, 3)))
    if count < 2:
        return ink
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    kept = sizes >= MIN_PART * sizes.max()
    outlines = np.bincount(parts[ink & ~ndimage.binary_erosion(ink)], minlength=count + 1) * kept
    border = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    inside = kept.copy()
    inside[border] = False
    if outlines[inside].sum() >= MIN_INSIDE * outlines.sum():
        kept = inside
    return np.asarray(kept[parts])


def _is_dark(picture: Image.Image) -> bool:
    """Return whether a picture shows light strokes on a dark ground."""
    levels = np.asarray(picture.convert("L"))
    edges = np.concatenate(
        [part.ravel() for part in (levels[:3], levels[-3:], levels[:, :3], levels[:, -3:])]
    )
    ground = np.median(edges)
    darkest, brightest = np.quantile(levels, (EXTREMES, 1 - EXTREMES))
    return bool(ground < DARK and ground - darkest <= brightest - ground)


def _light(picture: Image.Image) -> Image.Image:
    """Return the light of the paper in a picture of `DETECTION_SIDE`, in colours and smaller.

    It is what is brightest near each pixel, averaged: strokes are narrower than the neighbourhood
    that is looked at. Averaging at a quarter of the size takes a fifth of the time.
    """
    from scipy import ndimage  # Imported here: it takes 0.3 s, which only some pictures need.

    smooth = np.asarray(picture.filter(ImageFilter.GaussianBlur(1)))
    brightest = Image.fromarray(ndimage.maximum_filter(smooth, (WIDEST_STROKE, WIDEST_STROKE, 1)))
    width, height = (max(1, length // LIGHT_SCALE) for length in picture.size)
    small = brightest.resize((width, height), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(LIGHT_REACH / LIGHT_SCALE))


def _channels(picture: Image.Image) -> NDArray[np.float32]:
    """Return float32 (3, height, width) of an RGB picture: NumPy is faster along whole channels."""
    return np.stack([np.asarray(channel, np.float32) for channel in picture.split()])


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    """Return a picture whose longer side is `side` pixels, or less if it has fewer."""
    scale = side / max(picture.size)
    width, height = (max(8, round(length * scale)) for length in picture.size)
    filter = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    return picture.resize((width, height), filter, reducing_gap=1)
