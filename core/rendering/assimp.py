"""Reads COLLADA and FBX files through the library Assimp, which turns them into binary glTF.

Assimp stands each file upright and keeps its nodes, skins and pictures. It tells of materials less
in glTF than it knows; what is missing is asked for here. The files are hostile: this runs in the
process of one file.
"""

import ctypes
import importlib.metadata
import io
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from core import settings
from core.rendering.files import Files, UnusableFileError
from core.rendering.gltf import textures
from core.rendering.gltf.document import Document
from core.rendering.mesh_parts import to_linear
from core.rendering.obj.textures import masked

# How people call the formats that are read so, by the extension.
FORMATS = {"dae": "COLLADA", "fbx": "FBX"}
# The package that the library comes in.
_WHEEL = "cmeel-assimp"
# How much of a file tells its format.
START = 65_536

# What Assimp does to a file: polygons become triangles, parts are left out, a vertex has four bones
# at most, a mesh has faces of one kind, and centimetres become metres.
_STEPS = 0x8 | 0x10 | 0x200 | 0x8000 | 0x8000000
# The parts that are left out: animations, lights and cameras.
_LEFT_OUT = 0x40 | 0x100 | 0x200
# What is no whole number among the numbers of corners in COLLADA.
_NO_NUMBERS = re.compile(rb"<(?:p|v|vcount)(?:\s[^<>]*)?>[-+\d\s]*+[^-+\d\s<]")
# Textures by their use.
_DIFFUSE, _OPACITY, _BASE_COLOUR = 1, 8, 12


class _Text(ctypes.Structure):
    """Text of Assimp."""

    _fields_ = (("length", ctypes.c_uint32), ("data", ctypes.c_char * 1024))


class _Blob(ctypes.Structure):
    """A file that Assimp has made; others that belong to it would follow."""

    _fields_ = (("size", ctypes.c_size_t), ("data", ctypes.c_void_p))


class _Scene(ctypes.Structure):
    """The beginning of what Assimp knows of a file."""

    _fields_ = (
        ("flags", ctypes.c_uint),
        ("root", ctypes.c_void_p),
        ("mesh_count", ctypes.c_uint),
        ("meshes", ctypes.c_void_p),
        ("material_count", ctypes.c_uint),
        ("materials", ctypes.POINTER(ctypes.c_void_p)),
    )


class _Embedded(ctypes.Structure):
    """A picture inside a file: of height 0 if it is in a format of its own, of `width` bytes."""

    _fields_ = (
        ("width", ctypes.c_uint),
        ("height", ctypes.c_uint),
        ("hint", ctypes.c_char * 9),
        ("data", ctypes.c_void_p),
    )


@cache
def library() -> ctypes.CDLL:
    """Return Assimp, which is loaded once.

    Raises `UnusableFileError` if it is not installed.
    """
    try:
        wheel = importlib.metadata.distribution(_WHEEL)
        names = [each for each in wheel.files or () if each.name.startswith("libassimp.")]
        loaded = ctypes.CDLL(str(wheel.locate_file(names[0])))
    except (importlib.metadata.PackageNotFoundError, IndexError, OSError) as error:
        raise UnusableFileError(
            f"COLLADA and FBX files need the package {_WHEEL}, which cannot be loaded. "
            f"Run: {sys.executable} -m pip install -r {settings.PROJECT / 'requirements.txt'}"
        ) from error
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    for name, result, arguments in (
        ("aiCreatePropertyStore", pointer, []),
        ("aiSetImportPropertyInteger", None, [pointer, ctypes.c_char_p, ctypes.c_int]),
        (
            "aiImportFileFromMemoryWithProperties",
            ctypes.POINTER(_Scene),
            [ctypes.c_char_p, number, number, ctypes.c_char_p, pointer],
        ),
        ("aiGetErrorString", ctypes.c_char_p, []),
        ("aiExportSceneToBlob", ctypes.POINTER(_Blob), [pointer, ctypes.c_char_p, number]),
        (
            "aiGetMaterialFloatArray",
            number,
            [pointer, ctypes.c_char_p, number, number] + [pointer] * 2,
        ),
        ("aiGetMaterialTexture", number, [pointer, number, number, pointer] + [pointer] * 6),
        ("aiGetEmbeddedTexture", ctypes.POINTER(_Embedded), [pointer, ctypes.c_char_p]),
    ):
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


