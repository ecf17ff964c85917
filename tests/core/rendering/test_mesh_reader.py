"""Materials, odd geometry, and damaged or malicious files."""

import base64
import io
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from core.rendering import mesh_reader
from core.rendering.files import Files
from core.rendering.gltf.primitives import POINTS
from core.rendering.renderer import Renderer, RenderError, Rendering
from tests.core.rendering.support import (
    BLUE,
    RED,
    TRIANGLE,
    alike,
    box,
    dust,
    exported,
    extent,
    obj,
    pixels,
    shape,
    write,
)

pytestmark = pytest.mark.slow


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
        "materials": [
            {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0}}
        ],
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


def hue(rendering: Rendering) -> np.ndarray:
    """Return the mean colour of the object."""
    seen = pixels(rendering.picture)
    return seen[seen[..., 3] > 127][:, :3].mean(axis=0)


# --- Which way is up ---------------------------------------------------------------------------


def test_up_is_y_in_obj_and_z_in_stl_by_default(renderer: Renderer, tmp_path: Path) -> None:
    def height(name: str, **options: Any) -> float:
        left, right, top, bottom = extent(renderer.render(tmp_path / name, **options).picture)
        return float((bottom - top) / (right - left))

    mesh = box(1, 1, 4)
    write(tmp_path, a_obj=obj(mesh), a_stl=exported(mesh, "stl"))
    assert height("a.obj") < 1 < height("a.stl")
    assert height("a.obj", up="z") == pytest.approx(height("a.stl"), rel=0.01)
    assert height("a.stl", up="y") == pytest.approx(height("a.obj"), rel=0.01)
    found = renderer.render(tmp_path / "a.obj")
    assert (found.up, found.detected_up, found.up_basis) == ("y", "y", "usual")


@pytest.mark.parametrize("kind", ["stl", "ply"])
def test_a_table_that_was_exported_y_up_stands(
    renderer: Renderer, tmp_path: Path, kind: str
) -> None:
    legs = [
        trimesh.creation.box((0.1, 0.7, 0.1)).apply_translation((x, -0.4, z))
        for x in (-0.7, 0.7)
        for z in (-0.35, 0.35)
    ]
    table: Any = trimesh.util.concatenate([trimesh.creation.box((1.6, 0.1, 0.9)), *legs])
    write(tmp_path, a_obj=obj(table), **{f"a_{kind}": exported(table, kind)})

    found = renderer.render(tmp_path / f"a.{kind}")
    chosen = renderer.render(tmp_path / f"a.{kind}", up="z")

    assert (found.up, found.up_basis) == ("y", "shape")
    assert alike(found.picture, renderer.render(tmp_path / "a.obj").picture) < 1
    assert (chosen.up, chosen.detected_up) == ("z", "y") and chosen.picture != found.picture
    # The viewer in the page shows the same.
    again = renderer.render(write(tmp_path, b_glb=chosen.model or b""))
    assert alike(chosen.picture, again.picture) < 1


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


def test_lines_are_shown_without_light(renderer: Renderer, tmp_path: Path) -> None:
    square = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
    painted = "mtllib a.mtl\nusemtl m\n"
    mtl = "newmtl m\nKd 1 0 0\n"
    plain = renderer.render(write(tmp_path, a_obj=square + "l 1 2 3 4 1\n"))
    red = renderer.render(write(tmp_path, b_obj=square + painted + "l -4 -3 -2 -1", a_mtl=mtl))

    for made, colour in ((plain, (64, 64, 64)), (red, (255, 0, 0))):
        seen = pixels(made.picture)
        assert 0.01 < shape(made.picture).mean() < 0.05
        solid = seen[seen[..., 3] == 255][:, :3]
        assert np.abs(solid - colour).max() <= 1
        # The viewer in the page shows the same.
        assert made.model is not None and b"KHR_materials_unlit" in made.model


@pytest.mark.parametrize(("mode", "lines"), [(1, 2), (2, 3), (3, 4)])
def test_lines_loops_and_strips_of_gltf_are_shown(
    renderer: Renderer, tmp_path: Path, mode: int, lines: int
) -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32).tobytes()
    mesh = {"primitives": [{"attributes": {"POSITION": 0}, "mode": {1: 1, 2: 3, 3: 2}[mode]}]}
    made = renderer.render(
        write(
            tmp_path,
            a_gltf=gltf(
                meshes=[mesh],
                accessors=[{"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"}],
                bufferViews=[{"buffer": 0, "byteLength": 48}],
                buffers=[{"uri": data_uri(corners), "byteLength": 48}],
            ),
        ),
        viewpoints=True,
    )

    seen = shape(made.viewpoints["front"])
    sides = [seen[:40, 100:400], seen[-40:, 100:400], seen[100:400, :40], seen[100:400, -40:]]
    assert sum(bool(side.any()) for side in sides) == lines


