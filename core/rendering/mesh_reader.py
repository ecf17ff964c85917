"""Files of 3D models become solids that can be looked at, and binary glTF that a page can turn.

trimesh reads the files; which others they may name, how much they may hold and what they look
like is settled here. Runs in the render worker, which ends when a file is too much.
"""

import io
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

from core.rendering import gltf
from core.rendering.files import Files, UnusableFileError
from core.rendering.glb_export import export_glb
from core.rendering.gltf import TooLargeError
from core.rendering.materials import appearance_of
from core.rendering.mesh_parts import GREY, Appearance, Part, encode_texture
from core.rendering.raytracer import Solid
from core.rendering.scene_assembly import solid_of

# Which way is up where a format does not say. Printers build along z, so STL does; PLY is written
# by scanners and by Blender, with z up as a rule. OBJ and glTF have y up.
UP = {"glb": "y", "gltf": "y", "obj": "y", "stl": "z", "ply": "z"}

MAX_TRIANGLES = 12_000_000
MAX_POINTS = 100_000
MAX_PIXELS = 50_000_000

# A picture that says it is larger than that is not unpacked.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class _Resolver(trimesh.resolvers.Resolver):
    """What trimesh asks for the files that a model names."""

    def __init__(self, files: Files) -> None:
        """Answer from `files`."""
        self._files = files

    def get(self, key: str) -> bytes:
        """Return a file's bytes."""
        return self._files.get(key)

    def keys(self) -> tuple[str, ...]:
        """List nothing: files are asked for by name."""
        return ()

    def write(self, name: str, data: bytes) -> None:
        """Never happens."""
        raise OSError

    def namespaced(self, namespace: str) -> "_Resolver":
        """Return itself: there are no others."""
        return self


@dataclass(frozen=True, slots=True)
class Model:
    """A file that was read: what it looks like, and the same as binary glTF."""

    solid: Solid
    binary: bytes | None
    remark: str = ""


def read(path: str, files: Files, *, up: str | None, most_bytes: int) -> Model:
    """Read a model and the files that it names; raises `UnusableFileError`.

    Its binary glTF is left out, with a remark, where it would be larger than `most_bytes`.
    """
    real = os.path.realpath(path)
    if not PurePosixPath(real).is_relative_to(files.root):
        raise UnusableFileError("It is a link that leads out of the folder.")
    try:
        data = files.open(real)
    except OSError as error:
        raise UnusableFileError(f"The file cannot be read: {error.strerror or error}.") from error
    kind = _kind(path, data)
    if not data.strip(b"\0 \t\r\n"):
        raise UnusableFileError("The file is empty.")
    tree = rest = None
    if kind in ("glb", "gltf"):
        tree, rest = gltf.parse(kind, data)
        gltf.check_buffers(tree, files)
    try:
        scene = _load(kind, data, files)
    except (UnusableFileError, MemoryError):
        raise
    except Exception as error:
        # Deliberately all: on hostile bytes trimesh raises whatever it stumbles over.
        raise UnusableFileError(
            f"The file is damaged, or not {kind.upper()}: it cannot be read as that. "
            "Open it in a 3D program and export it again."
        ) from error
    if kind != "glb":
        data = b""  # so that the memory is there for what it became
    upright = np.eye(4)
    if (up or UP[kind]) == "z":
        upright[1:3, 1:3] = [[0, 1], [-1, 0]]
    parts = list(_parts(scene, upright, files))
    if not parts:
        raise UnusableFileError("It holds no surface and no points that could be shown.")
    solid = solid_of(parts)
    try:
        if tree is not None and np.array_equal(upright, np.eye(4)) and gltf.is_plain(tree):
            binary = gltf.pack(tree, rest, files, data if kind == "glb" else None, most_bytes)
        else:
            binary = export_glb(parts, most_bytes)
    except TooLargeError as error:
        return Model(solid, None, str(error))
    except (UnusableFileError, KeyError, ValueError, TypeError, IndexError, OSError):
        return Model(solid, None, "It cannot be turned in the page: its glTF is out of order.")
    return Model(solid, binary)


def _kind(path: str, data: bytes) -> str:
    """Say what a file is: by its first bytes where they tell, else by how its name ends."""
    if data[:4] == b"glTF":
        return "glb"
    if data[:4] in (b"ply\n", b"ply\r"):
        return "ply"
    kind = PurePosixPath(path).suffix.lower().removeprefix(".")
    if kind not in UP:
        raise UnusableFileError(f"Files that end in .{kind} are not read.")
    return kind


def _load(kind: str, data: bytes, files: Files) -> Any:
    """Let trimesh read a file."""
    options: dict[str, Any] = {"ignore_broken": True} if kind in ("glb", "gltf") else {}
    scene = trimesh.load_scene(
        io.BytesIO(data), file_type=kind, resolver=_Resolver(files), process=False, **options
    )
    if not isinstance(scene, trimesh.Scene):
        raise UnusableFileError("It holds no surface.")
    return scene


