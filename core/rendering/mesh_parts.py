"""The parts of a model as read from a file, and the appearance of their surfaces."""

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

from core.rendering.raytracer import Material, Texture

# Only parts of trimesh have type annotations.
TRIMESH: Any = trimesh
# The largest side of a texture: half of it is enough for a whole picture of the model.
MAX_TEXTURE_SIDE = 1024
GREY = (0.8, 0.8, 0.8, 1.0)


@dataclass
class Part:
    """A piece of a model at its position, with a single appearance.

    Attributes:
        vertices: float64 (n, 3).
        faces: the numbers of three vertices each: int64 (m, 3).
        appearance: of the surface.
        normals: float64 (n, 3), or None.
        uv: positions in the texture: float64 (n, 2), or None.
        colours: RGBA of the vertices, 0 to 1: float64 (n, 4), or None.
        is_cloud: whether it consists of points. Points have no faces; they are drawn as small
            shapes whose size depends on the whole model.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    appearance: "Appearance"
    normals: NDArray[np.float64] | None = None
    uv: NDArray[np.float64] | None = None
    colours: NDArray[np.float64] | None = None
    is_cloud: bool = False


@dataclass
class Appearance:
    """A material as the file describes it. Colours are screen colours, 0 to 1.

    Attributes:
        colour: RGBA, by which the texture is multiplied.
        texture: a picture, or None.
        alpha: "OPAQUE", "MASK" or "BLEND", as in glTF.
        cutoff: with "MASK", the alpha below which the surface has a hole.
        emissive: RGB of the light that the surface emits, or None.
        emissive_texture: a picture by which `emissive` is multiplied, or None.
    """

    colour: tuple[float, float, float, float] = GREY
    texture: Image.Image | None = None
    alpha: str = "BLEND"
    cutoff: float = 0.5
    emissive: tuple[float, float, float] | None = None
    emissive_texture: Image.Image | None = None
    _material: Material | None = field(default=None, init=False, repr=False)

    @property
    def is_visible(self) -> bool:
        """Whether any of it can be seen."""
        return self.alpha == "OPAQUE" or self.colour[3] > 0

    def material(self) -> Material:
        """Return the material for the ray tracer, which is built once."""
        if self._material is None:
            r, g, b, a = self.colour
            self._material = Material(
                colour=np.array([r, g, b, 1 if self.alpha == "OPAQUE" else a], np.float32),
                texture=read_texture(self.texture, opaque=self.alpha == "OPAQUE"),
                cutoff=self.cutoff if self.alpha == "MASK" else 0,
                emissive=None if self.emissive is None else np.array(self.emissive, np.float32),
                emissive_texture=read_texture(self.emissive_texture, opaque=True),
            )
        return self._material


def to_screen_colours(linear: Any) -> NDArray[np.float64]:
    """Return linear light as screen colours, 0 to 1, of the same shape.

    The factors and vertex colours of glTF are linear, its textures are not.
    """
    light = np.nan_to_num(np.asarray(linear, np.float64)).clip(0, 1)
    encoded: NDArray[np.float64] = light ** (1 / 2.2)
    return encoded


def read_texture(picture: Image.Image | None, *, opaque: bool) -> Texture | None:
    """Return a texture of at most `MAX_TEXTURE_SIDE` a side; None if it cannot be read."""
    small = reduced_picture(picture, MAX_TEXTURE_SIDE)
    if small is None:
        return None
    small = small.convert("RGB").convert("RGBA") if opaque else small.convert("RGBA")
    return Texture.of(small)


def reduced_picture(picture: Image.Image | None, side: int) -> Image.Image | None:
    """Return a picture with sides of at most `side` pixels; None if it cannot be read."""
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
        # Deliberately every exception: a damaged texture is treated as missing.
        return None
