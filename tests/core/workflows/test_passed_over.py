"""Nothing in silence: each file of a source is an item, part of one, failed or passed over."""

import hashlib
import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue import Catalogue, ImportCounts, ImportRun, KnownItem
from core.errors import LookalikeError
from core.importers import Take, open_source
from core.importers.uploads import UploadedFile, accept, stage
from core.rendering.renderer import Renderer, RenderError, Rendering
from core.workflows import importing
from core.workflows.import_counts import ImportPreview, list_passed_over
from tests.core.importers.archive.archives import pack, zipped
from tests.core.importers.sources import library
from tests.plain_picture import plain_picture

PNG = plain_picture(0).original
OBJ = b"mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
MTL = b"newmtl a\nmap_Kd -s 4 4 1 ..\\textures\\Wood.png\n"
GLTF = b'{"images": [{"uri": "wood.png"}], "buffers": [{"uri": "a.bin"}]}'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0"

CONTENTS = st.sampled_from(
    [PNG, b"", b"text", OBJ, MTL, GLTF, b"glTF", HEIC, b"file\nwood.png\nwood.jpg\n", b"PK\3\4"]
)
NAMES = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["", "", "textures/", "source/", "seats/red/", ".git/", "__MACOSX/"]),
    st.sampled_from(["a", "wood", "chair 1", "кресло", ".hidden", "thumbs"]),
    st.sampled_from(
        [
            *(".png", ".jpg", ".heic", ".JPG_large", ".obj", ".gltf", ".glb", ".mtl", ".bin"),
            *(".fbx", ".max", ".csv", ".txt", ".sh3f", ".7z", ".mp4", ".db", ""),
        ]
    ),
)
TREES = st.dictionaries(NAMES, CONTENTS, min_size=1, max_size=12)


