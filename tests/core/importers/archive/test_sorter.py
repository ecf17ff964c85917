"""Which members of an archive are unpacked, under which names."""

import unicodedata
from pathlib import Path

import pytest

from core.errors import LookalikeError
from core.importers import (
    archive,
)
from core.importers.archive import members, sorter
from core.importers.file_kinds import ARCHIVE, HIDDEN
from tests.core.importers.archive.archives import HOSTILE, contents, opened, pack, tarred, zipped


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


def test_an_archive_in_an_archive_has_no_limits_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = zipped([(f"{number}.png", b"a") for number in range(4)])
    path = pack(tmp_path / "a.zip", {"1.zip": inner, "2.zip": inner})
    monkeypatch.setattr(members, "MAX_MEMBERS", 9)
    with pytest.raises(LookalikeError, match=r"a\.zip contains more than 9 files"):
        contents(opened(path))
    monkeypatch.setattr(members, "RATIO_FROM", 10)
    monkeypatch.setattr(members, "MAX_RATIO", 2)
    bomb = zipped([("a.png", bytes(100_000))])
    path = pack(tmp_path / "bomb.zip", {"1.zip": bomb, "b.png": b"b"})
    with pytest.raises(LookalikeError, match=r"bomb\.zip unpacks to more than 2 times its size"):
        contents(opened(path))


def test_of_a_large_file_of_another_kind_only_the_beginning_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorter, "MAX_BYTES", 100)
    monkeypatch.setattr(members, "CHUNK_BYTES", 100)
    video = b"\0\0\0\x18ftypisom" + bytes(5_000_000)
    path = pack(tmp_path / "a.tar.gz", {"a.dat": video, "b.png": b"b"})
    source = opened(path)
    assert contents(source) == ({"b.png": b"b"}, {})
    assert [kind.name for kind in source.others.values()] == ["video"]


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


def test_the_first_of_equivalent_names_counts(tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "é/ä.png") for form in ("NFC", "NFD"))
    named = [
        ("Chair.png", b"1"),
        ("chair.PNG", b"2"),
        ("Chair.png", b"3"),
        (composed, b"4"),
        (apart, b"5"),
        ("chair.png/under.png", b"6"),
        ("x.png/under.png", b"7"),
        ("X.png", b"8"),
    ]
    for data in (zipped(named), tarred(named)):
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


def test_archives_in_an_archive_are_opened_unless_they_are_in_one(tmp_path: Path) -> None:
    inner = zipped([("red/a.png", b"1"), ("red/.x", b""), ("deep.zip", zipped([("x.png", b"x")]))])
    packed = {
        "b/a.png": b"0",
        "b/in.zip": inner,
        "b/in.png": b"2",
        "b/bad.tar.gz": b"",
        "b/c.7z": b"",
    }
    path = pack(tmp_path / "a.zip", packed)

    source = opened(path)
    pictures, skipped = contents(source)

    assert pictures == {"a.png": b"0", "in.png": b"2", "in/red/a.png": b"1"}
    assert set(skipped) == {"in/deep.zip", "bad.tar.gz", "c.7z"}
    assert "archive within the archive. Unpack it first" in skipped["in/deep.zip"]
    assert skipped["bad.tar.gz"] == "bad.tar.gz is empty. Download it again."
    assert source.others == {"in.zip": ARCHIVE, "in/red/.x": HIDDEN}
    assert source.parts == {"in.zip"}
    assert archive.is_archive("A.TGZ") and not archive.is_archive("a.png")


def test_a_member_may_not_exceed_the_limit_of_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorter, "MAX_BYTES", 100)
    monkeypatch.setattr(sorter, "MAX_FILE_BYTES", 200)
    sizes = {"a.png": 100, "b.png": 101, "c.glb": 200, "d.glb": 201}
    for kind in ("zip", "tar"):
        path = pack(tmp_path / f"a.{kind}", {name: bytes(size) for name, size in sizes.items()})
        pictures, skipped = contents(opened(path))
        assert set(pictures) == {"a.png"}
        assert set(skipped) == {"b.png", "d.glb"}
