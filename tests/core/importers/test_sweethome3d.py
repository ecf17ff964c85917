"""The importer of furniture libraries."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import (
    Entry,
    open_source,
    sweethome3d,
)
from core.importers.base import digest
from core.rendering.renderer import Renderer, Unavailable
from tests.core.importers.sources import HEAD, contents, items, library, write


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


@pytest.mark.parametrize(
    ("name", "stated", "licence"),
    [
        ("x", "Creative Commons Attribution 3.0 Unported license  © Ann", "CC-BY 3.0"),
        ("x", "Creative Commons Attribution 3.0 United States license", "CC-BY 3.0 US"),
        ("Blend Swap CC-0", "Public domain", "CC-0"),
        ("x", "Public domain", "Public domain"),
        ("x", "Creative Commons Attribution-NonCommercial 3.0", None),
        ("x", "Free Art License 1.3", None),
        ("x", "", None),
    ],
)
def test_furniture_licences(tmp_path: Path, name: str, stated: str, licence: str | None) -> None:
    catalogue = f"name={name}\nlicense={stated}\nname#1=a\nicon#1=/seats/a.png"
    [item] = items(sweethome3d.read(library(tmp_path / "a.sh3f", catalogue)))
    assert item.licence == (stated if licence is None else licence)


def patched(path: Path, old: bytes, new: bytes) -> None:
    """Replace bytes that a file must contain."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


def encrypt(path: Path) -> None:
    """Mark the member `seats/b.png` as encrypted in the directory of the archive."""
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"seats/b.png"))
    data[entry + 8] |= 1
    path.write_bytes(data)


def understate(path: Path) -> None:
    """Declare in both headers that the 30 MB of `seats/b.png` are 10 bytes."""
    patched(path, (30_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("icon", "data", "compression", "damage", "reason"),
    [
        ("icon#1=/seats/gone.png", b"B", zipfile.ZIP_STORED, None, 'no file "seats/gone.png"'),
        ("icon#1=", b"B", zipfile.ZIP_STORED, None, "no icon"),
        ("planIcon#1=/seats/b.png", b"B", zipfile.ZIP_STORED, None, "no icon"),
        ("icon#1=/seats/b.png", bytes(30_000_000), zipfile.ZIP_DEFLATED, None, "larger than"),
        ("icon#1=/seats/b.png", bytes(30_000_000), zipfile.ZIP_DEFLATED, understate, "damaged"),
        ("icon#1=/seats/b.png", b"BBBB", zipfile.ZIP_STORED, encrypt, "encrypted"),
        ("icon#1=/seats/b.png", b"BBBB", zipfile.ZIP_BZIP2, None, "not supported"),
        (
            "icon#1=/seats/b.png",
            b"BBBB",
            zipfile.ZIP_STORED,
            lambda path: patched(path, b"BBBB", b"XXXX"),
            "damaged",
        ),
    ],
    ids=range(8),
)
def test_furniture_skips_a_bad_piece_and_continues(
    tmp_path: Path,
    icon: str,
    data: bytes,
    compression: int,
    damage: Callable[[Path], None] | None,
    reason: str,
) -> None:
    catalogue = f"{HEAD}name#1=Bad\n{icon}\nname#5=Good\nicon#5=/seats/a.png\n"
    icons = {"seats/a.png": b"A", "seats/b.png": data}
    path = library(tmp_path / "a.sh3f", catalogue, icons, compression)
    if damage:
        damage(path)
    entries, skipped = contents(sweethome3d.read(path))
    assert [entry.item.name for entry in entries.values()] == ["Good"]
    assert all(reason in each.reason for each in skipped.values()) and skipped


def test_furniture_ids_are_unique_across_libraries(tmp_path: Path) -> None:
    catalogue = "id#1=Shop#chair\nname#1=Chair\nicon#1=/seats/a.png\n"
    library(tmp_path / "1.sh3f", catalogue), library(tmp_path / "2.sh3f", catalogue)
    source = sweethome3d.read(tmp_path / "1.sh3f", tmp_path / "2.sh3f")
    assert source.location == str(tmp_path)
    entries, skipped = contents(source)
    assert list(entries) == ["Shop#chair"]
    assert list(skipped) == ["Shop#chair (2.sh3f, piece 1)"]


def test_furniture_continues_after_a_library_that_cannot_be_read(tmp_path: Path) -> None:
    library(tmp_path / "good.sh3f", HEAD + "name#1=Chair\nicon#1=/seats/a.png\n")
    write(tmp_path / "bad.sh3f", b"<html>not found</html>")
    entries, skipped = contents(sweethome3d.read(tmp_path))
    assert list(entries) == ["Shop#Seats#1"]
    assert "not a .sh3f file" in skipped["bad.sh3f"].reason


def test_furniture_says_what_is_wrong(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.sh3f", "w") as archive:
        archive.writestr("readme.txt", "hello")
    library(tmp_path / "none.sh3f", HEAD)
    (tmp_path / "empty").mkdir()
    for name, sentence in {
        "missing.sh3f": "No such file",
        "other.sh3f": "not a furniture library: It has no file .PluginFurnitureCatalog.properties",
        "none.sh3f": "lists no furniture",
        "empty": "has no .sh3f files",
    }.items():
        with pytest.raises(LookalikeError, match=sentence):
            sweethome3d.read(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("a=1\nb:2\nc 3\nd\t=\t4 \n", {"a": "1", "b": "2", "c": "3", "d": "4 "}),
        ("# x=1\n  ! y=2\n\n \t\nname#1=a#b!c\n", {"name#1": "a#b!c"}),
        ("a=one \\\n   two\\\r\n\tthree\rb=2", {"a": "one twothree", "b": "2"}),
        ("# comment \\\na=1\nb=2\\\n#no comment", {"a": "1", "b": "2#no comment"}),
        ("a=C:\\\\dir\\\\\nb=2", {"a": "C:\\dir\\", "b": "2"}),
        ("a\\ b\\==\\t\\n\\q", {"a b=": "\t\nq"}),
        ("a=\\u20ac \\uD83E\\uDE91 \\ud800", {"a": "€ 🪑 \ufffd"}),
        ("a=1\na=2\nb\nc=\n=d", {"a": "2", "b": "", "c": "", "": "d"}),
        ("a=\x85\xa0\x0b", {"a": "\x85\xa0\x0b"}),
        ("\\\n", {}),
        ("a=1\\", {"a": "1"}),
    ],
)
def test_properties_are_read_as_in_java(text: str, properties: dict[str, str]) -> None:
    assert sweethome3d.parse_properties(text) == properties


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text()))
def test_properties_are_unescaped(properties: dict[str, str]) -> None:
    def escaped(text: str) -> str:
        units = text.encode("utf-16-be")
        return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))

    lines = (f"{escaped(key)} = {escaped(value)}" for key, value in properties.items())
    assert sweethome3d.parse_properties("\n".join(lines)) == properties


@pytest.mark.usefixtures("offline")
def test_furniture_demo_is_read_from_the_cache(empty_cache: Path) -> None:
    catalogue = HEAD + "name#1=Chair\nicon#1=/seats/a.png\n"
    library(empty_cache / "furniture/Seats.sh3f", catalogue)
    source = open_source("", kind="furniture")
    assert (source.kind, source.location) == ("furniture", "furniture")
    assert [item.name for item in items(source)] == ["Chair"]


# -- 3D models ----------------------------------------------------------------

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
