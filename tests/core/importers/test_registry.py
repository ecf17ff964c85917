"""The registry: one entry makes an importer known to all that lists, opens or watches sources."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.catalogues import import_dialog
from components.catalogues.sources import can_be_watched
from core.catalogue import Catalogue, Item
from core.cli.main import main
from core.cli.parser import build_parser
from core.errors import LookalikeError
from core.importers import (
    Entry,
    Importer,
    InMemoryEntry,
    Options,
    Source,
    kinds,
    open_source,
    registry,
    table,
)
from core.importers.sketchfab import SketchfabQuery
from core.importers.table.reader import TableFormat
from core.importers.uploads import UploadedFile, accept, stage
from core.jobs import Cancelled, Progress, Stage
from core.workflows import importing, watching
from devtools.fake_sketchfab import FakeSketchfab
from tests.conftest import MakePicture
from tests.core.importers.sources import HEAD, contents, items, library, write


@pytest.fixture
def shapes(tmp_path: Path, picture: MakePicture, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Register an importer of `.shapes` files, which list the numbers of pictures."""

    def read(location: str, options: Options) -> Source:
        names = Path(location).read_text().split()
        entries = (
            InMemoryEntry(Item(source_id=name, name=f"Shape {name}"), picture(int(name)))
            for name in names
        )
        return Source("shapes", location, len(names), entries)

    importer = Importer(
        "shapes",
        "list of shapes",
        lambda location: location.endswith(".shapes"),
        read,
        watchable=True,
        phrase="a list of shapes (.shapes)",
        suffixes=(".shapes",),
    )
    monkeypatch.setattr(registry, "IMPORTERS", (*registry.IMPORTERS, importer))
    path = tmp_path / "first.shapes"
    path.write_text("1 2 3")
    return path


def test_a_registered_importer_is_detected_and_imported(shapes: Path) -> None:
    catalogue = Catalogue.create("things")
    assert importing.run(open_source(str(shapes)), catalogue).counts.added == 3
    assert [record.kind for record in catalogue.imports.sources()] == ["shapes"]
    assert importing.run(open_source(str(shapes), kind="shapes"), catalogue).counts.unchanged == 3


def test_a_registered_importer_is_a_choice_of_the_command_line(shapes: Path) -> None:
    arguments = ["import", str(shapes), "--into", "things", "--kind", "shapes"]
    assert build_parser().parse_args(arguments).kind == "shapes"
    with pytest.raises(LookalikeError, match=r"Choose one of .*shapes"):
        open_source(str(shapes), kind="unknown")


def test_a_registered_importer_is_listed_by_help_and_errors(
    shapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["import", "--help"])
    assert "a list of shapes (.shapes)" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(LookalikeError, match=r"Give .*, or a list of shapes \(\.shapes\)\.$"):
        open_source(str(write(tmp_path / "a.max")))


def test_a_file_of_a_registered_importer_is_uploaded_by_itself(shapes: Path) -> None:
    shape = UploadedFile("first.SHAPES", shapes.read_bytes())
    staged = stage(accept([shape]))
    assert open_source(staged.location, kind="shapes").total == 3
    with pytest.raises(LookalikeError, match="imported by itself"):
        accept([shape, UploadedFile("a.png", b"picture")])


def test_a_file_of_a_registered_importer_is_not_read_in_an_archive(
    shapes: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(shapes, "first.shapes")
        packed.writestr("a.png", b"picture")
    _, skipped = contents(open_source(str(tmp_path / "a.zip")))
    assert "archive within the archive" in skipped["first.shapes"].reason


def test_columns_are_refused_for_an_importer_without_them(shapes: Path) -> None:
    with pytest.raises(LookalikeError, match="this is a list of shapes"):
        open_source(str(shapes), columns={"picture": "File"})


def test_a_registered_importer_is_listed_by_the_pages(shapes: Path) -> None:
    importing.run(open_source(str(shapes)), Catalogue.create("things"))

    def page() -> None:
        from components.catalogues import import_dialog, sources
        from core.catalogue import Catalogue

        import_dialog.button()
        sources.show(Catalogue("things"))

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert any("list of shapes" in text.value for text in app.markdown)
    assert can_be_watched(Catalogue("things"))
    app.button[0].click().run()
    app.segmented_control(key="import-from").set_value(import_dialog.FILES).run()
    kind = app.selectbox[0]
    assert "List of shapes" in kind.options
    assert not any("emoji" in option or "Sketchfab search" in option for option in kind.options)


def test_a_registered_importer_is_watched(shapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue.create("things")
    importing.run(open_source(str(shapes)), catalogue)
    stages: list[tuple[Stage, str]] = []

    class Watched(Progress):
        def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
            stages.append((stage, detail))
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled, match="Enough"):
        watching.run(catalogue, progress=Watched(), every=0.01)
    assert stages == [(Stage.WATCHING, str(shapes))]


# -- detection ----------------------------------------------------------------


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Path]:
    """Create one source of each kind."""
    catalogue = HEAD + "name#1=Chair\nicon#1=/seats/a.png\n"
    library(tmp_path / "libraries/a.sh3f", catalogue)
    library(tmp_path / "mixed/a.sh3f", catalogue), write(tmp_path / "mixed/sub/a.png")
    write(tmp_path / "pictures/a.png")
    write(tmp_path / "pictures/t.CSV", b"picture\na.png\n")
    write(tmp_path / "pictures/t.jsonl", b'{"picture": "a.png"}\n')
    yield tmp_path


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("pictures", "folder"),
        ("mixed", "folder"),
        ("libraries", "sweethome3d"),
        ("libraries/a.sh3f", "sweethome3d"),
        ("pictures/t.CSV", "table"),
        ("pictures/t.jsonl", "table"),
    ],
)
def test_open_source_detects_the_kind(sources: Path, location: str, kind: str) -> None:
    source = open_source(str(sources / location))
    assert source.kind == kind
    assert len(items(source)) == 1
    assert open_source(source.location, kind=source.kind).total == 1


