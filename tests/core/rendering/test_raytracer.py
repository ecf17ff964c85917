"""What a ray sees; whole pictures are tested in `test_renderer`."""

import numpy as np
import pytest
from PIL import Image

from core.rendering.raytracer import Material, Mesh, Scene, Texture, View

WHITE = np.ones(4, np.float32)


def square(material: Material, **more: np.ndarray) -> Scene:
    """Return a square that faces the front."""
    corners = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    mesh = Mesh(
        vertices=corners,
        faces=faces,
        materials=[material],
        material_of=np.zeros(2, np.int32),
        **more,
    )
    return Scene(mesh)


def test_a_texture_repeats_and_is_read_from_the_lower_left() -> None:
    picture = Image.new("RGBA", (2, 2), "red")
    picture.putpixel((0, 1), (0, 0, 255, 255))
    texture = Texture.of(picture)
    uv = np.array([[0.25, 0.25], [0.25, 0.75], [1.25, -0.75], [-3.75, 5.75]], np.float32)

    found = texture.at(uv, np.zeros(4, np.float32))

    blue, red = [0, 0, 1, 1], [1, 0, 0, 1]
    np.testing.assert_allclose(found, [blue, red, blue, red], atol=1e-6)


def test_between_texels_and_from_afar_a_texture_is_averaged() -> None:
    picture = Image.new("RGBA", (64, 64), "black")
    picture.paste("white", (0, 0, 32, 64))
    texture = Texture.of(picture)
    uv = np.array([[0.5, 0.5], [0.3, 0.5], [0.3, 0.5]], np.float32)

    found = texture.at(uv, np.array([0, 0, 1], np.float32))[:, 0]

    np.testing.assert_allclose(found, [0.5, 1, 0.5], atol=0.01)


@pytest.mark.parametrize(("alpha", "seen"), [(0.2, None), (0.6, 255)])
def test_a_surface_with_a_cutoff_has_holes_and_is_opaque_otherwise(
    alpha: float, seen: int | None
) -> None:
    colour = np.array([1, 1, 1, alpha], np.float32)

    picture = square(Material(colour=colour, cutoff=0.5)).picture(
        View(azimuth=0, elevation=0), size=8
    )

    shown = None if picture is None else np.asarray(picture)[4, 4, 3]
    assert shown == seen


def test_light_of_its_own_is_seen_on_a_black_surface() -> None:
    black = np.array([0, 0, 0, 1], np.float32)
    view = View(azimuth=0, elevation=0)

    glowing = square(Material(colour=black, emissive=np.array([0, 1, 0], np.float32)))

    dark = square(Material(colour=black)).picture(view, size=8)
    lit = glowing.picture(view, size=8)
    assert dark is not None and dark.getpixel((4, 4)) == (0, 0, 0, 255)
    assert lit is not None and lit.getpixel((4, 4)) == (0, 255, 0, 255)


def test_colours_of_vertices_multiply_the_material() -> None:
    colours = np.tile(np.array([[1, 0, 0, 0.5]], np.float32), (4, 1))

    picture = square(Material(colour=WHITE), colours=colours).picture(
        View(azimuth=0, elevation=0), size=8
    )

    assert picture is not None
    red, green, blue, alpha = picture.getpixel((4, 4))  # type: ignore[misc]
    assert red > 100 and green == blue == 0
    assert alpha in (127, 128)
