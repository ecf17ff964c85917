"""Decoding gives upright sRGB pictures on white for every format, or an error with advice."""

import io
import itertools
import re
import struct
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, ImageFile

from core.errors import LookalikeError
from core.pictures import DamagedImage, EmptyImage, ImageError, ImageTooLarge, UnsupportedFormat
from core.pictures.decoding import Limits, decode, format_of
from core.pictures.resizing import shrink, thumbnail

# Pytest sets aside the filter that core.images sets, for every test.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")

# ---------------------------------------------------------------- material


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def encode(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def pixels(picture: Image.Image) -> NDArray[np.int16]:
    return np.asarray(picture, np.int16)


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int, height: int, *, bits: int, colour: int, rows: bytes, extra: bytes = b""
) -> bytes:
    """A PNG file that Pillow cannot write."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def tiff(*tags: tuple[int, int, int, int | bytes], before: bytes = b"") -> bytes:
    """A TIFF file whose directory comes last: (tag, type, count, value or values)."""
    values = b""
    entries = b""
    directory = 8 + len(before)
    for tag, kind, count, value in tags:
        if isinstance(value, bytes):
            place = directory + 2 + 12 * len(tags) + 4 + len(values)
            entries += struct.pack("<HHII", tag, kind, count, place)
            values += value
        else:
            entries += struct.pack("<HHII", tag, kind, count, value)
    header = struct.pack("<2sHI", b"II", 42, directory) + before
    return header + struct.pack("<H", len(tags)) + entries + bytes(4) + values


def run_length_bmp(side: int) -> bytes:
    """A BMP file of a few kilobytes: each row has one pixel, and the rest of it is skipped."""
    palette = b"".join(bytes((level, 0, 0, 0)) for level in range(256))
    body = b"\1\1\0\0" * side + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(body), 0, 0, 256, 0)
    start = 14 + len(header) + len(palette)
    return struct.pack("<2sIII", b"BM", start + len(body), 0, start) + header + palette + body


PHOTO = noise(24, 20).resize((48, 40), Image.Resampling.BICUBIC)
OTHER = PHOTO.transpose(Image.Transpose.ROTATE_180)
PALETTE = PHOTO.quantize(64)

# Every format, and the ways of writing it that are read by different code.
FILES = {
    "jpg baseline": encode(PHOTO, "JPEG"),
    "jpg progressive": encode(PHOTO, "JPEG", progressive=True),
    # Without its last two bytes Pillow takes this one for whole.
    "jpg small": encode(noise(36, 36), "JPEG"),
    "jpg of two": encode(PHOTO, "MPO", save_all=True, append_images=[OTHER]),
    "png": encode(PHOTO, "PNG"),
    "png palette": encode(PALETTE, "PNG"),
    "png animated": encode(PHOTO, "PNG", save_all=True, append_images=[OTHER]),
    "webp": encode(PHOTO, "WEBP"),
    "webp lossless": encode(PHOTO, "WEBP", lossless=True),
    "webp animated": encode(
        PHOTO, "WEBP", lossless=True, save_all=True, append_images=[OTHER], duration=100
    ),
    "avif": encode(PHOTO, "AVIF"),
    "gif": encode(PALETTE, "GIF"),
    "gif animated": encode(PALETTE, "GIF", save_all=True, append_images=[OTHER.quantize(64)]),
    "bmp": encode(PHOTO, "BMP"),
    "bmp palette": encode(PALETTE, "BMP"),
    "bmp run-length": run_length_bmp(20),
    "tif": encode(PHOTO, "TIFF"),
    "tif LZW": encode(PHOTO, "TIFF", compression="tiff_lzw"),
    "tif deflate": encode(PHOTO, "TIFF", compression="tiff_adobe_deflate"),
    "tif JPEG": encode(PHOTO, "TIFF", compression="jpeg"),
    "tif big": encode(PHOTO, "TIFF", big_tiff=True),
    "tif directory last": tiff(
        *((256, 3, 1, 48), (257, 3, 1, 40), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, 40), (279, 4, 1, 1920)),
        before=PHOTO.convert("L").tobytes(),
    ),
}
EVERY_FILE = pytest.mark.parametrize("name", FILES)

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
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(100),
    "ico": encode(PHOTO, "ICO"),
    "ppm": encode(PHOTO, "PPM"),
    "tga": encode(PHOTO, "TGA"),
    "jp2": encode(PHOTO, "JPEG2000"),
}


@pytest.mark.parametrize("data", OTHER_FORMATS.values(), ids=OTHER_FORMATS)
def test_other_formats_are_rejected_even_if_pillow_could_read_them(data: bytes) -> None:
    for function in (format_of, decode):
        with pytest.raises(UnsupportedFormat, match="JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF"):
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


# ---------------------------------------------------------------- transparency

ALPHA = Image.fromarray(np.tile(np.linspace(0, 255, 48).astype(np.uint8), (40, 1)))


def on_white(colours: Image.Image, alpha: Image.Image) -> NDArray[np.float64]:
    share = pixels(alpha)[..., None] / 255
    return pixels(colours.convert("RGB")) * share + 255 * (1 - share)


@pytest.mark.parametrize(
    ("mode", "file_format", "options"),
    [
        ("RGBA", "PNG", {}),
        ("RGBA", "TIFF", {}),
        ("RGBA", "WEBP", {"lossless": True, "exact": True}),
        ("LA", "PNG", {}),
        ("LA", "TIFF", {}),
        ("PA", "TIFF", {}),
    ],
)
def test_transparency_is_composited_on_white(
    mode: str, file_format: str, options: dict[str, Any]
) -> None:
    colours = PHOTO.convert(mode.removesuffix("A"))
    picture = colours.convert(mode)
    picture.putalpha(ALPHA)
    found = pixels(decode(encode(picture, file_format, **options)))
    np.testing.assert_allclose(found, on_white(colours, ALPHA), atol=1)


def test_avif_with_transparency_is_composited_on_white() -> None:
    picture = Image.new("RGBA", (64, 64), (200, 30, 30, 0))
    picture.paste((200, 30, 30, 255), (32, 0, 64, 64))
    found = pixels(decode(encode(picture, "AVIF", quality=100)))
    np.testing.assert_allclose(found[:, :30], 255, atol=2)
    np.testing.assert_allclose(found[:, 34:], np.full((64, 30, 3), (200, 30, 30)), atol=4)


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_a_transparent_palette_colour_becomes_white(file_format: str) -> None:
    clear = PALETTE.getpixel((5, 5))
    found = pixels(decode(encode(PALETTE, file_format, transparency=clear)))
    is_clear = pixels(PALETTE) == clear
    assert 0 < is_clear.sum() < is_clear.size
    np.testing.assert_array_equal(found[is_clear], 255)
    np.testing.assert_array_equal(found[~is_clear], pixels(PALETTE.convert("RGB"))[~is_clear])


def test_a_palette_with_half_transparent_colours_is_composited_on_white() -> None:
    alphas = bytes(range(0, 256, 4))
    found = pixels(decode(encode(PALETTE, "PNG", transparency=alphas)))
    alpha = Image.fromarray(np.frombuffer(alphas, np.uint8)[np.asarray(PALETTE)])
    np.testing.assert_allclose(found, on_white(PALETTE, alpha), atol=1)


@pytest.mark.parametrize(
    ("bits", "colour", "rows", "clear", "expected"),
    [
        (1, 0, b"\0\x40", struct.pack(">H", 0), [255, 255]),
        (8, 0, b"\0\x00\x64", struct.pack(">H", 0), [255, 100]),
        (16, 0, b"\0\x00\x00\x64\x64", struct.pack(">H", 0), [255, 100]),
        (16, 0, b"\0\x75\x30\x64\x64", struct.pack(">H", 0x7530), [255, 100]),
        (8, 2, b"\0\x01\x02\x03\x64\x64\x64", struct.pack(">3H", 1, 2, 3), [255, 100]),
    ],
)
def test_a_png_may_declare_one_colour_transparent(
    bits: int, colour: int, rows: bytes, clear: bytes, expected: list[int]
) -> None:
    data = png(2, 1, bits=bits, colour=colour, rows=rows, extra=chunk(b"tRNS", clear))
    np.testing.assert_array_equal(pixels(decode(data))[0], np.repeat(expected, 3).reshape(2, 3))


# ---------------------------------------------------------------- depth and channels

GREYS = np.array([[0, 1, 128, 129, 255, 256, 385, 30_000, 32_768, 65_407, 65_535]], np.uint16)
SCALED = np.round(GREYS / 257)


@pytest.mark.parametrize(
    ("mode", "file_format", "options"),
    [
        ("I;16", "PNG", {}),
        ("I;16", "TIFF", {}),
        ("I;16", "TIFF", {"compression": "tiff_lzw"}),
        ("I;16B", "TIFF", {}),
        ("I", "TIFF", {}),
        ("F", "TIFF", {}),
    ],
)
def test_grey_of_16_bits_is_scaled_not_clipped(
    mode: str, file_format: str, options: dict[str, Any]
) -> None:
    picture = Image.fromarray(GREYS.astype(np.int32)).convert(mode)
    found = pixels(decode(encode(picture, file_format, **options)))
    np.testing.assert_array_equal(found, np.repeat(SCALED[..., None], 3, axis=2))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 0.25, 1]], np.float32), [0, 64, 255]),
        (np.array([[0, 64, 200]], np.float32), [0, 64, 200]),
        (np.array([[-2, 0, 2]], np.float32), [0, 128, 255]),
        (np.array([[0, 1, 1]], np.int32), [0, 255, 255]),
        (np.array([[0, 64, 200]], np.int32), [0, 64, 200]),
        (np.array([[100_000, 200_000, 300_000]], np.int32), [0, 128, 255]),
        (np.array([[7e9, 7e9, 7e9]], np.float32), [0, 0, 0]),
    ],
)
def test_values_without_a_stated_range_are_scaled(
    values: NDArray[Any], expected: list[int]
) -> None:
    found = pixels(decode(encode(Image.fromarray(values), "TIFF")))
    np.testing.assert_array_equal(found[0], np.repeat(expected, 3).reshape(3, 3))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_rejected(value: float) -> None:
    with pytest.raises(DamagedImage, match="TIFF"):
        decode(encode(Image.fromarray(np.array([[value, 1]], np.float32)), "TIFF"))


def test_a_png_of_16_bits_a_channel_is_scaled() -> None:
    values = np.random.default_rng(0).integers(0, 65_536, (8, 5, 3))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    found = pixels(decode(png(5, 8, bits=16, colour=2, rows=rows)))
    np.testing.assert_allclose(found, values / 257, atol=1)


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "GIF"])
@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_and_black_and_white(mode: str, file_format: str) -> None:
    picture = PHOTO.convert(mode)
    found = pixels(decode(encode(picture, file_format)))
    np.testing.assert_array_equal(found, pixels(picture.convert("RGB")))


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
@pytest.mark.parametrize(
    ("inks", "colour"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 255, 0, 0), (255, 0, 255)),
        ((0, 0, 255, 0), (255, 255, 0)),
        ((0, 0, 0, 255), (0, 0, 0)),
    ],
)
def test_cmyk_is_converted_to_rgb(
    file_format: str, inks: tuple[int, ...], colour: tuple[int, ...]
) -> None:
    found = pixels(decode(encode(Image.new("CMYK", (16, 16), inks), file_format)))
    np.testing.assert_allclose(found, np.full((16, 16, 3), colour), atol=2)


@pytest.mark.parametrize("mode", ["YCbCr", "LAB"])
def test_other_colour_spaces_of_tiff_are_converted(mode: str) -> None:
    grey = Image.new("RGB", (4, 4), (120, 120, 120))
    found = pixels(decode(encode(grey.convert(mode), "TIFF")))
    np.testing.assert_allclose(found, 120, atol=2)


# ---------------------------------------------------------------- colour profiles

# Red, green and blue in CIE XYZ under D50, as Display P3 and sRGB profiles state them.
P3 = [[0.51512, 0.2412, -0.00105], [0.29198, 0.69225, 0.04189], [0.1571, 0.06657, 0.78407]]
SRGB = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]]


def profile(space: bytes, kind: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile, version 2: a header, a table of tags, the tags."""
    tags = {b"wtpt": xyz(0.9642, 1, 0.8249), **tags}
    table = struct.pack(">I", len(tags))
    start = 128 + 4 + 12 * len(tags)
    body = b""
    for name, value in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = struct.pack(">I4x4B4s4s4s", start + len(body), 2, 64, 0, 0, kind, space, connection)
    header += bytes(12) + b"acsp" + bytes(28) + xyz(0.9642, 1, 0.8249)[8:] + bytes(48)
    return header + table + body


