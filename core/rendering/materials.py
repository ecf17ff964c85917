"""Materials of meshes as the ray tracer takes them."""

import io
from typing import Any

import numpy as np
from PIL import Image
from trimesh.visual.material import PBRMaterial, SimpleMaterial

from core.rendering.files import Files
from core.rendering.mesh_parts import Appearance, encode_texture


def appearance_of(material: Any, files: Files) -> Appearance:
    """Return what a material of trimesh looks like."""
    if isinstance(material, PBRMaterial):
        factor = material.baseColorFactor
        colour = np.ones(4) if factor is None else np.asarray(factor, np.float64).ravel() / 255
        look = Appearance(
            (*encode_texture(colour[:3]), float(colour[3])), material.baseColorTexture
        )
        look.alpha = material.alphaMode or "OPAQUE"
        look.cutoff = 0.5 if material.alphaCutoff is None else float(material.alphaCutoff)
        if material.emissiveFactor is not None and np.any(material.emissiveFactor):
            red, green, blue = encode_texture(material.emissiveFactor)
            look.glow, look.glow_texture = (red, green, blue), material.emissiveTexture
        return look
    if not isinstance(material, SimpleMaterial):
        return Appearance()
    red, green, blue, alpha = np.asarray(material.diffuse, np.float64) / 255
    told = material.kwargs
    with_alpha = _number(told.get("d"), 1 - _number(told.get("tr"), 1 - alpha))
    # Beside a texture, Kd is what many programs leave black; those that show OBJ leave it out.
    plain = (1.0, 1.0, 1.0) if material.image is not None else (red, green, blue)
    picture = _with_holes(material.image, told.get("map_d"), files)
    return Appearance((*plain, min(1.0, max(0.0, with_alpha))), picture)


def _with_holes(
    picture: Image.Image | None, name: list[str] | None, files: Files
) -> Image.Image | None:
    """Return a texture with the transparency that MTL keeps in another picture."""
    if not name:
        return picture
    try:
        with Image.open(io.BytesIO(files.get(" ".join(name)))) as told:
            mask = told.getchannel("A") if "A" in told.getbands() else told.convert("L")
        base = picture or Image.new("RGB", mask.size, "white")
        whole = base.convert("RGBA")
        whole.putalpha(mask.resize(whole.size))
        return whole
    except Exception:
        # Deliberately all, as for a texture: it is as good as missing.
        return picture


def _number(words: Any, otherwise: float) -> float:
    """Return the number that a line of MTL ends in."""
    try:
        value = float(words[-1])
    except (TypeError, ValueError, IndexError):
        return otherwise
    return value if np.isfinite(value) else otherwise
