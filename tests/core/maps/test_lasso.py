"""The points inside a lasso, checked against independent methods."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.maps.lasso import Lasso

Point = tuple[float, float]

# Halves, so that points lie on the heights of corners too, and all sums of theirs are exact.
HALVES = st.integers(-24, 24).map(lambda number: number / 2)
PLACES = st.lists(st.tuples(HALVES, HALVES), min_size=1, max_size=40)
CORNERS = st.tuples(st.integers(-10, 10), st.integers(-10, 10))


def contained(corners: Sequence[Point], points: Sequence[Point]) -> list[bool]:
    inside = Lasso("map", tuple(corners)).contains(np.array(points, np.float32).reshape(-1, 2))
    assert (inside.dtype, inside.shape) == (np.bool_, (len(points),))
    return inside.tolist()


def cross(a: Point, b: Point, point: Point) -> float:
    """Return twice the area of a triangle: 0 if the point is on the line from a to b."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def off_the_line(corners: Sequence[Point], points: Sequence[Point]) -> list[Point]:
    """Return the points that are not on an edge, where inside and outside are undefined."""

    def on(point: Point, a: Point, b: Point) -> bool:
        return (
            cross(a, b, point) == 0
            and min(a[0], b[0]) <= point[0] <= max(a[0], b[0])
            and min(a[1], b[1]) <= point[1] <= max(a[1], b[1])
        )

    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    return [point for point in points if not any(on(point, a, b) for a, b in sides)]


def winding_number(corners: Sequence[Point], point: Point) -> int:
    """Return the winding number of the polygon around a point, from the sum of angles."""
    turned = 0.0
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        ahead = (a[0] - point[0]) * (b[0] - point[0]) + (a[1] - point[1]) * (b[1] - point[1])
        turned += math.atan2(
            (a[0] - point[0]) * (b[1] - point[1]) - (a[1] - point[1]) * (b[0] - point[0]), ahead
        )
    return round(turned / (2 * math.pi))


@given(
    left=st.floats(-2, 2, width=32),
    bottom=st.floats(-2, 2, width=32),
    width=st.floats(0.001, 2),
    height=st.floats(0.001, 2),
    turn=st.integers(0, 3),
    backwards=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_box_contains_the_points_between_its_sides(
    left: float, bottom: float, width: float, height: float, turn: int, backwards: bool, seed: int
) -> None:
    right, top = left + width, bottom + height
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    corners = corners[turn:] + corners[:turn]
    points = np.random.default_rng(seed).uniform(-3, 3, (200, 2)).astype(np.float32)
    x, y = points.astype(np.float64).T
    expected = (left < x) & (x < right) & (bottom < y) & (y < top)
    assert contained(corners[::-1] if backwards else corners, points.tolist()) == expected.tolist()


@given(corners=st.lists(CORNERS, min_size=3, max_size=3), points=PLACES)
def test_triangle_contains_points_with_positive_barycentric_coordinates(
    corners: list[Point], points: list[Point]
) -> None:
    a, b, c = corners
    area = cross(a, b, c)
    points = off_the_line(corners, points)
    expected = [
        area != 0
        and all(part / area > 0 for part in (cross(b, c, at), cross(c, a, at), cross(a, b, at)))
        for at in points
    ]
    assert contained(corners, points) == expected


@given(corners=st.lists(CORNERS, min_size=3, max_size=12), points=PLACES)
def test_lasso_that_crosses_itself_contains_points_enclosed_an_odd_number_of_times(
    corners: list[Point], points: list[Point]
) -> None:
    points = off_the_line(corners, points)
    assert contained(corners, points) == [winding_number(corners, at) % 2 == 1 for at in points]


def test_tips_of_a_star_are_inside_and_its_centre_is_not() -> None:
    turns = [math.pi / 2 + number * 4 * math.pi / 5 for number in range(5)]
    star = [(math.cos(turn), math.sin(turn)) for turn in turns]
    tips = [(0.8 * x, 0.8 * y) for x, y in star]
    between = [(-x, -y) for x, y in tips]
    assert contained(star, [*tips, (0, 0), *between]) == [True] * 5 + [False] * 6


@given(
    corners=st.lists(CORNERS, min_size=3, max_size=10),
    points=PLACES,
    turn=st.integers(0, 9),
)
def test_first_corner_and_direction_do_not_matter(
    corners: list[Point], points: list[Point], turn: int
) -> None:
    points = off_the_line(corners, points)
    turn %= len(corners)
    first = contained(corners, points)
    assert contained(corners[turn:] + corners[:turn], points) == first
    assert contained(corners[::-1], points) == first


@given(
    corners=st.lists(CORNERS, min_size=3, max_size=10), points=PLACES, far=st.integers(11, 10**9)
)
def test_point_far_outside_level_with_a_corner_is_not_inside(
    corners: list[Point], points: list[Point], far: int
) -> None:
    level = [(side, y) for side in (-far, far) for _, y in corners]
    above = [(x, side) for side in (-far, far) for x, _ in corners]
    assert not any(contained(corners, [*level, *above, (far, far), (-far, -far)]))


@given(corners=st.lists(CORNERS, min_size=3, max_size=3), points=PLACES)
def test_point_on_the_line_between_two_boxes_is_in_exactly_one(
    corners: list[Point], points: list[Point]
) -> None:
    """No model is lost between adjacent selections, and none is in both."""
    xs, ys = {x for x, _ in corners}, {y for _, y in corners}
    assume(len(xs) == 3 and len(ys) == 3)
    (left, between, right), (bottom, _, top) = sorted(xs), sorted(ys)
    whole = [(left, bottom), (right, bottom), (right, top), (left, top)]
    one = [(left, bottom), (between, bottom), (between, top), (left, top)]
    other = [(between, bottom), (right, bottom), (right, top), (between, top)]
    points = [*points, *((between, y) for _, y in points)]
    for here, there, both in zip(
        contained(one, points), contained(other, points), contained(whole, points), strict=True
    ):
        assert here + there == both


@pytest.mark.parametrize("corners", [[(1, 1), (1, 1), (1, 1)], [(0, 0), (1, 1), (2, 2)]])
def test_lasso_without_an_area_contains_nothing(corners: list[Point]) -> None:
    assert not any(contained(corners, [(0.5, 0.4), (0.4, 0.5), (3, 3), (-1, 1)]))


def test_empty_map() -> None:
    assert contained([(0, 0), (1, 0), (1, 1)], []) == []