def xyz(*values: float) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * 65_536) for value in values))


def gamma(exponent: float) -> bytes:
    return struct.pack(">4s4xIH", b"curv", 1, round(exponent * 256))


def rgb_profile(primaries: list[list[float]], curve: bytes) -> bytes:
    tags = {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    for name, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True):
        tags[name] = xyz(*primary)
    return profile(b"RGB ", b"mntr", b"XYZ ", tags)


def cmyk_profile() -> bytes:
    """A CMYK profile whose black is black, and whose other inks all give the same medium grey."""
    corners = itertools.product((False, True), repeat=4)
    lightness = [0 if inks[3] else 128 if any(inks) else 255 for inks in corners]
    lab = bytes(itertools.chain(*((light, 128, 128) for light in lightness)))
    matrix = struct.pack(">9i", *(65_536 * (i in (0, 4, 8)) for i in range(9)))
    straight = bytes(range(256))
    table = b"mft1\0\0\0\0\x04\x03\x02\0" + matrix + straight * 4 + lab + straight * 3
    return profile(b"CMYK", b"prtr", b"Lab ", {b"A2B0": table})


def in_srgb(
    colours: NDArray[Any], primaries: list[list[float]], exponent: float
) -> NDArray[np.float64]:
    """Colours in other primaries, converted to sRGB by the formulas of IEC 61966-2-1."""
    linear = (colours / 255) ** exponent @ np.array(primaries) @ np.linalg.inv(np.array(SRGB))
    linear = linear.clip(0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(255 * coded, np.float64)


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "packbits"}),
    ],
)
def test_colours_of_another_profile_are_converted_to_srgb(
    file_format: str, options: dict[str, Any]
) -> None:
    data = encode(PHOTO, file_format, icc_profile=rgb_profile(P3, gamma(2.2)), **options)
    expected = in_srgb(pixels(PHOTO), P3, 2.2)
    assert abs(expected - pixels(PHOTO)).max() > 20
    np.testing.assert_allclose(pixels(decode(data)), expected, atol=2)


