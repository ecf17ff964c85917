"""The surfaces, lines and points of a PLY file."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.rendering.files import Files
from core.rendering.mesh_parts import Appearance, MappedPicture, Part, in_shares, painted, rgba
from core.rendering.ply.elements import Document, Element, InvalidPlyError, parse
from core.rendering.polygons import triangulate

# The names that programs give to columns.
_COLOURS = (("red", "green", "blue", "alpha"), ("r", "g", "b", "a"))
# What may be before them, the best first; after these come all others, as in "scan_red".
_PREFIXES = ("", "diffuse_", "color_", "vertex_")
_GREYS = ("intensity", "scalar_intensity", "grey", "gray")
_UVS = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"), ("texture_s", "texture_t"))
_CORNERS = ("vertex_indices", "vertex_index")
_ENDS = (("vertex1", "vertex2"), ("v1", "v2"), ("vertex_1", "vertex_2"))

# How much of its colour a Gaussian splat's first coefficient is: the zeroth spherical harmonic.
HARMONIC = 0.28209479177387814
# Where a splat has half of the opacity that it has in its middle, in standard deviations.
HALF = 1.18
# A splat that can hardly be seen is left out, and one that is larger, as a share of the whole, is
# background.
LEAST_OPACITY, LARGEST = 0.05, 0.05


def read(data: bytes, files: Files) -> Iterator[Part]:
    """Yield the parts of a file: its surface and lines, or else its points."""
    document = parse(data)
    vertex = document.get("vertex")
    vertices = vertex.table("x", "y", "z")
    if vertices is None:
        raise InvalidPlyError("there are no vertices")
    faces = _faces(document)
    colours = _colours(vertex)
    if len(faces.counts):
        yield from _surfaces(document, vertices, colours, faces, files)
    if (edges := _edges(document.get("edge"), vertices, colours)) is not None:
        yield edges
    elif not len(faces.counts):
        yield _splats(vertex, vertices) or _cloud(vertex, vertices, colours)


@dataclass(frozen=True, slots=True)
class _Faces:
    """Polygons.

    Attributes:
        corners: the number of the vertex at each corner of all polygons: int64 (corners,).
        counts: the corners of each: int64 (n,).
    """

    corners: NDArray[np.int64]
    counts: NDArray[np.int64]


def _faces(document: Document) -> _Faces:
    """Return the polygons of a file, and after them the triangles of its strips."""
    face, strips = document.get("face"), document.get("tristrips")
    corners, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    named = [name for name in _CORNERS if name in face.lists]
    named += [name for name in face.lists if face.types[name][0] in "iu"]
    if named:
        lists = face.lists[named[0]]
        corners.append(lists.values.astype(np.int64))
        counts.append(lists.counts)
    for lists in list(strips.lists.values())[:1]:
        triangles = _of_strips(lists.values.astype(np.int64), lists.counts)
        corners.append(triangles.ravel())
        counts.append(np.full(len(triangles), 3))
    return _Faces(np.concatenate(corners), np.concatenate(counts))


def _of_strips(numbers: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the triangles of strips, int64 (n, 3); -1 ends one within a list, too."""
    is_start = np.zeros(len(numbers) + 1, bool)
    is_start[np.cumsum(counts) - counts] = True
    is_start[1:] |= numbers < 0
    # How far each number is from the start of its strip.
    places = np.arange(len(numbers))
    along = places - np.maximum.accumulate(np.where(is_start[:-1], places, 0))
    ends = np.flatnonzero((along >= 2) & (numbers >= 0))
    triangles = np.stack([numbers[ends - 2], numbers[ends - 1], numbers[ends]], axis=1)
    is_odd = along[ends] % 2 == 1
    triangles[is_odd] = triangles[is_odd][:, [1, 0, 2]]
    return triangles


def _surfaces(
    document: Document,
    vertices: NDArray[np.float64],
    colours: NDArray[np.float64] | None,
    faces: _Faces,
    files: Files,
) -> Iterator[Part]:
    """Yield the surface of a file, in a part for each picture on it."""
    face, vertex = document.get("face"), document.get("vertex")
    places, polygons = triangulate(vertices, faces.corners, faces.counts)
    corners = faces.corners[places]
    normals, uvs = vertex.table("nx", "ny", "nz"), _uvs(vertex)
    own_uvs, own_colours = _corner_uvs(face, faces), _colours(face)
    if own_uvs is not None or (own_colours is not None and len(own_colours) == len(faces.counts)):
        # Each triangle gets its own three vertices, which can then differ from its neighbours'.
        used = corners.ravel()
        vertices, corners = vertices[used], np.arange(len(used)).reshape(-1, 3)
        normals = None if normals is None else normals[used]
        if own_uvs is not None:
            uvs = own_uvs[places.ravel()]
        elif uvs is not None:
            uvs = uvs[used]
        colours = None if colours is None else colours[used]
        if own_colours is not None and len(own_colours) == len(faces.counts):
            colours = np.repeat(own_colours[polygons], 3, axis=0)
    pictures = [None if uvs is None else _picture(name, files) for name in document.textures]
    numbers = np.zeros(len(polygons), np.int64)
    if "texnumber" in face.columns and face.count == len(faces.counts):
        numbers = face.columns["texnumber"].astype(np.int64)[polygons]
    for number in np.unique(numbers):
        picture = pictures[number] if 0 <= number < len(pictures) else None
        part = Part(vertices, corners[numbers == number], painted(colours), normals)
        if picture is None or uvs is None:
            part.colours = colours
        else:
            # Scanners write the same colours twice.
            part.appearance = Appearance((1, 1, 1, 1), MappedPicture(picture))
            part.uvs = np.nan_to_num(uvs, posinf=0, neginf=0)[:, None]
        yield part


