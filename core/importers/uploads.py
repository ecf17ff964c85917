"""Files that a browser uploads: which are imported, under which names, and as what.

Nothing that a browser says of a file is trusted. Names become relative paths that lead nowhere
else, that no two files share on any file system, and that are short enough for all of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.catalogue import KnownItem
from core.catalogue.upload_store import write_all
from core.errors import LookalikeError
from core.importers import archive, folder, model_files, table
from core.importers.base import SkippedEntry, digest
from core.importers.file_kinds import FIRST_BYTES, is_model, is_picture, kind_of, passed_over
from core.importers.registry import is_whole_source
from core.importers.relative_paths import (
    TOO_LONG,
    UPLOAD_LIMITS,
    is_hidden,
    path_keys,
    split,
)
from core.importers.temporary_folder import TemporaryFolder
from core.importers.text import one_line, path_key, readable

# Megabytes (2^20 bytes) of one file and of all files of an upload, and the number of files. They
# are in the memory of the server until the import starts.
MAX_FILE_MB, MAX_MB = 200, 500
MAX_FILES = 1_000
_MB = 1 << 20

# The folder of the files in a temporary folder.
_PLACE = "files"


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as the browser sends it: its name, with its folders if it came with any."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """The files of an upload, as they are stored.

    Attributes:
        files: their contents by relative path, with slashes. Of hidden files only the names are
            stored, so that the import counts them.
        skipped: the files that cannot be stored, and why.
        title: what the upload could be called, after its folder or its only file; may be empty.
    """

    files: Mapping[str, bytes]
    skipped: tuple[SkippedEntry, ...]
    title: str


def accept(uploaded: Sequence[UploadedFile]) -> Upload:
    """Check the files of an upload, and give each a safe path.

    If everything is in one folder, that folder is not part of the paths.

    Raises:
        LookalikeError: there are too many files or bytes, or nothing that can be imported, or
            several archives.
    """
    _check_limits(uploaded)
    paths = [_path(file.name) for file in uploaded]
    top = _top(paths)
    sorter = _Sorter()
    for file, parts in zip(uploaded, paths, strict=True):
        sorter.add(parts[1:] if top else parts, file)
    visible = {path: data for path, data in sorter.files.items() if not is_hidden(path.split("/"))}
    if not visible:
        raise _nothing_usable(sorter.skipped)
    _check_together(visible)
    only = readable(next(iter(visible))) if len(visible) == 1 else ""
    # The name of a .tar.gz has two suffixes.
    title = readable(f"{top}.folder") if top else only.removesuffix(".tar")
    return Upload(sorter.files, tuple(sorter.skipped), title)


@dataclass(frozen=True, slots=True)
class StagedUpload:
    """An upload in a temporary folder, which exists as long as this object.

    Attributes:
        upload: its files.
        location: what to import of it.
        kind: the name of the importer; empty if that is detected.
    """

    upload: Upload
    location: str
    kind: str
    _folder: TemporaryFolder

    def without_place(self, text: str) -> str:
        """Return a text for people without the path of the temporary folder."""
        place = str(self._folder.path / _PLACE)
        return text.replace(f"{place}/", "").replace(place, "the upload")

    def remove(self) -> None:
        """Delete the files now."""
        self._folder.remove()


def stage(upload: Upload) -> StagedUpload:
    """Write the files of an upload into a temporary folder, so that they can be looked at.

    Raises:
        LookalikeError: they cannot be written.
    """
    temporary = TemporaryFolder("uploads")
    place = temporary.path / _PLACE
    try:
        write_all(place, upload.files)
    except OSError as error:
        raise LookalikeError(
            f"The upload cannot be stored ({error.strerror}). Free some space on the disk of the "
            "cache folder, or check its permissions."
        ) from error
    location, kind = location_in(place)
    return StagedUpload(upload, str(location), kind, temporary)


def location_in(place: Path) -> tuple[Path, str]:
    """Return what to import of an upload that is stored in a folder, and the kind of importer.

    It is the archive; or the folder itself, as a table if one in it names the pictures beside it
    or has none beside it, and otherwise as what is detected.
    """
    for path in sorted(place.rglob("*")):
        if is_whole_source(path.name) and not is_hidden(path.relative_to(place).parts):
            return path, ""
    return place, "table" if archive.table_of(place) else ""


def without_collisions(upload: Upload, known: Mapping[str, KnownItem]) -> Mapping[str, bytes]:
    """Return the files of an upload under names that no other model of the catalogue has.

    A picture or 3D file that a folder gave its name already gets a number, as in `chair (2).png`,
    unless it is the same file. So a second upload adds models, and replaces none.

    Args:
        upload: what is to be imported as a folder.
        known: the models of the catalogue, by `source_id`.
    """
    has_meshes = any(_is_mesh(name, data) for name, data in upload.files.items())
    taken = {path_key(name) for name in upload.files}
    files: dict[str, bytes] = {}
    for name, data in upload.files.items():
        # Pictures beside 3D files are their textures, which the 3D files name.
        is_item = _is_mesh(name, data) if has_meshes else _is_model(name, data)
        if is_item and _is_other(name, data, known):
            name = next(
                each
                for each in _numbered(name)
                if path_key(each) not in taken and not _is_other(each, data, known)
            )
            taken.add(path_key(name))
        files[name] = data
    return files


class _Sorter:
    """Collects the files that are stored, under names that differ, and the others with reasons."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.skipped: list[SkippedEntry] = []
        self._keys: set[str] = set()
        self._folders: set[str] = set()

    def add(self, parts: Sequence[str], file: UploadedFile) -> None:
        """Take a file, given the parts of its path, or note why it is left out."""
        path = "/".join(parts)
        reason = self._problem_with(parts)
        if reason:
            shown = path or one_line(file.name) or "a file"
            self.skipped.append(SkippedEntry(shown, readable(shown), reason))
            return
        if path_key(path) in self._keys | self._folders:
            path = next(
                each for each in _numbered(path) if path_key(each) not in self._keys | self._folders
            )
        self._keys.add(path_key(path))
        self._folders.update(path_keys(parts)[:-1])
        self.files[path] = b"" if is_hidden(parts) else file.data

    def _problem_with(self, parts: Sequence[str]) -> str:
        """Return why a file is left out; empty if it is not."""
        if not parts or ".." in parts:
            return "Its name cannot be used. Rename it."
        if not UPLOAD_LIMITS.allow(parts):
            return TOO_LONG
        if not self._keys.isdisjoint(path_keys(parts)[:-1]):
            return "Another file has the name of its folder. Rename one of them."
        return ""


