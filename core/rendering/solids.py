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
from typing import Any, cast

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.visual.material import PBRMaterial, SimpleMaterial

from core.rendering import gltf
from core.rendering.files import Files, UnfitError
from core.rendering.raycasting import Floats, Material, Solid, Texture

# Which way is up where a format does not say. Printers build along z, so STL does; PLY is written
# by scanners and by Blender, with z up as a rule. OBJ and glTF have y up.
UP = {"glb": "y", "gltf": "y", "obj": "y", "stl": "z", "ply": "z"}

MOST_TRIANGLES = 12_000_000
MOST_POINTS = 100_000
MOST_PIXELS = 50_000_000
# A texture's side: half of it is more than the whole picture's.
TEXTURE = 1024
# In the model that a page turns, where it fills a screen.
TEXTURE_OF_MODEL = 2048
GREY = (0.8, 0.8, 0.8, 1.0)

# Only a part of it is annotated.
_TRIMESH: Any = trimesh

# A picture that says it is larger than that is not unpacked.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
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
    """Read a model and the files that it names; raises `UnfitError`.

    Its binary glTF is left out, with a remark, where it would be larger than `most_bytes`.
    """
    real = os.path.realpath(path)
    if not PurePosixPath(real).is_relative_to(files.root):
        raise UnfitError("It is a link that leads out of the folder.")
    try:
        data = files.open(real)
    except OSError as error:
        raise UnfitError(f"The file cannot be read: {error.strerror or error}.") from error
    kind = _kind(path, data)
    if not data.strip(b"\0 \t\r\n"):
        raise UnfitError("The file is empty.")
    tree = rest = None
    if kind in ("glb", "gltf"):
        tree, rest = gltf.parse(kind, data)
        gltf.check_buffers(tree, files)
    try:
        scene = _load(kind, data, files)
    except (UnfitError, MemoryError):
        raise
    except Exception as error:
        # Deliberately all: on hostile bytes trimesh raises whatever it stumbles over.
        raise UnfitError(
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
        raise UnfitError("It holds no surface and no points that could be shown.")
    solid = _solid(parts)
    try:
        if tree is not None and np.array_equal(upright, np.eye(4)) and gltf.is_plain(tree):
            binary = gltf.pack(tree, rest, files, data if kind == "glb" else None, most_bytes)
        else:
            binary = _exported(parts, most_bytes)
    except gltf.TooLargeError as error:
        return Model(solid, None, str(error))
    except (UnfitError, KeyError, ValueError, TypeError, IndexError, OSError):
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
        raise UnfitError(f"Files that end in .{kind} are not read.")
    return kind


def _load(kind: str, data: bytes, files: Files) -> Any:
    """Let trimesh read a file."""
    options: dict[str, Any] = {"ignore_broken": True} if kind in ("glb", "gltf") else {}
    scene = trimesh.load_scene(
        io.BytesIO(data), file_type=kind, resolver=_Resolver(files), process=False, **options
    )
    if not isinstance(scene, trimesh.Scene):
        raise UnfitError("It holds no surface.")
    return scene


# --- What a scene looks like -------------------------------------------------------------------


@dataclass
class _Part:
    """A piece of a model in its place, all of one material."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    look: "_Look"
    normals: NDArray[np.float64] | None = None
    uv: NDArray[np.float64] | None = None
    colours: NDArray[np.float64] | None = None
    # Points have no faces; what is drawn in their place depends on how large the whole is.
    is_cloud: bool = False


@dataclass
class _Look:
    """A material as the file has it. Colours are those of a screen, 0 to 1."""

    colour: tuple[float, float, float, float] = GREY
    texture: Image.Image | None = None
    alpha: str = "BLEND"
    cutoff: float = 0.5
    glow: tuple[float, float, float] | None = None
    glow_texture: Image.Image | None = None
    known: Material | None = None

    @property
    def is_seen(self) -> bool:
        """Whether anything of it can be seen."""
        return self.alpha == "OPAQUE" or self.colour[3] > 0

    def material(self) -> Material:
        """Return what the picture needs of it, made once."""
        if self.known is None:
            r, g, b, a = self.colour
            self.known = Material(
                colour=np.array([r, g, b, 1 if self.alpha == "OPAQUE" else a], np.float32),
                texture=_texture(self.texture, opaque=self.alpha == "OPAQUE"),
                cutoff=self.cutoff if self.alpha == "MASK" else 0,
                glow=None if self.glow is None else np.array(self.glow, np.float32),
                glow_texture=_texture(self.glow_texture, opaque=True),
            )
        return self.known


def _parts(scene: Any, upright: NDArray[np.float64], files: Files) -> Iterator[_Part]:
    """Yield the pieces of a scene that can be seen, each in its place."""
    looks: dict[int, _Look] = {}
    triangles = 0
    for node in scene.graph.nodes_geometry:
        matrix, name = scene.graph[node]
        shape = scene.geometry[name]
        if isinstance(shape, trimesh.PointCloud):
            part = _cloud(shape)
        elif isinstance(shape, trimesh.Trimesh):
            triangles += len(shape.faces)
            if triangles > MOST_TRIANGLES:
                raise UnfitError(
                    f"It has more than {MOST_TRIANGLES:,} triangles. Simplify it in a 3D program."
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


def _cloud(shape: Any) -> _Part:
    """Return a cloud of points: of too many, some that lie evenly in the list."""
    points = np.asarray(shape.vertices, np.float64).reshape(-1, 3)
    colours = getattr(shape, "colors", None)
    if colours is None or len(colours) != len(points):
        colours = None
    else:
        colours = np.asarray(colours, np.float64) / 255
    if len(points) > MOST_POINTS:
        chosen = np.linspace(0, len(points) - 1, MOST_POINTS).astype(np.int64)
        points = points[chosen]
        colours = None if colours is None else colours[chosen]
    look = _Look(GREY if colours is None else (1, 1, 1, 1), alpha="OPAQUE")
    return _Part(points, np.empty((0, 3), np.int64), look, colours=colours, is_cloud=True)


def _mesh(shape: Any, looks: dict[int, _Look], files: Files) -> _Part:
    """Return a mesh with its material, which others may share."""
    vertices = np.asarray(shape.vertices, np.float64)
    faces = np.asarray(shape.faces, np.int64)
    # Those of the file. Asked for its normals, a mesh would make some.
    normals = shape._cache.cache.get("vertex_normals")
    part = _Part(vertices, faces, _Look())
    if normals is not None and np.shape(normals) == vertices.shape:
        part.normals = np.nan_to_num(np.asarray(normals, np.float64), posinf=0, neginf=0)
    visual = shape.visual
    colours = None
    material = getattr(visual, "material", None)
    if material is not None:
        if id(material) not in looks:
            looks[id(material)] = _look(material, files)
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
            part.look = _Look((1, 1, 1, 1), alpha="OPAQUE" if colours[:, 3].all() else "BLEND")
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
    values[:, :3] = _encoded(values[:, :3])
    return values


def _encoded(linear: Any) -> NDArray[np.float64]:
    """Return linear light as a screen's colours, which glTF's textures are and its factors not."""
    light = np.nan_to_num(np.asarray(linear, np.float64)).clip(0, 1)
    encoded: NDArray[np.float64] = light ** (1 / 2.2)
    return encoded


def _look(material: Any, files: Files) -> _Look:
    """Return what a material of trimesh looks like."""
    if isinstance(material, PBRMaterial):
        factor = material.baseColorFactor
        colour = np.ones(4) if factor is None else np.asarray(factor, np.float64).ravel() / 255
        look = _Look((*_encoded(colour[:3]), float(colour[3])), material.baseColorTexture)
        look.alpha = material.alphaMode or "OPAQUE"
        look.cutoff = 0.5 if material.alphaCutoff is None else float(material.alphaCutoff)
        if material.emissiveFactor is not None and np.any(material.emissiveFactor):
            red, green, blue = _encoded(material.emissiveFactor)
            look.glow, look.glow_texture = (red, green, blue), material.emissiveTexture
        return look
    if not isinstance(material, SimpleMaterial):
        return _Look()
    red, green, blue, alpha = np.asarray(material.diffuse, np.float64) / 255
    told = material.kwargs
    with_alpha = _number(told.get("d"), 1 - _number(told.get("tr"), 1 - alpha))
    # Beside a texture, Kd is what many programs leave black; those that show OBJ leave it out.
    plain = (1.0, 1.0, 1.0) if material.image is not None else (red, green, blue)
    picture = _with_holes(material.image, told.get("map_d"), files)
    return _Look((*plain, min(1.0, max(0.0, with_alpha))), picture)


def _with_holes(
    picture: Image.Image | None, name: list[str] | None, files: Files
) -> Image.Image | None:
    """Return a texture with the transparency that MTL keeps in another picture."""
    if not name:
        return picture
    try:
        with Image.open(io.BytesIO(files.get(" ".join(name)))) as told:
            mask = told.getchannel("A") if "A" in told.getbands() else told.convert("L")
        base = picture or Image.new("RGB", mask.size, "white")
        whole = base.convert("RGBA")
        whole.putalpha(mask.resize(whole.size))
        return whole
    except Exception:
        # Deliberately all, as for a texture: it is as good as missing.
        return picture


def _number(words: Any, otherwise: float) -> float:
    """Return the number that a line of MTL ends in."""
    try:
        value = float(words[-1])
    except (TypeError, ValueError, IndexError):
        return otherwise
    return value if np.isfinite(value) else otherwise


def _texture(picture: Image.Image | None, *, opaque: bool) -> Texture | None:
    """Return a texture of at most `TEXTURE` a side; None where it cannot be read."""
    small = _readable(picture, TEXTURE)
    if small is None:
        return None
    small = small.convert("RGB").convert("RGBA") if opaque else small.convert("RGBA")
    return Texture.of(small)


def _readable(picture: Image.Image | None, side: int) -> Image.Image | None:
    """Return a picture with its sides at most `side`; None where it cannot be read."""
    if picture is None:
        return None
    try:
        if picture.format == "JPEG":
            picture.draft("RGB", (side, side))
        if max(picture.size) <= side:
            picture.load()
            return picture
        smaller = picture if picture.mode in ("L", "RGB", "RGBA") else picture.convert("RGBA")
        ratio = side / max(picture.size)
        size = tuple(max(1, round(length * ratio)) for length in picture.size)
        small = smaller.resize(cast(tuple[int, int], size), Image.Resampling.BOX)
        small.format = picture.format
        return small
    except Exception:
        # Deliberately all, as in `core.images`: a texture that is broken is as good as missing.
        return None


def _solid(parts: list[_Part]) -> Solid:
    """Return all parts as one solid around the origin."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for part in parts:
        shown = part.vertices
        if not part.is_cloud:
            shown = _used(shown, part.faces)[0]
        low, high = np.minimum(low, shown.min(axis=0)), np.maximum(high, shown.max(axis=0))
    # Halves, because their sum or difference may be more than a number can be.
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    reach = half.max()
    if not reach > max(1e-300, 1e-12 * np.abs(middle).max()):
        raise UnfitError("All of it lies in one place, so that there is nothing to see.")
    reach *= np.linalg.norm(half / reach)
    has_normals = any(part.normals is not None for part in parts)
    has_uvs = any(part.uv is not None for part in parts)
    has_colours = any(part.colours is not None for part in parts)
    found: dict[str, list[Any]] = {name: [] for name in ("v", "f", "m", "n", "u", "c")}
    looks: dict[int, int] = {}
    materials: list[Material] = []
    start = 0
    for part in parts:
        vertices = ((part.vertices - middle) / reach).astype(np.float32)
        faces, normals, uv, colours = part.faces, part.normals, part.uv, part.colours
        if part.is_cloud:
            vertices, faces = _beads(vertices)
            colours = None if colours is None else np.repeat(colours, len(_BEAD), axis=0)
        else:
            vertices, faces, (normals, uv, colours) = _used(vertices, faces, normals, uv, colours)
        number = looks.setdefault(id(part.look), len(looks))
        if number == len(materials):
            materials.append(part.look.material())
        rows = len(vertices)
        found["v"].append(vertices)
        found["f"].append((faces + start).astype(np.int32))
        found["m"].append(np.full(len(faces), number, np.int32))
        # Of 6 million triangles, what no part has would take 650 MB to say.
        if has_normals:
            found["n"].append(np.zeros((rows, 3)) if normals is None else _unit(normals))
        if has_uvs:
            found["u"].append(np.zeros((rows, 2)) if uv is None else uv)
        if has_colours:
            if colours is None:
                colours = np.ones((rows, 4))
            elif part.look.alpha == "OPAQUE":
                colours = np.concatenate([colours[:, :3], np.ones((rows, 1))], axis=1)
            found["c"].append(colours)
        start += rows

    def joined(name: str) -> Floats | None:
        return np.concatenate(found[name]).astype(np.float32) if found[name] else None

    return Solid(
        vertices=np.concatenate(found["v"]),
        faces=np.concatenate(found["f"]),
        materials=materials,
        material_of=np.concatenate(found["m"]),
        normals=joined("n"),
        uvs=joined("u"),
        colours=joined("c"),
    )


def _used(
    vertices: NDArray[Any], faces: NDArray[np.int64], *others: Any
) -> tuple[NDArray[Any], NDArray[np.int64], list[Any]]:
    """Return only the vertices that faces use: a stray one would make the rest small."""
    used = np.zeros(len(vertices), bool)
    used[faces.ravel()] = True
    if used.all():
        return vertices, faces, list(others)
    places = np.cumsum(used) - 1
    kept = [None if other is None else other[used] for other in others]
    return vertices[used], places[faces], kept


def _unit(vectors: NDArray[np.float64]) -> Floats:
    """Return vectors of length 1, or 0 where they have none."""
    most = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = vectors / np.where(most > 0, most, 1)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return (scaled / np.where(lengths > 0, lengths, 1)).astype(np.float32)


# An octahedron: what stands for a point.
_BEAD = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], np.float32)
_BEAD_FACES = np.array(
    [(x, y, z) for x in (0, 1) for y in (2, 3) for z in (4, 5)],
    np.int64,
)


