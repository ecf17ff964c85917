"""Files like those that people have, each beside one that shows the same in plain form."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support.mesh_suite import CORNERS, FACES, lines, quarters, rows, splats_ply
from core.rendering.renderer import Renderer, Rendering
from tests.core.rendering.support import alike, pixels, shape

pytestmark = pytest.mark.slow

UVS = ((0, 0), (1, 0), (1, 1), (0, 1))
SIDES = [[f"{corner}/{place + 1}" for place, corner in enumerate(face)] for face in FACES]


def textured(named: str = "m.mtl", uvs: object = UVS) -> bytes:
    """Return a cube with one material on all sides."""
    return lines(
        f"mtllib {named}", *rows("v", CORNERS), *rows("vt", uvs), "usemtl m", *rows("f", SIDES)
    )


def render(
    renderer: Renderer, folder: Path, made: Mapping[str, bytes], *, name: str = ""
) -> Rendering:
    """Write files into a folder, and render one: the first unless it is named."""
    for file, data in made.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
    return renderer.render(folder / (name or next(iter(made))), root=folder)


def hue(rendering: Rendering) -> list[float]:
    """Return the mean colour of what is shown."""
    seen = pixels(rendering.picture)
    return [float(each) for each in seen[seen[..., 3] > 127][:, :3].mean(axis=0)]


def test_a_thing_is_opaque_if_tr_says_so(renderer: Renderer, tmp_path: Path) -> None:
    mtl = b"newmtl m\nKd 1 1 1\nTr 1.000000\nillum 1\nmap_Kd q.png\n"
    files = {"a.obj": textured(), "m.mtl": mtl, "q.png": quarters()}

    found = render(renderer, tmp_path, files)
    reference = render(renderer, tmp_path, files | {"m.mtl": mtl.replace(b"Tr", b"Ns")})

    assert pixels(found.picture)[256, 256, 3] == 255
    assert found.picture == reference.picture and found.model == reference.model


def test_faces_that_count_backwards_are_all_shown(renderer: Renderer, tmp_path: Path) -> None:
    back, forth = [], []
    for place, shift in enumerate((0, 3, 6)):
        block = rows("v", [(x + shift, y, z) for x, y, z in CORNERS])
        back += [*block, *rows("f", [[corner - 9 for corner in face] for face in FACES])]
        forth += [*block, *rows("f", [[corner + place * 8 for corner in face] for face in FACES])]

    made = {"back.obj": lines(*back), "forth.obj": lines(*forth)}

    one = render(renderer, tmp_path, made)
    assert one.picture == render(renderer, tmp_path, made, name="forth.obj").picture


def test_a_concave_outline_is_not_filled(renderer: Renderer, tmp_path: Path) -> None:
    outline = [(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)]
    front = rows("v", [(*at, 0) for at in outline]) + rows("v", [(*at, 1) for at in outline])
    walls = [(k + 1, (k + 1) % 8 + 1, (k + 1) % 8 + 9, k + 9) for k in range(8)]
    whole = [tuple(range(8, 0, -1)), tuple(range(9, 17))]
    parts = [(1, 2, 5, 6), (2, 3, 4, 5), (6, 7, 8, 1)]
    pieces = [face[::-1] for face in parts] + [tuple(k + 8 for k in face) for face in parts]
    made = {
        "u.obj": lines(*front, *rows("f", whole), *rows("f", walls)),
        "cut.obj": lines(*front, *rows("f", pieces), *rows("f", walls)),
    }

    found = render(renderer, tmp_path, made).picture

    assert alike(found, render(renderer, tmp_path, made, name="cut.obj").picture) < 0.1


def test_a_plate_of_tabs_and_colours_is_coloured(renderer: Renderer, tmp_path: Path) -> None:
    plate = (
        "o plate\nv\t-1 -1 0 1 0 0\nv\t1 -1 0 1 0 0\nv\t1 1 0 0 0 1\nv\t-1 1 0 0 0 1\nf\t1 2 3 4\n"
    )

    seen = pixels(render(renderer, tmp_path, {"a.obj": plate.encode()}).picture)

    solid = seen[..., 3] > 200
    places = np.flatnonzero(solid.any(axis=1))
    upper, lower = (seen[place][solid[place]].mean(axis=0) for place in places[[20, -20]])
    assert upper[2] > 2 * upper[0] and lower[0] > 2 * lower[2]


def test_both_libraries_are_read(renderer: Renderer, tmp_path: Path) -> None:
    shape_ = ["usemtl one", *rows("f", FACES[:3]), "usemtl two", *rows("f", FACES[3:])]
    one, two = b"newmtl one\nKd .8 .1 .1\n", b"newmtl two\nKd .1 .2 .8\n"
    made = {
        "a.obj": lines("mtllib a.mtl b.mtl", *rows("v", CORNERS), *shape_),
        "b.obj": lines("mtllib both.mtl", *rows("v", CORNERS), *shape_),
        "a.mtl": one,
        "b.mtl": two,
        "both.mtl": one + two,
    }

    found = render(renderer, tmp_path, made)

    assert found.picture == render(renderer, tmp_path, made, name="b.obj").picture
    assert set(found.files) == {"a.obj", "a.mtl", "b.mtl"}


def test_a_texture_is_scaled(renderer: Renderer, tmp_path: Path) -> None:
    made = {
        "a.obj": textured("scaled.mtl"),
        "b.obj": textured("plain.mtl", [(u * 4, v * 4) for u, v in UVS]),
        "scaled.mtl": b"newmtl m\nmap_Kd -s 4.000000 4.000000 1.000000 q.png\n",
        "plain.mtl": b"newmtl m\nmap_Kd q.png\n",
        "q.png": quarters(),
    }

    found = render(renderer, tmp_path, made)

    assert found.picture == render(renderer, tmp_path, made, name="b.obj").picture
    # The viewer in the page shows the same.
    again = render(renderer, tmp_path, {"again.glb": found.model or b""})
    assert alike(found.picture, again.picture) < 1


def test_a_texture_is_found_in_the_layout_of_downloads(renderer: Renderer, tmp_path: Path) -> None:
    mtl = b"newmtl m\nKd 1 1 1\nmap_Kd quarters.png\n"
    files = {"source/a.obj": textured(), "source/m.mtl": mtl}

    found = render(renderer, tmp_path, files | {"textures/quarters.png": quarters()})
    beside = render(renderer, tmp_path, files | {"source/quarters.png": quarters()})

    assert set(found.files) == {"source/a.obj", "source/m.mtl", "textures/quarters.png"}
    assert found.picture == beside.picture and max(hue(found)) - min(hue(found)) > 10


def test_colours_of_scanners_are_shown(renderer: Renderer, tmp_path: Path) -> None:
    header = "ply\nformat binary_big_endian 1.0\nelement vertex 3\n"
    header += "".join(f"property double {axis}\n" for axis in "xyz")
    header += "".join(f"property uchar diffuse_{name}\n" for name in ("red", "green", "blue"))
    header += "element face 1\nproperty list uchar uint vertex_index\nend_header\n"
    dtype = np.dtype([("at", ">f8", 3), ("colour", "u1", 3)])
    corners = np.array([((0, 0, 0), (20, 160, 40)), ((1, 0, 0), (20, 160, 40)),
                        ((0, 0, 1), (20, 160, 40))], dtype)  # fmt: skip
    face = b"\x03" + np.array([0, 1, 2], ">u4").tobytes()

    found = render(renderer, tmp_path, {"a.ply": header.encode() + corners.tobytes() + face})

    red, green, blue = hue(found)
    assert green > 3 * red and green > 2 * blue


def test_splats_are_shown_in_their_size_and_opacity(renderer: Renderer, tmp_path: Path) -> None:
    def seen(name: str, size: float, opacity: float) -> Rendering:
        made = splats_ply(size=size, opacity=opacity)
        return render(renderer, tmp_path, {f"{name}.ply": made["a.ply"]})

    small, large = seen("small", 0.01, 0.98), seen("large", 0.03, 0.98)
    faint = seen("faint", 0.01, 0.3)

    assert shape(large.picture).sum() / shape(small.picture).sum() > 3
    red, green, blue = hue(small)
    assert red > 1.5 * green > 3 * blue
    assert pixels(faint.picture)[..., 3].sum() < 0.6 * pixels(small.picture)[..., 3].sum()
    assert small.model is not None
