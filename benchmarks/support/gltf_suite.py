"""Small glTF files, each of which uses one feature of glTF 2.0 or of an extension.

Most show an asymmetric solid made of two boxes, so that what is mirrored, turned or moved is
noticed; textures are four quarters in different colours.
"""

import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
RED, GREEN, BLUE, YELLOW = (200, 40, 40), (40, 160, 60), (50, 70, 200), (230, 200, 50)
MATT = {"metallicFactor": 0, "roughnessFactor": 0.9}


@dataclass
class Builder:
    """A glTF file that is being built: lists of entries, and one buffer."""

    tree: dict[str, Any] = field(
        default_factory=lambda: {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
        }
    )
    body: bytes = b""

    def add(self, kind: str, entry: dict[str, Any]) -> int:
        """Add an entry to a list, and return its number."""
        self.tree.setdefault(kind, []).append(entry)
        return len(self.tree[kind]) - 1

    def view(self, data: bytes, **more: Any) -> int:
        """Add bytes, and return the number of their buffer view."""
        entry = {"buffer": 0, "byteOffset": len(self.body), "byteLength": len(data), **more}
        self.body += data + bytes(-len(data) % 4)
        return self.add("bufferViews", entry)

    def array(self, values: Any, dtype: str = "f4", **more: Any) -> int:
        """Add an array of a row per element, and return the number of its accessor."""
        rows = np.asarray(values)
        rows = (rows.reshape(len(rows), -1) if rows.ndim > 1 else rows.reshape(-1, 1)).astype(
            f"<{dtype}"
        )
        limits = (
            {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()}
            if rows.shape[1] == 3
            else {}
        )
        # Each row starts at a multiple of four bytes.
        width = rows.shape[1] * rows.itemsize
        padded = np.zeros((len(rows), width + -width % 4), np.uint8)
        padded[:, :width] = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), width)
        is_index = rows.shape[1] == 1
        data = rows.tobytes() if is_index else padded.tobytes()
        stride = {} if is_index or not width % 4 else {"byteStride": padded.shape[1]}
        return self.add(
            "accessors",
            {
                "bufferView": self.view(data, **stride),
                "componentType": COMPONENTS[dtype],
                "count": len(rows),
                "type": TYPES[rows.shape[1]],
                **limits,
                **more,
            },
        )

    def rows(self, number: int) -> NDArray[Any]:
        """Return an array of floats that was added, a row per element."""
        accessor = self.tree["accessors"][number]
        view = self.tree["bufferViews"][accessor["bufferView"]]
        data = self.body[view["byteOffset"] :][: view["byteLength"]]
        return np.frombuffer(data, "<f4").reshape(accessor["count"], -1)

    def picture(self, picture: Image.Image, kind: str = "PNG", **options: Any) -> int:
        """Add a picture, and return the number of its image."""
        file = io.BytesIO()
        picture.save(file, kind, **options)
        view = self.view(file.getvalue())
        return self.add("images", {"bufferView": view, "mimeType": f"image/{kind.lower()}"})

    def texture(
        self, picture: Image.Image | None = None, sampler: dict[str, int] | None = None
    ) -> dict[str, Any]:
        """Add a texture, by default of four quarters, and return the reference to it."""
        entry: dict[str, Any] = {"source": self.picture(picture or quarters())}
        if sampler is not None:
            entry["sampler"] = self.add("samplers", sampler)
        return {"index": self.add("textures", entry)}

    def material(self, **entry: Any) -> int:
        """Add a material, and return its number."""
        return self.add("materials", entry)

    def mesh(self, primitive: dict[str, Any], **more: Any) -> int:
        """Add a mesh of one primitive, and return its number."""
        return self.add("meshes", {"primitives": [primitive], **more})

    def extension(self, *names: str) -> None:
        """Say that extensions are used."""
        self.tree.setdefault("extensionsUsed", []).extend(names)

    def glb(self) -> bytes:
        """Return the file."""
        buffers = [{"byteLength": len(self.body)}, *self.tree.get("buffers", [])]
        tree = self.tree | {"buffers": buffers}
        text = json.dumps(tree).encode()
        text += b" " * (-len(text) % 4)
        body = self.body + bytes(-len(self.body) % 4)
        return (
            struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(body))
            + struct.pack("<II", len(text), 0x4E4F534A)
            + text
            + struct.pack("<II", len(body), 0x004E4942)
            + body
        )


@dataclass(frozen=True, slots=True)
class Solid:
    """Triangles with what belongs to their corners.

    Attributes:
        positions: float64 (n, 3).
        normals: float64 (n, 3).
        uv: from the upper left: float64 (n, 2).
        faces: int64 (m, 3).
    """

    positions: NDArray[np.float64]
    normals: NDArray[np.float64]
    uv: NDArray[np.float64]
    faces: NDArray[np.int64]


def box(low: Sequence[float], high: Sequence[float]) -> Solid:
    """Return a box between two corners, each side with the whole texture."""
    positions: list[Any] = []
    normals, uv, faces = [], [], []
    for axis in range(3):
        for sign in (-1, 1):
            normal = np.zeros(3)
            normal[axis] = sign
            up = np.array([0, 0, 1.0]) if axis == 1 else np.array([0, 1.0, 0])
            right = np.cross(up, normal)
            start = len(positions) * 4
            corners = [normal + x * right + y * up for x, y in ((-1, 1), (-1, -1), (1, -1), (1, 1))]
            positions.append(corners)
            normals.append([normal] * 4)
            uv.append([(0, 0), (0, 1), (1, 1), (1, 0)])
            faces += [(start, start + 1, start + 2), (start, start + 2, start + 3)]
    middle, half = (np.add(low, high)) / 2, np.subtract(high, low) / 2
    return Solid(
        np.array(positions).reshape(-1, 3) * half + middle,
        np.array(normals).reshape(-1, 3),
        np.array(uv, float).reshape(-1, 2),
        np.array(faces),
    )