def test_open_source_maps_the_columns_of_a_table(sources: Path) -> None:
    path = write(sources / "pictures/other.csv", b"what\na.png\n")
    assert open_source(str(path), columns={"picture": "what"}).total == 1
    with pytest.raises(LookalikeError, match="only for a table"):
        open_source(str(sources / "pictures"), columns={"picture": "what"})


def test_open_source_says_what_is_wrong(sources: Path) -> None:
    write(sources / "models.max")
    for location, kind, sentence in [
        ("nowhere", None, "no folder or file"),
        ("models.max", None, "not a supported file. Give a folder"),
        ("pictures/a.png", None, "is a single picture"),
        ("pictures", "sketchup", 'no importer "sketchup"'),
        ("fluent", None, "no folder or file"),
    ]:
        with pytest.raises(LookalikeError, match=sentence) as error:
            open_source(str(sources / location), kind=kind)
        assert kind is None or all(kind in str(error.value) for kind in kinds())
    with pytest.raises(LookalikeError, match="Name the folder"):
        open_source(" ")


# -- tables -------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Return the names of the tables whose records are read from now on, once for each time."""
    names: list[str] = []
    records = TableFormat.records

    def counted(self: TableFormat, **options: Any) -> Any:
        names.append(self.path.name)
        return records(self, **options)

    monkeypatch.setattr(TableFormat, "records", counted)
    yield names


def test_a_table_of_pictures_is_read_once_to_open_and_once_to_import(
    tmp_path: Path, picture: MakePicture, reads: list[str]
) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    path = tmp_path / "t.csv"
    path.write_text("picture\na.png\n")
    source = open_source(str(path))
    assert reads == ["t.csv"]
    assert importing.run(source, Catalogue.create("things")).counts.added == 1
    assert reads == ["t.csv"] * 2


def test_a_table_of_sketchfab_models_is_opened_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    opened: list[str] = []
    open_table = table.open_table

    def counted(path: str | Path, **options: Any) -> table.Table:
        opened.append(Path(path).name)
        return open_table(path, **options)

    monkeypatch.setattr(table, "open_table", counted)
    with FakeSketchfab(models=2) as fake:
        monkeypatch.setenv("LOOKALIKE_SKETCHFAB_API", fake.api)
        path = tmp_path / "t.jsonl"
        path.write_text("\n".join(json.dumps({"uid": model.uid}) for model in fake.models))
        source = open_source(str(path))
        assert importing.run(source, Catalogue.create("things")).counts.added == 2
    assert (source.kind, opened) == ("table", ["t.jsonl"])


def test_the_command_line_opens_a_table_once(
    tmp_path: Path, picture: MakePicture, reads: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    path = tmp_path / "t.csv"
    path.write_text("picture\na.png\n")
    assert main(["import", str(path), "--into", "things"]) == 0
    assert reads == ["t.csv"] * 2
    assert "1" in capsys.readouterr().out


def test_a_table_that_is_opened_quickly_is_judged_by_its_first_rows(
    tmp_path: Path, reads: list[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("picture\n" + "a.png\n" * 1000)
    source = open_source(str(path), quick=True)
    assert (source.total, reads) == (0, ["t.csv"])
    assert len(list(source.entries)) == 1000
    path.write_text("id,name\n1,Chair\n")
    with pytest.raises(LookalikeError, match="no column of pictures"):
        open_source(str(path), quick=True)
    path.write_text("uid\n" + "0123456789abcdef" * 2 + "\n")
    assert open_source(str(path), quick=True).total == 1


def test_a_table_that_is_opened_quickly_may_have_its_pictures_later(tmp_path: Path) -> None:
    lines = tmp_path / "t.jsonl"
    lines.write_text('{"name": "Chair"}\n' * 50 + '{"picture": "a.png"}\n')
    assert open_source(str(lines), quick=True).total == 51
    lines.write_text('{"name": "Chair"}\n' * 50)
    with pytest.raises(LookalikeError, match="no column of pictures"):
        open_source(str(lines), quick=True)
    urls = tmp_path / "t.csv"
    urls.write_text("picture\n" + "a.png\n" * 50 + "https://example.org/a.png\n")
    last = list(open_source(str(urls), quick=True).entries)[-1]
    assert isinstance(last, Entry) and last.quick_picture() is None


def test_a_source_is_refused_also_if_it_is_opened_quickly(tmp_path: Path) -> None:
    with pytest.raises(LookalikeError, match="no folder or file"):
        open_source(str(tmp_path / "nowhere"), quick=True)
    (tmp_path / "empty").mkdir()
    with pytest.raises(LookalikeError, match="has no pictures"):
        open_source(str(tmp_path / "empty"), quick=True)


def test_a_sketchfab_query_says_what_opens_it_again() -> None:
    assert open_source("sketchfab:oak chair").location == SketchfabQuery(words="oak chair").location