@pytest.fixture(autouse=True)
def renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render no pictures: a 3D file has those parts that its folder has."""

    def render(_: Renderer, path: str, *, root: str, **__: Any) -> Rendering:
        data = Path(path).read_bytes()
        if not data:
            raise RenderError("The file is empty.")
        parts = [path, *(os.path.join(os.path.dirname(path), name) for name in ("a.mtl", "a.bin"))]
        files = {os.path.relpath(part, root): _digest(part) for part in parts}
        return Rendering(picture=PNG, files=files)

    monkeypatch.setattr(Renderer, "render", render)


def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if os.path.isfile(path) else ""


def total(counts: ImportCounts) -> int:
    """Return the sum of all outcomes of files."""
    return (
        counts.added
        + counts.changed
        + counts.unchanged
        + counts.failed
        + counts.parts
        + counts.passed_over
    )


def write(folder: Path, tree: Mapping[str, bytes]) -> Path:
    """Write files, given by their paths in a folder."""
    for name, data in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def preview(
    location: Path, known: Mapping[str, KnownItem] = MappingProxyType({}), **options: Any
) -> ImportPreview:
    """Return what an import would do, given the items that there are."""
    found = importing.preview(open_source(str(location), **options), known)
    assert found.counts.passed_over == sum(each.count for each in found.passed_over)
    return found


def imported(location: Path, name: str = "things", **options: Any) -> ImportRun:
    """Import a source; the preview must have told what became of how many files."""
    catalogue = Catalogue.create(name)
    expected = preview(location, catalogue.items.known_items(), **options)
    run = importing.run(open_source(str(location), **options), catalogue)
    assert total(expected.counts) == total(run.counts)
    assert run.counts.passed_over == sum(each.count for each in run.passed_over)
    assert catalogue.imports.runs()[0] == run
    return run


def listed(run: ImportRun) -> dict[str, int]:
    """Return how many files of each kind are passed over."""
    return {each.kind: each.count for each in run.passed_over}


FOLDERS: Iterator[int] = itertools.count()


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES, nested=TREES, take=st.sampled_from([None, "models", "pictures", "both"]))
def test_as_many_files_come_out_as_go_in(
    tree: dict[str, bytes], nested: dict[str, bytes], take: Take | None, tmp_path: Path
) -> None:
    base = tmp_path / str(next(FOLDERS))
    packed = tree | {"more/packed.zip": zipped(nested.items())}
    for location, files in (
        (write(base / "folder", tree), len(tree)),
        (pack(base / "all.tar", tree), len(tree)),
        (pack(base / "all.zip", packed), len(packed) + len(nested)),
    ):
        try:
            counts = preview(location, take=take).counts
        except LookalikeError as error:
            assert str(error).endswith(".")
            continue
        # A second row of a table, or one without a picture, is an outcome without a file.
        rows = 2 * sum(data.startswith(b"file") for data in packed.values())
        assert files <= total(counts) <= files + (0 if location.is_dir() else rows)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_imports_and_uploads_come_out_as_previewed(tree: dict[str, bytes], tmp_path: Path) -> None:
    folder = write(tmp_path / str(next(FOLDERS)), tree)
    try:
        assert total(imported(folder).counts) == len(tree)
        upload = accept([UploadedFile(name, data) for name, data in tree.items()])
        staged = stage(upload)
        run = imported(Path(staged.location), kind=staged.kind or None)
    except LookalikeError as error:
        assert str(error).endswith(".")
        return
    assert not upload.skipped
    if not staged.location.endswith((".sh3f", ".7z")) and not staged.kind:
        assert total(run.counts) == len(tree)


def test_renders_beside_a_model_are_counted_and_can_be_had(tmp_path: Path) -> None:
    renders = {f"render {number}.png": plain_picture(number).original for number in range(6)}
    folder = write(tmp_path / "six", {"scene.obj": OBJ, **renders})

    run = imported(folder)
    assert run.counts == ImportCounts(added=1, passed_over=6)
    assert list_passed_over(run.passed_over) == (
        "Passed over: 6 pictures (render 0.png, render 1.png, render 2.png, …): take “both” to have"
        " these as well."
    )
    assert imported(folder, "pictures", take="pictures").counts == ImportCounts(
        added=6, passed_over=1
    )
    assert imported(folder, "both", take="both").counts == ImportCounts(added=7)


def test_a_picture_named_as_a_model_beside_it_can_be_its_picture(tmp_path: Path) -> None:
    render = plain_picture(5).original
    files = {"seats/chair.obj": OBJ, "seats/Chair.PNG": render, "seats/a.mtl": MTL}
    folder = write(tmp_path / "chairs", {**files, "textures/wood.png": PNG, "other.png": PNG})

    run = imported(folder)
    assert run.counts == ImportCounts(added=1, parts=2, passed_over=2)
    assert listed(run) == {"likely render": 1, "picture": 1}

    run = imported(folder, "both", take="both")
    assert run.counts == ImportCounts(added=2, parts=3)
    catalogue = Catalogue("both")
    chair, other = catalogue.items.find()
    assert (chair.source_id, other.source_id) == ("seats/chair.obj", "other.png")
    assert catalogue.pictures.original(chair) == render
    # Another picture in its place changes the model.
    (folder / "seats/Chair.PNG").write_bytes(plain_picture(6).original)
    assert imported(folder, "both", take="both").counts.changed == 1


def test_files_that_are_not_read_are_told_by_their_format(tmp_path: Path) -> None:
    names = ["a.c4d", "b.max", "c.ma", "d.skp", "e.3ds", "f.C4D"]
    folder = write(tmp_path / "mixed", dict.fromkeys(names, b"stub") | {"g.obj": OBJ})

    run = imported(folder)

    assert run.counts == ImportCounts(added=1, passed_over=6)
    assert listed(run)["Cinema 4D file"] == 2 and len(run.passed_over) == 5
    assert all("export as GLB" in each.advice for each in run.passed_over)
    # Without a 3D file that is read, the error says the same.
    (folder / "g.obj").unlink()
    with pytest.raises(LookalikeError, match=r"It has 2 Cinema 4D files \(a\.c4d, f\.C4D\): exp"):
        open_source(str(folder))


def test_pictures_are_told_by_their_bytes(tmp_path: Path) -> None:
    phone = {"1.HEIC": PNG, "2.heic": HEIC, "3.jfif": PNG, "4.JPG_large": PNG, "5": PNG}
    for location in (
        write(tmp_path / "phone", phone),
        pack(tmp_path / "phone.zip", phone),
        pack(tmp_path / "phone.tar.gz", phone),
    ):
        run = imported(location, f"from-{location.name.replace('.', '-')}")
        # The second is no HEIC picture, whatever its name and its first bytes.
        assert run.counts == ImportCounts(added=4, failed=1)


def test_all_files_of_an_archive_with_a_table_are_counted(tmp_path: Path) -> None:
    table = b"file,name\nbed.png,Bed\n./lamp.png,Lamp\nsofa.png,Sofa\n"
    files = {"list.csv": table, "bed.png": PNG, "lamp.png": PNG, "extra.png": PNG, "a.pdf": b"x"}

    run = imported(pack(tmp_path / "all.zip", files))

    assert run.counts == ImportCounts(added=2, failed=1, parts=1, passed_over=2)
    assert listed(run) == {"PDF": 1, "picture": 1}


def test_an_archive_in_an_archive_is_opened(tmp_path: Path) -> None:
    deepest = zipped([("x.png", PNG)])
    chairs = zipped([("scene.obj", OBJ), ("a.mtl", MTL), ("wood.png", PNG), ("deep.zip", deepest)])
    files = {"chairs/a.obj": OBJ, "red chair.zip": chairs, "notes.txt": b"x", "broken.zip": b"x"}

    run = imported(pack(tmp_path / "all.zip", files))

    catalogue = Catalogue("things")
    assert [(item.source_id, item.name) for item in catalogue.items.find()] == [
        ("chairs/a.obj", "a"),
        ("red chair/scene.obj", "red chair"),
    ]
    # The material, its texture, and the archive that holds them are parts.
    assert run.counts == ImportCounts(added=2, failed=2, parts=3, passed_over=1)
    reasons = {each.source_id: each.reason for each in catalogue.imports.failures()}
    assert "archive within the archive" in reasons["red chair/deep.zip"]
    assert "not a ZIP or TAR archive" in reasons["broken.zip"]


def test_the_files_of_a_furniture_library_are_counted(tmp_path: Path) -> None:
    pieces = "name#1=Chair\nicon#1=/a.png\nplanIcon#1=/plan.png\nmodel#1=/chair/a.obj\n"
    files = {"a.png": PNG, "plan.png": PNG, "chair/a.obj": OBJ, "chair/a.mtl": MTL, "z.txt": b"z"}
    path = library(tmp_path / "files" / "one.sh3f", f"id=Shop\nname=Shop\n{pieces}", files)

    run = imported(path)
    # The list of pieces, the floor plan, and the 3D file with its material; it has a second list.
    assert run.counts == ImportCounts(added=1, parts=4, passed_over=2)
    assert listed(run) == {"text": 1, ".properties file": 1}

    # A folder of libraries may have other files.
    write(path.parent, {"licence.pdf": b"x", "broken.sh3f": b"x"})
    run = imported(path.parent, "both")
    assert run.counts == ImportCounts(added=1, failed=1, parts=5, passed_over=3)
