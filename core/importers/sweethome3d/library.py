"""Read a furniture library of Sweet Home 3D: a ZIP with a catalogue, icons and 3D files."""

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from core.importers import model_files
from core.importers.folder import MAX_BYTES
from core.importers.sweethome3d.properties import parse_properties
from core.importers.text import one_line, os_error_reason
from core.natural_order import natural_key

SUFFIX = ".sh3f"
CATALOGUE = "PluginFurnitureCatalog.properties"
# Bytes that the files of one 3D model may have together.
MAX_MODEL_BYTES = 100_000_000


class LibraryError(Exception):
    """A library, or a file in it, that cannot be read: the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Library:
    """One `.sh3f` file: the properties in its catalogue, and the numbers of its pieces."""

    path: Path
    properties: Mapping[str, str]
    pieces: tuple[int, ...]

    def text(self, key: str, piece: int | None = None) -> str:
        """Return a property of a piece, or of the library itself."""
        return one_line(self.properties.get(key if piece is None else f"{key}#{piece}", ""))


def libraries_in(folder: Path) -> list[Path]:
    """Return the `.sh3f` files directly in a folder, in natural order."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() == SUFFIX]
    except OSError:
        return []
    return sorted(paths, key=lambda path: natural_key(path.name))


def read_library(path: Path) -> Library:
    """Read the catalogue of a library."""
    with open_library(path) as archive:
        try:
            text = read_member(archive, CATALOGUE).decode("iso-8859-1")
        except LibraryError as error:
            raise LibraryError(f"{path.name} is not a furniture library: {error}") from error
    properties = parse_properties(text)
    numbers = {
        int(match[1])
        for key in properties
        if (match := re.fullmatch("(?:id|name|icon)#([0-9]{1,9})", key))
    }
    if not numbers:
        raise LibraryError(f"The library {path.name} lists no furniture. Download it again.")
    return Library(path, properties, tuple(sorted(numbers)))


def open_library(path: Path) -> zipfile.ZipFile:
    """Open a library; raises `LibraryError`."""
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise LibraryError(
            f"{path.name} is not a {SUFFIX} file, or is damaged. Download it again."
        ) from error
    except (OSError, ValueError, NotImplementedError) as error:
        raise LibraryError(
            f'The library "{path}" cannot be read: {os_error_reason(error)}.'
        ) from error


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a file of the library, of at most `MAX_BYTES` bytes; raises `LibraryError`.

    `zipfile` never returns more than a member's declared size, and raises if the real size
    differs.
    """
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise LibraryError(f'It has no file "{name}".') from error
    if info.file_size > MAX_BYTES:
        raise LibraryError(f'Its file "{name}" is larger than {MAX_BYTES / 1e6:g} MB.')
    if info.flag_bits & 1:
        raise LibraryError(f'Its file "{name}" is encrypted.')
    # Other methods, which Java cannot read either, may unpack to any size in one step.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise LibraryError(f'Its file "{name}" is compressed with a method that is not supported.')
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise LibraryError(f'Its file "{name}" is damaged.') from error


def read_icon(library: Library, archive: zipfile.ZipFile, piece: int) -> bytes:
    """Return the perspective picture of a piece; `planIcon` would be its floor plan."""
    path = path_of(library, archive, f"icon#{piece}")
    if not path:
        raise LibraryError("It has no icon.")
    return read_member(archive, path)


def model_files_of(library: Library, archive: zipfile.ZipFile, piece: int) -> list[zipfile.ZipInfo]:
    """Return the 3D file of a piece and all files beside and below it, which it may refer to.

    Nothing if there is none, if it has no folder of its own, or if they are too large or would be
    written outside their folder.
    """
    path = path_of(library, archive, f"model#{piece}")
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


def path_of(library: Library, archive: zipfile.ZipFile, key: str) -> str:
    """Return the name in the library of the file that a property gives; empty for none."""
    path = library.properties.get(key, "").strip().removeprefix("/")
    # Sweet Home 3D reads the path as part of a URL, in which %20 is a blank.
    return path if path in archive.NameToInfo else unquote(path)


def licence_of(library: Library) -> str:
    """Return the licence of a library, in its short form if it is unambiguous."""
    stated = library.text("license")
    if match := re.search(r"Creative Commons Attribution (\d\.\d)( United States)?\b", stated):
        return f"CC-BY {match[1]}{' US' if match[2] else ''}"
    # Public domain does not always mean CC-0, so the name of the library must say it.
    if stated.lower() == "public domain" and "CC-0" in library.text("name"):
        return "CC-0"
    return stated
