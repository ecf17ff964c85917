"""Decoding untrusted picture files.

What a file claims is checked here: its format by its first bytes, its size before its pixels are
decoded, and that it is complete. The decoded picture is upright, opaque, in sRGB, with 8 bits
per channel and without metadata. A file that cannot be read raises an `ImageError` whose text says
what to do about it.

All functions are safe to call from several threads.
"""

import io
import math
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import cast

from PIL import Image, ImageFile, ImageOps
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TILELENGTH, TILEWIDTH, TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.pictures import sandboxed
from core.pictures.colour import to_srgb_opaque
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

# Pillow's warnings (odd EXIF, large pictures) are about cases that are handled here, and a user who
# sees them on the console can do nothing about them.
warnings.filterwarnings("ignore", module=r"PIL\.")
# The default, set because another library may have changed it for the whole process.
ImageFile.LOAD_TRUNCATED_IMAGES = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of picture files: bytes of the file, pixels, and pixels per side."""

    file_bytes: int = 20_000_000
    pixels: int = 50_000_000
    side: int = 16_384


LIMITS = Limits()
# The frames of an animation that are looked at, and their pixels, until one shows something: levels
# of grey that differ by this much.
MAX_FRAMES, MAX_FRAME_PIXELS = 100, 200_000_000
MIN_CONTRAST = 48


def decode(data: bytes, *, limits: Limits = LIMITS) -> Image.Image:
    """Return the picture in `data`: mode RGB, upright, sRGB, no transparency, no metadata.

    Reads JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF, HEIC and, if its package is installed, JPEG XL; of
    several frames the first that shows something, of several pages the first. Transparency is put
    on white, or on a dark background if what is seen is light. Grey of 16 bits is scaled to 8.
    Integers of 32 bits and floats, which state no range, are scaled from the first of 0..1, 0..255
    and 0..65,535 that contains them, otherwise from their lowest and highest value; see `deep_tiff`
    for those with colours. If less than a quarter of a range is used, the highest value is taken
    for white. A colour profile that is broken or for other channels is
    ignored. The pixels of an upright, opaque sRGB picture are exactly those of Pillow's
    `convert("RGB")`.

    Raises only `ImageError`s: `EmptyImage`, `UnsupportedFormat`, `ImageTooLarge` and
    `DamagedImage`.
    """
    picture, _ = decode_with_alpha(data, limits=limits)
    return picture


def decode_with_alpha(
    data: bytes, *, limits: Limits = LIMITS
) -> tuple[Image.Image, Image.Image | None]:
    """Return the result of `decode`, and the opacity of a file that states one.

    The opacity has mode L and the same size; None for a file without, or if everything is
    transparent. Raises as `decode` does.
    """
    if len(data) > limits.file_bytes:
        raise ImageTooLarge(
            f"The file is {_tenths(len(data) / 1e6)} MB; at most {limits.file_bytes / 1e6:g} "
            "are supported. Make the picture smaller and try again."
        )
    kind = _FORMATS[format_of(data)]
    try:
        return to_srgb_opaque(_load(data, kind, limits))
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge(
            f"The picture is far larger than the limit of {limits.pixels / 1e6:g} megapixels. "
            "Make it smaller and try again."
        ) from error
    except Exception as error:
        # Deliberately all: on malicious bytes Pillow raises many kinds of errors.
        raise DamagedImage(
            f"The {kind.name} picture is damaged or in an unusual variant, and cannot be read. "
            "Download it again, or save it as an ordinary PNG or JPEG, and try again."
        ) from error


def format_of(data: bytes) -> str:
    """Return the file extension for the format of `data`, which its first bytes show.

    One of `jpg`, `png`, `webp`, `avif`, `gif`, `bmp`, `tif`, `heic` and `jxl`. Raises
    `UnsupportedFormat` for other formats, and its subclass `EmptyImage` if there are no bytes.
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
    """A format that Pillow reads: its name, its parser, and a check that a file is complete."""

    name: str
    open: Callable[[io.BytesIO], ImageFile.ImageFile]
    is_whole: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class _SandboxedFormat:
    """A format that is read in a process of its own: its name, its reader, and what it needs.

    A file without the bytes `needs` is damaged, which is known without a process.
    """

    name: str
    reader: sandboxed.Reader
    needs: bytes = b""


def _load(data: bytes, kind: _Format | _SandboxedFormat, limits: Limits) -> Image.Image:
    """Return the picture decoded and upright, in the mode of its file."""
    if isinstance(kind, _SandboxedFormat):
        if kind.needs not in data:
            raise ValueError(f"no {kind.needs!r}")
        return _load_sandboxed(data, kind, limits)
    whole = kind.is_whole(data)
    # This parser and not `Image.open`, which tries others, and rejects large pictures before
    # their size is known.
    try:
        picture = kind.open(io.BytesIO(data))
    except SyntaxError:
        if kind.open is TiffImageFile and whole:
            return _load_sandboxed(data, _DEEP_TIFF, limits)
        raise
    _check_size(*picture.size, limits)
    if isinstance(picture, TiffImageFile):  # whose tiles may be larger than the picture
        tags = picture.tag_v2
        _check_size(tags.get(TILEWIDTH, 1), tags.get(TILELENGTH, 1), limits)
    if isinstance(picture, BmpImageFile) and picture.tile[0].codec_name == "bmp_rle":
        check_parts(
            len(data) + picture.width * picture.height, MAX_BMP_RUNS, "run-length encoded pixels"
        )
    if not whole:
        picture = _without_end_mark(picture, data)
    picture.load()
    if picture.mode == "F" and not all(map(math.isfinite, _extrema(picture))):
        return _load_sandboxed(data, _DEEP_TIFF, limits)
    _seek_frame(picture)
    with suppress(Exception):  # the pixels may be fine even if the EXIF is broken
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _load_sandboxed(data: bytes, kind: _SandboxedFormat, limits: Limits) -> Image.Image:
    return kind.reader.read(
        data,
        kind.name,
        pixels=limits.pixels,
        side=limits.side,
        check_size=partial(_check_size, limits=limits),
    )


