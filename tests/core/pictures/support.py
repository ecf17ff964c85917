"""Picture files of every format, also such as Pillow cannot write."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image


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


# Red, green and blue in CIE XYZ under D50, as Display P3 and sRGB profiles state them.
P3 = [[0.51512, 0.2412, -0.00105], [0.29198, 0.69225, 0.04189], [0.1571, 0.06657, 0.78407]]


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
