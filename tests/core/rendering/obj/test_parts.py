"""OBJ files as programs write them."""

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import mesh_suite
from benchmarks.support.mesh_suite import CORNERS, FACES, lines, rows
from tests.core.rendering.parts import CUBE, GREY_ONLY, RED_AND_BLUE, area, colours, parts_of

VERTICES = rows("v", CORNERS)
SIDES = rows("f", FACES)
PLAIN = lines(*VERTICES, *SIDES)
INVERTED = [[corner - 9 for corner in face] for face in FACES]


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.decode().encode("utf-16"),
        PLAIN.decode().encode("utf-16-be"),
        PLAIN.replace(b" ", b"\t"),
        PLAIN.replace(b" ", b"   ").replace(b"v", b"  v"),
        PLAIN.replace(b" ", b" \\\n ", 3),
        PLAIN.replace(b"\n", b" # said\n"),
        lines(*(f"{row} 1.0" for row in VERTICES), *SIDES),
        lines(*VERTICES, *rows("f", INVERTED)),
        lines(*VERTICES, "vt 0 0", "vn 0 0 1", *(f"{row}/1/" for row in SIDES)),
        lines(*VERTICES, "vt 0 0", *(re.sub(r"(\d)", r"\1/-1", row) for row in SIDES)),
        lines("g a", "o b", "s off", *VERTICES, "f 1 2 99", "f 0 1 2", "f 1 2", *SIDES),
        lines("f 1 4 3 2", *VERTICES, *SIDES[1:]),
    ],
    ids=["plain", "CRLF", "CR", "BOM", "UTF-16", "UTF-16 without BOM", "tabs", "spaces",
         "continued", "comments", "w", "backwards", "slashes", "relative positions",
         "wrong faces", "faces first"],
)  # fmt: skip
def test_a_cube_is_read_however_it_is_written(tmp_path: Path, data: bytes) -> None:
    found = parts_of(tmp_path, {"a.obj": data})

    assert area(*found) == pytest.approx(CUBE) and colours(*found) == GREY_ONLY


def test_faces_count_backwards_from_where_they_are(tmp_path: Path) -> None:
    blocks = []
    for shift in (0, 3, 6):
        moved = [(x + shift, y, z) for x, y, z in CORNERS]
        blocks += [*rows("v", moved), *rows("f", INVERTED)]

    [found] = parts_of(tmp_path, {"a.obj": lines(*blocks)})

    assert area(found) == pytest.approx(3 * CUBE)
    assert found.vertices[:, 0].max() == 7 and len(found.vertices) == 24


@pytest.mark.parametrize("scale", [1, 255])
@pytest.mark.parametrize("more", ["{r} {g} {b}", "{r} {g} {b} {a}", "1.0 {r} {g} {b}"])
def test_vertices_have_colours(tmp_path: Path, scale: int, more: str) -> None:
    rows_ = []
    for at, colour in zip(CORNERS, mesh_suite.COLOURS, strict=True):
        red, green, blue = (part / 255 * scale for part in colour)
        text = more.format(r=red, g=green, b=blue, a=scale)
        rows_.append(" ".join(map(str, at)) + " " + text)
    found = parts_of(tmp_path, {"a.obj": lines(*(f"v {row}" for row in rows_), *SIDES)})

    assert area(*found) == pytest.approx(CUBE) and colours(*found) == RED_AND_BLUE


@pytest.mark.parametrize("name", ["painted", "UTF-16", "ZBrush"])
def test_painted_cubes_are_red_and_blue(tmp_path: Path, name: str) -> None:
    found = parts_of(tmp_path, mesh_suite.FILES["obj"][name]())

    assert area(*found) == pytest.approx(CUBE) and colours(*found) == RED_AND_BLUE


def test_vertices_that_have_no_colour_are_white_among_others(tmp_path: Path) -> None:
    painted = [f"{row} 1 0 0" for row in VERTICES[:4]]

    found = parts_of(tmp_path, {"a.obj": lines(*painted, *VERTICES[4:], *SIDES)})

    assert colours(*found) == {(1.0, 0.0, 0.0), (1.0, 1.0, 1.0)}


def test_vertex_colours_tint_a_material_but_not_a_texture(tmp_path: Path) -> None:
    made = mesh_suite.textured_obj("Kd .5 .5 .5")
    reds = [f"{row} 1 0 0" for row in VERTICES]
    made["a.obj"] = made["a.obj"].replace("\n".join(VERTICES).encode(), "\n".join(reds).encode())

    assert colours(*parts_of(tmp_path, made)) == {(0.5, 0.0, 0.0)}
    made["m.mtl"] += b"map_Kd quarters.png\n"
    assert colours(*parts_of(tmp_path, made)) == {(1.0, 1.0, 1.0)}


def test_corners_share_vertices_unless_something_differs(tmp_path: Path) -> None:
    made = mesh_suite.textured_obj("map_Kd quarters.png")
    [found] = parts_of(tmp_path, made)
    assert len(found.vertices) == 19 and found.uvs is not None and found.normals is None
    assert found.uvs[found.faces[0], 0].tolist() == [[0, 0], [1, 0], [1, 1]]

    normals = [(-1, -2, -3.5), (0, 0, 1)]
    sides = [re.sub(r"(\d)", rf"\1//{1 + place % 2}", row) for place, row in enumerate(SIDES)]
    [found] = parts_of(tmp_path, {"a.obj": lines(*VERTICES, *rows("vn", normals), *sides)})
    assert found.normals is not None and len(found.vertices) == 14
    assert {tuple(each) for each in found.normals.tolist()} == set(normals)


def test_positions_between_whole_numbers_are_kept(tmp_path: Path) -> None:
    made = mesh_suite.textured_obj("map_Kd quarters.png")
    made["a.obj"] = made["a.obj"].replace(b"vt 1 0", b"vt 0.25 0.5 0")

    [found] = parts_of(tmp_path, made)

    assert found.uvs is not None and [0.25, 0.5] in found.uvs[:, 0].tolist()


def test_lines_and_points_are_shown(tmp_path: Path) -> None:
    solid, outline, points = parts_of(tmp_path, mesh_suite.relative_obj())

    assert area(solid) == pytest.approx(CUBE + 1.1756, rel=0.001)
    assert outline.vertices[outline.faces].tolist() == [
        [[-1, -1, -1], [1, -1, -1]],
        [[1, -1, -1], [0.3236, -0.2351, 2]],
    ]
    assert points.faces.shape == (2, 1)


def test_nothing_but_vertices_is_a_cloud(tmp_path: Path) -> None:
    [found] = parts_of(tmp_path, {"a.obj": lines(*(f"{row} 0 1 0" for row in VERTICES))})

    assert found.faces.shape == (8, 1) and colours(found) == {(0.0, 1.0, 0.0)}


def test_many_polygons_of_many_corners(tmp_path: Path) -> None:
    turn = np.arange(3000) * 2 * np.pi / 3000
    size = np.where(np.arange(3000) % 2, 0.5, 1)
    star = np.stack([size * np.cos(turn), size * np.sin(turn), 0 * turn], axis=1)
    vertices = rows("v", star.round(6).tolist())
    face = "f " + " ".join(str(each) for each in range(-3000, 0))

    found = parts_of(tmp_path, {"a.obj": lines(*[*vertices, face] * 17)})

    assert sum(len(part.faces) for part in found) == 17 * 2998
