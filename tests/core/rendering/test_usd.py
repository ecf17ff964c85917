"""USD files, which are read if the package for them is installed."""

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import usd as made
from benchmarks.support.mesh_suite import (
    CORNERS,
    FACES,
    FILES,
    Files,
    painted_usd,
    quarters,
    textured_obj,
    usd_file,
)
from core.importers import file_kinds, model_files
from core.importers.references import find_parts
from core.rendering import files as model
from core.rendering import usd
from core.rendering.mesh_parts import Part
from core.rendering.renderer import Renderer, RenderError
from tests.core.rendering.parts import CUBE, RED_AND_BLUE, area, colours
from tests.core.rendering.support import alike

ORDER = "uniform token[] xformOpOrder = "
SHIFT = ["double3 xformOp:translate = (4, 0, 0)", f'{ORDER}["xformOp:translate"]']


def write(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / next(iter(files))


def read(folder: Path, files: Files) -> tuple[list[Part], model.Files]:
    path = write(folder, files)
    reader = model.Files(os.path.realpath(folder), os.path.realpath(path.parent), path.stem)
    return list(usd.read(os.path.realpath(path), reader)), reader


def parts(folder: Path, *prims: str, up: str = "Y", unit: float = 1.0) -> list[Part]:
    return read(folder, {"a.usda": made.text(*prims, up=up, unit=unit)})[0]


def extent(found: list[Part]) -> list[list[float]]:
    points = np.concatenate([each.vertices[each.faces.ravel()] for each in found])
    return [points.min(axis=0).round(3).tolist(), points.max(axis=0).round(3).tolist()]


def cube(*lines: str, name: str = "a", header: str = "") -> str:
    return made.mesh(name, CORNERS, FACES, *lines, header=header)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["text", "binary", "package", "package of binary"])
def test_a_textured_cube_looks_as_it_does_in_obj(
    renderer: Renderer, tmp_path: Path, name: str
) -> None:
    found = renderer.render(write(tmp_path, FILES["usd"][name]()))

    path = write(tmp_path / "obj", textured_obj("map_Kd quarters.png"))
    expected = renderer.render(path, up="z" if name == "text" else "y")
    assert alike(found.picture, expected.picture) < 2
    assert found.model is not None and found.up_basis == "format"


def test_axis_and_unit_are_obeyed(tmp_path: Path) -> None:
    high = cube("double3 xformOp:scale = (1, 1, 3)", f'{ORDER}["xformOp:scale"]')
    assert extent(parts(tmp_path, high, up="Z", unit=0.01)) == [
        [-0.01, -0.03, -0.01],
        [0.01, 0.03, 0.01],
    ]


def test_references_instances_and_instancers_are_put_in_their_places(tmp_path: Path) -> None:
    found, _ = read(tmp_path, {"a.usda": painted_usd()})
    assert extent(found) == [[-1, -1, -1], [9, 1, 1]]
    assert area(*found) == pytest.approx(3 * CUBE)
    assert colours(*found) == RED_AND_BLUE


def test_what_is_hidden_or_only_helps_is_left_out(tmp_path: Path) -> None:
    proxy, guide = ('uniform token purpose = "proxy"', 'uniform token purpose = "guide"')
    shown = cube('uniform token purpose = "render"', *SHIFT, name="b")
    hidden = made.prim("Xform", "d", 'token visibility = "invisible"', cube())
    found = parts(tmp_path, cube(proxy), shown, cube(guide, name="c"), hidden)
    assert extent(found) == [[3, -1, -1], [5, 1, 1]]


def test_faces_have_the_materials_of_their_subsets(tmp_path: Path) -> None:
    subset = made.prim(
        "GeomSubset", "s", 'uniform token elementType = "face"', "int[] indices = [0, 1, 99]",
        'uniform token familyName = "materialBind"', made.bound("/red"),
    )  # fmt: skip
    found = parts(
        tmp_path,
        cube(made.bound("/blue"), subset),
        made.material("red", "color3f inputs:diffuseColor = (1, 0, 0)"),
        made.material(
            "blue", "color3f inputs:diffuseColor = (0, 0, 1)", "float inputs:opacity = 0.5",
            "float inputs:metallic = 1", "float inputs:roughness = 0.25",
            "color3f inputs:emissiveColor = (0, 1, 0)",
        ),
    )  # fmt: skip
    red, blue = found
    assert (area(red), area(blue)) == (pytest.approx(CUBE / 3), pytest.approx(CUBE * 2 / 3))
    assert (red.appearance.colour, red.appearance.alpha) == ((1, 0, 0, 1), "OPAQUE")
    look = blue.appearance
    assert (look.colour, look.alpha, look.emissive) == ((0, 0, 1, 0.5), "BLEND", (0, 1, 0))
    assert (look.metallic, look.roughness) == (1, 0.25)


