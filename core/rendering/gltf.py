"""Reads glTF files, and packs them into one binary file that refers to no other."""

import base64
import binascii
import io
import json
import struct
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from PIL import Image

from core.errors import LookalikeError
from core.rendering.files import Files, UnusableFileError

_GLTF, _JSON, _BIN = b"glTF", 0x4E4F534A, 0x004E4942
# Extensions for compressed geometry and textures. trimesh reads Draco, and ignores compressed
# textures.
_MESHOPT = {"EXT_meshopt_compression", "KHR_meshopt_compression"}
_DECODED = {*_MESHOPT, "KHR_draco_mesh_compression", "KHR_texture_basisu"}


class TooLargeError(LookalikeError):
    """The binary glTF would be larger than the limit."""

    def __init__(self, max_bytes: int) -> None:
        """Build the message from the limit."""
        super().__init__(
            f"It cannot be shown in 3D: as binary glTF it is over {max_bytes / 1e6:g} MB."
        )


def parse(kind: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the JSON of a glTF file and the binary chunk that follows it.

    Args:
        kind: "glb" or "gltf".
        data: the bytes of the file.

    Raises:
        UnusableFileError: the file is damaged, or cannot be read for another reason.
    """
    broken = UnusableFileError(
        "The file is damaged or cut short: its glTF cannot be read. Export or download it again."
    )
    text, rest = data, b""
    if kind == "glb":
        if len(data) < 20:
            raise broken
        _, version, whole, length, first = struct.unpack("<4sIIII", data[:20])
        if version == 1:
            raise UnusableFileError("It is glTF 1, which is not supported. Export it as glTF 2.")
        if whole > len(data) or 20 + length > whole or first != _JSON:
            raise broken
        text, rest = data[20 : 20 + length], data[20 + length : whole]
        if rest:
            if len(rest) < 8 or struct.unpack("<I", rest[:4])[0] > len(rest) - 8:
                raise broken
            rest = rest[8 : 8 + struct.unpack("<I", rest[:4])[0]]
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise broken from error
    if not isinstance(tree, dict):
        raise broken
    asset = tree.get("asset")
    if isinstance(asset, dict) and str(asset.get("version", "2")).startswith("1"):
        raise UnusableFileError("It is glTF 1, which is not supported. Export it as glTF 2.")
    if unsupported := _MESHOPT & _names(tree, "extensionsRequired"):
        raise UnusableFileError(
            f"Its geometry is compressed with {min(unsupported)}, which is not supported. "
            "Export it without compression, or with Draco."
        )
    return tree, rest


def check_buffers(tree: Mapping[str, Any], files: Files) -> None:
    """Raise `UnusableFileError` if a file with the geometry is missing."""
    for buffer in tree.get("buffers") or []:
        uri = buffer.get("uri") if isinstance(buffer, dict) else None
        if isinstance(uri, str) and uri[:5].lower() != "data:":
            try:
                files.get(uri)
            except OSError as error:
                name = "".join(character for character in uri[:200] if character.isprintable())
                raise UnusableFileError(
                    f'Its geometry is in the file "{name}", which is missing or outside '
                    "the folder that is imported. Move it there, or export the model as GLB."
                ) from error


def is_plain(tree: Mapping[str, Any]) -> bool:
    """Return whether a page can show a glTF without loading a decoder first."""
    return _DECODED.isdisjoint(_names(tree, "extensionsUsed") | _names(tree, "extensionsRequired"))


def _names(tree: Mapping[str, Any], key: str) -> set[str]:
    """Return the extensions that a glTF lists."""
    names = tree.get(key)
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def pack(
    tree: dict[str, Any], rest: bytes | None, files: Files, verbatim: bytes | None, max_bytes: int
) -> bytes:
    """Return a glTF as one binary file without any URLs that a page would load.

    Args:
        tree: the JSON of the glTF.
        rest: the binary chunk of the file, if it has one.
        files: reads the files that it refers to.
        verbatim: the bytes of the file, returned as they are if it refers to no others.
        max_bytes: the largest size allowed.

    Raises:
        TooLargeError: it would be larger than `max_bytes`.
        UnusableFileError: a texture is too large.
        ValueError, TypeError, KeyError, IndexError, OSError: the glTF is invalid.
    """
    buffers, images = tree.get("buffers") or [], tree.get("images") or []
    has_uris = any("uri" in entry for entry in (*buffers, *images))
    parts: list[bytes] = []
    starts: list[int] = []
    size = 0

    def add(data: bytes) -> int:
        nonlocal size
        if size + len(data) > max_bytes:
            raise TooLargeError(max_bytes)
        start = size
        parts.extend((data, bytes(-len(data) % 4)))
        size += len(data) + -len(data) % 4
        return start

    for number, buffer in enumerate(buffers):
        data = _load(buffer["uri"], files) if "uri" in buffer else rest
        if data is None or (number and "uri" not in buffer):
            raise ValueError("a buffer is missing")
        starts.append(add(data[: int(buffer["byteLength"])]))
    views = [dict(view) for view in tree.get("bufferViews") or []]
    for view in views:
        view["byteOffset"] = int(view.get("byteOffset", 0)) + starts[view["buffer"]]
        view["buffer"] = 0
    packed = []
    joined = b"".join(parts)
    for image in images:
        image = dict(image)
        if "uri" in image:
            try:
                data = _load(image.pop("uri"), files)
            except OSError:
                data = _PIXEL
            image |= {"bufferView": len(views), "mimeType": _mime(data)}
            views.append({"buffer": 0, "byteOffset": add(data), "byteLength": len(data)})
        else:
            view = views[image["bufferView"]]
            data = joined[view["byteOffset"] : view["byteOffset"] + int(view["byteLength"])]
        _check_picture(data)
        packed.append(image)
    if not has_uris and verbatim is not None:
        if len(verbatim) > max_bytes:
            raise TooLargeError(max_bytes)
        return verbatim
    tree = tree | {"bufferViews": views, "buffers": [{"byteLength": size}], "images": packed}
    if not packed:
        del tree["images"]
    text = json.dumps(tree, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(parts)
    whole = 12 + 8 + len(text) + 8 + len(body)
    if whole > max_bytes:
        raise TooLargeError(max_bytes)
    return b"".join(
        (
            struct.pack("<4sII", _GLTF, 2, whole),
            struct.pack("<II", len(text), _JSON),
            text,
            struct.pack("<II", len(body), _BIN),
            body,
        )
    )


# One grey pixel, in place of a missing texture.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


def _load(uri: Any, files: Files) -> bytes:
    """Return the data that a URI in a glTF contains, or the file that it names."""
    if not isinstance(uri, str):
        raise ValueError("a URI is not text")
    if uri[:5].lower() != "data:":
        return files.get(uri)
    header, _, text = uri.partition(",")
    try:
        return base64.b64decode(text) if header.endswith(";base64") else unquote(text).encode()
    except binascii.Error as error:
        raise OSError("the data of a URI are damaged") from error


def _mime(data: bytes) -> str:
    """Return the MIME type of a texture."""
    return "image/jpeg" if data[:2] == b"\xff\xd8" else "image/png"


def _check_picture(data: bytes) -> None:
    """Raise `UnusableFileError` if a browser would have to decode a picture that is too large."""
    try:
        Image.open(io.BytesIO(data)).close()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnusableFileError("A texture is too large.") from error
    except Exception:
        # A format that Pillow does not read, such as KTX2, or a damaged picture: the viewer then
        # shows no texture.
        return
