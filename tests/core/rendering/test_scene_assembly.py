"""Parts of any size and place become one mesh within the unit sphere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rendering.files import UnusableFileError
from core.rendering.mesh_parts import Appearance, Part, Textures
from core.rendering.scene_assembly import (
    build_mesh,
    unit_directions,
    used_vertices,
)

TRIANGLE = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0]], np.float64)
FACE = np.array([[0, 1, 2]])


def test_only_vertices_that_faces_use_are_kept_with_what_belongs_to_them() -> None:
    vertices = np.arange(15.0).reshape(5, 3)
    faces = np.array([[4, 1, 2], [2, 1, 4]])
    colours = np.arange(5.0) * 10

    kept, renumbered, (with_them, none) = used_vertices(vertices, faces, colours, None)

    np.testing.assert_array_equal(kept[renumbered], vertices[faces])
    assert with_them is not None and with_them.tolist() == [10, 20, 40]
    assert none is None


@given(st.floats(-140, 140), st.floats(-1e3, 1e3))
def test_a_mesh_fills_the_unit_sphere_whatever_its_size_and_place(
    exponent: float, offset: float
) -> None:
    vertices = (TRIANGLE + offset) * 10**exponent
    stray = np.vstack([vertices, vertices[:1] + 1e6 * 10**exponent])

    found = build_mesh([Part(stray, FACE, Appearance())], Textures())

    expected = (TRIANGLE - [0.5, 1, 0]) / np.hypot(0.5, 1)
    np.testing.assert_allclose(found.vertices, expected, atol=1e-5)


def test_parts_share_a_material_only_if_they_share_their_appearance() -> None:
    glass, wood = Appearance(), Appearance()
    parts = [
        Part(TRIANGLE + np.array([0, 0, z]), FACE, one)
        for z, one in enumerate((glass, wood, glass))
    ]
    parts[1].colours = np.full((3, 4), 0.5)

    found = build_mesh(parts, Textures())

    assert found.material_of.tolist() == [0, 1, 0]
    assert len(found.materials) == 2
    assert found.faces.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert found.normals is None and found.uvs is None
    assert found.colours is not None
    np.testing.assert_array_equal(found.colours[:, 0], [1, 1, 1, 0.5, 0.5, 0.5, 1, 1, 1])


def test_points_in_one_place_are_nothing_to_see() -> None:
    for place in (0.0, 5.0, 1e300):
        with pytest.raises(UnusableFileError, match="coincide"):
            build_mesh([Part(np.full((3, 3), place), FACE, Appearance())], Textures())


def test_directions_of_any_length_are_scaled_and_zeros_stay_zeros() -> None:
    vectors = np.array([[3, 4, 0], [0, 0, 0], [1e-300, 0, 0], [0, -1e300, 0]])

    found = unit_directions(vectors)

    expected = np.array([[0.6, 0.8, 0], [0, 0, 0], [1, 0, 0], [0, -1, 0]])
    np.testing.assert_allclose(found, expected, atol=1e-7)
