"""Import furniture libraries of Sweet Home 3D: `.sh3f` files, which are ZIPs with a catalogue.

The picture of a piece is its icon, which its author has made. Its 3D file is read for the viewer in
the page.
"""

import hashlib
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import model_files
from core.importers.base import Entry, InMemoryEntry, Loaded, SkippedEntry, Source, digest
from core.importers.file_listing import local_path
from core.importers.folder import MAX_BYTES, has_pictures
from core.importers.package_managers import FetchError, run
from core.importers.text import one_line, os_error_reason, storable
from core.natural_order import natural_key
from core.rendering.renderer import RECIPE, Renderer, RenderError, Unavailable
from core.settings import cache_folder

SUFFIX = ".sh3f"
CATALOGUE = "PluginFurnitureCatalog.properties"
PACKAGE = "sweethome3d-furniture"
# Bytes that the files of one 3D model may have together.
MAX_MODEL_BYTES = 100_000_000


class _LibraryError(Exception):
    """A library, or a file in it, that cannot be read: the text is a sentence."""


@dataclass(frozen=True, slots=True)
class _Library:
    """One `.sh3f` file: the properties in its catalogue, and the numbers of its pieces."""

    path: Path
    properties: Mapping[str, str]
    pieces: tuple[int, ...]

    def text(self, key: str, piece: int | None = None) -> str:
        """Return a property of a piece, or of the library itself."""
        return one_line(self.properties.get(key if piece is None else f"{key}#{piece}", ""))


@dataclass(frozen=True, slots=True)
class _PieceWithModel(InMemoryEntry):
    """A piece of furniture with a 3D file.

    Attributes:
        library: the library that it is in.
        files: the names in the library of the 3D file, first, and of all files beside and below it.
        state: the checksum of these files, as the library states it.
        renderer: what reads 3D files.
    """

    library: Path
    files: tuple[str, ...]
    state: str
    renderer: Renderer

    def is_current(self, known: str) -> bool:
        """Compare the digest of the icon, and the checksum of the 3D file."""
        return known == self._version

    def load(self, known: str) -> Loaded | None:
        """Return the icon and the 3D model, unless neither has changed.

        A 3D file that cannot be read leaves the piece without a model. Where none can be read, the
        version says that they are still to be read.
        """
        version, model = self._version, None
        try:
            model = None if known == version else self._model()
        except Unavailable:
            version = self._version_without
        except (_LibraryError, RenderError, OSError):
            pass
        if known == version:
            return None
        return Loaded(picture=self.data, version=version, model=model)

    def _model(self) -> bytes | None:
        """Return the 3D model as binary glTF, or None if that would be too large."""
        main = PurePosixPath(self.files[0])
        with tempfile.TemporaryDirectory(prefix="lookalike-") as name:
            root = Path(os.path.realpath(name))
            with _open(self.library) as archive:
                for file in self.files:
                    path = root / PurePosixPath(file).relative_to(main.parent)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(_member(archive, file))
            return self.renderer.render(root / main.name, root=root).model

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
    libraries: list[_Library] = []
    skipped: list[SkippedEntry] = []
    for path in _files(paths):
        try:
            libraries.append(_library(path))
        except _LibraryError as error:
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
    entries = _entries(libraries, skipped, renderer if models else None)
    return Source("sweethome3d", location, total, entries, workers=renderer.processes)


def matches(location: str) -> bool:
    """Say whether a location is a library, or a folder of libraries without pictures."""
    path = local_path(location)
    if os.path.isdir(path):
        return bool(libraries_in(path)) and not has_pictures(path)
    return path.suffix.lower() == SUFFIX and os.path.exists(path)


def read_demo(*, models: bool = True) -> Source:
    """Open the demo catalogue of furniture, downloading its libraries the first time."""
    source = read(*fetch_furniture(), models=models)
    return replace(source, kind="furniture", location="furniture")