def _beads(points: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return a small octahedron for each point: they close up where points lie on a surface."""
    radius = float(np.clip(1.2 / np.sqrt(len(points)), 0.004, 0.06))
    vertices = (points[:, None] + radius * _BEAD).reshape(-1, 3)
    faces = (np.arange(len(points))[:, None, None] * len(_BEAD) + _BEAD_FACES).reshape(-1, 3)
    return vertices, faces


# --- The same as binary glTF ------------------------------------------------------------------


def _exported(parts: list[_Part], most: int) -> bytes:
    """Return the parts as binary glTF, at the size they have."""
    rows = sum(len(part.vertices) * 12 + len(part.faces) * 6 for part in parts)
    if rows > most:
        raise gltf.TooLargeError(most)
    scene = _TRIMESH.Scene()
    made: dict[int, Any] = {}
    for part in parts:
        if part.is_cloud:
            shape: Any = _TRIMESH.PointCloud(part.vertices, colors=part.colours)
        else:
            visual: Any = None
            if part.colours is not None and part.uv is None:
                visual = _TRIMESH.visual.ColorVisuals(vertex_colors=_linear(part.colours))
            else:
                if id(part.look) not in made:
                    made[id(part.look)] = _pbr(part.look)
                visual = _TRIMESH.visual.TextureVisuals(uv=part.uv, material=made[id(part.look)])
            shape = _TRIMESH.Trimesh(
                part.vertices,
                part.faces,
                vertex_normals=None if part.normals is None else _unit(part.normals),
                visual=visual,
                process=False,
            )
        scene.add_geometry(shape)
    binary: bytes = scene.export(file_type="glb")
    if len(binary) > most:
        raise gltf.TooLargeError(most)
    return binary


def _linear(colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return a screen's colours as glTF has those of vertices."""
    light = colours.copy()
    light[:, :3] **= 2.2
    return cast(NDArray[np.uint8], (light * 255 + 0.5).astype(np.uint8))


def _pbr(look: _Look) -> Any:
    """Return a material of glTF, matt and seen from both sides."""
    colour = np.array([look.colour], np.float64)
    blends = look.alpha == "BLEND" and (
        look.colour[3] < 1 or (look.texture is not None and look.texture.has_transparency_data)
    )
    return _TRIMESH.visual.material.PBRMaterial(
        baseColorFactor=_linear(colour)[0],
        baseColorTexture=_readable(look.texture, TEXTURE_OF_MODEL),
        emissiveFactor=None if look.glow is None else np.array(look.glow) ** 2.2,
        emissiveTexture=_readable(look.glow_texture, TEXTURE_OF_MODEL),
        metallicFactor=0.0,
        roughnessFactor=0.8,
        alphaMode="BLEND" if blends else "MASK" if look.alpha == "MASK" else "OPAQUE",
        alphaCutoff=look.cutoff if look.alpha == "MASK" else None,
        doubleSided=True,
    )
