"""PLY files as programs write them."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import mesh_suite
from benchmarks.support.mesh_suite import (
    DIFFUSE,
    INDICES,
    XYZ,
    cube_faces,
    painted_ply,
    plain,
    ply,
    splats_ply,
)
from core.rendering.ply.elements import InvalidPlyError
from tests.core.rendering.parts import CUBE, GREY_ONLY, RED_AND_BLUE, area, colours, parts_of

FORMS = ("ascii", "binary_little_endian", "binary_big_endian")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "names",
    [("red", "green", "blue"), ("R", "G", "B"), DIFFUSE, ("color_r", "color_g", "color_b"),
     ("scalar_Red", "scalar_Green", "scalar_Blue")],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("kind", ["uchar", "ushort", "float"])
def test_vertices_have_colours_under_all_names_and_types(
    tmp_path: Path, form: str, names: tuple[str, ...], kind: str
) -> None:
    # Its faces come first, and have different numbers of corners.
    found = parts_of(tmp_path, painted_ply(form, *names, kind=kind))

    assert area(*found) == pytest.approx(CUBE) and colours(*found) == RED_AND_BLUE


@pytest.mark.parametrize(
    ("opacities", "shown"), [([255] * 8, "OPAQUE"), ([0] * 8, "OPAQUE"), ([255] * 7 + [9], "BLEND")]
)
def test_opacity_counts_unless_nothing_would_be_seen(
    tmp_path: Path, opacities: list[int], shown: str
) -> None:
    vertices = [[*row, 9, 9, 9, each] for row, each in zip(plain(), opacities, strict=True)]
    properties = [*XYZ, *(f"uchar {name}" for name in ("red", "green", "blue", "alpha"))]

    [found] = parts_of(
        tmp_path, ply("ascii", {"vertex": (properties, vertices), "face": (INDICES, cube_faces())})
    )

    assert found.appearance.alpha == shown


@pytest.mark.parametrize("form", FORMS)
def test_faces_have_colours(tmp_path: Path, form: str) -> None:
    faces = [[*row, *(RED if place < 4 else BLUE)] for place, row in enumerate(cube_faces())]
    properties = [*INDICES, "uchar red", "uchar green", "uchar blue"]

    [found] = parts_of(tmp_path, ply(form, {"vertex": (XYZ, plain()), "face": (properties, faces)}))

    assert area(found) == pytest.approx(CUBE) and colours(found) == RED_AND_BLUE


RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.mark.parametrize(
    "indices",
    ["list uchar int vertex_index", "list int uint vertex_indices", "list uint ushort corners",
 ],
)  # fmt: skip
@pytest.mark.parametrize("form", FORMS)
def test_other_elements_and_types_do_no_harm(tmp_path: Path, form: str, indices: str) -> None:
    rows = [[7, *row, [1.5, 2.5], 8] for row in cube_faces()]
    made = ply(
        form,
        {
            "camera": (["float view_px", "list uchar float more"], [[1, [1, 2, 3]], [2, []]]),
            "vertex": (["double quality", *XYZ, "uchar flags"], [[0.5, *r, 1] for r in plain()]),
            "face": (["int flags", indices, "list int float other", "double last"], rows),
            "material": (["int x"], []),
        },
        "made by hand",
    )

    found = parts_of(tmp_path, made)

    assert area(*found) == pytest.approx(CUBE) and colours(*found) == GREY_ONLY


def test_line_ends_may_be_those_of_any_system(tmp_path: Path) -> None:
    data = painted_ply("ascii", "red", "green", "blue")["a.ply"]
    for end in (b"\r\n", b"\r"):
        found = parts_of(tmp_path, {"a.ply": data.replace(b"\n", end)})
        assert area(*found) == pytest.approx(CUBE) and colours(*found) == RED_AND_BLUE


def test_concave_polygons_are_not_filled(tmp_path: Path) -> None:
    arrow: list[list[object]] = [[0, 0, 0], [2, -1, 0], [1, 0, 0], [2, 1, 0]]

    found = parts_of(
        tmp_path, ply("ascii", {"vertex": (XYZ, arrow), "face": (INDICES, [[[3, 0, 1, 2]]])})
    )

    assert area(*found) == pytest.approx(1)


@pytest.mark.parametrize("form", FORMS)
def test_strips_alternate(tmp_path: Path, form: str) -> None:
    [found] = parts_of(tmp_path, mesh_suite.strips_ply(form))

    corners = found.vertices[found.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    # Six triangles of one strip, and two of the other.
    assert len(found.faces) == 8 and area(found) == pytest.approx(8 * 2 - 2, abs=2.9)
    assert (normals[0] == normals[1]).all()


def test_normals_are_read(tmp_path: Path) -> None:
    properties = [*XYZ, "float nx", "float ny", "float nz"]

    [found] = parts_of(
        tmp_path,
        ply("ascii", {"vertex": (properties, plain(0, 0.5, 1)), "face": (INDICES, cube_faces())}),
    )

    assert found.normals is not None and (found.normals == [0, 0.5, 1]).all()


@pytest.mark.parametrize("names", ["s t", "u v", "texture_u texture_v"])
def test_vertices_have_places_in_a_picture(tmp_path: Path, names: str) -> None:
    made = ply(
        "ascii",
        {
            "vertex": ([*XYZ, *(f"float {name}" for name in names.split())], plain(0.25, 0.75)),
            "face": (INDICES, cube_faces()),
        },
        "TextureFile quarters.png",
    )
    [found] = parts_of(tmp_path, made | {"quarters.png": mesh_suite.quarters()})

    assert found.appearance.texture is not None
    assert found.uvs is not None and (found.uvs[:, 0] == [0.25, 0.75]).all()
    (tmp_path / "quarters.png").unlink()
    [found] = parts_of(tmp_path, made)
    assert found.appearance.texture is None and colours(found) == GREY_ONLY


def test_corners_of_faces_have_places_in_pictures(tmp_path: Path) -> None:
    [found] = parts_of(tmp_path, mesh_suite.textured_ply())

    assert area(found) == pytest.approx(CUBE) and found.appearance.texture is not None
    assert found.uvs is not None
    assert found.uvs[found.faces[1], 0].tolist() == [[0, 0], [1, 1], [0, 1]]


def test_faces_tell_which_picture_is_theirs(tmp_path: Path) -> None:
    uvs = [0, 0, 1, 0, 1, 1, 0, 1]
    faces: list[list[object]] = [[[0, 1, 2, 3], uvs, 0], [[4, 5, 6, 7], uvs, 1]]
    properties = [*INDICES, "list uchar float texcoord", "int texnumber"]
    made = ply(
        "binary_little_endian",
        {"vertex": (XYZ, plain()), "face": (properties, faces)},
        "TextureFile one.png",
        "TextureFile two.png",
    )

    one, two = parts_of(tmp_path, made | {"two.png": mesh_suite.quarters()})

    assert one.appearance.texture is None and two.appearance.texture is not None
    assert set(one.vertices[one.faces].reshape(-1, 3)[:, 2]) == {-1}


def test_edges_are_lines(tmp_path: Path) -> None:
    [found] = parts_of(tmp_path, mesh_suite.edges_ply())

    assert found.faces.tolist() == [[0, 6], [1, 7]]


def test_edges_may_have_colours(tmp_path: Path) -> None:
    rows: list[list[object]] = [[0, 6, *RED], [1, 7, *BLUE], [1, 99, 0, 255, 0]]
    properties = ["int v1", "int v2", "uchar red", "uchar green", "uchar blue"]

    [found] = parts_of(
        tmp_path, ply("ascii", {"vertex": (XYZ, plain()), "edge": (properties, rows)})
    )

    assert len(found.faces) == 2 and colours(found) == RED_AND_BLUE
    assert (found.vertices[found.faces[1]] == np.array(plain())[[1, 7]]).all()


def test_vertices_alone_are_points_also_in_shades_of_grey(tmp_path: Path) -> None:
    properties = [*XYZ, "float intensity"]
    rows = [[*row, 10 * place] for place, row in enumerate(plain())]
    for faces in ({}, {"face": (INDICES, list[list[object]]())}):
        [found] = parts_of(tmp_path, ply("ascii", {"vertex": (properties, rows)} | faces))
        assert found.faces.shape == (8, 1) and found.radii is None
        assert found.colours is not None
        assert found.colours[[0, 7], :3].tolist() == [[0, 0, 0], [1, 1, 1]]


def test_splats_have_a_colour_a_size_and_an_opacity(tmp_path: Path) -> None:
    [found] = parts_of(tmp_path, splats_ply(size=0.01, opacity=0.6))
    [larger] = parts_of(tmp_path, splats_ply(size=0.02, opacity=0.6))

    assert found.colours is not None and found.radii is not None and larger.radii is not None
    assert found.colours[0] == pytest.approx([1, 0.5, 0.1, 0.6], abs=0.001)
    assert larger.radii == pytest.approx(2 * found.radii)
    assert 0.005 < found.radii[0] < 0.02
    # A background of one splat would hide the rest.
    [huge] = parts_of(tmp_path, splats_ply(size=1e30))
    assert huge.radii is not None and huge.radii.max() < 0.2


def test_points_that_are_cut_short_are_shown(tmp_path: Path) -> None:
    data = ply("binary_little_endian", {"vertex": (XYZ, plain())})["a.ply"]

    [found] = parts_of(tmp_path, {"a.ply": data[:-5]})

    assert len(found.faces) == 7
    with pytest.raises(InvalidPlyError):
        parts_of(tmp_path, {"a.ply": data[:-80]})


def test_lists_of_lost_faces_do_no_harm(tmp_path: Path) -> None:
    data = ply("ascii", {"vertex": (XYZ, plain())})["a.ply"]
    lost = b"property list uchar uint vertex_indices\nend_header"

    [found] = parts_of(tmp_path, {"a.ply": data.replace(b"end_header", lost)})

    assert found.faces.shape == (8, 1)


@pytest.mark.parametrize(
    "change",
    [(b"end_header", b"end_of_header"), (b"format ascii 1.0\n", b""), (b"float x", b"float w"),
     (b"vertex 8", b"vertex 800"), (b"face 7", b"face 8"), (b"vertex 8", b"vertex -8"),
     (b"\n-1 -1 -1", b"\nnone -1 -1"), (b"3 0 3 2", b"-3 0 3 2")],
    ids=["no end", "no format", "no x", "too few", "too few faces", "negative", "word", "length"],
)  # fmt: skip
def test_what_is_not_there_is_an_error(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    data = painted_ply("ascii", "red", "green", "blue")["a.ply"]
    assert change[0] in data

    with pytest.raises(InvalidPlyError):
        parts_of(tmp_path, {"a.ply": data.replace(*change, 1)})
