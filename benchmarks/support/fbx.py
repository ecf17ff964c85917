"""Writes small FBX files, in binary and in text, to test what reads them."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

MAGIC = b"Kaydara FBX Binary  \0\x1a\0"
VERSION = 7400
# Numbers of objects are long.
FIRST_ID = 1_000_000
Value = int | float | str | bytes | list[int] | list[float]


@dataclass(frozen=True)
class Node:
    """A node of an FBX file: its name, its values, and the nodes in it."""

    name: str
    values: Sequence[Value] = ()
    nodes: Sequence["Node"] = field(default_factory=list)


def property70(name: str, kind: str, *values: Value) -> Node:
    """Return a property."""
    return Node("P", [name, kind, "", "A", *values])


def moved(place: Sequence[float]) -> Node:
    """Return the property that puts a node somewhere."""
    return property70("Lcl Translation", "Lcl Translation", *map(float, place))


def cube(
    corners: Sequence[Sequence[float]],
    faces: Sequence[Sequence[int]],
    *,
    up: str = "y",
    unit: float = 1.0,
    place: tuple[float, float, float] = (0, 0, 0),
    colour: tuple[float, float, float] = (1, 0, 0),
    colours: Sequence[Sequence[float]] = (),
    texture: str = "",
    mask: str = "",
    embedded: bytes = b"",
    bend: tuple[float, float, float] | None = None,
) -> list[Node]:
    """Return a scene of a single mesh.

    Args:
        corners: of the mesh.
        faces: the numbers of the corners of each polygon, from 1.
        up: the axis that points up, "y" or "z".
        unit: in centimetres.
        place: where its node is.
        colour: of its material.
        colours: RGBA of each corner.
        texture: the name of its picture, which each polygon shows whole.
        mask: the name of a picture of its opacity.
        embedded: the picture itself, in the file.
        bend: how far a bone, which all corners follow, has moved since it was bound.
    """
    numbers = count(FIRST_ID)
    mesh, model, material = next(numbers), next(numbers), next(numbers)
    indices = [
        -corner if place == len(face) - 1 else corner - 1
        for face in faces
        for place, corner in enumerate(face)
    ]
    uvs = [float(each) for face in faces for at in range(len(face)) for each in _UVS[at % 4]]
    layers = [
        Node("LayerElementUV", [0], [
            Node("Version", [101]), Node("Name", ["map"]),
            Node("MappingInformationType", ["ByPolygonVertex"]),
            Node("ReferenceInformationType", ["Direct"]), Node("UV", [uvs]),
        ]),
        Node("LayerElementMaterial", [0], [
            Node("Version", [101]), Node("Name", [""]),
            Node("MappingInformationType", ["AllSame"]),
            Node("ReferenceInformationType", ["IndexToDirect"]), Node("Materials", [[0]]),
        ]),
    ]  # fmt: skip
    if colours:
        layers.append(Node("LayerElementColor", [0], [
            Node("Version", [101]), Node("Name", ["c"]),
            Node("MappingInformationType", ["ByVertice"]),
            Node("ReferenceInformationType", ["Direct"]),
            Node("Colors", [[float(part) for each in colours for part in each]]),
        ]))  # fmt: skip
    listed = [
        Node("LayerElement", [], [Node("Type", [each.name]), Node("TypedIndex", [0])])
        for each in layers
    ]
    objects = [
        Node("Geometry", [mesh, "a\0\1Geometry", "Mesh"], [
            Node("Vertices", [[float(part) for each in corners for part in each]]),
            Node("PolygonVertexIndex", [indices]),
            Node("GeometryVersion", [124]), *layers,
            Node("Layer", [0], [Node("Version", [100]), *listed]),
        ]),
        Node("Model", [model, "a\0\1Model", "Mesh"], [
            Node("Version", [232]),
            Node("Properties70", [], [moved(place)]),
        ]),
        Node("Material", [material, "m\0\1Material", ""], [
            Node("Version", [102]), Node("ShadingModel", ["phong"]),
            Node("Properties70", [], [property70("DiffuseColor", "Color", *map(float, colour))]),
        ]),
    ]  # fmt: skip
    links: list[tuple[Value, ...]] = [
        ("OO", model, 0), ("OO", mesh, model), ("OO", material, model)
    ]  # fmt: skip
    for name, use in ((texture, "DiffuseColor"), (mask, "TransparentColor")):
        if not name:
            continue
        picture, video = next(numbers), next(numbers)
        objects += [
            Node("Texture", [picture, "t\0\1Texture", ""], [
                Node("FileName", [f"C:\\art\\{name}"]), Node("RelativeFilename", [name]),
            ]),
            Node("Video", [video, "v\0\1Video", "Clip"], [
                Node("FileName", [f"C:\\art\\{name}"]), Node("RelativeFilename", [name]),
                *([Node("Content", [embedded])] if embedded else []),
            ]),
        ]  # fmt: skip
        links += [("OP", picture, material, use), ("OO", video, picture)]
    if bend is not None:
        skin, cluster, bone, attribute = (next(numbers) for _ in range(4))
        objects += [
            Node("Deformer", [skin, "s\0\1Deformer", "Skin"], [Node("Version", [101])]),
            Node("Deformer", [cluster, "c\0\1SubDeformer", "Cluster"], [
                Node("Version", [100]), Node("Indexes", [list(range(len(corners)))]),
                Node("Weights", [[1.0] * len(corners)]),
                Node("Transform", [_EYE]), Node("TransformLink", [_EYE]),
            ]),
            Node("Model", [bone, "b\0\1Model", "LimbNode"], [
                Node("Version", [232]),
                Node("Properties70", [], [moved(bend)]),
            ]),
            Node("NodeAttribute", [attribute, "b\0\1NodeAttribute", "LimbNode"], [
                Node("TypeFlags", ["Skeleton"]),
            ]),
        ]  # fmt: skip
        links += [
            ("OO", bone, 0), ("OO", attribute, bone), ("OO", skin, mesh),
            ("OO", cluster, skin), ("OO", bone, cluster),
        ]  # fmt: skip
    axes = {"y": (1, 1, 2, 1), "z": (2, 1, 1, -1)}[up]
    settings = [
        property70(name, "int", value)
        for name, value in zip(
            ("UpAxis", "UpAxisSign", "FrontAxis", "FrontAxisSign"), axes, strict=True
        )
    ]
    settings += [property70("CoordAxis", "int", 0), property70("CoordAxisSign", "int", 1)]
    settings.append(property70("UnitScaleFactor", "double", float(unit)))
    return [
        Node("FBXHeaderExtension", [], [
            Node("FBXHeaderVersion", [1003]), Node("FBXVersion", [VERSION]),
        ]),
        Node("GlobalSettings", [], [Node("Version", [1000]), Node("Properties70", [], settings)]),
        Node("Objects", [], objects),
        Node("Connections", [], [Node("C", list(each)) for each in links]),
    ]  # fmt: skip


_UVS = ((0, 0), (1, 0), (1, 1), (0, 1))
_EYE = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]


def binary(nodes: Sequence[Node]) -> bytes:
    """Return a scene as binary FBX."""
    data = MAGIC + struct.pack("<I", VERSION)
    for each in nodes:
        data += _packed(each, len(data))
    return data + bytes(13)


def _packed(node: Node, start: int) -> bytes:
    """Return a node that begins at a place of the file."""
    values = b"".join(_value(each, is_link=node.name == "C") for each in node.values)
    head = 13 + len(node.name)
    inner = b""
    for each in node.nodes:
        inner += _packed(each, start + head + len(values) + len(inner))
    inner += bytes(13) if node.nodes else b""
    end = start + head + len(values) + len(inner)
    sizes = struct.pack("<IIIB", end, len(node.values), len(values), len(node.name))
    return sizes + node.name.encode() + values + inner


def _value(value: Value, *, is_link: bool) -> bytes:
    """Return a value of a node."""
    if isinstance(value, list):
        code = "d" if value and isinstance(value[0], float) else "i"
        data = struct.pack(f"<{len(value)}{code}", *value)
        return code.encode() + struct.pack("<III", len(value), 0, len(data)) + data
    if isinstance(value, float):
        return b"D" + struct.pack("<d", value)
    if isinstance(value, int):
        is_long = is_link or value >= FIRST_ID
        return b"L" + struct.pack("<q", value) if is_long else b"I" + struct.pack("<i", value)
    data = value if isinstance(value, bytes) else value.encode()
    return (b"R" if isinstance(value, bytes) else b"S") + struct.pack("<I", len(data)) + data


def text(nodes: Sequence[Node]) -> bytes:
    """Return a scene as FBX in text."""
    return ("; FBX 7.4.0 project file\n" + "".join(_written(each) for each in nodes)).encode()


def _written(node: Node) -> str:
    """Return a node as text."""
    values, inner = [], "".join(map(_written, node.nodes))
    for value in node.values:
        if isinstance(value, list):
            values.append(f"*{len(value)} {{\na: {','.join(map(str, value))}\n}}")
        elif isinstance(value, str):
            name, _, kind = value.partition("\0\1")
            values.append(f'"{kind}::{name}"' if kind else f'"{value}"')
        elif not isinstance(value, bytes):
            values.append(str(value))
    return f"{node.name}: {', '.join(values)}{f' {{{chr(10)}{inner}}}' if inner else ''}\n"