def fetch_furniture() -> list[Path]:
    """Return the five libraries in the Debian package, downloaded by apt the first time."""
    target = cache_folder() / "furniture"
    if libraries := libraries_in(target):
        return libraries
    try:
        if not (shutil.which("apt-get") and shutil.which("dpkg")):
            raise FetchError("this machine has no apt")
        with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="furniture-") as name:
            folder = Path(name)
            run(["apt-get", "download", PACKAGE], folder=folder)
            for package in folder.glob("*.deb"):
                run(["dpkg", "-x", package, folder / "files"], folder=folder)
            # In one step: an incomplete folder would look complete at the next run.
            os.replace(folder / "files/usr/share/sweethome3d/furniture", target)
    except (FetchError, OSError) as error:
        raise LookalikeError(
            f"The Debian package {PACKAGE} could not be downloaded ({os_error_reason(error)}). On "
            "Debian or Ubuntu, run sudo apt-get update and try again. Elsewhere, download the "
            "libraries BlendSwap-CC-0, BlendSwap-CC-BY, KatorLegaz, Reallusion and Scopia from "
            "https://www.sweethome3d.com/importModels.jsp and import each into one catalogue."
        ) from error
    return libraries_in(target)


def libraries_in(folder: Path) -> list[Path]:
    """Return the `.sh3f` files directly in a folder, in natural order."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() == SUFFIX]
    except OSError:
        return []
    return sorted(paths, key=lambda path: natural_key(path.name))


def parse_properties(text: str) -> dict[str, str]:
    """Return the keys and values of a Java properties file.

    It follows `java.util.Properties.load`: `#` and `!` start comments, a backslash at the end of
    a line continues it without the indent of the next, the key ends at the first `=`, `:` or
    blank without a backslash before it, and `\\uXXXX` is a UTF-16 unit.
    """
    properties = {}
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in re.findall(r"^[ \t\f]*(?![#!\s])((?:\\[\s\S]|[^\\\n])+)", text, re.MULTILINE):
        joined = re.sub(r"\\(?:\n[ \t\f]*|(.))", lambda m: m[0] if m[1] else "", line)
        pair = re.match(r"((?:\\.|[^\\ \t\f=:])*)[ \t\f]*[=:]?[ \t\f]*(.*)", joined)
        if pair and joined:
            properties[_unescaped(pair[1])] = _unescaped(pair[2])
    return properties


def _unescaped(text: str) -> str:
    """Return a key or a value of a properties file without its escapes."""
    controls = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
    text = re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda match: chr(int(match[1], 16)) if match[1] else controls.get(match[2], match[2]),
        text,
    )
    # Two \u escapes can be a surrogate pair.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


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


def _library(path: Path) -> _Library:
    """Read the catalogue of a library."""
    with _open(path) as archive:
        try:
            text = _member(archive, CATALOGUE).decode("iso-8859-1")
        except _LibraryError as error:
            raise _LibraryError(f"{path.name} is not a furniture library: {error}") from error
    properties = parse_properties(text)
    numbers = {
        int(match[1])
        for key in properties
        if (match := re.fullmatch("(?:id|name|icon)#([0-9]{1,9})", key))
    }
    if not numbers:
        raise _LibraryError(f"The library {path.name} lists no furniture. Download it again.")
    return _Library(path, properties, tuple(sorted(numbers)))


def _open(path: Path) -> zipfile.ZipFile:
    """Open a library; raises `_LibraryError`."""
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise _LibraryError(
            f"{path.name} is not a {SUFFIX} file, or is damaged. Download it again."
        ) from error
    except (OSError, ValueError, NotImplementedError) as error:
        raise _LibraryError(
            f'The library "{path}" cannot be read: {os_error_reason(error)}.'
        ) from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a file of the library, of at most `MAX_BYTES` bytes; raises `_LibraryError`.

    `zipfile` never returns more than a member's declared size, and raises if the real size
    differs.
    """
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise _LibraryError(f'It has no file "{name}".') from error
    if info.file_size > MAX_BYTES:
        raise _LibraryError(f'Its file "{name}" is larger than {MAX_BYTES / 1e6:g} MB.')
    if info.flag_bits & 1:
        raise _LibraryError(f'Its file "{name}" is encrypted.')
    # Other methods, which Java cannot read either, may unpack to any size in one step.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _LibraryError(f'Its file "{name}" is compressed with a method that is not supported.')
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise _LibraryError(f'Its file "{name}" is damaged.') from error


