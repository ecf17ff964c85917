"""Vectors scaled to length 1."""

import numpy as np
import pytest
from numpy.typing import DTypeLike

from core.linalg import unit_rows, unit_vector


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_and_vectors_are_scaled_to_length_one_and_keep_their_type(dtype: DTypeLike) -> None:
    rows = np.array([[3, 4], [0, 0], [0, -2]], dtype)
    unit = unit_rows(rows)
    assert unit.dtype == dtype
    expected_rows = np.array([[0.6, 0.8], [0, 0], [0, -1]], dtype)
    np.testing.assert_allclose(unit, expected_rows, rtol=1e-7)
    for row, expected in zip(rows, unit, strict=True):
        vector = unit_vector(row)
        assert vector.dtype == dtype
        np.testing.assert_allclose(vector, expected, rtol=1e-7)
    np.testing.assert_array_equal(rows, [[3, 4], [0, 0], [0, -2]])


def test_no_rows_stay_no_rows() -> None:
    assert unit_rows(np.empty((0, 7), np.float32)).shape == (0, 7)


def test_descriptors_get_the_bits_that_they_were_stored_with() -> None:
    """Vectors are compared with those of catalogues made before."""
    rows = np.random.default_rng(0).normal(size=(50, 300)).astype(np.float32)
    rows[7] = 0
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    expected = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    assert unit_rows(rows).tobytes() == expected.tobytes()