def _edges(
    edge: Element, vertices: NDArray[np.float64], colours: NDArray[np.float64] | None
) -> Part | None:
    """Return the lines of a file, of which each may have its own colour; None if there are none."""
    ends = next((found for names in _ENDS if (found := edge.table(*names)) is not None), None)
    if ends is None:
        return None
    numbers = ends.astype(np.int64)
    if (own := _colours(edge)) is not None:
        is_there = ((numbers >= 0) & (numbers < len(vertices))).all(axis=1)
        vertices, colours = vertices[numbers[is_there].ravel()], np.repeat(own[is_there], 2, axis=0)
        numbers = np.arange(len(vertices)).reshape(-1, 2)
    return Part(vertices, numbers, painted(colours), colours=colours)


def _uvs(vertex: Element) -> NDArray[np.float64] | None:
    """Return positions in a picture, float64 (n, 2), or None."""
    return next((found for names in _UVS if (found := vertex.table(*names)) is not None), None)


def _corner_uvs(face: Element, faces: _Faces) -> NDArray[np.float64] | None:
    """Return positions in a picture of each corner of each polygon, float64 (corners, 2)."""
    lists = face.lists.get("texcoord")
    if lists is None or len(lists.values) != 2 * len(faces.corners):
        return None
    return lists.values.astype(np.float64).reshape(-1, 2)


def _picture(name: str, files: Files) -> Image.Image | None:
    """Return a picture, not decoded yet; None if there is none that can be read."""
    try:
        return Image.open(io.BytesIO(files.get(name)))
    except Exception:
        # Deliberately every exception: a picture from outside may be broken in any way, and is
        # treated as missing.
        return None


def _colours(element: Element) -> NDArray[np.float64] | None:
    """Return the colour of each row, RGBA 0 to 1, or None."""
    for *names, alpha in _colour_names(element):
        rgb = element.table(*names)
        if rgb is not None and len(rgb):
            opacity = element.table(alpha)
            return rgba(
                _shares(rgb, element.types[names[0]]),
                None if opacity is None else _shares(opacity[:, 0], element.types[alpha]),
            )
    for name in _GREYS:
        grey = element.table(name)
        if grey is not None and len(grey) and np.ptp(grey) > 0:
            return rgba((grey - grey.min()) / np.ptp(grey))
    return None


def _colour_names(element: Element) -> Iterator[list[str]]:
    """Yield what the columns of red, green, blue and opacity may be called."""
    for names in _COLOURS:
        ends = [name.removesuffix(names[0]) for name in element.columns if name.endswith(names[0])]
        others = [end for end in ends if end.endswith("_") and end not in _PREFIXES]
        for prefix in (*_PREFIXES, *others):
            yield [prefix + name for name in names]


def _shares(values: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """Return values of a type as values from 0 to 1."""
    return values / 255 if kind == "u1" else in_shares(values)


def _cloud(
    vertex: Element, vertices: NDArray[np.float64], colours: NDArray[np.float64] | None
) -> Part:
    """Return all vertices as points."""
    numbers = np.arange(len(vertices)).reshape(-1, 1)
    normals = vertex.table("nx", "ny", "nz")
    return Part(vertices, numbers, painted(colours), normals, colours=colours)


def _splats(vertex: Element, vertices: NDArray[np.float64]) -> Part | None:
    """Return Gaussian splats as points of their size and opacity; None if there are none."""
    harmonics = vertex.table("f_dc_0", "f_dc_1", "f_dc_2")
    scales, opacity = vertex.table("scale_0", "scale_1", "scale_2"), vertex.table("opacity")
    if harmonics is None or scales is None or opacity is None or not len(vertices):
        return None
    with np.errstate(all="ignore"):
        alpha = np.nan_to_num(1 / (1 + np.exp(-opacity[:, 0])))
        # A splat is flat as a rule: what is seen of it has its two larger sizes.
        radii = HALF * np.exp(np.sort(scales, axis=1)[:, 1:].mean(axis=1))
        largest = LARGEST * np.ptp(vertices, axis=0).max()
    shown = np.flatnonzero(alpha >= min(LEAST_OPACITY, alpha.max()))
    return Part(
        vertices,
        shown.reshape(-1, 1),
        Appearance((1, 1, 1, 1), is_double_sided=False),
        colours=rgba(0.5 + HARMONIC * harmonics, alpha),
        radii=np.nan_to_num(radii, posinf=largest).clip(0, largest),
    )
