"""The parts of 3D files that are made in memory."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.rendering.files import Files
from core.rendering.mesh_parts import Part
from core.rendering.obj.parts import read as read_obj
from core.rendering.ply.parts import read as read_ply
from core.rendering.stl import read as read_stl
from core.rendering.threemf.parts import read as read_3mf

_READERS = {".3mf": read_3mf, ".obj": read_obj, ".ply": read_ply, ".stl": read_stl}
CUBE = 24.0


def parts_of(folder: Path, made: Mapping[str, bytes | str]) -> list[Part]:
    """Write files, and return the parts of the first."""
    for name, data in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    first = folder / next(iter(made))
    files = Files(os.path.realpath(folder), os.path.realpath(first.parent), first.stem)
    return list(_READERS[first.suffix](first.read_bytes(), files))


def area(*parts: Part) -> float:
    """Return the area of the triangles of parts."""
    total = 0.0
    for part in parts:
        if part.corners == 3:
            sides = np.diff(part.vertices[part.faces], axis=1)
            total += np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1).sum() / 2
    return total


def colours(*parts: Part) -> set[tuple[float, ...]]:
    """Return the colours at the corners of parts, RGB of one decimal."""
    found = set()
    for part in parts:
        base = np.array(part.appearance.colour)
        used = np.unique(part.faces)
        own = np.ones((len(used), 4)) if part.colours is None else part.colours[used]
        found |= {tuple(map(float, each)) for each in (own * base)[:, :3].round(1)}
    return found


RED_AND_BLUE = {(1.0, 0.0, 0.0), (0.0, 0.0, 1.0)}
GREY_ONLY = {(0.8, 0.8, 0.8)}
