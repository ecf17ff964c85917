"""Every colour mode, depth and profile becomes opaque sRGB."""

import itertools
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from core.pictures.colour import DARK
from core.pictures.decoding import decode, decode_with_alpha
from core.vision.cutout import by_alpha
from tests.core.pictures.support import (
    P3,
    PALETTE,
    PHOTO,
    chunk,
    encode,
    gamma,
    noise,
    pixels,
    png,
    profile,
    rgb_profile,
)

# Pytest sets aside the filter that core.pictures.decoding sets, for every test.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")


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


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_white_on_transparency_becomes_black(mode: str) -> None:
    picture = Image.new("RGBA", (40, 30), (255, 255, 255, 0))
    picture.paste("white", (10, 5, 30, 25))
    found, alpha = decode_with_alpha(encode(picture.convert(mode), "PNG"))

    assert alpha is not None
    assert alpha.getbbox() == (10, 5, 30, 25)
    expected = Image.new("RGB", (40, 30), "white")
    expected.paste("black", (10, 5, 30, 25))
    np.testing.assert_array_equal(pixels(found), pixels(expected))

    picture.putalpha(255)  # nothing but white
    np.testing.assert_array_equal(pixels(decode(encode(picture, "PNG"))), 255)


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
        (1, 0, b"\0\x40", struct.pack(">H", 0), [255, 0]),  # white alone becomes black
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


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I", "F"])
def test_the_lightest_value_is_white_if_little_of_the_range_is_used(mode: str) -> None:
    values = np.array([[0, 294, 588, 1176]], np.int32)  # of 11 of 16 bits
    picture = Image.fromarray(values).convert(mode)

    found = pixels(decode(encode(picture, "TIFF")))

    np.testing.assert_array_equal(found[0, :, 0], [0, 64, 128, 255])


def test_white_is_zero_in_some_tiffs_of_16_bits() -> None:
    picture = Image.fromarray(GREYS.astype(np.int32)).convert("I;16")

    found = pixels(decode(encode(picture, "TIFF", tiffinfo={262: 0})))

    np.testing.assert_array_equal(found[0, :, 0], 255 - SCALED[0])


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_light_shades_on_transparency_are_put_on_a_dark_background(mode: str) -> None:
    picture = Image.new("RGBA", (40, 30), (255, 255, 255, 0))
    picture.paste("white", (10, 5, 20, 25))
    picture.paste("#ececec", (20, 5, 30, 25))

    found, alpha = decode_with_alpha(encode(picture.convert(mode), "PNG"))

    assert found.getpixel((0, 0)) == found.getpixel((39, 29)) == DARK
    assert found.getpixel((15, 10)) == (255, 255, 255)
    assert found.getpixel((25, 10)) == (236, 236, 236)
    cut = by_alpha(found, alpha)
    assert cut is not None and cut.background == DARK


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

SRGB = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]]


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
