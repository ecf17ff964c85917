"""Pictures on surfaces, and how the coordinates of a mesh place them."""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import core.rendering.ktx2  # noqa: F401
from core.rendering.gltf.document import Document, InvalidGltfError, extension, number, numbers
from core.rendering.raytracer import Wrap

WRAPS: Mapping[Any, Wrap] = {33071: "clamp", 33648: "mirror", 10497: "repeat"}
# Values of "magFilter": enlarged texels have hard edges, or run into each other.
NEAREST, LINEAR = 9728, 9729
# Extensions that name a picture of another format, the most compact first.
FORMATS = ("KHR_texture_basisu", "EXT_texture_avif", "EXT_texture_webp")


@dataclass(frozen=True, slots=True)
class Placement:
    """How a texture lies on a surface: which coordinates of a mesh, and a transform of them.

    Attributes:
        texcoord: the number of the coordinates, as in "TEXCOORD_0".
        matrix: the rows of the transform, applied to (u, v, 1), from the upper left.
    """

    texcoord: int
    matrix: tuple[tuple[float, float, float], tuple[float, float, float]]

    def apply(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return coordinates from the lower left, float64 (n, 2), of those of the mesh."""
        (a, b, c), (d, e, f) = self.matrix
        u, v = uv[:, 0], uv[:, 1]
        return np.stack([a * u + b * v + c, 1 - (d * u + e * v + f)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A picture as a material refers to it.

    Attributes:
        picture: not decoded yet; textures of the same picture share it.
        placement: how it lies on the surface.
        wraps: what is beyond the sides, and beyond top and bottom.
        is_sharp: whether its pixels have hard edges when they are enlarged.
    """

    picture: Image.Image
    placement: Placement
    wraps: tuple[Wrap, Wrap]
    is_sharp: bool


def read(document: Document, reference: Any) -> Texture | None:
    """Return the texture that a material refers to; None if it refers to none that can be read."""
    if not isinstance(reference, dict):
        return None
    try:
        texture = document.entry("textures", reference.get("index"))
    except InvalidGltfError:
        return None
    picture = _picture(document, texture)
    if picture is None:
        return None
    try:
        sampler = document.entry("samplers", texture.get("sampler"))
    except InvalidGltfError:
        sampler = {}
    return Texture(
        picture,
        _placement(reference),
        (WRAPS.get(sampler.get("wrapS"), "repeat"), WRAPS.get(sampler.get("wrapT"), "repeat")),
        is_sharp=sampler.get("magFilter") == NEAREST,
    )


def _picture(document: Document, texture: Mapping[str, Any]) -> Image.Image | None:
    """Return the picture of a texture, in the first format that can be read; or None."""
    named = [extension(texture, name) for name in FORMATS]
    sources = [entry.get("source") for entry in named if entry] + [texture.get("source")]
    pictures = (_opened(document, source) for source in sources if isinstance(source, int))
    return next((picture for picture in pictures if picture is not None), None)


def _opened(document: Document, place: int) -> Image.Image | None:
    """Return a picture of a document, which is opened once; None if it cannot be read."""
    if place not in document.pictures:
        try:
            data = _data(document, document.entry("images", place))
            document.pictures[place] = Image.open(io.BytesIO(data))
        except Exception as error:
            # Deliberately every exception: a picture from outside may be broken in any way, and
            # is treated as missing.
            document.pictures[place] = None
            document.files.note_unreadable(_name(document, place), error)
    return document.pictures[place]


def note_unreadable(document: Document, pictures: Collection[Image.Image]) -> None:
    """Note the names of those of some pictures that are of a document."""
    known = {id(picture): place for place, picture in document.pictures.items()}
    for picture in pictures:
        if id(picture) in known:
            document.files.note_unreadable(_name(document, known[id(picture)]))


def _name(document: Document, place: int) -> str:
    """Return the name of a picture; one in the file itself may have none but its number."""
    try:
        image = document.entry("images", place)
    except InvalidGltfError:
        image = {}
    uri, name = image.get("uri"), image.get("name")
    if isinstance(uri, str) and uri[:5].lower() != "data:":
        return uri
    return name if isinstance(name, str) and name.strip() else f"image {place + 1}"


def _data(document: Document, image: Mapping[str, Any]) -> bytes:
    """Return the bytes of a picture."""
    if "uri" in image:
        return document.load(image["uri"])
    return bytes(document.view(image.get("bufferView"))[0])


def _placement(reference: Mapping[str, Any]) -> Placement:
    """Return how a texture lies on a surface, with `KHR_texture_transform`."""
    transform = extension(reference, "KHR_texture_transform") or {}
    texcoord = transform.get("texCoord", reference.get("texCoord", 0))
    offset_u, offset_v = numbers(transform.get("offset"), (0.0, 0.0))
    scale_u, scale_v = numbers(transform.get("scale"), (1.0, 1.0))
    turn = number(transform.get("rotation"), 0.0)
    cosine, sine = float(np.cos(turn)), float(np.sin(turn))
    return Placement(
        texcoord if isinstance(texcoord, int) else 0,
        (
            (cosine * scale_u, sine * scale_v, offset_u),
            (-sine * scale_u, cosine * scale_v, offset_v),
        ),
    )
