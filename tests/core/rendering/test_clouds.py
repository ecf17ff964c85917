"""Points that lie on a surface look like it."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.support.mesh_suite import XYZ, ply
from core.rendering.clouds import CORNERS, Cloud, beads
from core.rendering.renderer import Renderer
from tests.core.rendering.support import pixels

COUNT = 4000


def ball(count: int = COUNT) -> np.ndarray:
    points = np.random.default_rng(0).normal(size=(count, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_shapes_lie_as_the_surface_does_without_holes_between_them() -> None:
    vertices, faces, normals = Cloud(ball()).shapes()

    assert normals is not None
    outwards = vertices.reshape(COUNT, CORNERS, 3).mean(axis=1)
    along = np.abs((outwards * normals[::CORNERS]).sum(axis=1))
    assert np.median(along) > 0.99 and np.percentile(along, 2) > 0.9
    heights = np.linalg.norm(vertices, axis=1)
    assert heights.min() > 0.9 and heights.max() < 1.1
    assert faces.shape == (8 * COUNT, 3) and faces.max() == len(vertices) - 1


def test_points_along_a_line_stay_thin() -> None:
    line = np.linspace(-1, 1, 300)[:, None] * [1, 0, 0]

    vertices, _, normals = Cloud(line).shapes()

    assert np.abs(vertices[:, 1:]).max() < 0.02
    assert normals is not None


def test_normals_of_the_file_are_used() -> None:
    given = np.tile([0.0, 0.0, 1.0], (COUNT, 1))

    _, _, normals = Cloud(ball()).shapes(given)

    assert normals is not None and (normals == [0, 0, 1]).all()


def test_points_far_from_all_others_are_stray() -> None:
    cloud = np.concatenate([ball(), [[30, 0, 0], [0, -50, 0]]])

    assert np.flatnonzero(Cloud(cloud).strays()).tolist() == [COUNT, COUNT + 1]
    # What is thin in places is not.
    parts = np.concatenate([ball() * 0.02, ball(200)])
    assert not Cloud(parts).strays().any()


@pytest.mark.parametrize("count", [1, 8])
def test_a_few_points_are_small_beads(count: int) -> None:
    points = np.random.default_rng(0).random((count, 3))

    vertices, faces, normals = Cloud(points).shapes()

    assert normals is None and not Cloud(points).strays().any()
    np.testing.assert_allclose(vertices.reshape(count, CORNERS, 3).mean(axis=1), points, atol=1e-5)
    edges = np.sort(faces[:8][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2))
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all(), "each joins two faces"


@pytest.mark.parametrize("count", [1, COUNT])
def test_each_face_is_seen_from_outside(count: int) -> None:
    points = ball(count)

    vertices, faces, _ = Cloud(points).shapes()

    middles = points.repeat(8, axis=0)
    first, second, third = vertices[faces].swapaxes(0, 1) - middles
    outwards = np.cross(second - first, third - first) * (first + second + third)
    assert (outwards.sum(axis=1) > 0).all()


def test_beads_have_the_sizes_that_are_known() -> None:
    vertices, _ = beads(np.zeros((2, 3)), np.array([0.1, 0.2]))

    assert np.linalg.norm(vertices, axis=1).tolist() == pytest.approx([0.1] * 6 + [0.2] * 6)


def test_points_in_one_place_do_no_harm() -> None:
    vertices, _, _ = Cloud(np.repeat(ball(50), 40, axis=0)).shapes()

    assert np.isfinite(vertices).all()


@pytest.mark.slow
def test_a_cloud_is_seen_as_a_surface(renderer: Renderer, tmp_path: Path) -> None:
    dust = [[9.0, 9, 9], [-9, 20, 0]]
    rows: list[list[object]] = [list(each) for each in [*ball().tolist(), *dust]]
    (tmp_path / "a.ply").write_bytes(ply("ascii", {"vertex": (XYZ, rows)})["a.ply"])

    seen = pixels(renderer.render(tmp_path / "a.ply").picture)

    inside = np.hypot(*np.mgrid[-255.5:256, -255.5:256]) < 230
    assert (seen[inside][:, 3] == 255).all(), "no holes"
    light, dark = np.percentile(seen[inside][:, 0], [95, 5])
    assert light > 1.3 * dark, "it is shaded"
