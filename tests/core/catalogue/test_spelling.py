"""The words of a catalogue that are spelled nearly as a given one."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.spelling import Spelling

WORDS = st.text(alphabet="abcdé", min_size=3, max_size=7)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        pytest.param("elefant", "elephant", id="replaced and inserted"),
        pytest.param("bycicle", "bicycle", id="two replaced"),
        pytest.param("tabel", "table", id="swapped"),
        pytest.param("umbrela", "umbrella", id="one missing"),
        pytest.param("lammp", "lamp", id="one too many"),
    ],
)
def test_a_word_is_found_in_spite_of_mistakes(typed: str, word: str) -> None:
    spelling = Spelling({"elephant": 1, "bicycle": 2, "table": 1, "umbrella": 1, "lamp": 3})
    assert spelling.nearest(typed, within=2)[0] == word


def test_the_nearest_word_comes_first_and_then_the_most_frequent() -> None:
    spelling = Spelling({"carp": 1, "card": 5, "cards": 9, "cart": 1, "zebra": 7})
    assert spelling.nearest("carx", within=2) == ["card", "carp", "cart", "cards"]
    assert spelling.nearest("carx", within=1) == ["card", "carp", "cart"]
    assert spelling.nearest("card", within=1) == ["cards", "carp", "cart"]


@pytest.mark.parametrize("typed", ["", "ab", "c3po", "two words", "???", "x" * 1000])
def test_nothing_is_near_what_is_no_word(typed: str) -> None:
    assert Spelling({"abc": 1, "c3p": 1}).nearest(typed, within=2) == []
    assert Spelling({}).nearest("chair", within=2) == []


@given(st.lists(WORDS, unique=True, max_size=12), WORDS, st.integers(1, 3))
def test_distances_are_those_of_the_definition(words: list[str], typed: str, within: int) -> None:
    found = Spelling(dict.fromkeys(words, 1)).nearest(typed, within=within)
    near = [word for word in sorted(words) if 0 < distance(word, typed) <= within]
    assert found == sorted(near, key=lambda word: distance(word, typed))


@cache
def distance(one: str, other: str) -> int:
    """Return how many letters are to be inserted, deleted, replaced or swapped with the next."""
    if not one or not other:
        return len(one) + len(other)
    costs = [
        distance(one[1:], other[1:]) + (one[0] != other[0]),
        distance(one[1:], other) + 1,
        distance(one, other[1:]) + 1,
    ]
    if one[:2] == other[:2][::-1] and len(one) > 1 and len(other) > 1:
        costs.append(distance(one[2:], other[2:]) + 1)
    return min(costs)
