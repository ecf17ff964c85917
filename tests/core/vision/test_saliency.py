"""The region proposed for a cluttered picture, with the real network."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.vision import Network, precision, saliency


@pytest.fixture(scope="module")
def trained() -> Network:
    return precision.load()


def clutter(size: int = 448) -> Image.Image:
    """Return a ground that is not plain: soft blotches of brown and green."""
    noise = np.random.default_rng(3).integers(60, 150, (28, 28, 3), np.uint8)
    noise[..., 2] //= 2
    blotches = Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC)
    return blotches.filter(ImageFilter.GaussianBlur(4))


def mug(picture: Image.Image, left: int, top: int, side: int) -> None:
    """Paint a white mug with stripes into a square of the picture."""
    draw = ImageDraw.Draw(picture)
    right, bottom = left + 0.75 * side, top + side
    draw.ellipse(
        (left + side * 0.55, top + side * 0.2, left + side, top + side * 0.75), None, "white", 14
    )
    draw.rounded_rectangle((left, top, right, bottom), side // 8, "white", "black", 4)
    for stripe in range(3):
        down = top + side * (0.25 + 0.2 * stripe)
        draw.rectangle((left + 4, down, right - 4, down + side * 0.08), "crimson")


@pytest.mark.parametrize(("left", "top"), [(30, 40), (250, 40), (30, 250), (250, 250)])
def test_box_is_around_the_object(trained: Network, left: int, top: int) -> None:
    picture, side = clutter(), 170
    mug(picture, left, top, side)

    box = saliency.propose(picture, trained)

    assert box is not None
    across = (box.left + box.right) / 2 * 448
    down = (box.top + box.bottom) / 2 * 448
    # In the middle third of the object, to the cell that the network sees: 64 pixels.
    assert abs(across - left - side / 2) < 64
    assert abs(down - top - side / 2) < 64
    assert (box.right - box.left) * (box.bottom - box.top) < 0.4


def test_no_box_for_an_object_that_fills_the_picture(trained: Network) -> None:
    picture = clutter()
    mug(picture, 4, 4, 440)

    assert saliency.propose(picture, trained) is None


def test_no_box_if_nothing_is_salient(trained: Network) -> None:
    assert saliency.propose(clutter(), trained) is None