def _entries(
    libraries: Sequence[_Library], skipped: Sequence[SkippedEntry], renderer: Renderer | None
) -> Generator[Entry | SkippedEntry, None, None]:
    """Yield each piece of each library, or why it is skipped.

    Closing the iterator early ends the renderer.
    """
    yield from skipped
    seen: set[str] = set()
    try:
        for library in libraries:
            try:
                with _open(library.path) as archive:
                    for piece in library.pieces:
                        yield _entry(library, archive, piece, seen, renderer)
            except _LibraryError as error:
                file = storable(library.path.name)
                yield SkippedEntry(file, file, str(error))
    except GeneratorExit:
        if renderer is not None:
            renderer.close()
        raise


def _entry(
    library: _Library,
    archive: zipfile.ZipFile,
    piece: int,
    seen: set[str],
    renderer: Renderer | None,
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
        data = _icon(library, archive, piece)
    except _LibraryError as error:
        return SkippedEntry(source_id, name, f"Piece {piece} of {file}: {error}")
    tags = (tag.strip() for tag in library.text("tags", piece).split(","))
    item = Item(
        source_id=source_id,
        name=name,
        category=library.text("category", piece) or library.text("name"),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        creator=library.text("creator", piece),
        licence=_licence(library),
    )
    if renderer is None or not (files := _model_files(library, archive, piece)):
        return InMemoryEntry(item, data)
    state = hashlib.sha256()
    for info in files:
        state.update(f"{info.filename} {info.CRC} {info.file_size}\n".encode())
    names = tuple(info.filename for info in files)
    return _PieceWithModel(item, data, library.path, names, state.hexdigest()[:16], renderer)


def _icon(library: _Library, archive: zipfile.ZipFile, piece: int) -> bytes:
    """Return the perspective picture of a piece; `planIcon` would be its floor plan."""
    path = _path(library, archive, f"icon#{piece}")
    if not path:
        raise _LibraryError("It has no icon.")
    return _member(archive, path)


def _model_files(library: _Library, archive: zipfile.ZipFile, piece: int) -> list[zipfile.ZipInfo]:
    """Return the 3D file of a piece and all files beside and below it, which it may refer to.

    Nothing if there is none, if it has no folder of its own, or if they are too large or would be
    written outside their folder.
    """
    path = _path(library, archive, f"model#{piece}")
    folder, _, _ = path.rpartition("/")
    main = archive.NameToInfo.get(path)
    if main is None or not folder or PurePosixPath(path).suffix.lower() not in model_files.SUFFIXES:
        return []
    files = [main]
    for info in archive.infolist():
        name = info.filename
        if name.startswith(f"{folder}/") and info is not main and not info.is_dir():
            files.append(info)
    is_safe = all(".." not in PurePosixPath(info.filename).parts for info in files)
    return files if is_safe and sum(info.file_size for info in files) <= MAX_MODEL_BYTES else []


def _path(library: _Library, archive: zipfile.ZipFile, key: str) -> str:
    """Return the name in the library of the file that a property gives; empty for none."""
    path = library.properties.get(key, "").strip().removeprefix("/")
    # Sweet Home 3D reads the path as part of a URL, in which %20 is a blank.
    return path if path in archive.NameToInfo else unquote(path)


def _licence(library: _Library) -> str:
    """Return the licence of a library, in its short form if it is unambiguous."""
    stated = library.text("license")
    if match := re.search(r"Creative Commons Attribution (\d\.\d)( United States)?\b", stated):
        return f"CC-BY {match[1]}{' US' if match[2] else ''}"
    # Public domain does not always mean CC-0, so the name of the library must say it.
    if stated.lower() == "public domain" and "CC-0" in library.text("name"):
        return "CC-0"
    return stated
