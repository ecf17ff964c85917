"""The weights that the tests of a file share."""

import pytest

from core.vision import weights
from core.vision.weights import Weights


@pytest.fixture(scope="module")
def trained() -> Weights:
    return weights.load()
