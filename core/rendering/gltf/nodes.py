"""Where the meshes of a glTF scene are: transforms, skins, morph targets and instances."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.rendering.gltf import accessors, primitives
from core.rendering.gltf.document import Document, InvalidGltfError, extension, numbers
from core.rendering.gltf.materials import Material, Materials
from core.rendering.gltf.primitives import Primitive

# Deeper nodes than this are refused: they are read recursively.
MAX_DEPTH = 256
MAX_NODES = 1_000_000
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placed:
    """A primitive at its positions.

    Attributes:
        primitive: in the coordinates of the scene if it has a skin, else in those of its mesh.
        material: of its surface.
        matrices: where its copies are in the scene: float64 (copies, 4, 4).
    """

    primitive: Primitive
    material: Material
    matrices: Matrix


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the scene, its transform to the scene, and whether it is shown."""

    entry: Mapping[str, Any]
    matrix: Matrix
    is_visible: bool


def read(document: Document) -> Iterator[Placed]:
    """Yield the primitives of the scene that a file shows first.

    Raises `InvalidGltfError` if a part of it is invalid, and `OSError` if a file cannot be read.
    """
    materials = Materials(document)
    nodes = collected(document)
    for node in nodes.values():
        if node.is_visible and "mesh" in node.entry:
            yield from _primitives(document, materials, node, nodes)


def collected(document: Document) -> dict[int, Node]:
    """Return the nodes of the scene that a file shows first, by their numbers.

    Raises `InvalidGltfError` if there are too many, or a number is invalid.
    """
    nodes: dict[int, Node] = {}
    for root in _roots(document):
        _collect(document, root, Node({}, np.eye(4), is_visible=True), nodes, ())
    return nodes


def _roots(document: Document) -> Sequence[Any]:
    """Return the numbers of the outermost nodes of the scene that is shown."""
    tree = document.tree
    if tree.get("scenes"):
        place = tree.get("scene", 0)
        nodes = document.entry("scenes", place).get("nodes")
        return nodes if isinstance(nodes, list) else []
    # A file without scenes is a library of nodes: all that are in no other.
    entries = tree.get("nodes") or []
    inner = {
        child
        for entry in entries
        if isinstance(entry, dict)
        for child in entry.get("children") or []
        if isinstance(child, int)
    }
    return [place for place in range(len(entries)) if place not in inner]


def _collect(
    document: Document, place: Any, parent: Node, nodes: dict[int, Node], around: tuple[int, ...]
) -> None:
    """Add a node and those in it to `nodes`, unless they are there; `around` are those it is in."""
    entry = document.entry("nodes", place)
    if place in around:
        raise InvalidGltfError("a node contains itself")
    if place in nodes:
        return
    if len(around) > MAX_DEPTH or len(nodes) >= MAX_NODES:
        raise InvalidGltfError("there are too many nodes")
    visibility = extension(entry, "KHR_node_visibility") or {}
    nodes[place] = Node(
        entry,
        parent.matrix @ _transform(entry),
        is_visible=parent.is_visible and visibility.get("visible") is not False,
    )
    children = entry.get("children")
    for child in children if isinstance(children, list) else ():
        _collect(document, child, nodes[place], nodes, (*around, place))


def _transform(entry: Mapping[str, Any]) -> Matrix:
    """Return the transform of a node to what contains it: float64 (4, 4)."""
    if "matrix" in entry:
        columns = numbers(entry["matrix"], tuple(np.eye(4).ravel()))
        return np.asarray(np.array(columns).reshape(4, 4).T)
    [matrix] = _composed(
        np.array([numbers(entry.get("translation"), (0.0, 0.0, 0.0))]),
        np.array([numbers(entry.get("rotation"), (0.0, 0.0, 0.0, 1.0))]),
        np.array([numbers(entry.get("scale"), (1.0, 1.0, 1.0))]),
    )
    return np.asarray(matrix)


def _composed(moves: Matrix, turns: Matrix, scales: Matrix) -> Matrix:
    """Return transforms (n, 4, 4) that scale, then turn by a quaternion (x, y, z, w), then move."""
    lengths = np.linalg.norm(turns, axis=1, keepdims=True)
    x, y, z, w = np.divide(turns, lengths, out=np.zeros_like(turns), where=lengths > 0).T
    turned = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    ).transpose(2, 0, 1)
    matrices = np.tile(np.eye(4), (len(moves), 1, 1))
    matrices[:, :3, :3] = turned * scales[:, None, :]
    matrices[:, :3, 3] = moves
    return np.asarray(matrices)


def _primitives(
    document: Document, materials: Materials, node: Node, nodes: Mapping[int, Node]
) -> Iterator[Placed]:
    """Yield the primitives of a node's mesh."""
    mesh = document.entry("meshes", node.entry["mesh"])
    weights = node.entry.get("weights", mesh.get("weights"))
    joints = _joints(document, node.entry["skin"], nodes) if "skin" in node.entry else None
    copies = node.matrix[None]
    if len(placed := instances(document, node.entry)):
        copies = node.matrix @ placed
    entries = mesh.get("primitives")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        material = materials.get(entry.get("material"))
        primitive = primitives.read(document, entry, material)
        if primitive is None:
            continue
        if isinstance(weights, list):
            primitive = primitives.morphed(document, entry, primitive, weights)
        if joints is not None and primitive.skinning is not None:
            # The transforms of the node itself do not apply to a mesh with a skin.
            yield Placed(primitives.skinned(primitive, joints), material, np.eye(4)[None])
        else:
            yield Placed(primitive, material, copies)


def _joints(document: Document, place: Any, nodes: Mapping[int, Node]) -> Matrix:
    """Return the transforms of the joints of a skin: float64 (joints, 4, 4)."""
    skin = document.entry("skins", place)
    listed = skin.get("joints")
    if not isinstance(listed, list) or not listed:
        raise InvalidGltfError("a skin has no joints")
    matrices = np.stack([nodes[each].matrix if each in nodes else np.eye(4) for each in listed])
    if "inverseBindMatrices" in skin:
        inverse = accessors.read_floats(document, skin["inverseBindMatrices"], 16)
        if len(inverse) < len(listed):
            raise InvalidGltfError("a skin has too few matrices")
        matrices = matrices @ inverse[: len(listed)].reshape(-1, 4, 4).transpose(0, 2, 1)
    return matrices


def instances(document: Document, entry: Mapping[str, Any]) -> Matrix:
    """Return where the instances of a node's mesh are in the node: float64 (instances, 4, 4).

    There are none if it is shown once. Raises `InvalidGltfError` if they are invalid, and `OSError`
    if a file cannot be read.
    """
    instancing = extension(entry, "EXT_mesh_gpu_instancing")
    attributes = instancing.get("attributes") if instancing else None
    if not isinstance(attributes, dict):
        return np.empty((0, 4, 4))
    arrays = {
        name: accessors.read_floats(document, attributes[name], width)
        for name, width in (("TRANSLATION", 3), ("ROTATION", 4), ("SCALE", 3))
        if name in attributes
    }
    counts = {len(values) for values in arrays.values()}
    if len(counts) != 1:
        raise InvalidGltfError("instances have too few or too many values")
    count = counts.pop()
    moves = arrays.get("TRANSLATION", np.zeros((count, 3)))
    turns = arrays.get("ROTATION", np.tile([0.0, 0.0, 0.0, 1.0], (count, 1)))
    scales = arrays.get("SCALE", np.ones((count, 3)))
    return _composed(moves, turns, scales)
