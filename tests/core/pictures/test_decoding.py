"""Decoding gives upright, opaque sRGB pictures for every format, or an error with advice."""

import io
import itertools
import re
import struct
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageFile

from core.errors import LookalikeError
from core.pictures import DamagedImage, EmptyImage, ImageError, ImageTooLarge, UnsupportedFormat
from core.pictures.decoding import Limits, decode, format_of
from tests.core.pictures.support import (
    EVERY_FILE,
    FILES,
    P3,
    PALETTE,
    PHOTO,
    encode,
    gamma,
    noise,
    pixels,
    png,
    rgb_profile,
    run_length_bmp,
    tiff,
)

# Pytest sets aside the filter that core.pictures.decoding sets, for every test.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")


# ---------------------------------------------------------------- what is read


@EVERY_FILE
def test_an_ordinary_picture_has_exactly_the_pixels_that_pillow_reads(name: str) -> None:
    picture = decode(FILES[name])
    with Image.open(io.BytesIO(FILES[name])) as opened:
        np.testing.assert_array_equal(pixels(picture), pixels(opened.convert("RGB")))
    assert picture.mode == "RGB"
    assert picture.info == {}


@pytest.mark.parametrize(
    "name",
    ["png", "png animated", "webp lossless", "webp animated", "bmp", "tif", "tif LZW", "tif big"],
)
def test_a_lossless_file_gives_the_first_frame_unchanged(name: str) -> None:
    np.testing.assert_array_equal(pixels(decode(FILES[name])), pixels(PHOTO))


def test_an_animated_gif_gives_its_first_frame() -> None:
    np.testing.assert_array_equal(
        pixels(decode(FILES["gif animated"])), pixels(PALETTE.convert("RGB"))
    )


