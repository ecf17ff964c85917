"""Uploads: whatever a browser says of its files, they are stored inside a folder, or refused."""

import os
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue import Catalogue, ImportCounts, Item, KnownItem
from core.errors import LookalikeError
from core.importers import Entry, open_source, uploads
from core.importers.base import digest
from core.importers.text import path_key
from core.importers.uploads import UploadedFile, accept, location_in, stage, without_collisions
from core.workflows import importing
from tests.conftest import MakePicture

SUFFIXES = ("png", "JPG", "obj", "csv", "mtl", "exe", "tar.gz", "")
PARTS = st.one_of(
    st.sampled_from(["..", ".", "", "a", "A", "é", "e\u0301", "C:", ".hidden", "CON", "a" * 300]),
    st.text(max_size=8),
)
NAMES = st.builds(
    lambda start, parts, slash, suffix: start + slash.join(parts) + (suffix and f".{suffix}"),
    st.sampled_from(["", "/", "\\", "//", "C:\\", "../", "photos/"]),
    st.lists(PARTS, max_size=4),
    st.sampled_from(["/", "\\"]),
    st.sampled_from(SUFFIXES),
)
FILES = st.lists(st.builds(UploadedFile, NAMES, st.binary(max_size=3)), min_size=1, max_size=8)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that uploads are staged in."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "uploads"


def named(*names: str, data: bytes = b"data") -> list[UploadedFile]:
    return [UploadedFile(name, data) for name in names]


def files_below(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


@given(uploaded=FILES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_file_is_inside_the_folder_or_left_out_with_a_reason(
    uploaded: list[UploadedFile], tmp_path: Path
) -> None:
    try:
        upload = accept(uploaded)
    except LookalikeError as error:
        assert str(error).endswith((".", "…"))
        return
    assert len(upload.files) + len(upload.skipped) == len(uploaded)
    assert all(entry.reason.endswith(".") for entry in upload.skipped)
    # No two are the same file on a file system that ignores capitals and accents.
    assert len({path_key(path) for path in upload.files}) == len(upload.files)

    outside = set(tmp_path.rglob("*"))
    store = Catalogue.create("mine").uploads
    folder = store.add(upload.files)
    try:
        assert sorted(upload.files) == files_below(folder)
        for path, data in upload.files.items():
            assert (folder / path).read_bytes() == data
            is_hidden = any(part.startswith(".") for part in path.split("/"))
            assert not (is_hidden and data), "of hidden files only the names are stored"
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\\]", path)
            assert max(len(os.fsencode(part)) for part in path.split("/")) < 250
    finally:
        store.remove(folder)
    left = {path for path in set(tmp_path.rglob("*")) - outside if "mine" not in path.parts}
    assert not left


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("photos/red/a.png", "red/a.png"),
        ("photos\\red\\a.png", "red/a.png"),
        ("C:\\Users\\me\\a.png", "me/a.png"),
        ("/etc/a.png", "a.png"),
        ("photos/a\x00b\u202e.png", "a b .png"),
        (f"photos/{'ж' * 300}.png", f"{'ж' * 98}.png"),
    ],
)
def test_names_are_cleaned(name: str, path: str) -> None:
    assert list(accept(named(name)).files) == [path]


def test_names_that_differ_only_in_capitals_or_repeat_get_numbers() -> None:
    upload = accept(named("a.png", "A.png", "a.png", "b/a.png"))
    assert list(upload.files) == ["a.png", "A (2).png", "a (3).png", "b/a.png"]


def test_a_folder_gives_the_title_and_its_sub_folders_the_paths() -> None:
    upload = accept(named("my_chairs/red/a.png", "my_chairs/b.png", "my_chairs/.DS_Store"))
    assert upload.title == "my chairs"
    assert upload.files == {"red/a.png": b"data", "b.png": b"data", ".DS_Store": b""}
    assert not upload.skipped


def test_several_folders_are_part_of_the_paths() -> None:
    upload = accept(named("chairs/a.png", "tables/a.png"))
    assert list(upload.files) == ["chairs/a.png", "tables/a.png"]
    assert upload.title == ""


def test_a_single_file_gives_the_title() -> None:
    assert accept(named("red_chairs.tar.gz")).title == "red chairs"


@pytest.mark.parametrize(
    ("names", "data", "sentence"),
    [
        (["a.png"], b"", "“a.png” cannot be imported. It is empty."),
        (["a.max"], b"x", "no 3D files that can be read among these files: 1 3ds Max file (a.max)"),
        (["a.pdf", "b.3ds"], b"x", "1 3DS file (b.3ds): export as GLB, for example from Blender;"),
        (["../../a.png"], b"x", "Its name cannot be used. Rename it."),
        (["a.png/b.png", "a.zip", "b.zip"], b"x", "is an archive, which is imported by itself"),
        (["a.csv", "b.csv"], b"x", "Upload one table at a time"),
        (["a.mtl"], b"x", "There are no pictures and no 3D files that can be read"),
        (["d/.DS_Store"], b"x", "There are no files in this folder."),
        (["d/" * 30 + "a.png"], b"x", "Its path is too long."),
    ],
    ids=[
        *("empty", "wrong type", "wrong types", "outside", "archives", "tables", "parts"),
        *("hidden", "deep"),
    ],
)
def test_an_upload_that_cannot_be_imported_is_refused(
    names: list[str], data: bytes, sentence: str
) -> None:
    with pytest.raises(LookalikeError) as error:
        accept(named(*names, data=data))
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        ("MAX_FILES", 2, "These are more than 2 files. Pack them into a ZIP archive"),
        ("MAX_FILE_MB", 0, "“a.png” is larger than 0 MB."),
        ("MAX_MB", 0, "the limit is 0 MB."),
    ],
)
def test_too_much_is_refused(
    limit: str, value: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, limit, value)
    with pytest.raises(LookalikeError) as error:
        accept(named("a.png", "b.png", "c.png"))
    assert sentence in str(error.value)


