"""glTF: what a file says, and the same as one binary file that names no other."""

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
# Compressed geometry and textures. trimesh reads Draco, and leaves such textures out.
_MESHOPT = {"EXT_meshopt_compression", "KHR_meshopt_compression"}
_DECODED = {*_MESHOPT, "KHR_draco_mesh_compression", "KHR_texture_basisu"}


class TooLargeError(LookalikeError):
    """The binary glTF is over its limit: the text says so."""

    def __init__(self, most: int) -> None:
        """Say so."""
        super().__init__(
            f"It cannot be turned in the page: as binary glTF it is over {most / 1e6:g} MB."
        )


def parse(kind: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the JSON of a glTF file and the bytes that follow it; raises `UnusableFileError`."""
    broken = UnusableFileError(
        "The file is damaged, or cut short: its glTF cannot be read. Export or download it again."
    )
    text, rest = data, b""
    if kind == "glb":
        if len(data) < 20:
            raise broken
        _, version, whole, length, first = struct.unpack("<4sIIII", data[:20])
        if version == 1:
            raise UnusableFileError("It is glTF 1, which is no longer read. Export it as glTF 2.")
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
        raise UnusableFileError("It is glTF 1, which is no longer read. Export it as glTF 2.")
    if unread := _MESHOPT & _names(tree, "extensionsRequired"):
        raise UnusableFileError(
            f"Its geometry is compressed by {min(unread)}, which is not read. "
            "Export it without compression, or with Draco."
        )
    return tree, rest


def check_buffers(tree: Mapping[str, Any], files: Files) -> None:
    """Raise `UnusableFileError` where a file with the geometry is not there."""
    for buffer in tree.get("buffers") or []:
        uri = buffer.get("uri") if isinstance(buffer, dict) else None
        if isinstance(uri, str) and uri[:5].lower() != "data:":
            try:
                files.get(uri)
            except OSError as error:
                name = "".join(letter for letter in uri[:200] if letter.isprintable())
                raise UnusableFileError(
                    f'Its geometry is in the file "{name}", which is missing or lies outside '
                    "the folder that is read. Put it there, or export the model as GLB."
                ) from error


def is_plain(tree: Mapping[str, Any]) -> bool:
    """Say whether a page can show a glTF without fetching a decoder first."""
    return _DECODED.isdisjoint(_names(tree, "extensionsUsed") | _names(tree, "extensionsRequired"))


def _names(tree: Mapping[str, Any], key: str) -> set[str]:
    """Return the extensions that a glTF lists."""
    names = tree.get(key)
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def pack(
    tree: dict[str, Any], rest: bytes | None, files: Files, verbatim: bytes | None, most: int
) -> bytes:
    """Return a glTF with all its files in it, and no address that a page would follow."""
    buffers, images = tree.get("buffers") or [], tree.get("images") or []
    named = any("uri" in one for one in (*buffers, *images))
    parts: list[bytes] = []
    starts: list[int] = []
    size = 0

    def add(data: bytes) -> int:
        nonlocal size
        if size + len(data) > most:
            raise TooLargeError(most)
        start = size
        parts.extend((data, bytes(-len(data) % 4)))
        size += len(data) + -len(data) % 4
        return start

    for number, buffer in enumerate(buffers):
        data = _fetched(buffer["uri"], files) if "uri" in buffer else rest
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
                data = _fetched(image.pop("uri"), files)
            except OSError:
                data = _PIXEL
            image |= {"bufferView": len(views), "mimeType": _mime(data)}
            views.append({"buffer": 0, "byteOffset": add(data), "byteLength": len(data)})
        else:
            view = views[image["bufferView"]]
            data = joined[view["byteOffset"] : view["byteOffset"] + int(view["byteLength"])]
        _check_picture(data)
        packed.append(image)
    if not named and verbatim is not None:
        if len(verbatim) > most:
            raise TooLargeError(most)
        return verbatim
    tree = tree | {"bufferViews": views, "buffers": [{"byteLength": size}], "images": packed}
    if not packed:
        del tree["images"]
    text = json.dumps(tree, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(parts)
    whole = 12 + 8 + len(text) + 8 + len(body)
    if whole > most:
        raise TooLargeError(most)
    return b"".join(
        (
            struct.pack("<4sII", _GLTF, 2, whole),
            struct.pack("<II", len(text), _JSON),
            text,
            struct.pack("<II", len(body), _BIN),
            body,
        )
    )


# One grey pixel, for a texture that is missing.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


def _fetched(uri: Any, files: Files) -> bytes:
    """Return what an address in a glTF means: data in it, or a file beside it."""
    if not isinstance(uri, str):
        raise ValueError("an address is no text")
    if uri[:5].lower() != "data:":
        return files.get(uri)
    header, _, text = uri.partition(",")
    try:
        return base64.b64decode(text) if header.endswith(";base64") else unquote(text).encode()
    except binascii.Error as error:
        raise OSError("data are damaged") from error


def _mime(data: bytes) -> str:
    """Name the format of a texture."""
    return "image/jpeg" if data[:2] == b"\xff\xd8" else "image/png"


def _check_picture(data: bytes) -> None:
    """Raise `UnusableFileError` where a page would unpack a picture that is far too large."""
    try:
        Image.open(io.BytesIO(data)).close()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnusableFileError("A texture is too large.") from error
    except Exception:
        # Formats that Pillow does not read, as KTX2, or damage: a page shows no texture then.
        return
