"""Reads TIFF pictures of floats and wide integers, as Pillow does not; runs in its own process.

Such pictures state no range. It is taken from what is in them, as in `core.pictures.colour`, but
for the highest and the lowest of 200 values: a lamp or the sun would make all else black.
"""

from typing import IO, Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageOps

from core.pictures.colour import LEAST_USED, WHITES

# Of values in order, the places that are taken for the lowest and the highest, in percent.
_LOWEST, _HIGHEST = 0.5, 99.5
# The values that are looked at, evenly over the picture: sorting all would take longer.
_MOST_LOOKED_AT = 1_000_000
_ORIENTATION, _PROFILE = 274, 34_675
_WHITE_IS_ZERO, _RGB = 0, 2
# What a channel beyond the colours is: opacity that the colours were multiplied by, or not.
_MULTIPLIED, _OPACITY = 1, 2


def read(file: IO[bytes], *, pixels: int, side: int) -> tuple[dict[str, Any], bytes]:
    """Return what `core.pictures.heif.read` returns; of several pages the first.

    The header of a file whose compression needs another package has `lacks_codec` only.
    """
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        width, height = page.imagewidth, page.imagelength
        if max(width, height) > side or width * height > pixels:
            return {"size": [width, height]}, b""
        try:
            values = page.asarray()
        except ValueError as error:
            if "imagecodecs" in str(error):
                return {"lacks_codec": True}, b""
            raise
        if page.axes.startswith("S"):
            values = np.moveaxis(values, 0, -1)
        is_white_zero = page.photometric == _WHITE_IS_ZERO
        count = 3 if page.photometric == _RGB else 1
        extra = next(iter(page.extrasamples), 0)
        tags = {tag.code: tag.value for tag in page.tags.values() if tag.code in _READ_TAGS}
    picture = to_picture(values.reshape(height, width, -1), count, extra)
    if is_white_zero:
        picture = ImageOps.invert(picture)
    picture.getexif()[_ORIENTATION] = tags.get(_ORIENTATION, 1)
    picture = ImageOps.exif_transpose(picture)
    profile = tags.get(_PROFILE) or b""
    header = {"size": list(picture.size), "mode": picture.mode, "profile": len(profile)}
    return header, profile + picture.tobytes()


_READ_TAGS = (_ORIENTATION, _PROFILE)


def to_picture(values: NDArray[Any], count: int, extra: int) -> Image.Image:
    """Return a picture of 8 bits, with its opacity if it has one.

    Args:
        values: real numbers (height, width, channels), of any type.
        count: how many of the channels are colours, 1 or 3.
        extra: what the next channel is, if there is one: 1 and 2 are opacity.

    Raises:
        ValueError: there are too few channels, or no finite value.
    """
    if values.shape[2] < count or not np.isrealobj(values):
        raise ValueError("not a picture")
    colours = values[..., :count].astype(np.float32)
    opacity = None
    if values.shape[2] > count and extra in (_MULTIPLIED, _OPACITY):
        most = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1
        opacity = np.nan_to_num(values[..., count].astype(np.float32) / most).clip(0, 1)
        if extra == _MULTIPLIED:
            colours /= np.maximum(opacity, 1 / 255)[..., None]
    low, high = range_of(colours)
    colours -= low
    colours *= 255 / ((high - low) or 1)
    # Not a number is nothing; and a half is added, because the conversion truncates.
    levels = np.nan_to_num(colours, copy=False, nan=0, posinf=255, neginf=0)
    levels += 0.5
    result = levels.clip(0, 255, out=levels).astype(np.uint8)
    picture = Image.fromarray(result[..., 0] if count == 1 else result)
    if opacity is not None:
        picture.putalpha(Image.fromarray((opacity * 255 + 0.5).astype(np.uint8)))
    return picture


def range_of(values: NDArray[np.float32]) -> tuple[float, float]:
    """Return the values that are taken for black and for white.

    Raises:
        ValueError: none is finite.
    """
    flat = values.reshape(-1)
    looked_at = flat[:: max(1, flat.size // _MOST_LOOKED_AT)]
    finite = looked_at[np.isfinite(looked_at)]
    if not finite.size:
        raise ValueError("no finite value")
    low = float(np.percentile(finite, _LOWEST, method="lower"))
    high = float(np.percentile(finite, _HIGHEST, method="higher"))
    if low == high:  # a thin line on one colour
        low, high = float(finite.min()), float(finite.max())
    white = next((each for each in WHITES if 0 <= high <= each), None)
    # Filters that sharpen leave small values below 0.
    if white is None or low < -0.05 * high:
        return low, high
    return 0.0, white if high > white * LEAST_USED or high <= max(low, 0.0) else high
