"""Converting pictures of any colour mode and profile to 8-bit sRGB."""

import functools
import io
import itertools
import math
from typing import cast

from PIL import Image, ImageChops, ImageCms, ImageOps
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION as PHOTOMETRIC
from PIL.TiffImagePlugin import TiffImageFile

_DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_GREY = frozenset({"1", "L", "LA", "La"})
# What is put behind what is transparent; the dark one behind what would hardly be seen on white:
# what is lighter than LIGHT, but for a hundredth of it. Levels are 0 to 255.
WHITE, DARK = (255, 255, 255), (44, 46, 52)
LIGHT = 225
# The opacity from which a pixel is seen.
_SEEN = 128
# The whites of files that do not state theirs. If not even a quarter of the range is used, the
# lightest value is taken for white.
WHITES = (1.0, 255.0, 65_535.0)
LEAST_USED = 0.25


def to_srgb_opaque(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return `picture` in RGB and sRGB, without transparency and metadata; and its alpha.

    The alpha channel has mode L; None if there is none. One that makes everything transparent is
    a mistake of the program that wrote it, and the colours are shown as if there were none.
    Otherwise transparency is put on white, or on a dark background if what is seen is light, which
    would be invisible on white; white alone becomes black.
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
        opaque = Image.new("RGB", picture.size, WHITE)
        opaque.paste(picture, mask=alpha)
        if alpha.getextrema()[0] == 0 and _is_light(picture, alpha):
            if opaque.convert("L").getextrema() == (255, 255):
                opaque.paste("black", mask=alpha)
            else:
                opaque.paste(DARK, (0, 0, *opaque.size))
                opaque.paste(picture, mask=alpha)
    else:
        opaque = picture.convert("RGB")
    opaque.info = {}  # a profile here would be written to files and applied a second time
    return opaque, alpha


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Return `picture` in `mode`; unlike `convert`, do not copy one that already is."""
    return picture if picture.mode == mode else picture.convert(mode)


def _is_light(picture: Image.Image, alpha: Image.Image) -> bool:
    """Return whether what is seen of a picture would hardly be seen on white."""
    seen = alpha.point([255 * (level >= _SEEN) for level in range(256)])
    levels = picture.convert("RGB").convert("L").histogram(seen)
    return bool(sum(levels)) and sum(levels[:LIGHT]) <= 0.01 * sum(levels)


def _to_8_bits(picture: Image.Image) -> Image.Image:
    """Return grey of more than 8 bits scaled to mode L, or LA if one grey is transparent."""
    values = picture.convert("F")
    low, high = cast("tuple[float, float]", values.getextrema())
    if not math.isfinite(high - low):
        raise ValueError("values that are not finite")
    whites = WHITES[2:] if picture.mode.startswith("I;16") else WHITES
    white = next((each for each in whites if low >= 0 and high <= each), None)
    if white is not None:
        low, high = 0.0, white if high > white * LEAST_USED or low == high else high
    scale = 255 / ((high - low) or 1)
    # Plus a half, because the conversion to L truncates.
    offset = 0.5 - low * scale
    grey = values.point(lambda value: value * scale + offset).convert("L")
    if _is_white_zero(picture):
        grey = ImageOps.invert(grey)
    transparent = grey.info.pop("transparency", None)
    if transparent is not None:
        alpha_of = [255 * (value != transparent) for value in range(65_536)]
        grey.putalpha(picture.convert("I").point(alpha_of, "L"))
    return grey


def _is_white_zero(picture: Image.Image) -> bool:
    """Return whether white is stored as 0; Pillow sees to that in TIFFs of up to 8 bits only."""
    return isinstance(picture, TiffImageFile) and picture.tag_v2.get(PHOTOMETRIC) == 0


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
