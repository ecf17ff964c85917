"""What a lasso holds, told again in other ways: compared, weighed, wound round and mirrored."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.maps.lasso import Lasso

Place = tuple[float, float]

# Halves, so that places lie on the heights of corners too, and all sums of theirs are exact.
HALVES = st.integers(-24, 24).map(lambda number: number / 2)
PLACES = st.lists(st.tuples(HALVES, HALVES), min_size=1, max_size=40)
CORNERS = st.tuples(st.integers(-10, 10), st.integers(-10, 10))


def held(corners: Sequence[Place], places: Sequence[Place]) -> list[bool]:
    inside = Lasso("map", tuple(corners)).contains(np.array(places, np.float32).reshape(-1, 2))
    assert (inside.dtype, inside.shape) == (np.bool_, (len(places),))
    return inside.tolist()


def cross(a: Place, b: Place, place: Place) -> float:
    """Twice the area of a triangle: 0 where the place lies on the line from a to b."""
    return (b[0] - a[0]) * (place[1] - a[1]) - (b[1] - a[1]) * (place[0] - a[0])


def off_the_line(corners: Sequence[Place], places: Sequence[Place]) -> list[Place]:
    """Return the places that lie on no side of the polygon: on a line, in and out are one."""

    def on(place: Place, a: Place, b: Place) -> bool:
        return (
            cross(a, b, place) == 0
            and min(a[0], b[0]) <= place[0] <= max(a[0], b[0])
            and min(a[1], b[1]) <= place[1] <= max(a[1], b[1])
        )

    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    return [place for place in places if not any(on(place, a, b) for a, b in sides)]


def times_round(corners: Sequence[Place], place: Place) -> int:
    """Return how many times the polygon goes round a place: the sum of the angles it turns by."""
    turned = 0.0
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        ahead = (a[0] - place[0]) * (b[0] - place[0]) + (a[1] - place[1]) * (b[1] - place[1])
        turned += math.atan2(
            (a[0] - place[0]) * (b[1] - place[1]) - (a[1] - place[1]) * (b[0] - place[0]), ahead
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
def test_a_box_holds_what_lies_between_its_sides(
    left: float, bottom: float, width: float, height: float, turn: int, backwards: bool, seed: int
) -> None:
    right, top = left + width, bottom + height
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    corners = corners[turn:] + corners[:turn]
    places = np.random.default_rng(seed).uniform(-3, 3, (200, 2)).astype(np.float32)
    x, y = places.astype(np.float64).T
    expected = (left < x) & (x < right) & (bottom < y) & (y < top)
    assert held(corners[::-1] if backwards else corners, places.tolist()) == expected.tolist()


@given(corners=st.lists(CORNERS, min_size=3, max_size=3), places=PLACES)
def test_a_triangle_holds_what_its_corners_can_be_weighed_to(
    corners: list[Place], places: list[Place]
) -> None:
    """Inside, all barycentric coordinates are positive."""
    a, b, c = corners
    area = cross(a, b, c)
    places = off_the_line(corners, places)
    expected = [
        area != 0
        and all(part / area > 0 for part in (cross(b, c, at), cross(c, a, at), cross(a, b, at)))
        for at in places
    ]
    assert held(corners, places) == expected


@given(corners=st.lists(CORNERS, min_size=3, max_size=12), places=PLACES)
def test_a_lasso_that_crosses_itself_holds_what_it_goes_round_an_odd_number_of_times(
    corners: list[Place], places: list[Place]
) -> None:
    places = off_the_line(corners, places)
    assert held(corners, places) == [times_round(corners, at) % 2 == 1 for at in places]


def test_the_points_of_a_star_are_held_and_its_heart_is_not() -> None:
    turns = [math.pi / 2 + number * 4 * math.pi / 5 for number in range(5)]
    star = [(math.cos(turn), math.sin(turn)) for turn in turns]
    tips = [(0.8 * x, 0.8 * y) for x, y in star]
    between = [(-x, -y) for x, y in tips]
    assert held(star, [*tips, (0, 0), *between]) == [True] * 5 + [False] * 6


@given(
    corners=st.lists(CORNERS, min_size=3, max_size=10),
    places=PLACES,
    turn=st.integers(0, 9),
)
def test_which_corner_comes_first_and_which_way_round_does_not_matter(
    corners: list[Place], places: list[Place], turn: int
) -> None:
    places = off_the_line(corners, places)
    turn %= len(corners)
    first = held(corners, places)
    assert held(corners[turn:] + corners[:turn], places) == first
    assert held(corners[::-1], places) == first


@given(
    corners=st.lists(CORNERS, min_size=3, max_size=10), places=PLACES, far=st.integers(11, 10**9)
)
def test_nothing_far_outside_is_held_though_it_is_level_with_a_corner(
    corners: list[Place], places: list[Place], far: int
) -> None:
    level = [(side, y) for side in (-far, far) for _, y in corners]
    above = [(x, side) for side in (-far, far) for x, _ in corners]
    assert not any(held(corners, [*level, *above, (far, far), (-far, -far)]))


@given(corners=st.lists(CORNERS, min_size=3, max_size=3), places=PLACES)
def test_a_place_on_the_line_between_two_boxes_is_in_one_of_them(
    corners: list[Place], places: list[Place]
) -> None:
    """No model is lost between selections that touch, and none is in both."""
    xs, ys = {x for x, _ in corners}, {y for _, y in corners}
    assume(len(xs) == 3 and len(ys) == 3)
    (left, between, right), (bottom, _, top) = sorted(xs), sorted(ys)
    whole = [(left, bottom), (right, bottom), (right, top), (left, top)]
    one = [(left, bottom), (between, bottom), (between, top), (left, top)]
    other = [(between, bottom), (right, bottom), (right, top), (between, top)]
    places = [*places, *((between, y) for _, y in places)]
    for here, there, both in zip(
        held(one, places), held(other, places), held(whole, places), strict=True
    ):
        assert here + there == both


@pytest.mark.parametrize("corners", [[(1, 1), (1, 1), (1, 1)], [(0, 0), (1, 1), (2, 2)]])
def test_a_lasso_without_an_inside_holds_nothing(corners: list[Place]) -> None:
    assert not any(held(corners, [(0.5, 0.4), (0.4, 0.5), (3, 3), (-1, 1)]))


def test_a_map_without_models_has_none_inside() -> None:
    assert held([(0, 0), (1, 0), (1, 1)], []) == []
