"""The list of the material, and what is kept of it in the cache."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.support import photographs, training_material
from benchmarks.support.cut_outs import CutOut
from benchmarks.support.packages import FileFilter, Package
from core.errors import LookalikeError
from core.pictures import encoding


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an empty cache."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))


def test_packages_are_named_with_their_licences() -> None:
    entries = training_material.listed()["packages"]
    assert len(training_material.packages()) == len(entries)
    assert all(entry["licence"] and len(entry["sha256"]) == 64 for entry in entries)
    assert all(entry.get("wheel") for entry in entries if entry["kind"] == "pypi")


def test_all_packages_are_used_and_all_that_is_used_is_listed() -> None:
    listed = training_material.listed()
    of_drawings = {
        "tuxpaint-stamps-default",
        "gcompris-qt-data",
        "pysiogame",
        "openclipart-png",
        "flightgear-data-models",
    }
    used = {*listed["icons"], *training_material.MODELS, *of_drawings}
    assert {*used, *listed["training"], *listed["validation"]} == set(training_material.packages())


def test_training_and_validation_share_no_ground() -> None:
    listed = training_material.listed()
    training, validation = (
        {(name, path) for name, paths in listed[part].items() for path in paths}
        for part in ("training", "validation")
    )
    assert training and validation and not training & validation


def test_no_photograph_of_another_benchmark_is_a_ground() -> None:
    measured = [(each.package.name, each.path) for each in photographs.photographs()]
    measured += [(package.name, path) for package, path in photographs.unrelated()]
    listed = training_material.listed()
    for part in ("training", "validation"):
        grounds = {(name, path) for name, paths in listed[part].items() for path in paths}
        assert not grounds & set(measured)


def test_a_seventh_of_the_objects_is_for_validation() -> None:
    names = [f"cat {number}" for number in range(2_000)]
    chosen = [name for name in names if training_material.is_for_validation(name)]
    assert 0.11 < len(chosen) / 2_000 < 0.18
    assert chosen == [name for name in names if training_material.is_for_validation(name)]


def test_cut_outs_are_kept_once_and_pictures_of_one_object_stay_together() -> None:
    calls = []

    def read() -> Iterator[CutOut]:
        calls.append("read")
        for shows, number, colour in (("cat", 0, "red"), ("cat", 1, "blue"), ("dog", 0, "red")):
            picture = Image.new("RGBA", (9, 9), colour)
            yield CutOut(group="animals", name=f"{shows}/{number}", shows=shows, picture=picture)

    paths = training_material._prepared("pets", read)
    assert paths == training_material._prepared("pets", read) and calls == ["read"]
    assert len(paths) == 2, "the dog is the same picture as the first cat"
    assert len({path.parent for path in paths}) == 1
    assert {path.parents[1].name for path in paths} == {"animals"}


def test_an_interrupted_preparation_begins_again() -> None:
    def fails() -> Iterator[CutOut]:
        yield from works()
        raise OSError("the disk is full")

    def works() -> Iterator[CutOut]:
        yield CutOut(group="a", name="b", shows="b", picture=Image.new("RGBA", (9, 9)))

    with pytest.raises(OSError, match="full"):
        training_material._prepared("pets", fails)
    assert len(training_material._prepared("pets", works)) == 1


def test_a_photograph_that_its_package_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def files(_: Package, wanted: FileFilter) -> Iterator[tuple[str, bytes]]:
        yield from ((path, encoding.png(picture)) for path in ("a.png", "b.png") if wanted(path))

    picture = Image.new("RGB", (2_000, 300), "blue")
    monkeypatch.setattr(Package, "files", files)
    package = Package(kind="npm", name="a", version="1", sha256="")
    with pytest.raises(LookalikeError, match=r"a-1\.tgz has no file “c\.png”"):
        training_material._photographs("training", package, ["a.png", "c.png"])
    paths = training_material._photographs("training", package, ["a.png", "b.png"])
    assert len(paths) == 2
    with Image.open(paths[0]) as kept:
        assert kept.size == (training_material.PHOTOGRAPH_SIDE, 154)


def test_names_of_files_are_short_and_differ() -> None:
    names = ["a/b.png", "c/b.png", "é ü/ß.png", "x" * 300]
    safe = [training_material.safe(name) for name in names]
    assert len(set(safe)) == 4 and max(map(len, safe)) < 60
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in safe)
