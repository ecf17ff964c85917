"""Grounds made of photographs."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.support.compositing import PHOTOGRAPHS, Photographs
from core.importers.grounds import GROUNDS, compose, generator


@pytest.fixture(scope="module")
def photographs() -> Photographs:
    """Return photographs of noise: blue ones of two shapes."""
    random = np.random.default_rng(0)
    pictures = []
    for size in ((300, 200, 3), (200, 400, 3)):
        pixels = random.integers(0, 256, size, np.uint8)
        pixels[..., :2] //= 4
        pictures.append(Image.fromarray(pixels))
    return Photographs(pictures)


def test_photographs_are_a_kind_beside_those_of_the_demo(photographs: Photographs) -> None:
    assert set(photographs.grounds()) == {*GROUNDS, "photograph"}


@pytest.mark.parametrize("size", [(320, 180), (240, 180), (180, 180), (90, 200)])
def test_a_part_of_a_photograph_fills_the_picture(
    photographs: Photographs, size: tuple[int, int]
) -> None:
    width, height = size
    for seed in range(8):
        ground = photographs.photograph(generator("a", seed=seed), width, height)
        assert ground.pixels.shape == (height, width, 3) and ground.pixels.dtype == np.float32
        assert ground.pixels.min() >= 0 and ground.pixels.max() <= 1
        means = ground.pixels.mean(axis=(0, 1))
        assert means[2] > 2 * means[0], "it is the photograph"


def test_an_environment_is_out_of_focus(photographs: Photographs) -> None:
    def sharpness(kind: str) -> float:
        make = photographs.grounds()[kind]
        grounds = [make(generator("a", seed=seed), 320, 180) for seed in range(8)]
        return float(np.mean([np.abs(np.diff(g.pixels, axis=1)).mean() for g in grounds]))

    assert sharpness("environment") < 0.2 * sharpness("photograph")


@pytest.mark.parametrize("kind", ["environment", "photograph"])
def test_the_same_seed_gives_the_same_picture(photographs: Photographs, kind: str) -> None:
    cut_out = Image.new("RGBA", (100, 100), "red")
    first, second, other = (
        compose(
            cut_out, random=generator("a", seed=seed), grounds=photographs.grounds(), kind=kind
        ).file
        for seed in (1, 1, 2)
    )
    assert first == second != other


def test_archives_are_named_with_what_is_in_them() -> None:
    assert all(len(archive.sha256) == 64 and names for archive, names in PHOTOGRAPHS.items())
    paths = [(archive.package, name) for archive, names in PHOTOGRAPHS.items() for name in names]
    assert len(set(paths)) == len(paths) >= 20