# What could follow in a JPEG that is cut short.
_ANYTHING = (b"", b"\x55\xaa", b"\0", b"\xaa\x54", b"\xfe", b"\x7f\x01")


def _without_end_mark(picture: ImageFile.ImageFile, data: bytes) -> ImageFile.ImageFile:
    """Return a picture that lacks its end mark only, as some cameras write a JPEG.

    With the mark added, the decoder takes anything, and makes up the rows that are missing: they
    depend on what is put before the mark. Of a progressive JPEG whole scans could be missing, so
    its mark must be there. Raises `DamagedImage` for what is cut short.
    """
    if isinstance(picture, JpegImageFile) and "progressive" not in picture.info:
        first, *others = [rest * 400 + b"\xff\xd9" for rest in _ANYTHING]
        with suppress(OSError, SyntaxError):  # of what is cut short before its pixels
            whole = JpegImageFile(io.BytesIO(data + first))
            pixels = whole.tobytes()
            # One after another, because each of a large picture takes hundreds of megabytes.
            if all(JpegImageFile(io.BytesIO(data + end)).tobytes() == pixels for end in others):
                return whole
    raise DamagedImage(
        f"The {picture.format} picture is cut short: its end is missing. "
        "Download it again and try again."
    )


def _seek_frame(picture: ImageFile.ImageFile) -> None:
    """Go to the first frame of an animation that shows something, as after fading in.

    If none of the first ones does, the first stays.
    """
    if (
        picture.format == "TIFF"
        or getattr(picture, "n_frames", 1) == 1
        or _shows_something(picture)
    ):
        return
    most = min(MAX_FRAMES, MAX_FRAME_PIXELS // (picture.width * picture.height))
    with suppress(Exception):  # the first frame may be fine even if a later one is damaged
        for number in range(1, most):
            picture.seek(number)
            picture.load()
            if _shows_something(picture):
                return
    picture.seek(0)
    picture.load()


def _shows_something(picture: Image.Image) -> bool:
    """Return whether a frame has more than one colour, and more than the noise of a file."""
    darkest, lightest = _extrema(picture.convert("L"))
    return lightest - darkest >= MIN_CONTRAST


def _extrema(picture: Image.Image) -> tuple[float, float]:
    """Return the lowest and the highest value of a picture of one channel."""
    return cast("tuple[float, float]", picture.getextrema())


def _check_size(width: int, height: int, limits: Limits) -> None:
    if max(width, height) > limits.side:
        raise ImageTooLarge(
            f"The picture is {width:,} x {height:,} pixels; at most {limits.side:,} a side are "
            "supported. Make it smaller and try again."
        )
    if width * height > limits.pixels:
        raise ImageTooLarge(
            f"The picture is {_tenths(width * height / 1e6)} megapixels; at most "
            f"{limits.pixels / 1e6:g} are supported. Make it smaller and try again."
        )


def _tenths(figure: float) -> float:
    """Round up to tenths, so that a figure just over a limit is also shown as over it."""
    return math.ceil(figure * 10) / 10


# TIFF that Pillow does not read.
_DEEP_TIFF = _SandboxedFormat("TIFF", sandboxed.DEEP_TIFF)
_FORMATS: Mapping[str, _Format | _SandboxedFormat] = {
    "jpg": _Format("JPEG", JpegImageFile, is_whole_jpeg),
    "png": _Format("PNG", PngImageFile, is_whole_png),
    "webp": _Format("WebP", WebPImageFile, checked_by_decoder),
    "avif": _Format("AVIF", AvifImageFile, checked_by_decoder),
    "gif": _Format("GIF", GifImageFile, is_whole_gif),
    "bmp": _Format("BMP", BmpImageFile, is_whole_bmp),
    "tif": _Format("TIFF", TiffImageFile, is_whole_tiff),
    "heic": _SandboxedFormat("HEIC", sandboxed.HEIC, b"meta"),
    "jxl": _SandboxedFormat("JPEG XL", sandboxed.JPEG_XL),
}

# The groups' names are the extensions. AVIF and HEIC begin the same way, and are told apart by any
# of the file's brands. A BMP's two letters are too few, so the size of its header
# is checked too.
_SIGNATURE = re.compile(
    rb"""(?P<jpg> \xff\xd8\xff )
       | (?P<png> \x89PNG\r\n\x1a\n )
       | (?P<webp> RIFF....WEBPVP8[\x20LX] )
       | (?P<avif> ....ftyp (?:....){0,16}? avi[fs] )
       | (?P<heic> ....ftyp (?:....){0,16}? (?: hei[cxms] | hev[cxms] ) | ....ftypmif1 )
       | (?P<jxl> \xff\x0a | \0\0\0\x0cJXL\x20\r\n\x87\n )
       | (?P<gif> GIF8[79]a )
       | (?P<bmp> BM.{12} [\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0 )
       | (?P<tif> II[\x2a\x2b]\0 | MM\0[\x2a\x2b] )""",
    re.DOTALL | re.VERBOSE,
)
