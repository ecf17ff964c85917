"""A fit of `compact` to a catalogue, and its vectors.

The oracles are SciPy's generalized eigenvectors, and scikit-learn's full PCA.
"""

import numpy as np
import pytest
from scipy.linalg import eigh
from sklearn.decomposition import PCA

from core.descriptors import (
    COMPACT,
    PUBLISHED,
    Compact,
    CompactFit,
    PictureKind,
    domain_means,
    fitting,
)
from core.descriptors.activations import pyramid
from core.descriptors.base import columns
from tests.core.descriptors.support import ALL, rows

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
def test_a_stored_fit_has_the_same_digest(
    photos: np.ndarray, lines: np.ndarray, fit: CompactFit
) -> None:
    again = fitting.fit(photos.copy(), lines.copy())

    assert Compact("w", CompactFit.of(fit.arrays())).fingerprint == Compact("w", fit).fingerprint
    assert again.digest() == fit.digest()
    assert fitting.fit(photos[1:], lines[1:]).digest() != fit.digest()


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


def test_computing_vectors_does_not_change_the_rows(photos: np.ndarray, fit: CompactFit) -> None:
    before = photos.copy()

    Compact("w", fit).vectors(photos, kinds=["drawing"] * len(photos))

    np.testing.assert_array_equal(photos, before)
