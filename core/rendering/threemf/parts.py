"""The meshes of a 3MF package as parts of a model."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.rendering.files import Files
from core.rendering.mesh_parts import GREY, Appearance, MappedPicture, Part, painted
from core.rendering.threemf.elements import Invalid3mfError, Model, Object, Package, Reference

# Groups may be in each other, and one may be in many.
MAX_DEPTH = 50
MAX_PLACED = 100_000
# What is printed only to hold up the rest.
_SUPPORTS = ("support", "solidsupport")


def read(data: bytes, files: Files) -> Iterator[Part]:
    """Yield the parts of what is built, in metres; `files` is told of what cannot be shown."""
    package = Package(data, files)
    root = package.model(package.root)
    items = root.items or [
        Reference(package.root, number, np.eye(4)) for number in _outer(package.root, root)
    ]
    scale = np.diag([root.unit] * 3 + [1.0])
    made: dict[tuple[str, int], list[Part]] = {}
    for count, (place, matrix) in enumerate(_placed(package, items)):
        if count >= MAX_PLACED:
            raise Invalid3mfError("it has too many objects")
        if place not in made:
            model = package.model(place[0])
            if model.has_unshown:
                files.remark("Some of its mixed materials cannot be shown, and are grey.")
            made[place] = list(_parts(package, model, model.objects[place[1]]))
        for part in made[place]:
            yield _moved(part, scale @ matrix)


def _outer(path: str, model: Model) -> list[int]:
    """Return the ids of the objects that are in no other."""
    inner = {
        each.number
        for found in model.objects.values()
        for each in found.components
        if each.path == path
    }
    return [number for number in model.objects if number not in inner]


def _placed(
    package: Package, items: list[Reference]
) -> Iterator[tuple[tuple[str, int], NDArray[np.float64]]]:
    """Yield where each mesh and each group is: the path and id of its object, and its matrix."""
    pending = [(each, np.eye(4), 0) for each in reversed(items)]
    while pending:
        each, outer, depth = pending.pop()
        found = package.model(each.path).objects.get(each.number)
        if found is None or found.kind in _SUPPORTS:
            continue
        if depth > MAX_DEPTH:
            raise Invalid3mfError("its objects contain each other")
        matrix = outer @ each.matrix
        yield (each.path, each.number), matrix
        pending += [(inner, matrix, depth + 1) for inner in reversed(found.components)]


def _parts(package: Package, model: Model, found: Object) -> Iterator[Part]:
    """Yield the triangles of an object: those with each picture, and all others."""
    vertices = np.array(found.vertices).reshape(-1, 3)
    rows = np.array(found.triangles, np.int64).reshape(-1, 7)
    rows = rows[((rows[:, :3] >= 0) & (rows[:, :3] < len(vertices))).all(axis=1)]
    groups = rows[:, 3]
    colours = np.tile(np.array(GREY), (len(rows), 3, 1))
    is_plain = np.ones(len(rows), bool)
    for group in np.unique(groups):
        materials, chosen = model.materials.get(int(group)), groups == group
        if materials is None or not materials.rows:
            continue
        values, places = np.array(materials.rows), rows[chosen, 4:]
        if materials.is_flat:
            places = places[:, :1].repeat(3, axis=1)
        known = (places >= 0) & (places < len(values))
        values = values[np.where(known, places, 0)]
        texture = model.textures.get(materials.texture)
        if values.shape[2] == 4:
            colours[chosen] = np.where(known[..., None], values, GREY)
        elif texture and (picture := package.picture(texture.path)):
            is_plain &= ~chosen
            look = Appearance((1, 1, 1, 1), MappedPicture(picture, wraps=texture.wraps))
            corners = vertices[rows[chosen, :3]].reshape(-1, 3)
            faces = np.arange(len(corners)).reshape(-1, 3)
            yield Part(corners, faces, look, uvs=values.reshape(-1, 1, 2))
    faces, colours = rows[is_plain, :3], colours[is_plain].reshape(-1, 4)
    if not len(faces):
        return
    if (colours == colours[0]).all():
        red, green, blue, alpha = (float(each) for each in colours[0])
        yield Part(vertices, faces, Appearance((red, green, blue, alpha)))
    else:
        corners = vertices[faces].reshape(-1, 3)
        faces = np.arange(len(corners)).reshape(-1, 3)
        yield Part(corners, faces, painted(colours), colours=colours)


def _moved(part: Part, matrix: NDArray[np.float64]) -> Part:
    """Return a part with a matrix applied to it."""
    vertices = part.vertices @ matrix[:3, :3].T + matrix[:3, 3]
    is_mirrored = np.linalg.det(matrix[:3, :3]) < 0
    faces = part.faces[:, ::-1] if is_mirrored else part.faces
    return Part(vertices, faces, part.appearance, uvs=part.uvs, colours=part.colours)
