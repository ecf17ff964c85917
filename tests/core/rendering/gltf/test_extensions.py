"""Extensions of glTF that are not known."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.rendering.files import Files
from core.rendering.gltf.document import Document
from core.rendering.gltf.extensions import note_unknown
from core.rendering.renderer import Renderer
from tests.core.rendering.support import box, exported


@pytest.mark.parametrize(
    ("required", "said"),
    [
        ([], ""),
        (["KHR_draco_mesh_compression", "EXT_mesh_gpu_instancing", "KHR_materials_sheen"], ""),
        (["MSFT_lod"], "missing: MSFT_lod."),
        ([f"ACME_{name}" for name in "dcba"], "missing: ACME_a, ACME_b, ACME_c and 1 more."),
        (["<b>", 5, None], ""),
        ("KHR", ""),
    ],
)
def test_what_is_required_and_unknown_is_said(tmp_path: Path, required: Any, said: str) -> None:
    tree = {"asset": {"version": "2.0"}, "extensionsRequired": required}
    files = Files(str(tmp_path), str(tmp_path))
    note_unknown(Document.parse("gltf", json.dumps(tree).encode(), files))
    assert len(files.remarks) == bool(said)
    assert all(each.endswith(said) for each in files.remarks)


@pytest.mark.slow
def test_the_picture_is_made_all_the_same(tmp_path: Path) -> None:
    data = exported(box(), "glb")
    size = int.from_bytes(data[12:16], "little")
    tree = json.loads(data[20 : 20 + size]) | {"extensionsRequired": ["ACME_walls"]}
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + size :]
    header = b"".join(
        number.to_bytes(4, "little") for number in (2, 20 + len(text) + len(rest), len(text))
    )
    (tmp_path / "a.glb").write_bytes(b"glTF" + header + b"JSON" + text + rest)

    with Renderer() as renderer:
        made = renderer.render(tmp_path / "a.glb")

    assert made.model and "missing: ACME_walls." in made.remark
