"""TIFF pictures of floats and wide integers, which are read in a process of their own."""

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from core.pictures import DamagedImage, ImageTooLarge, UnsupportedFormat
from core.pictures.decoding import Limits, decode, decode_with_alpha
from core.pictures.deep_tiff import range_of, to_picture


def tiff(values: NDArray[Any], **options: Any) -> bytes:
    """Return a TIFF file; a picture with colours unless the options say otherwise."""
    file = io.BytesIO()
    tifffile.imwrite(file, values, **{"photometric": "rgb"} | options)
    return file.getvalue()


def levels(values: NDArray[Any], **options: Any) -> NDArray[np.int64]:
    """Return the levels of the picture that is read of values."""
    return np.asarray(decode(tiff(values, **options))).astype(np.int64)


@pytest.fixture
def ramp() -> NDArray[np.float64]:
    """Return colours from 0 to 1: (32, 48, 3), each with a gradient of its own."""
    rows, columns = np.mgrid[0:1:32j, 0:1:48j]
    return np.stack([columns, rows, 1 - columns], axis=2)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zlib"},
        {"tile": (16, 16)},
        {"byteorder": ">"},
        {"bigtiff": True},
    ],
    ids=["plain", "deflate", "tiles", "big-endian", "BigTIFF"],
)
def test_floats_from_0_to_1_are_shown_as_they_are(
    ramp: NDArray[np.float64], dtype: str, options: dict[str, Any]
) -> None:
    found = levels(ramp.astype(dtype), **options)
    assert np.abs(found - ramp * 255).max() <= 1


@pytest.mark.parametrize(("white", "dtype"), [(255, "float32"), (65_535, "uint32")])
def test_other_ranges_are_recognized(ramp: NDArray[np.float64], white: int, dtype: str) -> None:
    assert np.abs(levels((ramp * white).astype(dtype)) - ramp * 255).max() <= 1


def test_planes_are_put_together(ramp: NDArray[np.float64]) -> None:
    planes = np.moveaxis(ramp, 2, 0).astype(np.float32)
    assert np.abs(levels(planes, planarconfig="separate") - ramp * 255).max() <= 1


def test_a_lamp_does_not_make_all_else_black(ramp: NDArray[np.float64]) -> None:
    bright = ramp.astype(np.float32)
    bright[0, :2] = 400
    found = levels(bright)
    assert np.abs(found[1:] - ramp[1:] * 255).max() <= 2
    assert (found[0, :2] == 255).all()


def test_a_dark_picture_is_stretched(ramp: NDArray[np.float64]) -> None:
    found = levels((ramp * 0.05).astype(np.float32))
    assert np.abs(found - ramp * 255).max() <= 3


def test_what_is_not_a_number_is_black(ramp: NDArray[np.float64]) -> None:
    holes = ramp.astype(np.float32)
    holes[:4, :4] = np.nan
    holes[4:8, :4] = np.inf
    found = levels(holes)
    assert (found[:4, :4] == 0).all() and (found[4:8, :4] == 255).all()
    assert np.abs(found[8:] - ramp[8:] * 255).max() <= 1

    heights = np.full((20, 20), 250, np.float32)
    heights[:, 10:] = 900
    heights[0] = np.nan
    found = levels(heights, photometric="minisblack")
    assert (found[0] == 0).all() and found[1, 0, 0] < found[1, 19, 0] == 255


def test_grey_may_have_its_white_at_0(ramp: NDArray[np.float64]) -> None:
    grey = ramp[..., 0].astype(np.float16)
    found = levels(grey, photometric="miniswhite")
    assert np.abs(found[..., 0] - (255 - ramp[..., 0] * 255)).max() <= 1


@pytest.mark.parametrize("kind", ["assocalpha", "unassalpha"])
def test_opacity_is_read(ramp: NDArray[np.float64], kind: str) -> None:
    opacity = np.ones((32, 48, 1))
    opacity[:, 24:] = 0.5
    opacity[:8] = 0
    colours = ramp * opacity if kind == "assocalpha" else ramp
    data = tiff(np.concatenate([colours, opacity], axis=2).astype(np.float32), extrasamples=[kind])

    picture, alpha = decode_with_alpha(data)

    assert alpha is not None and np.asarray(alpha)[[0, 20, 20], [0, 0, 40]].tolist() == [
        0,
        255,
        128,
    ]
    found = np.asarray(picture).astype(np.int64)
    assert (found[0] == 255).all()
    assert np.abs(found[8:, :24] - ramp[8:, :24] * 255).max() <= 1
    assert np.abs(found[8:, 24:] - (ramp[8:, 24:] + 1) / 2 * 255).max() <= 2


def test_it_is_turned_upright(ramp: NDArray[np.float64]) -> None:
    found = levels(ramp.astype(np.float32), extratags=[(274, 3, 1, 6, True)])
    assert found.shape == (48, 32, 3)
    assert np.abs(found - np.rot90(ramp, -1) * 255).max() <= 1


def test_a_compression_of_another_package_is_said(ramp: NDArray[np.float64]) -> None:
    data = io.BytesIO(tiff(ramp.astype(np.float32)))
    with tifffile.TiffFile(data, mode="r+") as file:
        file.pages.first.tags["Compression"].overwrite(5)
    with pytest.raises(UnsupportedFormat, match=r"compression need another package.*imagecodecs"):
        decode(data.getvalue())


def test_what_is_damaged_or_too_large_is_said(ramp: NDArray[np.float64]) -> None:
    data = tiff(ramp.astype(np.float32))
    with pytest.raises(DamagedImage):
        decode(data[: len(data) // 2])
    with pytest.raises(DamagedImage):
        decode(tiff(np.full_like(ramp, np.nan)))
    with pytest.raises(ImageTooLarge, match="at most 40 a side"):
        decode(data, limits=Limits(side=40))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="not a picture"):
        to_picture(np.zeros((2, 2, 2)), 3, 0)
    with pytest.raises(ValueError, match="not a picture"):
        to_picture(np.zeros((2, 2, 3), complex), 3, 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.5, 1], (0, 1)),
        ([-0.01, 0.5, 1], (0, 1)),
        ([0, 100, 200], (0, 255)),
        ([-3, 0, 3], (-3, 3)),
        ([0, 0.05, 0.1], (0, 0.1)),
        ([1e6, 2e6, 3e6], (1e6, 3e6)),
        ([0.4, 0.4, 0.4], (0, 1)),
        ([0, 0, 0], (0, 1)),
    ],
)
def test_the_range_is_taken_from_the_values(
    values: list[float], expected: tuple[float, float]
) -> None:
    assert range_of(np.array(values, np.float32)) == pytest.approx(expected, rel=0.02, abs=0.02)


def test_a_thin_line_is_not_taken_for_noise() -> None:
    drawing = np.zeros((200, 200), np.float32)
    drawing[100] = 0.8
    assert range_of(drawing) == (0, 1)
