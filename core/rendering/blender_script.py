"""Runs in Blender: exports the file that is open as binary glTF, and tells which files it uses.

Its arguments are the folder to write to, and the folder that the file may use files of.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import bpy

# What a picture shows, of objects and modifiers as they are rendered.
_OPTIONS = {
    "export_format": "GLB",
    "export_apply": True,
    "export_animations": False,
    "export_cameras": False,
    "export_lights": False,
    "use_renderable": True,
}


def main() -> None:
    """Export, and write down what was used and what is missing."""
    scratch, root = sys.argv[sys.argv.index("--") + 1 :]
    if importlib.util.find_spec("numpy") is None:
        _write(scratch, {"lacks_numpy": True})
        return
    if any(not os.path.isfile(_path_of(image)) for image in _images()):
        bpy.ops.file.find_missing_files(directory=root)
    used: list[str] = []
    missing: list[str] = []
    for collection, found in (
        (bpy.data.libraries, bpy.data.libraries),
        (bpy.data.images, _images()),
    ):
        for each in list(found):
            path = _path_of(each)
            if os.path.commonpath([root, path]) == root and os.path.isfile(path):
                used.append(path)
                continue
            missing.append(os.path.basename(path))
            collection.remove(each)
    operator = bpy.ops.export_scene.gltf
    # Versions differ in what they can leave out.
    known = operator.get_rna_type().properties.keys()
    options = {name: value for name, value in _OPTIONS.items() if name in known}
    operator(filepath=os.path.join(scratch, "model.glb"), **options)
    _write(scratch, {"files": used, "missing": missing})


def _write(scratch: str, used: dict[str, Any]) -> None:
    with open(os.path.join(scratch, "used.json"), "w") as file:
        json.dump(used, file)


def _images() -> Iterator[Any]:
    """Yield the pictures that are files of their own."""
    for image in bpy.data.images:
        is_file = image.source in ("FILE", "TILED") and image.filepath and not image.packed_files
        if is_file and image.users:
            yield image


def _path_of(data: Any) -> str:
    """Return the real path of a picture or a library."""
    path: str = bpy.path.abspath(data.filepath, library=getattr(data, "library", None))
    return os.path.realpath(path)


main()
