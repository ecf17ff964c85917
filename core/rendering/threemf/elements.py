"""The objects and materials of a 3MF package: XML files in a ZIP archive."""

import io
import zipfile
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.rendering.files import Files
from core.rendering.mesh_parts import GREY
from core.rendering.raytracer import Wrap

# The most bytes that are unpacked of one file of the package, and the most files with objects.
MAX_BYTES = 1_000_000_000
MAX_MODELS = 1000
_CHUNK = 1 << 20
# The lengths of units in metres.
UNITS = {"micron": 1e-6, "millimeter": 1e-3, "centimeter": 1e-2, "inch": 0.0254, "foot": 0.3048}
_WRAPS: Mapping[str, Wrap] = {"mirror": "mirror", "clamp": "clamp", "none": "clamp"}
# What the namespace of the extension for slices contains.
_SLICES = "/slice/"
# The most materials that are mixed.
_MAX_MIXED = 16
# What stands for "none" among the numbers of materials.
NONE = -1


class Invalid3mfError(ValueError):
    """A package that is not 3MF, or damaged."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that is put somewhere.

    Attributes:
        path: of the file in the package that it is in.
        number: its id there.
        matrix: float64 (4, 4).
    """

    path: str
    number: int
    matrix: NDArray[np.float64]


@dataclass(slots=True)
class Object:
    """A mesh, or a group of other objects.

    Attributes:
        kind: such as "model" or "support".
        group: the id of the materials of triangles that name none, or `NONE`.
        place: the number of the one among these.
        vertices: three numbers each.
        triangles: seven each: the corners, the id of their materials, and the number of each
            corner's, of which the first may stand for all.
        components: what a group consists of.
    """

    kind: str = "model"
    group: int = NONE
    place: int = 0
    vertices: "array[float]" = field(default_factory=lambda: array("d"))
    triangles: "array[int]" = field(default_factory=lambda: array("i"))
    components: list[Reference] = field(default_factory=list)


@dataclass(slots=True)
class Materials:
    """Colours, or places in a picture.

    Attributes:
        rows: RGBA from 0 to 1, or coordinates from the lower left.
        texture: the id of the picture, or `NONE`.
        is_flat: whether a triangle has a single one of the colours.
    """

    rows: list[tuple[float, ...]] = field(default_factory=list)
    texture: int = NONE
    is_flat: bool = False

    def colour(self, number: int) -> tuple[float, ...] | None:
        """Return the colour with a number; None if there is none, or it is a place in a picture."""
        found = self.rows[number] if 0 <= number < len(self.rows) else ()
        return found if len(found) == len(GREY) else None


@dataclass(frozen=True, slots=True)
class Texture:
    """A picture in the package, and what is beyond its edges."""

    path: str
    wraps: tuple[Wrap, Wrap]


@dataclass(slots=True)
class Model:
    """What a file of the package defines, by its ids.

    Attributes:
        unit: the length of its unit in metres.
        has_unshown: whether it has materials that cannot be shown.
    """

    unit: float = 1e-3
    objects: dict[int, Object] = field(default_factory=dict)
    materials: dict[int, Materials] = field(default_factory=dict)
    textures: dict[int, Texture] = field(default_factory=dict)
    items: list[Reference] = field(default_factory=list)
    has_unshown: bool = False


