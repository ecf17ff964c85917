"""Converting pictures of any colour mode and profile to 8-bit sRGB."""

import functools
import io
import itertools
import math
from typing import cast

from PIL import Image, ImageChops, ImageCms

_DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_GREY = frozenset({"1", "L", "LA", "La"})


def to_srgb_on_white(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return `picture` in RGB and sRGB, transparency on white, without metadata; and its alpha.

    The alpha channel has mode L; None if there is none. One that makes everything transparent is
    a mistake of the program that wrote it, and the colours are shown as if there were none. What is
    white on transparency would be invisible on white, and becomes black.
    """
    profile = picture.info.get("icc_profile")
    if picture.mode in _DEEP:
        picture = _to_8_bits(picture)
    base = "L" if picture.mode in _GREY else "CMYK" if picture.mode == "CMYK" else "RGB"
    alpha = None
    if picture.has_transparency_data:
        picture = _in_mode(picture, "LA" if base == "L" else "RGBA")
        alpha = picture.getchannel("A")
        if alpha.getextrema() == (0, 0):
            alpha = None
    transform = _srgb_transform(profile, base) if profile else None
    if transform:
        picture = transform.apply(_in_mode(picture, base))
    if alpha:
        opaque = Image.new("RGB", picture.size, "white")
        opaque.paste(picture, mask=alpha)
        if opaque.convert("L").getextrema() == (255, 255) and alpha.getextrema() == (0, 255):
            opaque.paste("black", mask=alpha)
    else:
        opaque = picture.convert("RGB")
    opaque.info = {}  # a profile here would be written to files and applied a second time
    return opaque, alpha


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Return `picture` in `mode`; unlike `convert`, do not copy one that already is."""
    return picture if picture.mode == mode else picture.convert(mode)


def _to_8_bits(picture: Image.Image) -> Image.Image:
    """Return grey of more than 8 bits scaled to mode L, or LA if one grey is transparent."""
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
    # Plus a half, because the conversion to L truncates.
    offset = 0.5 - low * scale
    grey = picture.convert("F").point(lambda value: value * scale + offset).convert("L")
    transparent = grey.info.pop("transparency", None)
    if transparent is not None:
        alpha_of = [255 * (value != transparent) for value in range(65_536)]
        grey.putalpha(picture.convert("I").point(alpha_of, "L"))
    return grey


_SRGB = ImageCms.createProfile("sRGB")
# All 5,832 colours whose channels are multiples of 15.
_PROBE = Image.frombytes(
    "RGB", (324, 18), bytes(itertools.chain(*itertools.product(range(0, 256, 15), repeat=3)))
)


@functools.lru_cache(maxsize=16)
def _srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform of pixels of `mode` from the ICC `profile` to sRGB, or None.

    None if the profile is broken, is for other channels, or is within two levels of sRGB: most
    are, and applying one takes longer than decoding a JPEG.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _SRGB, mode, "RGB")
    except Exception:
        return None
    probe = _PROBE.convert(mode)
    change = ImageChops.difference(transform.apply(probe), probe.convert("RGB"))
    return transform if change.point(lambda level: 255 * (level > 2)).getbbox() else None
