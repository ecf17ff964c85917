"""The surfaces, lines and points of an OBJ file."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.rendering.files import Files
from core.rendering.mesh_parts import Part, painted
from core.rendering.obj.elements import Elements, Shape, parse
from core.rendering.obj.materials import Material, Materials
from core.rendering.polygons import triangulate


def read(data: bytes, files: Files) -> Iterator[Part]:
    """Yield the parts of a file: for each material its surfaces, its lines, and its points.

    A file with nothing but vertices is a cloud of points.
    """
    shape = parse(data)
    materials = Materials(files, shape.libraries)
    kinds = {_triangles: shape.faces, _segments: shape.lines, _points: shape.points}
    if not any(len(elements.counts) for elements in kinds.values()):
        numbers = np.arange(len(shape.vertices)).reshape(-1, 1)
        yield Part(shape.vertices, numbers, painted(shape.colours), colours=shape.colours)
        return
    found = [*map(materials.get, shape.names), materials.get("")]
    # Names without a material are alike.
    places = {id(material): place for place, material in enumerate(found)}
    alike = np.array([places[id(material)] for material in found])
    for divide, elements in kinds.items():
        corners, which = divide(shape, elements)
        labels = alike[which]
        order = np.argsort(labels, kind="stable")
        present, starts = np.unique(labels[order], return_index=True)
        for place, rows in zip(present, np.split(order, starts[1:]), strict=False):
            yield _part(shape, corners[rows], found[place])


# Each returns the corners of faces, int64 (n, corners of one, 3), and the material of each.
_Divided = tuple[NDArray[np.int64], NDArray[np.int64]]


def _triangles(shape: Shape, elements: Elements) -> _Divided:
    """Return the triangles of polygons."""
    places, polygons = triangulate(shape.vertices, elements.corners[:, 0], elements.counts)
    return elements.corners[places], elements.materials[polygons]


def _segments(shape: Shape, elements: Elements) -> _Divided:
    """Return the segments of lines."""
    owners = np.repeat(np.arange(len(elements.counts)), elements.counts)
    starts = np.flatnonzero(owners[:-1] == owners[1:])
    ends = np.stack([elements.corners[starts], elements.corners[starts + 1]], axis=1)
    is_there = (ends[..., 0] >= 0).all(axis=1)
    return ends[is_there], elements.materials[owners[starts[is_there]]]


def _points(shape: Shape, elements: Elements) -> _Divided:
    """Return the points of points."""
    is_there = elements.corners[:, 0] >= 0
    materials = np.repeat(elements.materials, elements.counts)
    return elements.corners[is_there][:, None], materials[is_there]


def _part(shape: Shape, corners: NDArray[np.int64], material: Material | None) -> Part:
    """Return the faces of one material, given by their corners: int64 (n, corners of one, 3)."""
    colours = shape.colours
    appearance = painted(colours) if material is None else material.appearance
    if appearance.texture:
        colours = None  # Scanners write the same colours twice.
    placements = () if material is None else material.placements
    vertices, uvs, normals = corners.reshape(-1, 3).T
    has_uvs, has_normals = bool(placements) and (uvs >= 0).any(), (normals >= 0).any()
    keys = vertices
    for numbers, is_used in ((uvs, has_uvs), (normals, has_normals)):
        if is_used and not np.array_equal(numbers, vertices):
            size = int(numbers.max()) + 2
            if (int(keys.max()) + 1) * size >= 1 << 63:
                keys = np.unique(keys, return_inverse=True)[1]
            keys = keys * size + numbers + 1
    _, firsts, faces = np.unique(keys, return_index=True, return_inverse=True)
    part = Part(
        shape.vertices[vertices[firsts]],
        faces.reshape(corners.shape[:2]),
        appearance,
        colours=None if colours is None else colours[vertices[firsts]],
    )
    if has_uvs:
        at = _rows(shape.uvs, uvs[firsts])
        part.uvs = np.stack([placement.apply(at) for placement in placements], axis=1)
    if has_normals:
        part.normals = _rows(shape.normals, normals[firsts])
    return part


def _rows(table: NDArray[np.float64], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return rows of a table by number; zeros for -1."""
    rows = np.nan_to_num(table[numbers], posinf=0, neginf=0)
    rows[numbers < 0] = 0
    return rows
