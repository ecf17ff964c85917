"""Bytes that nobody trusts become RGB pictures, and pictures become thumbnails.

Everything that a picture file may claim is checked here, once: its format by its
first bytes, its size before its pixels are decoded, and that it is whole. What
comes out is upright, in sRGB, on white, 8 bits a channel and free of metadata.
What cannot be read raises an `ImageError` whose text says what to do about it.

Every function may be called from several threads at once.
"""

import io
import math
import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TILELENGTH, TILEWIDTH, TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.pictures.colour import to_srgb_on_white
from core.pictures.errors import (
    DamagedImage,
    EmptyImage,
    ImageError,
    ImageTooLarge,
    UnsupportedFormat,
)
from core.pictures.file_checks import (
    MAX_BMP_RUNS,
    check_parts,
    checked_by_decoder,
    is_whole_bmp,
    is_whole_gif,
    is_whole_jpeg,
    is_whole_png,
    is_whole_tiff,
)

# Pillow's remarks (odd EXIF, large pictures) concern files that are dealt with here, and they
# would land on the console of somebody who cannot mend them.
warnings.filterwarnings("ignore", module=r"PIL\.")
# Its default, stated because another library may have switched it on for the whole process.
ImageFile.LOAD_TRUNCATED_IMAGES = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a picture file may be: bytes of the file, pixels, pixels along a side."""

    file_bytes: int = 20_000_000
    pixels: int = 50_000_000
    side: int = 16_384


LIMITS = Limits()


def decode(data: bytes, *, limits: Limits = LIMITS) -> Image.Image:
    """Return the picture in `data`: mode RGB, upright, sRGB, transparency on white, no metadata.

    Reads JPEG, PNG, WebP, AVIF, GIF, BMP and TIFF; of several frames or pages the
    first. Grey of 16 bits is scaled to 8. Integers of 32 bits and floats, which
    state no range, are scaled from the first of 0..1, 0..255 and 0..65,535 that
    holds them, else from their lowest and highest value. A colour profile that is
    broken or meant for other channels is ignored. The pixels of an upright, opaque
    sRGB picture are exactly those that Pillow's `convert("RGB")` gives.

    Raises `EmptyImage`, `UnsupportedFormat`, `ImageTooLarge` or `DamagedImage`,
    all of them `ImageError`, and nothing else.
    """
    if len(data) > limits.file_bytes:
        raise ImageTooLarge(
            f"The file is {_tenths(len(data) / 1e6)} MB; at most {limits.file_bytes / 1e6:g} "
            "are read. Make the picture smaller and try again."
        )
    kind = _FORMATS[format_of(data)]
    try:
        return to_srgb_on_white(_load(data, kind, limits))
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge(
            f"The picture is far over {limits.pixels / 1e6:g} megapixels, the most that is read. "
            "Make it smaller and try again."
        ) from error
    except Exception as error:
        # Deliberately all: on hostile bytes Pillow raises whatever its parsers stumble over.
        raise DamagedImage(
            f"The {kind.name} picture is damaged or of a rare kind, and cannot be read. "
            "Fetch it again, or save it as an ordinary PNG or JPEG, and try again."
        ) from error


def format_of(data: bytes) -> str:
    """Return the file extension that belongs to `data`, judged by its first bytes alone.

    One of `jpg`, `png`, `webp`, `avif`, `gif`, `bmp` and `tif`. Raises
    `UnsupportedFormat` for anything else, and its subclass `EmptyImage` for nothing.
    """
    if not data:
        raise EmptyImage("The file is empty. Choose a file that holds a picture.")
    signature = _SIGNATURE.match(data)
    if signature is None or signature.lastgroup is None:
        *names, last = (kind.name for kind in _FORMATS.values())
        raise UnsupportedFormat(
            f"The file is not a {', '.join(names)} or {last} picture. "
            "Save it as one of these and try again."
        )
    return signature.lastgroup


@dataclass(frozen=True, slots=True)
class _Format:
    """A format: its name for people, Pillow's parser, and whether a file of it is whole."""

    name: str
    open: Callable[[io.BytesIO], ImageFile.ImageFile]
    is_whole: Callable[[bytes], bool]


def _load(data: bytes, kind: _Format, limits: Limits) -> ImageFile.ImageFile:
    """Return the picture decoded and upright, in whatever mode its file has."""
    whole = kind.is_whole(data)
    # The one parser and not Image.open, which tries others, and refuses large pictures before
    # their size can be told.
    picture = kind.open(io.BytesIO(data))
    _check_size(*picture.size, limits)
    if isinstance(picture, TiffImageFile):  # whose tiles may be larger than the picture
        tags = picture.tag_v2
        _check_size(tags.get(TILEWIDTH, 1), tags.get(TILELENGTH, 1), limits)
    if isinstance(picture, BmpImageFile) and picture.tile[0].codec_name == "bmp_rle":
        check_parts(
            len(data) + picture.width * picture.height, MAX_BMP_RUNS, "run-length encoded pixels"
        )
    if not whole:
        raise DamagedImage(
            f"The {kind.name} picture is cut short: its end is missing. "
            "Fetch it again and try again."
        )
    picture.load()
    with suppress(Exception):  # broken EXIF says nothing about the pixels
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _check_size(width: int, height: int, limits: Limits) -> None:
    if max(width, height) > limits.side:
        raise ImageTooLarge(
            f"The picture is {width:,} x {height:,} pixels; at most {limits.side:,} a side are "
            "read. Make it smaller and try again."
        )
    if width * height > limits.pixels:
        raise ImageTooLarge(
            f"The picture is {_tenths(width * height / 1e6)} megapixels; at most "
            f"{limits.pixels / 1e6:g} are read. Make it smaller and try again."
        )


def _tenths(figure: float) -> float:
    """Round up to tenths, so that what is just over a limit also reads so."""
    return math.ceil(figure * 10) / 10


_FORMATS = {
    "jpg": _Format("JPEG", JpegImageFile, is_whole_jpeg),
    "png": _Format("PNG", PngImageFile, is_whole_png),
    "webp": _Format("WebP", WebPImageFile, checked_by_decoder),
    "avif": _Format("AVIF", AvifImageFile, checked_by_decoder),
    "gif": _Format("GIF", GifImageFile, is_whole_gif),
    "bmp": _Format("BMP", BmpImageFile, is_whole_bmp),
    "tif": _Format("TIFF", TiffImageFile, is_whole_tiff),
}

# The groups' names are the extensions. AVIF may name itself in any of its brands, for HEIC, which
# is not read, begins alike. A BMP's two letters are too few, so its header's size counts as well.
_SIGNATURE = re.compile(
    rb"""(?P<jpg> \xff\xd8\xff )
       | (?P<png> \x89PNG\r\n\x1a\n )
       | (?P<webp> RIFF....WEBPVP8[\x20LX] )
       | (?P<avif> ....ftyp (?:....){0,16}? avi[fs] )
       | (?P<gif> GIF8[79]a )
       | (?P<bmp> BM.{12} [\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0 )
       | (?P<tif> II[\x2a\x2b]\0 | MM\0[\x2a\x2b] )""",
    re.DOTALL | re.VERBOSE,
)
