"""Rendering 3D files: every format, odd geometry, and damaged or malicious files."""

import base64
import io
import json
import math
import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from core.errors import LookalikeError
from core.rendering import renderer as renderer_module
from core.rendering.renderer import (
    Limits,
    Renderer,
    RenderError,
    Rendering,
    Unavailable,
    check,
    parse_answer,
)

pytestmark = pytest.mark.slow

RED, BLUE = (255, 0, 0), (0, 0, 255)
TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


def box(*extents: float) -> trimesh.Trimesh:
    return trimesh.creation.box(extents or (1, 2, 1))


def obj(mesh: trimesh.Trimesh) -> str:
    return trimesh.exchange.obj.export_obj(mesh, digits=12)


def exported(mesh: Any, file_type: str) -> bytes:
    """Return a mesh as a file; trimesh itself is annotated with a union of types."""
    data = mesh.export(file_type=file_type)
    return data if isinstance(data, bytes) else str(data).encode()


def gltf(**changes: Any) -> str:
    """Return a glTF of one triangle, with changes."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32).tobytes()
    whole = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"uri": data_uri(corners), "byteLength": 36}],
    }
    return json.dumps(whole | changes)


def data_uri(data: bytes) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(data).decode()


def textured(**image: Any) -> dict[str, Any]:
    """Return the changes that give the triangle of `gltf` a texture."""
    return {
        "images": [image],
        "textures": [{"source": 0}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}],
    }


def png(colour: tuple[int, ...], size: int = 8) -> bytes:
    data = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", (size, size), colour).save(data, "PNG")
    return data.getvalue()


def bomb(side: int) -> bytes:
    """Return a small PNG that decodes to `side` squared pixels."""
    packer = zlib.compressobj(9)
    row = bytes(side // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
        (b"IDAT", data),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files, named as `cube_obj=...`; return the first."""
    paths = []
    for name, content in files.items():
        path = folder / ".".join(name.rsplit("_", 1))
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return paths[0]


def pixels(png: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (512, 512))
    return np.asarray(picture).astype(int)


def shape(png: bytes) -> np.ndarray:
    return pixels(png)[..., 3] > 127


def extent(png: bytes) -> tuple[int, int, int, int]:
    """Return the first and last column and row that are not empty."""
    shown = pixels(png)[..., 3] > 0
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    return columns[0], columns[-1], rows[0], rows[-1]


def hue(rendering: Rendering) -> np.ndarray:
    """Return the mean colour of the object."""
    seen = pixels(rendering.picture)
    return seen[seen[..., 3] > 127][:, :3].mean(axis=0)


def alike(one: bytes, other: bytes) -> float:
    """Return the mean difference of two pictures, 0 to 255."""
    return float(np.abs(pixels(one) - pixels(other)).mean())


# --- Formats -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def boxes(renderer: Renderer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendering]:
    """Return renderings of a tall box in each format."""
    folder = tmp_path_factory.mktemp("boxes")
    upright, lying = box(1, 2, 1.5), box(1, 1.5, 2)  # where z is up
    (folder / "a.obj").write_text(obj(upright))
    (folder / "a.glb").write_bytes(exported(upright, "glb"))
    for name, data in trimesh.Scene(upright).export(file_type="gltf").items():
        (folder / name).write_bytes(data)
    (folder / "model.gltf").rename(folder / "a.gltf")
    (folder / "a.stl").write_bytes(exported(lying, "stl"))
    (folder / "ascii.stl").write_bytes(exported(lying, "stl_ascii"))
    (folder / "a.ply").write_bytes(exported(lying, "ply"))
    (folder / "ascii.ply").write_bytes(trimesh.exchange.ply.export_ply(lying, encoding="ascii"))
    names = ("a.obj", "a.glb", "a.gltf", "a.stl", "ascii.stl", "a.ply", "ascii.ply")
    return {name: renderer.render(folder / name) for name in names}


