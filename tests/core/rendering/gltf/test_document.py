"""What a glTF file says, and the data that it refers to."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.rendering.files import Files, UnusableFileError
from core.rendering.gltf.document import Document, InvalidGltfError


def parse(tree: Any, folder: Path) -> Document:
    return Document.parse(
        "gltf", json.dumps(tree).encode(), Files(str(folder.resolve()), str(folder.resolve()))
    )


def test_a_text_file_has_no_chunk(tmp_path: Path) -> None:
    tree = {"asset": {"version": "2.0"}}

    found = parse(tree, tmp_path)

    assert (found.tree, found.chunk) == (tree, b"")


def test_geometry_that_is_missing_is_named(tmp_path: Path) -> None:
    parse({"buffers": [{"uri": "data:,x"}, {}, 5]}, tmp_path)

    with pytest.raises(UnusableFileError, match=r'in the file "part\.bin", which is missing'):
        parse({"buffers": [{"uri": "part.bin"}]}, tmp_path)


@pytest.mark.parametrize(
    "view",
    [
        {"buffer": 0, "byteOffset": 2, "byteLength": 3},
        {"buffer": 0, "byteOffset": -1, "byteLength": 1},
        {"buffer": 1, "byteLength": 1},
        {"buffer": "0", "byteLength": 1},
        {"buffer": 0, "byteLength": 1.5},
        {"buffer": 0},
        [],
    ],
)
def test_a_view_that_reaches_beyond_its_buffer_is_an_error(tmp_path: Path, view: Any) -> None:
    found = parse(
        {"buffers": [{"uri": "data:,1234", "byteLength": 4}], "bufferViews": [view]}, tmp_path
    )

    with pytest.raises(InvalidGltfError):
        found.view(0)
