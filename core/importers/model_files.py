"""Import a folder of 3D files, with its sub-folders; each file is rendered."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path, PurePosixPath

from core.catalogue import Item
from core.importers import folder
from core.importers.base import Entry, EntryError, Loaded, SkippedEntry, Source, digest
from core.importers.file_kinds import PICTURE, RENDER, is_model
from core.importers.file_listing import has_files, list_files, local_path
from core.importers.references import find_parts
from core.importers.text import readable, storable
from core.importers.textures import missing_textures, remark_on
from core.natural_order import natural_key
from core.rendering.extras import (
    BLENDER_SUFFIXES,
    STEP_SUFFIXES,
    USD_SUFFIXES,
    blender,
    reads_step,
    reads_usd,
)
from core.rendering.renderer import RECIPE, Renderer, RenderError, Unavailable, check
from core.viewpoints import UpChoice

_ALWAYS = (".glb", ".gltf", ".obj", ".stl", ".ply", ".dae", ".fbx", ".3mf")
SUFFIXES = frozenset(
    _ALWAYS
    + (STEP_SUFFIXES if reads_step() else ())
    + (USD_SUFFIXES if reads_usd() else ())
    + (BLENDER_SUFFIXES if blender() else ())
)

# Names that programs give to files and folders, which say nothing about what they show.
_GENERIC_NAMES = frozenset(
    ["scene", "model", "mesh", "object", "export", "source", "untitled", "textured"]
    + [suffix.removeprefix(".") for suffix in SUFFIXES]
)


def read(
    path: str | Path,
    *,
    viewpoints: bool = False,
    up: UpChoice = "auto",
    with_pictures: bool = False,
) -> Source:
    """Open a folder: every 3D file in it or below it is an item, in natural order.

    Args:
        path: the folder.
        viewpoints: whether to render each from its front, side, back and top too.
        up: which axis of the files points up; it turns no glTF, whose format says that.
        with_pictures: whether pictures that no 3D file names are items too. One beside a 3D file
            of the same name becomes the picture of that.

    Raises:
        LookalikeError: there are no 3D files, or nothing can be rendered on this machine.
    """
    listing = list_files(path, SUFFIXES, what="3D files", is_wanted=is_model)
    check()
    others = dict(listing.others)
    parts = find_parts(listing.root, listing.files, others)
    pictures = [each for each in others if others[each] is PICTURE and each not in parts]
    renders = _renders(listing.files, pictures)
    renderer = Renderer()
    files = [
        _ModelFile(
            item=item,
            root=listing.root,
            path=file,
            viewpoints=viewpoints,
            up=up,
            picture=renders.get(file, "") if with_pictures else "",
            renderer=renderer,
        )
        for file, item in zip(listing.files, _items(listing.files), strict=True)
    ]
    if with_pictures:
        parts |= {*renders.values()}
        items = sorted({*pictures} - parts, key=natural_key)
        for each in items:
            del others[each]
    else:
        items = []
        others |= dict.fromkeys(renders.values(), RENDER)
    entries = [*files, *(folder.entry(listing.root, each) for each in items)]
    return Source(
        "models",
        storable(listing.root),
        len(listing.skipped) + len(entries),
        _closing([*listing.skipped, *entries], renderer),
        workers=renderer.processes,
        others=others,
        parts=parts,
    )


def matches(location: str) -> bool:
    """Say whether a location is a folder with 3D files."""
    path = local_path(location)
    return os.path.isdir(path) and has_models(path)


def has_models(path: Path) -> bool:
    """Say whether there is a 3D file in a folder or below it."""
    return has_files(path, SUFFIXES, is_model)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ModelFile(Entry):
    """A 3D file.

    Its version names how it is rendered, and each file that was read for that with its SHA-256.
    The renderer reports these files, so that no other code has to know the formats. The processes
    of `renderer` end when the last entry that refers to it is garbage collected.

    Attributes:
        item: of the file.
        root: the folder that is imported.
        path: of the file, relative to the root.
        viewpoints: whether it is rendered from several viewpoints.
        up: which axis of it points up, unless its format says that.
        own_up: which one does in any case; None if nobody chose it for this file alone.
        picture: the path of a picture that is shown in place of a rendering; empty if there is
            none.
        renderer: renders it.
    """

    item: Item
    root: str
    path: str
    viewpoints: bool
    up: UpChoice
    picture: str
    renderer: Renderer
    own_up: UpChoice | None = None

    def turned(self, up: UpChoice) -> Entry:
        return replace(self, own_up=up)

    def is_current(self, known: str) -> bool:
        recipe, _, files = known.partition(" ")
        recipe, _, ups = recipe.partition(":")
        shown, detected, basis = f"{ups},,".split(",")[:3]
        up = self.own_up or ("auto" if basis == "format" else self.up)
        if recipe != self._recipe or shown != (detected if up == "auto" else up):
            return False
        digests = _stored_digests(files)
        return bool(digests) and digests == _digests(self.root, digests)

    def parts(self, version: str) -> Collection[str]:
        """Return the files that were read with the 3D file: its materials and textures."""
        digests = _stored_digests(version.partition(" ")[2])
        return [path for path, state in digests.items() if state and path != self.path]

    def load(self, known: str) -> Loaded | None:
        if known and self.is_current(known):
            return None
        up = self.own_up or self.up
        try:
            rendering = self.renderer.render(
                os.path.join(self.root, self.path),
                root=self.root,
                viewpoints=self.viewpoints,
                up=None if up == "auto" else up,
                up_gives_way=self.own_up is None,
            )
        except Unavailable:
            raise
        except RenderError as error:
            raise EntryError(str(error)) from error
        files, picture = dict(rendering.files), rendering.picture
        if self.picture:
            picture = folder.read_entry(os.path.join(self.root, self.picture))
            files[self.picture] = digest(picture)
        return Loaded(
            picture=picture,
            version=" ".join(
                [
                    f"{self._recipe}:{rendering.up},{rendering.detected_up},{rendering.up_basis}",
                    json.dumps(files, sort_keys=True),
                ]
            ),
            viewpoints=rendering.viewpoints,
            model=rendering.model,
            missing_textures=missing_textures(rendering, self.root),
            remark=remark_on(rendering),
            up=rendering.up,
            up_basis=rendering.up_basis,
        )

    @property
    def _recipe(self) -> str:
        """How the file is rendered, as the beginning of its version, before which axis is up."""
        return f"{RECIPE}{'+sides' if self.viewpoints else ''}{'+picture' if self.picture else ''}"


def _closing(
    entries: Sequence[Entry | SkippedEntry], renderer: Renderer
) -> Generator[Entry | SkippedEntry, None, None]:
    """Yield entries. Closing the iterator early ends the renderer."""
    try:
        yield from entries
    except GeneratorExit:
        renderer.close()
        raise


def _renders(files: Sequence[str], pictures: Sequence[str]) -> dict[str, str]:
    """Return the picture beside each 3D file that has the same name, if there is one."""
    by_stem = {
        _stem(picture): picture for picture in sorted(pictures, key=natural_key, reverse=True)
    }
    # Of several 3D files of one name, the first has the picture.
    return {file: by_stem.pop(_stem(file)) for file in files if _stem(file) in by_stem}


def _stem(path: str) -> str:
    """Return a path without its suffix, in small letters."""
    return str(PurePosixPath(path).with_suffix("")).casefold()


def _parent_folders(path: str) -> list[str]:
    """Return the folders that contain a file, from the innermost outwards, without the root."""
    return [str(folder) for folder in PurePosixPath(path).parents][:-1]


def _items(files: Sequence[str]) -> list[Item]:
    """Return the items of 3D files."""
    models_in = Counter(folder for path in files for folder in _parent_folders(path))
    return [_item(path, models_in) for path in files]


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


def _stored_digests(text: str) -> dict[str, str]:
    """Return the digests of files by path, as a version has them; none if it is not one."""
    try:
        digests = json.loads(text)
    except ValueError:
        return {}
    return digests if isinstance(digests, dict) else {}


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
