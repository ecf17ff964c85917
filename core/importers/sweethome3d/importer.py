"""Import furniture libraries of Sweet Home 3D: `.sh3f` files, which are ZIPs with a catalogue.

The picture of a piece is its icon, which its author has made. Its 3D file is read for the viewer in
the page.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers.base import Entry, InMemoryEntry, Loaded, SkippedEntry, Source, digest
from core.importers.file_kinds import LIBRARY, FileKind, kind_of
from core.importers.file_listing import list_others, local_path
from core.importers.folder import has_pictures
from core.importers.sweethome3d.library import (
    CATALOGUE,
    SUFFIX,
    Library,
    LibraryError,
    libraries_in,
    licence_of,
    model_files_of,
    open_library,
    path_of,
    read_icon,
    read_library,
    read_member,
)
from core.importers.text import storable
from core.importers.textures import missing_textures, remark_on
from core.rendering.renderer import RECIPE, Renderer, RenderError, Unavailable


@dataclass(frozen=True, slots=True)
class _PieceWithModel(InMemoryEntry):
    """A piece of furniture with a 3D file.

    Attributes:
        library: the library that it is in.
        files: the names in the library of the 3D file, first, and of all files beside and below it.
        state: the checksum of these files, as the library states it.
        renderer: what reads 3D files.
        prefix: what the paths of the library's files begin with in `Source.others`.
    """

    library: Path
    files: tuple[str, ...]
    state: str
    renderer: Renderer
    prefix: str

    def is_current(self, known: str) -> bool:
        """Compare the digest of the icon, and the checksum of the 3D file."""
        return known == self._version

    def parts(self, version: str) -> list[str]:
        """Return the 3D file and the files beside it."""
        return [f"{self.prefix}{name}" for name in self.files]

    def load(self, known: str) -> Loaded | None:
        """Return the icon and the 3D model, unless neither has changed.

        A 3D file that cannot be read leaves the piece without a model. Where none can be read, the
        version says that they are still to be read.
        """
        version = self._version
        loaded = Loaded(picture=self.data, version=version)
        try:
            if known != version:
                return self._with_model(loaded)
        except Unavailable:
            version = self._version_without
        except (LibraryError, RenderError, OSError) as error:
            loaded = replace(loaded, remark=f"It cannot be shown in 3D: {error}")
        return None if known == version else replace(loaded, version=version)

    def _with_model(self, loaded: Loaded) -> Loaded:
        """Return what is loaded with the 3D model, unless that would be too large."""
        main = PurePosixPath(self.files[0])
        with tempfile.TemporaryDirectory(prefix="lookalike-") as name:
            root = Path(os.path.realpath(name))
            with open_library(self.library) as archive:
                for file in self.files:
                    path = root / PurePosixPath(file).relative_to(main.parent)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(read_member(archive, file))
            rendering = self.renderer.render(root / main.name, root=root)
            return replace(
                loaded,
                model=rendering.model,
                missing_textures=missing_textures(rendering, str(root)),
                remark=remark_on(rendering),
            )

    @property
    def _version(self) -> str:
        return f"{self._version_without} 3d {RECIPE} {self.state}"

    @property
    def _version_without(self) -> str:
        return digest(self.data)


def read(*paths: str | Path, models: bool = True) -> Source:
    """Open `.sh3f` files, or folders of them: every piece of furniture is an item.

    Without `models`, their 3D files are left out. A library that cannot be read is skipped. Raises
    `LookalikeError` if none can be read.
    """
    libraries: list[Library] = []
    skipped: list[SkippedEntry] = []
    for path in _files(paths):
        try:
            libraries.append(read_library(path))
        except LibraryError as error:
            skipped.append(SkippedEntry(storable(path.name), storable(path.name), str(error)))
    if not libraries:
        raise LookalikeError(" ".join(entry.reason for entry in skipped))
    total = len(skipped) + sum(len(library.pieces) for library in libraries)
    absolute = [str(local_path(path)) for path in paths]
    folders = {os.path.dirname(path) for path in absolute}
    # Several files of one folder are stored as that folder, which opens them again.
    named = folders if len(absolute) > 1 and len(folders) == 1 else absolute
    location = storable(", ".join(named))
    renderer = Renderer()
    contents = _Contents(with_prefix=len(libraries) > 1)
    for path in map(local_path, paths):
        if os.path.isdir(path):
            contents.add_folder(path, read=[library.path.name for library in libraries])
    entries = _entries(libraries, skipped, renderer if models else None, contents)
    return Source(
        "sweethome3d",
        location,
        total,
        entries,
        workers=renderer.processes,
        others=contents.others,
        parts=contents.parts,
    )


def matches(location: str) -> bool:
    """Say whether a location is a library, or a folder of libraries without pictures."""
    path = local_path(location)
    if os.path.isdir(path):
        return bool(libraries_in(path)) and not has_pictures(path)
    return path.suffix.lower() == SUFFIX and os.path.exists(path)


def _files(paths: Sequence[str | Path]) -> list[Path]:
    """Return the given files and the libraries of the given folders."""
    files: list[Path] = []
    for given in paths:
        path = local_path(given)
        if not os.path.isdir(path):
            files.append(path)
        elif libraries := libraries_in(path):
            files += libraries
        else:
            raise LookalikeError(
                f'The folder "{path}" has no {SUFFIX} files. '
                "Give the folder that they are in, or the files themselves."
            )
    return files


@dataclass(frozen=True, slots=True)
class _Contents:
    """The files of libraries and their folders that are no icons, as in `Source`.

    Those of a library are known when its pieces are read.
    """

    with_prefix: bool
    others: dict[str, FileKind] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)

    def prefix(self, library: Library) -> str:
        """Return what the paths of a library's files begin with."""
        return f"{library.path.name}/" if self.with_prefix else ""

    def add_folder(self, folder: Path, *, read: Sequence[str]) -> None:
        """Add the files of a folder; those directly in it that are `read` are libraries."""
        files = list_others(folder)
        libraries = {path.name for path in libraries_in(folder)}
        self.others.update((name, kind) for name, kind in files.items() if name not in libraries)
        self.others.update((name, LIBRARY) for name in read)
        self.parts.update(read)

    def add_library(self, library: Library, archive: zipfile.ZipFile) -> None:
        """Add the files of a library."""
        prefix = self.prefix(library)
        icons = {path_of(library, archive, f"icon#{piece}") for piece in library.pieces}
        plans = {path_of(library, archive, f"planIcon#{piece}") for piece in library.pieces}
        for info in archive.infolist():
            if not info.is_dir() and info.filename not in icons:
                # How to have a file concerns those that are not in a library.
                self.others[prefix + info.filename] = FileKind(kind_of(info.filename).name)
        self.parts.update(prefix + name for name in plans | {CATALOGUE})


