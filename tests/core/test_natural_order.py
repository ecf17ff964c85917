"""Names with numbers are sorted as a person would."""

from hypothesis import given
from hypothesis import strategies as st

from core.natural_order import natural_key


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbers_in_names_sort_as_numbers(first: int, second: int) -> None:
    keys = natural_key(f"Chair {first}/a.png"), natural_key(f"chair {second}/a.png")
    assert (keys[0] < keys[1]) == (first < second) or first == second


def test_folders_come_before_what_only_begins_with_their_name() -> None:
    paths = ["chair 2/b.png", "chair 10/a.png", "Chair 2/a.png", "chair 2 red.png", "12", "7a", "7"]

    assert sorted(paths, key=natural_key) == [
        *("7", "7a", "12"),
        *("Chair 2/a.png", "chair 2/b.png", "chair 2 red.png", "chair 10/a.png"),
    ]


@given(st.lists(st.text("aA0123456789²/", max_size=12)))
def test_any_names_have_one_order(names: list[str]) -> None:
    """Numbers and text are never compared, and names that differ do not tie."""
    found = sorted(names, key=natural_key)

    assert sorted(reversed(names), key=natural_key) == found


def test_a_number_may_have_more_digits_than_python_reads() -> None:
    long = "9" * 5000

    assert natural_key(f"{long}8") < natural_key(f"{long}9")
    assert natural_key("007") < natural_key("8") < natural_key(long)
