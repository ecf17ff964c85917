"""3MF packages as slicers and CAD programs write them."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support.mesh_suite import (
    FILES,
    ITEM,
    PICTURE_3MF,
    TWO_BASES,
    cube_3mf,
    package_3mf,
    quarters,
    textured_obj,
)
from core.rendering.files import Files
from core.rendering.mesh_parts import Part
from core.rendering.renderer import Renderer, RenderError
from core.rendering.threemf.elements import Invalid3mfError
from core.rendering.threemf.parts import read as read_3mf
from tests.core.rendering.parts import CUBE, GREY_ONLY, RED_AND_BLUE, area, colours, parts_of
from tests.core.rendering.support import alike, shape

MM = 1e-3


def read(folder: Path, data: bytes) -> list[Part]:
    return parts_of(folder, {"a.3mf": data})


def extent(found: list[Part]) -> list[list[float]]:
    points = np.concatenate([each.vertices for each in found]) / MM
    return [points.min(axis=0).round(3).tolist(), points.max(axis=0).round(3).tolist()]


@pytest.mark.parametrize("name", ["plain", "colours", "bases"])
def test_a_cube_has_its_size_and_colours(tmp_path: Path, name: str) -> None:
    found = parts_of(tmp_path, FILES["3mf"][name]())
    assert area(*found) / MM**2 == pytest.approx(CUBE)
    assert colours(*found) == (GREY_ONLY if name == "plain" else RED_AND_BLUE)


def test_triangles_without_a_material_have_that_of_the_object(tmp_path: Path) -> None:
    blue = cube_3mf(1, attributes='pid="9" pindex="1"')
    found = read(tmp_path, package_3mf(TWO_BASES + blue, ITEM))
    assert colours(*found) == {(0.0, 0.0, 1.0)}
    for strange in ('pid="9" pindex="7"', 'pid="77" pindex="0"', 'pid="9" pindex="-1"'):
        found = read(tmp_path, package_3mf(TWO_BASES + cube_3mf(1, attributes=strange), ITEM))
        assert colours(*found) == GREY_ONLY


def test_groups_of_other_files_and_items_are_put_where_they_belong(tmp_path: Path) -> None:
    found = parts_of(tmp_path, FILES["3mf"]["group"]())
    assert len(found) == 2 and extent(found) == [[-1, -1, 9], [4, 1, 11]]


def test_a_transform_has_rows_for_row_vectors(tmp_path: Path) -> None:
    # A quarter turn about z that takes x to y, and twice the height.
    turned = '<item objectid="1" transform="0 1 0 -1 0 0 0 0 2 5 0 0"/>'
    mesh = cube_3mf(1).replace('x="1"', 'x="3"')
    assert extent(read(tmp_path, package_3mf(mesh, turned))) == [[4, -1, -2], [6, 3, 2]]


@pytest.mark.parametrize(("unit", "metres"), [("inch", 0.0254), ("meter", 1.0), ("micron", 1e-6)])
def test_units_are_obeyed(tmp_path: Path, unit: str, metres: float) -> None:
    data = repacked(package_3mf(cube_3mf(1), ITEM), b'unit="millimeter"', f'unit="{unit}"'.encode())
    assert area(*read(tmp_path, data)) / metres**2 == pytest.approx(CUBE)


def test_supports_are_left_out_and_without_items_all_is_shown(tmp_path: Path) -> None:
    both = cube_3mf(1) + cube_3mf(2, attributes='type="support"')
    assert len(read(tmp_path, package_3mf(both, f'{ITEM}<item objectid="2"/>'))) == 1
    group = '<object id="3"><components><component objectid="1"/></components></object>'
    assert len(read(tmp_path, package_3mf(cube_3mf(1) + group, ""))) == 1


@pytest.mark.slow
def test_a_picture_lies_as_it_does_in_obj(renderer: Renderer, tmp_path: Path) -> None:
    # The first triangle of each side has the first three corners of the picture.
    ids = 'pid="9" p1="0" p2="1" p3="2"'
    (tmp_path / "a.3mf").write_bytes(package_3mf(PICTURE_3MF + cube_3mf(1, ids=ids), ITEM))
    found = renderer.render(tmp_path / "a.3mf", up="y")
    files = textured_obj("map_Kd quarters.png")
    halves = [
        f"f {a}/1 {b}/2 {c}/3\nf {a}/1 {c}/2 {d}/3"
        for a, b, c, d in (
            (row.split()[1].split("/")[0], *(each.split("/")[0] for each in row.split()[2:]))
            for row in files["a.obj"].decode().splitlines()
            if row.startswith("f ")
        )
    ]
    kept = [row for row in files["a.obj"].decode().splitlines() if not row.startswith("f ")]
    files["a.obj"] = "\n".join([*kept, *halves, ""]).encode()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert quarters() in files.values()
    assert alike(found.picture, renderer.render(tmp_path / "a.obj").picture) < 1
    # Printers build along z.
    assert shape(renderer.render(tmp_path / "a.3mf").picture).any()


def repacked(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return a package with a text of its files replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return made.getvalue()


def test_a_package_may_name_its_files_in_its_own_way(tmp_path: Path) -> None:
    data = package_3mf(cube_3mf(1), ITEM, root="3D/My Model.model", other=cube_3mf(2))
    assert len(read(tmp_path, data)) == 1
    # Without its links, the first model is taken.
    data = repacked(data, b"/3dmodel", b"/else")
    assert len(read(tmp_path, data)) == 1


def test_entities_and_circles_are_refused(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "xxxx">]><model'
    with pytest.raises(Invalid3mfError, match="document type"):
        read(tmp_path, repacked(package_3mf(cube_3mf(1), ITEM), b"<model", bomb))
    circle = '<object id="1"><components><component objectid="1"/></components></object>'
    with pytest.raises(Invalid3mfError, match="contain each other"):
        read(tmp_path, package_3mf(circle, ITEM))
    many = '<component objectid="{0}"/>' * 10
    tree = "".join(
        f'<object id="{number}"><components>{many.format(number + 1)}</components></object>'
        for number in range(1, 12)
    )
    with pytest.raises(Invalid3mfError, match="too many objects"):
        read(tmp_path, package_3mf(tree + cube_3mf(12), ITEM))


def test_slices_for_printers_are_no_part_of_the_shape(tmp_path: Path) -> None:
    slices = (
        '<s:slicestack xmlns:s="http://schemas.microsoft.com/3dmanufacturing/slice/2015/07" id="7">'
        '<s:slice ztop="1"><s:vertices><s:vertex x="1" y="2"/></s:vertices></s:slice>'
        "</s:slicestack>"
    )
    found = read(tmp_path, package_3mf(slices + cube_3mf(1), ITEM))
    assert area(*found) / MM**2 == pytest.approx(CUBE)


MIXED = (
    '<m:compositematerials id="7" matid="9" matindices="0 1">'
    '<m:composite values="0.4 0.6"/><m:composite values="1 0"/></m:compositematerials>'
)
LAYERS = (
    '<m:colorgroup id="6"><m:color color="#00FF0080"/><m:color color="#80FF80"/></m:colorgroup>'
    '<m:multiproperties id="7" pids="9 6"{methods}>'
    '<m:multi pindices="0 0"/><m:multi pindices="1 1"/></m:multiproperties>'
)


@pytest.mark.parametrize(
    ("materials", "ids", "expected"),
    [
        (MIXED, 'pid="7" p1="{side}"', {(0.4, 0.0, 0.6), (1.0, 0.0, 0.0)}),
        (LAYERS.format(methods=""), 'pid="7" p1="{side}"', {(0.5, 0.5, 0.0), (0.5, 1.0, 0.5)}),
        (
            LAYERS.format(methods=' blendmethods="multiply"'),
            'pid="7" p1="{side}"',
            {(0.0, 0.0, 0.0), (0.0, 0.0, 0.5)},
        ),
    ],
    ids=["shares", "layers", "multiplied"],
)
def test_materials_are_mixed(
    tmp_path: Path, materials: str, ids: str, expected: set[tuple[float, ...]]
) -> None:
    files = Files(str(tmp_path), str(tmp_path))
    data = package_3mf(TWO_BASES + materials + cube_3mf(1, ids=ids), ITEM)
    assert colours(*read_3mf(data, files)) == expected
    assert files.remarks == []


@pytest.mark.parametrize(
    "materials",
    [
        MIXED.replace('matid="9"', 'matid="5"'),
        MIXED.replace('"0.4 0.6"', '"0 0"'),
        PICTURE_3MF.replace('id="9"', 'id="5"')
        + LAYERS.format(methods="").replace('pids="9 6"', 'pids="5 5"'),
    ],
    ids=["of nothing", "no shares", "of pictures"],
)
def test_a_mix_that_cannot_be_shown_is_said(tmp_path: Path, materials: str) -> None:
    files = Files(str(tmp_path), str(tmp_path))
    data = package_3mf(TWO_BASES + materials + cube_3mf(1, ids='pid="7" p1="0"'), ITEM)
    assert colours(*read_3mf(data, files)) == GREY_ONLY
    assert files.remarks == ["Some of its mixed materials cannot be shown, and are grey."]


@pytest.mark.parametrize("picture", [b"", b"stub", quarters()[:-40]])
def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path, picture: bytes) -> None:
    data = package_3mf(PICTURE_3MF + cube_3mf(1, ids='pid="9" p1="0" p2="1" p3="2"'), ITEM)
    if picture:
        data = repacked(data, quarters(), picture)
    else:
        data = repacked(data, b"Textures/quarters.png", b"Textures/gone.png")
    files = Files(str(tmp_path), str(tmp_path))
    assert colours(*read_3mf(data, files)) == GREY_ONLY
    assert files.unreadable == ["quarters.png" if picture else "gone.png"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"stub", "damaged, or not 3MF"),
        (package_3mf(cube_3mf(1), ITEM)[:-30], "damaged, or not 3MF"),
        (package_3mf("", ""), "no surface"),
    ],
)
def test_what_is_wrong_is_said(
    renderer: Renderer, tmp_path: Path, data: bytes, sentence: str
) -> None:
    (tmp_path / "a.3mf").write_bytes(data)
    with pytest.raises(RenderError, match=sentence):
        renderer.render(tmp_path / "a.3mf")
