"""The lines of an OBJ file as arrays."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.rendering.mesh_parts import in_shares, rgba
from core.rendering.text import columns, lines_of, name_of, references


@dataclass(frozen=True, slots=True)
class Elements:
    """Faces, lines or points.

    Attributes:
        corners: the numbers of a vertex, a position in textures, and a normal at each corner of
            each element: int64 (corners, 3), -1 for none.
        counts: the corners of each element: int64 (n,).
        materials: the place in `Shape.names` of each element's material: int64 (n,), -1 for none.
    """

    corners: NDArray[np.int64]
    counts: NDArray[np.int64]
    materials: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """What an OBJ file contains.

    Attributes:
        vertices: float64 (n, 3).
        colours: RGBA of the vertices, 0 to 1: float64 (n, 4), or None.
        uvs: positions in textures: float64 (m, 2).
        normals: float64 (k, 3).
        faces: polygons.
        lines: each of two points or more.
        points: each of one point or more.
        names: the materials.
        libraries: the rest of each line that names libraries.
    """

    vertices: NDArray[np.float64]
    colours: NDArray[np.float64] | None
    uvs: NDArray[np.float64]
    normals: NDArray[np.float64]
    faces: Elements
    lines: Elements
    points: Elements
    names: Sequence[str]
    libraries: Sequence[str]


class _Rows:
    """The lines of one kind of element, with what was there before each.

    Attributes:
        texts: the rest of each line.
        runs: the first line of each run, with the number of vertices, positions in textures and
            normals so far, and the material.
    """

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self.runs: list[tuple[int, tuple[int, int, int, int]]] = []

    def begin(self, state: tuple[int, int, int, int]) -> None:
        """Begin a run."""
        self.runs.append((len(self.texts), state))

    def elements(self, sizes: tuple[int, int, int]) -> Elements:
        """Return the elements, whose numbers may count backwards from what was there before."""
        numbers, counts = references(self.texts)
        lengths = np.diff([*(first for first, _ in self.runs), len(counts)])
        states = np.array([state for _, state in self.runs], np.int64).reshape(-1, 4)
        states = np.repeat(states, lengths, axis=0)
        before = np.repeat(states[:, :3], counts, axis=0)
        corners = np.where(numbers < 0, before + numbers, numbers - 1)
        corners[(corners < 0) | (corners >= sizes)] = -1
        return Elements(corners, counts, states[:, 3])


def parse(data: bytes) -> Shape:
    """Return what an OBJ file contains."""
    vertices: list[bytes] = []
    uvs: list[bytes] = []
    normals: list[bytes] = []
    faces, lines, points = _Rows(), _Rows(), _Rows()
    kinds = {
        b"v": vertices, b"vt": uvs, b"vn": normals, b"f": faces.texts, b"fo": faces.texts,
        b"l": lines.texts, b"p": points.texts,
    }  # fmt: skip
    elements = {b"f": faces, b"fo": faces, b"l": lines, b"p": points}
    names: dict[str, int] = {}
    libraries: list[str] = []
    painted: list[bytes] = []
    material = -1
    before = b""
    for line in lines_of(data):
        words = line.split(None, 1)
        if len(words) < 2:
            continue
        keyword, rest = words
        if keyword in kinds:
            if keyword != before and keyword in elements:
                state = (len(vertices), len(uvs), len(normals), material)
                elements[keyword].begin(state)
            kinds[keyword].append(rest)
        elif keyword == b"usemtl":
            material = names.setdefault(name_of(rest), len(names))
        elif keyword == b"mtllib":
            libraries.append(name_of(rest))
        elif keyword == b"#MRGB":
            painted.append(rest)
        before = keyword
    table = columns(vertices)
    sizes = (len(vertices), len(uvs), len(normals))
    return Shape(
        _rows(table, 3),
        _colours(table, b"".join(painted)),
        _rows(columns(uvs), 2, missing=0),
        np.nan_to_num(_rows(columns(normals), 3, missing=0), posinf=0, neginf=0),
        faces.elements(sizes),
        lines.elements(sizes),
        points.elements(sizes),
        list(names),
        libraries,
    )


def _rows(table: NDArray[np.float64], width: int, missing: float = np.nan) -> NDArray[np.float64]:
    """Return the first columns of a table, of which some may be missing."""
    rows = np.full((len(table), width), missing, np.float64)
    rows[:, : table.shape[1]] = table[:, :width]
    return rows


def _colours(table: NDArray[np.float64], painted: bytes) -> NDArray[np.float64] | None:
    """Return the colours of vertices as RGBA, or None.

    Args:
        table: x, y, z, r, g, b, and perhaps a; or x, y, z, w, r, g, b.
        painted: the colours as ZBrush writes them: eight hexadecimal digits each, the first two of
            which are no colour.
    """
    if table.shape[1] >= 6:
        found = table[:, 3:7]
        if table.shape[1] == 7 and (table[:, 3] == 1).all() and not (table[:, 6] == 1).all():
            found = table[:, 4:7]
        return rgba(in_shares(found[:, :3]), in_shares(found[:, 3]) if found.shape[1] > 3 else None)
    digits = re.sub(rb"[^0-9a-fA-F]", b"", painted)
    if len(table) and len(digits) >= 8 * len(table):
        painting = np.frombuffer(bytes.fromhex(digits[: 8 * len(table)].decode()), np.uint8)
        return rgba(painting.reshape(-1, 4)[:, 1:] / 255)
    return None
