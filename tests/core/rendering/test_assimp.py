"""COLLADA and FBX files as programs write them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.support import mesh_suite
from benchmarks.support.mesh_suite import dae, fbx_file, painted_obj, quarters, textured_obj
from core.rendering import assimp, mesh_reader
from core.rendering.files import Files, UnusableFileError
from core.rendering.mesh_parts import Part
from core.rendering.renderer import Renderer, RenderError
from tests.core.rendering.parts import RED_AND_BLUE, colours
from tests.core.rendering.support import alike, pixels

RED = {
    "a.obj": textured_obj("Kd 1 0 0", picture="no.png")["a.obj"],
    "m.mtl": b"newmtl m\nKd 1 0 0\n",
}
TEXTURED = textured_obj("map_Kd quarters.png")


def write(folder: Path, made: mesh_suite.Files) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return folder / next(iter(made))


def parts(folder: Path, made: mesh_suite.Files) -> list[Part]:
    path = write(folder, made)
    files = Files(os.path.realpath(folder), os.path.realpath(folder), path.stem)
    document = assimp.read(path.suffix[1:], path.read_bytes(), files)
    return list(mesh_reader._gltf_parts(document))


def extent(found: list[Part]) -> list[list[float]]:
    points = np.concatenate([each.vertices[np.unique(each.faces)] for each in found])
    return [points.min(axis=0).round(3).tolist(), points.max(axis=0).round(3).tolist()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "same"),
    [
        (dae(), RED),
        (dae(up="Z_UP", unit=0.01, place=(1, 2, 3)), RED),
        (dae(bend=(0, 3, 0)), RED),
        (dae(texture="quarters.png"), TEXTURED),
        (fbx_file(), RED),
        (fbx_file(in_text=True), RED),
        (fbx_file(texture="quarters.png"), TEXTURED),
        (fbx_file(texture="gone.png", embedded=quarters()), TEXTURED),
        (mesh_suite.painted_fbx(), painted_obj()),
        (dae(colour="1 1 1 1", colours=mesh_suite.SHARES), painted_obj()),
    ],
    ids=["COLLADA", "COLLADA z up", "COLLADA skin", "COLLADA texture", "FBX", "FBX in text",
         "FBX texture", "FBX picture inside", "FBX painted", "COLLADA painted"],
)  # fmt: skip
def test_a_cube_looks_as_it_does_in_obj(
    renderer: Renderer, tmp_path: Path, made: mesh_suite.Files, same: mesh_suite.Files
) -> None:
    found = renderer.render(write(tmp_path / "one", made))
    reference = renderer.render(write(tmp_path / "other", same))

    assert alike(found.picture, reference.picture) < 1
    assert found.model is not None and found.model.startswith(b"glTF")


@pytest.mark.parametrize(
    ("made", "bounds"),
    [
        (dae(unit=0.5, place=(0, 0, 5)), [[-0.5, -0.5, 2.0], [0.5, 0.5, 3.0]]),
        (dae(up="Z_UP", place=(0, 0, 5)), [[-1, 4, -1], [1, 6, 1]]),
        (dae(bend=(0, 3, 0)), [[-1, 2, -1], [1, 4, 1]]),
        (fbx_file(unit=50.0, place=(0, 0, 5)), [[-0.5, -0.5, 2.0], [0.5, 0.5, 3.0]]),
        (fbx_file(up="z", unit=100.0, place=(0, 0, 5)), [[-1, 4, -1], [1, 6, 1]]),
        (fbx_file(unit=100.0, bend=(0, 3, 0)), [[-1, 2, -1], [1, 4, 1]]),
    ],
)
def test_units_axes_nodes_and_bones_place_a_mesh(
    tmp_path: Path, made: mesh_suite.Files, bounds: list[list[float]]
) -> None:
    assert extent(parts(tmp_path, made)) == bounds


def test_colours_are_those_of_the_screen(tmp_path: Path) -> None:
    half = (0.5, 0.25, 0.75)
    for made in (fbx_file(colour=half), dae(colour="0.5 0.25 0.75 1")):
        [found] = parts(tmp_path, made)
        assert found.appearance.colour[:3] == pytest.approx(half, abs=0.01)
        assert found.appearance.is_double_sided and found.appearance.alpha == "OPAQUE"
    for made in (mesh_suite.painted_fbx(), dae(colour="1 1 1 1", colours=mesh_suite.SHARES)):
        assert colours(*parts(tmp_path, made)) >= RED_AND_BLUE


def test_a_texture_stands_for_the_colour_and_may_have_a_mask(tmp_path: Path) -> None:
    made = fbx_file(colour=(0, 0, 0), texture="quarters.png", mask="mask.png")
    [found] = parts(tmp_path, made)

    look = found.appearance
    assert look.colour == (1, 1, 1, 1) and look.alpha == "BLEND" and look.texture is not None
    # Where the mask is darker, less is to be seen.
    assert len(set(look.texture.picture.getchannel("A").getdata())) > 2
    [found] = parts(tmp_path, fbx_file(texture="quarters.png", mask="quarters.png"))
    assert found.appearance.texture is not None
    assert not found.appearance.texture.picture.has_transparency_data


@pytest.mark.parametrize("data", [b"stub", quarters()[:-40]])
def test_a_mask_that_cannot_be_read_is_named(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, fbx_file(texture="quarters.png", mask="mask.png"))
    (tmp_path / "mask.png").write_bytes(data)
    files = Files(os.path.realpath(tmp_path), os.path.realpath(tmp_path))
    document = assimp.read("fbx", path.read_bytes(), files)
    assert document.tree["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]
    assert files.unreadable == ["mask.png"]


@pytest.mark.parametrize(("stated", "shown"), [(1.0, 1.0), (0.4, 0.4), (0.0, 1.0)])
def test_transparency_has_two_meanings_in_collada(
    tmp_path: Path, stated: float, shown: float
) -> None:
    [found] = parts(tmp_path, dae(transparency=stated))
    assert found.appearance.colour[3] == pytest.approx(shown)


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ([0, 0, 0.25], [1, 1, 0.75]),
        ([0, 0, None], [1, 1, 1]),
        ([1, 1, 0], [1, 1, 0]),
        ([None, None, 0], [1, 1, 0]),
        ([1, 0], [1, 0]),
        ([None, 0.5], [1, 0.5]),
    ],
)
def test_the_transparency_of_all_materials_tells_which_meaning_it_has(
    stated: list[float | None], shown: list[float]
) -> None:
    assert assimp._opacities(stated, is_collada=True) == shown


@pytest.mark.slow
@pytest.mark.parametrize("made", [dae(texture="a%20b.png"), fbx_file(texture="textures\\a b.png")])
def test_a_texture_that_is_missing_is_reported(
    renderer: Renderer, tmp_path: Path, made: dict[str, Any]
) -> None:
    path = write(tmp_path, dict(list(made.items())[:1]))
    found = renderer.render(path)
    assert [name for name, digest in found.files.items() if not digest and "a b.png" in name]
    assert pixels(found.picture)[256, 256, 3] == 255


@pytest.mark.slow
def test_the_bytes_tell_the_format(renderer: Renderer, tmp_path: Path) -> None:
    expected = renderer.render(write(tmp_path / "right", fbx_file()))
    wrong = renderer.render(write(tmp_path, {"a.obj": fbx_file()["a.fbx"]}))
    assert wrong.picture == expected.picture
    utf16 = dae()["a.dae"].decode().replace("utf-8", "utf-16").encode("utf-16")
    assert alike(renderer.render(write(tmp_path, {"b.dae": utf16})).picture, expected.picture) < 1


def test_a_long_comment_may_come_first(tmp_path: Path) -> None:
    comment = b"<!--%b--><COLLADA" % (b"c" * 20_000)
    made = {name: data.replace(b"<COLLADA", comment, 1) for name, data in dae().items()}
    assert b"cc" in next(iter(made.values()))
    assert colours(*parts(tmp_path, made)) == {(1.0, 0.0, 0.0)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.fbx", "a.dae"])
@pytest.mark.parametrize("data", [b"stub", b"Kaydara FBX Binary  \0\x1a\0", b"<COLLADA><asset>"])
def test_what_is_damaged_is_said(
    renderer: Renderer, tmp_path: Path, name: str, data: bytes
) -> None:
    with pytest.raises(RenderError, match=r"damaged, or not (COLLADA|FBX)"):
        renderer.render(write(tmp_path, {name: data}))


def test_numbers_that_are_none_take_no_memory(tmp_path: Path) -> None:
    data = dae()["a.dae"].replace(b"<p>0 0 3 1", b"<p>0 0 nan 1")
    assert data != dae()["a.dae"]
    with pytest.raises(UnusableFileError, match="damaged, or not COLLADA"):
        parts(tmp_path, {"a.dae": data})


def test_old_fbx_and_a_missing_library_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = fbx_file(in_text=True)["a.fbx"].replace(b"FBXVersion: 7400", b"FBXVersion: 6100")
    with pytest.raises(UnusableFileError, match="a version before 2011"):
        parts(tmp_path, {"a.fbx": old})
    monkeypatch.setattr(assimp, "_WHEEL", "no-such-wheel")
    assimp.library.cache_clear()
    with pytest.raises(UnusableFileError, match="need the package no-such-wheel"):
        parts(tmp_path, fbx_file())
    assimp.library.cache_clear()
