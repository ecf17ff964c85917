"""Checks that a picture file is complete and of reasonable structure, before it is decoded."""

import io
import re
import zlib

from PIL.TiffImagePlugin import STRIPOFFSETS, TILEOFFSETS, ImageFileDirectory_v2

from core.pictures.errors import ImageTooLarge

# The number of parts that Pillow reads one by one is limited too: within the limits of
# `decoding.Limits`, files of 30 kB to 20 MB kept a thread busy for up to a minute, or took a
# gigabyte. Every limit is far above what real files have.
_MAX_JPEG_SCANS = 100  # each a pass over the whole picture; progressive ones have about 10
_MAX_JPEG_SEGMENTS = 2_000
_MAX_PNG_CHUNKS = 500  # chunks without pixels; each may inflate to a megabyte
_MAX_GIF_BLOCKS = 500_000  # usually of 255 bytes: 20 MB are 80,000
_MAX_TIFF_PARTS = 200_000  # 50 megapixels in tiles of 16 x 16, the smallest, are 195,000
MAX_BMP_RUNS = 4_000_000  # bytes and pixels: the run-length decoder is written in Python


def check_parts(count: int, limit: int, parts: str) -> None:
    """Raise `ImageTooLarge` if a picture has more than `limit` parts such as "scans"."""
    if count > limit:
        raise ImageTooLarge(
            f"The picture is stored in an unusual way, with more than {limit:,} {parts}. "
            "Save it as an ordinary PNG or JPEG and try again."
        )


_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither data nor a restart marker


def is_whole_jpeg(data: bytes) -> bool:
    """Return whether the markers of a JPEG lead to the one that ends the picture."""
    segments = scans = 0
    at = 2
    while marker := _JPEG_MARKER.search(data, at):
        if marker[0] == b"\xff\xd9":
            return True
        segments += 1
        scans += marker[0] == b"\xff\xda"
        check_parts(segments, _MAX_JPEG_SEGMENTS, "segments")
        check_parts(scans, _MAX_JPEG_SCANS, "scans")
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    return False


def is_whole_png(data: bytes) -> bool:
    """Return whether the chunks of a PNG lead to the last one.

    Raises `ValueError` for a wrong checksum; Pillow does not check those of pixels.
    """
    view = memoryview(data)
    extra_chunks = 0
    at = 8
    while (end := at + 12 + int.from_bytes(view[at : at + 4], "big")) <= len(data):
        name = data[at + 4 : at + 8]
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise ValueError(f"wrong checksum of chunk {name!r}")
        if name == b"IEND":
            return True
        extra_chunks += name not in (b"IDAT", b"fdAT", b"fcTL")
        check_parts(extra_chunks, _MAX_PNG_CHUNKS, "chunks of metadata")
        at = end
    return False


def is_whole_gif(data: bytes) -> bool:
    """Return whether the blocks of all frames of a GIF are there."""
    blocks = 0
    try:
        at = 13 + _gif_palette_bytes(data[10])
        while data[at] in b"!,":
            # An extension's header has 2 bytes; a frame's has 11, with its palette in between.
            at += 2 if data[at] == ord("!") else 11 + _gif_palette_bytes(data[at + 9])
            while length := data[at]:
                at += 1 + length
                blocks += 1
            at += 1
            blocks += 1
            check_parts(blocks, _MAX_GIF_BLOCKS, "blocks")
    except IndexError:
        return False
    return True


def _gif_palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def is_whole_bmp(data: bytes) -> bool:
    """Return whether a BMP is as long as its header states."""
    return int.from_bytes(data[2:6], "little") <= len(data)


def is_whole_tiff(data: bytes) -> bool:
    """Return whether the directory of a TIFF's first page is complete.

    Pillow reads a file with a part of one.
    """
    file = io.BytesIO(data)
    directory = ImageFileDirectory_v2(file.read(16 if 43 in data[2:4] else 8))
    first = directory.next
    file.seek(first)
    directory.load(file)
    parts = max(len(directory.get(tag, ())) for tag in (STRIPOFFSETS, TILEOFFSETS))
    check_parts(parts, _MAX_TIFF_PARTS, "strips or tiles")
    # The offset of the next directory is read last, so it is unset if the file ends before it.
    return bool(directory.next != first)


def checked_by_decoder(data: bytes) -> bool:
    """Return True: the decoders of WebP and AVIF reject truncated files themselves."""
    return True
