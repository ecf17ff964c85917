"""Colours that differ where they touch, and a ramp that grows evenly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from components.map import palette

PLACES = arrays.arrays(
    np.float64, st.tuples(st.integers(0, 30), st.just(2)), elements=st.floats(-1, 1, width=16)
)


@given(places=PLACES)
def test_no_other_colour_would_have_been_farther_away(places: np.ndarray) -> None:
    chosen = palette.far_apart(places)

    assert len(chosen) == len(places)
    assert set(chosen) <= set(palette.COLOURS)
    for number, colour in enumerate(chosen):
        before = np.hypot(*(places[:number] - places[number]).T)
        nearest = {
            one: min(
                (float(far) for far, taken in zip(before, chosen, strict=False) if taken == one),
                default=np.inf,
            )
            for one in palette.COLOURS
        }
        assert nearest[colour] == max(nearest.values())


@given(places=PLACES.filter(lambda places: len(places) <= len(palette.COLOURS)))
def test_as_many_points_as_colours_get_one_each_even_if_they_coincide(places: np.ndarray) -> None:
    assert len(set(palette.far_apart(places))) == len(places)


def test_adjacent_clusters_never_share_a_colour() -> None:
    """On a lattice of ten by ten, points that touch, corners included, differ."""
    places = np.stack(list(np.mgrid[:10, :10]), axis=-1).reshape(-1, 2).astype(float)
    chosen = np.array(palette.far_apart(places)).reshape(10, 10)
    assert (chosen[1:] != chosen[:-1]).all()
    assert (chosen[:, 1:] != chosen[:, :-1]).all()


def test_the_largest_groups_get_colours_of_their_own_and_the_rest_are_grey() -> None:
    groups = [(f"Group {number:02}", 5 + number % 4) for number in range(14)]

    found = palette.assign(groups)

    assert list(found) == [name for name, _ in groups]
    largest = sorted(groups, key=lambda pair: (-pair[1], pair[0]))
    own = [found[name] for name, _ in largest[: len(palette.COLOURS)]]
    assert own == list(palette.COLOURS)
    assert {found[name] for name, _ in largest[len(palette.COLOURS) :]} == {palette.OTHER}


def test_a_few_groups_have_no_grey_and_no_groups_no_colours() -> None:
    assert palette.assign([("b", 1), ("a", 1)]) == {
        "b": palette.COLOURS[1],
        "a": palette.COLOURS[0],
    }
    assert palette.assign([]) == {}


def lightness(colour: str) -> float:
    """Return L* of an sRGB colour (CIE 1976)."""
    assert len(colour) == 7 and colour[0] == "#"
    levels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    y = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116 * np.cbrt(y) - 16 if y > 216 / 24389 else y * 24389 / 27


def test_the_lightness_of_the_ramp_grows_evenly_for_grey_prints_and_all_eyes() -> None:
    ramp = palette.ramp()
    assert len(ramp) == palette.SHADES
    steps = np.diff([lightness(colour) for colour in ramp])
    assert (steps > 0).all()
    assert steps.max() < 3 * steps.mean()
    assert lightness(ramp[-1]) - lightness(ramp[0]) > 50
