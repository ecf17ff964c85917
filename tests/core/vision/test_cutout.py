"""Objects that are told from their background without the network, and by a given mask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.pictures import WHOLE, Box
from core.vision import cutout, segmentation
from core.vision.preprocessing import crop_object, line_drawing, shown_part, squash

WHITE, RED = (255, 255, 255), (200, 30, 30)
SIDE = 200
# A third of the picture, and where it is.
BOX = (50, 60, 120, 150)
SHARES = Box(*(edge / SIDE for edge in BOX))


def noise(seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    return Image.fromarray(pixels)


def mask(box: tuple[int, int, int, int] = BOX, *, level: int = 255) -> Image.Image:
    """Return the opacity of a rectangle; unlike in `ImageDraw` its right edge is not in it."""
    opacity = Image.new("L", (SIDE, SIDE))
    opacity.paste(level, box)
    return opacity


def test_a_transparent_file_tells_its_object_whatever_its_colour() -> None:
    white = Image.new("RGB", (SIDE, SIDE), WHITE)
    cut = segmentation.without_network(white, mask())

    assert cut is not None
    assert cut.basis == "alpha"
    assert cut.box == SHARES
    assert cut.picture is cut.original is white


@pytest.mark.parametrize(
    "alpha",
    [
        Image.new("L", (SIDE, SIDE), 255),
        Image.new("L", (SIDE, SIDE), 0),
        mask((0, 0, SIDE, SIDE), level=100),
        mask().point(lambda level: 255 - level),
    ],
    ids=["opaque", "empty", "faint", "inverted"],
)
def test_an_alpha_channel_without_an_object_is_ignored(alpha: Image.Image) -> None:
    assert segmentation.without_network(noise(), alpha) is None
    plain = Image.new("RGB", (SIDE, SIDE), WHITE)
    plain.paste(RED, BOX)
    found = segmentation.without_network(plain, alpha)
    assert found is not None
    assert (found.basis, found.box) == ("plain", SHARES)


def test_what_a_mask_leaves_out_is_white_and_the_object_stays_as_it_is() -> None:
    picture = noise()
    cut = cutout.with_mask(picture, mask())

    assert cut.basis == "mask"
    assert cut.box == SHARES
    assert cut.original is picture
    pixels, inside = np.asarray(cut.picture), np.asarray(mask()) > 0
    assert (pixels[~inside] == 255).all()
    np.testing.assert_array_equal(pixels[inside], np.asarray(picture)[inside])


def test_a_mask_of_nothing_gives_the_whole_picture() -> None:
    picture = noise()
    cut = cutout.with_mask(picture, Image.new("L", (30, 20)))
    assert (cut.basis, cut.box, cut.picture) == ("whole", WHOLE, picture)


@settings(max_examples=20)
@given(seed=st.integers(0, 100), other=st.integers(101, 200))
def test_the_views_of_a_cut_out_do_not_depend_on_its_background(seed: int, other: int) -> None:
    thing = noise(999).crop((0, 0, 70, 90))
    views = []
    for ground in (noise(seed), noise(other)):
        ground.paste(thing, BOX[:2])
        cut = cutout.with_mask(ground, mask())
        views.append((crop_object(cut).pixels, line_drawing(cut).pixels))
        assert crop_object(cut, squashed=squash(ground)).part == WHOLE
        assert shown_part(cut) == shown_part(cut, as_drawing=True) != WHOLE
    np.testing.assert_array_equal(views[0], views[1])


def test_a_mask_of_another_size_is_enlarged() -> None:
    picture = Image.new("RGB", (800, 600), RED)
    small = Image.new("L", (80, 60))
    ImageDraw.Draw(small).ellipse((20, 10, 59, 49), fill=255)
    cut = cutout.with_mask(picture, small)

    assert cut.picture.size == picture.size
    assert cut.picture.getpixel((400, 300)) == RED
    assert cut.picture.getpixel((100, 300)) == WHITE
    assert cut.box.left == pytest.approx(20 / 80, abs=0.02)
