"""Fits to catalogues that are tiny, large, or of equal pictures."""

import numpy as np
import pytest

from core.descriptors import Compact, fitting
from core.descriptors.fitting import DIMENSIONS, MIN_ITEMS_TO_FIT
from tests.core.descriptors.support import ALL, rows


@pytest.mark.slow
def test_vectors_have_at_most_512_dimensions() -> None:
    many = rows(DIMENSIONS + 40)

    learned = fitting.fit(many, many[::-1])

    assert learned.components.shape == (DIMENSIONS, ALL)
    assert learned.pyramid_components.shape == (DIMENSIONS, ALL + 2 * 5 * 512)


@pytest.mark.parametrize("count", [1, 2, MIN_ITEMS_TO_FIT - 1])
def test_a_random_projection_of_few_pictures_preserves_cosines(count: int) -> None:
    few = rows(count)

    projected = fitting.fit(few, few)

    assert projected.items == 0
    compact = Compact("w", projected)
    found = compact.vectors(few)
    np.testing.assert_array_equal(compact.stored(few), np.hstack([found, found]))
    cosines = few @ few.T / np.square(few[0]).sum()
    assert np.abs(found @ found.T - cosines).max() < 0.2
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_identical_pictures_leave_nothing_to_fit() -> None:
    same = np.repeat(rows(1), MIN_ITEMS_TO_FIT + 6, axis=0).astype(np.float16)

    found = Compact("w", fitting.fit(same, same)).vectors(same)

    np.testing.assert_allclose(found @ found.T, 1, atol=1e-4)


def test_duplicate_pictures_do_no_harm() -> None:
    different = rows(40)
    pictures = np.concatenate([different, different])

    found = Compact("w", fitting.fit(pictures, pictures)).vectors(pictures)

    assert np.isfinite(found).all()
    np.testing.assert_allclose((found[:40] * found[40:]).sum(axis=1), 1, atol=1e-4)