@pytest.mark.parametrize("name", ["a.glb", "a.gltf", "a.stl", "ascii.stl", "a.ply", "ascii.ply"])
def test_each_format_shows_the_same_box(boxes: dict[str, Rendering], name: str) -> None:
    assert (shape(boxes[name].picture) ^ shape(boxes["a.obj"].picture)).mean() < 0.002


def test_each_format_gives_one_binary_gltf_that_stands_upright(
    boxes: dict[str, Rendering], renderer: Renderer, tmp_path: Path
) -> None:
    for name, made in boxes.items():
        assert made.model is not None and made.remark == ""
        scene = trimesh.load_scene(io.BytesIO(made.model), file_type="glb")
        assert scene.extents == pytest.approx([1, 2, 1.5], abs=1e-5), name
        again = renderer.render(write(tmp_path, again_glb=made.model))
        assert alike(again.picture, made.picture) < 1, name


def test_files_that_were_read_are_reported(boxes: dict[str, Rendering]) -> None:
    assert set(boxes["a.gltf"].files) == {"a.gltf", "gltf_buffer_0.bin", "gltf_buffer_1.bin"}
    assert all(len(digest) == 64 for digest in boxes["a.gltf"].files.values())


def test_object_fills_the_picture_and_is_not_cut_off(boxes: dict[str, Rendering]) -> None:
    left, right, top, bottom = extent(boxes["a.obj"].picture)
    assert top == pytest.approx(511 * 0.03, abs=2) and bottom == pytest.approx(511 * 0.97, abs=2)
    assert left > 15 and right < 496
    # In the centre.
    assert left + right == pytest.approx(511, abs=3)


def test_background_is_transparent_and_edges_are_smooth(boxes: dict[str, Rendering]) -> None:
    alpha = pixels(boxes["a.obj"].picture)[..., 3]
    assert alpha[0].max() == alpha[:, 0].max() == 0 and alpha[256, 256] == 255
    assert ((alpha > 0) & (alpha < 255)).sum() > 500


def test_light_is_neutral_and_differs_between_faces(boxes: dict[str, Rendering]) -> None:
    seen = pixels(boxes["a.obj"].picture)
    solid = seen[seen[..., 3] == 255][:, :3]
    assert np.ptp(solid, axis=1).max() <= 1
    values, counts = np.unique(solid[:, 0], return_counts=True)
    broad = values[counts > 5000]
    assert len(broad) >= 3 and broad.min() > 90 and broad.max() < 250


def test_same_file_gives_the_same_bytes(renderer: Renderer, tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=3)
    path = write(tmp_path, ball_ply=ball.export(file_type="ply"))
    one, other = renderer.render(path, viewpoints=True), renderer.render(path, viewpoints=True)
    assert one == other


def test_viewpoints_are_rendered_on_request(renderer: Renderer, tmp_path: Path) -> None:
    # Its front is red, its right side blue.
    mesh = box(2, 4, 1)
    colours = np.full((12, 4), 255, np.uint8)
    normals = mesh.face_normals
    colours[normals[:, 2] > 0.5] = (*RED, 255)
    colours[normals[:, 0] > 0.5] = (*BLUE, 255)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, face_colors=colours)
    path = write(tmp_path, a_ply=exported(mesh, "ply"))
    assert renderer.render(path).viewpoints == {}
    viewpoints = renderer.render(path, viewpoints=True, up="y").viewpoints
    assert list(viewpoints) == ["front", "side", "back", "top"]

    def middle(name: str) -> np.ndarray:
        return pixels(viewpoints[name])[256, 256, :3]

    assert middle("front")[0] > 150 and middle("front")[2] < 80
    assert middle("side")[2] > 150 and middle("side")[0] < 80
    assert np.ptp(middle("back")) < 20 and np.ptp(middle("top")) < 20
    # Seen from above, the front is at the bottom.
    left, right, top, bottom = extent(viewpoints["top"])
    assert right - left > 1.8 * (bottom - top)


