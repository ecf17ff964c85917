"""USD: layers of text or binary, alone or in a package, read through the library OpenUSD.

    layers     which files a stage consists of, and its pictures
    materials  the appearance of surfaces
    shapes     spheres and others that are stated by their sizes
    parts      the meshes and shapes, each at its place

The library comes with the package usd-core, which is not always installed: the modules besides
this one can only be imported if it is.
"""

import importlib
import os
from collections.abc import Iterator

from core.rendering.extras import USD_PACKAGE, installing
from core.rendering.files import Files, UnusableFileError
from core.rendering.mesh_parts import Part

# Of the library, which reads them once: no other threads, and materials are bound as files of
# earlier versions do it.
_SETTINGS = {
    "PXR_WORK_THREAD_LIMIT": "1",
    "TF_ENV_SETTING_ALERTS_ENABLED": "0",
    "USD_SHADE_MATERIAL_BINDING_API_CHECK": "allowMissingAPI",
}


def read(path: str, files: Files) -> Iterator[Part]:
    """Yield the visible parts of the file at a real path, in metres, with y up.

    Raises:
        UnusableFileError: it cannot be read.
    """
    os.environ.update(_SETTINGS)
    try:
        importlib.import_module("pxr.Usd")
    except ImportError as error:
        raise UnusableFileError(
            f"USD files need the package {USD_PACKAGE}. Run: {installing(USD_PACKAGE)}"
        ) from error
    parts = importlib.import_module("core.rendering.usd.parts")
    yield from parts.read(path, files)
