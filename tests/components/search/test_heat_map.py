"""The heat map over a picture."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from components.search.heat_map import overlay
from core.pictures import WHOLE, Box
from core.search.explain import MatchMap
from core.vision.cutout import find_object, whole, with_mask

GREY = Image.new("RGB", (70, 70), (120, 120, 120))


def one_cell(down: int, across: int, *, value: float = 0.1, part: Box = WHOLE) -> MatchMap:
    cells = np.zeros((7, 7))
    cells[down, across] = value
    return MatchMap(cells, part)


def lightness(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"), np.float64)


def is_hot(picture: Image.Image) -> np.ndarray:
    """Return where there is much more red than blue."""
    red, _, blue = np.moveaxis(np.asarray(picture, np.int16), 2, 0)
    return red - blue > 30


@settings(max_examples=25)
@given(st.integers(0, 6), st.integers(0, 6))
def test_the_hottest_place_is_the_strongest_cell(down: int, across: int) -> None:
    light = lightness(overlay(whole(GREY), one_cell(down, across), strongest=0.1, size=448))

    assert light[down * 64 + 32, across * 64 + 32] >= light.max() - 2
    far = light[(down + 3) % 7 * 64 + 32, (across + 3) % 7 * 64 + 32]
    assert far == light.min()


@settings(max_examples=25)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_more_is_lighter_on_any_colour(colour: tuple[int, int, int]) -> None:
    """Lightness alone is enough to read the map, for people who cannot tell the hues apart."""
    picture = Image.new("RGB", (14, 14), colour)
    steps = [
        lightness(
            overlay(whole(picture), MatchMap(np.full((7, 7), value), WHOLE), strongest=1, size=14)
        )
        for value in (0, 0.25, 0.5, 0.75, 1)
    ]

    assert all((more - less).min() > 8 for less, more in pairwise(steps))


def test_negative_contributions_are_not_shown() -> None:
    against = overlay(whole(GREY), one_cell(3, 3, value=-0.1), strongest=0.1)

    assert (
        against.tobytes() == overlay(whole(GREY), one_cell(0, 0, value=0), strongest=0.1).tobytes()
    )


@pytest.mark.parametrize("strongest", [0.0, -0.2])
def test_without_positive_contributions_the_picture_is_only_dimmed(strongest: float) -> None:
    found = overlay(whole(GREY), one_cell(3, 3, value=-0.2), strongest=strongest)

    assert not is_hot(found).any()
    assert 0 < lightness(found).max() < 120


def test_two_pictures_of_one_scale_differ_where_their_contributions_differ() -> None:
    strong = overlay(whole(GREY), one_cell(3, 3, value=0.2), strongest=0.2)
    weak = overlay(whole(GREY), one_cell(3, 3, value=0.1), strongest=0.2)

    assert lightness(strong).max() > lightness(weak).max() + 20


def test_only_the_part_that_was_compared_is_hot() -> None:
    side = MatchMap(np.full((7, 7), 0.1), Box(0.5, 0.25, 0.75, 0.5))

    warm = is_hot(overlay(whole(GREY), side, strongest=0.1, size=400))

    expected = np.zeros((400, 400), bool)
    expected[100:200, 200:300] = True
    np.testing.assert_array_equal(warm, expected)


@pytest.mark.parametrize("basis", ["plain", "mask"])
def test_only_the_object_is_hot_and_what_lies_around_it_is_pale(basis: str) -> None:
    picture = Image.new("RGB", (100, 100), (230, 240, 230))
    picture.paste((40, 90, 60), (30, 20, 70, 80))
    # A window of the object that has the background's colour.
    picture.paste((230, 240, 230), (45, 40, 55, 60))
    opacity = Image.new("L", (100, 100))
    opacity.paste(255, (30, 20, 70, 80))
    cut = find_object(picture) if basis == "plain" else with_mask(picture, opacity)
    assert cut is not None and cut.basis == basis

    shown = overlay(
        cut, MatchMap(np.full((7, 7), 0.1), Box(0.1, 0.1, 0.9, 0.9)), strongest=0.1, size=400
    )

    inside = np.zeros((400, 400), bool)
    inside[84:316, 124:276] = True
    around = np.ones((400, 400), bool)
    around[76:324, 116:284] = False
    assert is_hot(shown)[inside].all()
    assert not is_hot(shown)[around].any()
    assert lightness(shown)[around].min() > 230


def test_a_part_may_reach_beyond_the_picture() -> None:
    """The centre of a square that is twice as high as a wide picture is the picture's centre."""
    wide = Image.new("RGB", (200, 100), (120, 120, 120))

    light = lightness(
        overlay(whole(wide), one_cell(3, 3, part=Box(0, -0.5, 1, 1.5)), strongest=0.1)
    )

    assert light.shape == (224, 448)
    down, across = np.unravel_index(light.argmax(), light.shape)
    assert (down, across) == pytest.approx((112, 224), abs=8)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 2), (640, 480)])
def test_pictures_of_any_size_keep_their_shape(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, "white")
    before = picture.tobytes()

    found = overlay(whole(picture), one_cell(3, 3), strongest=0.1, size=96)

    assert found.mode == "RGB"
    assert max(found.size) == 96
    width, height = size
    assert found.width / found.height == pytest.approx(width / height, rel=0.02) or 1 in found.size
    assert picture.tobytes() == before


def test_the_picture_is_still_visible_at_full_heat() -> None:
    halves = Image.new("RGB", (64, 64), "white")
    halves.paste("black", (0, 0, 32, 64))

    light = lightness(
        overlay(whole(halves), MatchMap(np.ones((7, 7)), WHOLE), strongest=1, size=64)
    )

    assert light[:, 40:].min() > light[:, :24].max() + 60
