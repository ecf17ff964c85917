"""The importer of furniture libraries: their pieces as items, with their 3D models."""

from pathlib import Path

import pytest

from core.catalogue import Item
from core.importers import (
    Entry,
    sweethome3d,
)
from core.importers.base import digest
from core.rendering.renderer import Renderer, Unavailable
from tests.core.importers.sources import HEAD, contents, library


def test_furniture_of_a_library(tmp_path: Path) -> None:
    catalogue = HEAD + (
        "id#2=Shop#chair\nname#2=Caf\xe9 chair\\u0020\\u20ac\ntags#2=Seat, red,, Seat\n"
        "category#2=Living room\nicon#2=/seats/a.png\nplanIcon#2=/seats/plan.png\ncreator#2=Ann\n"
        "name#10=Sofa\nicon#10=seats/my%20sofa.png\n"
    )
    icons = {"seats/a.png": b"A", "seats/plan.png": b"plan", "seats/my sofa.png": b"S"}
    path = library(tmp_path / "Seats.SH3F", catalogue, icons)

    for location in (path, tmp_path):
        source = sweethome3d.read(location)
        assert (source.kind, source.location) == ("sweethome3d", str(location))
        entries, skipped = contents(source)
        assert not skipped
        assert [entry.data for entry in entries.values()] == [b"A", b"S"]
        chair, sofa = (entry.item for entry in entries.values())
        assert chair == Item(
            source_id="Shop#chair",
            name="Café chair €",
            category="Living room",
            tags=("Seat", "red"),
            creator="Ann",
            licence="CC-BY 3.0",
        )
        assert (sofa.source_id, sofa.name, sofa.category) == ("Shop#Seats#10", "Sofa", "Nice seats")


def test_furniture_ids_are_unique_across_libraries(tmp_path: Path) -> None:
    catalogue = "id#1=Shop#chair\nname#1=Chair\nicon#1=/seats/a.png\n"
    library(tmp_path / "1.sh3f", catalogue), library(tmp_path / "2.sh3f", catalogue)
    source = sweethome3d.read(tmp_path / "1.sh3f", tmp_path / "2.sh3f")
    assert source.location == str(tmp_path)
    entries, skipped = contents(source)
    assert list(entries) == ["Shop#chair"]
    assert list(skipped) == ["Shop#chair (2.sh3f, piece 1)"]


OBJ = b"mtllib a.mtl\nusemtl red\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\n"
MODEL = HEAD + "name#1=Chair\nicon#1=/seats/a.png\nmodel#1=/seats/a%20chair/a.obj\n"
FILES = {
    "seats/a.png": b"A",
    "seats/a chair/a.obj": OBJ,
    "seats/a chair/a.mtl": b"newmtl red\nKd 1 0 0\n",
}


def only_entry(path: Path, **options: bool) -> Entry:
    """Return the only entry of a library, whose iterator stays open."""
    [entry] = [each for each in sweethome3d.read(path, **options).entries]
    assert isinstance(entry, Entry)
    return entry


@pytest.mark.slow
def test_furniture_has_its_3d_model_beside_its_icon(tmp_path: Path) -> None:
    entry = only_entry(library(tmp_path / "a.sh3f", MODEL, FILES))

    assert not entry.is_current(digest(b"A")), "a catalogue of icons alone gets its models"
    loaded = entry.load("")
    assert loaded is not None and loaded.model is not None
    assert loaded.picture == entry.quick_picture() == b"A"
    assert loaded.model.startswith(b"glTF")
    assert entry.is_current(loaded.version)
    assert entry.load(loaded.version) is None


@pytest.mark.slow
def test_furniture_whose_3d_file_changes_is_loaded_again(tmp_path: Path) -> None:
    before = only_entry(library(tmp_path / "a.sh3f", MODEL, FILES)).load("")
    assert before is not None

    painted = FILES | {"seats/a chair/a.mtl": b"newmtl red\nKd 0 1 0\n"}
    after = only_entry(library(tmp_path / "b.sh3f", MODEL, painted)).load(before.version)

    assert after is not None
    assert after.picture == before.picture
    assert after.model != before.model


@pytest.mark.slow
@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"seats/a chair/a.obj": b"f 1 2 3"}, id="damaged"),
        pytest.param({}, id="missing"),
        pytest.param({"seats/a chair/a.obj": OBJ, "seats/a chair/../../b": b""}, id="outside"),
    ],
)
def test_furniture_without_a_3d_model_that_can_be_read_has_its_icon(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    entry = only_entry(library(tmp_path / "a.sh3f", MODEL, {"seats/a.png": b"A"} | files))

    loaded = entry.load("")

    assert loaded is not None
    assert (loaded.picture, loaded.model) == (b"A", None)
    assert entry.is_current(loaded.version)
    assert not (tmp_path / "b").exists()


def test_furniture_is_read_without_3d_models_on_request(tmp_path: Path) -> None:
    entry = only_entry(library(tmp_path / "a.sh3f", MODEL, FILES), models=False)

    loaded = entry.load("")

    assert loaded is not None and loaded.model is None


@pytest.mark.slow
def test_furniture_gets_its_3d_models_once_they_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = only_entry(library(tmp_path / "a.sh3f", MODEL, FILES))

    def refuse(*_: object, **__: object) -> None:
        raise Unavailable("Nothing can be rendered here.")

    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "render", refuse)
        without = entry.load("")
        assert without is not None and without.model is None
        assert entry.load(without.version) is None

    assert not entry.is_current(without.version)
    loaded = entry.load(without.version)
    assert loaded is not None and loaded.model is not None
