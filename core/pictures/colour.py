"""Colours as 8-bit sRGB, whatever the file holds."""

import functools
import io
import itertools
import math
from typing import cast

from PIL import Image, ImageChops, ImageCms

_DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_GREY = frozenset({"1", "L", "LA", "La"})


def to_srgb_on_white(picture: Image.Image) -> Image.Image:
    """Return `picture` in mode RGB and sRGB, on white, with nothing attached."""
    profile = picture.info.get("icc_profile")
    if picture.mode in _DEEP:
        picture = _to_8_bits(picture)
    base = "L" if picture.mode in _GREY else "CMYK" if picture.mode == "CMYK" else "RGB"
    alpha = None
    if picture.has_transparency_data:
        picture = _in_mode(picture, "LA" if base == "L" else "RGBA")
        alpha = picture.getchannel("A")
    transform = _to_srgb(profile, base) if profile else None
    if transform:
        picture = transform.apply(_in_mode(picture, base))
    if alpha:
        plain = Image.new("RGB", picture.size, "white")
        plain.paste(picture, mask=alpha)
    else:
        plain = picture.convert("RGB")
    plain.info = {}  # a profile left here would be written into files, and applied again
    return plain


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Return `picture` in `mode`, without the copy that `convert` makes of one that is so."""
    return picture if picture.mode == mode else picture.convert(mode)


def _to_8_bits(picture: Image.Image) -> Image.Image:
    """Return grey of more than 8 bits scaled to mode L, or LA where one grey is transparent."""
    if picture.mode.startswith("I;16"):
        low, high = 0.0, 65_535.0
    else:
        low, high = cast("tuple[float, float]", picture.getextrema())
        whites = (white for white in (1.0, 255.0, 65_535.0) if low >= 0 and high <= white)
        if white := next(whites, None):
            low, high = 0.0, white
        if not math.isfinite(high - low):
            raise ValueError("values that are not finite")
    scale = 255 / ((high - low) or 1)
    # A half more, because the conversion to L cuts off the fraction.
    offset = 0.5 - low * scale
    grey = picture.convert("F").point(lambda value: value * scale + offset).convert("L")
    clear = grey.info.pop("transparency", None)
    if clear is not None:
        opaque = [255 * (value != clear) for value in range(65_536)]
        grey.putalpha(picture.convert("I").point(opaque, "L"))
    return grey


_SRGB = ImageCms.createProfile("sRGB")
# Colours 15 levels apart, all 5,832 of them.
_PROBE = Image.frombytes(
    "RGB", (324, 18), bytes(itertools.chain(*itertools.product(range(0, 256, 15), repeat=3)))
)


@functools.lru_cache(maxsize=16)
def _to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what takes pixels of `mode` from the ICC `profile` to sRGB.

    None if the profile is broken, is for other channels, or is sRGB itself give or
    take two levels: most are, and to apply one takes longer than to decode a JPEG.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _SRGB, mode, "RGB")
    except Exception:
        return None
    probe = _PROBE.convert(mode)
    change = ImageChops.difference(transform.apply(probe), probe.convert("RGB"))
    return transform if change.point(lambda level: 255 * (level > 2)).getbbox() else None
