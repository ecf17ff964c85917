"""Archives: what is imported, what is rejected, and that nothing is written elsewhere."""

import bz2
import gzip
import io
import lzma
import os
import random
import struct
import tarfile
import time
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import (
    Entry,
    InMemoryEntry,
    ResumePoint,
    SkippedEntry,
    Source,
    archive,
    archive_members,
    folder,
    open_source,
)
from core.jobs import Cancelled

FORMATS = ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz")
COMPRESSORS: Mapping[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
}
HOSTILE = [
    "../a.png",
    "x/../../a.png",
    "/a.png",
    "//host/a.png",
    "C:/a.png",
    "C:a.png",
    "..\\a.png",
    "\\a.png",
    "x\\..\\..\\..\\a.png",
    "n" * 300 + ".png",
    "d/" * 60 + "a.png",
    "long/" * 300 + "a.png",
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that archives are unpacked into."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "unpacked"


def zipped(members: Iterable[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as packed:
        warnings.simplefilter("ignore")  # about names that occur twice
        for name, data in members:
            info = zipfile.ZipInfo("a")
            # The constructor would change the name.
            info.filename = info.orig_filename = name
            info.compress_type = method
            packed.writestr(info, data)
    return file.getvalue()


def tarred(members: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> bytes:
    """Return a TAR archive; a member may be given by its complete header."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            if info.isreg():
                info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return file.getvalue()


def pack(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write an archive in the format of its name."""
    kind = path.name.partition(".")[2]
    data = zipped(members.items()) if kind == "zip" else COMPRESSORS[kind](tarred(members.items()))
    path.write_bytes(data)
    return path


def opened(path: Path, **options: object) -> Source:
    """Open an archive of pictures."""
    return archive.read(path, open_folder=folder.read, **options)  # type: ignore[arg-type]


def contents(source: Source) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the pictures of a source, and why the rest was skipped."""
    pictures: dict[str, bytes] = {}
    skipped: dict[str, str] = {}
    for each in source.entries:
        if isinstance(each, Entry):
            loaded = each.load("")
            assert loaded is not None
            pictures[each.item.source_id] = loaded.picture
        else:
            assert isinstance(each, SkippedEntry) and each.source_id not in skipped
            skipped[each.source_id] = each.reason
    return pictures, skipped


def left_in(cache: Path) -> list[Path]:
    """Return the unpacked folders that still exist."""
    return list(cache.iterdir()) if cache.exists() else []


# -- contents -----------------------------------------------------------------


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


def test_the_unpacked_folder_exists_as_long_as_an_entry(tmp_path: Path, cache: Path) -> None:
    path = pack(tmp_path / "a.zip", {f"{number}.png": b"%d" % number for number in range(20)})
    entries = [each for each in opened(path).entries if isinstance(each, Entry)]

    with ThreadPoolExecutor(4) as pool:
        loaded = [each and each.picture for each in pool.map(lambda entry: entry.load(""), entries)]
    assert loaded == [b"%d" % number for number in range(20)]
    last = entries.pop()
    entries.clear()
    assert len(left_in(cache)) == 1 and last.load("")
    del last
    assert left_in(cache) == []


def test_closing_the_entries_deletes_the_unpacked_folder(tmp_path: Path, cache: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.png": b"a", "b.png": b"b"})
    entries = opened(path).entries
    next(entries)
    assert len(left_in(cache)) == 1
    entries.close()  # type: ignore[attr-defined]
    assert left_in(cache) == []


def test_the_folder_of_a_killed_process_is_removed_and_one_in_use_is_not(
    tmp_path: Path, cache: Path
) -> None:
    path = pack(tmp_path / "a.zip", {"a.png": b"a"})
    in_use = [each for each in opened(path).entries if isinstance(each, Entry)]
    (used,) = left_in(cache)
    (cache / "left" / "deep").mkdir(parents=True)
    (cache / "left" / "deep" / "a.png").write_bytes(b"a")
    before = time.time() - 3600
    for each in (used, cache / "left"):
        os.utime(each, (before, before))

    contents(opened(path))

    assert left_in(cache) == [used]
    assert in_use[0].load("")


def test_only_a_single_top_folder_is_removed_from_the_paths(tmp_path: Path) -> None:
    def ids(*names: str) -> list[str]:
        path = pack(tmp_path / "a.tar", dict.fromkeys(names, b"a"))
        return sorted(contents(opened(path))[0])

    assert ids("a.png") == ["a.png"]
    assert ids("./top/a.png", "top/b/c.png") == ["a.png", "b/c.png"]
    assert ids("top/b/c.png") == ["b/c.png"]
    assert ids("a/b.png", "c/d.png") == ["a/b.png", "c/d.png"]
    assert ids("top/a.png", "LICENSE") == ["top/a.png"]
    hidden = ("__MACOSX/top/._a.png", ".DS_Store", "top/.hidden/b.png", "top/Thumbs.db")
    assert ids("top/a.png", *hidden) == ["a.png"]


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


def test_a_table_is_found_if_it_is_the_only_one_with_pictures(tmp_path: Path) -> None:
    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    (tmp_path / "pictures").mkdir()
    for name in ("a.png", "кресло.png"):
        (tmp_path / "pictures" / name).write_bytes(b"a")
    write("README.txt", "Pictures, as pictures/b.png was.\nSee /etc/a.png and ../x.png\n")
    write("other.csv", "name,size\nchair,3\n")
    assert archive.table_in(tmp_path) is None
    for text, name in [
        ('picture;name\n"pictures/a.png";A\n', "t.csv"),
        ("name\tpicture\nA\tpictures\\a.png\n", "t.tsv"),
        (
            '{"name": "A", "picture": "pictures/\\u043a\\u0440\\u0435\\u0441\\u043b\\u043e.png"}',
            "t.jsonl",
        ),
    ]:
        path = write(name, text)
        assert archive.table_in(tmp_path) == path
        path.unlink()
    (tmp_path / "wide.csv").write_text("picture\npictures/a.png\n", encoding="utf-16")
    assert archive.table_in(tmp_path) == tmp_path / "wide.csv"
    write("second.csv", "picture\npictures/a.png\n")
    assert archive.table_in(tmp_path) is None


def test_tables_and_parts_of_models_are_unpacked(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look(place: str) -> Source:
        root = Path(place)
        seen.append(sorted(str(path.relative_to(root)) for path in root.rglob("*.*")))
        chair = InMemoryEntry(Item(source_id="chair", name="Chair"), b"picture")
        return Source(
            "models", place, 1, iter([chair, ResumePoint("here"), SkippedEntry("x", "x", "No.")])
        )

    members = ["chair.obj", "chair.mtl", "wood.jpg", "b.gltf", "b.bin", "a.exe", "list.csv"]
    path = pack(tmp_path / "a.zip", {f"top/{name}": b"x" for name in members})
    source = archive.read(path, open_folder=look)

    assert source.total == 2, "the pictures are those of the models"
    assert contents(source) == ({"chair": b"picture"}, {"x": "No."})
    assert seen == [sorted(set(members) - {"a.exe"})]


def test_columns_need_a_table(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.png": b"a", "t.csv": b"bild\nb.png\n"})
    with pytest.raises(LookalikeError, match=r"Columns .* a\.zip does not have exactly one table"):
        contents(open_source(str(path), columns={"picture": "bild"}))
    path = pack(tmp_path / "b.zip", {"a.png": b"a", "t.csv": b"bild\na.png\n"})
    assert contents(open_source(str(path), columns={"picture": "bild"}))[0]


def test_errors_name_the_archive_and_not_the_temporary_folder(
    tmp_path: Path,
) -> None:
    def fail(place: str) -> Source:
        raise LookalikeError(f'The folder "{place}" is odd.')

    path = pack(tmp_path / "a.zip", {"a.png": b"a"})
    with pytest.raises(LookalikeError, match=r'^The folder "a\.zip" is odd\.$'):
        contents(archive.read(path, open_folder=fail))


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_unpacking_can_be_cancelled_and_leaves_nothing(
    tmp_path: Path, cache: Path, kind: str
) -> None:
    path = pack(tmp_path / f"a.{kind}", {f"{number}.png": b"a" for number in range(10)})
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 5:
            raise Cancelled("Cancelled.")

    entries = opened(path, check=check).entries
    with pytest.raises(Cancelled):
        next(entries)
    del entries
    assert calls == 6
    assert not list(cache.iterdir())


def test_cancelling_while_the_folder_is_read_is_not_an_error(tmp_path: Path) -> None:
    def read() -> Iterator[Entry | SkippedEntry]:
        raise Cancelled("Cancelled.")
        yield

    path = pack(tmp_path / "a.zip", {"a.png": b"a"})
    source = archive.read(path, open_folder=lambda place: Source("folder", place, 1, read()))
    with pytest.raises(Cancelled):
        list(source.entries)


# -- what is rejected ---------------------------------------------------------


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


def test_files_that_cannot_be_read_are_rejected_when_opened(tmp_path: Path) -> None:
    for path in (tmp_path / "none.zip", tmp_path, Path("a\0b.zip")):
        with pytest.raises(LookalikeError, match="cannot be read"):
            opened(path)


def test_a_tar_without_pictures_is_rejected_when_unpacked(tmp_path: Path, cache: Path) -> None:
    path = pack(tmp_path / "a.tar", {"a.txt": b"a"})
    with pytest.raises(LookalikeError, match="contains no pictures and no 3D files"):
        contents(opened(path))
    assert left_in(cache) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_path_is_skipped_alone(tmp_path: Path, name: str) -> None:
    for data in (
        zipped([(name, b"evil"), ("ok.png", b"ok")]),
        tarred([(name, b"evil"), ("ok.png", b"ok")]),
    ):
        path = tmp_path / "a"
        path.write_bytes(data)
        pictures, skipped = contents(opened(path))
        assert pictures == {"ok.png": b"ok"}
        assert len(skipped) == 1
        assert "leads out" in "".join(skipped.values()) or "too long" in "".join(skipped.values())


def test_a_name_with_a_nul_character_is_skipped_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped([("a.png\0.txt", b"evil"), ("ok.png", b"ok")]))
    pictures, skipped = contents(opened(path))
    assert pictures == {"ok.png": b"ok"}
    assert skipped == {"a.png .txt": "Its name contains a NUL character. Rename it."}


def test_links_devices_and_sparse_files_are_neither_created_nor_followed(
    tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    special: list[tuple[str | tarfile.TarInfo, bytes]] = [("ok.png", b"ok")]
    for name, kind in [
        ("symbolic.png", tarfile.SYMTYPE),
        ("hard.png", tarfile.LNKTYPE),
        ("device", tarfile.BLKTYPE),
        ("character.png", tarfile.CHRTYPE),
        ("pipe.png", tarfile.FIFOTYPE),
        ("folder", tarfile.SYMTYPE),
    ]:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, str(tmp_path / "secret.png")
        special.append((info, b""))
    sparse = tarfile.TarInfo("sparse.png")
    sparse.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1"}
    sparse.pax_headers |= {"GNU.sparse.map": "0,4", "GNU.sparse.size": "900000000"}
    special += [(sparse, b"evil"), ("folder/through.png", b"through"), ("end.png", b"end")]
    path = tmp_path / "a.tar"
    path.write_bytes(tarred(special))

    source = opened(path)
    entries = list(source.entries)
    (root,) = left_in(cache)

    assert not any(each.is_symlink() for each in root.rglob("*"))
    pictures = {each.item.source_id for each in entries if isinstance(each, Entry)}
    assert pictures == {"ok.png", "folder/through.png", "end.png"}
    skipped = {each.source_id: each.reason for each in entries if isinstance(each, SkippedEntry)}
    assert {name for name, reason in skipped.items() if "is a link" in reason} == {
        "symbolic.png",
        "hard.png",
        "folder",
    }
    assert {name for name, reason in skipped.items() if "device" in reason} == {
        "device",
        "character.png",
        "pipe.png",
    }
    assert "sparse" in skipped["sparse.png"]


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


def test_the_first_of_equivalent_names_counts(tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "é/ä.png") for form in ("NFC", "NFD"))
    members = [
        ("Chair.png", b"1"),
        ("chair.PNG", b"2"),
        ("Chair.png", b"3"),
        (composed, b"4"),
        (apart, b"5"),
        ("chair.png/under.png", b"6"),
        ("x.png/under.png", b"7"),
        ("X.png", b"8"),
    ]
    for data in (zipped(members), tarred(members)):
        (tmp_path / "a").write_bytes(data)
        pictures, skipped = contents(opened(tmp_path / "a"))
        assert pictures == {"Chair.png": b"1", composed: b"4", "x.png/under.png": b"7"}
        assert set(skipped) == {
            "chair.PNG",
            "Chair.png (number 3)",
            f"{composed} (number 5)",
            "chair.png/under.png",
            "X.png",
        } or set(skipped) == {
            "chair.PNG",
            "Chair.png (number 3)",
            composed,
            "chair.png/under.png",
            "X.png",
        }
        assert all("another file of this name" in reason for reason in skipped.values())


def test_nested_archives_are_skipped_by_name(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"b/in.zip": b"PK", "b/x.tar.gz": b"", "b/a.png": b"a"})
    pictures, skipped = contents(opened(path))
    assert set(pictures) == {"a.png"}
    assert set(skipped) == {"in.zip", "x.tar.gz"}
    assert "archive within the archive. Unpack it first" in skipped["in.zip"]
    assert archive.is_archive("A.TGZ") and not archive.is_archive("a.png")


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


def test_a_member_may_not_exceed_the_limit_of_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 100)
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 200)
    sizes = {"a.png": 100, "b.png": 101, "c.glb": 200, "d.glb": 201}
    for kind in ("zip", "tar"):
        path = pack(tmp_path / f"a.{kind}", {name: bytes(size) for name, size in sizes.items()})
        pictures, skipped = contents(opened(path))
        assert set(pictures) == {"a.png"}
        assert set(skipped) == {"b.png", "d.glb"}


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


# -- archives that would fill the disk ----------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits for a test."""
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["{}.png", "{}.skipped"])
def test_a_bomb_is_rejected_and_leaves_no_files(
    tmp_path: Path, cache: Path, kind: str, name: str
) -> None:
    if kind == "tar" or (kind == "zip" and "skipped" in name):
        return  # these formats cannot be bombs
    zeros = bytes(8_000_000)
    members = {name.format(number): zeros for number in range(4)} | {"a.png": b"a"}
    path = pack(tmp_path / f"a.{kind}", members)
    with pytest.raises(LookalikeError, match="unpacks to more than 200 times its size"):
        contents(opened(path))
    assert left_in(cache) == []


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

    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    with pytest.raises(LookalikeError, match="unpacks to more than 200 times its size"):
        opened(path)
    # After the listing, bytes are counted as they arrive; newer Pythons report them as damaged.
    monkeypatch.setattr(archive_members, "RATIO_FROM", 60_000_000)
    source = opened(path)
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    with suppress(LookalikeError):
        assert len(contents(source)[0]) <= 1
    assert left_in(cache) == []


def test_more_than_the_free_space_or_the_limit_is_rejected(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [
        pack(tmp_path / f"a.{kind}", {"a.png": bytes(60), "b.png": bytes(60)}) for kind in FORMATS
    ]
    for path in paths:
        with monkeypatch.context() as patch:
            patch.setattr(archive_members, "MAX_BYTES", 100)
            with pytest.raises(LookalikeError, match="unpacks to more than 1e-07 GB"):
                contents(opened(path))
        with monkeypatch.context() as patch:
            patch.setattr(archive_members, "RESERVE", 1 << 60)
            with pytest.raises(LookalikeError, match="not enough space to unpack"):
                contents(opened(path))
    assert left_in(cache) == []


def test_too_many_members_are_rejected(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_members, "MAX_MEMBERS", 100)
    for kind in ("zip", "tar"):
        within = pack(tmp_path / f"a.{kind}", {f"{number}.png": b"a" for number in range(100)})
        assert len(contents(opened(within))[0]) == 100
        beyond = pack(tmp_path / f"a.{kind}", {f"{number}.txt": b"a" for number in range(101)})
        with pytest.raises(LookalikeError, match="more than 100 files"):
            contents(opened(beyond))
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


def test_headers_of_a_tar_are_limited(tmp_path: Path) -> None:
    for value in ("x" * 100_000, "1" * 30_000):
        info = tarfile.TarInfo("b.png")
        info.pax_headers = {"comment": value}
        path = tmp_path / "a.tar"
        path.write_bytes(tarred([("a.png", b"a"), (info, b"b"), ("c.png", b"c")]))
        with pytest.raises(LookalikeError, match="is damaged: only the files before"):
            contents(opened(path))


def test_a_tar_that_points_backwards_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    info = tarfile.TarInfo("b.png")
    info.size = -1024
    header = info.tobuf(tarfile.GNU_FORMAT)
    path.write_bytes(tarred([("a.png", b"a")])[:1024] + header + bytes(10_240))
    with pytest.raises(LookalikeError, match="is damaged: only the files before"):
        contents(opened(path))


# -- incomplete archives ------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS[1:])
def test_the_first_files_of_a_tar_that_is_cut_short_are_imported(tmp_path: Path, kind: str) -> None:
    chance = random.Random(7)
    members = {f"{number}.png": chance.randbytes(50_000) for number in range(40)}
    whole = pack(tmp_path / f"a.{kind}", members).read_bytes()
    path = tmp_path / f"cut.{kind}"
    most = 0
    for share in (0.5, 0.7, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        pictures: dict[str, bytes] = {}
        with pytest.raises(LookalikeError, match=rf"^cut\.{kind} is cut short: only the files"):
            for each in opened(path).entries:
                if isinstance(each, Entry) and (loaded := each.load("")):
                    pictures[each.item.source_id] = loaded.picture
        assert all(members[name] == data for name, data in pictures.items())
        most = max(most, len(pictures))
    assert most > 20 or kind == "tar.bz2"  # with its blocks of 900 kB


def test_a_tar_cut_between_two_files_is_incomplete(tmp_path: Path) -> None:
    whole = tarred([("a.png", b"a"), ("b.png", b"b")])
    path = tmp_path / "a.tar"
    path.write_bytes(whole[:1024])
    with pytest.raises(LookalikeError, match="is cut short"):
        contents(opened(path))


def test_a_compressed_tar_with_a_wrong_checksum_is_damaged(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(tarred([("a.png", b"a")])))
    whole[-8] ^= 1
    path = tmp_path / "a.tar.gz"
    path.write_bytes(whole)
    with pytest.raises(LookalikeError, match="is damaged"):
        contents(opened(path))


# -- random input -------------------------------------------------------------

PARTS = st.one_of(
    st.sampled_from(["..", ".", "", "a.png", "A.PNG", "b", "C:", "\\", "..\\..", "~", "con.png"]),
    st.text(max_size=8),
)
NAMES = st.one_of(
    st.builds("/".join, st.lists(PARTS, min_size=1, max_size=6)),
    st.builds(lambda text: text + ".png", st.text(max_size=20)),
    st.sampled_from(HOSTILE),
)


def everything_below(place: Path) -> dict[str, bytes | None]:
    """Return everything below a folder with its contents."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in place.rglob("*")}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=6), kind=st.sampled_from(["zip", "tar"]))
@example(names=HOSTILE, kind="zip")
@example(names=HOSTILE, kind="tar")
def test_no_name_writes_outside_the_folder(
    tmp_path: Path, cache: Path, names: list[str], kind: str
) -> None:
    members = [(name, b"evil %d" % number) for number, name in enumerate(names)]
    try:
        data = zipped(members) if kind == "zip" else tarred(members)
    except (UnicodeError, ValueError, struct.error):
        return  # no archive can have such names
    path = tmp_path / "a"
    path.write_bytes(data)
    before = everything_below(tmp_path)

    written: set[str] = set()
    with suppress(LookalikeError):
        for number, each in enumerate(opened(path).entries):
            if number == 0:
                written = everything_below(tmp_path).keys() - before.keys()
            assert isinstance(each, Entry | SkippedEntry)
            if isinstance(each, SkippedEntry):
                assert each.reason.endswith(".")
                each.source_id.encode()
        del each

    ours = {str(tmp_path / "cache"), str(cache)}
    (target,) = {Path(name) for name in written if Path(name).parent == cache} or {cache}
    assert all(Path(name).is_relative_to(target) for name in written - ours)
    after = everything_below(tmp_path)
    assert {name: after[name] for name in after if name not in ours} == {
        name: before[name] for name in before if name not in ours
    }


def bytes_of_archives() -> Iterator[bytes]:
    """Yield archives for damaging."""
    members = [("top/a.png", b"a" * 50), ("top/b/" + "n" * 120 + ".png", b"b" * 700)]
    yield zipped(members)
    yield zipped(members, method=zipfile.ZIP_STORED)
    yield tarred(members)
    for pack_it in (gzip.compress, bz2.compress, lzma.compress):
        yield pack_it(tarred(members))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.sampled_from(list(bytes_of_archives())),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4),
    end=st.integers(0, 12_000),
)
def test_any_bytes_give_entries_or_a_sentence(
    tmp_path: Path, cache: Path, data: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    damaged = bytearray(data[:end])
    for place, value in changes:
        if damaged:
            damaged[place % len(damaged)] = value
    path = tmp_path / "a"
    path.write_bytes(damaged)
    try:
        contents(opened(path))
    except LookalikeError as error:
        assert str(error).endswith(".")
    assert left_in(cache) == []
