"""The options by which neighbours are found."""

import pytest

from components.model.neighbours import BOTH, Options, options_from_url
from components.shared.controls import DEFAULT_COUNT
from core.catalogue import Item
from core.descriptors import COMPACT
from tests.components.conftest import Url
from tests.components.map.test_map_data import catalogue_of


@pytest.mark.parametrize(
    ("asked", "expected", "changed"),
    [
        ({}, (COMPACT, DEFAULT_COUNT, None), 0),
        ({"by": "both", "k": "9", "within": "Food"}, (BOTH, 9, "Food"), 3),
        ({"category": "Food"}, (COMPACT, DEFAULT_COUNT, None), 0),
    ],
)
def test_options_are_those_of_the_url(
    url: Url, asked: dict[str, str], expected: tuple[str, int, str | None], changed: int
) -> None:
    catalogue = catalogue_of([Item(source_id="1", name="Pear", category="Food")])
    url |= asked

    options = options_from_url(catalogue)

    assert options == Options(*expected)
    assert options.changed == changed


def test_options_that_are_not_there_are_the_usual_ones(url: Url, warnings: list[str]) -> None:
    catalogue = catalogue_of([Item(source_id="1", name="Pear", category="Food")])
    url |= {"by": "magic", "k": "0", "within": "Tools"}

    assert options_from_url(catalogue).changed == 0
    assert len(warnings) == 3
