"""The format of an archive, and files that are none."""

import gzip
import random
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    Entry,
)
from tests.core.importers.archive.archives import (
    FORMATS,
    left_in,
    opened,
    pack,
    tarred,
    zipped,
)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_contains_the_pictures_that_were_packed(
    tmp_path: Path, cache: Path, kind: str
) -> None:
    members = {
        "shelf/notes.md": b"#",
        "shelf/Seats/red_chair.PNG": b"red",
        "shelf/a.jpg": b"a",
        "shelf/кресло.webp": b"k",
    }
    path = pack(tmp_path / f"shelf.{kind}", members)

    source = opened(path)

    assert (source.kind, source.location, source.whole) == ("archive", str(path), True)
    assert source.total == (3 if kind == "zip" else 0)
    assert left_in(cache) == [], "opening must not unpack"
    entries = {each.item.source_id: each for each in source.entries if isinstance(each, Entry)}
    chair = entries["Seats/red_chair.PNG"]
    assert sorted(entries) == ["Seats/red_chair.PNG", "a.jpg", "кресло.webp"]
    assert (chair.item.name, chair.item.category) == ("red chair", "Seats")
    loaded = chair.load("")
    assert loaded is not None and loaded.picture == b"red"
    assert chair.is_current(loaded.version) and chair.load(loaded.version) is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"no archive" * 100, "is not a ZIP or TAR archive"),
        (b"PK\3\4" + bytes(100), "is not a ZIP archive, or is damaged or cut short"),
        (gzip.compress(b"no archive" * 100), "is not a ZIP or TAR archive"),
        (gzip.compress(tarred([("a.png", random.Random(1).randbytes(9000))]))[:100], "cut short"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "packed as 7-Zip, which is not supported"),
        (b"Rar!\x1a\7\0" + bytes(100), "packed as RAR"),
        (b"\x28\xb5\x2f\xfd" + bytes(100), "packed as Zstandard"),
        (zipped([("a.txt", b"a")]), "contains no pictures and no 3D files"),
        (zipped([]), "contains no pictures and no 3D files"),
        (
            zipped([("../a.png", b"a")]),
            r'Nothing in .* can be imported. The first file, "../a.png": .* leads out',
        ),
    ],
)
def test_files_without_pictures_are_rejected_when_opened(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(LookalikeError, match=sentence) as caught:
        opened(path)
    assert str(caught.value).endswith(".")
