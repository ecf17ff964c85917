"""Reads STL files, in binary and in text."""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.rendering.files import Files
from core.rendering.mesh_parts import Part, painted, rgba
from core.rendering.text import columns, lines_of

# What comes before the triangles of a binary file: a text of 80 bytes, and their number.
HEADER = 84
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("colour", "<u2")])
# Of a triangle's 16 bits of colour: whether it has one, or has none in files of Magics.
_FLAG = 0x8000
_START = re.compile(rb"\s*solid\b[^\r\n]*\s+facet\s+normal\s", re.IGNORECASE)


class InvalidStlError(ValueError):
    """A file that is not STL, or damaged."""


def read(data: bytes, files: Files) -> Iterator[Part]:
    """Yield the triangles of all solids of a file as one part; `files` is not needed."""
    corners, colours = _text(data) if _is_text(data) else _binary(data)
    if colours is not None:
        colours = np.repeat(colours, 3, axis=0)
    faces = np.arange(len(corners)).reshape(-1, 3)
    yield Part(corners, faces, painted(colours), colours=colours)


def is_stl(data: bytes) -> bool:
    """Tell whether a file is STL without a doubt."""
    return _is_whole(data) or _START.match(data) is not None


def _is_whole(data: bytes) -> bool:
    """Tell whether a file is binary, and as long as it states."""
    count = int.from_bytes(data[80:HEADER], "little")
    return count > 0 and len(data) == HEADER + _TRIANGLE.itemsize * count


def _is_text(data: bytes) -> bool:
    """Tell whether a file is text: some programs begin binary files like text, too."""
    if _is_whole(data):
        return False
    start = data[:2000].replace(b"\0", b"").lower()
    return b"solid" in start[:100] and (b"facet" in start or b"vertex" in start)


def _text(data: bytes) -> tuple[NDArray[np.float64], None]:
    """Return the corners of triangles in text, float64 (3 n, 3)."""
    text = b"\n".join(lines_of(data))
    corners = columns(re.findall(rb"(?i)\bvertex[ \t]+([^\n]+)", text))
    if len(corners) and corners.shape[1] < 3:
        raise InvalidStlError("a corner has less than three coordinates")
    return corners[: len(corners) // 3 * 3, :3].reshape(-1, 3), None


def _binary(data: bytes) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Return the corners of triangles, float64 (3 n, 3), and the colour of each, RGBA, or None."""
    stated = int.from_bytes(data[80:HEADER], "little")
    there = max(0, len(data) - HEADER) // _TRIANGLE.itemsize
    if there and stated > 2 * there + 1:
        raise InvalidStlError("most triangles are missing")
    # A number that is too small is wrong, or what follows is not of the file: nobody can know.
    count = min(stated, there) or there
    rows = np.frombuffer(data, _TRIANGLE, count, HEADER) if count else np.empty(0, _TRIANGLE)
    return rows["corners"].reshape(-1, 3).astype(np.float64), _colours(data[:80], rows["colour"])


def _colours(header: bytes, bits: NDArray[np.uint16]) -> NDArray[np.float64] | None:
    """Return the colour of each triangle, RGBA, or None.

    Magics states the colour of the whole in the header, and in a triangle red in the lowest bits;
    VisCAM and others have red in the highest.
    """
    low, middle, high = ((bits >> shift & 31) / 31 for shift in (0, 5, 10))
    has_flag = (bits & _FLAG) != 0
    start = header.find(b"COLOR=")
    if 0 <= start <= len(header) - 10:
        red, green, blue, alpha = (each / 255 for each in header[start + 6 : start + 10])
        own = np.stack([low, middle, high], axis=1)
        is_whole = has_flag | ~bits.any()
        return rgba(np.where(is_whole[:, None], [red, green, blue], own), np.full(len(bits), alpha))
    if not has_flag.any():
        return None
    return rgba(np.where(has_flag[:, None], np.stack([high, middle, low], axis=1), 1))