def _entries(
    libraries: Sequence[Library],
    skipped: Sequence[SkippedEntry],
    renderer: Renderer | None,
    contents: _Contents,
) -> Generator[Entry | SkippedEntry, None, None]:
    """Yield each piece of each library, or why it is skipped.

    Closing the iterator early ends the renderer.
    """
    yield from skipped
    seen: set[str] = set()
    try:
        for library in libraries:
            try:
                with open_library(library.path) as archive:
                    if renderer is not None:
                        contents.add_library(library, archive)
                    prefix = contents.prefix(library)
                    for piece in library.pieces:
                        yield _entry(library, archive, piece, seen, renderer, prefix)
            except LibraryError as error:
                file = storable(library.path.name)
                yield SkippedEntry(file, file, str(error))
    except GeneratorExit:
        if renderer is not None:
            renderer.close()
        raise


def _entry(
    library: Library,
    archive: zipfile.ZipFile,
    piece: int,
    seen: set[str],
    renderer: Renderer | None,
    prefix: str,
) -> Entry | SkippedEntry:
    """Return a piece of furniture with its icon; `seen` are the ids of earlier pieces."""
    file = storable(library.path.name)
    library_id = library.text("id") or library.text("name") or file
    source_id = library.text("id", piece) or f"{library_id}#{piece}"
    name = library.text("name", piece) or source_id
    if source_id in seen:
        reason = f'Piece {piece} of {file}: An earlier one has the same id, "{source_id}".'
        return SkippedEntry(f"{source_id} ({file}, piece {piece})", name, reason)
    seen.add(source_id)
    try:
        data = read_icon(library, archive, piece)
    except LibraryError as error:
        return SkippedEntry(source_id, name, f"Piece {piece} of {file}: {error}")
    tags = (tag.strip() for tag in library.text("tags", piece).split(","))
    item = Item(
        source_id=source_id,
        name=name,
        category=library.text("category", piece) or library.text("name"),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        creator=library.text("creator", piece),
        licence=licence_of(library),
    )
    if renderer is None or not (files := model_files_of(library, archive, piece)):
        return InMemoryEntry(item, data)
    state = hashlib.sha256()
    for info in files:
        state.update(f"{info.filename} {info.CRC} {info.file_size}\n".encode())
    names = tuple(info.filename for info in files)
    return _PieceWithModel(
        item, data, library.path, names, state.hexdigest()[:16], renderer, prefix
    )
