"""The weights of the mask decoder that come with the app; its masks are in `test_segmentation`."""

from pathlib import Path

import numpy as np
import pytest

from core.vision import mask_decoder


def test_each_layer_has_its_kernel_and_its_biases() -> None:
    weights = mask_decoder.load()

    expected = dict(mask_decoder.SHAPES)
    expected |= {f"{name}_bias": shape[-1:] for name, shape in mask_decoder.SHAPES.items()}
    assert {name: array.shape for name, array in weights.items()} == expected
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in weights.values())


def test_other_weights_have_another_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Catalogues are indexed again when it changes, and only then."""
    digest = mask_decoder.digest.__wrapped__
    copy = tmp_path / "weights.npz"
    copy.write_bytes(mask_decoder.FILE.read_bytes())
    before = digest()

    monkeypatch.setattr(mask_decoder, "FILE", copy)
    assert digest() == before
    copy.write_bytes(copy.read_bytes() + b"x")
    assert digest() != before
