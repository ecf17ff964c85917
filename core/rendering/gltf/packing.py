"""Packs glTF files into one binary file that refers to no other, for the viewer in the page."""

import base64
import io
import json
import struct
from typing import Any

from PIL import Image

from core.errors import LookalikeError
from core.rendering.gltf.adapting import adapted, is_misread
from core.rendering.gltf.document import BINARY, JSON, MESHOPT, Document

# Extensions for compressed geometry and textures, which a page cannot decode.
_DECODED = {*MESHOPT, "KHR_draco_mesh_compression", "KHR_texture_basisu"}


class TooLargeError(LookalikeError):
    """The binary glTF would be larger than the limit."""

    def __init__(self, max_bytes: int) -> None:
        """Build the message from the limit."""
        super().__init__(
            f"It cannot be shown in 3D: as binary glTF it is over {max_bytes / 1e6:g} MB."
        )


class HugePictureError(ValueError):
    """A texture has too many pixels to be decoded."""


def is_plain(document: Document) -> bool:
    """Return whether a page can show a glTF, without loading a decoder first."""
    used = document.extensions("extensionsUsed") | document.extensions("extensionsRequired")
    return _DECODED.isdisjoint(used) and not is_misread(document)


def pack(document: Document, verbatim: bytes | None, max_bytes: int) -> bytes:
    """Return a glTF as one binary file without any URLs that a page would load.

    Args:
        document: the glTF.
        verbatim: the bytes of the file, returned as they are if it refers to no others.
        max_bytes: the largest size allowed.

    Raises:
        TooLargeError: it would be larger than `max_bytes`.
        HugePictureError: a picture has too many pixels.
        ValueError, TypeError, KeyError, IndexError, OSError: the glTF is invalid.
    """
    tree = adapted(document)
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
        data = document.buffer(number)
        starts.append(add(data[: int(buffer["byteLength"])]))
    views = [dict(view) for view in tree.get("bufferViews") or []]
    for view in views:
        view["byteOffset"] = int(view.get("byteOffset", 0)) + starts[view["buffer"]]
        view["buffer"] = 0
    packed = []
    body = b"".join(parts)
    for image in images:
        image = dict(image)
        if "uri" in image:
            try:
                data = document.load(image.pop("uri"))
            except OSError:
                data = _PIXEL
            image |= {"bufferView": len(views), "mimeType": _mime(data)}
            views.append({"buffer": 0, "byteOffset": add(data), "byteLength": len(data)})
        else:
            view = views[image["bufferView"]]
            data = body[view["byteOffset"] : view["byteOffset"] + int(view["byteLength"])]
        _check_picture(data)
        packed.append(image)
    if not has_uris and verbatim is not None and tree is document.tree:
        if len(verbatim) > max_bytes:
            raise TooLargeError(max_bytes)
        return verbatim
    tree = tree | {"bufferViews": views, "images": packed}
    if not packed:
        del tree["images"]
    return joined(tree, parts, max_bytes)


def joined(tree: dict[str, Any], parts: list[bytes], max_bytes: int) -> bytes:
    """Return a binary glTF of its JSON and the parts of its only buffer.

    Raises:
        TooLargeError: it would be larger than `max_bytes`.
    """
    body = b"".join(parts)
    tree = tree | {"buffers": [{"byteLength": len(body)}]}
    text = json.dumps(tree, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    whole = 12 + 8 + len(text) + 8 + len(body)
    if whole > max_bytes:
        raise TooLargeError(max_bytes)
    return b"".join(
        (
            struct.pack("<4sII", b"glTF", 2, whole),
            struct.pack("<II", len(text), JSON),
            text,
            struct.pack("<II", len(body), BINARY),
            body,
        )
    )


# One grey pixel, in place of a missing texture.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


def _mime(data: bytes) -> str:
    """Return the MIME type of a texture."""
    return "image/jpeg" if data[:2] == b"\xff\xd8" else "image/png"


def _check_picture(data: bytes) -> None:
    """Raise `HugePictureError` if a picture has too many pixels for a browser."""
    try:
        Image.open(io.BytesIO(data)).close()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise HugePictureError from error
    except Exception:
        # A format that Pillow does not read, or a damaged picture: the viewer shows no texture.
        return
