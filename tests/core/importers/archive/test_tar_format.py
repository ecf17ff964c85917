"""TAR archives: links, headers that lie, and files that are cut short."""

import gzip
import random
import tarfile
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    Entry,
    SkippedEntry,
)
from tests.core.importers.archive.archives import (
    FORMATS,
    contents,
    left_in,
    opened,
    pack,
    tarred,
)


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