def test_up_is_y_in_obj_and_z_in_stl_by_default(renderer: Renderer, tmp_path: Path) -> None:
    def height(name: str, **options: Any) -> float:
        left, right, top, bottom = extent(renderer.render(tmp_path / name, **options).picture)
        return float((bottom - top) / (right - left))

    mesh = box(1, 1, 4)
    write(tmp_path, a_obj=obj(mesh), a_stl=exported(mesh, "stl"))
    assert height("a.obj") < 1 < height("a.stl")
    assert height("a.obj", up="z") == pytest.approx(height("a.stl"), rel=0.01)
    assert height("a.stl", up="y") == pytest.approx(height("a.obj"), rel=0.01)


# --- Materials ---------------------------------------------------------------------------------

TEXTURED = "mtllib a.mtl\nusemtl m\nvt 0 0\nvt 1 0\nvt 0 1\n" + TRIANGLE.replace(
    "f 1 2 3", "f 1/1 2/2 3/3"
)


def test_texture_and_material_are_shown(renderer: Renderer, tmp_path: Path) -> None:
    # Many programs write a black Kd next to a texture, which means nothing.
    mtl = "newmtl m\nKd 0 0 0\nmap_Kd -s 1 1 1 textures\\RED.PNG\n"
    write(tmp_path, a_obj=TEXTURED, a_mtl=mtl)
    (tmp_path / "textures").mkdir()
    write(tmp_path / "textures", red_png=png(RED))
    made = renderer.render(tmp_path / "a.obj")
    red, green, blue = hue(made)
    assert red > 150 and green < 5 and blue < 5
    assert set(made.files) == {"a.obj", "a.mtl", "textures/red.png"}
    assert made.model is not None
    again = renderer.render(write(tmp_path, again_glb=made.model))
    assert hue(again) == pytest.approx([red, green, blue], abs=2)


def test_model_without_its_material_or_texture_is_grey(renderer: Renderer, tmp_path: Path) -> None:
    made = renderer.render(write(tmp_path, a_obj=TEXTURED))
    assert np.ptp(hue(made)) < 2 and made.files["a.mtl"] == ""
    write(tmp_path, a_mtl="newmtl m\nKd 1 0 0\nmap_Kd none.png\n")
    made = renderer.render(tmp_path / "a.obj")
    assert hue(made)[0] > 100 and made.files["none.png"] == ""


def test_transparent_surface_shows_what_is_behind_it(renderer: Renderer, tmp_path: Path) -> None:
    pane = "v -1 -1 1\nv 1 -1 1\nv 1 1 1\nv -1 1 1\n"
    wall = "v -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\n"
    text = f"mtllib a.mtl\n{pane}{wall}usemtl glass\nf 1 2 3 4\nusemtl wall\nf 5 6 7 8\n"
    write(tmp_path, a_obj=text, a_mtl="newmtl glass\nKd 0 0 1\nd 0.5\nnewmtl wall\nKd 1 0 0\n")
    seen = pixels(renderer.render(tmp_path / "a.obj", viewpoints=True).viewpoints["front"])[
        256, 256
    ]
    assert seen[3] == 255 and 80 < seen[0] < 140 and 80 < seen[2] < 140
    # On its own, it is half transparent.
    write(tmp_path, b_obj=f"mtllib a.mtl\n{pane}usemtl glass\nf 1 2 3 4\n")
    assert pixels(renderer.render(tmp_path / "b.obj").picture)[256, 256, 3] in (127, 128)


def test_transparency_from_a_separate_picture_is_shown(renderer: Renderer, tmp_path: Path) -> None:
    grey = io.BytesIO()
    Image.new("L", (4, 4), 64).save(grey, "PNG")
    mtl = "newmtl m\nmap_Kd red.png\nmap_d holes.png\n"
    write(tmp_path, a_obj=TEXTURED, a_mtl=mtl, red_png=png(RED), holes_png=grey.getvalue())
    seen = pixels(renderer.render(tmp_path / "a.obj").picture)
    assert seen[..., 3].max() == 64 and "holes.png" in renderer.render(tmp_path / "a.obj").files


