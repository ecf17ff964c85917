"""Smaller pictures, and thumbnails within their budget."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.pictures.decoding import decode, format_of
from core.pictures.resizing import shrink, thumbnail
from tests.core.pictures.support import PHOTO, noise, pixels

# Pytest sets aside the filter that core.pictures.decoding sets, for every test.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")


def test_a_small_picture_is_not_copied() -> None:
    assert shrink(PHOTO, side=48) is PHOTO


@pytest.mark.parametrize(
    ("size", "expected"),
    [((2048, 1024), (1024, 512)), ((500, 3000), (171, 1024)), ((16_384, 1), (1024, 1))],
)
def test_a_larger_picture_is_scaled_down_in_proportion(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert shrink(Image.new("RGB", size)).size == expected


def test_shrinking_averages_and_does_not_pick_pixels() -> None:
    stripes = Image.fromarray(np.tile(np.array([0, 255], np.uint8), (64, 32))).convert("RGB")
    found = pixels(shrink(stripes, side=16))[:, 2:-2]
    np.testing.assert_allclose(found, 127.5, atol=12)


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((400, 200), (0, 40, 160, 120)),
        ((200, 400), (40, 0, 120, 160)),
        ((300, 300), (0, 0, 160, 160)),
        ((20, 10), (0, 40, 160, 120)),
        ((9_000, 1), (0, 79, 160, 80)),
    ],
)
def test_a_thumbnail_is_centred_on_a_white_square(
    size: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    data = thumbnail(Image.new("RGB", size, (20, 20, 20)))
    assert format_of(data) == "webp"
    found = pixels(decode(data))
    assert found.shape == (160, 160, 3)
    expected = np.full((160, 160, 3), 255)
    left, top, right, bottom = box
    expected[top:bottom, left:right] = 20
    np.testing.assert_allclose(found, expected, atol=12)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2**32 - 1),
    st.sampled_from([2, 16, 256]),
    st.sampled_from([300, 1_000, 8_000]),
)
def test_a_thumbnail_of_anything_is_within_its_budget(
    width: int, height: int, seed: int, levels: int, budget: int
) -> None:
    values = np.random.default_rng(seed).integers(0, levels, (height, width, 3)) * (
        255 // (levels - 1)
    )
    data = thumbnail(Image.fromarray(values.astype(np.uint8)), budget=budget)
    assert len(data) < budget
    assert decode(data).size == (160, 160)


def test_a_thumbnail_of_a_simple_picture_has_full_quality() -> None:
    picture = noise(6, 6).resize((160, 160), Image.Resampling.BICUBIC)
    difference = abs(pixels(decode(thumbnail(picture))) - pixels(picture))
    assert difference.mean() < 4


def test_a_budget_that_cannot_be_met_is_an_error() -> None:
    with pytest.raises(ValueError, match="20 bytes"):
        thumbnail(PHOTO, budget=20)
