"""Shapes that a stage states by their sizes, as polygons."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import UsdGeom

from core.rendering.usd.layers import TIME

# Points around an axis, and of half a circle along it.
_AROUND, _ALONG = 48, 24
_CUBE = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
_SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_TURNS = {"X": 1, "Y": 2, "Z": 0}

_Polygons = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]


def polygons(prim: Any) -> _Polygons | None:
    """Return the points, the corners and the counts of corners of a shape; None for another."""
    if prim.IsA(UsdGeom.Cube):
        size = UsdGeom.Cube(prim).GetSizeAttr().Get(TIME)
        return _CUBE * size, np.array(_SIDES).ravel(), np.full(6, 4)
    if prim.IsA(UsdGeom.Sphere):
        arc = np.linspace(-np.pi / 2, np.pi / 2, _ALONG)
        radius = UsdGeom.Sphere(prim).GetRadiusAttr().Get(TIME)
        return _turned(np.stack([np.cos(arc), np.sin(arc)], axis=1) * radius, "Z")
    for schema in (UsdGeom.Cylinder, UsdGeom.Cone, UsdGeom.Capsule):
        if prim.IsA(schema):
            shape = schema(prim)
            radius, half = shape.GetRadiusAttr().Get(TIME), shape.GetHeightAttr().Get(TIME) / 2
            return _turned(_profile(schema, radius, half), shape.GetAxisAttr().Get(TIME))
    return None


def _profile(schema: Any, radius: float, half: float) -> NDArray[np.float64]:
    """Return how far the surface is from the axis, and where on it, from its lower end."""
    if schema is UsdGeom.Cylinder:
        return np.array([(0, -half), (radius, -half), (radius, half), (0, half)])
    if schema is UsdGeom.Cone:
        return np.array([(0, -half), (radius, -half), (0, half)])
    arc = np.linspace(0, np.pi / 2, _ALONG // 2)
    upper = np.stack([np.cos(arc) * radius, np.sin(arc) * radius + half], axis=1)
    return np.concatenate([upper[::-1] * (1, -1), upper])


def _turned(profile: NDArray[np.float64], axis: str) -> _Polygons:
    """Return the surface that a profile makes around an axis."""
    angles = np.arange(_AROUND) * (2 * np.pi / _AROUND)
    across, along = profile.T[:, :, None]
    points = np.stack(
        np.broadcast_arrays(across * np.cos(angles), across * np.sin(angles), along), axis=-1
    )
    ring = np.arange(_AROUND)
    after = (ring + 1) % _AROUND
    step = np.arange(len(profile) - 1)[:, None] * _AROUND
    corners = np.stack([step + ring, step + after, step + after + _AROUND, step + ring + _AROUND])
    flat = np.roll(points.reshape(-1, 3), _TURNS.get(axis, 0), axis=1)
    return flat, np.moveaxis(corners, 0, -1).ravel(), np.full(corners[0].size, 4)
