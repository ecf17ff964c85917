"""Reads the materials of meshes."""

import io
from typing import Any

import numpy as np
from PIL import Image
from trimesh.visual.material import SimpleMaterial

from core.rendering.files import Files
from core.rendering.mesh_parts import Appearance, MappedPicture


def appearance_of(material: Any, files: Files) -> Appearance:
    """Return the appearance that a material of trimesh describes."""
    if not isinstance(material, SimpleMaterial):
        return Appearance()
    red, green, blue, alpha = np.asarray(material.diffuse, np.float64) / 255
    options = material.kwargs
    with_alpha = _number(options.get("d"), 1 - _number(options.get("tr"), 1 - alpha))
    # Many programs write a black Kd next to a texture; those that show OBJ then ignore it.
    plain = (1.0, 1.0, 1.0) if material.image is not None else (red, green, blue)
    picture = _with_alpha_map(material.image, options.get("map_d"), files)
    mapped = None if picture is None else MappedPicture(picture)
    return Appearance((*plain, min(1.0, max(0.0, with_alpha))), mapped)


def _with_alpha_map(
    picture: Image.Image | None, name: list[str] | None, files: Files
) -> Image.Image | None:
    """Return a texture with the transparency that MTL stores in a separate picture."""
    if not name:
        return picture
    try:
        with Image.open(io.BytesIO(files.get(" ".join(name)))) as alpha_map:
            mask = (
                alpha_map.getchannel("A") if "A" in alpha_map.getbands() else alpha_map.convert("L")
            )
        base = picture or Image.new("RGB", mask.size, "white")
        result = base.convert("RGBA")
        result.putalpha(mask.resize(result.size))
        return result
    except Exception:
        # Deliberately every exception, as for a texture: it is treated as missing.
        return picture


def _number(words: Any, default: float) -> float:
    """Return the number at the end of a line of MTL."""
    try:
        value = float(words[-1])
    except (TypeError, ValueError, IndexError):
        return default
    return value if np.isfinite(value) else default
