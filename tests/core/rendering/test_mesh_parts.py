"""The parts of a model: their colours and textures."""

import io

import numpy as np
import pytest
from PIL import Image

from core.rendering.mesh_parts import (
    Appearance,
    MappedPicture,
    Textures,
    reduced_picture,
    to_screen_colours,
)


def test_linear_light_becomes_screen_colours_whatever_a_file_says() -> None:
    found = to_screen_colours([0, 0.2, 1, 7, -1, np.nan, np.inf])

    assert found[1] == pytest.approx(0.2 ** (1 / 2.2))
    np.testing.assert_array_equal(found[[0, 2, 3, 4, 5, 6]], [0, 1, 1, 0, 0, 1])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "LA"])
def test_a_large_texture_is_made_smaller_in_proportion(mode: str) -> None:
    picture = Image.new("RGB", (300, 100), (204, 0, 0)).convert(mode)

    small = reduced_picture(picture, 30)

    assert small is not None and small.size == (30, 10)
    level = picture.convert("RGB").getpixel((0, 0))
    assert small.convert("RGB").getpixel((5, 5)) == level
    assert reduced_picture(picture, 300) is picture


def test_a_large_jpeg_can_be_made_smaller_to_several_sizes() -> None:
    file = io.BytesIO()
    Image.new("RGB", (256, 128), (204, 0, 0)).save(file, "JPEG")
    picture = Image.open(file)

    sizes = [small.size for side in (32, 64, 32) if (small := reduced_picture(picture, side))]

    assert sizes == [(32, 16), (64, 32), (32, 16)]


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_a_texture_of_16_bits_keeps_its_shades(mode: str) -> None:
    shades = np.arange(0, 65_536, 257, dtype=np.uint16).reshape(16, 16)
    picture = Image.fromarray(shades)

    found = reduced_picture(picture if mode == "I;16" else picture.convert(mode), 1024)

    assert found is not None
    np.testing.assert_array_equal(np.asarray(found).ravel(), np.arange(256))


def test_a_damaged_texture_is_treated_as_missing() -> None:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "PNG")
    damaged = Image.open(io.BytesIO(file.getvalue()[:500]))

    assert reduced_picture(damaged, 1024) is None
    assert Textures().get(MappedPicture(damaged), opaque=True) is None
    assert reduced_picture(None, 9) is None


def test_an_opaque_surface_is_seen_whatever_its_alpha() -> None:
    invisible = (1.0, 0.0, 0.0, 0.0)
    clear = Image.new("RGBA", (1, 1), (0, 0, 255, 0))

    assert not Appearance(invisible).is_visible
    opaque = Appearance(invisible, texture=MappedPicture(clear), alpha="OPAQUE")
    assert opaque.is_visible
    material = opaque.material(Textures())
    assert material.colour[3] == 1
    assert material.texture is not None and material.texture.texels[0].tolist() == [0, 0, 255, 255]
    masked = Appearance(alpha="MASK", cutoff=0.4).material(Textures())
    assert masked.cutoff == pytest.approx(0.4)
    assert Appearance(cutoff=0.4).material(Textures()).cutoff == 0


def test_textures_of_one_picture_share_their_texels() -> None:
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 128))
    textures = Textures()

    one = textures.get(MappedPicture(picture), opaque=True)
    other = textures.get(MappedPicture(picture, 1, ("clamp", "mirror"), True), opaque=True)
    clear = textures.get(MappedPicture(picture), opaque=False)

    assert one is not None and other is not None and clear is not None
    assert other.texels is one.texels
    assert (other.layer, other.wraps, other.is_sharp) == (1, ("clamp", "mirror"), True)
    assert (one.texels[0, 3], clear.texels[0, 3]) == (255, 128)
