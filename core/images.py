"""Bytes that nobody trusts become RGB pictures, and pictures become thumbnails.

Everything that a picture file may claim is checked here, once: its format by its
first bytes, its size before its pixels are decoded, and that it is whole. What
comes out is upright, in sRGB, on white, 8 bits a channel and free of metadata.
What cannot be read raises an `ImageError` whose text says what to do about it.

Every function may be called from several threads at once.
"""

import functools
import io
import itertools
import math
import re
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from PIL import Image, ImageChops, ImageCms, ImageFile, ImageOps
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import (
    STRIPOFFSETS,
    TILELENGTH,
    TILEOFFSETS,
    TILEWIDTH,
    ImageFileDirectory_v2,
    TiffImageFile,
)
from PIL.WebPImagePlugin import WebPImageFile

from core.errors import LookalikeError

# Pillow's remarks (odd EXIF, large pictures) concern files that are dealt with here, and they
# would land on the console of somebody who cannot mend them.
warnings.filterwarnings("ignore", module=r"PIL\.")
# Its default, stated because another library may have switched it on for the whole process.
ImageFile.LOAD_TRUNCATED_IMAGES = False


class ImageError(LookalikeError):
    """The bytes are not a picture that can be read."""


class UnsupportedFormat(ImageError):
    """The bytes are of no format that is read."""


class EmptyImage(UnsupportedFormat):
    """There are no bytes at all."""


class ImageTooLarge(ImageError):
    """The file, or the picture in it, is over a limit."""


class DamagedImage(ImageError):
    """The picture is broken, cut short, or of a variant that is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a picture file may be: bytes of the file, pixels, pixels along a side."""

    file_bytes: int = 20_000_000
    pixels: int = 50_000_000
    side: int = 16_384


LIMITS = Limits()

# What Pillow walks through piece by piece is bounded, too: within the limits above, files of 30 kB
# to 20 MB kept a thread busy for up to a minute, or took a gigabyte. Every bound is far over what
# real files hold.
_MOST_JPEG_SCANS = 100  # each a pass over the whole picture; progressive ones have about 10
_MOST_JPEG_SEGMENTS = 2_000
_MOST_PNG_EXTRAS = 500  # chunks that hold no pixels; each may inflate to a megabyte
_MOST_GIF_BLOCKS = 500_000  # of 255 bytes as a rule: 20 MB are 80,000
_MOST_TIFF_PIECES = 200_000  # 50 megapixels in tiles of 16 x 16, the smallest, are 195,000
_MOST_BMP_RUNS = 4_000_000  # bytes and pixels: the run-length decoder is written in Python


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
        return _plain(_load(data, kind, limits))
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


def shrink(picture: Image.Image, *, side: int = 1024) -> Image.Image:
    """Return `picture` with its longer side at most `side` pixels; itself if it is that small."""
    if max(picture.size) <= side:
        return picture
    return _fit(picture, side)


