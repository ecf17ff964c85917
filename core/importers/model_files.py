"""A folder of 3D files, searched with its sub-folders: each is rendered here."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath

from core.catalogue import Item
from core.importers.base import Entry, EntryError, Loaded, SkippedEntry, Source
from core.importers.file_listing import Listing, list_files, local_path, walk
from core.importers.text import readable, storable
from core.rendering.renderer import RECIPE, Renderer, RenderError, Unavailable, check

SUFFIXES = frozenset([".glb", ".gltf", ".obj", ".stl", ".ply"])

# What a file or folder is called that was named by a program and not for what it shows.
_GENERIC_NAMES = frozenset(
    ["scene", "model", "mesh", "object", "export", "source", "untitled", "textured"]
    + [suffix.removeprefix(".") for suffix in SUFFIXES]
)


def read(path: str | Path, *, viewpoints: bool = False) -> Source:
    """Open a folder: every 3D file below it is an item, in natural order.

    `viewpoints` renders each from its front, side, back and top as well.
    """
    listing = list_files(path, SUFFIXES, what="3D files")
    check()
    renderer = Renderer()
    entries = _entries(listing, renderer, viewpoints=viewpoints)
    return Source(
        "models", storable(listing.root), listing.total, entries, workers=renderer.processes
    )


def matches(location: str) -> bool:
    """Say whether a location is a folder with 3D files."""
    path = local_path(location)
    return os.path.isdir(path) and has_models(path)


def has_models(path: Path) -> bool:
    """Say whether a folder, or one below it, holds a 3D file."""
    return any(isinstance(found, str) for found in walk(str(path), SUFFIXES))


@dataclass(frozen=True, slots=True)
class _ModelFile(Entry):
    """A 3D file.

    Its version names how it is rendered, and each file that was read for that with its SHA-256:
    the renderer says which they were, so that nobody else has to find that out. The processes of
    `renderer` end when the last entry that holds it is gone.
    """

    item: Item
    root: str
    path: str
    viewpoints: bool
    renderer: Renderer

    def is_current(self, known: str) -> bool:
        recipe, _, files = known.partition(" ")
        if recipe != self._recipe:
            return False
        try:
            read = json.loads(files)
            return isinstance(read, dict) and bool(read) and read == _digests(self.root, read)
        except (ValueError, TypeError):
            return False

    def load(self, known: str) -> Loaded | None:
        if known and self.is_current(known):
            return None
        try:
            made = self.renderer.render(
                os.path.join(self.root, self.path), root=self.root, viewpoints=self.viewpoints
            )
        except Unavailable:
            raise
        except RenderError as error:
            raise EntryError(str(error)) from error
        return Loaded(
            picture=made.picture,
            version=f"{self._recipe} {json.dumps(made.files, sort_keys=True)}",
            viewpoints=made.viewpoints,
            model=made.model,
        )

    @property
    def _recipe(self) -> str:
        """How it is rendered, in a word."""
        return f"{RECIPE}{'+sides' if self.viewpoints else ''}"


def _entries(
    listing: Listing, renderer: Renderer, *, viewpoints: bool
) -> Generator[Entry | SkippedEntry, None, None]:
    """Yield what the walk refused, then each file. Closed before its end, it ends the renderer."""
    folders = Counter(folder for path in listing.files for folder in _parent_name(path))
    try:
        yield from listing.rejected
        for path in listing.files:
            yield _ModelFile(_item(path, folders), listing.root, path, viewpoints, renderer)
    except GeneratorExit:
        renderer.close()
        raise


def _parent_name(path: str) -> list[str]:
    """Return the folders that a file lies in, but not the root."""
    return [str(folder) for folder in PurePosixPath(path).parents][:-1]


def _item(path: str, models_in: Mapping[str, int]) -> Item:
    """Return the item of a file, with the folders as its category.

    A file that is alone in its folder is named after that where its own name says nothing, as in
    `chairs/red armchair/source/model.obj`, or nothing new.
    """
    source_id = storable(path)
    parts = source_id.split("/")
    own = PurePosixPath(source_id).stem
    alone = list(takewhile(lambda folder: models_in[folder] == 1, _parent_name(path)))
    names = [own, *reversed(parts[len(parts) - 1 - len(alone) : -1])]
    chosen = next(
        (place for place, name in enumerate(names) if name.casefold() not in _GENERIC_NAMES), 0
    )
    # A folder of the same name is no category.
    while chosen + 1 < len(names) and names[chosen + 1].casefold() == names[chosen].casefold():
        chosen += 1
    name = readable(source_id) if not chosen else readable(f"{names[chosen]}.obj")
    category = "/".join(parts[: len(parts) - 1 - chosen])
    return Item(source_id=source_id, name=name, category=category)


def _digests(root: str, paths: Collection[str]) -> dict[str, str]:
    """Return the SHA-256 of files by their paths, empty where there is none inside the root."""
    return {path: _digest(os.path.realpath(root), path) for path in paths}


def _digest(root: str, path: str) -> str:
    """Return the SHA-256 of one file, or nothing."""
    real = os.path.realpath(os.path.join(root, path))
    if not (Path(real).is_relative_to(root) and os.path.isfile(real)):
        return ""
    try:
        with open(real, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
