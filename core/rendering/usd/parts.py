"""The meshes of a stage as parts of a model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from core.rendering.files import Files, UnusableFileError
from core.rendering.mesh_parts import Appearance, Part, painted, placed, rgba, to_screen_colours
from core.rendering.polygons import triangulate
from core.rendering.scene_assembly import used_vertices
from core.rendering.usd.layers import TIME, Layers, opened
from core.rendering.usd.materials import Material, Materials
from core.rendering.usd.shapes import polygons

# Instances of meshes, and instancers within each other.
MAX_PLACED = 100_000
MAX_DEPTH = 20
_PURPOSES = (UsdGeom.Tokens.default_, UsdGeom.Tokens.render)
_Z_UP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])


def read(path: str, files: Files) -> Iterator[Part]:
    """Yield the visible parts of the file at a path, in metres, with y up."""
    layers = Layers(path, files)
    stage = opened(layers)
    unit = UsdGeom.GetStageMetersPerUnit(stage)
    whole = np.diag([*[unit if np.isfinite(unit) and unit > 0 else 0.01] * 3, 1.0])
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z:
        whole = _Z_UP @ whole
    for count, (part, matrix) in enumerate(_Walk(layers).below(stage.GetPseudoRoot())):
        if count >= MAX_PLACED:
            raise UnusableFileError(
                f"It has more than {MAX_PLACED:,} objects. Simplify it in a 3D program."
            )
        if (shown := placed(part, whole @ matrix)) is not None:
            yield shown


class _Walk:
    """Finds what is visible below a prim."""

    def __init__(self, layers: Layers) -> None:
        self._materials = Materials(layers)
        self._places = UsdGeom.XformCache(TIME)
        self._made: dict[tuple[str, str], list[Part]] = {}

    def below(self, top: Any, depth: int = 0) -> Iterator[tuple[Part, NDArray[np.float64]]]:
        """Yield each part of a prim and of those below it, and its place in the prim."""
        if depth > MAX_DEPTH:
            raise ValueError("its instances contain each other")
        found = iter(Usd.PrimRange(top, Usd.TraverseInstanceProxies()))
        for prim in found:
            shape = UsdGeom.Imageable(prim)
            if not shape:
                continue
            if shape.GetVisibilityAttr().Get(TIME) == UsdGeom.Tokens.invisible:
                found.PruneChildren()
                continue
            if prim.IsA(UsdGeom.PointInstancer):
                found.PruneChildren()
            if shape.ComputePurpose() not in _PURPOSES:
                continue
            if prim.IsA(UsdGeom.Gprim):
                matrix = self._matrix(prim, top)
                for part in self._parts(prim):
                    yield part, matrix
            elif prim.IsA(UsdGeom.PointInstancer):
                matrix = self._matrix(prim, top)
                for part, inner in self._instances(UsdGeom.PointInstancer(prim), depth):
                    yield part, matrix @ inner

    def _matrix(self, prim: Any, top: Any) -> NDArray[np.float64]:
        """Return the matrix from the coordinates of a prim to those of one around it."""
        if top.IsPseudoRoot():
            return np.array(self._places.GetLocalToWorldTransform(prim)).T
        return np.array(self._places.ComputeRelativeTransform(prim, top)[0]).T

    def _instances(self, instancer: Any, depth: int) -> Iterator[tuple[Part, NDArray[np.float64]]]:
        """Yield the parts of each instance, and its place in that which has them."""
        stage = instancer.GetPrim().GetStage()
        kinds = np.array(instancer.GetProtoIndicesAttr().Get(TIME) or (), np.int64)
        matrices = np.array(
            instancer.ComputeInstanceTransformsAtTime(
                TIME,
                TIME,
                UsdGeom.PointInstancer.IncludeProtoXform,
                UsdGeom.PointInstancer.IgnoreMask,
            )
        ).reshape(-1, 4, 4)
        shown = np.array(instancer.ComputeMaskAtTime(TIME) or [True] * len(kinds), bool)
        for kind, path in enumerate(instancer.GetPrototypesRel().GetForwardedTargets()):
            prim = stage.GetPrimAtPath(path)
            chosen = matrices[(kinds == kind) & shown]
            if prim and len(chosen):
                for part, inner in self.below(prim, depth + 1):
                    for matrix in chosen:
                        yield part, matrix.T @ inner

    def _parts(self, prim: Any) -> list[Part]:
        """Return the parts of a mesh or shape, which instances of it share."""
        same = prim.GetPrimInPrototype() if prim.IsInstanceProxy() else prim
        key = str(same.GetPath()), self._materials.get(prim)[0]
        if key not in self._made:
            made = _polygons(prim)
            self._made[key] = list(_Mesh(prim, *made).parts(self._materials)) if made else []
        return self._made[key]


@dataclass(frozen=True, slots=True)
class _Values:
    """Values of a mesh, and what each is of, as in USD: "vertex", "faceVarying"..."""

    rows: NDArray[np.float64]
    of: str


class _Mesh:
    """A mesh or shape whose polygons are cut into triangles."""

    def __init__(
        self,
        prim: Any,
        points: NDArray[np.float64],
        corners: NDArray[np.int64],
        counts: NDArray[np.int64],
    ) -> None:
        self._prim = prim
        self._points = points
        if (counts < 0).any():
            raise ValueError("a polygon has less than no corners")
        self._counts = counts[np.cumsum(counts) <= len(corners)]
        self._corners = corners[: self._counts.sum()]
        self._places, self._owners = triangulate(self._points, self._corners, self._counts)
        self._normals = None
        if not prim.IsA(UsdGeom.Mesh):
            return
        mesh = UsdGeom.Mesh(prim)
        holes = _whole(mesh.GetHoleIndicesAttr().Get(TIME))
        is_filled = ~np.isin(self._owners, holes)
        self._places, self._owners = self._places[is_filled], self._owners[is_filled]
        if mesh.GetOrientationAttr().Get(TIME) == UsdGeom.Tokens.leftHanded:
            self._places = self._places[:, ::-1]
        self._normals = self._primvar("normals", 3) or self._values(
            mesh.GetNormalsAttr().Get(TIME), mesh.GetNormalsInterpolation(), 3
        )

    def parts(self, materials: Materials) -> Iterator[Part]:
        """Yield the triangles with each material, and all others."""
        is_left = np.ones(len(self._counts), bool)
        subsets = UsdGeom.Subset.GetGeomSubsets(
            UsdGeom.Imageable(self._prim), UsdGeom.Tokens.face, "materialBind"
        )
        for subset in subsets:
            numbers = _whole(subset.GetIndicesAttr().Get(TIME))
            chosen = np.zeros(len(is_left), bool)
            chosen[numbers[(numbers >= 0) & (numbers < len(chosen))]] = True
            chosen &= is_left
            is_left &= ~chosen
            yield from self._part(chosen, materials.get(subset.GetPrim())[1])
        yield from self._part(is_left, materials.get(self._prim)[1])

    def _part(self, polygons: NDArray[np.bool_], material: Material | None) -> Iterator[Part]:
        """Yield the triangles of some polygons, if there are any."""
        chosen = polygons[self._owners]
        if not chosen.any():
            return
        material = material or Material(Appearance(), colours="displayColor")
        look = material.appearance
        uvs = [self._primvar(each.name, 2) for each in material.placements]
        colours = self._colours(material.colours) if material.colours else None
        if colours is not None and look.texture is None:
            look = painted(colours.rows)
        known = [each for each in (*uvs, colours, self._normals) if each is not None]
        shares = all(each.of in ("vertex", "constant") for each in known)
        places, owners = self._places[chosen], self._owners[chosen]
        at = self._corners[places]
        index: Mapping[str, Any] = (
            {"vertex": np.arange(len(self._points)), "constant": np.zeros(len(self._points), int)}
            if shares
            else {
                "vertex": at.ravel(),
                "faceVarying": places.ravel(),
                "uniform": owners.repeat(3),
                "constant": np.zeros(at.size, int),
            }
        )
        faces = at if shares else np.arange(at.size).reshape(-1, 3)

        def spread(values: _Values | None) -> NDArray[np.float64] | None:
            return None if values is None else values.rows[index[values.of]]

        layers = None
        if any(each is not None for each in uvs):
            placed_uvs = [
                np.zeros((len(index["vertex"]), 2)) if found is None else placement.apply(found)
                for placement, found in zip(material.placements, map(spread, uvs), strict=True)
            ]
            layers = np.stack(placed_uvs, axis=1)
        points = self._points[index["vertex"]]
        vertices, faces, (normals, coords, tints) = used_vertices(
            points, faces, spread(self._normals), layers, spread(colours)
        )
        yield Part(vertices, faces, look, normals=normals, uvs=coords, colours=tints)

    def _colours(self, name: str) -> _Values | None:
        """Return the screen colours that the mesh has by a name, RGBA."""
        found = self._primvar(name, 3)
        if found is None:
            return None
        colours = rgba(to_screen_colours(found.rows))
        opacity = self._primvar("displayOpacity", 1) if name == "displayColor" else None
        if opacity is not None and opacity.of in (found.of, "constant"):
            colours[:, 3] = np.nan_to_num(opacity.rows[:, 0], nan=1).clip(0, 1)
        return _Values(colours, found.of)

    def _primvar(self, name: str, width: int) -> _Values | None:
        """Return the values that a mesh has by a name, in rows of `width`."""
        found = UsdGeom.PrimvarsAPI(self._prim).FindPrimvarWithInheritance(name)
        if not found or not found.HasValue():
            return None
        return self._values(found.ComputeFlattened(TIME), found.GetInterpolation(), width)

    def _values(self, stated: Any, of: str, width: int) -> _Values | None:
        """Return values, of which programs do not always say rightly what they are of."""
        if stated is None or not len(stated):
            return None
        rows = np.array(stated, np.float64).reshape(len(stated), -1)
        if rows.shape[1] < width:
            return None
        sizes = {
            "constant": 1,
            "vertex": len(self._points),
            "faceVarying": len(self._corners),
            "uniform": len(self._counts),
        }
        of = "vertex" if of == "varying" else of
        if sizes.get(of) != len(rows):
            of = next((each for each, size in sizes.items() if size == len(rows)), "")
        return _Values(rows[:, :width], of) if of else None


def _polygons(
    prim: Any,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the points, the corners and the counts of corners of a mesh or shape."""
    if not prim.IsA(UsdGeom.Mesh):
        return polygons(prim)
    mesh = UsdGeom.Mesh(prim)
    return (
        _rows(mesh.GetPointsAttr().Get(TIME), 3),
        _whole(mesh.GetFaceVertexIndicesAttr().Get(TIME)),
        _whole(mesh.GetFaceVertexCountsAttr().Get(TIME)),
    )


def _rows(stated: Any, width: int) -> NDArray[np.float64]:
    """Return stated values, or none, as rows."""
    return np.array(stated if stated is not None else (), np.float64).reshape(-1, width)


def _whole(stated: Any) -> NDArray[np.int64]:
    """Return stated numbers, or none."""
    return np.array(stated if stated is not None else (), np.int64)
