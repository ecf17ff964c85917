"""The importer of 3D files: what it finds, how it names items, and when it renders again."""

import io
import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trimesh
from PIL import Image

from benchmarks.support import gltf_suite
from core.catalogue import Catalogue, ImportCounts
from core.errors import LookalikeError
from core.importers import Entry, EntryError, SkippedEntry, model_files, open_source
from core.rendering import renderer
from core.rendering.renderer import Renderer, RenderError, Rendering, Unavailable
from core.workflows import importing
from tests.plain_picture import plain_picture

OBJ = "mtllib a.mtl\nusemtl m\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are rendered from now on."""
    names: list[str] = []
    real = Renderer.render

    def render(self: Renderer, path: str, **options: object) -> Rendering:
        names.append(os.path.basename(path))
        return real(self, path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Renderer, "render", render)
    return names


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(OBJ)


def entries(folder: Path) -> list[Entry]:
    return [entry for entry in model_files.read(folder).entries if isinstance(entry, Entry)]


def items(folder: Path) -> dict[str, tuple[str, str]]:
    return {
        entry.item.source_id: (entry.item.category, entry.item.name) for entry in entries(folder)
    }


def test_each_file_is_an_item_with_its_folders_as_category(tmp_path: Path) -> None:
    make(tmp_path, "seats/a_chair.obj", "seats/a_chair.glb", "seats/chair 10.stl", "b.ply")
    make(tmp_path, ".hidden/c.obj", "seats/notes.txt", "seats/a_chair.mtl")
    assert items(tmp_path) == {
        "b.ply": ("", "b"),
        "seats/a_chair.glb": ("seats", "a chair"),
        "seats/a_chair.obj": ("seats", "a chair"),
        "seats/chair 10.stl": ("seats", "chair 10"),
    }
    source = model_files.read(tmp_path)
    assert (source.kind, source.total, source.location) == ("models", 4, str(tmp_path))
    assert source.workers == renderer.cores()


def test_a_file_with_a_generic_name_is_named_after_its_folder(tmp_path: Path) -> None:
    make(tmp_path, "lamps/red_lamp/scene.gltf", "lamps/blue-lamp/source/Model.obj")
    make(tmp_path, "lamps/v1.2/scene.gltf", "cars/bus/bus.obj", "cars/tram/wagon.obj")
    make(tmp_path, "pair/scene.obj", "pair/model.obj", "scene.glb", "glb/model.stl")
    assert items(tmp_path) == {
        "cars/bus/bus.obj": ("cars", "bus"),
        "cars/tram/wagon.obj": ("cars/tram", "wagon"),
        "glb/model.stl": ("glb", "model"),
        "lamps/blue-lamp/source/Model.obj": ("lamps", "blue lamp"),
        "lamps/red_lamp/scene.gltf": ("lamps", "red lamp"),
        "lamps/v1.2/scene.gltf": ("lamps", "v1.2"),
        "pair/model.obj": ("pair", "model"),
        "pair/scene.obj": ("pair", "scene"),
        "scene.glb": ("", "scene"),
    }


