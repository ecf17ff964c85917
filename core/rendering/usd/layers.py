"""The files that a stage consists of.

The library would open whatever a file refers to. So each layer is copied into memory, and refers
only to others that were found as `Files` finds them.
"""

import io
import os
import posixpath
import zipfile
from dataclasses import dataclass
from typing import Any

from PIL import Image
from pxr import Ar, Sdf, Tf, Usd

from core.rendering.extras import USD_SUFFIXES
from core.rendering.files import Files, UnusableFileError

PACKAGE = ".usdz"
# What is read of values that change: how they begin.
TIME = Usd.TimeCode.EarliestTime()
# Of a package.
MAX_LAYERS = 1000
# The first of the pictures that a surface of many has.
_TILES, _FIRST_TILE = "<UDIM>", "1001"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is: its path, and if that is of a package, which member of it."""

    path: str
    member: str = ""


class Layers:
    """The layers of a file, and of those that it refers to."""

    def __init__(self, path: str, files: Files) -> None:
        """Read all of them, with the file at a real path."""
        self._files = files
        self._archives: dict[str, zipfile.ZipFile] = {}
        self._layers: dict[Place, Any] = {}
        self._places: dict[str, Place] = {}
        self._pictures: dict[Place, Image.Image | None] = {}
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise UnusableFileError(
                "Its path is not valid text. Rename the file or its folder."
            ) from error
        self.root = self._layer(self._in_package(Place(path)))
        pending = [self.root]
        while pending:
            layer = pending.pop()
            for name in layer.GetCompositionAssetDependencies():
                if name:
                    known = len(self._layers)
                    other = self._other(name, self._places[layer.identifier])
                    pending += [other] if len(self._layers) > known and other else []
                    layer.UpdateCompositionAssetDependency(name, other.identifier if other else "")

    def picture(self, attribute: Any) -> Image.Image | None:
        """Return the picture that an attribute names, not decoded yet; None if it has none."""
        value = attribute.Get(TIME)
        name = value.path.replace(_TILES, _FIRST_TILE) if value else ""
        stated = [each.layer.identifier for each in attribute.GetPropertyStack(TIME)
                  if each.HasInfo("default") or each.HasInfo("timeSamples")]  # fmt: skip
        origin = self._places.get(stated[0]) if stated else None
        if not name or origin is None:
            return None
        place = self._find(name, origin)
        if place is None:
            return None
        if place not in self._pictures:
            try:
                data = self._bytes(place)
                Image.open(io.BytesIO(data)).verify()
                self._pictures[place] = Image.open(io.BytesIO(data))
            except Exception as error:
                # Deliberately every exception: a picture from outside may be broken in any way,
                # and is treated as missing.
                self._pictures[place] = None
                self._files.note_unreadable(name, error)
        return self._pictures[place]

    def _other(self, name: str, origin: Place) -> Any:
        """Return the layer that another refers to by a name; None if it cannot be read."""
        place = self._find(name, origin)
        if place is None or not place.path.lower().endswith(USD_SUFFIXES):
            return None
        try:
            return self._layer(self._in_package(place))
        except (OSError, ValueError, RuntimeError, zipfile.BadZipFile):
            self._files.note_unreadable(name)
            return None

    def _layer(self, place: Place) -> Any:
        """Return a copy in memory of the layer at a place."""
        if place not in self._layers:
            if len(self._layers) >= MAX_LAYERS:
                raise UnusableFileError(f"It consists of more than {MAX_LAYERS:,} files.")
            if not place.member:
                self._files.open(place.path)
            layer = Sdf.Layer.OpenAsAnonymous(
                Ar.JoinPackageRelativePath([place.path, place.member])
                if place.member
                else place.path
            )
            if layer is None:
                raise ValueError("there is no such layer")
            _drop_clips(layer)
            self._layers[place] = layer
            self._places[layer.identifier] = place
        return self._layers[place]

    def _in_package(self, place: Place) -> Place:
        """Return a place; of a package, the layer that it begins with."""
        if place.member or not place.path.lower().endswith(PACKAGE):
            return place
        names = self._archive(place.path).namelist()
        return Place(place.path, next((each for each in names if each.endswith(USD_SUFFIXES)), ""))

    def _archive(self, path: str) -> zipfile.ZipFile:
        """Return the package at a path."""
        if path not in self._archives:
            self._archives[path] = zipfile.ZipFile(io.BytesIO(self._files.open(path)))
        return self._archives[path]

    def _find(self, name: str, origin: Place) -> Place | None:
        """Return the place that a layer refers to by a name; None if there is none."""
        outer, inner = name, ""
        if Ar.IsPackageRelativePath(name):
            outer, inner = Ar.SplitPackageRelativePathOuter(name)
        if not origin.member:
            beside = os.path.relpath(origin.path, self._files.folder)
            try:
                return Place(self._files.find(outer, beside=beside), inner)
            except OSError:
                return None
        names = self._archive(origin.path).namelist()
        for folder in (posixpath.dirname(origin.member), ""):
            member = posixpath.normpath(posixpath.join(folder, outer))
            if member in names:
                return Place(origin.path, member)
        self._files.note_unreadable(name)
        return None

    def _bytes(self, place: Place) -> bytes:
        """Return the bytes of a file; a member of a package is not compressed."""
        if not place.member:
            return self._files.open(place.path)
        member = self._archive(place.path).getinfo(place.member)
        if member.compress_type != zipfile.ZIP_STORED:
            raise ValueError("it is compressed")
        return self._archive(place.path).read(member)


def _drop_clips(layer: Any) -> None:
    """Remove what refers to files with values of other times."""
    found = []

    def look(path: Any) -> None:
        spec = layer.GetObjectAtPath(path)
        if isinstance(spec, Sdf.PrimSpec) and spec.HasInfo("clips"):
            found.append(spec)

    layer.Traverse(Sdf.Path.absoluteRootPath, look)
    for spec in found:
        spec.ClearInfo("clips")


def opened(layers: Layers) -> Any:
    """Return the stage of some layers."""
    try:
        return Usd.Stage.Open(layers.root)
    except Tf.ErrorException as error:
        raise ValueError("the stage cannot be composed") from error
