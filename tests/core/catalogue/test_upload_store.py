"""The store of uploads: all files of an upload or none, in a folder of its own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.catalogue import Catalogue, CatalogueError, job_files
from core.catalogue.upload_store import UploadStore


@pytest.fixture
def store(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


def test_each_upload_has_a_folder_of_its_own(store: UploadStore, tmp_path: Path) -> None:
    first = store.add({"a.png": b"a", "red/b.png": b"bb"})
    second = store.add({"a.png": b"ccc"})
    assert (first.name, second.name) == ("0001", "0002")
    assert (first / "red" / "b.png").read_bytes() == b"bb"
    assert (second / "a.png").read_bytes() == b"ccc"
    assert store.byte_count == 6
    assert sorted(path.name for path in (tmp_path / "uploads").iterdir()) == ["0001", "0002"]


def test_a_removed_upload_leaves_the_others(store: UploadStore) -> None:
    first, second = store.add({"a.png": b"a"}), store.add({"a.png": b"b"})
    store.remove(first)
    assert not first.exists()
    assert second.exists()
    assert store.add({"a.png": b"c"}).name == "0003"


@pytest.mark.parametrize("path", ["../a.png", "/a.png", "b/../../a.png", "", "a\0.png"])
def test_a_path_out_of_the_folder_is_refused(store: UploadStore, path: str) -> None:
    with pytest.raises(ValueError, match="leads out of the folder"):
        store.add({"b.png": b"b", path: b"a"})
    assert not list(store._folder.glob("*"))


def test_an_upload_that_cannot_be_written_leaves_nothing(store: UploadStore) -> None:
    class Broken(dict[str, bytes]):
        def items(self) -> Any:
            def each() -> Iterator[tuple[str, bytes]]:
                yield "a.png", b"a"
                raise OSError(28, "No space left on device")

            return each()

    with pytest.raises(CatalogueError, match="No space left on device"):
        store.add(Broken({"a.png": b"a", "b.png": b"b"}))
    assert not list(store._folder.iterdir())


def test_two_tabs_that_store_at_once_get_different_numbers(
    store: UploadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def second_tab_first(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "rename", rename)
        store.add({"b.png": b"b"})
        rename(source, target)

    monkeypatch.setattr(os, "rename", second_tab_first)
    assert store.add({"a.png": b"a"}).name == "0002"


def test_what_a_dead_process_left_behind_is_swept(store: UploadStore) -> None:
    kept = store.add({"a.png": b"a"})
    left, fresh = kept.with_name(".new-1"), kept.with_name(".new-2")
    for folder in (left, fresh):
        folder.mkdir()
    os.utime(left, (0, 0))
    store.sweep()
    assert kept.exists()
    assert fresh.exists()
    assert not left.exists()


def test_uploads_have_titles(store: UploadStore, tmp_path: Path) -> None:
    folder = store.add({"chairs.zip": b"a"})
    assert store.title(str(folder)) == "Upload 1"
    assert store.title(str(folder / "chairs.zip")) == "Upload 1 · chairs.zip"
    assert store.title(str(tmp_path / "elsewhere")) is None
    assert store.title("sketchfab:words=chair") is None


def test_uploads_belong_to_their_catalogue() -> None:
    catalogue = Catalogue.create("mine")
    folder = catalogue.uploads.add({"a.png": b"x" * 5_000_000})
    assert folder.is_relative_to(catalogue.folder)
    assert catalogue.summary().bytes > 5_000_000
    assert job_files() == {"mine": catalogue.job_file}
    Catalogue.remove("mine")
    assert not folder.exists()
    assert job_files() == {}