def test_a_link_that_leads_out_is_skipped(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    make(tmp_path, "secret.obj", "inside/a.obj")
    (inside / "link.obj").symlink_to(tmp_path / "secret.obj")
    results = list(model_files.read(inside).entries)
    assert [entry.source_id for entry in results if isinstance(entry, SkippedEntry)] == ["link.obj"]


def test_folders_with_and_without_3d_files(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    assert not model_files.has_models(tmp_path)
    with pytest.raises(LookalikeError, match="has no 3D files"):
        model_files.read(tmp_path)
    with pytest.raises(LookalikeError, match="is a file"):
        model_files.read(tmp_path / "a.png")
    with pytest.raises(LookalikeError, match="cannot be read"):
        model_files.read(tmp_path / "none")
    make(tmp_path, "b/c/d.STL")
    assert model_files.has_models(tmp_path) and open_source(str(tmp_path)).kind == "models"


def test_a_model_is_rendered_again_when_one_of_its_files_changed(
    tmp_path: Path, counted: list[str]
) -> None:
    make(tmp_path, "a.obj")
    (tmp_path / "a.mtl").write_text("newmtl m\nKd 1 0 0\n")
    (entry,) = entries(tmp_path)
    red = entry.load("")
    assert red is not None and red.picture and red.model and not red.viewpoints
    assert entry.is_current(red.version) and entry.load(red.version) is None
    # A catalogue stores versions as text.
    assert red.version.isascii() and "a.mtl" in red.version

    (tmp_path / "a.mtl").write_text("newmtl m\nKd 0 0 1\n")
    assert not entry.is_current(red.version)
    blue = entry.load(red.version)
    assert blue is not None and blue.picture != red.picture
    (tmp_path / "a.mtl").unlink()
    assert not entry.is_current(blue.version)
    grey = entry.load(blue.version)
    assert grey is not None and entry.is_current(grey.version)
    # A missing file that appears counts as a change as well.
    (tmp_path / "a.mtl").write_text("newmtl m\nKd 1 0 0\n")
    assert not entry.is_current(grey.version)
    os.utime(tmp_path / "a.obj", (0, 0))
    assert entry.is_current(red.version)
    assert len(counted) == 3


@pytest.mark.parametrize(
    "known",
    ["", "x", "1", "1 ", "1 {}", "1 []", "1 [", '1 {"a.obj": ""}', '1 {"a.obj": 1}', '0 {"a": ""}',
     '1 {"../../etc/passwd": "x"}', '1 {"\\ud800\\u0000": "x"}'],
)  # fmt: skip
def test_a_version_of_another_kind_is_not_current(tmp_path: Path, known: str) -> None:
    make(tmp_path, "a.obj")
    (entry,) = entries(tmp_path)
    assert not entry.is_current(known)


@pytest.mark.slow
def test_with_viewpoints_it_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.glb").write_bytes(trimesh.creation.box().export(file_type="glb"))
    (plain,) = entries(tmp_path)
    (with_viewpoints,) = model_files.read(tmp_path, viewpoints=True).entries
    assert isinstance(with_viewpoints, Entry)
    one = plain.load("")
    assert one is not None and not with_viewpoints.is_current(one.version)
    more = with_viewpoints.load(one.version)
    assert more is not None and set(more.viewpoints) == {"front", "side", "back", "top"}
    assert more.picture == one.picture and not plain.is_current(more.version)


def test_a_file_that_cannot_be_rendered_does_not_stop_the_others(tmp_path: Path) -> None:
    make(tmp_path, "a.obj", "c.obj")
    (tmp_path / "b.glb").write_bytes(b"glTF")
    files = entries(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        renderings = [pool.submit(entry.load, "") for entry in files]
        assert renderings[0].result() and renderings[2].result()
        with pytest.raises(EntryError, match="cut short"):
            renderings[1].result()


def test_without_a_renderer_the_whole_import_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.obj")
    (entry,) = entries(tmp_path)
    monkeypatch.setattr(renderer, "_NEEDED", ("no_such_package",))
    with pytest.raises(Unavailable):
        entry.load("")
    with pytest.raises(Unavailable, match="pip install"):
        model_files.read(tmp_path)


def test_the_renderer_lives_as_long_as_an_entry(tmp_path: Path) -> None:
    make(tmp_path, "a.obj", "b.obj")
    first, second = entries(tmp_path)
    assert first.load("")
    assert isinstance(second, model_files._ModelFile) and second.renderer._worker is not None
    process = second.renderer._worker._process
    del first
    assert second.load("") and process.poll() is None
    del second
    assert process.poll() is not None


def test_a_source_that_is_closed_stops_rendering(tmp_path: Path) -> None:
    make(tmp_path, "a.obj", "b.obj")
    results = model_files.read(tmp_path).entries
    assert isinstance(results, Generator)
    entry = next(results)
    assert isinstance(entry, Entry) and entry.load("")
    results.close()
    with pytest.raises(EntryError, match="stopped"):
        entry.load("")


@pytest.mark.slow
def test_a_folder_is_imported_and_updated(tmp_path: Path, counted: list[str]) -> None:
    folder = tmp_path / "models"
    make(folder, "seats/a.obj", "b.obj")
    (folder / "ball.glb").write_bytes(trimesh.creation.icosphere().export(file_type="glb"))
    (folder / "bad.stl").write_bytes(b"")
    catalogue = Catalogue.create("made")
    done = importing.run(model_files.read(folder), catalogue).counts
    assert (done.added, done.failed) == (3, 1) and len(counted) == 4
    counted.clear()
    (folder / "ball.glb").write_bytes(trimesh.creation.box().export(file_type="glb"))
    (folder / "b.obj").unlink()
    done = importing.run(model_files.read(folder), catalogue).counts
    assert (done.added, done.changed, done.unchanged, done.missing) == (0, 1, 1, 1)
    assert sorted(counted) == ["bad.stl", "ball.glb"]


@pytest.mark.slow
def test_textures_that_are_missing_or_broken_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    make(folder, "a.obj", "lost/b.obj")
    (folder / "a.obj").write_text(f"{OBJ}usemtl n\nf 1 2 3\nusemtl o\nf 1 2 3\n")
    (folder / "a.mtl").write_text(
        "newmtl m\nmap_Kd textures/wood.png\nnewmtl n\nmap_Kd red.png\nnewmtl o\nmap_Kd c.png\n"
    )
    (folder / "red.png").write_bytes(b"<html>not a picture</html>")
    (folder / "c.png").write_bytes(plain_picture(1).original)
    (folder / "lost/b.obj").write_text(OBJ.replace("a.mtl", "b.mtl"))
    catalogue = Catalogue.create("made")

    for counts in ({"added": 2}, {"unchanged": 2}):
        run = importing.run(model_files.read(folder), catalogue)
        assert run.counts == ImportCounts(**counts, parts=3)
        assert run.remarks == (
            "1 model misses 2 textures: red.png, wood.png.",
            "1 model: Its material file b.mtl is missing.",
        )
    first, second = catalogue.items.find()
    assert sorted(first.missing_textures) == ["red.png", "wood.png"] and not first.remark
    assert second.remark == "Its material file b.mtl is missing."


@pytest.mark.slow
def test_textures_within_a_file_that_cannot_be_shown_are_named(tmp_path: Path) -> None:
    def chair(data: bytes, kind: str, **more: str) -> bytes:
        def material(build: gltf_suite.Builder) -> int:
            image = {"bufferView": build.view(data), "mimeType": kind} | more
            source = build.add("images", image)
            return gltf_suite.textured(build, {"index": build.add("textures", {"source": source})})

        return gltf_suite.with_material(material)

    whole = plain_picture(1).original
    large = io.BytesIO()
    Image.new("1", (16_384, 16_384)).save(large, "PNG")
    files = {
        "a.glb": chair(whole, "image/png"),
        "b.glb": chair(whole[: len(whole) // 2], "image/png", name="wood"),
        "c.glb": chair(b"<svg/>", "image/svg+xml"),
        "d.glb": chair(large.getvalue(), "image/png", name="sky.png"),
    }
    folder = tmp_path / "files"
    make(folder, "e.obj")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "a.mtl").write_text("newmtl m\nmap_Kd large.png\n")
    (folder / "large.png").write_bytes(large.getvalue())
    catalogue = Catalogue.create("made")

    run = importing.run(model_files.read(folder), catalogue)

    assert run.counts == ImportCounts(added=5, parts=2)
    assert run.remarks == ("4 models miss 4 textures: wood, image 1, sky.png (too large), ….",)
    names = {item.source_id: item.missing_textures for item in catalogue.items.find()}
    assert names == {
        "a.glb": (),
        "b.glb": ("wood",),
        "c.glb": ("image 1",),
        "d.glb": ("sky.png (too large)",),
        "e.obj": ("large.png (too large)",),
    }
    # The viewer shows what the picture does.
    assert all(catalogue.pictures.model_url(item) for item in catalogue.items.find())


def test_render_errors_are_shown_to_people() -> None:
    assert issubclass(RenderError, LookalikeError)