# -- what is imported ----------------------------------------------------------


def archive(**members: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in members.items():
            packed.writestr(f"{name}.png", data)
    return file.getvalue()


def staged_names(uploaded: list[UploadedFile]) -> tuple[str, list[str]]:
    """Return what is imported of an upload, and the names of the models."""
    staged = stage(accept(uploaded))
    source = open_source(staged.location, kind=staged.kind or None)
    return source.kind, [entry.item.name for entry in source.entries if isinstance(entry, Entry)]


def test_an_archive_a_table_and_a_folder_are_imported_as_such(picture: MakePicture) -> None:
    pictures = [UploadedFile(f"{number}.png", picture(number)) for number in range(2)]
    packed = UploadedFile("a.zip", archive(one=picture(0), two=picture(1)))
    assert staged_names([packed]) == ("archive", ["one", "two"])
    assert staged_names(pictures) == ("folder", ["0", "1"])
    named_by = UploadedFile("list.csv", b"file,name\n1.png,Chair\n")
    assert staged_names([*pictures, named_by]) == ("table", ["Chair"])
    remote = UploadedFile("list.csv", b"picture,name\nhttps://example.org/a.png,Lamp\n")
    assert staged_names([remote]) == ("table", ["Lamp"])
    # A text beside the pictures is no table of them.
    assert staged_names([*pictures, UploadedFile("licence.txt", b"free")])[0] == "folder"


def test_a_staged_upload_is_deleted_when_it_is_discarded(picture: MakePicture, cache: Path) -> None:
    staged = stage(accept([UploadedFile("a.png", picture(1))]))
    assert files_below(cache)
    assert staged.without_place(f"{Path(staged.location) / 'a.png'} is bad") == "a.png is bad"
    staged.remove()
    assert not list(cache.iterdir())


def test_a_cancelled_upload_leaves_nothing_behind(
    picture: MakePicture, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "write_all", fail)
    with pytest.raises(LookalikeError, match="No space left on device"):
        stage(accept([UploadedFile("a.png", picture(1))]))
    assert not list(cache.iterdir())


# -- a second upload -----------------------------------------------------------


def import_upload(catalogue: Catalogue, uploaded: list[UploadedFile]) -> ImportCounts:
    files = without_collisions(accept(uploaded), catalogue.items.known_items())
    folder = catalogue.uploads.add(files)
    location, kind = location_in(folder)
    return importing.run(open_source(str(location), kind=kind or None), catalogue).counts


def test_a_second_upload_adds_and_leaves_the_first_alone(picture: MakePicture) -> None:
    catalogue = Catalogue.create("mine")
    first = [UploadedFile("a.png", picture(1)), UploadedFile("b.png", picture(2))]
    assert import_upload(catalogue, first).added == 2

    second = [UploadedFile("a.png", picture(3)), UploadedFile("c.png", picture(4))]
    counts = import_upload(catalogue, second)

    assert (counts.added, counts.changed, counts.missing) == (2, 0, 0)
    found = sorted(item.source_id for item in catalogue.items.find())
    assert found == ["a (2).png", "a.png", "b.png", "c.png"]
    # An update finds all of them where they are.
    for record in catalogue.imports.sources():
        again = importing.run(open_source(record.location, kind=record.kind), catalogue).counts
        assert (again.unchanged, again.missing) == (2, 0)


def test_the_same_files_uploaded_again_are_the_same_models(picture: MakePicture) -> None:
    catalogue = Catalogue.create("mine")
    uploaded = [UploadedFile("a.png", picture(1)), UploadedFile("b.png", picture(2))]
    import_upload(catalogue, uploaded)
    assert import_upload(catalogue, [UploadedFile("a.png", picture(3))]).added == 1

    again = import_upload(catalogue, [*uploaded, UploadedFile("A.png", picture(3))])

    assert (again.added, again.changed) == (1, 0)
    assert catalogue.items.count() == 4


def test_only_models_are_renamed() -> None:
    known = {
        name: KnownItem(Item(source_id=name, name=name), digest(b"other"), "", missing=False)
        for name in ("box.obj", "wood.png")
    }
    upload = accept(named("box.obj", "wood.png", "box.mtl"))
    # The 3D file names its texture.
    assert list(without_collisions(upload, known)) == ["box (2).obj", "wood.png", "box.mtl"]
