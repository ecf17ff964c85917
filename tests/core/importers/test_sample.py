"""The first models of a source, as the import dialog shows them."""

import threading
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.catalogue import Catalogue, Item
from core.errors import LookalikeError
from core.importers import InMemoryEntry, SkippedEntry, Source, sample
from core.importers.sample import take_sample
from devtools.fake_sketchfab import FakeSketchfab
from tests.command_line import run
from tests.conftest import MakePicture

WORDS = ("Стул деревянный", "Лампа настольная", "Диван угловой", "Стол письменный")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path, picture: MakePicture) -> Path:
    folder = tmp_path / "pictures"
    for number in range(12):
        path = folder / ("red" if number % 2 else "blue") / f"shape {number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number))
    return folder


def test_a_folder_shows_ten_pictures_and_counts_all(folder: Path) -> None:
    # After the ten that are shown.
    (folder / "red" / "shape 12.png").write_bytes(b"no picture")
    (folder / "out.png").symlink_to("/etc/hostname")
    taken = take_sample(str(folder))
    assert (taken.count, taken.failed, taken.is_exact) == (12, 1, True)
    assert len(taken.items) == 10
    assert taken.skipped == 1
    assert taken.reasons[0][0].startswith("It is a link that leads out of the folder.")
    assert taken.columns is None
    by_name = {sampled.item.name: sampled for sampled in taken.items}
    shape = by_name["shape 2"]
    assert shape.item.category == "blue"
    assert shape.thumbnail is not None
    assert Image.open(BytesIO(shape.thumbnail)).size == (160, 160)
    [broken] = taken.unreadable
    assert broken.item.name == "shape 12"
    assert broken.problem.endswith(".")


def test_3d_files_are_named_and_not_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.importers.model_files.check", lambda: None)
    (tmp_path / "3d").mkdir()
    (tmp_path / "3d" / "box.obj").write_text("not rendered")
    [sampled] = take_sample(str(tmp_path / "3d")).items
    assert (sampled.item.name, sampled.format, sampled.thumbnail) == ("box", "OBJ", None)


def test_a_table_says_what_its_columns_are(tmp_path: Path, picture: MakePicture) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    rows = "File,Title,Price\na.png,Chair,3\n,Nothing,1\nhttps://example.org/b.png,Lamp,2\n,None,\n"
    (tmp_path / "list.csv").write_text(rows)
    taken = take_sample(str(tmp_path / "list.csv"))
    assert taken.columns is not None
    assert taken.columns.fields == {"picture": "File", "name": "Title"}
    assert taken.columns.unused == ("Price",)
    assert [(one.item.name, one.thumbnail is None) for one in taken.items] == [
        ("Chair", False),
        ("Lamp", True),
    ]
    # Equal reasons of different rows are counted together.
    assert taken.reasons == (("It names no picture.", 2),)


@pytest.mark.parametrize(
    ("encoding", "code_page"),
    [("", "cp1251"), ("windows-1253", "cp1253"), ("UTF-8", "")],
)
def test_the_code_page_of_a_table_is_told_with_three_rows_and_can_be_chosen(
    tmp_path: Path, picture: MakePicture, encoding: str, code_page: str
) -> None:
    rows = [f"{number}.png,{word}" for number, word in enumerate(WORDS)]
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(picture(number))
    table = tmp_path / "list.csv"
    table.write_bytes("\n".join(["picture,name", *rows]).encode("cp1251"))
    name = WORDS[0].encode("cp1251").decode(encoding or "cp1251", "replace")
    sample = take_sample(str(table), encoding=encoding)
    assert sample.columns is not None and sample.columns.code_page == code_page
    assert len(sample.columns.rows) == 3 and sample.columns.rows[0] == ("0.png", name)
    assert sample.items[0].item.name == name
    imported = run("import", table, "--into", "things", "--encoding", encoding or "cp1251")
    assert imported.returncode == 0
    stored = Catalogue("things")
    assert stored.items.find()[0].name == name
    if encoding:
        # The next import of the source reads it in the same way.
        assert "things" in run("update", "things", "--dry-run", "--json").stdout
        assert stored.imports.sources()[0].options["encoding"] == encoding


def test_an_encoding_is_checked_and_only_for_tables(tmp_path: Path, picture: MakePicture) -> None:
    table = tmp_path / "list.csv"
    table.write_text("picture\nhttps://example.org/a.png\n")
    for encoding in ("klingon", "base64", "x" * 300):
        with pytest.raises(LookalikeError, match=r'There is no encoding ".*Give utf-8, .*cp1251'):
            take_sample(str(table), encoding=encoding)
    (tmp_path / "a.png").write_bytes(picture(1))
    with pytest.raises(LookalikeError, match="only for a table"):
        take_sample(str(tmp_path), encoding="cp1251")


def test_a_long_table_shows_its_first_models_at_once(
    tmp_path: Path, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    rows = "".join(f"a.png,{number}\n" for number in range(300))
    (tmp_path / "list.csv").write_text(f"picture,id\n{rows}")
    moments = iter(range(1000))
    is_late = property(lambda self: next(moments) > 200)
    monkeypatch.setattr(sample._Reading, "_is_late", is_late)
    taken = take_sample(str(tmp_path / "list.csv"))
    assert len(taken.items) == 10
    assert 10 < taken.count < 300
    assert taken.is_minimum and not taken.is_exact


def test_an_archive_is_unpacked_and_its_table_read(tmp_path: Path, picture: MakePicture) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.png", picture(1))
        packed.writestr("list.csv", "file,name,price\na.png,Chair,3\n")
    taken = take_sample(str(tmp_path / "a.zip"))
    assert [one.item.name for one in taken.items] == ["Chair"]
    assert taken.items[0].thumbnail is not None
    assert taken.columns is not None
    assert taken.columns.unused == ("price",)
    assert not list((tmp_path / "cache" / "unpacked").iterdir())


def test_sketchfab_is_asked_for_one_page_and_no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeSketchfab(models=150) as fake:
        monkeypatch.setenv("LOOKALIKE_SKETCHFAB_API", fake.api)
        monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
        taken = take_sample("sketchfab:words=chair&limit=30")
    assert len(taken.items) == 10
    assert (taken.count, taken.is_exact) == (30, False)
    assert all(one.thumbnail is None for one in taken.items)


def test_what_cannot_be_imported_is_said(tmp_path: Path) -> None:
    with pytest.raises(LookalikeError, match="There is no folder or file"):
        take_sample(str(tmp_path / "none"))
    (tmp_path / "list.csv").write_text("picture\n \n../a.png\n")
    (tmp_path / "empty.csv").write_text("picture,name\n,Chair\n")
    with pytest.raises(LookalikeError, match=r"Nothing in it can be imported\. .*no picture"):
        take_sample(str(tmp_path / "empty.csv"))


def test_a_file_that_cannot_be_read_is_nothing_to_import(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_bytes(b"some text")
    with pytest.raises(LookalikeError, match=r"^Nothing in it can be imported\. .+\.$"):
        take_sample(str(tmp_path))


def test_a_source_that_is_slow_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, picture: MakePicture
) -> None:
    goes_on = threading.Event()

    def entries() -> Iterator[InMemoryEntry | SkippedEntry]:
        yield InMemoryEntry(Item(source_id="1", name="First"), picture(1))
        goes_on.wait()

    source = Source("folder", "slow", 500, entries())
    monkeypatch.setattr(sample, "open_source", lambda *_, **__: source)
    try:
        taken = take_sample("slow", patience=0.0)
    finally:
        goes_on.set()
    assert taken.count == 500
    assert not taken.is_exact
