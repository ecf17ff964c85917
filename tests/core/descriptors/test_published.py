"""The descriptor of 2016."""

import numpy as np

from core.descriptors import Published
from tests.core.descriptors.support import features


def test_published_is_the_last_block_scaled_to_length_1() -> None:
    seen = features(2)

    found = Published.vectors(seen)

    flat = seen.block5.reshape(2, -1).astype(np.float64)
    np.testing.assert_allclose(found, flat / np.linalg.norm(flat, axis=1)[:, np.newaxis], atol=1e-6)
