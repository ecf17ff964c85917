"""Files by name: in local folders, and in a store without any folder."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core import settings
from core.catalogue import Catalogue, CatalogueError, CutOutThumbnail
from core.catalogue.file_store import FileStore, LocalFileStore
from core.catalogue.item_store import ItemStore
from core.catalogue.picture_store import PictureStore
from tests.core.catalogue.support import numbered, picture_of
from tests.served_files import file_at


class Bucket:
    """A `FileStore` that has no folders, as an object store has none."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, int]] = {}
        self._clock = 0

    def read(self, name: str) -> bytes:
        if name not in self._files:
            raise FileNotFoundError(name)
        return self._files[name][0]

    def write(self, name: str, data: bytes, *, sync: bool = True) -> None:
        self._clock += 1
        self._files[name] = data, self._clock

    def copy(self, name: str, copy: str) -> None:
        self.write(copy, self.read(name))

    def delete(self, name: str) -> None:
        self._files.pop(name, None)

    def written(self, name: str) -> int | None:
        return self._files[name][1] if name in self._files else None

    def find(self, prefix: str) -> set[str]:
        return {name for name in self._files if name.startswith(prefix)}

    def size(self, prefix: str) -> int:
        return sum(len(self.read(name)) for name in self.find(prefix))

    def url(self, name: str) -> str:
        return f"https://bucket.example/{name}"


def local() -> LocalFileStore:
    folder = settings.data_root() / "kept"
    folder.mkdir(exist_ok=True)
    return LocalFileStore(folder, served=settings.thumbnails_root() / "things")


@pytest.fixture(params=[local, Bucket])
def files(request: pytest.FixtureRequest) -> FileStore:
    make: Callable[[], FileStore] = request.param
    return make()


def test_a_file_is_written_read_copied_and_deleted(files: FileStore) -> None:
    assert files.written("originals/ab/abc.png") is None
    with pytest.raises(FileNotFoundError):
        files.read("originals/ab/abc.png")

    files.write("originals/ab/abc.png", b"12345")
    files.copy("originals/ab/abc.png", "served/new/copy.png")
    files.write("originals/ab/abc.png", b"123", sync=False)
    files.write("served/item.webp", b"1")

    assert files.read("originals/ab/abc.png") == b"123"
    assert files.read("served/new/copy.png") == b"12345"
    assert files.find("originals/") == {"originals/ab/abc.png"}
    assert files.find("served/") == {"served/new/copy.png", "served/item.webp"}
    assert files.find("served/it") == {"served/item.webp"}
    assert files.find("originals/x/") == files.find("nowhere/") == set()
    assert [files.size(folder) for folder in ("originals/", "served/", "x/")] == [3, 6, 0]

    files.delete("served/item.webp")
    files.delete("served/item.webp")
    assert files.written("served/item.webp") is None
    with pytest.raises(FileNotFoundError):
        files.copy("originals/lost.png", "served/copy.png")


def test_a_copy_takes_no_space_and_is_made_on_another_disk_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = local()
    files.write("originals/model.glb", b"glTF")
    served = file_at(files.url("served/model.glb"))

    files.copy("originals/model.glb", "served/model.glb")
    assert served.stat().st_nlink == 2

    def no_links(*_: Path) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", no_links)
    files.copy("originals/model.glb", "served/model.glb")
    assert (served.stat().st_nlink, served.read_bytes()) == (1, b"glTF")


def test_the_pictures_of_a_catalogue_can_be_kept_anywhere(
    catalogue: Catalogue, files: FileStore
) -> None:
    """What is needed of a store is in its interface: no path, and no SQL."""
    shutil.rmtree(settings.thumbnails_root(), ignore_errors=True)
    pictures = PictureStore(catalogue._database, files)
    items = ItemStore(catalogue._database, pictures)
    first, second = numbered(2)
    model = replace(picture_of("one", squashed=b"pixels"), model=b"glTF", viewpoints={"top": b"t"})

    items.add([(first, model), (second, picture_of("two"))])

    first, second = items.find()
    assert pictures.original(first) == b"one"
    assert pictures.squashed(first) == b"pixels"
    assert pictures.viewpoint(first, "top") == b"t"
    assert pictures.thumbnail(second.id) == b"small two"
    assert pictures.thumbnail_url(first.id).endswith(f"/{first.id}.webp")
    assert pictures.byte_count == len(b"onepixelsglTFttwo")
    assert pictures.model_url(first) is not None and pictures.model_url(second) is None

    items.add([(first, replace(model, model=b"another"))])
    assert pictures.byte_count == len(b"onepixelsanotherttwo")

    cut_out = CutOutThumbnail(first.id, "0" * 8, "1" * 8)
    pictures.write_cut_out(cut_out, b"cut out")
    assert (pictures.cut_outs(), pictures.cut_out(cut_out)) == ({cut_out}, b"cut out")
    pictures.keep_cut_outs([])
    assert pictures.cut_outs() == set()

    atlas = pictures.serve("atlas", b"1")
    assert pictures.serve("atlas", b"2") == pictures.served_url("atlas") != atlas
    assert not pictures.is_served(atlas)
    pictures.delete_served("atlas")
    assert pictures.served_url("atlas") is None

    assert pictures.lost_originals() == pictures.lost_thumbnails() == []
    for name in [*files.find("originals/"), *files.find("served/")]:
        files.delete(name)
    assert pictures.lost_originals() == pictures.lost_thumbnails() == [first, second]
    with pytest.raises(CatalogueError, match="Import its source again"):
        pictures.original(first)
    pictures.sweep()
    assert pictures.byte_count == 0
