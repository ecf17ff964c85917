"""The page that `test_model_viewer.py` serves: one model, or what should be one."""

import json
import shutil
import struct
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from components.widgets.model_viewer import model_viewer
from core.settings import PROJECT

STATIC = Path(__file__).parent / "static"
MODELS = ["box", "vast", "tiny", "broken", "missing", "elsewhere", "packed", "outside"]


def box(width: float, height: float, depth: float, **changes: Any) -> bytes:
    """Return a red box as binary glTF; `changes` are of its document."""
    places, normals = [], []
    for axis, side in product(range(3), (-1.0, 1.0)):
        normal = np.roll([side, 0, 0], axis)
        right, up = np.roll([0, 1, 0], axis), np.roll([0, 0, side], axis)
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, -1), (1, 1), (-1, 1)):
            places.append((normal + x * right + y * up) * [width, height, depth] / 2)
            normals.append(normal)
    arrays = [np.array(places, "<f4"), np.array(normals, "<f4")]
    data = b"".join(array.tobytes() for array in arrays)
    accessor = {"componentType": 5126, "count": len(places), "type": "VEC3"}
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1}, "material": 0}]},
        ],
        "materials": [
            {"pbrMetallicRoughness": {"baseColorFactor": [0.6, 0, 0, 1], "metallicFactor": 0}}
        ],
        "buffers": [{"byteLength": len(data)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": number * len(data) // 2, "byteLength": len(data) // 2}
            for number in range(2)
        ],
        "accessors": [
            {
                **accessor,
                "bufferView": 0,
                "min": arrays[0].min(0).tolist(),
                "max": arrays[0].max(0).tolist(),
            },
            {**accessor, "bufferView": 1},
        ],
        **changes,
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def write() -> None:
    """Write the files that the page is to serve."""
    shutil.copytree(PROJECT / "static" / "model-viewer", STATIC / "model-viewer")
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}
    draco = "KHR_draco_mesh_compression"
    models = {
        "box": box(1, 0.6, 0.3),
        "vast": box(1e5, 6e4, 3e4),
        "tiny": box(1e-4, 6e-5, 3e-5),
        "broken": box(1, 1, 1)[:500],
        "outside": box(
            1,
            0.6,
            0.3,
            materials=[material],
            textures=[{"source": 0}],
            images=[{"uri": "https://outside.example.org/wood.png"}],
        ),
        "elsewhere": box(
            1, 1, 1, buffers=[{"byteLength": 864, "uri": "https://outside.example.org/a.bin"}]
        ),
        "packed": box(
            1,
            1,
            1,
            extensionsRequired=[draco],
            extensionsUsed=[draco],
            meshes=[
                {
                    "primitives": [
                        {
                            "attributes": {"POSITION": 0},
                            "extensions": {draco: {"bufferView": 0, "attributes": {"POSITION": 0}}},
                        }
                    ]
                }
            ],
        ),
    }
    for name, data in models.items():
        (STATIC / f"{name}.glb").write_bytes(data)
    Image.new("RGB", (160, 160), "#00a000").save(STATIC / "poster.webp", lossless=True)


if not STATIC.exists():
    write()
state = st.session_state
count = state.setdefault("count", 0)
model = state.setdefault("model", "box")


def choose(name: str) -> None:
    state.update(model=name, count=count + 1)


with st.container(horizontal=True):
    for name in MODELS:
        st.button(name, on_click=choose, args=(name,))
st.text(f"Number {count}: {model}")
if "flat" in state:
    st.text("No WebGL")
if st.checkbox("In 3D", value=True):
    with st.container(width=300):
        model_viewer(
            f"app/static/{model}.glb?v={count}",
            poster="app/static/poster.webp",
            label="A red box",
            key=f"viewer-{count}",
            on_no_webgl=lambda: state.update(flat=True),
        )
st.container(height=1500, border=False)