def _parts(scene: Any, upright: NDArray[np.float64], files: Files) -> Iterator[Part]:
    """Yield the pieces of a scene that can be seen, each in its place."""
    looks: dict[int, Appearance] = {}
    triangles = 0
    for node in scene.graph.nodes_geometry:
        matrix, name = scene.graph[node]
        shape = scene.geometry[name]
        if isinstance(shape, trimesh.PointCloud):
            part = _cloud(shape)
        elif isinstance(shape, trimesh.Trimesh):
            triangles += len(shape.faces)
            if triangles > MAX_TRIANGLES:
                raise UnusableFileError(
                    f"It has more than {MAX_TRIANGLES:,} triangles. Simplify it in a 3D program."
                )
            part = _mesh(shape, looks, files)
        else:
            continue
        matrix = upright @ matrix
        if not np.array_equal(matrix, np.eye(4)):
            part.vertices = part.vertices @ matrix[:3, :3].T + matrix[:3, 3]
            if part.normals is not None:
                # The cofactors turn normals as the inverse transposed does, and always exist.
                x, y, z = matrix[:3, :3]
                turn = np.stack([np.cross(y, z), np.cross(z, x), np.cross(x, y)])
                part.normals = part.normals @ turn.T
        whole = np.atleast_1d(np.isfinite(part.vertices).all(axis=1))
        if part.is_cloud:
            part.vertices = part.vertices[whole]
            part.colours = None if part.colours is None else part.colours[whole]
        else:
            fits = ((part.faces >= 0) & (part.faces < len(whole))).all(axis=1)
            part.faces = part.faces[fits]
            part.faces = part.faces[whole[part.faces].all(axis=1)]
        if part.look.is_seen and len(part.vertices if part.is_cloud else part.faces):
            yield part


def _cloud(shape: Any) -> Part:
    """Return a cloud of points: of too many, some that lie evenly in the list."""
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
    look = Appearance(GREY if colours is None else (1, 1, 1, 1), alpha="OPAQUE")
    return Part(points, np.empty((0, 3), np.int64), look, colours=colours, is_cloud=True)


def _mesh(shape: Any, looks: dict[int, Appearance], files: Files) -> Part:
    """Return a mesh with its material, which others may share."""
    vertices = np.asarray(shape.vertices, np.float64)
    faces = np.asarray(shape.faces, np.int64)
    # Those of the file. Asked for its normals, a mesh would make some.
    normals = shape._cache.cache.get("vertex_normals")
    part = Part(vertices, faces, Appearance())
    if normals is not None and np.shape(normals) == vertices.shape:
        part.normals = np.nan_to_num(np.asarray(normals, np.float64), posinf=0, neginf=0)
    visual = shape.visual
    colours = None
    material = getattr(visual, "material", None)
    if material is not None:
        if id(material) not in looks:
            looks[id(material)] = appearance_of(material, files)
        part.look = looks[id(material)]
        uv = visual.uv
        if uv is not None and np.shape(uv) == (len(vertices), 2):
            part.uv = np.nan_to_num(np.asarray(uv, np.float64), posinf=0, neginf=0)
        colours = _screen(visual.vertex_attributes.get("color"), len(vertices))
    elif visual.kind == "vertex":
        colours = np.asarray(visual.vertex_colors, np.float64) / 255
    elif visual.kind == "face":
        # Each face has corners of its own, so that they can have its colour.
        whole = ((faces >= 0) & (faces < len(vertices))).all(axis=1)
        part.vertices = vertices[faces[whole]].reshape(-1, 3)
        part.faces = np.arange(len(part.vertices)).reshape(-1, 3)
        part.normals = None
        colours = np.repeat(np.asarray(visual.face_colors, np.float64)[whole] / 255, 3, axis=0)
    if colours is not None and colours.shape == (len(part.vertices), 4):
        part.colours = colours
        if material is None:
            part.look = Appearance((1, 1, 1, 1), alpha="OPAQUE" if colours[:, 3].all() else "BLEND")
    return part


def _screen(linear: Any, rows: int) -> NDArray[np.float64] | None:
    """Return the colours of vertices as a screen has them, RGBA; None if they are none."""
    if linear is None or len(linear) != rows or np.ndim(linear) != 2:
        return None
    given = np.asarray(linear)
    values = given.astype(np.float64)
    if given.dtype.kind == "u":
        values /= np.iinfo(given.dtype).max
    if values.shape[1] == 3:
        values = np.concatenate([values, np.ones((rows, 1))], axis=1)
    values = np.nan_to_num(values).clip(0, 1)
    values[:, :3] = encode_texture(values[:, :3])
    return values
