"""Objects that are told from their background without the network, and by a given mask."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.pictures import WHOLE, Box
from core.vision import cutout, segmentation
from core.vision.cutout import find_object
from core.vision.preprocessing import crop_object, line_drawing, shown_part, squash
from tests.core.vision.support import COLOURS, RED, WHITE, Colour, blank, noise, with_rectangle

SIDE = 200
# A third of the picture, and where it is.
BOX = (50, 60, 120, 150)
SHARES = Box(*(edge / SIDE for edge in BOX))


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
    assert segmentation.without_network(noise(SIDE, SIDE), alpha) is None
    plain = Image.new("RGB", (SIDE, SIDE), WHITE)
    plain.paste(RED, BOX)
    found = segmentation.without_network(plain, alpha)
    assert found is not None
    assert (found.basis, found.box) == ("plain", SHARES)


def test_what_a_mask_leaves_out_is_white_and_the_object_stays_as_it_is() -> None:
    picture = noise(SIDE, SIDE)
    cut = cutout.with_mask(picture, mask())

    assert cut.basis == "mask"
    assert cut.box == SHARES
    assert cut.original is picture
    pixels, inside = np.asarray(cut.picture), np.asarray(mask()) > 0
    assert (pixels[~inside] == 255).all()
    np.testing.assert_array_equal(pixels[inside], np.asarray(picture)[inside])


def test_a_mask_of_nothing_gives_the_whole_picture() -> None:
    picture = noise(SIDE, SIDE)
    cut = cutout.with_mask(picture, Image.new("L", (30, 20)))
    assert (cut.basis, cut.box, cut.picture) == ("whole", WHOLE, picture)


@settings(max_examples=20)
@given(seed=st.integers(0, 100), other=st.integers(101, 200))
def test_the_views_of_a_cut_out_do_not_depend_on_its_background(seed: int, other: int) -> None:
    thing = noise(SIDE, SIDE, 999).crop((0, 0, 70, 90))
    views = []
    for ground in (noise(SIDE, SIDE, seed), noise(SIDE, SIDE, other)):
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


# ---------------------------------------------------------------- on a plain ground


@st.composite
def rectangles(draw: st.DrawFn) -> tuple[Image.Image, Box, Colour]:
    """Draw a rectangle of another colour on a plain ground, away from its border."""
    width = draw(st.integers(60, 600))
    height = draw(st.integers(max(60, width // 2), min(600, width * 2)))
    ground, colour = draw(COLOURS), draw(COLOURS)
    assume(max(abs(a - b) for a, b in zip(ground, colour, strict=True)) > 60)
    spans = []
    for length in (width, height):
        start = draw(st.integers(max(3, length // 50), length // 2))
        room = length - max(3, length // 50)
        spans.append((start, draw(st.integers(start + max(2, length // 12), room))))
    (left, right), (top, bottom) = spans
    picture = with_rectangle(
        (left, top, right, bottom), size=(width, height), ground=ground, colour=colour
    )
    return picture, Box(left / width, top / height, right / width, bottom / height), ground


@settings(max_examples=40)
@given(rectangles())
def test_an_object_on_a_plain_ground_of_any_colour_is_found_where_it_is(
    drawn: tuple[Image.Image, Box, Colour],
) -> None:
    picture, box, ground = drawn
    found = find_object(picture)
    assert found is not None
    assert found.background == ground
    for side in ("left", "top", "right", "bottom"):
        assert getattr(found.box, side) == pytest.approx(getattr(box, side), abs=0.01)


@settings(max_examples=40)
@given(ground=COLOURS, width=st.integers(1, 400), height=st.integers(1, 400))
def test_an_empty_page_has_no_object(ground: Colour, width: int, height: int) -> None:
    assert find_object(blank(width, height, ground)) is None


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), size=st.tuples(st.integers(20, 256), st.integers(20, 256)))
def test_noise_has_no_plain_ground(seed: int, size: tuple[int, int]) -> None:
    assert find_object(noise(*size, seed)) is None


def test_a_ground_that_changes_from_edge_to_edge_is_not_plain() -> None:
    ramp = np.linspace(0, 255, 256).astype(np.uint8)
    picture = Image.fromarray(np.repeat(np.tile(ramp, (256, 1))[..., None], 3, axis=2))
    assert find_object(picture) is None


def test_the_ringing_of_a_jpeg_belongs_to_the_ground() -> None:
    chance = np.random.default_rng(0)
    pixels = np.asarray(with_rectangle((60, 80, 190, 200), ground=(240, 240, 240)), np.int16)
    ringing = chance.integers(-8, 9, pixels.shape)
    found = find_object(Image.fromarray((pixels + ringing).clip(0, 255).astype(np.uint8)))
    assert found is not None
    assert found.box == Box(60 / 256, 80 / 256, 190 / 256, 200 / 256)
