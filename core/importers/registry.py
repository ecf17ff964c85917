"""The list of importers, and the choice of the one that opens a source."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

from core.errors import LookalikeError
from core.importers import (
    archive,
    fluent,
    folder,
    furniture,
    model_files,
    on_grounds,
    sketchfab,
    sweethome3d,
    table,
)
from core.importers.base import Source
from core.importers.file_kinds import CHOSEN, FileKind
from core.importers.file_listing import list_others, local_path
from core.importers.text import encoding_named, storable
from core.viewpoints import UpChoice

# What to import of a folder with both 3D files and pictures.
Take = Literal["models", "pictures", "both"]
TAKES: tuple[Take, ...] = get_args(Take)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `open_source` passes to the importer that it chose.

    Attributes:
        columns: which column of a table holds a field, such as `{"picture": "File"}`.
        encoding: of the text of a table, such as `cp1251`; empty to guess it.
        viewpoints: whether 3D files are also rendered from the front, side, back and top.
        up: which axis of 3D files points up.
        resume: the text of the `ResumePoint` where an earlier import of this source stopped.
        check: called while something is waited for; raises what should end the wait.
        take: what to import of a folder or an archive with 3D files and pictures; None for the 3D
            files, as pictures beside these are usually their textures.
        quick: opens the source to look at its beginning, or only to learn what is wrong with it.
            What takes long is not read through: then the total of a table is not known.
    """

    columns: Mapping[str, str] | None = None
    encoding: str = ""
    viewpoints: bool = False
    take: Take | None = None
    up: UpChoice = "auto"
    resume: str = ""
    check: Callable[[], None] | None = None
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Importer:
    """One kind of source.

    Attributes:
        name: the value of `--kind` and of `Source.kind`. It is stored with every import.
        title: what people call this kind of source, in a few words.
        phrase: how a sentence lists it, as in "a table (CSV, TSV or JSON Lines)"; empty for what
            has no location.
        matches: whether this importer opens a location when no kind is given. It is asked in the
            order of `IMPORTERS` and looks only as far as it must.
        open: opens a location; raises `LookalikeError` if there is nothing to import.
        watchable: whether the source is a file or folder on this machine, which can be named in
            the import dialog and watched for changes.
        detail: which formats, or how the location is written.
        suffixes: the ends of the names of files that are a source each, as an archive is; also of
            those that `open` only refuses with a reason. Such a file can be uploaded, by itself.
        has_columns: whether `Options.columns` applies.
    """

    name: str
    title: str
    matches: Callable[[str], bool]
    open: Callable[[str, Options], Source]
    watchable: bool = False
    detail: str = ""
    phrase: str = ""
    suffixes: tuple[str, ...] = ()
    has_columns: bool = False


def open_source(
    location: str,
    *,
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    viewpoints: bool = False,
    take: Take | None = None,
    up: UpChoice = "auto",
    resume: str = "",
    check: Callable[[], None] | None = None,
    quick: bool = False,
) -> Source:
    """Open a location with the importer `kind`, or with the first one that matches it.

    The demos, also on grounds, have no location and open only by their kind.

    Args:
        location: a folder, a file, or a text that `sketchfab.parse` understands.
        kind: the name of an importer; None to detect it.
        columns: see `Options`, as the arguments below.
        encoding: as above.
        viewpoints: as above.
        take: as above.
        up: as above.
        resume: as above.
        check: as above.
        quick: as above.

    Raises:
        LookalikeError: there is nothing to import.
    """
    importer = find_importer(kind) if kind else detect(location)
    if take and importer.name not in ("models", "folder", "archive"):
        raise LookalikeError(
            f"What to take can be chosen only of a folder or an archive, and this is a "
            f"{importer.title}. Remove that choice."
        )
    if columns and not importer.has_columns:
        raise LookalikeError(
            f"Columns can be mapped only for a table, and this is a {importer.title}. Remove "
            "the mapping of columns."
        )
    if encoding:
        if not importer.has_columns:
            raise LookalikeError(
                f"An encoding can be chosen only for a table, and this is a {importer.title}. "
                "Remove that choice."
            )
        encoding = encoding_named(encoding)
    options = Options(
        columns=columns,
        encoding=encoding,
        viewpoints=viewpoints,
        take=take,
        up=up,
        resume=resume,
        check=check,
        quick=quick,
    )
    return importer.open(location, options)


