"""The triangles, lines and points of the meshes of a glTF file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.rendering.gltf import accessors
from core.rendering.gltf.document import Document, InvalidGltfError, extension, number, whole
from core.rendering.gltf.materials import Material
from core.rendering.mesh_parts import to_screen_colours

POINTS, LINES, LINE_LOOP, LINE_STRIP, TRIANGLES, TRIANGLE_STRIP, TRIANGLE_FAN = range(7)


@dataclass(frozen=True, slots=True)
class Skinning:
    """How the joints of a skin move the vertices of a primitive.

    Attributes:
        joints: numbers of joints: int64 (n, 4 or more).
        weights: of these joints, which sum to 1: float64, of the same shape.
    """

    joints: NDArray[np.int64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """A piece of a mesh with one material, in the coordinates of the mesh.

    Attributes:
        corners: the vertices of each triangle, line or point: int64 (m, 3), (m, 2) or (m, 1).
        positions: float64 (n, 3).
        normals: float64 (n, 3), or None.
        uvs: positions in the textures of the material, by layer, from the lower left: float64
            (n, layers, 2), or None.
        colours: RGBA screen colours, 0 to 1: float64 (n, 4), or None.
        skinning: or None.
    """

    corners: NDArray[np.int64]
    positions: NDArray[np.float64]
    normals: NDArray[np.float64] | None
    uvs: NDArray[np.float64] | None
    colours: NDArray[np.float64] | None
    skinning: Skinning | None


def read(document: Document, entry: Mapping[str, Any], material: Material) -> Primitive | None:
    """Return a primitive of a mesh; None if it has no positions.

    Raises `InvalidGltfError` if it is invalid, and `OSError` if a file cannot be read.
    """
    arrays = _Attributes.of(document, entry)
    positions = arrays.floats("POSITION", 3)
    if positions is None:
        return None
    rows = len(positions)
    corners = _corners(arrays.indices(), rows, entry.get("mode", TRIANGLES))
    uvs = None
    if material.placements:
        layers = [
            placement.apply(_rows(arrays.floats(f"TEXCOORD_{placement.texcoord}", 2), rows, 2))
            for placement in material.placements
        ]
        uvs = np.nan_to_num(np.stack(layers, axis=1))
    normals = arrays.floats("NORMAL", 3)
    return Primitive(
        corners=corners,
        positions=positions,
        normals=None if normals is None else np.nan_to_num(_rows(normals, rows, 3)),
        uvs=uvs,
        colours=_colours(arrays.floats("COLOR_0", 3, 4), rows),
        skinning=_skinning(arrays, rows),
    )


def morphed(
    document: Document, entry: Mapping[str, Any], primitive: Primitive, weights: Sequence[Any]
) -> Primitive:
    """Return a primitive with its morph targets added, each by its weight.

    Raises `InvalidGltfError` if a target is invalid, and `OSError` if a file cannot be read.
    """
    targets = entry.get("targets")
    if not isinstance(targets, list):
        return primitive
    positions, normals = primitive.positions, primitive.normals
    for target, weight in zip(targets, weights, strict=False):
        share = number(weight, 0.0)
        if not share or not isinstance(target, dict):
            continue
        if "POSITION" in target:
            moves = accessors.read_floats(document, target["POSITION"], 3)
            positions = positions + share * _rows(moves, len(positions), 3)
        if "NORMAL" in target and normals is not None:
            moves = accessors.read_floats(document, target["NORMAL"], 3)
            normals = normals + share * np.nan_to_num(_rows(moves, len(positions), 3))
    return replace(primitive, positions=positions, normals=normals)


@dataclass(frozen=True, slots=True)
class _Attributes:
    """The attributes and indices of a primitive, compressed with Draco or not."""

    document: Document
    entry: Mapping[str, Any]
    attributes: Mapping[str, Any]
    decoded: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, document: Document, entry: Mapping[str, Any]) -> "_Attributes":
        """Return the attributes of a primitive."""
        attributes = entry.get("attributes")
        attributes = attributes if isinstance(attributes, dict) else {}
        packed = extension(entry, "KHR_draco_mesh_compression")
        decoded = {} if packed is None else _draco(document, packed)
        return cls(document, entry, attributes, decoded)

    def floats(self, name: str, *widths: int) -> NDArray[np.float64] | None:
        """Return an attribute as float64 (n, width), or None."""
        if name in self.decoded:
            accessor = self.document.entry("accessors", self.attributes.get(name))
            is_normalised = accessor.get("normalized") is True
            return accessors.as_floats(self.decoded[name], widths, is_normalised=is_normalised)
        if name not in self.attributes:
            return None
        return accessors.read_floats(self.document, self.attributes[name], *widths)

    def indices(self) -> NDArray[np.int64] | None:
        """Return the numbers of the vertices, int64 (m,), or None."""
        if "" in self.decoded:
            return self.decoded[""]
        if "indices" not in self.entry:
            return None
        return accessors.read_indices(self.document, self.entry["indices"])


def _draco(document: Document, packed: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the decoded attributes by name, and the indices under the empty name."""
    import DracoPy

    mesh = DracoPy.decode(bytes(document.view(packed.get("bufferView"))[0]))
    named = packed.get("attributes")
    decoded = {
        name: np.asarray(found["data"])
        for name, place in (named.items() if isinstance(named, dict) else ())
        if (found := mesh.get_attribute_by_unique_id(whole(place))) is not None
    }
    return decoded | {"": np.asarray(mesh.faces, np.int64).ravel()}