def united(*solids: Solid) -> Solid:
    """Return several solids as one."""
    starts = np.cumsum([0, *(len(each.positions) for each in solids[:-1])])
    return Solid(
        np.concatenate([each.positions for each in solids]),
        np.concatenate([each.normals for each in solids]),
        np.concatenate([each.uv for each in solids]),
        np.concatenate([each.faces + start for each, start in zip(solids, starts, strict=True)]),
    )


def chair() -> Solid:
    """Return a seat with a back and one arm, which no turn or mirror maps onto itself."""
    return united(
        box((-1, 0, -1), (1, 0.5, 1)),
        box((-1, 0.5, -1), (1, 2, -0.6)),
        box((0.6, 0.5, -0.6), (1, 1, 1)),
    )


def ball(rings: int = 24) -> Solid:
    """Return a sphere."""
    v, u = np.meshgrid(
        np.linspace(0, 1, rings + 1), np.linspace(0, 1, 2 * rings + 1), indexing="ij"
    )
    around, down = u.ravel() * 2 * np.pi, v.ravel() * np.pi
    points = np.stack(
        [np.sin(down) * np.sin(around), np.cos(down), np.sin(down) * np.cos(around)], axis=1
    )
    row = 2 * rings + 1
    first = (np.arange(rings)[:, None] * row + np.arange(2 * rings)).ravel()
    faces = np.concatenate(
        [
            np.stack([first, first + row, first + row + 1], axis=1),
            np.stack([first, first + row + 1, first + 1], axis=1),
        ]
    )
    return Solid(points, points, np.stack([u.ravel(), v.ravel()], axis=1), faces)


def quarters(
    side: int = 64, colours: Sequence[tuple[int, ...]] = (RED, GREEN, BLUE, YELLOW)
) -> Image.Image:
    """Return a picture of four quarters, from the upper left, row by row."""
    mode = "RGBA" if len(colours[0]) == 4 else "RGB"
    picture = Image.new(mode, (2, 2))
    picture.putdata(list(colours))
    return picture.resize((side, side), Image.Resampling.NEAREST)


def primitive(
    build: Builder, solid: Solid, *, material: int | None = None, **attributes: int
) -> dict[str, Any]:
    """Add the arrays of a solid, and return its primitive."""
    entry: dict[str, Any] = {
        "attributes": {
            "POSITION": build.array(solid.positions),
            "NORMAL": build.array(solid.normals),
            "TEXCOORD_0": build.array(solid.uv),
        }
        | attributes,
        "indices": build.array(solid.faces.ravel(), "u2"),
    }
    if material is not None:
        entry["material"] = material
    return entry


def matt(build: Builder, colour: tuple[float, ...] = (0.8, 0.3, 0.1, 1), **more: Any) -> int:
    """Add a matt material of a colour."""
    surface = MATT | {"baseColorFactor": list(colour)}
    return build.material(pbrMetallicRoughness=surface, **more)


def textured(build: Builder, reference: dict[str, Any], **more: Any) -> int:
    """Add a matt material with a texture."""
    return build.material(pbrMetallicRoughness=MATT | {"baseColorTexture": reference}, **more)


def with_material(make: Callable[[Builder], int], solid: Solid | None = None) -> bytes:
    """Return a solid with a material that `make` adds."""
    build = Builder()
    build.mesh(primitive(build, solid or chair(), material=make(build)))
    return build.glb()


# --- Arrays ------------------------------------------------------------------------------------


def _indices(dtype: str) -> bytes:
    build = Builder()
    entry = primitive(build, chair(), material=matt(build))
    entry["indices"] = build.array(chair().faces.ravel(), dtype)
    build.mesh(entry)
    return build.glb()


def _without_indices() -> bytes:
    build, solid = Builder(), chair()
    order = solid.faces.ravel()
    flat = Solid(
        solid.positions[order], solid.normals[order], solid.uv[order], np.arange(len(order))
    )
    entry = primitive(build, flat, material=matt(build))
    del entry["indices"]
    build.mesh(entry)
    return build.glb()


def _without_normals() -> bytes:
    build = Builder()
    entry = primitive(build, chair(), material=matt(build))
    del entry["attributes"]["NORMAL"]
    build.mesh(entry)
    return build.glb()


def _interleaved() -> bytes:
    build, solid = Builder(), chair()
    rows = np.concatenate([solid.positions, solid.normals], axis=1).astype("<f4")
    view = build.view(rows.tobytes(), byteStride=24)
    entry = primitive(build, solid, material=matt(build))
    for name, start in (("POSITION", 0), ("NORMAL", 12)):
        accessor = build.tree["accessors"][entry["attributes"][name]]
        accessor |= {"bufferView": view, "byteOffset": start}
    build.mesh(entry)
    return build.glb()


