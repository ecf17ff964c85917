"""Pixels as arrays: the colours, gradients and blurs that grounds are painted with."""

import colorsys

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

# RGB, float32 (height, width, 3), or a share, float32 (height, width); both from 0 to 1.
Pixels = NDArray[np.float32]
Random = np.random.Generator


def coordinates(width: int, height: int) -> tuple[Pixels, Pixels]:
    """Return x and y of every pixel, float32 (height, width), 0 to 1 from the top left."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    return x / width, y / height


def filled(colour: tuple[float, float, float], width: int, height: int) -> Pixels:
    """Return pixels of one colour."""
    return np.full((height, width, 3), colour, np.float32)


def mixed(first: NDArray[np.float64], second: NDArray[np.float64], share: Pixels) -> Pixels:
    """Return two colours mixed: `share`, (height, width), of the second."""
    return np.asarray(first + (second - first) * share[..., None], np.float32)


def smooth(share: Pixels) -> Pixels:
    """Return 0 below 0, 1 above 1, and an even transition between them."""
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def hsv(
    random: Random,
    *,
    hue: tuple[float, float] = (0.0, 1.0),
    saturation: tuple[float, float],
    value: tuple[float, float],
) -> tuple[float, float, float]:
    """Return a random colour, RGB from 0 to 1."""
    return colorsys.hsv_to_rgb(*(random.uniform(*each) for each in (hue, saturation, value)))


def blurred(pixels: Pixels, *, radius: float) -> Pixels:
    """Return pixels after a Gaussian blur; the radius is a share of the height."""
    # Two bytes a channel would be better in dark gradients; noise covers the steps of one.
    blur = ImageFilter.GaussianBlur(radius * pixels.shape[0])
    return np.asarray(as_picture(pixels).filter(blur), np.float32) / np.float32(255)


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels at another size."""
    picture = as_picture(pixels).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(picture, np.float32) / np.float32(255)


def as_picture(pixels: Pixels) -> Image.Image:
    """Return float pixels, 0 to 1, as a picture."""
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))
