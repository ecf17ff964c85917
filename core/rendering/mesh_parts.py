"""The parts of a mesh as read from a file, with their looks."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

from core.rendering.raytracer import Material, Texture

# Only a part of trimesh is annotated.
TRIMESH: Any = trimesh
# A texture's side: half of it is more than the whole picture's.
TEXTURE = 1024
GREY = (0.8, 0.8, 0.8, 1.0)


@dataclass
class Part:
    """A piece of a model in its place, all of one material."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    look: "Appearance"
    normals: NDArray[np.float64] | None = None
    uv: NDArray[np.float64] | None = None
    colours: NDArray[np.float64] | None = None
    # Points have no faces; what is drawn in their place depends on how large the whole is.
    is_cloud: bool = False


@dataclass
class Appearance:
    """A material as the file has it. Colours are those of a screen, 0 to 1."""

    colour: tuple[float, float, float, float] = GREY
    texture: Image.Image | None = None
    alpha: str = "BLEND"
    cutoff: float = 0.5
    glow: tuple[float, float, float] | None = None
    glow_texture: Image.Image | None = None
    known: Material | None = None

    @property
    def is_seen(self) -> bool:
        """Whether anything of it can be seen."""
        return self.alpha == "OPAQUE" or self.colour[3] > 0

    def material(self) -> Material:
        """Return what the picture needs of it, made once."""
        if self.known is None:
            r, g, b, a = self.colour
            self.known = Material(
                colour=np.array([r, g, b, 1 if self.alpha == "OPAQUE" else a], np.float32),
                texture=read_texture(self.texture, opaque=self.alpha == "OPAQUE"),
                cutoff=self.cutoff if self.alpha == "MASK" else 0,
                glow=None if self.glow is None else np.array(self.glow, np.float32),
                glow_texture=read_texture(self.glow_texture, opaque=True),
            )
        return self.known


def encode_texture(linear: Any) -> NDArray[np.float64]:
    """Return linear light as a screen's colours, which glTF's textures are and its factors not."""
    light = np.nan_to_num(np.asarray(linear, np.float64)).clip(0, 1)
    encoded: NDArray[np.float64] = light ** (1 / 2.2)
    return encoded


def read_texture(picture: Image.Image | None, *, opaque: bool) -> Texture | None:
    """Return a texture of at most `TEXTURE` a side; None where it cannot be read."""
    small = _readable(picture, TEXTURE)
    if small is None:
        return None
    small = small.convert("RGB").convert("RGBA") if opaque else small.convert("RGBA")
    return Texture.of(small)


def _readable(picture: Image.Image | None, side: int) -> Image.Image | None:
    """Return a picture with its sides at most `side`; None where it cannot be read."""
    if picture is None:
        return None
    try:
        if picture.format == "JPEG":
            picture.draft("RGB", (side, side))
        if max(picture.size) <= side:
            picture.load()
            return picture
        smaller = picture if picture.mode in ("L", "RGB", "RGBA") else picture.convert("RGBA")
        ratio = side / max(picture.size)
        size = tuple(max(1, round(length * ratio)) for length in picture.size)
        small = smaller.resize(cast(tuple[int, int], size), Image.Resampling.BOX)
        small.format = picture.format
        return small
    except Exception:
        # Deliberately all, as in `core.images`: a texture that is broken is as good as missing.
        return None
