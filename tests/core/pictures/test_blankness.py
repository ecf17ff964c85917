"""Pictures that show something, and those that do not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.pictures.blankness import is_blank
from core.pictures.decoding import decode
from core.pictures.encoding import webp


def noise(colour: int, spread: float, size: tuple[int, int]) -> Image.Image:
    levels = np.random.default_rng(0).normal(colour, spread, (*size[::-1], 3))
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def drawn(ground: tuple[int, int, int], line: tuple[int, int, int], side: int) -> Image.Image:
    """Draw a triangle with lines of one pixel."""
    picture = Image.new("RGB", (side, side), ground)
    corners = [(side * 0.2, side * 0.7), (side * 0.7, side * 0.7), (side * 0.5, side * 0.3)]
    ImageDraw.Draw(picture).polygon(corners, outline=line)
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (300, 200), "white"),
        Image.new("RGB", (1, 1), "black"),
        Image.new("RGB", (64, 64), (200, 30, 30)),
        noise(8, 6, (640, 480)),  # a photograph with the lens cap on
        noise(230, 8, (1200, 900)),
        decode(webp(noise(120, 2, (200, 200)), quality=20)),
        drawn((0, 0, 0), (25, 25, 25), 400),
        drawn((250, 250, 250), (255, 255, 255), 400),
    ],
)
def test_there_is_nothing_to_see(picture: Image.Image) -> None:
    assert is_blank(picture)


@pytest.mark.parametrize(
    "picture",
    [
        drawn((255, 255, 255), (0, 0, 0), 64),
        drawn((255, 255, 255), (0, 0, 0), 2000),
        drawn((0, 0, 0), (255, 255, 255), 1000),
        drawn((255, 255, 255), (200, 200, 200), 300),
        Image.radial_gradient("L").convert("RGB"),
        # As light as the ground, but of another colour.
        drawn((120, 120, 120), (220, 70, 60), 200),
    ],
)
def test_there_is_something_to_see(picture: Image.Image) -> None:
    assert not is_blank(picture)
