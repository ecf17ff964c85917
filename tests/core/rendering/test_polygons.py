"""Polygons cut into triangles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rendering import polygons
from core.rendering.files import UnusableFileError
from core.rendering.polygons import triangulate


def cut(points: np.ndarray) -> np.ndarray:
    """Return the corners of the triangles of one polygon, float64 (m, 3, 3)."""
    count = len(points)
    places, owners = triangulate(points, np.arange(count), np.array([count]))
    assert not owners.any()
    return points[places]


def areas(triangles: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Return the areas of triangles, negative for those that face away from `normal`."""
    sides = triangles[:, 1:] - triangles[:, :1]
    return np.cross(sides[:, 0], sides[:, 1]) @ normal / 2


def ring(sizes: list[float]) -> np.ndarray:
    """Return a polygon around the origin, whose corners have distances from it: (n, 3)."""
    turn = np.arange(len(sizes)) * 2 * np.pi / len(sizes)
    flat = [np.cos(turn), np.sin(turn), 0 * turn]
    return np.stack(flat, axis=1) * np.array(sizes)[:, None]


def area(ring: np.ndarray) -> float:
    return float(np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)[2] / 2)


@given(
    st.lists(st.floats(0.05, 1), min_size=5, max_size=60),
    st.tuples(*[st.floats(-1, 1)] * 4),
    st.sampled_from([1e-6, 1, 1e9]),
)
def test_triangles_cover_the_polygon_once_and_face_as_it_does(
    sizes: list[float], turn: tuple[float, ...], scale: float
) -> None:
    flat = ring(sizes)
    # In any position in space.
    axes = np.linalg.qr(np.array([[*turn[:3]], [turn[3], 1, 0], [0, 2, 1]]) + np.eye(3) * 3)[0]
    axes *= np.linalg.det(axes)

    found = areas(cut((flat @ axes + 5) * scale), axes[2])

    assert found.min() > -1e-6 * scale**2
    assert found.sum() == pytest.approx(area(flat) * scale**2, rel=1e-4)


@pytest.mark.parametrize("start", range(4))
def test_a_concave_side_is_not_filled(start: int) -> None:
    arrow = np.array([[0, 0, 0], [2, -1, 0], [1, 0, 0], [2, 1, 0]], float)

    found = areas(cut(np.roll(arrow, start, axis=0)), np.array([0, 0, 1]))

    assert (found > 0).all() and found.sum() == pytest.approx(1)


def test_a_hole_that_a_slit_leads_to_stays_open() -> None:
    outside = [[0, 0, 0], [4, 0, 0], [4, 4, 0], [0, 4, 0], [0, 0, 0]]
    inside = [[1, 1, 0], [1, 3, 0], [3, 3, 0], [3, 1, 0], [1, 1, 0]]

    found = areas(cut(np.array([*outside, *inside], float)), np.array([0, 0, 1]))

    assert found.sum() == pytest.approx(12) and found.min() > -1e-9


def test_many_corners_take_no_time() -> None:
    points = ring([1.0, 0.5] * 1500)

    found = areas(cut(points), np.array([0, 0, 1]))

    assert len(found) == 2998 and found.sum() == pytest.approx(area(points))


def test_what_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polygons, "MAX_CORNERS", 100)

    assert len(cut(ring([1.0] * 1000))) == 998
    with pytest.raises(UnusableFileError, match="102 corners, more than 100"):
        cut(ring([1.0, 0.5] * 51))


def test_polygons_of_all_sizes_keep_their_order() -> None:
    points = ring([1.0] * 7)
    counts = np.array([3, 0, 5, 2, 4, 3, 3])
    corners = np.array([0, 1, 2, *range(5), 0, 1, *range(4), 0, 1, 99, -1, 0, 1])

    places, owners = triangulate(points, corners, counts)

    # The last two have a corner that is not there.
    assert owners.tolist() == [0, 2, 2, 2, 4, 4]
    assert places[0].tolist() == [0, 1, 2] and places.min() >= 0


@pytest.mark.parametrize(
    "points",
    [np.zeros((9, 3)), np.full((9, 3), np.nan), np.eye(3)[[0, 1] * 5] * 1e200,
     np.where(np.arange(30).reshape(10, 3) == 7, np.inf, 1.0)],
    ids=["one place", "NaN", "back and forth", "infinite"],
)  # fmt: skip
def test_shapes_without_an_inside_do_no_harm(points: np.ndarray) -> None:
    assert len(cut(points)) <= len(points)
