"""The appearance of surfaces, as the materials of a glTF file describe it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.rendering.gltf import textures
from core.rendering.gltf.document import Document, InvalidGltfError, extension, number, numbers
from core.rendering.gltf.textures import Placement
from core.rendering.mesh_parts import Appearance, MappedPicture, to_screen_colours


@dataclass(frozen=True, slots=True)
class Material:
    """A material.

    Attributes:
        appearance: of a surface with it.
        placements: how its textures lie on the surface, by layer.
    """

    appearance: Appearance
    placements: tuple[Placement, ...]


class Materials:
    """The materials of a document, each read when it is first needed."""

    def __init__(self, document: Document) -> None:
        """Read from `document`."""
        self._document = document
        self._read: dict[Any, Material] = {}

    def get(self, place: Any) -> Material:
        """Return a material by its number; None stands for the default one."""
        if place not in self._read:
            try:
                entry = {} if place is None else self._document.entry("materials", place)
            except InvalidGltfError:
                entry = {}
            self._read[place] = _material(self._document, entry)
        return self._read[place]


def _material(document: Document, entry: Mapping[str, Any]) -> Material:
    """Return the material that an entry describes."""
    placements: list[Placement] = []

    def mapped(reference: Any) -> MappedPicture | None:
        """Return the picture of a texture, and add how it lies on the surface."""
        texture = textures.read(document, reference)
        if texture is None:
            return None
        if texture.placement not in placements:
            placements.append(texture.placement)
        return MappedPicture(
            texture.picture,
            placements.index(texture.placement),
            texture.wraps,
            texture.is_sharp,
        )

    surface = entry.get("pbrMetallicRoughness")
    surface = surface if isinstance(surface, dict) else {}
    alpha = entry.get("alphaMode")
    appearance = Appearance(
        alpha=alpha if alpha in ("MASK", "BLEND") else "OPAQUE",
        cutoff=number(entry.get("alphaCutoff"), 0.5),
        is_double_sided=entry.get("doubleSided") is True,
        is_lit=extension(entry, "KHR_materials_unlit") is None,
    )
    gloss = extension(entry, "KHR_materials_pbrSpecularGlossiness")
    if gloss is not None:
        appearance.colour = _colour(gloss.get("diffuseFactor"))
        appearance.texture = mapped(gloss.get("diffuseTexture"))
    else:
        appearance.colour = _colour(surface.get("baseColorFactor"))
        appearance.texture = mapped(surface.get("baseColorTexture"))
        appearance.metallic = _share(surface.get("metallicFactor"), 1.0)
        appearance.roughness = _share(surface.get("roughnessFactor"), 1.0)
        if appearance.metallic:
            appearance.metallic_texture = mapped(surface.get("metallicRoughnessTexture"))
    for name in ("normalTexture", "occlusionTexture"):
        # Only the viewer shows them, but one that cannot be read is named.
        textures.read(document, entry.get(name))
    strength = number(
        (extension(entry, "KHR_materials_emissive_strength") or {}).get("emissiveStrength"), 1.0
    )
    glow = [each * strength for each in numbers(entry.get("emissiveFactor"), (0.0, 0.0, 0.0))]
    if any(glow):
        red, green, blue = to_screen_colours(glow)
        appearance.emissive = (float(red), float(green), float(blue))
        appearance.emissive_texture = mapped(entry.get("emissiveTexture"))
    transmission = extension(entry, "KHR_materials_transmission")
    if transmission is not None:
        appearance.transmission = _share(transmission.get("transmissionFactor"), 0.0)
    return Material(appearance, tuple(placements))


def _colour(linear: Any) -> tuple[float, float, float, float]:
    """Return the screen colour of a factor, RGBA; white for an invalid one."""
    red, green, blue, alpha = numbers(linear, (1.0, 1.0, 1.0, 1.0))
    red, green, blue = (float(each) for each in to_screen_colours([red, green, blue]))
    return (red, green, blue, min(1.0, max(0.0, alpha)))


def _share(value: Any, default: float) -> float:
    """Return a number from 0 to 1, or else `default`."""
    return min(1.0, max(0.0, number(value, default)))
