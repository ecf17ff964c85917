"""The picture of a 3D file shows what the viewer in the page shows."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from benchmarks import stills
from benchmarks.support import gltf_suite
from core.rendering.renderer import Renderer

# Right textures differ by up to .09, because the two are lit differently, and wrong ones by .3.
MAX_COLOUR = 0.12
# Metal mirrors its surroundings, which differ.
MAX_METAL_COLOUR = 0.2
MIN_SILHOUETTE = 0.95
NAMES = [
    "interleaved",
    "sparse without a view",
    "quantised",
    "vertex colours of 8 bits",
    "matrix",
    "mirrored open box",
    "instances",
    "hidden nodes",
    "skin on a stray node",
    "skin with a second set",
    "morph by its node",
    "texture scaled, turned and moved",
    "texture scaled unevenly and turned",
    "second coordinates by a transform",
    "texture mirrored",
    "KTX2 of ETC1S with alpha",
    "alpha mask",
    "open box from one side",
    "metal by a texture",
    "emissive texture",
    "specular and gloss, texture",
    "transmission",
    "Draco",
    "meshopt with filters",
]


@pytest.fixture(scope="module")
def viewer(browser: Browser) -> Iterator[stills.Viewer]:
    with stills.viewer(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_shows_what_the_viewer_shows(
    renderer: Renderer, viewer: stills.Viewer, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "a.glb"
    path.write_bytes(gltf_suite.FILES[name]())

    made = renderer.render(path)

    assert made.model is not None
    plain = gltf_suite.UNPACKED.get(name)
    shown = viewer.picture(gltf_suite.FILES[plain]() if plain else made.model)
    found = stills.compare(Image.open(io.BytesIO(made.picture)), shown)
    assert found.silhouette >= MIN_SILHOUETTE
    assert found.colour <= (MAX_METAL_COLOUR if "metal" in name else MAX_COLOUR)


def test_another_texture_or_shape_is_noticed(renderer: Renderer, tmp_path: Path) -> None:
    def picture(name: str) -> Image.Image:
        path = tmp_path / "a.glb"
        path.write_bytes(gltf_suite.FILES[name]())
        return Image.open(io.BytesIO(renderer.render(path).picture))

    assert stills.compare(picture("texture"), picture("texture moved")).colour > MAX_METAL_COLOUR
    assert stills.compare(picture("colour"), picture("mirrored")).silhouette < MIN_SILHOUETTE
