"""Which way is up is guessed from how a model would stand."""

from typing import Any

import numpy as np
import pytest
import trimesh

from core.rendering.mesh_parts import Appearance, Part
from core.rendering.standing import up_axis
from core.viewpoints import Axis

Boxes = list[tuple[tuple[float, float, float], tuple[float, float, float]]]
# Sizes and centres of boxes, with y up and the front at z.
BULL: Boxes = [
    ((0.7, 0.8, 2.0), (0, 1.3, 0)),
    *(((0.2, 0.9, 0.2), (x, 0.45, z)) for x in (-0.25, 0.25) for z in (-0.85, 0.85)),
    ((0.5, 0.6, 0.6), (0, 1.7, 1.2)),
    ((0.9, 0.1, 0.1), (0, 2.0, 1.3)),
    ((0.1, 0.1, 0.8), (0, 1.6, -1.3)),
]
TABLE: Boxes = [
    ((1.6, 0.1, 0.9), (0, 0.75, 0)),
    *(((0.1, 0.7, 0.1), (x, 0.35, z)) for x in (-0.7, 0.7) for z in (-0.35, 0.35)),
]
LAMP: Boxes = [
    ((0.5, 0.1, 0.5), (0, 0.05, 0)),
    ((0.06, 1.2, 0.06), (0, 0.7, 0)),
    ((0.4, 0.3, 0.4), (0, 1.4, 0)),
]


def parts(mesh: Any, *, up: str = "y") -> list[Part]:
    vertices = np.array(mesh.vertices, np.float64)
    if up == "z":
        vertices = vertices @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    return [Part(vertices, np.array(mesh.faces, np.int64), Appearance())]


def built(boxes: Boxes) -> Any:
    return trimesh.util.concatenate(
        [trimesh.creation.box(size).apply_translation(centre) for size, centre in boxes]
    )


@pytest.mark.parametrize("boxes", [BULL, TABLE, LAMP], ids=["bull", "table", "lamp"])
@pytest.mark.parametrize("up", ["y", "z"])
def test_what_stands_one_way_only_is_told(boxes: Boxes, up: Axis) -> None:
    assert up_axis(parts(built(boxes), up=up), evidence=1.25) == up


def test_a_cloud_of_points_is_told_too() -> None:
    [bull] = parts(built(BULL).subdivide_to_size(0.1))
    cloud = Part(bull.vertices, np.arange(len(bull.vertices))[:, None], Appearance())

    assert up_axis([cloud], evidence=0.75) == "y"


@pytest.mark.parametrize(
    "mesh",
    [
        trimesh.creation.box((1, 1, 1)),
        trimesh.creation.icosphere(),
        trimesh.creation.box((3, 1, 1)),
    ],
    ids=["cube", "ball", "bar"],
)
def test_what_stands_as_well_either_way_is_not_guessed(mesh: trimesh.Trimesh) -> None:
    assert up_axis(parts(mesh), evidence=0.1) is None


@pytest.mark.parametrize(
    "vertices",
    [
        np.zeros((3, 3)),
        np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]]),
        np.array([[0, 0, 0], [1e308, 0, 0], [-1e308, 1e308, 0]]),
        np.array([[0, 0, 0], [1, 0, 0], [0, 1e-300, 0]]),
        np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]]),
    ],
    ids=["a point", "a line", "huge", "thin", "flat"],
)
def test_what_cannot_stand_is_not_guessed(vertices: np.ndarray) -> None:
    part = Part(vertices.astype(np.float64), np.array([[0, 1, 2]]), Appearance())

    assert up_axis([part], evidence=0.1) is None
