"""The means of pictures from outside that come with the app."""

from itertools import combinations

import numpy as np

from core.descriptors import domain_means
from core.descriptors.activations import BLOCK5
from tests.core.descriptors.support import ALL


def test_the_means_of_each_domain_are_plausible() -> None:
    known = domain_means.load()
    means = (known.drawings, known.illustrations, known.photographs)

    for mean in means:
        assert mean.shape == (ALL,)
        assert mean.dtype == np.float32
        assert mean.min() >= 0
        assert 0.3 < np.linalg.norm(mean) < np.hypot(BLOCK5, 1)
    for first, second in combinations(means, 2):
        assert not np.allclose(first, second, atol=1e-4)
