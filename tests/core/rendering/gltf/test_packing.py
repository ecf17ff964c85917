"""glTF becomes one binary file that refers to no other."""

import base64
import struct
from pathlib import Path
from typing import Any

import pytest

from core.rendering.files import Files
from core.rendering.gltf import packing
from core.rendering.gltf.document import Document
from core.rendering.gltf.packing import TooLargeError

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
LIMIT = 10_000


def document(tree: dict[str, Any], chunk: bytes, folder: Path) -> Document:
    return Document(tree, chunk, Files(str(folder.resolve()), str(folder.resolve())))


def unpacked(packed: bytes, folder: Path) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the binary chunk of a packed file."""
    found = Document.parse("glb", packed, Files(str(folder), str(folder)))
    return found.tree, found.chunk


def referring(**changes: Any) -> dict[str, Any]:
    """Return a glTF with its geometry in `part.bin` and a texture in `a b.png`."""
    return {
        "asset": {"version": "2.0"},
        "buffers": [{"uri": "part.bin", "byteLength": 6}],
        "bufferViews": [{"buffer": 0, "byteOffset": 2, "byteLength": 4}],
        "images": [{"uri": "a%20b.png", "name": "wood"}],
    } | changes


def view(tree: dict[str, Any], body: bytes, number: int) -> bytes:
    """Return the bytes of a buffer view of a packed glTF."""
    found = tree["bufferViews"][number]
    assert found["buffer"] == 0
    return body[found["byteOffset"] : found["byteOffset"] + found["byteLength"]]


def test_files_and_textures_are_packed_in_and_read_back(tmp_path: Path) -> None:
    (tmp_path / "part.bin").write_bytes(b"..1234 and more")
    (tmp_path / "a b.png").write_bytes(PNG)

    packed = packing.pack(document(referring(), b"", tmp_path), None, LIMIT)

    assert struct.unpack("<4sII", packed[:12]) == (b"glTF", 2, len(packed))
    tree, body = unpacked(packed, tmp_path)
    assert view(tree, body, 0) == b"1234"
    [image] = tree["images"]
    assert image["name"] == "wood" and image["mimeType"] == "image/png"
    assert view(tree, body, image["bufferView"]) == PNG
    assert tree["buffers"] == [{"byteLength": len(body)}]
    assert b'"uri"' not in packed


def test_data_in_urls_and_the_binary_chunk_are_packed_in(tmp_path: Path) -> None:
    data = "data:application/octet-stream;base64," + base64.b64encode(b"ab").decode()
    tree = referring(
        buffers=[{"byteLength": 3}, {"uri": data, "byteLength": 2}],
        bufferViews=[{"buffer": 0, "byteLength": 3}, {"buffer": 1, "byteLength": 2}],
        images=[],
    )

    packed, body = unpacked(packing.pack(document(tree, b"xyz", tmp_path), None, LIMIT), tmp_path)

    assert [view(packed, body, number) for number in (0, 1)] == [b"xyz", b"ab"]
    assert "images" not in packed


def test_a_missing_texture_becomes_a_grey_pixel(tmp_path: Path) -> None:
    (tmp_path / "part.bin").write_bytes(b"123456")

    tree, body = unpacked(packing.pack(document(referring(), b"", tmp_path), None, LIMIT), tmp_path)

    assert view(tree, body, tree["images"][0]["bufferView"]).startswith(b"\x89PNG")


def test_a_file_that_refers_to_no_other_stays_as_it_is(tmp_path: Path) -> None:
    tree = referring(buffers=[{"byteLength": 6}], images=[])

    assert packing.pack(document(tree, b"123456", tmp_path), b"as it is", LIMIT) == b"as it is"
    with pytest.raises(TooLargeError, match="over 7e-06 MB"):
        packing.pack(document(tree, b"123456", tmp_path), b"as it is", 7)


def test_a_file_that_would_be_too_large_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "part.bin").write_bytes(bytes(6))
    whole = packing.pack(document(referring(), b"", tmp_path), None, LIMIT)

    assert packing.pack(document(referring(), b"", tmp_path), None, len(whole)) == whole
    for limit in (5, len(whole) - 1):
        with pytest.raises(TooLargeError):
            packing.pack(document(referring(), b"", tmp_path), None, limit)


@pytest.mark.parametrize(
    "changes",
    [
        {"buffers": [{"byteLength": 6}, {"byteLength": 6}]},
        {"buffers": [{"uri": 7, "byteLength": 6}]},
        {"bufferViews": [{"buffer": 3, "byteLength": 1}]},
        {"images": [{"bufferView": 9}]},
    ],
    ids=["two chunks", "number for a URL", "no such buffer", "no such view"],
)
def test_what_makes_no_sense_is_an_error_that_the_reader_expects(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    (tmp_path / "part.bin").write_bytes(bytes(6))

    with pytest.raises((ValueError, TypeError, KeyError, IndexError)):
        packing.pack(document(referring(**changes), b"123456", tmp_path), None, LIMIT)


def test_a_page_shows_only_what_needs_no_decoder(tmp_path: Path) -> None:
    def is_plain(**changes: Any) -> bool:
        return packing.is_plain(document(referring(**changes), b"", tmp_path))

    assert is_plain(extensionsUsed=["KHR_materials_unlit"])
    assert is_plain(extensionsUsed="KHR_draco_mesh_compression")
    assert not is_plain(extensionsUsed=["KHR_draco_mesh_compression"])
    assert not is_plain(extensionsRequired=["KHR_texture_basisu"])