def format_of(start: bytes) -> str:
    """Return the extension of the format that a file which begins so is in; empty for another."""
    # UTF-16 differs from ASCII in its zeros.
    text = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"Kaydara FBX") or (text[:1] in b";F" and b"FBXHeaderExtension" in text):
        return "fbx"
    return "dae" if text.startswith(b"<") and b"<COLLADA" in text else ""


def read(kind: str, data: bytes, files: Files) -> Document:
    """Return a file as glTF; only its pictures may not be packed with it.

    Args:
        kind: one of `FORMATS`.
        data: the bytes of the file.
        files: reads its pictures.

    Raises:
        UnusableFileError: the file cannot be read.
        MemoryError: it takes too much memory.
    """
    if format_of(data[:START]) != kind:
        raise UnusableFileError(f"The file is damaged, or not {FORMATS[kind]}. Export it again.")
    # Assimp would take memory without end.
    if kind == "dae" and _NO_NUMBERS.search(data.replace(b"\0", b"")):
        raise _reason("", FORMATS[kind])
    loaded = library()
    options = loaded.aiCreatePropertyStore()
    loaded.aiSetImportPropertyInteger(options, b"PP_RVC_FLAGS", _LEFT_OUT)
    # Nothing is released: the process ends with the file.
    scene = loaded.aiImportFileFromMemoryWithProperties(
        data, len(data), _STEPS, kind.encode(), options
    )
    blob = loaded.aiExportSceneToBlob(scene, b"glb2", 0) if scene else None
    if not blob:
        raise _reason(loaded.aiGetErrorString().decode("utf-8", "replace"), FORMATS[kind])
    binary = ctypes.string_at(blob.contents.data, blob.contents.size)
    document = _with_linear_colours(Document.parse("glb", binary, files))
    _Materials(document, scene).complete(is_collada=kind == "dae")
    return document


def _reason(said: str, name: str) -> Exception:
    """Return the error for what Assimp says of a file."""
    if "bad_alloc" in said or "allocate" in said:
        return MemoryError(said)
    if "old format version" in said or "unsupported, " in said:
        return UnusableFileError(
            f"It is {name} of a version before 2011, which is not supported. "
            "Open it in a 3D program and export it as GLB."
        )
    return UnusableFileError(
        f"The file cannot be read: it is damaged, or not {name}. "
        "Open it in a 3D program and export it again."
    )


