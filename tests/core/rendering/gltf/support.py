"""glTF documents that are made in memory."""

from typing import Any

from core.rendering.files import Files
from core.rendering.gltf.document import Document


def document(chunk: bytes = b"", **tree: Any) -> Document:
    """Return a document with a binary chunk and no files."""
    buffers = {"buffers": [{"byteLength": len(chunk)}]} if chunk else {}
    return Document({"asset": {"version": "2.0"}} | buffers | tree, chunk, Files("/", "/"))
