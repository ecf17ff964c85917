"""Models as binary glTF, read back by trimesh."""

import io
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from core.rendering import glb_export
from core.rendering.files import Files
from core.rendering.glb_export import export_glb
from core.rendering.gltf import nodes
from core.rendering.gltf.document import Document
from core.rendering.gltf.packing import TooLargeError
from core.rendering.gltf.textures import LINEAR, NEAREST
from core.rendering.mesh_parts import Appearance, MappedPicture, Part, to_screen_colours

TRIANGLE = np.array([[5, 0, 0], [8, 0, 0], [5, 4, 0]], np.float64)
FACE = np.array([[0, 1, 2]])
UV = np.array([[0, 0], [1, 0], [0, 1]], np.float64)


def read_back(data: bytes) -> list[Any]:
    scene: Any = trimesh.load_scene(io.BytesIO(data), file_type="glb")
    return list(scene.geometry.values())


def test_size_place_and_colour_are_those_of_the_file() -> None:
    [found] = read_back(export_glb([Part(TRIANGLE, FACE, Appearance((0.5, 0.2, 1, 0.5)))], 10_000))

    np.testing.assert_allclose(found.vertices, TRIANGLE)
    material = found.visual.material
    assert material.doubleSided and material.alphaMode == "BLEND"
    *colour, alpha = np.asarray(material.baseColorFactor) / 255
    np.testing.assert_allclose(to_screen_colours(colour), [0.5, 0.2, 1], atol=0.02)
    assert alpha == pytest.approx(0.5, abs=0.01)


def test_an_appearance_is_written_once_with_its_texture() -> None:
    shared = Appearance((1, 1, 1, 1), MappedPicture(Image.new("RGB", (4096, 8), "red")))
    parts = [Part(TRIANGLE + np.array([0, 0, z]), FACE, shared, uvs=UV[:, None]) for z in (0, 1)]

    data = export_glb(parts, 100_000)

    first, second = read_back(data)
    assert data.count(b"\x89PNG") == 1
    for found in (first, second):
        assert found.visual.material.baseColorTexture.size == (2048, 4)
        assert found.visual.material.alphaMode is None
        np.testing.assert_allclose(found.visual.uv, UV)


def test_a_picture_that_materials_share_is_written_once() -> None:
    picture = Image.new("RGB", (8, 8), "red")
    mapped = [
        MappedPicture(picture),
        MappedPicture(picture),
        MappedPicture(picture, 0, ("clamp",) * 2),
        MappedPicture(picture, is_sharp=True),
    ]
    parts = [
        Part(TRIANGLE + np.array([0, 0, z]), FACE, Appearance(texture=each), uvs=UV[:, None])
        for z, each in enumerate(mapped)
    ]

    document = Document.parse("glb", export_glb(parts, 100_000), Files("/", "/"))

    assert [len(document.tree[kind]) for kind in ("images", "textures", "materials")] == [1, 3, 4]
    found = [each.material.appearance.texture for each in nodes.read(document)]
    assert [each.wraps[0] for each in found if each] == ["repeat", "repeat", "clamp", "repeat"]
    assert [each.is_sharp for each in found if each] == [False, False, False, True]
    filters = [each["magFilter"] for each in document.tree["samplers"]]
    assert filters == [LINEAR, LINEAR, NEAREST]
    assert len({id(each.picture) for each in found if each}) == 1


def test_colours_of_vertices_and_points_are_kept() -> None:
    colours = np.array([[1, 0, 0, 1], [0, 0.5, 0, 1], [0, 0, 1, 1]], np.float64)
    points = np.arange(3).reshape(-1, 1)

    mesh, cloud = read_back(
        export_glb(
            [
                Part(TRIANGLE, FACE, Appearance(), colours=colours),
                Part(TRIANGLE, points, Appearance(), colours=colours),
            ],
            10_000,
        )
    )

    shown = to_screen_colours(mesh.visual.vertex_attributes["color"][:, :3] / 255)
    np.testing.assert_allclose(shown, colours[:, :3], atol=0.02)
    assert isinstance(cloud, trimesh.PointCloud)
    np.testing.assert_allclose(cloud.vertices, TRIANGLE)


def test_a_model_that_would_be_too_large_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part(TRIANGLE, FACE, Appearance())
    whole = len(export_glb([part], 10_000))

    with pytest.raises(TooLargeError):
        export_glb([part], whole - 1)
    monkeypatch.setattr(glb_export, "used_vertices", lambda *_: pytest.fail("made in vain"))
    with pytest.raises(TooLargeError):
        export_glb([part], 40)


def test_how_a_surface_looks_is_kept_whatever_the_format() -> None:
    rough = MappedPicture(Image.new("RGB", (2, 2), (0, 128, 255)), 0, ("clamp", "mirror"))
    shown = Appearance(
        (1, 1, 1, 1),
        alpha="OPAQUE",
        metallic=0.8,
        roughness=0.3,
        metallic_texture=rough,
        transmission=0.5,
        is_lit=False,
        is_double_sided=False,
    )
    files = Files("/", "/")

    data = export_glb([Part(TRIANGLE, FACE, shown, uvs=UV[:, None])], 10_000)

    [found] = nodes.read(Document.parse("glb", data, files))
    again = found.material.appearance
    assert (again.metallic, again.roughness) == (0.8, 0.3)
    assert again.transmission == 0.5
    assert not again.is_lit and not again.is_double_sided
    assert again.metallic_texture is not None
    assert again.metallic_texture.wraps == ("clamp", "mirror")
    assert found.primitive.uvs is not None
    np.testing.assert_allclose(found.primitive.uvs[:, 0], UV)
