"""Joins the parts of a model into one mesh for the ray tracer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.linalg import F
from core.rendering.clouds import CORNERS, Cloud, beads
from core.rendering.files import UnusableFileError
from core.rendering.mesh_parts import Part, Textures
from core.rendering.raytracer import Float32Array, Material, Mesh


def build_mesh(parts: list[Part], textures: Textures) -> Mesh:
    """Return all parts as one mesh that fits into the unit sphere, with their textures.

    Raises:
        UnusableFileError: all vertices are in one place.
    """
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for part in parts:
        points = used_vertices(part.vertices, part.faces)[0]
        low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
    # Halved first, because a sum or difference may overflow.
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    radius = half.max()
    if not radius > max(1e-300, 1e-12 * np.abs(middle).max()):
        raise UnusableFileError("All points coincide, so there is nothing to see.")
    radius *= np.linalg.norm(half / radius)
    has_normals = any(part.normals is not None or part.corners == 1 for part in parts)
    layers = max((part.uvs.shape[1] for part in parts if part.uvs is not None), default=0)
    has_colours = any(part.colours is not None for part in parts)
    arrays: dict[str, list[Any]] = {name: [] for name in ("v", "f", "m", "n", "u", "c")}
    numbers: dict[int, int] = {}
    materials: list[Material] = []
    start = 0
    for part in parts:
        vertices = ((part.vertices - middle) / radius).astype(np.float32)
        faces, normals, uvs, colours = part.faces, part.normals, part.uvs, part.colours
        if part.corners == 1:
            places = faces[:, 0]
            if part.radii is not None:
                vertices, faces = beads(vertices[places], part.radii[places] / radius)
                normals = None
            else:
                known = None if normals is None else normals[places]
                vertices, faces, normals = Cloud(vertices[places]).shapes(known)
            colours = None if colours is None else np.repeat(colours[places], CORNERS, axis=0)
            uvs = None
        elif part.corners == 2:
            ends = faces.ravel()
            vertices, faces = bars_for_lines(vertices[ends].reshape(-1, 2, 3))
            colours = None if colours is None else np.repeat(colours[ends], 3, axis=0)
            normals = uvs = None
        else:
            vertices, faces, (normals, uvs, colours) = used_vertices(
                vertices, faces, normals, uvs, colours
            )
        number = numbers.setdefault(id(part.appearance), len(numbers))
        if number == len(materials):
            materials.append(part.appearance.material(textures))
        rows = len(vertices)
        arrays["v"].append(vertices)
        arrays["f"].append((faces + start).astype(np.int32))
        arrays["m"].append(np.full(len(faces), number, np.int32))
        # For 6 million triangles, arrays of defaults that no part needs would take 650 MB.
        if has_normals:
            arrays["n"].append(np.zeros((rows, 3)) if normals is None else unit_directions(normals))
        if layers:
            placed = np.zeros((rows, layers, 2), np.float32)
            if uvs is not None:
                placed[:, : uvs.shape[1]] = uvs
            arrays["u"].append(placed)
        if has_colours:
            if colours is None:
                colours = np.ones((rows, 4))
            elif part.appearance.alpha == "OPAQUE":
                colours = np.concatenate([colours[:, :3], np.ones((rows, 1))], axis=1)
            arrays["c"].append(colours)
        start += rows

    def joined(name: str) -> Float32Array | None:
        return np.concatenate(arrays[name]).astype(np.float32) if arrays[name] else None

    return Mesh(
        vertices=np.concatenate(arrays["v"]),
        faces=np.concatenate(arrays["f"]),
        materials=materials,
        material_of=np.concatenate(arrays["m"]),
        normals=joined("n"),
        uvs=joined("u"),
        colours=joined("c"),
    )


def used_vertices(
    vertices: NDArray[F], faces: NDArray[np.int64], *others: NDArray[np.float64] | None
) -> tuple[NDArray[F], NDArray[np.int64], list[NDArray[np.float64] | None]]:
    """Return only the vertices that faces use, because a stray one would make the rest small.

    Args:
        vertices: (n, 3).
        faces: int64 (m, corners).
        *others: arrays of a row per vertex, or None.

    Returns:
        The vertices, the renumbered faces, and the others, with the same rows left out.
    """
    used = np.zeros(len(vertices), bool)
    used[faces.ravel()] = True
    if used.all():
        return vertices, faces, list(others)
    new_numbers = np.cumsum(used) - 1
    kept = [None if other is None else other[used] for other in others]
    return vertices[used], new_numbers[faces], kept


def unit_directions(vectors: NDArray[np.float64]) -> Float32Array:
    """Return the vectors scaled to length 1, float32 (n, 3); vectors of zeros stay zeros."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = vectors / np.where(largest > 0, largest, 1)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return (scaled / np.where(lengths > 0, lengths, 1)).astype(np.float32)


# Half the width of a line, in a scene two units wide: a pixel and a half of 512.
LINE_RADIUS = 0.006
# The edges and sides of a bar with three sides, whose corners alternate between its ends.
_BAR_FACES = np.array(
    [
        face
        for one, other in ((0, 1), (1, 2), (2, 0))
        for face in ((one, other, 3 + one), (other, 3 + other, 3 + one))
    ],
    np.int64,
)


def bars_for_lines(ends: Float32Array) -> tuple[Float32Array, NDArray[np.int64]]:
    """Return vertices and faces of a thin bar for each line.

    Args:
        ends: float32 (n, 2, 3).

    Returns:
        Vertices, of which the first three of six are at the line's first end, and faces.
    """
    along = ends[:, 1] - ends[:, 0]
    # Any direction that is not the line's own.
    helper = np.eye(3, dtype=np.float32)[np.abs(along).argmin(axis=1)]
    side = unit_directions(np.cross(along, helper).astype(np.float64))
    up = unit_directions(np.cross(along, side).astype(np.float64))
    turns = np.arange(3) * (2 * np.pi / 3)
    around = LINE_RADIUS * (
        np.cos(turns)[:, None] * side[:, None] + np.sin(turns)[:, None] * up[:, None]
    )
    vertices = (ends[:, :, None] + around[:, None]).reshape(-1, 3).astype(np.float32)
    faces = (np.arange(len(ends))[:, None, None] * 6 + _BAR_FACES).reshape(-1, 3)
    return vertices, faces
