"""Draws points as small shapes, which together look like the surface that the points lie on."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.rendering.raytracer import Float32Array

# How many neighbours tell how a surface lies at a point, and how far apart points are.
NEIGHBOURS = 10
# The size of a shape, as a share of the distance to the farthest of them: a smaller one leaves
# holes, a larger one hides details. In a scene two units wide it is within these bounds.
GROWTH = 1.0
SMALLEST, LARGEST = 0.004, 0.2
# The thickness of a shape, as a share of its length. Above the second it lies on no surface.
THINNEST, FLAT = 0.15, 0.6
# A point is a stray one if its neighbours are so many times farther away than those of nearly all.
STRAY, NEARLY_ALL = 10.0, 99.0

# An octahedron, and its faces, seen from outside.
_BEAD = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], np.float32)
_BEAD_FACES = np.array(
    [
        (x, y, z) if (x + y + z) % 2 == 0 else (x, z, y)
        for x in (0, 1)
        for y in (2, 3)
        for z in (4, 5)
    ],
    np.int64,
)
CORNERS = len(_BEAD)


@dataclass(frozen=True)
class Cloud:
    """Points, float (n, 3), which together look like a surface."""

    points: NDArray[Any]

    @cached_property
    def _neighbours(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The distances and numbers of the points that are nearest to each, itself the first."""
        count = min(NEIGHBOURS + 1, len(self.points))
        distances, numbers = cKDTree(self.points).query(self.points, count)
        return distances, numbers

    def strays(self) -> NDArray[np.bool_]:
        """Tell which points are far from all others: a scanner sees dust, and mirrors."""
        if len(self.points) <= NEIGHBOURS:
            return np.zeros(len(self.points), np.bool_)
        farthest = self._neighbours[0][:, -1]
        return np.asarray(farthest > STRAY * np.percentile(farthest, NEARLY_ALL))

    def shapes(
        self, normals: NDArray[np.float64] | None = None
    ) -> tuple[Float32Array, NDArray[np.int64], NDArray[np.float64] | None]:
        """Return vertices and faces of a shape for each point, and the normals of the vertices.

        Each is as large as the distance to its neighbours, and as flat or long as they lie.
        `normals` are those of the points, if they are known.
        """
        if len(self.points) <= NEIGHBOURS:
            return *beads(self.points), None
        distances, numbers = self._neighbours
        nearby = self.points[numbers].astype(np.float64)
        nearby -= nearby.mean(axis=1, keepdims=True)
        values, axes = np.linalg.eigh(np.einsum("nki,nkj->nij", nearby, nearby))
        # Otherwise some shapes would be turned inside out.
        axes[:, :, 0] *= np.sign(np.linalg.det(axes))[:, None]
        lengths = np.sqrt(values.clip(0))
        # The root, because a few neighbours look longer than the surface that they are from.
        shares = np.sqrt(lengths / lengths[:, 2:].clip(1e-30)).clip(THINNEST, 1)
        sizes = (GROWTH * distances[:, -1:]).clip(SMALLEST, LARGEST)
        corners = np.einsum("bk,nik,nk->nbi", _BEAD, axes, shares * sizes)
        if normals is None:
            normals = np.where(shares[:, :1] < FLAT, axes[:, :, 0], 0)
        vertices = (self.points[:, None] + corners).astype(np.float32).reshape(-1, 3)
        return vertices, _faces(len(self.points)), np.repeat(normals, CORNERS, axis=0)


def beads(
    points: NDArray[Any], radii: NDArray[np.float64] | None = None
) -> tuple[Float32Array, NDArray[np.int64]]:
    """Return vertices and faces of an octahedron for each point; without radii a small one."""
    size = np.full(len(points), 0.06) if radii is None else radii
    vertices = points[:, None] + size[:, None, None] * _BEAD
    return vertices.astype(np.float32).reshape(-1, 3), _faces(len(points))


def _faces(count: int) -> NDArray[np.int64]:
    """Return the faces of so many octahedra."""
    return (np.arange(count)[:, None, None] * CORNERS + _BEAD_FACES).reshape(-1, 3)