def test_a_jpeg_may_lack_its_end_mark_but_no_pixels() -> None:
    whole = encode(PHOTO, "JPEG")

    np.testing.assert_array_equal(pixels(decode(whole[:-2])), pixels(decode(whole)))
    for missing in (8, 50, len(whole) // 2):
        with pytest.raises(DamagedImage, match="cut short"):
            decode(whole[:-missing])


def test_a_progressive_jpeg_cut_between_two_scans_is_cut_short() -> None:
    whole = encode(PHOTO, "JPEG", progressive=True)
    second_scan = whole.index(b"\xff\xda", whole.index(b"\xff\xda") + 1)

    with pytest.raises(DamagedImage, match="cut short"):
        decode(whole[:second_scan])


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_that_fades_in_gives_the_first_frame_that_shows_something(
    file_format: str,
) -> None:
    blank = Image.new("L", (40, 30), 255)
    frames = [blank.copy() for _ in range(3)]
    for frame, level in zip(frames, (235, 120, 0), strict=True):
        frame.paste(level, (10, 5, 30, 25))
    options = {"lossless": True} if file_format == "WEBP" else {}

    found = decode(
        encode(blank, file_format, save_all=True, append_images=frames, duration=100, **options)
    )

    np.testing.assert_array_equal(pixels(found), pixels(frames[1].convert("RGB")))


def test_an_animation_of_blank_frames_gives_its_first() -> None:
    frames = [Image.new("L", (40, 30), level) for level in (255, 250, 245)]

    found = decode(encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    assert found.getextrema() == ((255, 255),) * 3


def test_a_damaged_later_frame_leaves_the_first() -> None:
    blank = Image.new("L", (40, 30), 255)
    whole = encode(blank, "GIF", save_all=True, append_images=[noise(40, 30)])

    found = decode(whole[:-300] + bytes(280) + whole[-20:])

    np.testing.assert_array_equal(pixels(found), pixels(blank.convert("RGB")))


@EVERY_FILE
def test_the_extension_follows_from_the_content(name: str) -> None:
    assert format_of(FILES[name]) == name.split()[0]


def test_avif_may_be_any_of_the_brands() -> None:
    data = FILES["avif"][:8] + b"mif1" + FILES["avif"][12:]
    assert format_of(data) == "avif"
    np.testing.assert_array_equal(pixels(decode(data)), pixels(decode(FILES["avif"])))


OTHER_FORMATS = {
    "text": b"Not a picture, but text of some length",
    "text like BMP": b"BMW is a maker of cars, not a picture",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(100),
    "ico": encode(PHOTO, "ICO"),
    "ppm": encode(PHOTO, "PPM"),
    "tga": encode(PHOTO, "TGA"),
    "jp2": encode(PHOTO, "JPEG2000"),
}


@pytest.mark.parametrize("data", OTHER_FORMATS.values(), ids=OTHER_FORMATS)
def test_other_formats_are_rejected_even_if_pillow_could_read_them(data: bytes) -> None:
    for function in (format_of, decode):
        with pytest.raises(
            UnsupportedFormat, match="JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF, HEIC or JPEG XL"
        ):
            function(data)


def test_an_empty_file_is_reported_as_empty() -> None:
    with pytest.raises(EmptyImage, match="empty"):
        decode(b"")


# ---------------------------------------------------------------- orientation


# Exif 2.32, tag 274: where the first row and the first column are seen.
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {"quality": 100}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("AVIF", {"quality": 100}),
    ],
)
def test_the_picture_is_rotated_upright(
    file_format: str, options: dict[str, Any], orientation: int
) -> None:
    stored = np.full((48, 80, 3), 255, np.uint8)
    stored[:8] = (255, 0, 0)
    stored[8:, :8] = (0, 0, 255)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = encode(Image.fromarray(stored), file_format, exif=exif.tobytes(), **options)

    upright = pixels(decode(data))

    assert upright.shape == ((48, 80, 3) if orientation <= 4 else (80, 48, 3))
    side = {
        "top": upright[3],
        "bottom": upright[-4],
        "left": upright[:, 3],
        "right": upright[:, -4],
    }
    row, column = SIDES[orientation]
    # The median of a side is its own colour: the corner belongs to both.
    np.testing.assert_allclose(np.median(side[row], axis=0), (255, 0, 0), atol=6)
    np.testing.assert_allclose(np.median(side[column], axis=0), (0, 0, 255), atol=6)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"]
)
def test_broken_exif_leaves_the_picture_as_it_is(exif: bytes) -> None:
    picture = decode(encode(PHOTO, "PNG", exif=exif))
    np.testing.assert_array_equal(pixels(picture), pixels(PHOTO))


