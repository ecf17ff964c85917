"""Activations; the oracle of parts is SciPy's interpolation."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from core.descriptors.activations import BLOCK5, activations, mirrored, pyramid
from core.pictures import WHOLE, Box
from core.vision import Features
from tests.core.descriptors.support import ALL, CELLS, features


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


def test_a_pyramid_holds_cells_then_quarters_then_the_whole_of_each_block() -> None:
    (row,) = pyramid(activations(features(1), [WHOLE]))

    assert row.shape == (ALL + 2 * 5 * 512,)
    cells = features(1).block5[0].astype(np.float64)
    quarters = [cells[:4, :4], cells[:4, 3:], cells[3:, :4], cells[3:, 3:]]
    for start, parts in ((ALL, quarters), (ALL + 4 * 512, [cells])):
        expected = np.concatenate([np.sqrt(part.mean(axis=(0, 1))) for part in parts])
        found = row[start : start + expected.size]
        np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-5)