class _Materials:
    """The materials of a file, in glTF and as Assimp knows them, in the same order."""

    def __init__(self, document: Document, scene: Any) -> None:
        """Take the document that is to be completed, and the scene that it was made of."""
        self._document = document
        self._scene = scene
        self._listed: list[Any] = document.tree.get("materials") or []
        known = scene.contents
        self._known = [known.materials[place] for place in range(known.material_count)]

    def complete(self, *, is_collada: bool) -> None:
        """Give the materials of the document their colours in light, opacity and masks.

        Both sides of faces are visible, as in the programs that write these formats. A texture
        stands for the colour, as these formats have it, rather than being multiplied by it.
        """
        opacities = _opacities([self._opacity(each) for each in self._known], is_collada)
        for material, known, opacity in zip(self._listed, self._known, opacities, strict=True):
            surface = material.setdefault("pbrMetallicRoughness", {})
            red, green, blue = (*surface.get("baseColorFactor", ()), 1.0, 1.0, 1.0)[:3]
            has_texture = "baseColorTexture" in surface
            light = [1.0] * 3 if has_texture else to_linear(np.clip([red, green, blue], 0, 1))
            surface["baseColorFactor"] = [*map(float, light), opacity]
            if "emissiveFactor" in material:
                glow = np.clip(material["emissiveFactor"], 0, 1)
                material["emissiveFactor"] = to_linear(glow).tolist()
            material["doubleSided"] = True
            material.pop("alphaMode", None)
            if opacity < 1:
                material["alphaMode"] = "BLEND"
            if mask := self._texture(known, _OPACITY):
                material["alphaMode"] = "BLEND"
                colours = self._texture(known, _BASE_COLOUR) or self._texture(known, _DIFFUSE)
                if mask != colours:
                    self._add_mask(surface, mask)

    def _opacity(self, known: int) -> float | None:
        """Return the opacity that a material states; None for none."""
        value, name = ctypes.c_float(1), b"$mat.opacity"
        if library().aiGetMaterialFloatArray(known, name, 0, 0, ctypes.byref(value), None):
            return None
        return float(np.clip(np.nan_to_num(value.value, nan=1.0), 0, 1))

    def _texture(self, known: int, use: int) -> str:
        """Return the name of a texture of a material; empty for none."""
        name = _Text()
        failed = library().aiGetMaterialTexture(known, use, 0, ctypes.byref(name), *[None] * 6)
        return "" if failed else name.data[: name.length].decode("utf-8", "surrogateescape")

    def _add_mask(self, surface: dict[str, Any], name: str) -> None:
        """Give a surface the opacity that a picture has in its alpha or else its brightness."""
        mask = self._picture(name)
        if mask is None:
            return
        tree, document = self._document.tree, self._document
        images, listed = (tree.setdefault(each, []) for each in ("images", "textures"))
        reference = surface.setdefault("baseColorTexture", {})
        found = textures.read(document, reference)
        before = document.entry("textures", reference["index"]) if "index" in reference else {}
        document.pictures[len(images)] = masked(found.picture if found else None, mask)
        reference["index"] = len(listed)
        listed.append({**before, "source": len(images)})
        images.append({})

    def _picture(self, name: str) -> Image.Image | None:
        """Return the picture with a name in the file or beside it; None if it cannot be read."""
        try:
            embedded = library().aiGetEmbeddedTexture(
                self._scene, name.encode("utf-8", "surrogateescape")
            )
            if embedded and embedded.contents.height:
                raise ValueError("its texels are not in the format of a picture")
            if embedded:
                data = ctypes.string_at(embedded.contents.data, embedded.contents.width)
            else:
                data = self._document.files.get(name)
            picture = Image.open(io.BytesIO(data))
            picture.load()
            return picture
        except Exception as error:
            # Deliberately every exception: a picture from outside may be broken in any way, and
            # is treated as missing.
            self._document.files.note_unreadable(name, error)
            return None


def _opacities(stated: Sequence[float | None], is_collada: bool) -> list[float]:
    """Return the opacity of each material of a file, of which some may not be stated.

    Some programs write into COLLADA how transparent a material is: then more of them would be clear
    than opaque.
    """
    if is_collada and stated.count(0) > stated.count(1) + stated.count(None):
        return [1.0 if each is None else 1 - each for each in stated]
    found = [1.0 if each is None else each for each in stated]
    # No file is made to show nothing.
    return found if any(found) else [1.0] * len(found)


def _with_linear_colours(document: Document) -> Document:
    """Return a document with its vertex colours, which are stated for the screen, as light."""
    chunk = bytearray(document.chunk)
    for view in set(_colour_views(document.tree)):
        entry = document.tree["bufferViews"][view]
        start, length = entry.get("byteOffset", 0), entry["byteLength"]
        values = np.frombuffer(chunk, "<f4", length // 4, start).reshape(-1, 4)
        values[:, :3] = to_linear(np.nan_to_num(values[:, :3]).clip(0, 1))
    return Document(document.tree, bytes(chunk), document.files)


def _colour_views(tree: dict[str, Any]) -> Iterator[int]:
    """Yield the buffer views of vertex colours as Assimp writes them: floats, RGBA."""
    for mesh in tree.get("meshes") or []:
        for primitive in mesh["primitives"]:
            if (place := primitive["attributes"].get("COLOR_0")) is not None:
                accessor = tree["accessors"][place]
                if (accessor["componentType"], accessor["type"]) == (5126, "VEC4"):
                    yield accessor["bufferView"]
