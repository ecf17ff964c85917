"""Pictures encoded as files: the same bytes as Pillow writes with its defaults."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.pictures import encoding


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (24, 37, 3), np.uint8)
    return Image.fromarray(noise).resize((370, 240), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def test_a_webp_is_encoded_with_the_default_method(photo: Image.Image) -> None:
    """Stored pictures, and with them digests, must not change."""
    assert encoding.webp(photo, quality=90) == saved(photo, "WEBP", quality=90)
    assert encoding.webp(photo, quality=80, method=2) == saved(photo, "WEBP", quality=80, method=2)


def test_a_jpeg_is_encoded_with_the_default_subsampling(photo: Image.Image) -> None:
    assert encoding.jpeg(photo, quality=85) == saved(photo, "JPEG", quality=85)
    full = encoding.jpeg(photo, quality=92, subsampling=0)
    assert full == saved(photo, "JPEG", quality=92, subsampling=0)
    assert len(full) > len(encoding.jpeg(photo, quality=92))


def test_a_png_is_encoded_with_the_default_compression_and_loses_nothing(
    photo: Image.Image,
) -> None:
    data = encoding.png(photo)
    assert data == saved(photo, "PNG")
    assert encoding.png(photo, compress_level=1) == saved(photo, "PNG", compress_level=1)
    with Image.open(io.BytesIO(data)) as decoded:
        np.testing.assert_array_equal(np.asarray(decoded), np.asarray(photo))
