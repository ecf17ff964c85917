"""Convert AC3D files, the 3D format of FlightGear, to OBJ, which the renderer reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MAGIC = "AC3D"
# The low bits of a surface's flags say whether it is a polygon or a line.
LINE = 0xF
# A file with fewer polygons is a sign, a pole or a lamp.
MIN_FACES = 8

Vector = NDArray[np.float64]


class Ac3dError(Exception):
    """A file that cannot be converted: the text says why."""


@dataclass(frozen=True, slots=True)
class Face:
    """A polygon: its corners as the number of a vertex and its place in the texture, u and v."""

    texture: str
    material: int
    corners: Sequence[tuple[int, float, float]]


@dataclass(slots=True)
class Scene:
    """What a file holds: RGB colours with opacity, 0 to 1, vertices, and polygons."""

    materials: list[tuple[float, float, float, float]] = field(default_factory=list)
    vertices: list[Vector] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list)


def parse(text: str) -> Scene:
    """Return the scene of a file; raises `Ac3dError`."""
    lines = iter(text.splitlines())
    if not next(lines, "").startswith(MAGIC):
        raise Ac3dError("it is not AC3D")
    scene = Scene()
    try:
        for line in lines:
            if line.startswith("MATERIAL"):
                scene.materials.append(_material(line))
            elif line.startswith("OBJECT"):
                _read_object(lines, scene, np.eye(3), np.zeros(3))
    except (ValueError, IndexError, StopIteration) as error:
        raise Ac3dError("it is damaged") from error
    if len(scene.faces) < MIN_FACES:
        raise Ac3dError("it has too few faces")
    return scene


def write_obj(scene: Scene, textures: Path, folder: Path) -> Path:
    """Write `model.obj` with its materials and textures into `folder`, and return its path.

    `textures` is the folder with the textures. Raises `Ac3dError` if one is missing or damaged.
    """
    names: dict[tuple[str, int], str] = {}
    materials, used = [], ""
    body = ["mtllib model.mtl", *("v {:g} {:g} {:g}".format(*each) for each in scene.vertices)]
    count = 0
    for face in scene.faces:
        key = face.texture, face.material
        if key not in names:
            names[key] = f"m{len(names)}"
            materials += [f"newmtl {names[key]}", *_appearance(scene, face, textures, folder)]
        if names[key] != used:
            used = names[key]
            body.append(f"usemtl {used}")
        body += [f"vt {u:g} {v:g}" for _, u, v in face.corners]
        corners = (f"{corner[0] + 1}/{count + n}" for n, corner in enumerate(face.corners, 1))
        body.append(f"f {' '.join(corners)}")
        count += len(face.corners)
    (folder / "model.mtl").write_text("\n".join(materials) + "\n")
    (folder / "model.obj").write_text("\n".join(body) + "\n")
    return folder / "model.obj"


def _material(line: str) -> tuple[float, float, float, float]:
    words = line.split()
    rgb = words.index("rgb")
    red, green, blue = (float(word) for word in words[rgb + 1 : rgb + 4])
    # A model that was all transparent would show nothing.
    return red, green, blue, 1 - min(float(words[words.index("trans") + 1]), 0.9)


def _read_object(lines: Iterator[str], scene: Scene, turn: Vector, shift: Vector) -> None:
    """Read an object and those in it; `turn`, (3, 3), and `shift`, (3,), are its parent's."""
    texture, repeat, offset = "", (1.0, 1.0), (0.0, 0.0)
    rotation, location = np.eye(3), np.zeros(3)
    first = len(scene.vertices)
    for line in lines:
        words = line.split()
        if not words:
            continue
        match words[0]:
            case "texture":
                texture = line.split(None, 1)[1].strip().strip('"')
            case "texrep":
                repeat = float(words[1]), float(words[2])
            case "texoff":
                offset = float(words[1]), float(words[2])
            case "data":
                next(lines)
            case "loc":
                location = np.array(words[1:4], np.float64)
            case "rot":
                rotation = np.array(words[1:10], np.float64).reshape(3, 3).T
            case "numvert":
                for _ in range(int(words[1])):
                    point = np.array(next(lines).split()[:3], np.float64)
                    scene.vertices.append(turn @ (rotation @ point + location) + shift)
            case "numsurf":
                for _ in range(int(words[1])):
                    _read_surface(lines, scene, texture, first, repeat, offset)
            case "kids":
                for _ in range(int(words[1])):
                    next(lines)  # OBJECT and its type.
                    _read_object(lines, scene, turn @ rotation, turn @ location + shift)
                return


def _read_surface(
    lines: Iterator[str],
    scene: Scene,
    texture: str,
    first: int,
    repeat: tuple[float, float],
    offset: tuple[float, float],
) -> None:
    """Read a surface, whose vertices are numbered from `first`."""
    is_line = int(next(lines).split()[1], 16) & LINE
    material = 0
    for line in lines:
        words = line.split()
        if words[0] == "mat":
            material = int(words[1])
        elif words[0] == "refs":
            corners = []
            for _ in range(int(words[1])):
                vertex, u, v = next(lines).split()[:3]
                place = float(u) * repeat[0] + offset[0], float(v) * repeat[1] + offset[1]
                corners.append((first + int(vertex), *place))
            if not is_line and len(corners) >= 3:
                scene.faces.append(Face(texture, material, corners))
            return


def _appearance(scene: Scene, face: Face, textures: Path, folder: Path) -> Iterator[str]:
    """Yield the lines of a material, and copy its texture as a PNG file."""
    known = face.material < len(scene.materials)
    *colour, opacity = scene.materials[face.material] if known else (0.7, 0.7, 0.7, 1.0)
    yield "Kd {:g} {:g} {:g}".format(*colour)
    yield f"d {opacity:g}"
    if face.texture:
        copy = folder / f"{Path(face.texture).stem}.png"
        try:
            if not copy.exists():
                Image.open(textures / face.texture).convert("RGBA").save(copy)
        except (OSError, ValueError, SyntaxError) as error:
            raise Ac3dError("a texture is missing or damaged") from error
        yield f"map_Kd {copy.name}"