class Package:
    """A 3MF file, whose parts are read when they are first needed."""

    def __init__(self, data: bytes, files: Files) -> None:
        """Open it; raises an error of `zipfile` if it is no archive.

        `files` is told which pictures cannot be read.
        """
        self._files = files
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._names = {_plain(each): each for each in self._archive.namelist()}
        self._models: dict[str, Model] = {}
        self._pictures: dict[str, Image.Image | None] = {}

    @cached_property
    def root(self) -> str:
        """The path of the file with the items that are built."""
        links = _Links()
        if "_rels/.rels" in self._names:
            self._parse("_rels/.rels", links.start)
        found = [each for each in links.targets if each in self._names]
        found += [each for each in self._names if each.endswith(".model")]
        if not found:
            raise Invalid3mfError("the package has no model")
        return found[0]

    def model(self, path: str) -> Model:
        """Return what the file at a path defines."""
        path = _plain(path)
        if path not in self._models:
            if len(self._models) >= MAX_MODELS:
                raise Invalid3mfError("the package has too many models")
            reader = _Reader(path)
            self._parse(path, reader.start)
            self._models[path] = reader.model
        return self._models[path]

    def picture(self, path: str) -> Image.Image | None:
        """Return a picture of the package; None if it cannot be read."""
        if path not in self._pictures:
            try:
                with self._archive.open(self._names[_plain(path)]) as file:
                    data = file.read(MAX_BYTES // 10)
                picture = Image.open(io.BytesIO(data))
                picture.load()
                self._pictures[path] = picture
            except Exception as error:
                # Deliberately every exception: a picture from outside may be broken in any way, and
                # is treated as missing.
                self._pictures[path] = None
                self._files.note_unreadable(path, error)
        return self._pictures[path]

    def _parse(self, path: str, start: Callable[[str, dict[str, str]], None]) -> None:
        """Call a function with the name and attributes of each element of a file."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        # Without a document type there are no entities, which could name each other or files.
        parser.StartDoctypeDeclHandler = _refuse
        size = 0
        with self._archive.open(self._names[path]) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    raise Invalid3mfError("the model is too large")
                parser.Parse(chunk)
        parser.Parse(b"", True)


class _Links:
    """The paths of the models that the package says it begins with."""

    def __init__(self) -> None:
        """Begin without any."""
        self.targets: list[str] = []

    def start(self, name: str, values: dict[str, str]) -> None:
        """Note a relationship."""
        if values.get("Type", "").endswith("/3dmodel"):
            self.targets.append(_plain(values.get("Target", "")))


class _Reader:
    """Collects what the elements of a file define."""

    def __init__(self, path: str) -> None:
        """Begin; `path` is that of the file."""
        self.model = Model()
        self._path = path
        self._object = Object()
        self._materials = Materials()
        # What the materials that are being read mix, and whether they multiply it.
        self._mixed: list[tuple[Materials, int]] = []
        self._layers: list[tuple[Materials, bool]] = []
        # By full names, found as they occur: their prefix is that of the version.
        self._known: dict[str, Callable[[dict[str, str]], None] | None] = {}

    def start(self, name: str, values: dict[str, str]) -> None:
        """Read an element."""
        if name not in self._known:
            space, _, element = name.rpartition(" ")
            # Slices for printers have corners of their own.
            known = None if _SLICES in space else getattr(self, f"_{element}_element", None)
            self._known[name] = known
        if (read := self._known[name]) is not None:
            read(values)

    def _model_element(self, values: dict[str, str]) -> None:
        self.model.unit = UNITS.get(values.get("unit", "millimeter"), 1.0)

    def _object_element(self, values: dict[str, str]) -> None:
        self._object = Object(
            values.get("type", "model"),
            int(values.get("pid", NONE)),
            int(values.get("pindex", 0)),
        )
        self.model.objects[int(values["id"])] = self._object

    def _vertex_element(self, values: dict[str, str]) -> None:
        self._object.vertices.extend((float(values["x"]), float(values["y"]), float(values["z"])))

    def _triangle_element(self, values: dict[str, str]) -> None:
        own, found = self._object, values.get("p1")
        # Without a material of its own, a triangle has that of the object.
        first = own.place if found is None else int(found)
        self._object.triangles.extend(
            (
                int(values["v1"]),
                int(values["v2"]),
                int(values["v3"]),
                own.group if found is None else int(values.get("pid", own.group)),
                first,
                int(values.get("p2", first)),
                int(values.get("p3", first)),
            )
        )

    def _component_element(self, values: dict[str, str]) -> None:
        self._object.components.append(self._reference(values))

    def _item_element(self, values: dict[str, str]) -> None:
        self.model.items.append(self._reference(values))

    def _reference(self, values: dict[str, str]) -> Reference:
        """Return the object that an element refers to; it may be in another file."""
        path = next((each for key, each in values.items() if key.endswith(" path")), self._path)
        matrix = np.eye(4)
        if stated := values.get("transform"):
            # The rows are those for row vectors.
            matrix[:3] = np.array(stated.split(), np.float64).reshape(4, 3).T
        return Reference(path, int(values["objectid"]), matrix)

    def _basematerials_element(self, values: dict[str, str]) -> None:
        self._begin(values, Materials(is_flat=True))

    def _base_element(self, values: dict[str, str]) -> None:
        self._materials.rows.append(_colour(values.get("displaycolor", "")))

    def _colorgroup_element(self, values: dict[str, str]) -> None:
        self._begin(values, Materials())

    def _color_element(self, values: dict[str, str]) -> None:
        self._materials.rows.append(_colour(values.get("color", "")))

    def _texture2d_element(self, values: dict[str, str]) -> None:
        styles = (values.get(f"tilestyle{each}", "wrap") for each in "uv")
        first, second = (_WRAPS.get(style, "repeat") for style in styles)
        self.model.textures[int(values["id"])] = Texture(values["path"], (first, second))

    def _texture2dgroup_element(self, values: dict[str, str]) -> None:
        self._begin(values, Materials(texture=int(values["texid"])))

    def _tex2coord_element(self, values: dict[str, str]) -> None:
        self._materials.rows.append((float(values["u"]), float(values["v"])))

    def _compositematerials_element(self, values: dict[str, str]) -> None:
        group = self.model.materials.get(int(values["matid"]), Materials())
        numbers = map(int, values.get("matindices", "").split())
        self._mixed = [(group, number) for number in numbers][:_MAX_MIXED]
        self._begin(values, Materials(is_flat=True))

    def _composite_element(self, values: dict[str, str]) -> None:
        """Read the shares of the materials that are mixed."""
        shares = np.array(values.get("values", "").split(), np.float64)[: len(self._mixed)]
        colours = [group.colour(number) for group, number in self._mixed[: len(shares)]]
        known = [each for each in colours if each is not None]
        if shares.sum() > 0 and len(known) == len(shares):
            mix = shares @ np.array(known) / shares.sum()
            self._materials.rows.append(tuple(mix.tolist()))
        else:
            self.model.has_unshown = True
            self._materials.rows.append(GREY)

    def _multiproperties_element(self, values: dict[str, str]) -> None:
        """Read which groups lie on each other, and which of them are multiplied."""
        methods = values.get("blendmethods", "").split()
        groups = [int(each) for each in values.get("pids", "").split()][:_MAX_MIXED]
        self._layers = [
            (self.model.materials.get(group, Materials()), methods[k - 1 : k] == ["multiply"])
            for k, group in enumerate(groups)
        ]
        self._begin(values, Materials())

    def _multi_element(self, values: dict[str, str]) -> None:
        """Read one of each group, of which those left out are the first."""
        numbers = [int(each) for each in values.get("pindices", "").split()]
        mix = np.array(GREY)
        for k, (materials, is_multiplied) in enumerate(self._layers):
            found = materials.colour(numbers[k] if k < len(numbers) else 0)
            if found is None:
                self.model.has_unshown = True
                continue
            colour = np.array(found)
            opacity = colour[3]
            if k == 0:
                mix = colour
            elif is_multiplied:
                mix = mix * colour
            else:
                mix[:3] = mix[:3] * (1 - opacity) + colour[:3] * opacity
                mix[3] = 1 - (1 - mix[3]) * (1 - opacity)
        self._materials.rows.append(tuple(mix.tolist()))

    def _begin(self, values: dict[str, str], materials: Materials) -> None:
        """Add a group of materials, which the elements in it fill."""
        self._materials = self.model.materials[int(values["id"])] = materials


def _plain(path: str) -> str:
    """Return a path in the package as it is compared."""
    return path.lstrip("/").lower()


def _colour(value: str) -> tuple[float, ...]:
    """Return the colour in "#RRGGBB" or "#RRGGBBAA"; grey for another text."""
    try:
        parts = bytes.fromhex(value.strip().removeprefix("#"))
    except ValueError:
        parts = b""
    return tuple(each / 255 for each in (*parts, 255)[:4]) if len(parts) in (3, 4) else GREY


def _refuse(*_: Any) -> None:
    raise Invalid3mfError("a file of the package has a document type")
