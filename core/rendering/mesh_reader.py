"""Reads 3D files as meshes for the ray tracer, and as binary glTF for the viewer.

The readers of the formats parse the files. This module finds out which one a file needs, how large
what it contains may be, and how it stands. It runs in the process of one file, which ends if the
file is too much.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np

from core.rendering import assimp, blender, step, usd
from core.rendering.clouds import Cloud
from core.rendering.extras import USD_SUFFIXES
from core.rendering.files import Files, UnusableFileError
from core.rendering.glb_export import export_glb
from core.rendering.gltf import nodes, packing
from core.rendering.gltf.document import Document, InvalidGltfError
from core.rendering.gltf.extensions import note_unknown
from core.rendering.gltf.packing import HugePictureError, TooLargeError
from core.rendering.gltf.textures import note_unreadable
from core.rendering.mesh_parts import Part, Textures, as_drawn, placed
from core.rendering.obj.parts import read as read_obj
from core.rendering.ply.parts import read as read_ply
from core.rendering.raytracer import Mesh
from core.rendering.scene_assembly import build_mesh
from core.rendering.standing import up_axis
from core.rendering.stl import is_stl
from core.rendering.stl import read as read_stl
from core.rendering.threemf.parts import read as read_3mf
from core.viewpoints import Axis, UpBasis

GLTF = ("glb", "gltf")
# The axis that usually points up, by format. Printers build along z, so STL and 3MF have z up, and
# STEP has it as CAD programs do; PLY is written by scanners and by Blender, more often with z up.
# OBJ and glTF have y up. COLLADA and FBX say which it is, and are turned to y.
UP: Mapping[str, Axis] = {
    **dict.fromkeys((*GLTF, *assimp.FORMATS), "y"),
    **{"obj": "y", "stl": "z", "ply": "z", "3mf": "z", "step": "z", "usd": "y"},
    "blend": "y",
}
# The formats that say it themselves.
SAY_UP = (*GLTF, *assimp.FORMATS, "3mf", "usd", "blend")
# The evidence in a shape, as in `standing`, that it takes to believe it. Other axes are more often
# up in PLY than in STL.
EVIDENCE = {"stl": 1.25, "ply": 0.75}

_READERS: Mapping[str, Callable[[bytes, Files], Iterator[Part]]] = {
    "obj": read_obj,
    "ply": read_ply,
    "stl": read_stl,
    "3mf": read_3mf,
}

# How much of a file tells its format, and what only OBJ has there.
START = 100_000
_VERTEX = re.compile(rb"^v[ \t]+[-+.\d]", re.MULTILINE)

MAX_TRIANGLES = 12_000_000
MAX_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Model:
    """A 3D file that was read.

    Attributes:
        mesh: for the ray tracer.
        binary: the model as binary glTF, or None.
        up: which axis of the file points up here.
        detected_up: which one does if nobody chooses.
        up_basis: how that is known.
        remark: sentences on what cannot be shown, or "".
    """

    mesh: Mesh
    binary: bytes | None
    up: Axis
    detected_up: Axis
    up_basis: UpBasis
    remark: str = ""


def read(
    path: str,
    files: Files,
    *,
    up: Axis | None,
    up_gives_way: bool = False,
    max_bytes: int,
    scratch: str = "",
) -> Model:
    """Read a model and the files that it refers to.

    Args:
        path: the path of the file.
        files: reads files.
        up: which axis of the file points up; None to detect it.
        up_gives_way: whether `up` does not hold where the format says it.
        max_bytes: a larger binary glTF is left out, with a remark.
        scratch: an empty folder for Blender, if the file is one of Blender.

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
    document = None
    try:
        if kind in GLTF:
            document = Document.parse(kind, data, files)
            note_unknown(document)
        elif kind in assimp.FORMATS:
            document = assimp.read(kind, data, files)
        elif kind == "step":
            document = step.read(data, files)
        elif kind == "blend":
            document = blender.read(real, files, scratch)
        parts = list(_parts(kind, real, data, document, files))
    except (UnusableFileError, MemoryError):
        raise
    except Exception as error:
        # Deliberately every exception: on malicious files readers may raise anything.
        reason = f"The file cannot be read: it is damaged, or not {kind.upper()}."
        if kind in GLTF and isinstance(error, InvalidGltfError):
            reason = f"Its glTF is invalid: {error}."
        raise UnusableFileError(f"{reason} Open it in a 3D program and export it again.") from error
    if kind != "glb":
        data = b""  # frees the memory for what follows
    if not parts:
        raise UnusableFileError("It contains no surface and no points to show.")
    detected, basis = _detect_up(kind, parts)
    if up is None or (up_gives_way and basis == "format"):
        up = detected
    if up == "z":
        parts = [_upright(part) for part in parts]
    textures = Textures()
    mesh = build_mesh(parts, textures)
    if document is not None:
        note_unreadable(document, textures.unreadable)
    binary: bytes | None
    remark = ""
    try:
        if document is not None and kind in GLTF and up == "y" and packing.is_plain(document):
            try:
                binary = packing.pack(document, data if kind == "glb" else None, max_bytes)
            except HugePictureError:
                binary = export_glb(parts, max_bytes)
        else:
            binary = export_glb(parts, max_bytes)
    except TooLargeError as error:
        binary, remark = None, str(error)
    except MemoryError:
        raise
    except Exception:
        # Deliberately every exception: whatever is wrong with the glTF, its picture is made.
        binary, remark = None, "It cannot be shown in 3D: its glTF is invalid."
    remark = " ".join([*files.remarks, *([remark] if remark else [])])
    return Model(mesh, binary, up, detected, basis, remark)


