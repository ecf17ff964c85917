"""Tell which textures of a rendered 3D file are missing, or cannot be read."""

import os
from contextlib import suppress
from pathlib import PurePosixPath

from core.importers import folder
from core.importers.text import one_line, storable
from core.pictures import decoding
from core.pictures.errors import DamagedImage, ImageTooLarge, UnsupportedFormat
from core.rendering.extras import USD_SUFFIXES
from core.rendering.renderer import Rendering

# Files that a 3D file names besides its textures.
_NO_TEXTURES = (".mtl", ".bin", *USD_SUFFIXES)
# Those whose absence is said, and what they are.
_PARTS = ((".mtl", "material file"), (USD_SUFFIXES, "file"))


def missing_textures(rendering: Rendering, root: str) -> tuple[str, ...]:
    """Return the names of the textures that were not found below `root`, or cannot be read."""
    names = [
        _name(path)
        for path, state in sorted(rendering.files.items())
        if not path.lower().endswith(_NO_TEXTURES)
        and (not state or _is_unreadable(os.path.join(root, path)))
    ]
    # As a file names it: a texture may be within the file, or its name be in another case.
    known = {name.casefold() for name in names}
    others = map(_name, rendering.unreadable)
    return (*names, *(name for name in others if name.casefold() not in known))


def remark_on(rendering: Rendering) -> str:
    """Return what of a model cannot be shown, besides its textures; empty for nothing."""
    missing = [
        f"Its {what} {_name(path)} is missing."
        for path, state in rendering.files.items()
        for suffixes, what in _PARTS
        if not state and path.lower().endswith(suffixes)
    ]
    return " ".join([*missing, *([rendering.remark] if rendering.remark else [])])


def _name(path: str) -> str:
    return one_line(storable(PurePosixPath(path).name))


def _is_unreadable(path: str) -> bool:
    """Return whether a file should be a picture and is none."""
    if PurePosixPath(path).suffix.lower() not in folder.SUFFIXES:
        return False
    # A texture may be larger than the picture of an item.
    with suppress(OSError, ImageTooLarge):
        try:
            decoding.decode(folder.read_picture(path))
        except (UnsupportedFormat, DamagedImage):
            return True
    return False
