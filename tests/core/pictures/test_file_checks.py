"""Files that are cut short, changed, or take too long to parse are rejected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.pictures import DamagedImage, ImageError, ImageTooLarge
from core.pictures.decoding import decode
from tests.core.pictures.support import (
    EVERY_FILE,
    FILES,
    PALETTE,
    PHOTO,
    chunk,
    encode,
    pixels,
    png,
    run_length_bmp,
    tiff,
)

# Pytest sets aside the filter that core.pictures.decoding sets, for every test.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")


def repeated_scan() -> bytes:
    data = encode(PHOTO, "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * 200 + data[-2:]


def repeated_chunk() -> bytes:
    text = chunk(b"tEXt", b"key\0value")
    return png(1, 1, bits=8, colour=2, rows=bytes(4), extra=text * 600)


IN_MANY_PARTS = {
    "scans": (repeated_scan(), "100 scans"),
    "segments": (b"\xff\xd8" + b"\xff\xe5\0\2" * 3_000 + b"\xff\xd9", "2,000 segments"),
    "chunks": (repeated_chunk(), "500 chunks"),
    "blocks": (encode(PALETTE, "GIF")[:-1] + b"!\1\0" * 600_000 + b";", "500,000 blocks"),
    "strips": (
        tiff((256, 3, 1, 1), (257, 3, 1, 2), (273, 4, 300_000, bytes(1_200_000))),
        "200,000 strips",
    ),
    "runs": (run_length_bmp(7_000), "4,000,000 run-length"),
}


@pytest.mark.parametrize(("data", "parts"), IN_MANY_PARTS.values(), ids=IN_MANY_PARTS)
def test_small_files_that_take_long_to_parse_are_rejected(data: bytes, parts: str) -> None:
    with pytest.raises(ImageTooLarge, match=parts):
        decode(data)


def first_picture_ends(name: str) -> int:
    """Where a file may not be truncated: a camera's second picture is not read."""
    data = FILES[name]
    return data.index(b"\xff\xd9") + 2 if name == "jpg of two" else len(data)


def decode_truncated(name: str, data: bytes) -> None:
    """Decode a truncated file, which is rejected unless it is a JPEG with all its pixels."""
    try:
        found = decode(data)
    except ImageError:
        return
    assert name.startswith("jpg")
    np.testing.assert_array_equal(np.asarray(found), np.asarray(decode(FILES[name])))


@EVERY_FILE
def test_a_file_without_its_last_bytes_is_rejected(name: str) -> None:
    end = first_picture_ends(name)
    for missing in range(1, 48):
        decode_truncated(name, FILES[name][: end - missing])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_file_that_is_truncated_anywhere_is_rejected(name: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, first_picture_ends(name) - 1), "cut")
    decode_truncated(name, FILES[name][:cut])


@pytest.mark.parametrize("name", ["jpg baseline", "png", "gif", "bmp", "tif"])
def test_bytes_after_the_end_are_ignored(name: str) -> None:
    found = decode(FILES[name] + b"\0\xff\xda\xff\xd9 and so on")
    np.testing.assert_array_equal(pixels(found), pixels(decode(FILES[name])))


def test_a_wrong_checksum_of_a_png_is_detected() -> None:
    data = bytearray(FILES["png"])
    data[-14] ^= 1  # of the compressed pixels
    with pytest.raises(DamagedImage, match="PNG"):
        decode(bytes(data))