def _path(name: str) -> tuple[str, ...]:
    """Return the parts of a file's path, cleaned and shortened; there may be none."""
    # A pair of surrogates that is broken cannot be stored, nor can control characters be shown.
    text = name.encode("utf-8", "replace").decode("utf-8")
    # The letter of a drive, as in C:/Users.
    text = re.sub(r"\A[A-Za-z]:[/\\]", "", text)
    parts = map(one_line, split(text))
    return tuple(_shortened(part) for part in parts if part not in ("", "."))


def _shortened(part: str) -> str:
    """Return a folder or file name of few enough bytes, with the suffix that it had."""
    if len(part.encode()) <= UPLOAD_LIMITS.part_bytes:
        return part
    suffix = PurePosixPath(part).suffix
    if len(suffix.encode()) > 20:
        suffix = ""
    stem = part.removesuffix(suffix).encode()[: UPLOAD_LIMITS.part_bytes - len(suffix.encode())]
    return stem.decode("utf-8", "ignore").strip() + suffix


def _top(paths: Sequence[Sequence[str]]) -> str:
    """Return the folder that contains everything; empty if there is none."""
    if any(len(parts) < 2 for parts in paths):
        return ""
    tops = {parts[0] for parts in paths}
    top = next(iter(tops)) if len(tops) == 1 else ""
    return "" if top.startswith(".") else top


def _numbered(path: str) -> Iterator[str]:
    """Yield a path with a number before its suffix, from 2 on."""
    pure = PurePosixPath(path)
    number = 2
    while True:
        yield str(pure.with_name(f"{pure.stem} ({number}){pure.suffix}"))
        number += 1


def _is_other(name: str, data: bytes, known: Mapping[str, KnownItem]) -> bool:
    """Return whether a catalogue has another file as the model of this name."""
    item = known.get(name)
    # The version of a picture is its digest; that of a 3D file holds it.
    return item is not None and digest(data) not in item.version


def _is_mesh(name: str, data: bytes) -> bool:
    return PurePosixPath(name).suffix.lower() in model_files.SUFFIXES or is_model(data)


def _is_model(name: str, data: bytes) -> bool:
    is_named = PurePosixPath(name).suffix.lower() in folder.SUFFIXES
    return is_named or is_picture(data) or _is_mesh(name, data)


def _check_limits(uploaded: Sequence[UploadedFile]) -> None:
    """Raise `LookalikeError` if there are too many files or bytes."""
    other_way = "Pack them into a ZIP archive, or import their folder by its path."
    if len(uploaded) > MAX_FILES:
        raise LookalikeError(f"These are more than {MAX_FILES:,} files. {other_way}")
    for file in uploaded:
        if len(file.data) > MAX_FILE_MB * _MB:
            raise LookalikeError(
                f"“{one_line(file.name)}” is larger than {MAX_FILE_MB} MB. Import it by its path."
            )
    size = sum(len(file.data) for file in uploaded)
    if size > MAX_MB * _MB:
        raise LookalikeError(
            f"All files together are {size / _MB:,.0f} MB; the limit is {MAX_MB} MB. Upload fewer "
            "at a time, or import their folder by its path."
        )


def _check_together(files: Mapping[str, bytes]) -> None:
    """Raise `LookalikeError` unless there is something to import, and an archive is alone."""
    alone = [name for name in files if is_whole_source(name)]
    if alone and len(files) > 1:
        raise LookalikeError(
            f"“{alone[0]}” is an archive, which is imported by itself. Upload it without other "
            "files."
        )
    if not any(files.values()):
        raise LookalikeError(f"“{next(iter(files))}” cannot be imported. It is empty.")
    tables = [name for name in files if PurePosixPath(name).suffix.lower() in table.SUFFIXES]
    if alone or any(_is_model(*file) for file in files.items()) or len(tables) == 1:
        return
    if tables:
        raise LookalikeError("Upload one table at a time, with the pictures that it names.")
    kinds = {name: kind_of(name, data[:FIRST_BYTES]) for name, data in files.items()}
    raise LookalikeError(
        "There are no pictures and no 3D files that can be read among these files: "
        f"{'; '.join(map(str, passed_over(kinds)))}."
    )


def _nothing_usable(skipped: Sequence[SkippedEntry]) -> LookalikeError:
    """Return the error that no file of an upload can be imported."""
    if not skipped:
        return LookalikeError("There are no files in this folder.")
    first = skipped[0]
    if len(skipped) == 1:
        return LookalikeError(f"“{first.source_id}” cannot be imported. {first.reason}")
    return LookalikeError(
        f"None of these {len(skipped):,} files can be imported. The first, “{first.source_id}”: "
        f"{first.reason}"
    )