def _sparse(*, on_zeros: bool) -> bytes:
    """Return a chair of which some corners are replaced, or all of them."""
    build, solid = Builder(), chair()
    moved = np.arange(len(solid.positions)) if on_zeros else np.arange(24, 48)
    start = solid.positions.copy()
    start[moved] = 0
    entry = primitive(build, solid, material=matt(build))
    accessor = build.tree["accessors"][entry["attributes"]["POSITION"]]
    if on_zeros:
        del accessor["bufferView"]
    else:
        accessor["bufferView"] = build.view(start.astype("<f4").tobytes())
    accessor["sparse"] = {
        "count": len(moved),
        "indices": {
            "bufferView": build.view(moved.astype("<u2").tobytes()),
            "componentType": 5123,
        },
        "values": {"bufferView": build.view(solid.positions[moved].astype("<f4").tobytes())},
    }
    build.mesh(entry)
    return build.glb()


def _quantised() -> bytes:
    """Return a chair of 16-bit positions that its node scales, with 8-bit normals."""
    build, solid = Builder(), chair()
    build.extension("KHR_mesh_quantization")
    low, high = solid.positions.min(axis=0), solid.positions.max(axis=0)
    shares = (solid.positions - low) / (high - low)
    build.mesh(
        primitive(
            build,
            solid,
            material=textured(build, build.texture()),
            POSITION=build.array(np.round(shares * 65535), "u2", normalized=True),
            NORMAL=build.array(np.round(solid.normals * 127), "i1", normalized=True),
            TEXCOORD_0=build.array(np.round(solid.uv * 65535), "u2", normalized=True),
        )
    )
    build.tree["nodes"] = [{"mesh": 0, "scale": (high - low).tolist(), "translation": low.tolist()}]
    return build.glb()


def _whole_numbers() -> bytes:
    """Return a chair of 16-bit positions that are not normalised, as tools quantise."""
    build, solid = Builder(), chair()
    build.extension("KHR_mesh_quantization")
    build.mesh(
        primitive(
            build,
            solid,
            material=matt(build),
            POSITION=build.array(np.round(solid.positions * 1000), "i2"),
        )
    )
    build.tree["nodes"] = [{"mesh": 0, "scale": [0.001] * 3}]
    return build.glb()


def _mode(mode: int) -> bytes:
    """Return a wavy ribbon as a strip, or a disc as a fan."""
    build = Builder()
    turns = np.linspace(0, 5, 40)
    if mode == 5:
        points = [(t - 2.5, y + np.sin(t), np.cos(t)) for t in turns for y in (0, 1)]
    else:
        points = [(0, 0, 0), *((np.cos(t), np.sin(t), 0) for t in turns)]
    build.mesh(
        {
            "attributes": {"POSITION": build.array(points)},
            "mode": mode,
            "material": matt(build, doubleSided=True),
        }
    )
    return build.glb()


def _vertex_colours(dtype: str, width: int) -> bytes:
    build, solid = Builder(), chair()
    shares = (solid.positions - solid.positions.min(axis=0)) / np.ptp(solid.positions, axis=0)
    colours = np.concatenate([shares, np.ones((len(shares), 1))], axis=1)[:, :width]
    if dtype == "f4":
        accessor = build.array(colours)
    else:
        accessor = build.array(np.round(colours * np.iinfo(dtype).max), dtype, normalized=True)
    build.mesh(primitive(build, solid, material=matt(build, (1, 1, 1, 1)), COLOR_0=accessor))
    return build.glb()


# --- Nodes -------------------------------------------------------------------------------------


def _nodes(nodes: list[dict[str, Any]], roots: Sequence[int] = (0,), **more: Any) -> bytes:
    build = Builder()
    build.mesh(primitive(build, chair(), material=matt(build)))
    build.tree |= {"nodes": nodes, "scenes": [{"nodes": list(roots)}], **more}
    return build.glb()


def _turned(degrees: float, axis: int) -> list[float]:
    """Return the quaternion of a turn about an axis."""
    quaternion = np.zeros(4)
    quaternion[axis], quaternion[3] = (
        np.sin(np.radians(degrees) / 2),
        np.cos(np.radians(degrees) / 2),
    )
    return [float(each) for each in quaternion]


def _nested() -> bytes:
    return _nodes(
        [
            {"children": [1, 2], "rotation": _turned(40, 1), "scale": [1, 2, 1]},
            {"mesh": 0, "translation": [-2, 0, 0]},
            {"children": [3], "translation": [2, 0, 0], "rotation": _turned(30, 2)},
            {"mesh": 0, "scale": [0.5, 0.5, 0.5]},
        ]
    )


