"""Textures lie on surfaces as the files say."""

import numpy as np
import pytest

from benchmarks.support.gltf_suite import FILES
from core.rendering.files import Files
from core.rendering.gltf import nodes, textures
from core.rendering.gltf.document import Document
from tests.core.rendering.gltf.support import document


@pytest.mark.parametrize(
    ("name", "wraps", "is_sharp"),
    [
        ("texture", ("repeat", "repeat"), False),
        ("texture clamped", ("clamp", "clamp"), False),
        ("texture mirrored", ("mirror", "mirror"), False),
        ("texture enlarged sharply", ("repeat", "repeat"), True),
    ],
)
def test_samplers_are_read(name: str, wraps: tuple[str, str], is_sharp: bool) -> None:
    found = next(nodes.read(Document.parse("glb", FILES[name](), Files("/", "/"))))

    texture = found.material.appearance.texture
    assert texture is not None
    assert (texture.wraps, texture.is_sharp) == (wraps, is_sharp)


def test_coordinates_are_turned_about_the_upper_left() -> None:
    found = Document.parse("glb", FILES["texture turned"](), Files("/", "/"))

    [placement] = next(nodes.read(found)).material.placements

    # A quarter to the left: what was at the right is at the top.
    turned = placement.apply(np.array([[0, 0], [1, 0], [0, 1]], float))
    np.testing.assert_allclose(turned, [[0, 1], [0, 2], [1, 1]], atol=1e-6)


def test_a_picture_that_cannot_be_read_is_no_texture() -> None:
    damaged = document(
        b"\x89PNG and no more",
        bufferViews=[{"buffer": 0, "byteLength": 15}],
        images=[{"bufferView": 0}, {"bufferView": 7}, {"uri": "none.png"}],
        textures=[{"source": 0}, {"source": 1}, {"source": 2}, {"source": 9}, {}],
    )

    for number in range(6):
        assert textures.read(damaged, {"index": number}) is None
    assert textures.read(damaged, None) is None
