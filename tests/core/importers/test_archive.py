"""Archives: what they give, what they are refused for, and that nothing is written beside them."""

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
)
from core.jobs import Cancelled

FORMATS = ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz")
PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
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
    """Give the folder that archives are unpacked into."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "unpacked"


def zipped(members: Iterable[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as packed:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, data in members:
            info = zipfile.ZipInfo("a")
            # The constructor cuts and turns what it is given.
            info.filename = info.orig_filename = name
            info.compress_type = method
            packed.writestr(info, data)
    return file.getvalue()


def tarred(members: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> bytes:
    """Return a TAR archive; a member may be given as it is to be described."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            if info.isreg():
                info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return file.getvalue()


def pack(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write an archive of the format that its name says."""
    kind = path.name.partition(".")[2]
    data = zipped(members.items()) if kind == "zip" else PACKERS[kind](tarred(members.items()))
    path.write_bytes(data)
    return path


def opened(path: Path, **options: object) -> Source:
    """Open an archive whose folder is one of pictures."""
    return archive.read(path, open_folder=folder.read, **options)  # type: ignore[arg-type]


def contents(source: Source) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the pictures of a source, and why the rest was refused."""
    pictures: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    for each in source.entries:
        if isinstance(each, Entry):
            loaded = each.load("")
            assert loaded is not None
            pictures[each.item.source_id] = loaded.picture
        else:
            assert isinstance(each, SkippedEntry) and each.source_id not in refused
            refused[each.source_id] = each.reason
    return pictures, refused


def left_in(cache: Path) -> list[Path]:
    """Return what is unpacked and still there."""
    return list(cache.iterdir()) if cache.exists() else []


# -- what they give -----------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_pictures_of_the_folder_that_was_packed(
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


def test_the_folder_stays_as_long_as_an_entry_and_goes_with_the_last(
    tmp_path: Path, cache: Path
) -> None:
    path = pack(tmp_path / "a.zip", {f"{number}.png": b"%d" % number for number in range(20)})
    entries = [each for each in opened(path).entries if isinstance(each, Entry)]

    with ThreadPoolExecutor(4) as pool:
        loaded = [each and each.picture for each in pool.map(lambda one: one.load(""), entries)]
    assert loaded == [b"%d" % number for number in range(20)]
    last = entries.pop()
    entries.clear()
    assert len(left_in(cache)) == 1 and last.load("")
    del last
    assert left_in(cache) == []


def test_the_folder_goes_when_the_entries_are_closed_or_fail(tmp_path: Path, cache: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.png": b"a", "b.png": b"b"})
    entries = opened(path).entries
    next(entries)
    assert len(left_in(cache)) == 1
    entries.close()  # type: ignore[attr-defined]
    assert left_in(cache) == []


def test_a_folder_that_a_killed_process_left_is_removed_and_one_in_use_is_not(
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


def test_only_what_everything_lies_in_is_taken_off_the_paths(tmp_path: Path) -> None:
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


def test_names_of_zip_archives_are_read_as_they_were_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    as_a_mac_does = zipped([("St\u00fchle/a\u0308.png", b"a"), ("Seats\\b.png", b"b")])
    # Take away the mark that says UTF-8: bit 11 of the flags, in both headers.
    data = bytearray(as_a_mac_does)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            data[start + offset + 1] &= ~0x08
    path.write_bytes(data)

    pictures, refused = contents(opened(path))

    assert sorted(pictures) == ["Seats/b.png", "St\u00fchle/a\u0308.png"]
    assert not refused


def test_a_table_is_found_where_one_alone_names_the_pictures(tmp_path: Path) -> None:
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


def test_what_opens_the_folder_sees_the_table_and_parts_of_models(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look(place: str) -> Source:
        root = Path(place)
        seen.append(sorted(str(path.relative_to(root)) for path in root.rglob("*.*")))
        held = InMemoryEntry(Item(source_id="chair", name="Chair"), b"picture")
        return Source(
            "models", place, 1, iter([held, ResumePoint("here"), SkippedEntry("x", "x", "No.")])
        )

    members = ["chair.obj", "chair.mtl", "wood.jpg", "b.gltf", "b.bin", "a.exe", "list.csv"]
    path = pack(tmp_path / "a.zip", {f"top/{name}": b"x" for name in members})
    source = archive.read(path, open_folder=look)

    assert source.total == 2, "the pictures are those of the models"
    assert contents(source) == ({"chair": b"picture"}, {"x": "No."})
    assert seen == [sorted(set(members) - {"a.exe"})]


def test_columns_need_a_table(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.png": b"a", "t.csv": b"bild\nb.png\n"})
    with pytest.raises(LookalikeError, match=r"Columns .* a\.zip has not one table"):
        contents(opened(path, columns={"picture": "bild"}))
    path = pack(tmp_path / "b.zip", {"a.png": b"a", "t.csv": b"bild\na.png\n"})
    assert contents(opened(path, columns={"picture": "bild"}))[0]


def test_a_sentence_of_the_importer_names_the_archive_and_no_folder_of_ours(
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


def test_what_is_cancelled_while_the_folder_is_read_is_no_failure(tmp_path: Path) -> None:
    def read() -> Iterator[Entry | SkippedEntry]:
        raise Cancelled("Cancelled.")
        yield

    path = pack(tmp_path / "a.zip", {"a.png": b"a"})
    source = archive.read(path, open_folder=lambda place: Source("folder", place, 1, read()))
    with pytest.raises(Cancelled):
        list(source.entries)


# -- what they are refused for ------------------------------------------------


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"no archive" * 100, "is not a ZIP or TAR archive"),
        (b"PK\3\4" + bytes(100), "is not a ZIP archive, or is damaged or cut short"),
        (gzip.compress(b"no archive" * 100), "is not a ZIP or TAR archive"),
        (gzip.compress(tarred([("a.png", random.Random(1).randbytes(9000))]))[:100], "cut short"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "packed as 7-Zip, which is not read"),
        (b"Rar!\x1a\7\0" + bytes(100), "packed as RAR"),
        (b"\x28\xb5\x2f\xfd" + bytes(100), "packed as Zstandard"),
        (zipped([("a.txt", b"a")]), "holds no pictures, and no 3D files"),
        (zipped([]), "holds no pictures, and no 3D files"),
        (zipped([("../a.png", b"a")]), r'Nothing in .* "../a.png", the first: .* leads out'),
    ],
)
def test_what_is_no_archive_of_pictures_is_refused_at_once(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(LookalikeError, match=sentence) as caught:
        opened(path)
    assert str(caught.value).endswith(".")


def test_files_that_cannot_be_read_are_refused_at_once(tmp_path: Path) -> None:
    for path in (tmp_path / "none.zip", tmp_path, Path("a\0b.zip")):
        with pytest.raises(LookalikeError, match="cannot be read"):
            opened(path)


def test_a_tar_without_pictures_is_refused_when_it_is_unpacked(tmp_path: Path, cache: Path) -> None:
    path = pack(tmp_path / "a.tar", {"a.txt": b"a"})
    with pytest.raises(LookalikeError, match="holds no pictures, and no 3D files"):
        contents(opened(path))
    assert left_in(cache) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_path_that_leads_elsewhere_costs_only_itself(tmp_path: Path, name: str) -> None:
    for data in (
        zipped([(name, b"evil"), ("ok.png", b"ok")]),
        tarred([(name, b"evil"), ("ok.png", b"ok")]),
    ):
        path = tmp_path / "a"
        path.write_bytes(data)
        pictures, refused = contents(opened(path))
        assert pictures == {"ok.png": b"ok"}
        assert len(refused) == 1
        assert "leads out" in "".join(refused.values()) or "too long" in "".join(refused.values())


def test_a_name_with_a_nul_character_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped([("a.png\0.txt", b"evil"), ("ok.png", b"ok")]))
    pictures, refused = contents(opened(path))
    assert pictures == {"ok.png": b"ok"}
    assert refused == {"a.png .txt": "Its name holds a NUL character."}


def test_links_devices_and_sparse_files_are_neither_made_nor_followed(
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
    refused = {each.source_id: each.reason for each in entries if isinstance(each, SkippedEntry)}
    assert {name for name, reason in refused.items() if "is a link" in reason} == {
        "symbolic.png",
        "hard.png",
        "folder",
    }
    assert {name for name, reason in refused.items() if "device" in reason} == {
        "device",
        "character.png",
        "pipe.png",
    }
    assert "sparse" in refused["sparse.png"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
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


def test_of_names_that_some_disks_take_for_one_the_first_counts(tmp_path: Path) -> None:
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
        pictures, refused = contents(opened(tmp_path / "a"))
        assert pictures == {"Chair.png": b"1", composed: b"4", "x.png/under.png": b"7"}
        assert set(refused) == {
            "chair.PNG",
            "Chair.png (number 3)",
            f"{composed} (number 5)",
            "chair.png/under.png",
            "X.png",
        } or set(refused) == {
            "chair.PNG",
            "Chair.png (number 3)",
            composed,
            "chair.png/under.png",
            "X.png",
        }
        assert all("another file of this name" in reason for reason in refused.values())


def test_archives_within_are_refused_by_name(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"b/in.zip": b"PK", "b/x.tar.gz": b"", "b/a.png": b"a"})
    pictures, refused = contents(opened(path))
    assert set(pictures) == {"a.png"}
    assert set(refused) == {"in.zip", "x.tar.gz"}
    assert "archive within the archive: unpack it first" in refused["in.zip"]
    assert archive.is_archive("A.TGZ") and not archive.is_archive("a.png")


def test_damaged_and_encrypted_members_cost_only_themselves(tmp_path: Path) -> None:
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

    pictures, refused = contents(opened(path))

    assert set(pictures) == {"ok.png"}
    assert "damaged" in refused["crc.png"]
    assert "encrypted" in refused["locked.png"]
    assert "method that is not supported" in refused["odd.png"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_to_any_size_at_once_are_refused(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped([("a.png", b"a")], method=method))
    with pytest.raises(LookalikeError, match="method that is not supported"):
        opened(path)


def test_a_member_may_not_be_larger_than_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST", 100)
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 200)
    sizes = {"a.png": 100, "b.png": 101, "c.glb": 200, "d.glb": 201}
    for kind in ("zip", "tar"):
        path = pack(tmp_path / f"a.{kind}", {name: bytes(size) for name, size in sizes.items()})
        pictures, refused = contents(opened(path))
        assert set(pictures) == {"a.png"}
        assert set(refused) == {"b.png", "d.glb"}


@pytest.mark.parametrize("declared", [10, 200_000])
def test_a_declared_size_is_not_believed(tmp_path: Path, declared: int) -> None:
    data = bytearray(zipped([("big.png", bytes(100_000)), ("ok.png", b"ok")]))
    for place in (data.find(b"big.png") - 30 + 22, data.rfind(b"big.png") - 46 + 24):
        data[place : place + 4] = struct.pack("<I", declared)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    pictures, refused = contents(opened(path))
    assert set(pictures) == {"ok.png"}
    assert "damaged" in refused["big.png"]


# -- archives that would fill the disk ----------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the limits within the reach of a test."""
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["{}.png", "{}.skipped"])
def test_a_bomb_is_refused_and_leaves_nothing(
    tmp_path: Path, cache: Path, kind: str, name: str
) -> None:
    if kind == "tar" or (kind == "zip" and "skipped" in name):
        return  # where it cannot be one
    zeros = bytes(8_000_000)
    members = {name.format(number): zeros for number in range(4)} | {"a.png": b"a"}
    path = pack(tmp_path / f"a.{kind}", members)
    with pytest.raises(LookalikeError, match="unpacks to more than 200 times its size"):
        contents(opened(path))
    assert left_in(cache) == []


def overlapping(count: int, content: bytes) -> bytes:
    """Return a ZIP archive of files that share their bytes, after David Fifield's zip bomb.

    Each is a stored block of DEFLATE, which holds the header of the next, and then all that the
    next is.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    quoted = b""
    listing = b""
    for number in reversed(range(count)):
        name = b"%03d.png" % number
        content, data = quoted + content, block(quoted) + data
        said = struct.pack("<HHHHH", 20, 0, zipfile.ZIP_DEFLATED, 0, 33)
        said += struct.pack("<III", zlib.crc32(content), len(data), len(content))
        said += struct.pack("<HH", len(name), 0)
        quoted = b"PK\3\4" + said + name
        place = number * len(block(quoted))
        listing += b"PK\1\2" + struct.pack("<H", 20) + said + bytes(10)
        listing += struct.pack("<I", place) + name
    data = quoted + data
    size = struct.pack("<HHII", count, count, len(listing), len(data))
    return data + listing + b"PK\5\6" + bytes(4) + size + bytes(2)


def block(data: bytes) -> bytes:
    """Return a stored block of DEFLATE that is not the last; nothing for nothing."""
    return data and struct.pack("<BHH", 0, len(data), ~len(data) & 0xFFFF) + data


def test_members_of_a_zip_that_overlap_are_counted_each(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(overlapping(50, bytes(1_000_000)))
    with zipfile.ZipFile(path) as packed, suppress(zipfile.BadZipFile):  # as of Python 3.11.8
        assert len(packed.read(packed.infolist()[0])) == 1_000_000
    pictures, refused = contents(opened(path))
    assert len(pictures) + len(refused) == 50

    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    with pytest.raises(LookalikeError, match="unpacks to more than 200 times its size"):
        opened(path)
    # Past the listing, the bytes are counted as they come; newer Pythons call them damaged.
    monkeypatch.setattr(archive_members, "RATIO_FROM", 60_000_000)
    source = opened(path)
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    with suppress(LookalikeError):
        assert len(contents(source)[0]) <= 1
    assert left_in(cache) == []


def test_more_than_the_disk_or_the_limit_holds_is_refused(
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
            with pytest.raises(LookalikeError, match="no room to unpack"):
                contents(opened(path))
    assert left_in(cache) == []


def test_too_many_members_are_refused(
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


def test_seven_hundred_thousand_members_are_refused(tmp_path: Path) -> None:
    one = zipped([("a.png", b"a")])
    start = one.find(b"PK\1\2")
    listed, end = one[start : one.find(b"PK\5\6")], one[one.find(b"PK\5\6") :]
    path = tmp_path / "a.zip"
    for count in (200_000, 700_000):
        size = struct.pack("<HHII", 0xFFFE, 0xFFFE, count * len(listed), start)
        path.write_bytes(one[:start] + listed * count + end[:8] + size + end[20:])
        with pytest.raises(LookalikeError, match="more than 100,000 files"):
            opened(path)


def test_headers_of_a_tar_are_bounded(tmp_path: Path) -> None:
    for value in ("x" * 100_000, "1" * 30_000):
        info = tarfile.TarInfo("b.png")
        info.pax_headers = {"comment": value}
        path = tmp_path / "a.tar"
        path.write_bytes(tarred([("a.png", b"a"), (info, b"b"), ("c.png", b"c")]))
        with pytest.raises(LookalikeError, match="is damaged: only what came before"):
            contents(opened(path))


def test_a_tar_that_leads_backwards_ends_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    info = tarfile.TarInfo("b.png")
    info.size = -1024
    header = info.tobuf(tarfile.GNU_FORMAT)
    path.write_bytes(tarred([("a.png", b"a")])[:1024] + header + bytes(10_240))
    with pytest.raises(LookalikeError, match="is damaged: only what came before"):
        contents(opened(path))


# -- archives that end too soon -----------------------------------------------


@pytest.mark.parametrize("kind", FORMATS[1:])
def test_a_tar_that_is_cut_short_keeps_what_came_before(tmp_path: Path, kind: str) -> None:
    chance = random.Random(7)
    members = {f"{number}.png": chance.randbytes(50_000) for number in range(40)}
    whole = pack(tmp_path / f"a.{kind}", members).read_bytes()
    path = tmp_path / f"cut.{kind}"
    most = 0
    for share in (0.5, 0.7, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        pictures: dict[str, bytes] = {}
        with pytest.raises(LookalikeError, match=rf"^cut\.{kind} is cut short: only what came"):
            for each in opened(path).entries:
                if isinstance(each, Entry) and (loaded := each.load("")):
                    pictures[each.item.source_id] = loaded.picture
        assert all(members[name] == data for name, data in pictures.items())
        most = max(most, len(pictures))
    assert most > 20 or kind == "tar.bz2"  # whose blocks are of 900 kB


def test_a_tar_cut_between_two_files_is_not_taken_for_whole(tmp_path: Path) -> None:
    whole = tarred([("a.png", b"a"), ("b.png", b"b")])
    path = tmp_path / "a.tar"
    path.write_bytes(whole[:1024])
    with pytest.raises(LookalikeError, match="is cut short"):
        contents(opened(path))


def test_a_compressed_tar_whose_checksum_is_wrong_says_so(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(tarred([("a.png", b"a")])))
    whole[-8] ^= 1
    path = tmp_path / "a.tar.gz"
    path.write_bytes(whole)
    with pytest.raises(LookalikeError, match="is damaged"):
        contents(opened(path))


# -- whatever comes -----------------------------------------------------------

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
    """Return all there is below a folder, and what is in it."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in place.rglob("*")}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=6), kind=st.sampled_from(["zip", "tar"]))
@example(names=HOSTILE, kind="zip")
@example(names=HOSTILE, kind="tar")
def test_whatever_the_names_nothing_is_written_outside(
    tmp_path: Path, cache: Path, names: list[str], kind: str
) -> None:
    members = [(name, b"evil %d" % number) for number, name in enumerate(names)]
    try:
        data = zipped(members) if kind == "zip" else tarred(members)
    except (UnicodeError, ValueError, struct.error):
        return  # no archive can say so
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
    """Yield archives to be damaged."""
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
def test_whatever_the_bytes_it_ends_in_entries_or_a_sentence(
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
