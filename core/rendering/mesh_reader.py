"""Reads 3D files as meshes for the ray tracer, and as binary glTF for the viewer.

trimesh parses the files. This module decides which other files they may refer to, how large they
may be, and how they look. It runs in the process of one file, which ends if the file is too much.
"""

import io
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

from core.rendering.files import Files, UnusableFileError
from core.rendering.glb_export import export_glb
from core.rendering.gltf import nodes, packing
from core.rendering.gltf.document import Document
from core.rendering.gltf.packing import TooLargeError
from core.rendering.materials import appearance_of
from core.rendering.mesh_parts import GREY, Appearance, Part
from core.rendering.raytracer import Mesh
from core.rendering.scene_assembly import build_mesh

# The axis that points up, by format. Printers build along z, so STL has z up; PLY is written by
# scanners and by Blender, usually with z up. OBJ and glTF have y up.
UP = {"glb": "y", "gltf": "y", "obj": "y", "stl": "z", "ply": "z"}

MAX_TRIANGLES = 12_000_000
MAX_POINTS = 100_000
MAX_PIXELS = 50_000_000

# A picture with more pixels than this is not decoded.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class _Resolver(trimesh.resolvers.Resolver):
    """Gives trimesh the files that a model refers to."""

    def __init__(self, files: Files) -> None:
        """Read from `files`."""
        self._files = files

    def get(self, key: str) -> bytes:
        """Return a file's bytes."""
        return self._files.get(key)

    def keys(self) -> tuple[str, ...]:
        """Return nothing: files are only read by name."""
        return ()

    def write(self, name: str, data: bytes) -> None:
        """Refuse: trimesh never writes here."""
        raise OSError

    def namespaced(self, namespace: str) -> "_Resolver":
        """Return itself: there are no other namespaces."""
        return self


@dataclass(frozen=True, slots=True)
class Model:
    """A 3D file that was read.

    Attributes:
        mesh: for the ray tracer.
        binary: the model as binary glTF, or None.
        remark: a sentence that says why there is no binary glTF, or "".
    """

    mesh: Mesh
    binary: bytes | None
    remark: str = ""


def read(path: str, files: Files, *, up: str | None, max_bytes: int) -> Model:
    """Read a model and the files that it refers to.

    Args:
        path: the path of the file.
        files: reads files.
        up: "y" or "z"; None for the usual axis of its format.
        max_bytes: a larger binary glTF is left out, with a remark.

    Raises:
        UnusableFileError: the file cannot be read, or contains nothing to show.
    """
    real = os.path.realpath(path)
    if not PurePosixPath(real).is_relative_to(files.root):
        raise UnusableFileError("It is a link that leads out of the folder that is imported.")
    try:
        data = files.open(real)
    except OSError as error:
        raise UnusableFileError(f"The file cannot be read: {error.strerror or error}.") from error
    kind = _kind(path, data)
    if not data.strip(b"\0 \t\r\n"):
        raise UnusableFileError("The file is empty.")
    upright = np.eye(4)
    if (up or UP[kind]) == "z":
        upright[1:3, 1:3] = [[0, 1], [-1, 0]]
    document = Document.parse(kind, data, files) if kind in ("glb", "gltf") else None
    try:
        if document is not None:
            parts = list(_gltf_parts(document, upright))
        else:
            parts = list(_parts(_load(kind, data, files), upright, files))
    except (UnusableFileError, MemoryError):
        raise
    except Exception as error:
        # Deliberately every exception: on malicious files trimesh may raise anything.
        raise UnusableFileError(
            f"The file cannot be read: it is damaged, or not {kind.upper()}. "
            "Open it in a 3D program and export it again."
        ) from error
    if kind != "glb":
        data = b""  # frees the memory for what follows
    if not parts:
        raise UnusableFileError("It contains no surface and no points to show.")
    mesh = build_mesh(parts)
    try:
        if (
            document is not None
            and np.array_equal(upright, np.eye(4))
            and packing.is_plain(document)
        ):
            binary = packing.pack(document, data if kind == "glb" else None, max_bytes)
        else:
            binary = export_glb(parts, max_bytes)
    except TooLargeError as error:
        return Model(mesh, None, str(error))
    except MemoryError:
        raise
    except Exception:
        # Deliberately every exception: whatever is wrong with the glTF, its picture is made.
        return Model(mesh, None, "It cannot be shown in 3D: its glTF is invalid.")
    return Model(mesh, binary)


def _kind(path: str, data: bytes) -> str:
    """Return the format of a file, by its first bytes or else by the extension of its name."""
    if data[:4] == b"glTF":
        return "glb"
    if data[:4] in (b"ply\n", b"ply\r"):
        return "ply"
    kind = PurePosixPath(path).suffix.lower().removeprefix(".")
    if kind not in UP:
        raise UnusableFileError(f"Files with the extension .{kind} are not supported.")
    return kind


def _load(kind: str, data: bytes, files: Files) -> Any:
    """Return the scene that trimesh reads from a file."""
    scene = trimesh.load_scene(
        io.BytesIO(data), file_type=kind, resolver=_Resolver(files), process=False
    )
    if not isinstance(scene, trimesh.Scene):
        raise UnusableFileError("It contains no surface.")
    return scene


