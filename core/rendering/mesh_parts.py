"""The parts of a model as read from a file, and the appearance of their surfaces."""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.rendering.raytracer import Material, Texture, Wrap

# The largest side of a texture: half of it is enough for a whole picture of the model.
MAX_TEXTURE_SIDE = 1024
# What the clearest glass hides of what is behind it: there is no refraction to see it by, and a
# picture of nothing would help nobody.
LEAST_OPACITY = 0.25
GREY = (0.8, 0.8, 0.8, 1.0)
# Lines are too thin to be seen in grey.
DARK = (0.25, 0.25, 0.25, 1.0)
# The exponent that turns screen colours into linear light.
GAMMA = 2.2


@dataclass
class Part:
    """A piece of a model at its position, with a single appearance.

    Attributes:
        vertices: float64 (n, 3).
        faces: the numbers of the vertices of each triangle, line or point: int64 (m, 3), (m, 2)
            or (m, 1).
        appearance: of the surface.
        normals: float64 (n, 3), or None.
        uvs: positions in textures, from the lower left, in one or more layers: float64
            (n, layers, 2), or None.
        colours: RGBA of the vertices, 0 to 1: float64 (n, 4), or None.
        radii: the sizes of the vertices as points, in the units of the model: float64 (n,); None
            for points that together look like a surface.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    appearance: "Appearance"
    normals: NDArray[np.float64] | None = None
    uvs: NDArray[np.float64] | None = None
    colours: NDArray[np.float64] | None = None
    radii: NDArray[np.float64] | None = None

    @property
    def corners(self) -> int:
        """The corners of a face: 3 of a triangle, 2 of a line, 1 of a point.

        Lines and points have no extent of their own; they are drawn as small shapes whose size
        depends on the whole model.
        """
        return int(self.faces.shape[1])


@dataclass(frozen=True, eq=False, slots=True)
class MappedPicture:
    """A picture on a surface.

    Attributes:
        picture: it may not have been decoded yet.
        layer: which of the coordinates of a vertex place it.
        wraps: what is beyond the sides, and beyond top and bottom.
        is_sharp: whether its pixels have hard edges when they are enlarged.
    """

    picture: Image.Image
    layer: int = 0
    wraps: tuple[Wrap, Wrap] = ("repeat", "repeat")
    is_sharp: bool = False


class Textures:
    """The textures of a model, of which those of the same picture share their texels.

    Attributes:
        unreadable: the pictures that turned out to be damaged.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._made: dict[tuple[int, bool], Texture | None] = {}
        self.unreadable: list[Image.Image] = []

    def get(self, mapped: MappedPicture | None, *, opaque: bool) -> Texture | None:
        """Return a texture of at most `MAX_TEXTURE_SIDE` a side; None if it cannot be read."""
        if mapped is None:
            return None
        key = id(mapped.picture), opaque
        if key not in self._made:
            self._made[key] = _texture(mapped.picture, opaque=opaque)
            if self._made[key] is None:
                self.unreadable.append(mapped.picture)
        if (made := self._made[key]) is None:
            return None
        return replace(made, layer=mapped.layer, wraps=mapped.wraps, is_sharp=mapped.is_sharp)


def _texture(picture: Image.Image, *, opaque: bool) -> Texture | None:
    """Return the texture of a picture, made smaller if it is large; None if it cannot be read."""
    small = reduced_picture(picture, MAX_TEXTURE_SIDE)
    if small is None:
        return None
    return Texture.of(small.convert("RGB").convert("RGBA") if opaque else small.convert("RGBA"))


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
        metallic: how far it is metal, 0 to 1.
        roughness: of metal, 0 to 1.
        metallic_texture: its blue multiplies `metallic`, its green `roughness`; or None.
        transmission: the share of light that passes through, 0 to 1.
        is_lit: whether light makes a difference.
        is_double_sided: whether the backs of faces are visible.
    """

    colour: tuple[float, float, float, float] = GREY
    texture: MappedPicture | None = None
    alpha: str = "BLEND"
    cutoff: float = 0.5
    emissive: tuple[float, float, float] | None = None
    emissive_texture: MappedPicture | None = None
    metallic: float = 0.0
    roughness: float = 1.0
    metallic_texture: MappedPicture | None = None
    transmission: float = 0.0
    is_lit: bool = True
    is_double_sided: bool = True

    @property
    def is_visible(self) -> bool:
        """Whether any of it can be seen."""
        return self.alpha == "OPAQUE" or self.colour[3] > 0

    def material(self, textures: Textures) -> Material:
        """Return the material for the ray tracer, with its textures from those of the model."""
        r, g, b, a = self.colour
        is_opaque = self.alpha == "OPAQUE"
        return Material(
            colour=np.array([r, g, b, 1 if is_opaque else a], np.float32),
            texture=textures.get(self.texture, opaque=is_opaque),
            cutoff=self.cutoff if self.alpha == "MASK" else 0,
            emissive=None if self.emissive is None else np.array(self.emissive, np.float32),
            emissive_texture=textures.get(self.emissive_texture, opaque=True),
            metallic=self.metallic,
            roughness=self.roughness,
            metallic_texture=textures.get(self.metallic_texture, opaque=True),
            transmission=self.transmission * (1 - LEAST_OPACITY),
            is_lit=self.is_lit,
            is_double_sided=self.is_double_sided,
        )


def in_shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values from 0 to 1, to 255 or to 65,535 as values from 0 to 1."""
    largest = np.nanmax(values, initial=0, where=np.isfinite(values))
    return values / (1 if largest <= 1 else 255 if largest <= 255 else 65_535)


