"""Writes a model as binary glTF for the viewer in the page."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.rendering.gltf import TooLargeError
from core.rendering.mesh_parts import TRIMESH, Appearance, Part, reduced_picture
from core.rendering.scene_assembly import unit_directions

# The largest side of a texture in the model that the viewer shows, where it can fill a screen.
MAX_TEXTURE_SIDE = 2048


def export_glb(parts: list[Part], max_bytes: int) -> bytes:
    """Return the parts as binary glTF, in their original size.

    Raises:
        TooLargeError: it would be larger than `max_bytes`.
    """
    least_bytes = sum(len(part.vertices) * 12 + len(part.faces) * 6 for part in parts)
    if least_bytes > max_bytes:
        raise TooLargeError(max_bytes)
    scene = TRIMESH.Scene()
    materials: dict[int, Any] = {}
    for part in parts:
        if part.is_cloud:
            shape: Any = TRIMESH.PointCloud(part.vertices, colors=part.colours)
        else:
            visual: Any = None
            if part.colours is not None and part.uv is None:
                visual = TRIMESH.visual.ColorVisuals(vertex_colors=_linear(part.colours))
            else:
                key = id(part.appearance)
                if key not in materials:
                    materials[key] = _pbr_material(part.appearance)
                visual = TRIMESH.visual.TextureVisuals(uv=part.uv, material=materials[key])
            shape = TRIMESH.Trimesh(
                part.vertices,
                part.faces,
                vertex_normals=None if part.normals is None else unit_directions(part.normals),
                visual=visual,
                process=False,
            )
        scene.add_geometry(shape)
    binary: bytes = scene.export(file_type="glb")
    if len(binary) > max_bytes:
        raise TooLargeError(max_bytes)
    return binary


def _linear(colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return screen colours, float64 RGBA 0 to 1, in linear light as glTF stores them: uint8."""
    linear = colours.copy()
    linear[:, :3] **= 2.2
    return cast(NDArray[np.uint8], (linear * 255 + 0.5).astype(np.uint8))


def _pbr_material(appearance: Appearance) -> Any:
    """Return a glTF material, matt and visible from both sides."""
    colour = np.array([appearance.colour], np.float64)
    blends = appearance.alpha == "BLEND" and (
        appearance.colour[3] < 1
        or (appearance.texture is not None and appearance.texture.has_transparency_data)
    )
    return TRIMESH.visual.material.PBRMaterial(
        baseColorFactor=_linear(colour)[0],
        baseColorTexture=reduced_picture(appearance.texture, MAX_TEXTURE_SIDE),
        emissiveFactor=None
        if appearance.emissive is None
        else np.array(appearance.emissive) ** 2.2,
        emissiveTexture=reduced_picture(appearance.emissive_texture, MAX_TEXTURE_SIDE),
        metallicFactor=0.0,
        roughnessFactor=0.8,
        alphaMode="BLEND" if blends else "MASK" if appearance.alpha == "MASK" else "OPAQUE",
        alphaCutoff=appearance.cutoff if appearance.alpha == "MASK" else None,
        doubleSided=True,
    )
