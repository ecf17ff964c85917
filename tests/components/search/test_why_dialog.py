"""What the highlighted parts of two pictures say, in plain words."""

import numpy as np
import pytest

from components.search.why_dialog import sentence
from core.pictures import WHOLE
from core.search.explain import Match, MatchMap


@pytest.mark.parametrize(
    ("places", "mirrored", "expected"),
    [
        (slice(0, 7), False, "They match almost everywhere; the brightest areas match best."),
        (slice(0, 1), False, "They match best in the bright areas."),
        (slice(0, 1), True, "Mirrored, they match best in the bright areas."),
        (slice(0, 0), True, "Mirrored, they have no matching part."),
    ],
)
def test_the_sentence_says_where_pictures_match(
    places: slice, mirrored: bool, expected: str
) -> None:
    everywhere = MatchMap(np.ones((7, 7)), WHOLE)
    cells = np.full((7, 7), -0.1)
    cells[places] = 1

    match = Match(0.5, everywhere, MatchMap(cells, WHOLE), mirrored=mirrored)

    assert sentence(match) == expected
