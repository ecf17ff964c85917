"""Which members of an archive are unpacked, under which names."""

import unicodedata
from pathlib import Path

import pytest

from core.importers import (
    archive,
)
from core.importers.archive import sorter
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