def _parts(scene: Any, upright: NDArray[np.float64], files: Files) -> Iterator[Part]:
    """Yield the visible parts of a scene, each at its position."""
    appearances: dict[int, Appearance] = {}
    triangles = 0
    for node in scene.graph.nodes_geometry:
        matrix, name = scene.graph[node]
        shape = scene.geometry[name]
        if isinstance(shape, trimesh.PointCloud):
            part = _cloud_part(shape)
        elif isinstance(shape, trimesh.Trimesh):
            triangles += len(shape.faces)
            if triangles > MAX_TRIANGLES:
                raise UnusableFileError(
                    f"It has more than {MAX_TRIANGLES:,} triangles. Simplify it in a 3D program."
                )
            part = _mesh_part(shape, appearances, files)
        else:
            continue
        if (placed := _placed(part, upright @ matrix)) is not None:
            yield placed


def _gltf_parts(document: Document, upright: NDArray[np.float64]) -> Iterator[Part]:
    """Yield the visible parts of a glTF scene, each at its position."""
    triangles = 0
    for placed in nodes.read(document):
        primitive, appearance = placed.primitive, placed.material.appearance
        if primitive.corners.shape[1] == 3:
            triangles += len(primitive.corners) * len(placed.matrices)
        if triangles > MAX_TRIANGLES:
            raise UnusableFileError(
                f"It has more than {MAX_TRIANGLES:,} triangles. Simplify it in a 3D program."
            )
        for matrix in placed.matrices:
            part = Part(
                primitive.positions,
                _sample(primitive.corners),
                appearance,
                normals=primitive.normals,
                uvs=primitive.uvs,
                colours=primitive.colours,
            )
            if (shown := _placed(part, upright @ matrix)) is not None:
                yield shown


def _sample(corners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the faces; of too many lines or points, a sample evenly spaced in their order."""
    if corners.shape[1] == 3 or len(corners) <= MAX_POINTS:
        return corners
    return corners[np.linspace(0, len(corners) - 1, MAX_POINTS).astype(np.int64)]


def _placed(part: Part, matrix: NDArray[np.float64]) -> Part | None:
    """Return a part at its position, without what is not finite; None if nothing is visible."""
    vertices, normals, faces = part.vertices, part.normals, part.faces
    if not np.array_equal(matrix, np.eye(4)):
        vertices = vertices @ matrix[:3, :3].T + matrix[:3, 3]
        if normals is not None:
            # The cofactors turn normals as the inverse transpose does, and always exist.
            x, y, z = matrix[:3, :3]
            cofactors = np.stack([np.cross(y, z), np.cross(z, x), np.cross(x, y)])
            normals = normals @ cofactors.T
        if part.corners == 3 and np.linalg.det(matrix[:3, :3]) < 0:
            faces = faces[:, ::-1]  # A mirrored face keeps its front.
    finite = np.atleast_1d(np.isfinite(vertices).all(axis=1))
    is_valid = ((faces >= 0) & (faces < len(finite))).all(axis=1)
    faces = faces[is_valid]
    faces = faces[finite[faces].all(axis=1)]
    if not part.appearance.is_visible or not len(faces):
        return None
    return replace(part, vertices=vertices, normals=normals, faces=faces)


def _cloud_part(shape: Any) -> Part:
    """Return a point cloud: of too many points, a sample evenly spaced in their order."""
    points = np.asarray(shape.vertices, np.float64).reshape(-1, 3)
    colours = getattr(shape, "colors", None)
    if colours is None or len(colours) != len(points):
        colours = None
    else:
        colours = np.asarray(colours, np.float64) / 255
    if len(points) > MAX_POINTS:
        chosen = np.linspace(0, len(points) - 1, MAX_POINTS).astype(np.int64)
        points = points[chosen]
        colours = None if colours is None else colours[chosen]
    appearance = Appearance(GREY if colours is None else (1, 1, 1, 1), alpha="OPAQUE")
    return Part(points, np.arange(len(points)).reshape(-1, 1), appearance, colours=colours)


def _mesh_part(shape: Any, appearances: dict[int, Appearance], files: Files) -> Part:
    """Return a mesh with its appearance, which other parts may share."""
    vertices = np.asarray(shape.vertices, np.float64)
    faces = np.asarray(shape.faces, np.int64)
    # The normals from the file, if any: `vertex_normals` would compute some.
    normals = shape._cache.cache.get("vertex_normals")
    part = Part(vertices, faces, Appearance())
    if normals is not None and np.shape(normals) == vertices.shape:
        part.normals = np.nan_to_num(np.asarray(normals, np.float64), posinf=0, neginf=0)
    visual = shape.visual
    colours = None
    material = getattr(visual, "material", None)
    if material is not None:
        if id(material) not in appearances:
            appearances[id(material)] = appearance_of(material, files)
        part.appearance = appearances[id(material)]
        uv = visual.uv
        if uv is not None and np.shape(uv) == (len(vertices), 2):
            part.uvs = np.nan_to_num(np.asarray(uv, np.float64), posinf=0, neginf=0)[:, None]
    elif visual.kind == "vertex":
        colours = np.asarray(visual.vertex_colors, np.float64) / 255
    elif visual.kind == "face":
        # Each face gets its own three vertices, which can then have the colour of the face.
        is_valid = ((faces >= 0) & (faces < len(vertices))).all(axis=1)
        part.vertices = vertices[faces[is_valid]].reshape(-1, 3)
        part.faces = np.arange(len(part.vertices)).reshape(-1, 3)
        part.normals = None
        colours = np.repeat(np.asarray(visual.face_colors, np.float64)[is_valid] / 255, 3, axis=0)
    if colours is not None and colours.shape == (len(part.vertices), 4):
        part.colours = colours
        if material is None:
            alpha = "OPAQUE" if colours[:, 3].all() else "BLEND"
            part.appearance = Appearance((1, 1, 1, 1), alpha=alpha)
    return part