def _matrix() -> bytes:
    rows = np.array([[0, 0, 2, 3], [0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
    return _nodes([{"mesh": 0, "matrix": rows.T.ravel().tolist()}])


def _instances() -> bytes:
    build = Builder()
    build.extension("EXT_mesh_gpu_instancing")
    build.mesh(primitive(build, chair(), material=matt(build)))
    attributes = {
        "TRANSLATION": build.array([(0, 0, 0), (3, 0, 0), (6, 1, 0)]),
        "ROTATION": build.array([_turned(turn, 1) for turn in (0, 90, 180)]),
        "SCALE": build.array([(1, 1, 1), (0.5, 0.5, 0.5), (1, 2, 1)]),
    }
    build.tree["nodes"] = [
        {"mesh": 0, "extensions": {"EXT_mesh_gpu_instancing": {"attributes": attributes}}}
    ]
    return build.glb()


def _hidden() -> bytes:
    return _nodes(
        [
            {"mesh": 0},
            {
                "children": [2],
                "translation": [4, 0, 0],
                "extensions": {"KHR_node_visibility": {"visible": False}},
            },
            {"mesh": 0},
        ],
        (0, 1),
        extensionsUsed=["KHR_node_visibility"],
    )


def _skin(*, stray: bool = False, inverse: bool = True, second_set: bool = False) -> bytes:
    """Return a post that two joints bend."""
    build = Builder()
    solid = united(*(box((-0.3, y, -0.2), (0.3, y + 0.5, 0.2)) for y in np.arange(0, 3, 0.5)))
    if not inverse:
        # Each vertex is relative to the joint that moves it most.
        pass
    share = (solid.positions[:, 1] / 3).clip(0, 1)
    joints = np.tile([0, 1, 0, 0], (len(share), 1))
    weights = np.stack([1 - share, share, share * 0, share * 0], axis=1)
    sets = {
        "JOINTS_0": build.array(joints, "u1"),
        "WEIGHTS_0": build.array(weights),
    }
    if second_set:
        sets = {
            "JOINTS_0": build.array(np.zeros((len(share), 4)), "u1"),
            "WEIGHTS_0": build.array(np.stack([1 - share, *[share * 0] * 3], axis=1)),
            "JOINTS_1": build.array(np.tile([1, 0, 0, 0], (len(share), 1)), "u1"),
            "WEIGHTS_1": build.array(np.stack([share, *[share * 0] * 3], axis=1)),
        }
    build.mesh(primitive(build, solid, material=matt(build), **sets))
    skin: dict[str, Any] = {"joints": [1, 2]}
    if inverse:
        moved = np.tile(np.eye(4), (2, 1, 1))
        moved[1, 1, 3] = -1.5
        skin["inverseBindMatrices"] = build.array(moved.transpose(0, 2, 1).reshape(2, 16))
    build.tree["skins"] = [skin]
    mesh_node: dict[str, Any] = {"mesh": 0, "skin": 0}
    if stray:
        mesh_node |= {"rotation": _turned(90, 0), "translation": [5, 5, 5]}
    build.tree["nodes"] = [
        mesh_node,
        {"children": [2], "rotation": _turned(10, 2)},
        {"translation": [0, 1.5, 0], "rotation": _turned(50, 2)},
    ]
    build.tree["scenes"] = [{"nodes": [0, 1]}]
    return build.glb()


def _morph(*, of_node: bool, sparse: bool = False) -> bytes:
    """Return a chair that a morph target makes tall, by its default weight."""
    build, solid = Builder(), chair()
    moves = np.zeros_like(solid.positions)
    moves[:, 1] = np.where(solid.positions[:, 1] > 1, 3, 0)
    target = build.array(moves)
    if sparse:
        rows = np.flatnonzero(moves[:, 1])
        accessor = build.tree["accessors"][target]
        del accessor["bufferView"]
        accessor["sparse"] = {
            "count": len(rows),
            "indices": {
                "bufferView": build.view(rows.astype("<u2").tobytes()),
                "componentType": 5123,
            },
            "values": {"bufferView": build.view(moves[rows].astype("<f4").tobytes())},
        }
    entry = primitive(build, solid, material=matt(build)) | {"targets": [{"POSITION": target}]}
    build.mesh(entry, weights=[0.2 if of_node else 0.75])
    if of_node:
        build.tree["nodes"] = [{"mesh": 0, "weights": [0.75]}]
    return build.glb()


# --- Materials ---------------------------------------------------------------------------------


def _transform(**transform: Any) -> bytes:
    def make(build: Builder) -> int:
        build.extension("KHR_texture_transform")
        reference = build.texture() | {"extensions": {"KHR_texture_transform": transform}}
        return textured(build, reference)

    return with_material(make)


def _second_uv(*, by_transform: bool) -> bytes:
    build, solid = Builder(), chair()
    reference = build.texture()
    if by_transform:
        build.extension("KHR_texture_transform")
        reference |= {"extensions": {"KHR_texture_transform": {"texCoord": 1}}}
    else:
        reference |= {"texCoord": 1}
    uv = build.array(solid.uv * [3, 1])
    build.mesh(primitive(build, solid, material=textured(build, reference), TEXCOORD_1=uv))
    return build.glb()


def _wrapped(number: int) -> bytes:
    build, solid = Builder(), chair()
    reference = build.texture(sampler={"wrapS": number, "wrapT": number})
    uv = build.array(solid.uv * 3 - 1)
    build.mesh(primitive(build, solid, material=textured(build, reference), TEXCOORD_0=uv))
    return build.glb()


def _filtered(number: int) -> bytes:
    return with_material(
        lambda build: textured(
            build, build.texture(quarters(2), {"magFilter": number, "minFilter": number})
        )
    )


def _picture(kind: str, mode: str, **options: Any) -> bytes:
    def make(build: Builder) -> int:
        source = build.picture(quarters().convert(mode), kind, **options)
        texture: dict[str, Any] = {"source": source}
        if kind in ("WEBP", "AVIF"):
            name = f"EXT_texture_{kind.lower()}"
            build.extension(name)
            texture = {"extensions": {name: {"source": source}}}
        return textured(build, {"index": build.add("textures", texture)})

    return with_material(make)


def _deep_picture() -> bytes:
    deep = Image.fromarray(np.asarray(quarters().convert("L")).astype(np.uint16) * 257)
    return with_material(lambda build: textured(build, build.texture(deep)))


def _basis(name: str, **more: Any) -> bytes:
    """Return a chair with four quarters in a KTX2 file, made by Basis Universal."""

    def make(build: Builder) -> int:
        view = build.view((Path(__file__).parent / "ktx2" / f"{name}.ktx2").read_bytes())
        source = build.add("images", {"bufferView": view, "mimeType": "image/ktx2"})
        build.extension("KHR_texture_basisu")
        build.tree["extensionsRequired"] = ["KHR_texture_basisu"]
        texture = {"extensions": {"KHR_texture_basisu": {"source": source}}}
        return textured(build, {"index": build.add("textures", texture)}, **more)

    return with_material(make)


def _alpha(mode: str, **more: Any) -> bytes:
    """Return a chair with a texture of which two quarters are clear, or half so."""
    see_through = 0 if mode == "MASK" else 128
    colours = [(*RED, 255), (*GREEN, see_through), (*BLUE, see_through), (*YELLOW, 255)]
    return with_material(
        lambda build: textured(
            build,
            build.texture(quarters(colours=colours)),
            alphaMode=mode,
            doubleSided=True,
            **more,
        )
    )


def _open_box(*, double_sided: bool) -> bytes:
    """Return a box without its front and top, of which one sees the insides."""
    build = Builder()
    solid = box((-1, 0, -1), (1, 2, 1))
    faces = solid.faces.reshape(3, 2, 2, 3)
    kept = np.concatenate([faces[0].reshape(-1, 3), faces[1, 0], faces[2, 0]])
    open_box = Solid(solid.positions, solid.normals, solid.uv, kept)
    build.mesh(primitive(build, open_box, material=matt(build, doubleSided=double_sided)))
    return build.glb()


def _mirrored_open_box() -> bytes:
    """Return the open box mirrored by its node, whose fronts stay fronts."""
    build = Builder()
    solid = box((-1, 0, -1), (1, 2, 1))
    faces = solid.faces.reshape(3, 2, 2, 3)
    kept = np.concatenate([faces[0, 1], faces[1, 1], faces[2, 1]])
    build.mesh(
        primitive(
            build,
            Solid(solid.positions, solid.normals, solid.uv, kept),
            material=matt(build),
        )
    )
    build.tree["nodes"] = [{"mesh": 0, "scale": [-1, 1, 1]}]
    return build.glb()


def _metal(*, by_texture: bool) -> bytes:
    def make(build: Builder) -> int:
        surface: dict[str, Any] = {
            "baseColorFactor": [0.9, 0.6, 0.2, 1],
            "metallicFactor": 1,
            "roughnessFactor": 0.4,
        }
        if by_texture:
            rough = quarters(colours=[(0, 100, 255), (0, 100, 0), (0, 200, 0), (0, 200, 255)])
            surface["metallicRoughnessTexture"] = build.texture(rough)
        return build.material(pbrMetallicRoughness=surface)

    return with_material(make, ball())


def _emissive(*, by_texture: bool, strength: float | None = None) -> bytes:
    def make(build: Builder) -> int:
        more: dict[str, Any] = {"emissiveFactor": [1, 1, 1] if by_texture else [0.1, 0.6, 0.1]}
        if by_texture:
            more["emissiveTexture"] = build.texture()
        if strength is not None:
            build.extension("KHR_materials_emissive_strength")
            more["extensions"] = {"KHR_materials_emissive_strength": {"emissiveStrength": strength}}
        return matt(build, (0.02, 0.02, 0.02, 1), **more)

    return with_material(make)


def _extended(name: str, colour: tuple[float, ...] = (0.8, 0.3, 0.1, 1), **values: Any) -> bytes:
    def make(build: Builder) -> int:
        build.extension(name)
        return matt(build, colour, extensions={name: values})

    return with_material(make)


def _gloss(*, by_texture: bool) -> bytes:
    def make(build: Builder) -> int:
        name = "KHR_materials_pbrSpecularGlossiness"
        build.extension(name)
        values: dict[str, Any] = {"diffuseFactor": [0.2, 0.5, 0.8, 1], "glossinessFactor": 0.1}
        if by_texture:
            values = {"diffuseTexture": build.texture(), "glossinessFactor": 0.1}
        return build.material(extensions={name: values})

    return with_material(make)


def _behind_glass() -> bytes:
    """Return a red post behind a pane that lets light through."""
    build = Builder()
    build.extension("KHR_materials_transmission")
    glass = build.material(
        pbrMetallicRoughness={
            "baseColorFactor": [0.9, 0.95, 1, 1],
            "metallicFactor": 0,
            "roughnessFactor": 0,
        },
        extensions={"KHR_materials_transmission": {"transmissionFactor": 0.9}},
    )
    build.add(
        "meshes",
        {
            "primitives": [
                primitive(build, box((-1, 0, 0.5), (1, 2, 0.6)), material=glass),
                primitive(build, box((-0.4, 0, -1), (0.4, 1.5, -0.5)), material=matt(build)),
            ]
        },
    )
    return build.glb()


def _draco() -> bytes:
    import DracoPy

    build, solid = Builder(), chair()
    data = DracoPy.encode(solid.positions.astype(np.float32), solid.faces.astype(np.uint32))
    build.extension("KHR_draco_mesh_compression")
    build.tree["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    mesh = DracoPy.decode(data)
    place = build.add(
        "accessors", {"componentType": 5126, "count": len(mesh.points), "type": "VEC3"}
    )
    indices = build.add(
        "accessors", {"componentType": 5125, "count": mesh.faces.size, "type": "SCALAR"}
    )
    packed = {"bufferView": build.view(data), "attributes": {"POSITION": 0}}
    build.mesh(
        {
            "attributes": {"POSITION": place},
            "indices": indices,
            "material": matt(build),
            "extensions": {"KHR_draco_mesh_compression": packed},
        }
    )
    return build.glb()


# --- Several features at once, and what the still need not show -----------------------------------


def _skin_of_whole_numbers() -> bytes:
    """Return the bent post with 16-bit joints and 8-bit weights."""
    build = opened(_skin())
    attributes = build.tree["meshes"][0]["primitives"][0]["attributes"]
    rows = np.round(build.rows(attributes["WEIGHTS_0"]) * 255)
    attributes["WEIGHTS_0"] = build.array(rows, "u1", normalized=True)
    attributes["JOINTS_0"] = build.array(np.tile([0, 1, 0, 0], (len(rows), 1)), "u2")
    return build.glb()


def _morph_of_two() -> bytes:
    """Return a chair that two targets change, one of them with normals."""
    build, solid = Builder(), chair()
    tall, wide = np.zeros_like(solid.positions), np.zeros_like(solid.positions)
    tall[:, 1] = np.where(solid.positions[:, 1] > 1, 3, 0)
    wide[:, 0] = solid.positions[:, 0]
    targets = [
        {"POSITION": build.array(tall), "NORMAL": build.array(tall * 0)},
        {"POSITION": build.array(wide)},
    ]
    entry = primitive(build, solid, material=matt(build)) | {"targets": targets}
    build.mesh(entry, weights=[0.5, 0.8])
    return build.glb()


def _animated() -> bytes:
    """Return a chair with an animation, of which a still shows nothing."""
    build = opened(with_material(matt))
    times, moves = build.array([0.0, 1.0]), build.array([(0, 0, 0), (9, 9, 9)])
    build.add(
        "animations",
        {
            "samplers": [{"input": times, "output": moves}],
            "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}}],
        },
    )
    return build.glb()


def _coloured_texture(alpha: str = "OPAQUE") -> bytes:
    """Return a chair with a texture, vertex colours and a factor."""
    build, solid = Builder(), chair()
    shares = (solid.positions - solid.positions.min(axis=0)) / np.ptp(solid.positions, axis=0)
    colours = np.concatenate([0.4 + 0.6 * shares, 0.3 + 0.7 * shares[:, 1:2]], axis=1)
    surface = MATT | {"baseColorTexture": build.texture(), "baseColorFactor": [1, 0.7, 0.7, 1]}
    material = build.material(pbrMetallicRoughness=surface, alphaMode=alpha)
    build.mesh(primitive(build, solid, material=material, COLOR_0=build.array(colours)))
    return build.glb()


def _two_surfaces() -> bytes:
    """Return a mesh of two primitives of different materials, without indices and with."""
    build = Builder()
    entries = [
        primitive(build, box((-1, 0, -1), (1, 1, 1)), material=matt(build, (0.1, 0.3, 0.8, 1))),
        primitive(build, box((0, 1, -1), (1, 2, 0)), material=textured(build, build.texture())),
    ]
    build.add("meshes", {"primitives": entries})
    return build.glb()


def _relief(name: str, **reference: Any) -> bytes:
    """Return a chair with a picture of its normals or its shadows."""
    colours = [(128, 128, 255), (160, 128, 250), (128, 160, 250), (128, 128, 255)]

    def make(build: Builder) -> int:
        texture = build.texture(quarters(colours=colours)) | reference
        return build.material(pbrMetallicRoughness=MATT, **{name: texture})

    return with_material(make)


def _lit() -> bytes:
    """Return a chair beside a lamp."""
    build = opened(with_material(matt))
    build.extension("KHR_lights_punctual")
    lights = [{"type": "directional", "intensity": 1, "color": [1, 1, 1]}]
    build.tree["extensions"] = {"KHR_lights_punctual": {"lights": lights}}
    build.tree["nodes"].append({"extensions": {"KHR_lights_punctual": {"light": 0}}})
    build.tree["scenes"] = [{"nodes": [0, 1]}]
    return build.glb()


def _variants() -> bytes:
    """Return a chair with a choice of two materials, of which the first is its own."""
    build = opened(with_material(matt))
    name = "KHR_materials_variants"
    build.extension(name)
    other = matt(build, (0.1, 0.2, 0.9, 1))
    build.tree["extensions"] = {name: {"variants": [{"name": "blue"}]}}
    build.tree["meshes"][0]["primitives"][0]["extensions"] = {
        name: {"mappings": [{"material": other, "variants": [0]}]}
    }
    return build.glb()


def _unlit_texture() -> bytes:
    def make(build: Builder) -> int:
        build.extension("KHR_materials_unlit")
        return textured(build, build.texture(), extensions={"KHR_materials_unlit": {}})

    return with_material(make)


def _two_wraps() -> bytes:
    build, solid = Builder(), chair()
    reference = build.texture(sampler={"wrapS": 33071, "wrapT": 33648})
    uv = build.array(solid.uv * 3 - 1)
    build.mesh(primitive(build, solid, material=textured(build, reference), TEXCOORD_0=uv))
    return build.glb()


def _damaged_texture() -> bytes:
    def make(build: Builder) -> int:
        view = build.view(b"\x89PNG\r\n\x1a\n and no more")
        image = build.add("images", {"bufferView": view, "mimeType": "image/png"})
        return textured(build, {"index": build.add("textures", {"source": image})})

    return with_material(make)


def _cutout_by_a_factor() -> bytes:
    """Return a chair with a mask of which the factor's alpha decides."""
    colours = [(*RED, 255), (*GREEN, 150), (*BLUE, 90), (*YELLOW, 255)]

    def make(build: Builder) -> int:
        surface = MATT | {
            "baseColorTexture": build.texture(quarters(colours=colours)),
            "baseColorFactor": [1, 1, 1, 0.7],
        }
        return build.material(pbrMetallicRoughness=surface, alphaMode="MASK", doubleSided=True)

    return with_material(make)


def opened(plain: bytes) -> Builder:
    """Return a file to be built on."""
    length = struct.unpack("<I", plain[12:16])[0]
    tree = json.loads(plain[20 : 20 + length])
    del tree["buffers"]
    return Builder(tree, plain[28 + length :])


def squeezed(plain: bytes, name: str, filters: Mapping[str, str] | None = None) -> bytes:
    """Return a file with its arrays compressed by one of the two extensions for meshopt.

    `filters` are by attribute. What was not compressed is left out.
    """
    import meshopt

    build = opened(plain)
    body, tree = build.body, build.tree
    build.body = b""
    views, accessors = tree["bufferViews"], tree["accessors"]
    tree["buffers"] = [{"byteLength": len(body), "extensions": {name: {"fallback": True}}}]
    tree["bufferViews"], used = [], [each["primitives"][0] for each in tree["meshes"]]
    kinds = {each["indices"]: "" for each in used} | {
        place: kind for each in used for kind, place in each["attributes"].items()
    }
    by_view = {accessors[place]["bufferView"]: place for place in kinds}
    for number, view in enumerate(views):
        data = body[view["byteOffset"] :][: view["byteLength"]]
        if number not in by_view:
            build.view(data)
            continue
        place = by_view[number]
        accessor, kind = accessors[place], kinds[place]
        rows = np.frombuffer(data, np.uint8).reshape(accessor["count"], -1)
        packed: dict[str, Any] = {"mode": "ATTRIBUTES" if kind else "TRIANGLES"}
        if filters and (named := filters.get(kind)):
            packed["filter"] = named
            rows = _filtered_rows(rows.view("<f4"), named)
            if named != "EXPONENTIAL":
                code = "i1" if named == "OCTAHEDRAL" else "u1"
                accessor |= {"componentType": COMPONENTS[code], "normalized": True}
                accessor.pop("min", None), accessor.pop("max", None)
                view["byteStride"] = 4
        size = rows.shape[1]
        values = rows if kind else rows.view(f"<u{size}").ravel()
        version = int(name == "KHR_meshopt_compression")
        squeezed_data = meshopt.encode_gltf_buffer(values, packed["mode"], version if kind else 0)
        packed |= {"buffer": 0, "byteOffset": len(build.body), "byteStride": size}
        packed |= {"byteLength": len(squeezed_data), "count": accessor["count"]}
        build.view(squeezed_data)
        entry = {"buffer": 1, "byteOffset": view["byteOffset"], "byteLength": rows.size}
        strides = {"byteStride": view["byteStride"]} if "byteStride" in view else {}
        tree["bufferViews"][-1] = entry | strides | {"extensions": {name: packed}}
    build.extension(name)
    tree["extensionsRequired"] = [name]
    return build.glb()


def _filtered_rows(values: NDArray[np.float32], name: str) -> NDArray[np.uint8]:
    """Return floats as a filter of meshopt stores them."""
    import meshopt

    if name == "EXPONENTIAL":
        rows = meshopt.encode_filter_exp(values, 15)
    elif name == "OCTAHEDRAL":
        rows = meshopt.encode_filter_oct(np.pad(values, ((0, 0), (0, 1))), 4, 8)
    else:
        rows = meshopt.encode_filter_color(values, 4, 8)
    return np.asarray(rows).view(np.uint8).reshape(len(values), -1)


FILES: Mapping[str, Callable[[], bytes]] = {
    "indices of 8 bits": lambda: _indices("u1"),
    "indices of 32 bits": lambda: _indices("u4"),
    "no indices": _without_indices,
    "no normals": _without_normals,
    "interleaved": _interleaved,
    "sparse": lambda: _sparse(on_zeros=False),
    "sparse without a view": lambda: _sparse(on_zeros=True),
    "quantised": _quantised,
    "whole numbers": _whole_numbers,
    "triangle strip": lambda: _mode(5),
    "triangle fan": lambda: _mode(6),
    "vertex colours": lambda: _vertex_colours("f4", 3),
    "vertex colours with alpha": lambda: _vertex_colours("f4", 4),
    "vertex colours of 8 bits": lambda: _vertex_colours("u1", 4),
    "vertex colours of 16 bits": lambda: _vertex_colours("u2", 3),
    "nested nodes": _nested,
    "matrix": _matrix,
    "mirrored": lambda: _nodes([{"mesh": 0, "scale": [-1, 1, 1]}]),
    "second scene": lambda: _nodes(
        [{"mesh": 0, "translation": [5, 0, 0]}, {"mesh": 0, "scale": [1, 2, 1]}],
        scenes=[{"nodes": [0]}, {"nodes": [1]}],
        scene=1,
    ),
    "instances": _instances,
    "hidden nodes": _hidden,
    "skin": _skin,
    "skin on a stray node": lambda: _skin(stray=True),
    "skin without matrices": lambda: _skin(inverse=False),
    "skin with a second set": lambda: _skin(second_set=True),
    "morph by its mesh": lambda: _morph(of_node=False),
    "morph by its node": lambda: _morph(of_node=True),
    "sparse morph": lambda: _morph(of_node=False, sparse=True),
    "no material": lambda: with_material(lambda build: build.material()),
    "colour": lambda: with_material(matt),
    "texture": lambda: with_material(lambda build: textured(build, build.texture())),
    "texture scaled": lambda: _transform(scale=[3, 2]),
    "texture moved": lambda: _transform(offset=[0.5, 0]),
    "texture turned": lambda: _transform(rotation=1.5707963),
    "texture scaled, turned and moved": lambda: _transform(
        scale=[2, 2], rotation=0.7, offset=[0.2, 0.4]
    ),
    "second coordinates": lambda: _second_uv(by_transform=False),
    "second coordinates by a transform": lambda: _second_uv(by_transform=True),
    "texture repeated": lambda: _wrapped(10497),
    "texture clamped": lambda: _wrapped(33071),
    "texture mirrored": lambda: _wrapped(33648),
    "texture enlarged smoothly": lambda: _filtered(9729),
    "texture enlarged sharply": lambda: _filtered(9728),
    "JPEG": lambda: _picture("JPEG", "RGB"),
    "PNG with a palette": lambda: _picture("PNG", "P"),
    "grey PNG": lambda: _picture("PNG", "L"),
    "WebP": lambda: _picture("WEBP", "RGB", lossless=True),
    "AVIF": lambda: _picture("AVIF", "RGB", quality=95),
    "KTX2 of ETC1S with mipmaps": lambda: _basis("etc1s_mipmaps"),
    "KTX2 of ETC1S with alpha": lambda: _basis("etc1s_alpha", alphaMode="MASK", doubleSided=True),
    "KTX2 of UASTC": lambda: _basis("uastc_zstd"),
    "alpha mask": lambda: _alpha("MASK"),
    "alpha mask with a low cutoff": lambda: _alpha("MASK", alphaCutoff=0.1),
    "alpha blend": lambda: _alpha("BLEND"),
    "alpha ignored": lambda: _alpha("OPAQUE"),
    "blend by a factor": lambda: with_material(
        lambda build: matt(build, (0.8, 0.3, 0.1, 0.5), alphaMode="BLEND")
    ),
    "open box from both sides": lambda: _open_box(double_sided=True),
    "open box from one side": lambda: _open_box(double_sided=False),
    "mirrored open box": _mirrored_open_box,
    "metal": lambda: _metal(by_texture=False),
    "metal by a texture": lambda: _metal(by_texture=True),
    "emissive": lambda: _emissive(by_texture=False),
    "emissive texture": lambda: _emissive(by_texture=True),
    "emissive strength": lambda: _emissive(by_texture=False, strength=1.5),
    "unlit": lambda: _extended("KHR_materials_unlit"),
    "specular and gloss": lambda: _gloss(by_texture=False),
    "specular and gloss, texture": lambda: _gloss(by_texture=True),
    "transmission": _behind_glass,
    "clearcoat": lambda: _extended("KHR_materials_clearcoat", clearcoatFactor=1),
    "sheen": lambda: _extended("KHR_materials_sheen", sheenColorFactor=[0.2, 0.2, 0.2]),
    "skin of whole numbers": _skin_of_whole_numbers,
    "morph of two targets": _morph_of_two,
    "animation": _animated,
    "two primitives": _two_surfaces,
    "texture, vertex colours and factor": _coloured_texture,
    "blend by vertex colours": lambda: _coloured_texture("BLEND"),
    "alpha mask by texture and factor": _cutout_by_a_factor,
    "texture clamped and mirrored": _two_wraps,
    "texture scaled unevenly and turned": lambda: _transform(scale=[3, 1], rotation=0.7),
    "progressive JPEG": lambda: _picture("JPEG", "RGB", progressive=True),
    "grey JPEG": lambda: _picture("JPEG", "L"),
    "grey PNG with alpha": lambda: _picture("PNG", "LA"),
    "PNG of 16 bits": _deep_picture,
    "WebP with loss": lambda: _picture("WEBP", "RGB", quality=90),
    "damaged texture": _damaged_texture,
    "normal texture": lambda: _relief("normalTexture"),
    "normal texture scaled": lambda: _relief("normalTexture", scale=0.3),
    "occlusion texture": lambda: _relief("occlusionTexture", strength=0.5),
    "unlit texture": _unlit_texture,
    "light": _lit,
    "variants": _variants,
    "specular": lambda: _extended("KHR_materials_specular", specularFactor=0.2),
    "index of refraction": lambda: _extended("KHR_materials_ior", ior=1.8),
    "iridescence": lambda: _extended("KHR_materials_iridescence", iridescenceFactor=1),
    "anisotropy": lambda: _extended("KHR_materials_anisotropy", anisotropyStrength=0.6),
    "volume": lambda: _extended("KHR_materials_volume", thicknessFactor=0.5),
    "dispersion": lambda: _extended("KHR_materials_dispersion", dispersion=0.1),
    "diffuse transmission": lambda: _extended(
        "KHR_materials_diffuse_transmission", diffuseTransmissionFactor=0.3
    ),
    "Draco": _draco,
    "meshopt": lambda: squeezed(FILES["quantised"](), "EXT_meshopt_compression"),
    "meshopt with filters": lambda: squeezed(
        FILES["texture"](),
        "EXT_meshopt_compression",
        {"POSITION": "EXPONENTIAL", "NORMAL": "OCTAHEDRAL"},
    ),
    "meshopt of Khronos": lambda: squeezed(
        FILES["vertex colours with alpha"](), "KHR_meshopt_compression", {"COLOR_0": "COLOR"}
    ),
}

# What the viewer can only show unpacked: the file that such a file was made of.
UNPACKED: Mapping[str, str] = {
    "Draco": "colour",
    "KTX2 of ETC1S with mipmaps": "texture",
    "KTX2 of UASTC": "texture",
    "meshopt": "quantised",
    "meshopt with filters": "texture",
    "meshopt of Khronos": "vertex colours with alpha",
}