def _detect_up(kind: str, parts: Sequence[Part]) -> tuple[Axis, UpBasis]:
    """Return which axis of a file of this format points up, and how that is known."""
    if kind in SAY_UP:
        return UP[kind], "format"
    guess = up_axis(parts, EVIDENCE[kind]) if kind in EVIDENCE else None
    return (UP[kind], "usual") if guess is None else (guess, "shape")


def _kind(path: str, data: bytes) -> str:
    """Return the format of a file, by its bytes, or else by the extension of its name."""
    if data[:4] == b"glTF":
        return "glb"
    if data[:4] in (b"ply\n", b"ply\r"):
        return "ply"
    if found := assimp.format_of(data[: assimp.START]):
        return found
    if data.startswith(b"ISO-10303-21"):
        return "step"
    suffix = PurePosixPath(path).suffix.lower()
    if blender.is_blend(data, suffix):
        return "blend"
    if suffix in USD_SUFFIXES:
        return "usd"
    kind = "step" if suffix == ".stp" else suffix.removeprefix(".")
    if kind not in UP:
        raise UnusableFileError(f"Files with the extension .{kind} are not supported.")
    if kind in ("3mf", "step"):
        return kind
    if is_stl(data):
        return "stl"
    start = data[:START]
    if kind == "glb" and start.lstrip()[:1] == b"{":
        return "gltf"
    return "obj" if b"\0" not in start and _VERTEX.search(start) else kind


def _parts(
    kind: str, path: str, data: bytes, document: Document | None, files: Files
) -> Iterator[Part]:
    """Yield the visible parts of a file, each at its position."""
    if document is not None:
        read_parts = _gltf_parts(document)
    elif kind == "usd":
        read_parts = usd.read(path, files)
    else:
        read_parts = _READERS[kind](data, files)
    triangles = 0
    for part in read_parts:
        if part.corners == 3:
            triangles += len(part.faces)
        if triangles > MAX_TRIANGLES:
            raise UnusableFileError(
                f"It has more than {MAX_TRIANGLES:,} triangles. Simplify it in a 3D program."
            )
        if (shown := placed(_sampled(part), np.eye(4))) is not None:
            yield _without_strays(as_drawn(shown))


def _gltf_parts(document: Document) -> Iterator[Part]:
    """Yield the parts of a glTF scene, each at its position."""
    for each in nodes.read(document):
        primitive = each.primitive
        part = _sampled(
            Part(
                primitive.positions,
                primitive.corners,
                each.material.appearance,
                normals=primitive.normals,
                uvs=primitive.uvs,
                colours=primitive.colours,
            )
        )
        for matrix in each.matrices:
            if (shown := placed(part, matrix)) is not None:
                yield shown


def _sampled(part: Part) -> Part:
    """Return a part; of too many lines or points, a sample evenly spaced in their order."""
    count = len(part.faces)
    if part.corners == 3 or count <= MAX_POINTS:
        return part
    faces = part.faces[np.linspace(0, count - 1, MAX_POINTS).astype(np.int64)]
    radii = None if part.radii is None else part.radii * np.sqrt(count / MAX_POINTS)
    return replace(part, faces=faces, radii=radii)


def _without_strays(part: Part) -> Part:
    """Return a part; of points, without those that are far from all others."""
    if part.corners != 1 or part.radii is not None:
        return part
    return replace(part, faces=part.faces[~Cloud(part.vertices[part.faces[:, 0]]).strays()])


def _upright(part: Part) -> Part:
    """Return a part of a model with z up as one with y up."""
    turn = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    normals = None if part.normals is None else part.normals @ turn.T
    return replace(part, vertices=part.vertices @ turn.T, normals=normals)
