"""A model as binary glTF for the viewer in the page."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.rendering.gltf import TooLargeError
from core.rendering.mesh_parts import TRIMESH, Appearance, Part, _readable
from core.rendering.scene_assembly import unit_directions

# In the model that a page turns, where it fills a screen.
TEXTURE_OF_MODEL = 2048


def export_glb(parts: list[Part], most: int) -> bytes:
    """Return the parts as binary glTF, at the size they have."""
    rows = sum(len(part.vertices) * 12 + len(part.faces) * 6 for part in parts)
    if rows > most:
        raise TooLargeError(most)
    scene = TRIMESH.Scene()
    made: dict[int, Any] = {}
    for part in parts:
        if part.is_cloud:
            shape: Any = TRIMESH.PointCloud(part.vertices, colors=part.colours)
        else:
            visual: Any = None
            if part.colours is not None and part.uv is None:
                visual = TRIMESH.visual.ColorVisuals(vertex_colors=_linear(part.colours))
            else:
                if id(part.look) not in made:
                    made[id(part.look)] = _pbr(part.look)
                visual = TRIMESH.visual.TextureVisuals(uv=part.uv, material=made[id(part.look)])
            shape = TRIMESH.Trimesh(
                part.vertices,
                part.faces,
                vertex_normals=None if part.normals is None else unit_directions(part.normals),
                visual=visual,
                process=False,
            )
        scene.add_geometry(shape)
    binary: bytes = scene.export(file_type="glb")
    if len(binary) > most:
        raise TooLargeError(most)
    return binary


def _linear(colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return a screen's colours as glTF has those of vertices."""
    light = colours.copy()
    light[:, :3] **= 2.2
    return cast(NDArray[np.uint8], (light * 255 + 0.5).astype(np.uint8))


def _pbr(look: Appearance) -> Any:
    """Return a material of glTF, matt and seen from both sides."""
    colour = np.array([look.colour], np.float64)
    blends = look.alpha == "BLEND" and (
        look.colour[3] < 1 or (look.texture is not None and look.texture.has_transparency_data)
    )
    return TRIMESH.visual.material.PBRMaterial(
        baseColorFactor=_linear(colour)[0],
        baseColorTexture=_readable(look.texture, TEXTURE_OF_MODEL),
        emissiveFactor=None if look.glow is None else np.array(look.glow) ** 2.2,
        emissiveTexture=_readable(look.glow_texture, TEXTURE_OF_MODEL),
        metallicFactor=0.0,
        roughnessFactor=0.8,
        alphaMode="BLEND" if blends else "MASK" if look.alpha == "MASK" else "OPAQUE",
        alphaCutoff=look.cutoff if look.alpha == "MASK" else None,
        doubleSided=True,
    )
