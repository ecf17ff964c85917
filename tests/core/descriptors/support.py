"""Made-up features and activations."""

import numpy as np

from core.descriptors.activations import BLOCK5
from core.vision import Features

CELLS = (7, 7, 512)
ALL = 2 * 7 * 7 * 512


def features(count: int, *, seed: int = 0) -> Features:
    block4, block5 = np.random.default_rng(seed).random((2, count, *CELLS), np.float32)
    return Features(block4, block5)


def rows(count: int, *, seed: int = 0, rank: int = 1000) -> np.ndarray:
    """Return rows like those of `activations`: never negative, of length 1.2."""
    rng = np.random.default_rng(seed)
    mixed = rng.random((count, min(rank, count))) @ rng.random((min(rank, count), ALL))
    return (np.hypot(BLOCK5, 1) * mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(
        np.float32
    )
