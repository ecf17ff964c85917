"""Reads STEP files through Open CASCADE, which turns their surfaces into triangles and glTF.

It comes with the package cascadio, which is not always installed, and is imported with the first
file in the process of that.
"""

import numpy as np

from core.rendering.extras import STEP_PACKAGE, installing
from core.rendering.files import Files, UnusableFileError
from core.rendering.gltf.document import Document
from core.rendering.mesh_parts import GREY, to_linear

# How far triangles may be from the surface, as a share of the length of its edges, and in radians.
_DISTANCE, _ANGLE = 0.05, 0.3


def read(data: bytes, files: Files) -> Document:
    """Return a file as glTF.

    Raises:
        UnusableFileError: it cannot be read.
    """
    try:
        import cascadio
    except ImportError as error:
        raise UnusableFileError(
            f"STEP files need the package {STEP_PACKAGE}. Run: {installing(STEP_PACKAGE)}"
        ) from error
    binary = cascadio.load(
        data,
        file_type="step",
        tol_linear=_DISTANCE,
        tol_angular=_ANGLE,
        tol_relative=True,
        use_parallel=False,
    )
    if not binary:
        raise UnusableFileError(
            "The file cannot be read: it is damaged, not STEP, or too detailed. "
            "Open it in a CAD program and export it as GLB or STL."
        )
    document = Document.parse("glb", binary, files)
    materials = document.tree.setdefault("materials", [])
    for material in materials:
        # What is stated is the colour, and glTF would take the rest for metal.
        material["pbrMetallicRoughness"] |= {"metallicFactor": 0}
        material["doubleSided"] = True
    grey = {"baseColorFactor": [*to_linear(np.array(GREY[:3])).tolist(), 1], "metallicFactor": 0}
    for mesh in document.tree.get("meshes") or []:
        for primitive in mesh["primitives"]:
            primitive.setdefault("material", len(materials))
    materials.append({"pbrMetallicRoughness": grey, "doubleSided": True})
    return document
