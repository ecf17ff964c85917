"""3D files to render, and what their pictures show."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from core.rendering.renderer import Renderer

RED, BLUE = (255, 0, 0), (0, 0, 255)
TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def box(*extents: float) -> trimesh.Trimesh:
    return trimesh.creation.box(extents or (1, 2, 1))


def obj(mesh: trimesh.Trimesh) -> str:
    return trimesh.exchange.obj.export_obj(mesh, digits=12)


def exported(mesh: Any, file_type: str) -> bytes:
    """Return a mesh as a file; trimesh itself is annotated with a union of types."""
    data = mesh.export(file_type=file_type)
    return data if isinstance(data, bytes) else str(data).encode()


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files, named as `cube_obj=...`; return the first."""
    paths = []
    for name, content in files.items():
        path = folder / ".".join(name.rsplit("_", 1))
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return paths[0]


def pixels(png: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (512, 512))
    return np.asarray(picture).astype(int)


def shape(png: bytes) -> np.ndarray:
    return pixels(png)[..., 3] > 127


def extent(png: bytes) -> tuple[int, int, int, int]:
    """Return the first and last column and row that are not empty."""
    shown = pixels(png)[..., 3] > 0
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    return columns[0], columns[-1], rows[0], rows[-1]


def alike(one: bytes, other: bytes) -> float:
    """Return the mean difference of two pictures, 0 to 255."""
    return float(np.abs(pixels(one) - pixels(other)).mean())


def worker_of(renderer: Renderer) -> int:
    assert renderer._worker is not None
    return renderer._worker._process.pid


def dust(count: int) -> bytes:
    """Return STL of many small triangles around a ball."""
    rows = np.zeros(count, [("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")])
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(count, 1, 3))
    centres /= np.linalg.norm(centres, axis=2, keepdims=True)
    rows["v"] = centres + rng.normal(size=(count, 3, 3)) * 0.01
    return bytes(80) + struct.pack("<I", count) + rows.tobytes()


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")