def rgba(rgb: NDArray[np.float64], alpha: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return colours with their opacity, 0 to 1: float64 (n, 4).

    What is not finite counts as 1, and so does opacity if nothing could be seen.
    """
    colours = np.ones((len(rgb), 4))
    colours[:, :3] = rgb
    if alpha is not None and np.nan_to_num(alpha).any():
        colours[:, 3] = alpha
    return np.where(np.isfinite(colours), colours, 1).clip(0, 1)


def painted(colours: NDArray[np.float64] | None) -> Appearance:
    """Return the appearance of what has colours, RGBA (n, 4), but no material."""
    if colours is None:
        return Appearance()
    return Appearance((1, 1, 1, 1), alpha="OPAQUE" if (colours[:, 3] == 1).all() else "BLEND")


def as_drawn(part: Part) -> Part:
    """Return a part; of lines, which have no side to be lit, dark ones if they have no colour."""
    if part.corners != 2:
        return part
    look = replace(part.appearance, is_lit=False)
    if look.colour == GREY and look.texture is None and part.colours is None:
        look.colour = DARK
    return replace(part, appearance=look, normals=None)


def placed(part: Part, matrix: NDArray[np.float64]) -> Part | None:
    """Return a part at its position, without what is not finite; None if nothing is visible."""
    vertices, normals, faces = part.vertices, part.normals, part.faces
    if not np.array_equal(matrix, np.eye(4)):
        vertices = vertices @ matrix[:3, :3].T + matrix[:3, 3]
        if normals is not None:
            # The cofactors turn normals as the inverse transpose does, and always exist.
            x, y, z = matrix[:3, :3]
            cofactors = np.stack([np.cross(y, z), np.cross(z, x), np.cross(x, y)])
            normals = normals @ cofactors.T
        if part.corners == 3 and np.linalg.det(matrix[:3, :3]) < 0:
            faces = faces[:, ::-1]  # A mirrored face keeps its front.
    finite = np.atleast_1d(np.isfinite(vertices).all(axis=1))
    is_valid = ((faces >= 0) & (faces < len(finite))).all(axis=1)
    faces = faces[is_valid]
    faces = faces[finite[faces].all(axis=1)]
    if not part.appearance.is_visible or not len(faces):
        return None
    return replace(part, vertices=vertices, normals=normals, faces=faces)


def to_screen_colours(linear: Any) -> NDArray[np.float64]:
    """Return linear light as screen colours, 0 to 1, of the same shape.

    The factors and vertex colours of glTF are linear, its textures are not.
    """
    light = np.nan_to_num(np.asarray(linear, np.float64)).clip(0, 1)
    encoded: NDArray[np.float64] = light ** (1 / GAMMA)
    return encoded


def to_linear(colours: Any) -> NDArray[np.float64]:
    """Return screen colours, 0 to 1, as linear light, of the same shape."""
    linear: NDArray[np.float64] = np.asarray(colours, np.float64) ** GAMMA
    return linear


def reduced_picture(picture: Image.Image | None, side: int) -> Image.Image | None:
    """Return a picture with sides of at most `side` pixels; None if it cannot be read."""
    if picture is None:
        return None
    try:
        if picture.mode[0] in "IF":
            return reduced_picture(_in_8_bits(picture), side)
        file = getattr(picture, "fp", None)
        if picture.format == "JPEG" and file is not None:
            # Opened once more, because a draft stays as small as it was first asked for.
            picture = Image.open(file)
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


def _in_8_bits(picture: Image.Image) -> Image.Image:
    """Return a picture of more than 8 bits of grey, which Pillow would cut off at 255."""
    values = np.nan_to_num(np.asarray(picture).astype(np.float64), posinf=0, neginf=0)
    shares = values / 65_535 if picture.mode.startswith("I;16") else in_shares(values)
    return Image.fromarray((shares.clip(0, 1) * 255 + 0.5).astype(np.uint8))
