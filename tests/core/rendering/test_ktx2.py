"""KTX2 textures are opened by Pillow."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from benchmarks.support.gltf_suite import BLUE, FILES, GREEN, RED, YELLOW
from core.rendering import ktx2
from core.rendering.files import Files
from core.rendering.gltf import nodes
from core.rendering.gltf.document import Document
from core.rendering.mesh_parts import reduced_picture


def picture(name: str) -> Image.Image:
    document = Document.parse("glb", FILES[name](), Files("/", "/"))
    texture = next(nodes.read(document)).material.appearance.texture
    assert texture is not None
    return texture.picture


def data(name: str) -> bytes:
    file = getattr(picture(name), "fp", None)
    assert file is not None
    file.seek(0)
    return file.read()


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("KTX2 of ETC1S with mipmaps", "RGB"),
        ("KTX2 of ETC1S with alpha", "RGBA"),
        ("KTX2 of UASTC", "RGB"),
    ],
)
def test_the_largest_picture_is_decoded(name: str, mode: str) -> None:
    found = picture(name)

    assert (found.format, found.mode, found.size) == (ktx2.Ktx2File.format, mode, (16, 16))
    pixels = np.asarray(found).astype(int)
    quarters = pixels[4::8, 4::8].reshape(4, -1)
    np.testing.assert_allclose(quarters[:, :3], [RED, GREEN, BLUE, YELLOW], atol=4)
    if mode == "RGBA":
        assert quarters[:, 3].tolist() == [255, 0, 255, 255]


def test_a_damaged_texture_is_not_opened() -> None:
    whole = data("KTX2 of UASTC")

    for damaged in (whole[:12], whole[:60], whole[:44] + bytes(36) + whole[80:]):
        with pytest.raises(UnidentifiedImageError):
            Image.open(io.BytesIO(damaged))
    # Only what is in it is known when it is decoded.
    cut = bytearray(whole)
    cut[-60:] = bytes(60)
    assert reduced_picture(Image.open(io.BytesIO(cut)), 64) is None


def test_a_texture_that_is_too_large_is_not_decoded() -> None:
    whole = data("KTX2 of UASTC")
    sides = struct.pack("<II", 16_384, 16_384)

    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(whole[:20] + sides + whole[28:]))