def test_opacity_and_metal_come_from_channels_of_textures(tmp_path: Path) -> None:
    material = made.material(
        "m",
        "float inputs:opacity.connect = </m/t.outputs:r>",
        "float inputs:opacityThreshold = 0.5",
        "float inputs:metallic.connect = </m/t.outputs:b>",
        nodes=[made.texture("m", "t", "quarters.png"), made.coordinates()],
    )
    uvs = made.primvar("texCoord2f", "st", str([(0, 0), (1, 0), (1, 1), (0, 1)]), "vertex")
    plate = made.mesh("a", CORNERS[:4], [(1, 2, 3, 4)], uvs, made.bound("/m"))
    found, files = read(
        tmp_path, {"a.usda": made.text(plate, material), "quarters.png": quarters()}
    )
    look = found[0].appearance
    assert look.alpha == "MASK" and look.texture is not None and look.metallic_texture is not None
    mask, metal = look.texture.picture.getchannel("A"), look.metallic_texture.picture
    places = [(2, 2), (12, 2), (2, 12), (12, 12)]
    assert [mask.getpixel(each) for each in places] == [255, 0, 0, 255]  # red, lime, blue, yellow
    assert [metal.getchannel("B").getpixel(each) for each in places] == [0, 0, 255, 0]
    assert set(files.read) == {"a.usda", "quarters.png"}


def test_concave_polygons_holes_and_other_orientations(tmp_path: Path) -> None:
    arrow = [(0, 0, 0), (2, 1, 0), (0, 2, 0), (0.5, 1, 0)]
    [found] = parts(tmp_path, made.mesh("a", arrow, [(1, 2, 3, 4)]))
    assert area(found) == pytest.approx(1.5)
    [other] = parts(
        tmp_path, made.mesh("a", arrow, [(1, 2, 3, 4)], 'uniform token orientation = "leftHanded"')
    )
    assert sorted(map(sorted, other.faces.tolist())) == sorted(map(sorted, found.faces.tolist()))
    turns = [np.cross(*np.diff(each.vertices[each.faces[0]], axis=0))[2] for each in (found, other)]
    assert turns[0] * turns[1] < 0
    assert area(*parts(tmp_path, cube("int[] holeIndices = [0, 1]"))) == pytest.approx(CUBE * 2 / 3)