def kinds() -> tuple[str, ...]:
    """Return the names of all importers."""
    return tuple(importer.name for importer in IMPORTERS)


def watchable_kinds() -> tuple[str, ...]:
    """Return the names of the importers that read files and folders of this machine."""
    return tuple(importer.name for importer in IMPORTERS if importer.watchable)


def is_whole_source(name: str) -> bool:
    """Say whether a file of this name is a source by itself, as an archive is."""
    return any(name.lower().endswith(importer.suffixes) for importer in IMPORTERS)


def list_sources(*, local: bool = False, whole_files: bool = False) -> str:
    """Return what can be imported, as a list for a sentence.

    Args:
        local: only files and folders of this machine.
        whole_files: only files that are a source by themselves.
    """
    phrases = [
        importer.phrase
        # Archives of "these" come before what is not on this machine.
        for importer in sorted(IMPORTERS, key=lambda importer: not importer.watchable)
        if importer.phrase
        and (importer.watchable or not local)
        and (importer.suffixes or not whole_files)
    ]
    return f"{', '.join(phrases[:-1])}, or {phrases[-1]}"


def find_importer(kind: str) -> Importer:
    """Return the importer of this name; raises `LookalikeError` if there is none."""
    for importer in IMPORTERS:
        if importer.name == kind:
            return importer
    raise LookalikeError(f'There is no importer "{kind}". Choose one of {", ".join(kinds())}.')


def detect(location: str) -> Importer:
    """Return the first importer that matches; raises `LookalikeError` if none does."""
    if not location.strip():
        raise LookalikeError("Name the folder or the file to import.")
    for importer in IMPORTERS:
        if importer.matches(location):
            return importer
    path = local_path(location)
    if not os.path.exists(path):
        raise LookalikeError(f'There is no folder or file "{path}". Check its name.')
    suffix = path.suffix.lower()
    if suffix in folder.SUFFIXES | model_files.SUFFIXES:
        what = "picture" if suffix in folder.SUFFIXES else "3D file"
        raise LookalikeError(
            f"{path.name} is a single {what}. Give the folder that it is in, or a table that "
            "names it."
        )
    raise LookalikeError(f"{path.name} is not a supported file. Give {list_sources(local=True)}.")


def _never(location: str) -> bool:
    """Match nothing: a demo has no location."""
    return False


def _open_table(location: str, options: Options) -> Source:
    """Open a table, or a folder as the table in it: then its other files are counted too."""
    place = local_path(location)
    if not os.path.isdir(place):
        return _read_table(location, options)
    file = archive.table_of(place)
    if file is None:
        raise LookalikeError(
            f'The folder "{place}" does not have exactly one table. Give its path.'
        )
    # How to have a file concerns those that no table could name.
    others = {
        path: FileKind(kind.name) if kind in CHOSEN else kind
        for path, kind in list_others(place).items()
    }
    name = str(file.relative_to(place))
    source = _read_table(str(file), options, others=others)
    return replace(source, location=storable(str(place)), others=others, parts=[name])


def _read_table(
    location: str, options: Options, *, others: dict[str, FileKind] | None = None
) -> Source:
    """Open a table of pictures or of Sketchfab models, whichever it lists.

    The pictures that its rows name are removed from `others`, the files in its folder.
    """
    opened = table.open_table(
        location, columns=options.columns, encoding=options.encoding, quick=options.quick
    )
    column = sketchfab.uid_column(opened)
    if column is not None:
        return sketchfab.read_table(opened, column, check=options.check)
    if not opened.total and "picture" not in opened.fields:
        # In JSON Lines, later rows may have other columns.
        return _read_table(location, replace(options, quick=False), others=others)
    return table.read(opened, check=options.check, others=others)


