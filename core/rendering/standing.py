"""Guesses which axis of a model points up, by how it would stand on either.

Things rest on a base that is as wide as they are, or at least on feet between which is their centre
of gravity, and their left is like their right rather than their top like their bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError, cKDTree

from core.rendering.mesh_parts import Part
from core.viewpoints import Axis

_NUMBERS: dict[Axis, int] = {"y": 1, "z": 2}

# What each of these counts, so that the evidence is about the logarithm of the odds: how much of
# its outline a model touches the ground with, whether it stands, and how far its top is from being
# like its bottom, as a share of its size. Fitted to the 485 models of two libraries of the
# furniture demo. Of the 335 of the others, as STL with either axis up, an evidence of 1.25 told
# 52 % rightly and 3 % wrongly; of 344 of FlightGear's scenery, 40 % and 1 %; of 172 parts of
# robots, which do not stand, 6 % wrongly.
BASE, STANDS, UNLIKE = 2.0, 0.75, 10.0
# The points that a model is judged by at most, on its surface and of its corners; the triangles
# that make up the surface; and how near to an end points belong to it, as a share.
SAMPLE, CORNERS, TRIANGLES = 3000, 20_000, 200_000
END = 0.02
# How far a point may be from its mirror image, as a share of the size, and count.
FARTHEST = 0.2


def up_axis(parts: Sequence[Part], evidence: float) -> Axis | None:
    """Return the axis that points up by the shape; None without so much more evidence for one."""
    spread, ends = _spread(parts), _ends(parts)
    points = np.concatenate([spread, ends])
    if len(points) < 4 or not np.isfinite(points).all():
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    with np.errstate(all="ignore"):
        size = np.linalg.norm(high - low)
    if not 0 < size < np.inf:
        return None
    model = _Model((spread - low) / size, (ends - low) / size)
    by_y, by_z = model.standing("y"), model.standing("z")
    # What is as flat as paper lies on the ground, or hangs on a wall.
    if by_y is None or by_z is None or abs(by_y - by_z) <= evidence:
        return None
    return "y" if by_y > by_z else "z"


def _spread(parts: Sequence[Part]) -> NDArray[np.float64]:
    """Return points spread evenly over the surfaces of parts, or else their points and lines."""
    step = sum(len(part.faces) for part in parts) // TRIANGLES + 1
    triangles = [
        part.vertices[part.faces[::step]] for part in parts if part.corners == 3 and len(part.faces)
    ]
    if not triangles:
        return _ends(parts)
    corners = np.concatenate(triangles)
    with np.errstate(all="ignore"):
        sides = corners[:, 1:] - corners[:, :1]
        areas = np.nan_to_num(np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1), posinf=0)
        ends = np.cumsum(areas)
        places = (np.arange(SAMPLE) + 0.5) / SAMPLE * ends[-1]
        which = np.searchsorted(ends, places).clip(0, len(ends) - 1)
        # Always the same points, so that a file always gets the same answer.
        one, two = np.random.default_rng(0).random((2, SAMPLE, 1))
        root = np.sqrt(one)
        shares = np.concatenate([1 - root, root * (1 - two), root * two], axis=1)
        points: NDArray[np.float64] = np.einsum("nc,ncd->nd", shares, corners[which])
        return points


def _ends(parts: Sequence[Part]) -> NDArray[np.float64]:
    """Return the corners of parts, of which a few may be left out if there are many."""
    step = sum(part.faces.size for part in parts) // CORNERS + 1
    return np.concatenate([part.vertices[part.faces.ravel()[::step]] for part in parts])


@dataclass(frozen=True, slots=True)
class _Model:
    """Points of a model, whose coordinates are from 0 to 1.

    Attributes:
        spread: evenly over its surface.
        ends: its corners, which are where it may stand.
    """

    spread: NDArray[np.float64]
    ends: NDArray[np.float64]

    def standing(self, axis: Axis) -> float | None:
        """Return how well it stands with an axis up; None if it has no extent across that."""
        up = _NUMBERS[axis]
        points = np.concatenate([self.spread, self.ends])
        heights, across = points[:, up], np.delete(points, up, axis=1)
        outline = _hull(across)
        if outline is None:
            return None
        margin = END * np.ptp(heights)
        base = _hull(across[heights <= heights.min() + margin])
        mirrored = self.spread.copy()
        mirrored[:, up] = heights.min() + heights.max() - mirrored[:, up]
        distances = cKDTree(self.spread).query(mirrored)[0].clip(0, FARTHEST)
        centre = np.delete(self.spread.mean(axis=0), up)
        return float(
            BASE * (base.volume / outline.volume if base else 0)
            + STANDS * (base is not None and _is_inside(centre, base))
            + UNLIKE * np.sqrt((distances**2).mean())
        )


def _hull(points: NDArray[np.float64]) -> ConvexHull | None:
    """Return the convex hull of points in a plane; None if they have no extent."""
    if len(points) < 3:
        return None
    try:
        return ConvexHull(points)
    except (QhullError, ValueError):
        return None


def _is_inside(point: NDArray[np.float64], hull: ConvexHull) -> bool:
    """Tell whether a point is inside a hull."""
    return bool((hull.equations[:, :2] @ point + hull.equations[:, 2] < 0).all())