@pytest.mark.parametrize(
    ("kind", "lines", "size", "surface"),
    [
        ("Cube", ("double size = 3",), (3, 3, 3), 54),
        ("Sphere", ("double radius = 2",), (4, 4, 4), 16 * np.pi),
        ("Cylinder", ('uniform token axis = "X"', "double height = 6"), (6, 2, 2), 14 * np.pi),
        ("Cone", ('uniform token axis = "Y"',), (2, 2, 2), (1 + 5**0.5) * np.pi),
        ("Capsule", (), (1, 1, 2), 2 * np.pi),
    ],
)
def test_shapes_have_their_sizes(
    tmp_path: Path, kind: str, lines: tuple[str, ...], size: tuple[float, ...], surface: float
) -> None:
    red = "color3f[] primvars:displayColor = [(1, 0, 0)]"
    found = parts(tmp_path, made.prim(kind, "a", red, *lines))
    low, high = np.array(extent(found))
    assert np.allclose(high - low, size, rtol=0.01) and np.allclose(low + high, 0)
    assert area(*found) == pytest.approx(surface, rel=0.02)
    assert colours(*found) == {(1.0, 0.0, 0.0)}
    # Faces are seen from outside.
    corners = found[0].vertices[found[0].faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", normals, corners.mean(axis=1)) > -1e-9).all()


def test_of_values_that_change_the_first_is_taken(tmp_path: Path) -> None:
    moved = "double3 xformOp:translate.timeSamples = { 5: (4, 0, 0), 9: (8, 0, 0) }"
    found = parts(tmp_path, cube(moved, SHIFT[1]))
    assert extent(found) == [[3, -1, -1], [5, 1, 1]]


def referring(path: str, *more: str) -> bytes:
    return made.text(made.prim("", "b", *more, header=f"prepend references = @{path}@</a>"))


def above(path: str) -> bytes:
    head = f"#usda 1.0\n(\n    subLayers = [@{path}@]\n"
    return made.text().replace(b"#usda 1.0\n(\n", head.encode())


def test_layers_and_pictures_of_other_files_are_found_only_inside_the_folder(
    tmp_path: Path,
) -> None:
    outside = write(tmp_path, {"secret.usda": made.text(cube())})
    files = {
        "root/sub/a.usda": above("../parts/b.usda"),
        "root/parts/b.usda": usd_file()["a.usda"],
        "root/parts/quarters.png": quarters(),
    }
    write(tmp_path, files)
    folder = tmp_path / "root"
    found, reader = read(folder, {"sub/a.usda": files["root/sub/a.usda"]})
    assert area(*found) == pytest.approx(CUBE) and found[0].appearance.texture is not None
    assert set(reader.read) == {"sub/a.usda", "parts/b.usda", "parts/quarters.png"}
    os.symlink(outside, folder / "link.usda")
    for path in (str(outside), "../../secret.usda", "../link.usda", f"file://{outside}"):
        assert read(folder, {"sub/a.usda": referring(path)})[0] == []
    assert read(folder, {"a.usda": above(str(outside))})[0] == []
    inside = write(folder, {"sub/secret.usda": made.text(cube())})
    assert area(*read(folder, {"a.usda": referring(str(inside))})[0]) == pytest.approx(CUBE)
    inside.unlink()
    clips = (
        "clips = { dictionary default = { asset[] assetPaths = "
        f"[@{outside}@]\n double2[] active = [(0, 0)]\n double2[] times = [(0, 0)]\n "
        f'string primPath = "/a"\n asset manifestAssetPath = @{outside}@ }} }}'
    )
    moving = re.sub(r"(\[\] (?:face\w+|points)) = (.*)", r"\1.timeSamples = {0: \2}", cube())
    outside.write_bytes(made.text(moving))
    assert area(*read(tmp_path, {"secret.usda": outside.read_bytes()})[0]) == pytest.approx(CUBE)
    mesh = made.prim("Mesh", "a", header=clips)
    assert read(folder, {"a.usda": made.text(mesh)})[0] == []


def test_files_that_refer_to_each_other_come_to_an_end(tmp_path: Path) -> None:
    write(tmp_path, {"b.usda": referring("a.usda").replace(b'"b"', b'"a"')})
    found, _ = read(tmp_path, {"a.usda": referring("b.usda", cube(name="c"))})
    assert area(*found) == pytest.approx(CUBE)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    _, files = read(tmp_path, {"a.usda": usd_file()["a.usda"]})
    assert files.read["quarters.png"] == ""
    _, files = read(tmp_path, {"a.usdz": made.package({"a.usda": usd_file()["a.usda"]})})
    assert files.unreadable == ["quarters.png"]
    damaged = {"a.usda": usd_file()["a.usda"], "quarters.png": quarters()[:-20]}
    _, files = read(tmp_path, {"a.usdz": made.package(damaged)})
    assert files.unreadable == ["quarters.png"]


def test_the_textures_of_text_are_its_parts(tmp_path: Path) -> None:
    write(tmp_path, usd_file() | {"other.png": b""})
    assert find_parts(str(tmp_path), ["a.usda"], ["quarters.png", "other.png"]) == {"quarters.png"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.usda", b"#usda 1.0\nstub", "damaged, or not USD"),
        ("a.usdc", b"PXR-USDC", "damaged, or not USD"),
        ("a.usd", b"stub", "damaged, or not USD"),
        ("a.usdz", b"stub", "damaged, or not USD"),
        ("a.usdz", made.package({"a.png": b""}), "damaged, or not USD"),
        ("a.usda", made.text(), "no surface"),
    ],
)
def test_what_is_wrong_is_said(
    renderer: Renderer, tmp_path: Path, name: str, data: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RenderError, match=sentence):
        renderer.render(tmp_path / name)


def test_without_the_package_it_is_said_what_would_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pxr", None)
    monkeypatch.delitem(sys.modules, "pxr.Usd", raising=False)
    with pytest.raises(model.UnusableFileError, match="pip install usd-core"):
        list(usd.read(str(tmp_path / "a.usda"), model.Files(str(tmp_path), str(tmp_path))))
    assert "pip install usd-core" in file_kinds._USD.advice
    assert {".usd", ".usda", ".usdc", ".usdz"} <= model_files.SUFFIXES
