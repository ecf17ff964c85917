"""Writes a model as binary glTF for the viewer in the page."""

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.rendering.gltf.packing import TooLargeError, joined
from core.rendering.gltf.primitives import LINES, POINTS, TRIANGLES
from core.rendering.gltf.textures import LINEAR, NEAREST, WRAPS
from core.rendering.mesh_parts import Appearance, MappedPicture, Part, reduced_picture, to_linear
from core.rendering.raytracer import Wrap
from core.rendering.scene_assembly import unit_directions, used_vertices

# The largest side of a texture in the model that the viewer shows, where it can fill a screen.
MAX_TEXTURE_SIDE = 2048
# Of a texture that was a JPEG; others are stored as PNG.
JPEG_QUALITY = 90
# Neither metal nor gloss: what OBJ, STL and PLY say of surfaces is their colour.
ROUGHNESS = 0.8

_MODES = {1: POINTS, 2: LINES, 3: TRIANGLES}
_COMPONENTS = {"f4": 5126, "u4": 5125, "u1": 5121}
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
_WRAPS = {wrap: number for number, wrap in WRAPS.items()}


def export_glb(parts: list[Part], max_bytes: int) -> bytes:
    """Return the parts as binary glTF, in their original size.

    Raises:
        TooLargeError: it would be larger than `max_bytes`.
    """
    least_bytes = sum(len(part.vertices) * 12 + len(part.faces) * 6 for part in parts)
    if least_bytes > max_bytes:
        raise TooLargeError(max_bytes)
    writer = _Writer(max_bytes)
    primitives = [writer.primitive(part) for part in parts]
    return joined(
        {
            "asset": {"version": "2.0", "generator": "Lookalike"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": primitives}],
            **{kind: entries for kind, entries in writer.lists.items() if entries},
            **({"extensionsUsed": sorted(writer.extensions)} if writer.extensions else {}),
        },
        writer.parts,
        max_bytes,
    )


@dataclass
class _Writer:
    """Collects what the primitives of a model refer to.

    Attributes:
        max_bytes: more data are too much.
        lists: the entries of the document, such as "materials".
        parts: the binary data, each of a multiple of four bytes.
        size: of all of them.
        extensions: the names of those that the materials use.
    """

    max_bytes: int
    lists: dict[str, list[Any]] = field(
        default_factory=lambda: {
            kind: []
            for kind in (
                "accessors",
                "bufferViews",
                "materials",
                "textures",
                "samplers",
                "images",
            )
        }
    )
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    extensions: set[str] = field(default_factory=set)
    _materials: dict[int, int] = field(default_factory=dict)
    _images: dict[int, int | None] = field(default_factory=dict)
    _textures: dict[tuple[int, tuple[Wrap, Wrap], bool], int] = field(default_factory=dict)

    def primitive(self, part: Part) -> dict[str, Any]:
        """Add the arrays and the material of a part, and return its primitive."""
        vertices, faces, (normals, uvs, colours) = used_vertices(
            part.vertices, part.faces, part.normals, part.uvs, part.colours
        )
        positions = vertices.astype("<f4")
        attributes = {
            "POSITION": self._array(
                positions,
                min=[float(each) for each in positions.min(axis=0)],
                max=[float(each) for each in positions.max(axis=0)],
            )
        }
        if normals is not None:
            attributes["NORMAL"] = self._array(unit_directions(normals).astype("<f4"))
        for layer in range(0 if uvs is None else uvs.shape[1]):
            assert uvs is not None
            flipped = np.stack([uvs[:, layer, 0], 1 - uvs[:, layer, 1]], axis=1)
            attributes[f"TEXCOORD_{layer}"] = self._array(flipped.astype("<f4"))
        if colours is not None:
            attributes["COLOR_0"] = self._array(_linear(colours), normalized=True)
        return {
            "attributes": attributes,
            "indices": self._array(faces.astype("<u4").reshape(-1, 1)),
            "mode": _MODES[part.corners],
            "material": self._material(part.appearance),
        }

    def _data(self, data: bytes) -> int:
        """Add bytes, and return the number of their buffer view."""
        if self.size + len(data) > self.max_bytes:
            raise TooLargeError(self.max_bytes)
        padded = data + bytes(-len(data) % 4)
        view = {"buffer": 0, "byteOffset": self.size, "byteLength": len(data)}
        self.parts.append(padded)
        self.size += len(padded)
        return self._add("bufferViews", view)

    def _array(self, values: NDArray[Any], **more: Any) -> int:
        """Add an array of a row per element, and return the number of its accessor."""
        return self._add(
            "accessors",
            {
                "bufferView": self._data(values.tobytes()),
                "componentType": _COMPONENTS[values.dtype.str[1:]],
                "count": len(values),
                "type": _TYPES[values.shape[1]],
                **more,
            },
        )

    def _add(self, kind: str, entry: dict[str, Any]) -> int:
        """Add an entry to a list of the document, and return its number."""
        self.lists[kind].append(entry)
        return len(self.lists[kind]) - 1

    def _material(self, appearance: Appearance) -> int:
        """Return the number of the material of an appearance, which is added once."""
        if id(appearance) not in self._materials:
            self._materials[id(appearance)] = self._add("materials", self._appearance(appearance))
        return self._materials[id(appearance)]

    def _appearance(self, appearance: Appearance) -> dict[str, Any]:
        """Return the material of an appearance."""
        red, green, blue, alpha = appearance.colour
        surface: dict[str, Any] = {
            "baseColorFactor": [*to_linear([red, green, blue]).tolist(), alpha],
            "metallicFactor": appearance.metallic,
            "roughnessFactor": appearance.roughness if appearance.metallic else ROUGHNESS,
        }
        material: dict[str, Any] = {
            "pbrMetallicRoughness": surface,
            "doubleSided": appearance.is_double_sided,
        }
        if (texture := self._texture(appearance.texture)) is not None:
            surface["baseColorTexture"] = texture
        if (texture := self._texture(appearance.metallic_texture)) is not None:
            surface["metallicRoughnessTexture"] = texture
        extensions: dict[str, dict[str, float]] = {}
        if not appearance.is_lit:
            extensions["KHR_materials_unlit"] = {}
        if appearance.transmission:
            extensions["KHR_materials_transmission"] = {
                "transmissionFactor": appearance.transmission
            }
        if extensions:
            material["extensions"] = extensions
            self.extensions |= extensions.keys()
        if appearance.emissive is not None:
            material["emissiveFactor"] = to_linear(appearance.emissive).tolist()
            if (texture := self._texture(appearance.emissive_texture)) is not None:
                material["emissiveTexture"] = texture
        blends = appearance.alpha == "BLEND" and (
            alpha < 1
            or (appearance.texture is not None and appearance.texture.picture.has_transparency_data)
        )
        if appearance.alpha == "MASK":
            material |= {"alphaMode": "MASK", "alphaCutoff": appearance.cutoff}
        elif blends:
            material["alphaMode"] = "BLEND"
        return material

    def _texture(self, mapped: MappedPicture | None) -> dict[str, int] | None:
        """Return the reference to a texture, which is added once; None if it cannot be read."""
        image = None if mapped is None else self._image(mapped.picture)
        if mapped is None or image is None:
            return None
        key = image, mapped.wraps, mapped.is_sharp
        if key not in self._textures:
            wraps = (_WRAPS[wrap] for wrap in mapped.wraps)
            sampler = dict(zip(("wrapS", "wrapT"), wraps, strict=True))
            sampler["magFilter"] = NEAREST if mapped.is_sharp else LINEAR
            entry = {"source": image, "sampler": self._add("samplers", sampler)}
            self._textures[key] = self._add("textures", entry)
        return {"index": self._textures[key], "texCoord": mapped.layer}

    def _image(self, picture: Image.Image) -> int | None:
        """Return the number of a picture, which is added once; None if it cannot be read."""
        if id(picture) not in self._images:
            small = reduced_picture(picture, MAX_TEXTURE_SIDE)
            if small is None:
                self._images[id(picture)] = None
            else:
                data, kind = _encoded(small)
                image = {"bufferView": self._data(data), "mimeType": kind}
                self._images[id(picture)] = self._add("images", image)
        return self._images[id(picture)]


def _linear(colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return screen colours, float64 RGBA 0 to 1, in linear light as glTF stores them: uint8."""
    linear = colours.copy()
    linear[:, :3] = to_linear(linear[:, :3])
    return (linear * 255 + 0.5).astype(np.uint8)


def _encoded(picture: Image.Image) -> tuple[bytes, str]:
    """Return a picture as a file, and its MIME type."""
    file = io.BytesIO()
    if picture.format == "JPEG":
        picture.convert("RGB").save(file, "JPEG", quality=JPEG_QUALITY)
        return file.getvalue(), "image/jpeg"
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture.convert(mode).save(file, "PNG")
    return file.getvalue(), "image/png"
