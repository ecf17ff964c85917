"""The solids of a scene."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.rendering.files import UnusableFileError
from core.rendering.mesh_parts import Part
from core.rendering.raytracer import Floats, Material, Solid


def solid_of(parts: list[Part]) -> Solid:
    """Return all parts as one solid around the origin."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for part in parts:
        shown = part.vertices
        if not part.is_cloud:
            shown = used_vertices(shown, part.faces)[0]
        low, high = np.minimum(low, shown.min(axis=0)), np.maximum(high, shown.max(axis=0))
    # Halves, because their sum or difference may be more than a number can be.
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    reach = half.max()
    if not reach > max(1e-300, 1e-12 * np.abs(middle).max()):
        raise UnusableFileError("All of it lies in one place, so that there is nothing to see.")
    reach *= np.linalg.norm(half / reach)
    has_normals = any(part.normals is not None for part in parts)
    has_uvs = any(part.uv is not None for part in parts)
    has_colours = any(part.colours is not None for part in parts)
    found: dict[str, list[Any]] = {name: [] for name in ("v", "f", "m", "n", "u", "c")}
    looks: dict[int, int] = {}
    materials: list[Material] = []
    start = 0
    for part in parts:
        vertices = ((part.vertices - middle) / reach).astype(np.float32)
        faces, normals, uv, colours = part.faces, part.normals, part.uv, part.colours
        if part.is_cloud:
            vertices, faces = beads_for_points(vertices)
            colours = None if colours is None else np.repeat(colours, len(_BEAD), axis=0)
        else:
            vertices, faces, (normals, uv, colours) = used_vertices(
                vertices, faces, normals, uv, colours
            )
        number = looks.setdefault(id(part.look), len(looks))
        if number == len(materials):
            materials.append(part.look.material())
        rows = len(vertices)
        found["v"].append(vertices)
        found["f"].append((faces + start).astype(np.int32))
        found["m"].append(np.full(len(faces), number, np.int32))
        # Of 6 million triangles, what no part has would take 650 MB to say.
        if has_normals:
            found["n"].append(np.zeros((rows, 3)) if normals is None else unit_directions(normals))
        if has_uvs:
            found["u"].append(np.zeros((rows, 2)) if uv is None else uv)
        if has_colours:
            if colours is None:
                colours = np.ones((rows, 4))
            elif part.look.alpha == "OPAQUE":
                colours = np.concatenate([colours[:, :3], np.ones((rows, 1))], axis=1)
            found["c"].append(colours)
        start += rows

    def joined(name: str) -> Floats | None:
        return np.concatenate(found[name]).astype(np.float32) if found[name] else None

    return Solid(
        vertices=np.concatenate(found["v"]),
        faces=np.concatenate(found["f"]),
        materials=materials,
        material_of=np.concatenate(found["m"]),
        normals=joined("n"),
        uvs=joined("u"),
        colours=joined("c"),
    )


def used_vertices(
    vertices: NDArray[Any], faces: NDArray[np.int64], *others: Any
) -> tuple[NDArray[Any], NDArray[np.int64], list[Any]]:
    """Return only the vertices that faces use: a stray one would make the rest small."""
    used = np.zeros(len(vertices), bool)
    used[faces.ravel()] = True
    if used.all():
        return vertices, faces, list(others)
    places = np.cumsum(used) - 1
    kept = [None if other is None else other[used] for other in others]
    return vertices[used], places[faces], kept


def unit_directions(vectors: NDArray[np.float64]) -> Floats:
    """Return vectors of length 1, or 0 where they have none."""
    most = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = vectors / np.where(most > 0, most, 1)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return (scaled / np.where(lengths > 0, lengths, 1)).astype(np.float32)


# An octahedron: what stands for a point.
_BEAD = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], np.float32)
_BEAD_FACES = np.array(
    [(x, y, z) for x in (0, 1) for y in (2, 3) for z in (4, 5)],
    np.int64,
)


def beads_for_points(points: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return a small octahedron for each point: they close up where points lie on a surface."""
    radius = float(np.clip(1.2 / np.sqrt(len(points)), 0.004, 0.06))
    vertices = (points[:, None] + radius * _BEAD).reshape(-1, 3)
    faces = (np.arange(len(points))[:, None, None] * len(_BEAD) + _BEAD_FACES).reshape(-1, 3)
    return vertices, faces