def _open_models(location: str, options: Options) -> Source:
    """Open a folder of 3D files, or of pictures if these are to be taken."""
    if options.take == "pictures":
        return folder.read(location)
    return model_files.read(
        location,
        viewpoints=options.viewpoints,
        up=options.up,
        with_pictures=options.take == "both",
    )


def _open_archive(location: str, options: Options) -> Source:
    return archive.read(
        location,
        open_folder=partial(_open_unpacked, options=options),
        is_nested=is_whole_source,
        check=options.check,
    )


def _open_unpacked(place: str, *, options: Options) -> Source:
    """Open the folder that an archive was unpacked to."""
    if archive.table_in(place) is not None:
        return _open_table(place, options)
    if options.columns:
        raise LookalikeError(
            f"Columns can be mapped only for a table, and {place} does not have exactly one table "
            "at its top that names its pictures. Remove the mapping of columns."
        )
    return detect(place).open(place, options)


# In the order in which they are asked whether they match. Pictures beside 3D files are usually
# their textures, so a folder with both is a folder of 3D files.
IMPORTERS: tuple[Importer, ...] = (
    Importer(
        "sketchfab",
        "Sketchfab search",
        sketchfab.is_location,
        lambda location, options: sketchfab.read(
            location, resume=options.resume, check=options.check
        ),
        detail="sketchfab:WORDS, or the URL of a page of sketchfab.com",
        phrase="a Sketchfab search (sketchfab:WORDS)",
    ),
    Importer(
        "models",
        "folder of 3D files",
        model_files.matches,
        _open_models,
        watchable=True,
        detail="GLB, glTF, OBJ, STL, PLY, 3MF, COLLADA or FBX",
        phrase="a folder of 3D files",
    ),
    Importer(
        "sweethome3d",
        "furniture library",
        sweethome3d.matches,
        lambda location, options: sweethome3d.read(location),
        watchable=True,
        detail=f"Sweet Home 3D ({sweethome3d.SUFFIX}), or a folder of them",
        phrase=f"a Sweet Home 3D library ({sweethome3d.SUFFIX})",
        suffixes=(sweethome3d.SUFFIX,),
    ),
    Importer(
        "folder",
        "folder of pictures",
        folder.matches,
        lambda location, options: folder.read(location),
        watchable=True,
        detail="with its sub-folders",
        phrase="a folder of pictures",
    ),
    Importer(
        "table",
        "table",
        table.matches,
        _open_table,
        watchable=True,
        detail="CSV, TSV, pipe-separated, JSON Lines, XLSX, ODS or Parquet, with the files or URLs "
        "of pictures, or with Sketchfab models",
        phrase="a table (CSV, XLSX, ODS, JSON Lines or Parquet) with the files or URLs of pictures",
        has_columns=True,
    ),
    Importer(
        "archive",
        "archive",
        archive.matches,
        _open_archive,
        watchable=True,
        detail="a ZIP or TAR of any of these",
        phrase="a ZIP or TAR archive of these",
        suffixes=archive.SUFFIXES + archive.UNSUPPORTED_SUFFIXES,
        has_columns=True,
    ),
    Importer(
        "fluent",
        "demo of 1,599 emoji in 3D",
        _never,
        lambda location, options: fluent.read(),
        detail="downloaded the first time",
    ),
    Importer(
        "furniture",
        "demo of 820 pieces of furniture",
        _never,
        lambda location, options: furniture.read(),
        detail="downloaded the first time",
    ),
    Importer(
        "fluent-on-grounds",
        "demo of 1,599 emoji in 3D, on grounds",
        _never,
        lambda location, options: on_grounds.read(fluent.read()),
        detail="downloaded the first time",
    ),
    Importer(
        "furniture-on-grounds",
        "demo of 820 pieces of furniture, on grounds",
        _never,
        lambda location, options: on_grounds.read(furniture.read(models=False)),
        detail="downloaded the first time",
    ),
)