def _corners(indices: NDArray[np.int64] | None, rows: int, mode: Any) -> NDArray[np.int64]:
    """Return the vertices of each triangle, line or point, without those that are not there."""
    numbers = np.arange(rows) if indices is None else indices
    if mode == POINTS:
        corners = numbers.reshape(-1, 1)
    elif mode == LINES:
        corners = numbers[: len(numbers) // 2 * 2].reshape(-1, 2)
    elif mode in (LINE_LOOP, LINE_STRIP):
        ends = np.roll(numbers, -1)
        corners = np.stack([numbers, ends], axis=1)[: None if mode == LINE_LOOP else -1]
    elif mode == TRIANGLE_STRIP:
        corners = np.stack([numbers[:-2], numbers[1:-1], numbers[2:]], axis=1)
        corners[1::2] = corners[1::2, [1, 0, 2]]
    elif mode == TRIANGLE_FAN:
        middle = np.resize(numbers[:1], max(0, len(numbers) - 2))
        corners = np.stack([numbers[1:-1], numbers[2:], middle], axis=1)
    else:
        corners = numbers[: len(numbers) // 3 * 3].reshape(-1, 3)
    return corners[((corners >= 0) & (corners < rows)).all(axis=1)]


def _rows(values: NDArray[np.float64] | None, rows: int, width: int) -> NDArray[np.float64]:
    """Return values of a row per vertex; zeros where there are none."""
    if values is None:
        return np.zeros((rows, width))
    if len(values) != rows:
        raise InvalidGltfError("an attribute has too few or too many values")
    return values


def _colours(linear: NDArray[np.float64] | None, rows: int) -> NDArray[np.float64] | None:
    """Return linear vertex colours as RGBA screen colours."""
    if linear is None:
        return None
    values = np.nan_to_num(_rows(linear, rows, linear.shape[1])).clip(0, 1)
    alpha = values[:, 3:] if values.shape[1] == 4 else np.ones((rows, 1))
    return np.concatenate([to_screen_colours(values[:, :3]), alpha], axis=1)


def _skinning(arrays: _Attributes, rows: int) -> Skinning | None:
    """Return the joints and weights of all sets that a primitive has, or None."""
    joints, weights = [], []
    for place in range(8):
        one, other = arrays.floats(f"JOINTS_{place}", 4), arrays.floats(f"WEIGHTS_{place}", 4)
        if one is None or other is None:
            break
        joints.append(_rows(one, rows, 4))
        weights.append(np.nan_to_num(_rows(other, rows, 4)))
    if not joints:
        return None
    shares = np.concatenate(weights, axis=1)
    sums = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, sums, out=np.zeros_like(shares), where=sums != 0)
    return Skinning(np.nan_to_num(np.concatenate(joints, axis=1)).astype(np.int64), shares)


def skinned(primitive: Primitive, joints: NDArray[np.float64]) -> Primitive:
    """Return a primitive moved by the joints of its skin, float64 (joints, 4, 4).

    Raises `InvalidGltfError` if it refers to a joint that is not there.
    """
    skinning = primitive.skinning
    assert skinning is not None
    numbers = np.where(skinning.weights != 0, skinning.joints, 0)
    if ((numbers < 0) | (numbers >= len(joints))).any():
        raise InvalidGltfError("a vertex is moved by a joint that is not there")
    positions = np.zeros_like(primitive.positions)
    normals = None if primitive.normals is None else np.zeros_like(primitive.normals)
    for column in range(numbers.shape[1]):
        weights = skinning.weights[:, column, None]
        if not weights.any():
            continue
        matrices = joints[numbers[:, column]]
        positions += weights * (
            np.einsum("nij,nj->ni", matrices[:, :3, :3], primitive.positions) + matrices[:, :3, 3]
        )
        if normals is not None and primitive.normals is not None:
            normals += weights * np.einsum("nij,nj->ni", matrices[:, :3, :3], primitive.normals)
    return replace(primitive, positions=positions, normals=normals)
