"""What is compared of a catalogue's pictures."""

import numpy as np
from PIL import Image

from core.descriptors import item_cutouts
from core.pictures import encoding
from core.vision.segmentation import Segmentation


def test_coverage_is_the_share_of_each_cell_that_a_mask_covers() -> None:
    mask = Image.new("L", (112, 112))
    mask.paste(255, (0, 0, 56, 28))

    found = item_cutouts.coverage(encoding.png(mask), 4)

    expected = np.zeros((4, 4))
    expected[0, :2] = 1
    np.testing.assert_allclose(found, expected, atol=0.01)
    half = item_cutouts.coverage(encoding.png(mask), 2)
    np.testing.assert_allclose(half, [[0.5, 0.0], [0.0, 0.0]], atol=0.01)
    assert found.dtype == np.float32


def test_an_empty_mask_is_not_stored() -> None:
    nothing = item_cutouts.stored(Segmentation(Image.new("L", (112, 112)), 0.1))
    mask = Image.new("L", (112, 112))
    mask.paste(255, (30, 30, 80, 80))
    sure = item_cutouts.stored(Segmentation(mask, 0.99))

    assert (nothing.basis, nothing.png) == ("whole", None)
    assert sure.basis == "mask" and sure.png is not None
    np.testing.assert_array_equal(
        item_cutouts.coverage(sure.png, 112), np.asarray(mask, np.float32) / 255
    )