@pytest.mark.parametrize("file_format", ["JPEG", "AVIF"])
def test_a_wide_gamut_green_becomes_a_stronger_green_in_srgb(file_format: str) -> None:
    green = Image.new("RGB", (32, 32), (100, 200, 100))
    plain = pixels(decode(encode(green, file_format, quality=95)))
    found = pixels(
        decode(encode(green, file_format, quality=95, icc_profile=rgb_profile(P3, gamma(2.2))))
    )
    assert (found[..., 1] > plain[..., 1]).all()
    assert (found[..., 0] < plain[..., 0] - 20).all()


def srgb_profile() -> bytes:
    """The sRGB profile as cameras embed it: the curve in 1,024 steps, rounded."""
    level = np.linspace(0, 1, 1024)
    light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    curve = struct.pack(">4s4xI", b"curv", 1024) + (light * 65_535).astype(">u2").tobytes()
    return rgb_profile(SRGB, curve)


@pytest.mark.parametrize(
    "srgb",
    [srgb_profile(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()],
    ids=["camera", "Little CMS"],
)
def test_an_srgb_profile_changes_no_pixel(srgb: bytes) -> None:
    picture = noise(200, 200)
    found = pixels(decode(encode(picture, "PNG", icc_profile=srgb)))
    np.testing.assert_array_equal(found, pixels(picture))


def test_colours_are_converted_before_they_are_composited_on_white() -> None:
    picture = PHOTO.convert("RGBA")
    picture.putalpha(ALPHA)
    found = pixels(decode(encode(picture, "PNG", icc_profile=rgb_profile(P3, gamma(2.2)))))
    share = pixels(ALPHA)[..., None] / 255
    expected = in_srgb(pixels(PHOTO), P3, 2.2) * share + 255 * (1 - share)
    np.testing.assert_allclose(found, expected, atol=2)


def test_the_profile_of_a_palette_is_applied() -> None:
    found = pixels(decode(encode(PALETTE, "PNG", icc_profile=rgb_profile(P3, gamma(2.2)))))
    expected = in_srgb(pixels(PALETTE.convert("RGB")), P3, 2.2)
    np.testing.assert_allclose(found, expected, atol=2)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_the_profile_of_a_grey_picture_is_applied(mode: str) -> None:
    linear = profile(b"GRAY", b"mntr", b"XYZ ", {b"kTRC": gamma(1)})
    picture = Image.new("L", (4, 4), 128).convert(mode)
    found = pixels(decode(encode(picture, "PNG", icc_profile=linear)))
    np.testing.assert_allclose(found, 188, atol=1)  # half the light


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
@pytest.mark.parametrize(("inks", "grey"), [((0, 0, 0, 0), 255), ((255, 0, 0, 0), 119)])
def test_a_cmyk_profile_is_applied(file_format: str, inks: tuple[int, ...], grey: int) -> None:
    picture = Image.new("CMYK", (16, 16), inks)
    found = pixels(decode(encode(picture, file_format, icc_profile=cmyk_profile())))
    np.testing.assert_allclose(found, grey, atol=3)


USELESS = {
    "nonsense": b"nonsense",
    "cut short": rgb_profile(P3, gamma(2.2))[:200],
    "unknown curves": rgb_profile(P3, gamma(2.2)).replace(b"curv", b"curs"),
    "for inks": cmyk_profile(),
    "for grey": profile(b"GRAY", b"mntr", b"XYZ ", {b"kTRC": gamma(1)}),
}


@pytest.mark.parametrize("useless", USELESS.values(), ids=USELESS)
def test_a_profile_that_is_broken_or_for_other_channels_is_ignored(useless: bytes) -> None:
    found = pixels(decode(encode(PHOTO, "PNG", icc_profile=useless)))
    np.testing.assert_array_equal(found, pixels(PHOTO))


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


def repeated_scan() -> bytes:
    data = encode(PHOTO, "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * 200 + data[-2:]


def repeated_chunk() -> bytes:
    text = chunk(b"tEXt", b"key\0value")
    return png(1, 1, bits=8, colour=2, rows=bytes(4), extra=text * 600)


IN_MANY_PARTS = {
    "scans": (repeated_scan(), "100 scans"),
    "segments": (b"\xff\xd8" + b"\xff\xe5\0\2" * 3_000 + b"\xff\xd9", "2,000 segments"),
    "chunks": (repeated_chunk(), "500 chunks"),
    "blocks": (encode(PALETTE, "GIF")[:-1] + b"!\1\0" * 600_000 + b";", "500,000 blocks"),
    "strips": (
        tiff((256, 3, 1, 1), (257, 3, 1, 2), (273, 4, 300_000, bytes(1_200_000))),
        "200,000 strips",
    ),
    "runs": (run_length_bmp(7_000), "4,000,000 run-length"),
}


@pytest.mark.parametrize(("data", "parts"), IN_MANY_PARTS.values(), ids=IN_MANY_PARTS)
def test_small_files_that_take_long_to_parse_are_rejected(data: bytes, parts: str) -> None:
    with pytest.raises(ImageTooLarge, match=parts):
        decode(data)


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


def first_picture_ends(name: str) -> int:
    """Where a file may not be truncated: a camera's second picture is not read."""
    data = FILES[name]
    return data.index(b"\xff\xd9") + 2 if name == "jpg of two" else len(data)


@EVERY_FILE
def test_a_file_without_its_last_bytes_is_rejected(name: str) -> None:
    end = first_picture_ends(name)
    for missing in range(1, 48):
        with pytest.raises(DamagedImage):
            decode(FILES[name][: end - missing])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_file_that_is_truncated_anywhere_is_rejected(name: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, first_picture_ends(name) - 1), "cut")
    with pytest.raises(ImageError):
        decode(FILES[name][:cut])


@pytest.mark.parametrize("name", ["jpg baseline", "png", "gif", "bmp", "tif"])
def test_bytes_after_the_end_are_ignored(name: str) -> None:
    found = decode(FILES[name] + b"\0\xff\xda\xff\xd9 and so on")
    np.testing.assert_array_equal(pixels(found), pixels(decode(FILES[name])))


def test_a_wrong_checksum_of_a_png_is_detected() -> None:
    data = bytearray(FILES["png"])
    data[-14] ^= 1  # of the compressed pixels
    with pytest.raises(DamagedImage, match="PNG"):
        decode(bytes(data))


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


# ---------------------------------------------------------------- smaller pictures


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