# ---------------------------------------------------------------- limits


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG file: it cannot be decoded, so only its size can be rejected."""
    return png(width, height, bits=8, colour=2, rows=b"")[:45]


def gif_frame(width: int, height: int) -> bytes:
    """A GIF file whose screen is small and whose frame is not."""
    data = encode(Image.new("P", (4, 4)), "GIF")
    at = data.index(b",", 13)
    return data[: at + 5] + struct.pack("<HH", width, height) + data[at + 9 :]


def webp_canvas(width: int, height: int) -> bytes:
    """A WebP file whose canvas is larger than the picture on it."""
    data = bytearray(encode(PHOTO, "WEBP", icc_profile=b"there is a canvas if there is this"))
    data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


def tiff_tile(side: int) -> bytes:
    """A compressed TIFF of 100 x 100 pixels in one tile of another size."""
    return tiff(
        *((256, 3, 1, 100), (257, 3, 1, 100), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)),
        *((277, 3, 1, 1), (322, 4, 1, side), (323, 4, 1, side), (324, 4, 1, 8), (325, 4, 1, 100)),
    )


TOO_LARGE = {
    "area": (png_header(10_000, 6_020), "60.2 megapixels; at most 50"),
    "area by little": (png_header(10_001, 5_000), "50.1 megapixels; at most 50"),
    "side": (png_header(16_385, 1), "16,385 x 1 pixels; at most 16,384"),
    "beyond reason": (png_header(2**31 - 1, 2**31 - 1), "at most 16,384"),
    "gif frame": (gif_frame(12_000, 10_000), "120.0 megapixels; at most 50"),
    "gif frame beyond Pillow's limit": (gif_frame(65_535, 65_535), "limit of 50 megapixels"),
    "webp canvas": (webp_canvas(16_383, 16_383), "limit of 50 megapixels"),
    "tiff tile": (tiff_tile(45_008), "45,008 x 45,008 pixels; at most 16,384"),
}


@pytest.mark.parametrize(("data", "figures"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_picture_that_is_too_large_is_rejected_before_it_is_decoded(
    data: bytes, figures: str
) -> None:
    with pytest.raises(ImageTooLarge, match=re.escape(figures)):
        decode(data)


def test_a_file_of_too_many_bytes_is_rejected() -> None:
    with pytest.raises(ImageTooLarge, match=re.escape("20.1 MB; at most 20")):
        decode(FILES["png"] + bytes(20_000_000))


def test_limits_are_inclusive_and_can_be_set() -> None:
    data = FILES["png"]
    exact = Limits(file_bytes=len(data), pixels=48 * 40, side=48)
    assert decode(data, limits=exact).size == (48, 40)
    for narrower in (
        Limits(file_bytes=len(data) - 1),
        Limits(pixels=48 * 40 - 1),
        Limits(side=47),
    ):
        with pytest.raises(ImageTooLarge):
            decode(data, limits=narrower)


def test_a_picture_without_pixels_is_rejected() -> None:
    with pytest.raises(DamagedImage):
        decode(png(0, 5, bits=8, colour=2, rows=b""))


def test_a_run_length_encoded_bmp_is_read() -> None:
    found = pixels(decode(run_length_bmp(20)))
    np.testing.assert_array_equal(found[:, 0], np.full((20, 3), (0, 0, 1)))
    np.testing.assert_array_equal(found[:, 1:], 0)


def test_pillows_warnings_reach_neither_the_console_nor_the_caller() -> None:
    script = (
        "import sys; from core.pictures import ImageTooLarge\n"
        "from core.pictures.decoding import decode\n"
        "try: decode(sys.stdin.buffer.read())\n"
        "except ImageTooLarge: print('too large')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", script],
        input=gif_frame(12_000, 10_000),
        capture_output=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == (b"too large", b"")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageTooLarge):
            decode(gif_frame(12_000, 10_000))


# ---------------------------------------------------------------- damage


def test_pillow_does_not_load_truncated_files() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


SMALL = Limits(pixels=1_000_000)  # a flipped bit may ask for 50 megapixels, which takes a while


def picture_or_error(data: bytes) -> None:
    try:
        picture = decode(data, limits=SMALL)
    except ImageError as error:
        assert isinstance(error, LookalikeError)
        assert re.fullmatch(r"[A-Z].*\. [A-Z].*\.", str(error))
        return
    assert picture.mode == "RGB"
    assert 0 < picture.width * picture.height <= SMALL.pixels


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_changed_bytes_give_a_picture_or_an_image_error(name: str, data: st.DataObject) -> None:
    changed = bytearray(FILES[name])
    # Half of the changes go to the first 200 bytes, where the headers are.
    places = st.integers(0, 199) | st.integers(0, len(changed) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1)):
        changed[place] = value
    picture_or_error(bytes(changed))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"", *(data[:24] for data in FILES.values())]), st.binary(max_size=400))
def test_random_bytes_give_a_picture_or_an_image_error(start: bytes, rest: bytes) -> None:
    picture_or_error(start + rest)


def test_threads_do_not_disturb_each_other() -> None:
    tagged = [
        encode(noise(200, 200, seed), "PNG", icc_profile=rgb_profile(P3, gamma(exponent)))
        for seed, exponent in itertools.product(range(4), (1.8, 2.2))
    ]
    files = [*FILES.values(), *tagged] * 4
    with ThreadPoolExecutor(8) as threads:
        for parallel, alone in zip(threads.map(decode, files), map(decode, files), strict=True):
            np.testing.assert_array_equal(pixels(parallel), pixels(alone))
