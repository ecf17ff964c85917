"""Cuts polygons into triangles."""

import mapbox_earcut
import numpy as np
from numpy.typing import NDArray

from core.rendering.files import UnusableFileError

# Of a polygon that is no fan: one that crosses itself takes time by the square of its corners.
MAX_CORNERS = 20_000
# The turns at the corners of a polygon sum up to 2 pi, to a bit more if it is not flat, and to
# 4 pi or more if it crosses itself as the star of five strokes does.
ONE_TURN = 3 * np.pi


def triangulate(
    points: NDArray[np.float64], corners: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the triangles that polygons consist of.

    Args:
        points: float64 (n, 3).
        corners: the number of the point at each corner, of all polygons one after the other.
        counts: the corners of each polygon. One with less than three has no triangles, nor has
            one with a corner at a point that is not there.

    Returns:
        The places in `corners` of each triangle, int64 (m, 3), and its polygon, int64 (m,), in the
        order of the polygons.

    Raises:
        UnusableFileError: a polygon has too many corners.
    """
    starts = np.cumsum(counts) - counts
    owners = np.repeat(np.arange(len(counts)), counts)
    is_whole = np.ones(len(counts), bool)
    is_whole[owners[(corners < 0) | (corners >= len(points))]] = False
    triangles, polygons = [np.empty((0, 3), np.int64)], [np.empty(0, np.int64)]
    for count in np.unique(counts[counts >= 3]):
        which = np.flatnonzero((counts == count) & is_whole)
        places = starts[which][:, None] + np.arange(count)
        if count == 3:
            triangles.append(places)
            polygons.append(which)
            continue
        shapes = _centred(points[corners[places]])
        normals = np.cross(shapes, np.roll(shapes, -1, axis=1)).sum(axis=1)
        is_fan, tips = _fans(shapes, normals)
        steps = np.arange(1, count - 1)
        fan = np.stack([np.zeros(count - 2, np.int64), steps, steps + 1], axis=1)
        turned = (tips[is_fan][:, None, None] + fan) % count
        triangles.append(starts[which[is_fan]][:, None, None] + turned)
        polygons.append(np.repeat(which[is_fan], count - 2))
        for polygon in np.flatnonzero(~is_fan):
            cut = _cut(shapes[polygon], normals[polygon])
            triangles.append(starts[which[polygon]] + cut)
            polygons.append(np.full(len(cut), which[polygon]))
    together = np.concatenate(polygons)
    order = np.argsort(together, kind="stable")
    return np.concatenate([each.reshape(-1, 3) for each in triangles])[order], together[order]


def _centred(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return polygons, float64 (m, corners, 3), moved to the origin and scaled to its vicinity.

    Those with corners that are not finite become points.
    """
    with np.errstate(all="ignore"):
        moved = shapes - shapes[:, :1]
        sizes = np.abs(moved).max(axis=(1, 2), keepdims=True)
        scaled = moved / np.where(sizes > 0, sizes, 1)
    scaled[~np.isfinite(scaled).all(axis=(1, 2))] = 0
    return scaled


def _fans(
    shapes: NDArray[np.float64], normals: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Tell which polygons are fans, and from which corner.

    Those without a reflex corner are fans from any, and those with one are fans from that one. Of
    four corners only two can be reflex if sides cross: there is no right way to cut these.
    """
    sides = np.roll(shapes, -1, axis=1) - shapes
    before = np.roll(sides, 1, axis=1)
    turns = np.cross(before, sides)
    up = np.einsum("mij,mj->mi", turns, normals)
    is_reflex = up < -1e-9 * np.einsum("mj,mj->m", normals, normals)[:, None]
    angles = np.arctan2(np.linalg.norm(turns, axis=2), (before * sides).sum(axis=2))
    sums = np.where(is_reflex, -angles, angles).sum(axis=1)
    is_fan = (is_reflex.sum(axis=1) <= 1) & (sums < ONE_TURN)
    return is_fan | (shapes.shape[1] == 4), is_reflex.argmax(axis=1)


def _cut(shape: NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the triangles of one polygon, as places in it: int64 (m, 3)."""
    if len(shape) > MAX_CORNERS:
        raise UnusableFileError(
            f"It has a polygon with {len(shape):,} corners, more than {MAX_CORNERS:,}. "
            "Cut it into triangles in a 3D program."
        )
    length = np.linalg.norm(normal)
    if not length > 0:
        return np.empty((0, 3), np.int64)
    across = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    across /= np.linalg.norm(across)
    flat = np.stack([shape @ across, shape @ np.cross(normal / length, across)], axis=1)
    ends = np.array([len(shape)], np.uint32)
    cut = mapbox_earcut.triangulate_float64(np.ascontiguousarray(flat), ends).reshape(-1, 3)
    return _facing(flat, cut.astype(np.int64))


def _facing(flat: NDArray[np.float64], cut: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return triangles in a plane, turned to the side from which their corners go to the left."""
    one, two = (flat[cut[:, corner]] - flat[cut[:, 0]] for corner in (1, 2))
    is_back = (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]).sum() < 0
    return cut[:, ::-1] if is_back else cut
