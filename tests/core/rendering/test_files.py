"""Which files a model may refer to, and how it names them."""

import hashlib
import os
from pathlib import Path

import pytest

from core.rendering import files
from core.rendering.files import Files, UnusableFileError


def files_of(folder: Path, *, root: Path | None = None) -> Files:
    return Files(os.path.realpath(root or folder), os.path.realpath(folder))


@pytest.mark.parametrize(
    "name",
    [
        "maps/Red wood.png",
        "maps\\Red wood.png",
        "MAPS/../maps/RED WOOD.PNG",
        "maps/Red%20wood.png",
        ' "maps/Red wood.png" ',
        "./maps/Red wood.png",
    ],
)
def test_a_file_is_found_however_programs_write_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "MAPS").mkdir()
    (tmp_path / "maps").mkdir(exist_ok=True)
    (tmp_path / "maps/Red wood.png").write_bytes(b"red")
    found = files_of(tmp_path)

    assert found.get(name) == b"red"
    assert found.read == {"maps/Red wood.png": hashlib.sha256(b"red").hexdigest()}


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("h\u00f6lz.png", "ho\u0308lz.png"),
        ("ho\u0308lz.png", "h\u00f6lz.png"),
        ("h\udcf6lz.png", "hölz.png"),
        ("maps\\\udce4\udce5\udcf0\udce5\udce2\udcee.png", "дерево.png"),
    ],
    ids=["macOS", "Windows", "code page", "Russian"],
)
def test_letters_may_be_written_as_other_systems_do(tmp_path: Path, name: str, named: str) -> None:
    (tmp_path / named).write_bytes(b"wood")

    assert files_of(tmp_path).get(name) == b"wood"


def test_folders_of_another_machine_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "wood.png").write_bytes(b"wood")
    found = files_of(tmp_path)

    assert found.get("\\users\\ann\\wood.png") == b"wood"
    assert list(found.read) == ["wood.png"]


@pytest.mark.parametrize(
    "place", ["a/wood.png", "a/textures/Wood.PNG", "a/Textures/wood.png", "textures/wood.png"]
)
def test_a_file_is_found_where_downloads_have_it(tmp_path: Path, place: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_bytes(b"wood")

    assert files_of(tmp_path / "a", root=tmp_path).get("D:\\maps\\wood.png") == b"wood"


def test_a_file_is_looked_for_beside_the_one_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "mtl").mkdir()
    (tmp_path / "mtl/wood.png").write_bytes(b"its own")
    (tmp_path / "wood.png").write_bytes(b"another")
    found = files_of(tmp_path)

    assert found.get("wood.png", beside="mtl/a.mtl") == b"its own"
    assert found.get("wood.png", beside="a.mtl") == b"another"
    assert found.has("WOOD.png") and not found.has("none.png")
    assert "none.png" not in found.read


def test_a_missing_file_is_recorded_so_that_its_return_is_noticed(tmp_path: Path) -> None:
    found = files_of(tmp_path)

    with pytest.raises(FileNotFoundError):
        found.get("none.png")

    assert found.read == {"none.png": ""}


def test_nothing_outside_the_root_is_read_or_recorded(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to(tmp_path / "secret")
    found = files_of(tmp_path / "in")

    for name in ("../secret", "link", "file:secret", "in/\0", str(tmp_path / "secret")):
        with pytest.raises(FileNotFoundError):
            found.get(name)

    assert set(found.read.values()) <= {""}
    assert files_of(tmp_path / "in", root=tmp_path).get("../secret") == b"secret"


def test_the_number_and_the_size_of_files_are_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 2)
    monkeypatch.setattr(files, "MAX_BYTES", 3)
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"xyz")
    found = files_of(tmp_path)
    assert found.get("a") == found.get("b") == found.get("a") == b"xyz"

    with pytest.raises(OSError, match="too many files"):
        found.get("c")
    (tmp_path / "a").write_bytes(b"long")
    with pytest.raises(UnusableFileError, match="larger than"):
        found.get("a")