def test_quads_and_triangles_can_be_mixed(renderer: Renderer, tmp_path: Path) -> None:
    mixed = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 2 0 0\nf 1 2 3 4\nf -4 -1 -3\n"
    made = renderer.render(write(tmp_path, a_obj=mixed), viewpoints=True)
    assert shape(made.viewpoints["front"]).mean() > 0.25


def test_large_stl_is_rendered_but_has_no_model_to_view(renderer: Renderer, tmp_path: Path) -> None:
    made = renderer.render(write(tmp_path, a_stl=dust(600_000)))
    assert shape(made.picture).mean() > 0.6
    assert made.model is None and "over 16 MB" in made.remark


def test_many_points_are_not_too_many_triangles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mesh_reader, "MAX_TRIANGLES", 2)
    points = {"attributes": {"POSITION": 0}, "mode": POINTS}
    path = write(tmp_path, a_gltf=gltf(meshes=[{"primitives": [points]}]))
    files = Files(str(tmp_path), str(tmp_path))

    read = mesh_reader.read(str(path), files, up=None, max_bytes=10_000)

    assert read.mesh.faces.shape == (3 * 8, 3)


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
        ("a.gltf", gltf(bufferViews=[{"buffer": 0, "byteLength": 1 << 40}]), "beyond its buffer"),
        ("a.gltf", gltf(bufferViews=[{"buffer": 7, "byteLength": 36}]), "no number 7 among"),
        (
            "a.gltf",
            gltf(accessors=[{"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"}]),
            "invalid: an accessor reaches beyond",
        ),
        ("a.gltf", gltf(nodes=[{"mesh": 0, "children": [0]}]), "a node contains itself"),
        (
            "a.gltf",
            gltf(nodes=[{"children": [1]}, {"mesh": 0, "children": [0]}]),
            "a node contains itself",
        ),
        ("a.gltf", gltf(nodes=[{"mesh": 0, "skin": 0}], skins=[{}]), "a skin has no joints"),
        ("a.gltf", gltf(nodes=[{"mesh": "x" * 999}]), "no number 'xxx"),
        (
            "a.gltf",
            gltf(accessors=[{"componentType": 5126, "count": 1 << 33, "type": "VEC3"}]),
            "4 GB of memory",
        ),
        ("a.gltf", gltf(meshes=[]), "invalid: there is no number 0 among its meshes. Open"),
        ("a.gltf", gltf(nodes=[{}]), "no surface"),
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
    assert len(text) < 200


def test_named_pipe_is_not_read(renderer: Renderer, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.obj")
    with pytest.raises(RenderError) as caught:
        renderer.render(tmp_path / "a.obj")
    assert str(caught.value) == "The file cannot be read: it is not a regular file."


def test_format_is_recognised_despite_a_wrong_extension(renderer: Renderer, tmp_path: Path) -> None:
    assert renderer.render(write(tmp_path, a_gltf=GLB)).model == GLB
    renderer.render(write(tmp_path, a_glb=gltf()))
    for right in ("obj", "ply", "stl", "stl_ascii"):
        made = exported(box(), right)
        kind = right.removesuffix("_ascii")
        expected = renderer.render(write(tmp_path, **{f"right_{kind}": made})).picture
        for wrong in {"obj", "ply", "stl", "glb"} - {kind}:
            found = renderer.render(write(tmp_path, **{f"wrong_{wrong}": made})).picture
            assert found == expected, (right, wrong)


def test_picture_is_kept_if_the_viewer_can_show_nothing(renderer: Renderer, tmp_path: Path) -> None:
    corners = np.eye(3, dtype=np.float32).tobytes()
    endless = gltf(buffers=[{"uri": data_uri(corners), "byteLength": float("inf")}])

    made = renderer.render(write(tmp_path, a_gltf=endless))

    assert shape(made.picture).mean() > 0.1
    assert made.model is None and "cannot be shown in 3D" in made.remark


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
    assert made.model is not None and len(made.model) < 10_000 and not made.remark


def test_missing_texture_of_a_gltf_is_not_a_failure(renderer: Renderer, tmp_path: Path) -> None:
    made = renderer.render(write(tmp_path, a_gltf=gltf(**textured(uri="https://example.com/a"))))
    assert made.model is not None and b"example.com" not in made.model


def test_file_name_that_is_not_valid_text(renderer: Renderer, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xf0\x9f\xaa\x91.obj")
    Path(path).write_text(TRIANGLE)
    assert len(renderer.render(path).files) == 1
