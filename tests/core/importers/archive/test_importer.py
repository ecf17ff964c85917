"""Archives as sources: what is imported of them, and what is said of those that have nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import (
    Entry,
    InMemoryEntry,
    ResumePoint,
    SkippedEntry,
    Source,
    archive,
    open_source,
)
from core.jobs import Cancelled
from tests.core.importers.archive.archives import contents, left_in, opened, pack


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


def test_all_files_are_unpacked_to_be_looked_at(tmp_path: Path) -> None:
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
    assert seen == [sorted(members)]


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


def test_cancelling_while_the_folder_is_read_is_not_an_error(tmp_path: Path) -> None:
    def read() -> Iterator[Entry | SkippedEntry]:
        raise Cancelled("Cancelled.")
        yield

    path = pack(tmp_path / "a.zip", {"a.png": b"a"})
    source = archive.read(path, open_folder=lambda place: Source("folder", place, 1, read()))
    with pytest.raises(Cancelled):
        list(source.entries)


def test_files_that_cannot_be_read_are_rejected_when_opened(tmp_path: Path) -> None:
    for path in (tmp_path / "none.zip", tmp_path, Path("a\0b.zip")):
        with pytest.raises(LookalikeError, match="cannot be read"):
            opened(path)


def test_a_tar_without_pictures_is_rejected_when_unpacked(tmp_path: Path, cache: Path) -> None:
    path = pack(tmp_path / "a.tar", {"a.txt": b"a"})
    with pytest.raises(LookalikeError, match="contains no pictures and no 3D files"):
        contents(opened(path))
    assert left_in(cache) == []
