"""ZIP archives: their names, and members that are damaged, or lie about their size."""

import random
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers.archive import members as archive_limits
from tests.core.importers.archive.archives import contents, left_in, opened, zipped


def test_names_of_zip_archives_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    as_a_mac_does = zipped([("St\u00fchle/a\u0308.png", b"a"), ("Seats\\b.png", b"b")])
    # Clear the flag for UTF-8: bit 11, in both headers.
    data = bytearray(as_a_mac_does)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            data[start + offset + 1] &= ~0x08
    path.write_bytes(data)

    pictures, skipped = contents(opened(path))

    assert sorted(pictures) == ["Seats/b.png", "St\u00fchle/a\u0308.png"]
    assert not skipped


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        # The second bytes of some of these characters are those of "\\" and "|".
        ("cp932", ["家具/椅子.png", "家具/ソファ.png", "照明/ランプ.png"]),
        ("utf-8", ["Stühle/Küchenstuhl.png", "家具/椅子.png"]),
    ],
)
def test_names_without_a_flag_are_read_in_the_code_page_of_their_country(
    tmp_path: Path, encoding: str, names: list[str]
) -> None:
    encoded = [name.encode(encoding) for name in names]
    places = [str(place).ljust(len(name), "_") for place, name in enumerate(encoded)]
    data = zipped([(place, b"a") for place in places])
    for place, name in zip(places, encoded, strict=True):
        data = data.replace(place.encode(), name)
    (tmp_path / "a.zip").write_bytes(data)

    pictures, skipped = contents(opened(tmp_path / "a.zip"))

    assert sorted(pictures) == sorted(names) and not skipped


def test_a_link_in_a_zip_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        link = zipfile.ZipInfo("link.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("ok.png", b"ok")
    assert contents(opened(path)) == (
        {"ok.png": b"ok"},
        {"link.png": "It is a link. Pack the file itself."},
    )


def test_damaged_and_encrypted_members_are_skipped_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    noise = random.Random(3).randbytes(5000)
    members = [
        (f"{name}.png", name.encode() * 10 + noise) for name in ("crc", "locked", "odd", "ok")
    ]
    data = bytearray(zipped(members, method=zipfile.ZIP_STORED))
    data[data.find(noise) + 100] ^= 1
    for name, offset, value in (("locked", 8, 1), ("odd", 10, 99)):
        data[data.rfind(name.encode()) - 46 + offset] |= value
    path.write_bytes(data)

    pictures, skipped = contents(opened(path))

    assert set(pictures) == {"ok.png"}
    assert "damaged" in skipped["crc.png"]
    assert "encrypted" in skipped["locked.png"]
    assert "method that is not supported" in skipped["odd.png"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_to_any_size_are_rejected(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped([("a.png", b"a")], method=method))
    with pytest.raises(LookalikeError, match="method that is not supported"):
        opened(path)


@pytest.mark.parametrize("declared", [10, 200_000])
def test_a_declared_size_is_not_trusted(tmp_path: Path, declared: int) -> None:
    data = bytearray(zipped([("big.png", bytes(100_000)), ("ok.png", b"ok")]))
    for place in (data.find(b"big.png") - 30 + 22, data.rfind(b"big.png") - 46 + 24):
        data[place : place + 4] = struct.pack("<I", declared)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    pictures, skipped = contents(opened(path))
    assert set(pictures) == {"ok.png"}
    assert "damaged" in skipped["big.png"]


def overlapping(count: int, content: bytes) -> bytes:
    """Return a ZIP archive of files that share their bytes, after David Fifield's zip bomb.

    Each is a stored block of DEFLATE with the header of the next file, followed by all of the next
    file.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    quoted = b""
    listing = b""
    for number in reversed(range(count)):
        name = b"%03d.png" % number
        content, data = quoted + content, block(quoted) + data
        fields = struct.pack("<HHHHH", 20, 0, zipfile.ZIP_DEFLATED, 0, 33)
        fields += struct.pack("<III", zlib.crc32(content), len(data), len(content))
        fields += struct.pack("<HH", len(name), 0)
        quoted = b"PK\3\4" + fields + name
        place = number * len(block(quoted))
        listing += b"PK\1\2" + struct.pack("<H", 20) + fields + bytes(10)
        listing += struct.pack("<I", place) + name
    data = quoted + data
    size = struct.pack("<HHII", count, count, len(listing), len(data))
    return data + listing + b"PK\5\6" + bytes(4) + size + bytes(2)


def block(data: bytes) -> bytes:
    """Return a stored block of DEFLATE that is not the last; empty for no data."""
    return data and struct.pack("<BHH", 0, len(data), ~len(data) & 0xFFFF) + data


def test_overlapping_members_of_a_zip_are_counted_separately(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(overlapping(50, bytes(1_000_000)))
    with zipfile.ZipFile(path) as packed, suppress(zipfile.BadZipFile):  # as of Python 3.11.8
        assert len(packed.read(packed.infolist()[0])) == 1_000_000
    pictures, skipped = contents(opened(path))
    assert len(pictures) + len(skipped) == 50

    monkeypatch.setattr(archive_limits, "RATIO_FROM", 1_000_000)
    with pytest.raises(LookalikeError, match="unpacks to more than 200 times its size"):
        opened(path)
    # After the listing, bytes are counted as they arrive; newer Pythons report them as damaged.
    monkeypatch.setattr(archive_limits, "RATIO_FROM", 60_000_000)
    source = opened(path)
    monkeypatch.setattr(archive_limits, "RATIO_FROM", 1_000_000)
    with suppress(LookalikeError):
        assert len(contents(source)[0]) <= 1
    assert left_in(cache) == []


def test_seven_hundred_thousand_members_are_rejected(tmp_path: Path) -> None:
    one = zipped([("a.png", b"a")])
    start = one.find(b"PK\1\2")
    listed, end = one[start : one.find(b"PK\5\6")], one[one.find(b"PK\5\6") :]
    path = tmp_path / "a.zip"
    for count in (200_000, 700_000):
        size = struct.pack("<HHII", 0xFFFE, 0xFFFE, count * len(listed), start)
        path.write_bytes(one[:start] + listed * count + end[:8] + size + end[20:])
        with pytest.raises(LookalikeError, match="more than 100,000 files"):
            opened(path)
