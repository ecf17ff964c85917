"""The JSON of a glTF file, and the data that it refers to."""

import base64
import binascii
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from reprlib import repr
from typing import Any, Self
from urllib.parse import unquote

from PIL import Image

from core.rendering.files import MAX_BYTES, Files, UnusableFileError

JSON, BINARY = 0x4E4F534A, 0x004E4942
# Extensions for compressed buffer views. The second only adds a way to store colours.
MESHOPT = ("EXT_meshopt_compression", "KHR_meshopt_compression")


class InvalidGltfError(ValueError):
    """A part of a glTF file is not as the specification says; a clause says why."""


@dataclass(frozen=True)
class Document:
    """A glTF file.

    Attributes:
        tree: its JSON.
        chunk: the binary data after the JSON; empty if there are none.
        files: reads the files that it refers to.
    """

    tree: dict[str, Any]
    chunk: bytes
    files: Files

    @classmethod
    def parse(cls, kind: str, data: bytes, files: Files) -> Self:
        """Return the document in the bytes of a file; `kind` is "glb" or "gltf".

        Raises:
            UnusableFileError: the file is damaged, is glTF 1, or needs a file that is missing.
        """
        damaged = UnusableFileError(
            "The file is damaged or cut short: its glTF cannot be read. "
            "Export or download it again."
        )
        text, chunk = data, b""
        if kind == "glb":
            if len(data) < 20:
                raise damaged
            _, version, whole, length, first = struct.unpack("<4sIIII", data[:20])
            if version == 1:
                raise _version_1()
            if whole > len(data) or 20 + length > whole or first != JSON:
                raise damaged
            text, chunk = data[20 : 20 + length], data[20 + length : whole]
            if chunk:
                if len(chunk) < 8 or struct.unpack("<I", chunk[:4])[0] > len(chunk) - 8:
                    raise damaged
                chunk = chunk[8 : 8 + struct.unpack("<I", chunk[:4])[0]]
        try:
            tree = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise damaged from error
        if not isinstance(tree, dict):
            raise damaged
        asset = tree.get("asset")
        if isinstance(asset, dict) and str(asset.get("version", "2")).startswith("1"):
            raise _version_1()
        document = cls(tree, chunk, files)
        document._check_buffers()
        return document

    def entry(self, kind: str, number: Any) -> Mapping[str, Any]:
        """Return an entry of one of the lists of the document, such as the first of "meshes".

        Raises `InvalidGltfError` if there is none.
        """
        entries = self.tree.get(kind)
        if isinstance(entries, list) and isinstance(number, int) and 0 <= number < len(entries):
            entry = entries[number]
            if isinstance(entry, dict):
                return entry
        raise InvalidGltfError(f"there is no number {repr(number)} among its {kind}")

    def extensions(self, key: str) -> set[str]:
        """Return the names in "extensionsUsed" or "extensionsRequired"."""
        names = self.tree.get(key)
        return (
            {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
        )

    def buffer(self, number: Any) -> bytes:
        """Return the bytes of a buffer.

        Raises:
            InvalidGltfError: there is no such buffer, or it has no data.
            OSError: its file cannot be read.
        """
        if number not in self._buffers:
            entry = self.entry("buffers", number)
            if "uri" in entry:
                data = self.load(entry["uri"])
            elif number == 0:
                data = self.chunk
            else:
                raise InvalidGltfError("a buffer has no data")
            self._buffers[number] = data
        return self._buffers[number]

    def view(self, number: Any) -> tuple[memoryview, int]:
        """Return the bytes of a buffer view, and how many lie between two elements, or 0.

        Raises `InvalidGltfError` if there is no such view, it reaches beyond its buffer, or cannot
        be unpacked, and `OSError` if its file cannot be read.
        """
        entry = self.entry("bufferViews", number)
        stride = whole(entry.get("byteStride", 0))
        packed = next(filter(None, (extension(entry, name) for name in MESHOPT)), None)
        if packed is None:
            return self._stored(entry), stride
        if number not in self._unpacked:
            self._unpacked[number] = _unpacked(self._stored(packed), packed)
        return memoryview(self._unpacked[number]), stride

    def _stored(self, entry: Mapping[str, Any]) -> memoryview:
        """Return the bytes of a buffer that an entry says, which may be compressed."""
        start, length = whole(entry.get("byteOffset", 0)), whole(entry.get("byteLength"))
        data = self.buffer(entry.get("buffer"))
        if start + length > len(data):
            raise InvalidGltfError("a buffer view reaches beyond its buffer")
        return memoryview(data)[start : start + length]

    def load(self, uri: Any) -> bytes:
        """Return the data that a URI contains, or the file that it names.

        Raises `InvalidGltfError` if it is no text, and `OSError` if there are no data.
        """
        if not isinstance(uri, str):
            raise InvalidGltfError("a URI is not text")
        if uri[:5].lower() != "data:":
            return self.files.get(uri)
        header, _, text = uri.partition(",")
        try:
            return base64.b64decode(text) if header.endswith(";base64") else unquote(text).encode()
        except binascii.Error as error:
            raise OSError("the data of a URI are damaged") from error

    @cached_property
    def pictures(self) -> dict[Any, Image.Image | None]:
        """The pictures that were opened, by number; None for one that cannot be read."""
        return {}

    @cached_property
    def _buffers(self) -> dict[Any, bytes]:
        """The buffers that were read, by number."""
        return {}

    @cached_property
    def _unpacked(self) -> dict[Any, bytes]:
        """The buffer views that were unpacked, by number."""
        return {}

    def _check_buffers(self) -> None:
        """Raise `UnusableFileError` if a file with the geometry is missing."""
        for buffer in self.tree.get("buffers") or []:
            uri = buffer.get("uri") if isinstance(buffer, dict) else None
            if isinstance(uri, str) and uri[:5].lower() != "data:":
                try:
                    self.files.get(uri)
                except OSError as error:
                    name = "".join(character for character in uri[:200] if character.isprintable())
                    raise UnusableFileError(
                        f'Its geometry is in the file "{name}", which is missing or outside '
                        "the folder that is imported. Move it there, or export the model as GLB."
                    ) from error


def _unpacked(data: memoryview, packed: Mapping[str, Any]) -> bytes:
    """Return the bytes of a compressed buffer view.

    Raises `InvalidGltfError` if they cannot be unpacked.
    """
    from meshopt import decode_gltf_buffer

    count, size = whole(packed.get("count")), whole(packed.get("byteStride"))
    if count * size > MAX_BYTES:
        raise MemoryError
    if not count:
        return b""
    try:
        rows = decode_gltf_buffer(data, count, size, packed.get("mode"), packed.get("filter"))
    except (ValueError, TypeError, RuntimeError) as error:
        raise InvalidGltfError("compressed geometry is damaged") from error
    return bytes(rows.tobytes())


def whole(value: Any) -> int:
    """Return a value of the document that must be a whole number, 0 or more.

    Raises `InvalidGltfError` if it is none.
    """
    if isinstance(value, int | float) and value == int(value) and value >= 0:
        return int(value)
    raise InvalidGltfError(f"{repr(value)} is not a whole number")


def numbers(value: Any, default: tuple[float, ...]) -> tuple[float, ...]:
    """Return a list of as many finite numbers as `default` has, or else `default`."""
    if isinstance(value, list) and len(value) == len(default):
        found = tuple(number(each, float("nan")) for each in value)
        if all(each == each for each in found):
            return found
    return default


def number(value: Any, default: float) -> float:
    """Return a finite number, or else `default`."""
    if isinstance(value, int | float) and abs(value) < 1e30:
        return float(value)
    return default


def extension(entry: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return what an entry says of an extension; None if it says nothing."""
    extensions = entry.get("extensions")
    found = extensions.get(name) if isinstance(extensions, dict) else None
    return found if isinstance(found, dict) else None


def _version_1() -> UnusableFileError:
    """Return the error for glTF 1."""
    return UnusableFileError("It is glTF 1, which is not supported. Export it as glTF 2.")
