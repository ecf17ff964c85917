"""The kinds of grounds."""

import numpy as np
import pytest

from core.importers.grounds import GROUNDS, generator

SEEDS = range(6)


@pytest.mark.parametrize("kind", GROUNDS)
def test_a_ground_is_whole_and_within_bounds(kind: str) -> None:
    for seed in SEEDS:
        ground = GROUNDS[kind](generator("a", seed=seed), 321, 200)
        assert ground.pixels.shape == (200, 321, 3) and ground.pixels.dtype == np.float32
        assert ground.pixels.min() >= 0 and ground.pixels.max() <= 1


def test_only_a_plain_ground_is_of_one_colour() -> None:
    spread = {
        kind: min(
            np.ptp(make(generator("a", seed=seed), 320, 180).pixels, axis=(0, 1)).max()
            for seed in SEEDS
        )
        for kind, make in GROUNDS.items()
    }
    assert spread.pop("plain") == 0
    assert min(spread.values()) > 0.03
