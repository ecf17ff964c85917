"""Activations, the fit of `compact` to a catalogue, and vectors.

The oracles are SciPy's interpolation and generalized eigenvectors, and scikit-learn's full PCA.
"""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator
from scipy.linalg import eigh
from sklearn.decomposition import PCA

from core.descriptors import (
    COMPACT,
    PUBLISHED,
    Compact,
    CompactFit,
    PictureKind,
    Published,
    domain_means,
    fitting,
)
from core.descriptors.activations import BLOCK5, activations, mirrored, pyramid
from core.descriptors.base import columns
from core.descriptors.fitting import DIMENSIONS, MIN_ITEMS_TO_FIT
from core.pictures import WHOLE, Box
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


# ---------------------------------------------------------------- activations


def test_each_block_is_a_square_root_of_its_own_length() -> None:
    seen = features(3)

    found = activations(seen, [WHOLE] * 3)

    assert found.shape == (3, ALL)
    for length, block, cells in (
        (BLOCK5, found[:, : ALL // 2], seen.block5),
        (1, found[:, ALL // 2 :], seen.block4),
    ):
        flat = cells.reshape(3, -1)
        np.testing.assert_allclose(
            (block / length) ** 2, flat / flat.sum(axis=1, keepdims=True), rtol=1e-4, atol=1e-9
        )


def test_a_picture_without_features_gives_zeros_not_nan() -> None:
    nothing = Features(np.zeros((1, *CELLS), np.float32), np.zeros((1, *CELLS), np.float32))

    assert not activations(nothing, [WHOLE]).any()


@settings(deadline=None, max_examples=30)
@given(
    edges=st.tuples(*[st.floats(0, 0.45)] * 2, *[st.floats(0.55, 1)] * 2),
)
def test_a_part_is_interpolated_linearly(edges: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = edges
    seen = features(1, seed=5)
    part = Box(left=left, top=top, right=right, bottom=bottom)

    found = activations(seen, [part])[0, : ALL // 2].reshape(CELLS)

    # The centres of seven cells within the part, on a grid of the centres of all cells.
    steps = (np.arange(7) + 0.5) / 7
    down = ((top + steps * (bottom - top)) * 7 - 0.5).clip(0, 6)
    across = ((left + steps * (right - left)) * 7 - 0.5).clip(0, 6)
    places = np.stack(np.meshgrid(down, across, indexing="ij"), axis=-1)
    expected = np.sqrt(RegularGridInterpolator([np.arange(7)] * 2, seen.block5[0])(places))
    np.testing.assert_allclose(found, BLOCK5 * expected / np.linalg.norm(expected), atol=1e-5)


def test_mirroring_mirrors_the_cells_and_twice_restores_them() -> None:
    seen = features(2)
    turned = Features(seen.block4[:, :, ::-1], seen.block5[:, :, ::-1])
    rows = activations(seen, [WHOLE] * 2)

    found = mirrored(rows)

    np.testing.assert_allclose(found, activations(turned, [WHOLE] * 2), rtol=1e-5)
    np.testing.assert_array_equal(mirrored(found), rows)


# ---------------------------------------------------------------- the fit


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    return rows(120, rank=90)


@pytest.fixture(scope="module")
def lines(photos: np.ndarray) -> np.ndarray:
    """Return drawings of the pictures that differ from them in a few directions only."""
    rng = np.random.default_rng(7)
    changes = rng.random((len(photos), 6)) @ rng.random((6, ALL))
    return (0.8 * photos + 0.002 * changes).astype(np.float32)


@pytest.fixture(scope="module")
def fit(photos: np.ndarray, lines: np.ndarray) -> CompactFit:
    return fitting.fit(photos, lines)


@pytest.mark.slow
def test_models_are_compared_along_the_principal_directions_of_their_pyramids(
    photos: np.ndarray, fit: CompactFit
) -> None:
    oracle = PCA(svd_solver="full").fit(pyramid(photos).astype(np.float64))
    varying = len(fit.pyramid_components)

    lengths = np.linalg.norm(fit.pyramid_components.astype(np.float64), axis=1)
    directions = fit.pyramid_components / lengths[:, np.newaxis]

    assert varying > 80
    cosines = np.abs((directions * oracle.components_[:varying]).sum(axis=1))
    assert np.median(cosines) > 0.999
    weights = (oracle.explained_variance_ / oracle.explained_variance_[0])[:varying] ** -0.15
    np.testing.assert_allclose(lengths, weights, rtol=5e-3)
    assert fit.items == 120


@pytest.mark.slow
def test_directions_between_pictures_and_drawings_are_weakened_as_in_discriminant_analysis(
    photos: np.ndarray, lines: np.ndarray, fit: CompactFit
) -> None:
    found = Compact("w", fit).vectors(photos)

    seen, drawn = (each - each.mean(axis=0) for each in (photos, lines))
    _, lengths, basis = np.linalg.svd(np.vstack([seen, drawn]).astype(np.float64), False)
    basis = basis[lengths**2 > 1e-6]
    seen, drawn = seen @ basis.T, drawn @ basis.T
    within = (seen - drawn).T @ (seen - drawn) / 240
    within += np.trace(within) / len(within) * np.eye(len(within))
    spreads, directions = eigh(seen.T @ seen + drawn.T @ drawn, within)
    kept = spreads > 1e-6
    oracle = seen @ (directions[:, kept] * (spreads[kept] / spreads.max()) ** -0.2)
    oracle /= np.linalg.norm(oracle, axis=1)[:, np.newaxis]
    np.testing.assert_allclose(found @ found.T, oracle @ oracle.T, atol=5e-3)


def test_a_pyramid_holds_cells_then_quarters_then_the_whole_of_each_block() -> None:
    (row,) = pyramid(activations(features(1), [WHOLE]))

    assert row.shape == (ALL + 2 * 5 * 512,)
    cells = features(1).block5[0].astype(np.float64)
    quarters = [cells[:4, :4], cells[:4, 3:], cells[3:, :4], cells[3:, 3:]]
    for start, parts in ((ALL, quarters), (ALL + 4 * 512, [cells])):
        expected = np.concatenate([np.sqrt(part.mean(axis=(0, 1))) for part in parts])
        found = row[start : start + expected.size]
        np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-5)


def test_stored_rows_hold_both_spaces(photos: np.ndarray, fit: CompactFit) -> None:
    compact = Compact("w", fit)

    stored = compact.stored(photos)

    width = stored.shape[1]
    pictures = stored[:, columns(COMPACT, "pictures", width)]
    models = stored[:, columns(COMPACT, "models", width)]
    assert pictures.shape == models.shape
    embedded = compact.vectors(photos)
    np.testing.assert_allclose(pictures[:, : embedded.shape[1]], embedded, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(models, axis=1), 1, atol=1e-5)
    assert not np.allclose(models @ models.T, pictures @ pictures.T, atol=0.01)
    assert columns(PUBLISHED, "models", 25088) == columns(PUBLISHED, "pictures", 25088)


def test_activations_may_come_in_half_precision(
    photos: np.ndarray, lines: np.ndarray, fit: CompactFit
) -> None:
    halved = fitting.fit(photos.astype(np.float16), lines.astype(np.float16))

    whole, half = Compact("w", fit).vectors(photos), Compact("w", halved).vectors(photos)

    np.testing.assert_allclose(half @ half.T, whole @ whole.T, atol=0.02)


@pytest.mark.slow
def test_vectors_have_at_most_512_dimensions() -> None:
    many = rows(DIMENSIONS + 40)

    learned = fitting.fit(many, many[::-1])

    assert learned.components.shape == (DIMENSIONS, ALL)
    assert learned.pyramid_components.shape == (DIMENSIONS, ALL + 2 * 5 * 512)


@pytest.mark.slow
def test_a_stored_fit_has_the_same_digest(
    photos: np.ndarray, lines: np.ndarray, fit: CompactFit
) -> None:
    again = fitting.fit(photos.copy(), lines.copy())

    assert Compact("w", CompactFit.of(fit.arrays())).fingerprint == Compact("w", fit).fingerprint
    assert again.digest() == fit.digest()
    assert fitting.fit(photos[1:], lines[1:]).digest() != fit.digest()


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


# ---------------------------------------------------------------- vectors


def test_each_is_centred_on_the_mean_of_its_domain(photos: np.ndarray, fit: CompactFit) -> None:
    """A picture has the nearer of two means, a model the catalogue's."""
    compact = Compact("w", fit)
    apart = photos[:5] - fit.photo_mean
    known = domain_means.load()
    means = [known.drawings, known.illustrations, known.photographs, *[fit.photo_mean] * 2]
    kinds: list[PictureKind] = ["drawing", "picture", "photograph", "picture", "model"]
    near = 0.1 * apart + np.stack(means)

    found = compact.vectors(near, kinds=kinds)

    told: list[PictureKind] = ["drawing", "picture", "picture", "picture", "model"]
    assert compact.kinds(near, told) == kinds
    np.testing.assert_allclose(found, compact.vectors(photos[:5]), atol=1e-3)
    flat = (apart + known.illustrations)[:1]
    assert not np.allclose(compact.vectors(flat), compact.vectors(flat, kinds=["picture"]))


def test_photographs_are_centred_on_their_own_pyramid_among_models(
    photos: np.ndarray, fit: CompactFit
) -> None:
    compact = Compact("w", fit)
    kinds: list[PictureKind] = ["photograph", "model"]

    photograph, model = compact.centred(photos[[0, 0]], space="models", kinds=kinds)

    apart = fit.pyramid_mean - domain_means.load().pyramid_of_photographs
    np.testing.assert_allclose(photograph - model, apart, atol=1e-6)


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


def test_computing_vectors_does_not_change_the_rows(photos: np.ndarray, fit: CompactFit) -> None:
    before = photos.copy()

    Compact("w", fit).vectors(photos, kinds=["drawing"] * len(photos))

    np.testing.assert_array_equal(photos, before)


def test_published_is_the_last_block_scaled_to_length_1() -> None:
    seen = features(2)

    found = Published.vectors(seen)

    flat = seen.block5.reshape(2, -1).astype(np.float64)
    np.testing.assert_allclose(found, flat / np.linalg.norm(flat, axis=1)[:, np.newaxis], atol=1e-6)
