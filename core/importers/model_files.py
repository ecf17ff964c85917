"""Import a folder of 3D files, with its sub-folders; each file is rendered."""

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

# Names that programs give to files and folders, which say nothing about what they show.
_GENERIC_NAMES = frozenset(
    ["scene", "model", "mesh", "object", "export", "source", "untitled", "textured"]
    + [suffix.removeprefix(".") for suffix in SUFFIXES]
)


def read(path: str | Path, *, viewpoints: bool = False) -> Source:
    """Open a folder: every 3D file in it or below it is an item, in natural order.

    `viewpoints` also renders each from its front, side, back and top. Raises `LookalikeError` if
    there are no 3D files or nothing can be rendered on this machine.
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
    """Say whether there is a 3D file in a folder or below it."""
    return any(isinstance(result, str) for result in walk(str(path), SUFFIXES))


@dataclass(frozen=True, slots=True)
class _ModelFile(Entry):
    """A 3D file.

    Its version names how it is rendered, and each file that was read for that with its SHA-256.
    The renderer reports these files, so that no other code has to know the formats. The processes
    of `renderer` end when the last entry that refers to it is garbage collected.
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
            digests = json.loads(files)
            return (
                isinstance(digests, dict)
                and bool(digests)
                and digests == _digests(self.root, digests)
            )
        except (ValueError, TypeError):
            return False

    def load(self, known: str) -> Loaded | None:
        if known and self.is_current(known):
            return None
        try:
            rendering = self.renderer.render(
                os.path.join(self.root, self.path), root=self.root, viewpoints=self.viewpoints
            )
        except Unavailable:
            raise
        except RenderError as error:
            raise EntryError(str(error)) from error
        return Loaded(
            picture=rendering.picture,
            version=f"{self._recipe} {json.dumps(rendering.files, sort_keys=True)}",
            viewpoints=rendering.viewpoints,
            model=rendering.model,
        )

    @property
    def _recipe(self) -> str:
        """How the file is rendered, as the first word of its version."""
        return f"{RECIPE}{'+sides' if self.viewpoints else ''}"


def _entries(
    listing: Listing, renderer: Renderer, *, viewpoints: bool
) -> Generator[Entry | SkippedEntry, None, None]:
    """Yield the skipped paths, then each file. Closing the iterator early ends the renderer."""
    folders = Counter(folder for path in listing.files for folder in _parent_folders(path))
    try:
        yield from listing.skipped
        for path in listing.files:
            yield _ModelFile(_item(path, folders), listing.root, path, viewpoints, renderer)
    except GeneratorExit:
        renderer.close()
        raise


def _parent_folders(path: str) -> list[str]:
    """Return the folders that contain a file, from the innermost outwards, without the root."""
    return [str(folder) for folder in PurePosixPath(path).parents][:-1]


def _item(path: str, models_in: Mapping[str, int]) -> Item:
    """Return the item of a file, with its folders as the category.

    A file that is alone in its folder is named after the folder if its own name is generic, as in
    `chairs/red armchair/source/model.obj`, or the same as the folder's. `models_in` counts the 3D
    files in each folder and below it.
    """
    source_id = storable(path)
    parts = source_id.split("/")
    stem = PurePosixPath(source_id).stem
    alone = list(takewhile(lambda folder: models_in[folder] == 1, _parent_folders(path)))
    names = [stem, *reversed(parts[len(parts) - 1 - len(alone) : -1])]
    chosen = next(
        (level for level, name in enumerate(names) if name.casefold() not in _GENERIC_NAMES), 0
    )
    # A folder of the same name is no category.
    while chosen + 1 < len(names) and names[chosen + 1].casefold() == names[chosen].casefold():
        chosen += 1
    name = readable(source_id) if not chosen else readable(f"{names[chosen]}.obj")
    category = "/".join(parts[: len(parts) - 1 - chosen])
    return Item(source_id=source_id, name=name, category=category)


def _digests(root: str, paths: Collection[str]) -> dict[str, str]:
    """Return the SHA-256 of files by path; empty for a path that is no file inside the root."""
    return {path: _digest(os.path.realpath(root), path) for path in paths}


def _digest(root: str, path: str) -> str:
    """Return the SHA-256 of a file; empty if it is not a readable file inside `root`."""
    real = os.path.realpath(os.path.join(root, path))
    if not (Path(real).is_relative_to(root) and os.path.isfile(real)):
        return ""
    try:
        with open(real, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