def thumbnail(picture: Image.Image, *, side: int = 160, budget: int = 8_000) -> bytes:
    """Return the RGB `picture` as a WebP of `side` x `side` pixels and under `budget` bytes.

    The picture is scaled, up if need be, until its longer side is `side` pixels,
    and centred on white. Quality is lowered step by step until the file fits. Where
    the lowest does not do (noise at 160 pixels needs 6,400 bytes), detail is halved
    until it fits.

    Raises `ValueError` for a budget that not even a single colour meets.
    """
    fitted = _fit(picture, side)
    square = Image.new("RGB", (side, side), "white")
    square.paste(fitted, ((side - fitted.width) // 2, (side - fitted.height) // 2))
    for quality in (80, 65, 50, 35, 20, 10, 0):
        encoded = _webp(square, quality)
        if len(encoded) < budget:
            return encoded
    detail = side
    while detail > 1:
        detail //= 2
        coarse = square.resize((detail, detail), Image.Resampling.BOX)
        encoded = _webp(coarse.resize((side, side), Image.Resampling.BICUBIC), 0)
        if len(encoded) < budget:
            return encoded
    raise ValueError(f"a WebP of {side} x {side} pixels cannot be under {budget} bytes")


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
        _check_parts(
            len(data) + picture.width * picture.height, _MOST_BMP_RUNS, "run-length encoded pixels"
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


def _check_parts(count: int, most: int, parts: str) -> None:
    if count > most:
        raise ImageTooLarge(
            f"The picture is stored in a rare way, with more than {most:,} {parts}. "
            "Save it as an ordinary PNG or JPEG and try again."
        )


def _tenths(figure: float) -> float:
    """Round up to tenths, so that what is just over a limit also reads so."""
    return math.ceil(figure * 10) / 10


# Is the file whole? Pillow stops reading when it has the pixels, or what it takes for them.

_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither data nor a restart


def _is_whole_jpeg(data: bytes) -> bool:
    """Walk from marker to marker, to the one that ends the picture."""
    segments = scans = 0
    at = 2
    while marker := _JPEG_MARKER.search(data, at):
        if marker[0] == b"\xff\xd9":
            return True
        segments += 1
        scans += marker[0] == b"\xff\xda"
        _check_parts(segments, _MOST_JPEG_SEGMENTS, "segments")
        _check_parts(scans, _MOST_JPEG_SCANS, "scans")
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    return False


def _is_whole_png(data: bytes) -> bool:
    """Walk from chunk to chunk and compare the checksums, which Pillow skips for pixels."""
    view = memoryview(data)
    extras = 0
    at = 8
    while (end := at + 12 + int.from_bytes(view[at : at + 4], "big")) <= len(data):
        name = data[at + 4 : at + 8]
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise ValueError(f"wrong checksum of chunk {name!r}")
        if name == b"IEND":
            return True
        extras += name not in (b"IDAT", b"fdAT", b"fcTL")
        _check_parts(extras, _MOST_PNG_EXTRAS, "chunks of metadata")
        at = end
    return False


def _is_whole_gif(data: bytes) -> bool:
    """Walk the blocks of all frames to what follows the last, as a rule the trailer `;`."""
    blocks = 0
    try:
        at = 13 + _gif_palette_bytes(data[10])
        while data[at] in b"!,":
            # An extension's head is 2 bytes, a frame's 11 with its palette in between.
            at += 2 if data[at] == ord("!") else 11 + _gif_palette_bytes(data[at + 9])
            while length := data[at]:
                at += 1 + length
                blocks += 1
            at += 1
            blocks += 1
            _check_parts(blocks, _MOST_GIF_BLOCKS, "blocks")
    except IndexError:
        return False
    return True


def _gif_palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _is_whole_bmp(data: bytes) -> bool:
    """Compare the length that the header states."""
    return int.from_bytes(data[2:6], "little") <= len(data)


def _is_whole_tiff(data: bytes) -> bool:
    """Read the directory of the first page; Pillow goes on with part of one."""
    file = io.BytesIO(data)
    directory = ImageFileDirectory_v2(file.read(16 if 43 in data[2:4] else 8))
    first = directory.next
    file.seek(first)
    directory.load(file)
    pieces = max(len(directory.get(tag, ())) for tag in (STRIPOFFSETS, TILEOFFSETS))
    _check_parts(pieces, _MOST_TIFF_PIECES, "strips or tiles")
    # Where the next directory lies is read last, and so not at all if the file ends before it.
    return bool(directory.next != first)


def _left_to_the_decoder(data: bytes) -> bool:
    """Say yes: the decoders of WebP and AVIF refuse files that are cut anywhere."""
    return True


_FORMATS = {
    "jpg": _Format("JPEG", JpegImageFile, _is_whole_jpeg),
    "png": _Format("PNG", PngImageFile, _is_whole_png),
    "webp": _Format("WebP", WebPImageFile, _left_to_the_decoder),
    "avif": _Format("AVIF", AvifImageFile, _left_to_the_decoder),
    "gif": _Format("GIF", GifImageFile, _is_whole_gif),
    "bmp": _Format("BMP", BmpImageFile, _is_whole_bmp),
    "tif": _Format("TIFF", TiffImageFile, _is_whole_tiff),
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


# From any of Pillow's modes to RGB.

_DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_GREY = frozenset({"1", "L", "LA", "La"})


def _plain(picture: Image.Image) -> Image.Image:
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


def _fit(picture: Image.Image, side: int) -> Image.Image:
    """Return `picture` scaled so that its longer side is `side` pixels and the other at least 1."""
    scale = side / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    # From six times the target on, average whole boxes first: eight times as fast, looks alike.
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _webp(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=quality)
    return file.getvalue()
