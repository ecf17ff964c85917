"""Putting cut-outs on grounds."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.importers.grounds import GROUNDS, Composite, Ground, compose, compositing, generator

SEEDS = range(6)


def cut_out(size: tuple[int, int] = (240, 240)) -> Image.Image:
    """Return a red disc with a hole, and a transparent border around it."""
    picture = Image.new("RGBA", size)
    draw = ImageDraw.Draw(picture)
    width, height = size
    draw.ellipse((20, 20, width - 20, height - 20), fill=(220, 30, 30, 255))
    draw.ellipse(
        (width * 0.4, height * 0.4, width * 0.6, height * 0.6),
        fill=(0, 0, 0, 0),
    )
    return picture


def composed(seed: int = 0, picture: Image.Image | None = None, **options: Any) -> Composite:
    return compose(picture or cut_out(), random=generator("a", seed=seed), **options)


def box(composite: Composite) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the object."""
    found = Image.fromarray(composite.mask).getbbox()
    assert found is not None
    return found


@pytest.mark.parametrize("kind", GROUNDS)
def test_the_object_is_red_where_the_mask_says_and_nowhere_else(kind: str) -> None:
    white = {kind: lambda random, width, height: Ground(pixels=np.ones((height, width, 3), "f4"))}
    for seed in SEEDS:
        made = composed(seed, grounds=white, kind=kind)
        pixels = np.asarray(made.picture, np.float32)
        red = pixels[..., 0] - pixels[..., 1] > 70
        expected = made.mask > 127
        assert made.mask.shape == (made.picture.height, made.picture.width)
        assert (red & expected).sum() / (red | expected).sum() > 0.97


@pytest.mark.parametrize("kind", GROUNDS)
def test_the_mask_is_the_cut_outs_alpha_scaled(kind: str) -> None:
    made = composed(kind=kind)
    left, top, right, bottom = box(made)
    alpha = cut_out().getchannel("A").crop((20, 20, 221, 221))
    expected = np.asarray(alpha.resize((right - left, bottom - top), Image.Resampling.LANCZOS))
    difference = np.abs(made.mask[top:bottom, left:right].astype(int) - expected)
    assert difference.mean() < 3, "the hole is a hole, and the edge is where it was"


@pytest.mark.parametrize("kind", GROUNDS)
def test_objects_fill_half_to_most_of_the_height_and_are_whole(kind: str) -> None:
    shares, centres = [], []
    for seed in SEEDS:
        made = composed(seed, kind=kind)
        left, top, right, bottom = box(made)
        width, height = made.picture.size
        shares.append((bottom - top) / height)
        centres.append((left + right) / 2 / width - 0.5)
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert all(0.54 <= share <= 0.92 for share in shares)
    assert max(map(abs, centres)) > 0.05, "not all are in the middle"
    assert max(map(abs, centres)) <= compositing.MAX_SHIFT + 0.01


def test_a_wide_object_fits_the_width() -> None:
    for seed in SEEDS:
        made = composed(seed, cut_out((900, 120)))
        left, _, right, _ = box(made)
        assert right - left <= made.picture.width * compositing.MAX_WIDTH + 1


def test_a_small_cut_out_is_hardly_enlarged() -> None:
    for seed in SEEDS:
        made = composed(seed, cut_out((100, 100)))
        left, _, right, _ = box(made)
        assert right - left <= 61 * compositing.MAX_ENLARGED


def test_frames_have_several_shapes() -> None:
    ratios = {
        round(made.picture.width / made.picture.height, 1) for made in map(composed, range(30))
    }
    assert ratios == {1.0, 1.3, 1.8}


@pytest.mark.parametrize("kind", GROUNDS)
def test_the_same_seed_gives_the_same_file(kind: str) -> None:
    first, second, other = (composed(seed, kind=kind) for seed in (1, 1, 2))
    assert first.file == second.file and np.array_equal(first.mask, second.mask)
    assert first.file != other.file
    assert Image.open(io.BytesIO(first.file)).format == "JPEG"


def test_the_kind_is_random_and_each_occurs() -> None:
    assert {composed(seed).kind for seed in range(60)} == set(GROUNDS)


def test_each_name_has_random_numbers_of_its_own() -> None:
    values = [generator(name, seed=seed).random() for name in ("a", "b") for seed in (0, 1)]
    assert len(set(values)) == 4
    assert generator("a").random() == values[0]


def test_an_object_on_a_floor_stands_on_it_and_darkens_it() -> None:
    def bright(random: np.random.Generator, width: int, height: int) -> Ground:
        return Ground(pixels=np.full((height, width, 3), 0.9, "f4"), horizon=0.6, vignette=False)

    for seed in SEEDS:
        made = composed(seed, grounds={"floor": bright})
        _, _, _, bottom = box(made)
        height = made.picture.height
        assert bottom / height > 0.65, "below the horizon"
        beside = np.where(made.mask > 0, 255, np.asarray(made.picture.convert("L"), np.int16))
        assert beside[bottom - 8 : bottom + 8].min() < 170, "its shadow"
        assert beside[: round(0.5 * height)].min() > 190, "no shadow on the wall"


def test_a_transparent_cut_out_is_refused() -> None:
    with pytest.raises(ValueError, match="transparent"):
        composed(0, Image.new("RGBA", (64, 64)))