def test_vertex_colours_are_shown(renderer: Renderer, tmp_path: Path) -> None:
    mesh = box()
    colours = np.full((8, 4), (*RED, 255), np.uint8)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=colours)
    made = renderer.render(write(tmp_path, a_ply=exported(mesh, "ply")))
    assert hue(made)[0] > 150 and hue(made)[1:].max() < 5
    assert made.model is not None
    again = renderer.render(write(tmp_path, again_glb=made.model))
    assert hue(again) == pytest.approx(hue(made), abs=3)


def test_gltf_is_packed_with_the_files_it_refers_to(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "tex").mkdir()
    write(tmp_path / "tex", a_png=png(BLUE))
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32).tobytes()
    write(tmp_path, two_bin=np.zeros(6, np.float32).tobytes(), one_bin=corners)
    whole = gltf(
        buffers=[{"uri": "one.bin", "byteLength": 36}, {"uri": "two.bin", "byteLength": 24}],
        bufferViews=[{"buffer": 0, "byteLength": 36}, {"buffer": 1, "byteLength": 24}],
        accessors=[
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"},
        ],
        **textured(uri="tex/a%2Epng")
        | {
            "meshes": [
                {"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "material": 0}]}
            ]
        },
    )
    made = renderer.render(write(tmp_path, a_gltf=whole))
    assert hue(made)[2] > 150 and set(made.files) == {"a.gltf", "one.bin", "two.bin", "tex/a.png"}
    assert made.model is not None and b'"uri"' not in made.model
    (tmp_path / "alone").mkdir()
    again = renderer.render(write(tmp_path / "alone", again_glb=made.model))
    assert again.picture == made.picture


def test_draco_is_supported(renderer: Renderer, tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=3)
    data = trimesh.exchange.gltf.export_glb(trimesh.Scene(ball), extension_draco=True)
    assert b"KHR_draco_mesh_compression" in data
    made = renderer.render(write(tmp_path, a_glb=data))
    assert shape(made.picture).mean() > 0.6
    # A page can show it without loading a decoder.
    assert made.model is not None and b"KHR_draco_mesh_compression" not in made.model


# --- Odd geometry ------------------------------------------------------------------------------


@pytest.mark.parametrize(("factor", "offset"), [(1e-6, 0), (1e6, 0), (1, 1e6), (1e150, 0)])
def test_size_and_position_do_not_matter(
    renderer: Renderer, tmp_path: Path, factor: float, offset: float
) -> None:
    plain = renderer.render(write(tmp_path, a_obj=obj(box())))
    lines = [
        "v " + " ".join(f"{value * factor + offset:.17g}" for value in row)
        for row in box().vertices
    ]
    lines += ["f " + " ".join(map(str, face + 1)) for face in box().faces]
    moved = renderer.render(write(tmp_path, b_obj="\n".join(lines)))
    assert alike(plain.picture, moved.picture) < 1


def test_faces_are_visible_from_both_sides(renderer: Renderer, tmp_path: Path) -> None:
    mesh = box()
    turned = trimesh.Trimesh(mesh.vertices, mesh.faces[:, ::-1], process=False)
    a, b = (
        renderer.render(write(tmp_path, **{f"{name}_stl": exported(one, "stl")}))
        for name, one in (("a", mesh), ("b", turned))
    )
    assert alike(a.picture, b.picture) < 0.1


@pytest.mark.parametrize(
    "more",
    ["v nan nan nan\nf 1 2 9\n", "v 1e999 0 0\nf 1 2 9\n", "v 900 900 900\n", "f 1 1 2\n"],
    ids=["NaN", "infinite", "stray", "flat"],
)
def test_invalid_and_unused_vertices_are_left_out(
    renderer: Renderer, tmp_path: Path, more: str
) -> None:
    plain = renderer.render(write(tmp_path, a_obj=obj(box())))
    odd = renderer.render(write(tmp_path, b_obj=f"{obj(box())}\n{more}"))
    assert alike(plain.picture, odd.picture) < 0.1


def test_flat_sheet_is_visible_from_all_viewpoints(renderer: Renderer, tmp_path: Path) -> None:
    sheet = "v 0 0 0\nv 1 0 0\nv 1 0 1\nv 0 0 1\nf 1 2 3 4\n"
    made = renderer.render(write(tmp_path, a_obj=sheet), viewpoints=True)
    assert shape(made.picture).mean() > 0.1 and shape(made.viewpoints["top"]).mean() > 0.8


def test_points_are_shown_in_their_colours(renderer: Renderer, tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=4).vertices
    cloud = trimesh.PointCloud(ball, colors=np.full((len(ball), 4), (*RED, 255), np.uint8))
    made = renderer.render(write(tmp_path, a_ply=exported(cloud, "ply")))
    assert shape(made.picture).mean() > 0.5 and hue(made)[0] > 150 and hue(made)[1] < 5
    assert made.model is not None


def test_quads_and_triangles_can_be_mixed(renderer: Renderer, tmp_path: Path) -> None:
    mixed = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 2 0 0\nf 1 2 3 4\nf -4 -1 -3\n"
    made = renderer.render(write(tmp_path, a_obj=mixed), viewpoints=True)
    assert shape(made.viewpoints["front"]).mean() > 0.25


def test_large_stl_is_rendered_but_has_no_model_to_view(renderer: Renderer, tmp_path: Path) -> None:
    made = renderer.render(write(tmp_path, a_stl=dust(600_000)))
    assert shape(made.picture).mean() > 0.6
    assert made.model is None and "over 16 MB" in made.remark


# --- Damaged and malicious files -------------------------------------------------------------

GLB = exported(box(), "glb")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.obj", b"", "The file is empty."),
        ("a.glb", b"", "The file is empty."),
        ("a.stl", bytes(500), "The file is empty."),
        ("a.glb", GLB[: len(GLB) // 2], "cut short"),
        ("a.glb", GLB[:30], "cut short"),
        ("a.obj", png(RED), "no surface"),
        ("a.stl", png(RED), "no surface"),
        ("a.gltf", "{", "cut short"),
        ("a.gltf", "[" * 100_000, "cut short"),
        ("a.gltf", "[]", "cut short"),
        ("a.gltf", '{"asset": {"version": "1.0"}}', "glTF 1"),
        ("a.gltf", gltf(extensionsRequired=["EXT_meshopt_compression"]), "meshopt"),
        ("a.gltf", gltf(bufferViews=[{"buffer": 0, "byteLength": 1 << 40}]), "damaged"),
        ("a.gltf", gltf(bufferViews=[{"buffer": 7, "byteLength": 36}]), "damaged"),
        (
            "a.gltf",
            gltf(accessors=[{"componentType": 5126, "count": 1 << 33, "type": "VEC3"}]),
            "4 GB of memory",
        ),
        ("a.gltf", gltf(meshes=[]), "no surface"),
        ("a.obj", "v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "thin as a line"),
        ("a.obj", "v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n", "coincide"),
        ("a.obj", "f 1 2 3\n", "no surface"),
        ("a.obj", "v nan 0 0\nv 0 nan 0\nv 0 0 nan\nf 1 2 3\n", "no surface"),
        (
            "a.ply",
            "ply\nformat binary_little_endian 1.0\nelement vertex 99999999999\n"
            "property float x\nproperty float y\nproperty float z\nend_header\n",
            "not PLY",
        ),
    ],
)
def test_file_that_cannot_be_rendered_gives_a_sentence(
    renderer: Renderer, tmp_path: Path, name: str, content: str | bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(RenderError) as caught:
        renderer.render(path)
    text = str(caught.value)
    assert sentence in text and text.endswith(".") and str(tmp_path) not in text


def test_named_pipe_is_not_read(renderer: Renderer, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.obj")
    with pytest.raises(RenderError) as caught:
        renderer.render(tmp_path / "a.obj")
    assert str(caught.value) == "The file cannot be read: it is not a regular file."


def test_format_is_recognised_despite_a_wrong_extension(renderer: Renderer, tmp_path: Path) -> None:
    assert renderer.render(write(tmp_path, a_gltf=GLB)).model == GLB


def test_node_that_contains_itself_does_not_hang(renderer: Renderer, tmp_path: Path) -> None:
    renderer.render(write(tmp_path, a_gltf=gltf(nodes=[{"mesh": 0, "children": [0]}])))


@pytest.mark.parametrize(
    "name",
    ["../secret.bin", "..%2Fsecret.bin", "/etc/passwd", "file:///etc/passwd", "link.bin",
     "http://127.0.0.1:9/a.bin", "\\\\server\\share\\a.bin", "a\0b"],
)  # fmt: skip
def test_file_outside_the_root_is_never_read(renderer: Renderer, tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32).tobytes()
    (tmp_path / "secret.bin").write_bytes(corners)
    (inside / "link.bin").symlink_to(tmp_path / "secret.bin")
    path = write(inside, a_gltf=gltf(buffers=[{"uri": name, "byteLength": 36}]))
    with pytest.raises(RenderError, match="outside") as caught:
        renderer.render(path)
    assert not any(caught.value.files[read] for read in caught.value.files if read != "a.gltf")


def test_model_that_links_out_of_the_root_is_not_read(renderer: Renderer, tmp_path: Path) -> None:
    write(tmp_path, a_obj=TRIANGLE)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/b.obj").symlink_to(tmp_path / "a.obj")
    with pytest.raises(RenderError, match="leads out"):
        renderer.render(tmp_path / "in/b.obj")


def test_root_may_be_a_parent_folder(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "textures").mkdir()
    (tmp_path / "model").mkdir()
    write(tmp_path / "textures", red_png=png(RED))
    write(tmp_path / "model", a_obj=TEXTURED, a_mtl="newmtl m\nmap_Kd ../textures/red.png\n")
    path = tmp_path / "model/a.obj"
    assert np.ptp(hue(renderer.render(path))) < 5
    made = renderer.render(path, root=tmp_path)
    assert hue(made)[0] > 150 and hue(made)[1] < 5
    assert set(made.files) == {"model/a.obj", "model/a.mtl", "textures/red.png"}


@pytest.mark.parametrize("target", ["/etc/passwd", "/dev/zero", "pipe"])
def test_invalid_texture_is_treated_as_missing(
    renderer: Renderer, tmp_path: Path, target: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    write(tmp_path, a_obj=TEXTURED, a_mtl=f"newmtl m\nKd 1 0 0\nmap_Kd {target}\n")
    assert hue(renderer.render(tmp_path / "a.obj"))[0] > 100


def test_huge_texture_is_left_out(renderer: Renderer, tmp_path: Path) -> None:
    write(tmp_path, bomb_png=bomb(20_000), a_mtl="newmtl m\nKd 1 0 0\nmap_Kd bomb.png\n")
    made = renderer.render(write(tmp_path, a_obj=TEXTURED))
    assert hue(made)[0] > 100 and made.model is not None and len(made.model) < 10_000
    # Nor does the page have to decode it.
    made = renderer.render(write(tmp_path, a_gltf=gltf(**textured(uri="bomb.png"))))
    assert made.model is None and made.remark


def test_missing_texture_of_a_gltf_is_not_a_failure(renderer: Renderer, tmp_path: Path) -> None:
    made = renderer.render(write(tmp_path, a_gltf=gltf(**textured(uri="https://example.com/a"))))
    assert made.model is not None and b"example.com" not in made.model


def test_file_name_that_is_not_valid_text(renderer: Renderer, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xf0\x9f\xaa\x91.obj")
    Path(path).write_text(TRIANGLE)
    assert len(renderer.render(path).files) == 1


# --- Processes ---------------------------------------------------------------------------------


def worker_of(renderer: Renderer) -> int:
    assert renderer._worker is not None
    return renderer._worker._process.pid


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that takes seconds to render."""
    return write(tmp_path_factory.mktemp("slow"), slow_stl=dust(1_200_000))


def dust(count: int) -> bytes:
    """Return STL of many small triangles around a ball."""
    rows = np.zeros(count, [("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")])
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(count, 1, 3))
    centres /= np.linalg.norm(centres, axis=2, keepdims=True)
    rows["v"] = centres + rng.normal(size=(count, 3, 3)) * 0.01
    return bytes(80) + struct.pack("<I", count) + rows.tobytes()


def wait_for(condition: Any) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")


def test_two_threads_render_in_parallel(renderer: Renderer, tmp_path: Path) -> None:
    paths = [write(tmp_path, **{f"b{i}_obj": obj(box(1, 1 + i % 3, 1))}) for i in range(6)]
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(renderer.render, paths))
    for i in range(3):
        assert made[i].picture == made[i + 3].picture
    assert made[0].picture != made[1].picture


def test_file_that_takes_too_long_does_not_affect_others(slow: Path, tmp_path: Path) -> None:
    quick = write(tmp_path, a_obj=TRIANGLE)
    with Renderer() as renderer:
        renderer.render(quick)
        start = time.monotonic()
        renderer.render(quick)
        # On a busy machine even a quick file may take more than a second.
        seconds = max(1, math.ceil(3 * (time.monotonic() - start)))
    with Renderer(limits=Limits(seconds=seconds)) as renderer:
        with pytest.raises(RenderError, match=f"within {seconds} seconds"):
            renderer.render(slow)
        wait_for(lambda: renders(renderer, quick))
        wait_for(lambda: not children_of(worker_of(renderer)))


def renders(renderer: Renderer, path: Path) -> bool:
    """Say whether a file is rendered in time, which on a busy machine may take several tries."""
    try:
        renderer.render(path)
    except RenderError:
        return False
    return True


def test_file_that_takes_too_much_memory_does_not_affect_others(slow: Path, tmp_path: Path) -> None:
    # The libraries alone take 300 MB of address space.
    with Renderer(limits=Limits(memory=900_000_000)) as renderer:
        with pytest.raises(RenderError, match=r"more (than 0.9 GB of )?memory"):
            renderer.render(slow)
        renderer.render(write(tmp_path, a_obj=TRIANGLE))


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_file_that_crashes_does_not_affect_others(
    renderer: Renderer, slow: Path, tmp_path: Path, how: signal.Signals
) -> None:
    quick = write(tmp_path, a_obj=TRIANGLE)
    renderer.render(quick)
    worker = worker_of(renderer)
    wait_for(lambda: not children_of(worker))
    with ThreadPoolExecutor(2) as pool:
        crashing = pool.submit(renderer.render, slow)
        wait_for(lambda: children_of(worker))
        (child,) = children_of(worker)
        fine = pool.submit(renderer.render, quick)
        os.kill(child, how)
        with pytest.raises(RenderError, match="damaged or malicious"):
            crashing.result()
        fine.result()
    assert worker_of(renderer) == worker
    assert not list(tmp_path.glob("core*")) and not list(Path.cwd().glob("core.[0-9]*"))


@needs_proc
def test_killed_worker_is_started_again(renderer: Renderer, tmp_path: Path) -> None:
    quick = write(tmp_path, a_obj=TRIANGLE)
    renderer.render(quick)
    worker = worker_of(renderer)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: renderer._worker is None or renderer._worker.has_ended)
    renderer.render(quick)
    assert worker_of(renderer) != worker


@needs_proc
def test_leaving_the_context_ends_all_processes(slow: Path, tmp_path: Path) -> None:
    with Renderer() as renderer, ThreadPoolExecutor(1) as pool:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
        worker = worker_of(renderer)
        wait_for(lambda: not children_of(worker))
        under_way = pool.submit(renderer.render, slow)
        wait_for(lambda: children_of(worker))
        (child,) = children_of(worker)
        renderer.close()
        with pytest.raises(RenderError):
            under_way.result(timeout=60)
        with pytest.raises(RenderError, match="stopped"):
            renderer.render(slow)
    assert not Path(f"/proc/{worker}").exists() and not Path(f"/proc/{child}").exists()


@needs_proc
def test_unreferenced_renderer_ends_its_worker(tmp_path: Path) -> None:
    renderer = Renderer()
    renderer.render(write(tmp_path, a_obj=TRIANGLE))
    worker = worker_of(renderer)
    del renderer
    assert not Path(f"/proc/{worker}").exists()


@needs_proc
def test_no_process_outlives_a_killed_parent(slow: Path) -> None:
    program = f"""
        from concurrent.futures import ThreadPoolExecutor
        from core.rendering.renderer import Renderer
        renderer = Renderer()
        pool = ThreadPoolExecutor(1)
        pool.submit(renderer.render, {str(slow)!r})
        while renderer._worker is None:
            pass
        print(renderer._worker._process.pid, flush=True)
        pool.shutdown()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    wait_for(lambda: children_of(worker))
    (child,) = children_of(worker)
    process.kill()
    process.communicate()
    wait_for(lambda: not Path(f"/proc/{worker}").exists())
    wait_for(lambda: not Path(f"/proc/{child}").exists())


def can_leave_network() -> bool:
    """Return whether the system allows a process to have its own network namespace."""
    user = [] if os.geteuid() == 0 else ["--user"]
    return not subprocess.run(
        ["unshare", *user, "--net", "true"], stderr=subprocess.DEVNULL
    ).returncode


@needs_proc
def test_worker_has_no_secrets_and_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_TEST_TOKEN", "secret")
    with Renderer() as renderer:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
        worker = Path(f"/proc/{worker_of(renderer)}")
        assert b"TOKEN" not in (worker / "environ").read_bytes()
        devices = (worker / "net/dev").read_text().splitlines()[2:]
        alone = [line.split(":")[0].strip() for line in devices] == ["lo"]
        own = os.readlink("/proc/self/ns/net") != os.readlink(worker / "ns/net")
        assert (own and alone) == can_leave_network()


@needs_proc
def test_process_of_a_file_has_limits(slow: Path, tmp_path: Path) -> None:
    with Renderer() as renderer, ThreadPoolExecutor(1) as pool:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
        worker = worker_of(renderer)
        wait_for(lambda: not children_of(worker))
        pool.submit(renderer.render, slow)
        wait_for(lambda: children_of(worker))
        (child,) = children_of(worker)

        def limits() -> dict[str, list[str]]:
            lines = Path(f"/proc/{child}/limits").read_text().splitlines()[1:]
            return {line[:26].strip(): line[26:].split()[:2] for line in lines}

        wait_for(lambda: limits()["Max open files"] == ["64"] * 2)
        assert limits()["Max address space"] == ["4000000000"] * 2
        assert limits()["Max core file size"] == limits()["Max file size"] == ["0", "0"]
        renderer.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"{}", b"[]\n", b"\x80\x04]\n", b'{"parts": [], "files": {}}\n',
        b'{"parts": [["picture", 99]], "files": {}, "remark": ""}\nabc',
        b'{"parts": [["picture", -1]], "files": {}, "remark": ""}\n',
        b'{"parts": [["../x", 1], ["picture", 1]], "files": {}, "remark": ""}\nab',
        b"[" * 100_000 + b"\n",
    ],
)  # fmt: skip
def test_invalid_answer_counts_as_a_crash(answer: bytes) -> None:
    with pytest.raises(RenderError, match="damaged or malicious"):
        parse_answer(answer, {"picture": ()})


def test_missing_packages_give_a_sentence_that_says_how_to_install_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer_module, "_NEEDED", ("embreex", "no_such_package"))
    with Renderer() as renderer, pytest.raises(Unavailable) as caught:
        renderer.render(write(tmp_path, a_obj=TRIANGLE))
    assert isinstance(caught.value, LookalikeError)
    assert "-m pip install -r" in str(caught.value) and "not installed" in str(caught.value)
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "", "", "", "aarch64")))
    with pytest.raises(Unavailable, match="x86-64"):
        check()
