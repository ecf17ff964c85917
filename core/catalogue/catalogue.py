"""Catalogues on disk: creating, opening and removing them. Their stores read and change them.

Only what `catalogue.db` (SQLite, WAL) registers exists. Files are written under a temporary name,
synced, renamed and then registered, so that a crash leaves at most unregistered files, which
`Catalogue.sweep` deletes. Only this package knows SQL and file names.
"""

import contextlib
import re
import shutil
import uuid
from collections.abc import Hashable, Mapping
from pathlib import Path

from core import disk, files, settings
from core.catalogue.collection_store import CollectionStore
from core.catalogue.database import Database, Store
from core.catalogue.errors import CatalogueError, UnknownCatalogue, WrongVersion
from core.catalogue.file_store import LocalFileStore
from core.catalogue.import_log import ImportLog
from core.catalogue.item_store import ItemStore
from core.catalogue.map_store import MapStore
from core.catalogue.mask_store import MaskStore
from core.catalogue.picture_store import PictureStore
from core.catalogue.records import Damage, Summary
from core.catalogue.schema import SCHEMA_VERSION
from core.catalogue.up_choice_store import UpChoiceStore
from core.catalogue.upload_store import UploadStore
from core.catalogue.vector_store import SegmentVectorStore, VectorStore
from core.files import AnyArray

MAX_NAME_LENGTH = 48
_JOB_FILE = "job.json"
_WATCH_FILE = "watch.json"
_NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{MAX_NAME_LENGTH - 1}}}")


def names() -> list[str]:
    """Return the names of all catalogues, sorted."""
    root = settings.data_root()
    if not root.is_dir():
        return []
    folders = (path.parent.name for path in root.glob("*/catalogue.db"))
    return sorted(name for name in folders if _NAME.fullmatch(name))


def job_files() -> dict[str, Path]:
    """Return the status file of the jobs on each catalogue, by its name, without opening it."""
    return {name: settings.data_root() / name / _JOB_FILE for name in names()}


def status_files(name: str) -> tuple[Path, Path]:
    """Return the status files of a catalogue's job and of its watch, without opening it."""
    folder = settings.data_root() / name
    return folder / _JOB_FILE, folder / _WATCH_FILE


def check_name(name: str) -> None:
    """Raise `CatalogueError` unless `name` is a valid name of a catalogue."""
    if not _NAME.fullmatch(name):
        raise CatalogueError(
            f"“{name[:60]}” cannot name a catalogue. Use 1 to {MAX_NAME_LENGTH} lower-case "
            "letters, digits, hyphens and underscores, beginning with a letter or digit."
        )


class Catalogue:
    """A named set of items with their pictures, vectors and map.

    Safe to share between threads and processes: every operation of a store opens its own
    connection and is one transaction.

    Attributes:
        name: of the catalogue, safe in URLs and file names.
        folder: of the catalogue's files, except those that pages serve.
        items: the items, to add, find, hide and remove.
        collections: named sets of items.
        pictures: the pictures, thumbnails and models of the items.
        masks: what is compared of each picture: its object or the whole picture.
        up_choices: what people chose to be up in 3D files.
        vectors: the vectors of the items, by descriptor.
        map: the coordinates and clusters of the items.
        imports: the sources, import runs and failures.
        uploads: the files that people uploaded.
    """

    items: ItemStore
    collections: CollectionStore
    pictures: PictureStore
    masks: MaskStore
    up_choices: UpChoiceStore
    vectors: VectorStore
    map: MapStore
    imports: ImportLog
    uploads: UploadStore

    def __init__(self, name: str) -> None:
        """Open the catalogue `name`.

        Raises `UnknownCatalogue` if there is none, `WrongVersion` if another version of
        Lookalike wrote it, and `CatalogueError` if its file is damaged.
        """
        check_name(name)
        self.name = name
        self.folder = settings.data_root() / name
        self._database = Database(self.folder / "catalogue.db", name=name)
        if self._database.file.is_dir():
            raise CatalogueError(
                f"The catalogue “{name}” is damaged: its {self._database.file.name} is a folder. "
                "Remove it and import it again."
            )
        if not self._database.file.is_file():
            existing = ", ".join(names())
            others = f"Catalogues: {existing}." if existing else "There are none yet."
            raise UnknownCatalogue(f"There is no catalogue “{name}”. {others}")
        version = self._database.upgrade()
        if version != SCHEMA_VERSION:
            raise WrongVersion(
                f"The catalogue “{name}” was made by another version of Lookalike (format "
                f"{version}; this version reads format {SCHEMA_VERSION}). Import it again under "
                "another name, or open it with the version that made it."
            )
        file_store = LocalFileStore(self.folder, served=settings.thumbnails_root() / name)
        self.pictures = PictureStore(self._database, file_store)
        self.items = ItemStore(self._database, self.pictures)
        self.collections = CollectionStore(self._database)
        self.vectors = SegmentVectorStore(self._database, self.folder / "vectors")
        self.masks = MaskStore(self._database, self.vectors)
        self.up_choices = UpChoiceStore(self._database)
        self.map = MapStore(self._database, self.folder / "map")
        self.imports = ImportLog(self._database)
        self.uploads = UploadStore(self.folder / "uploads")

    @classmethod
    def create(cls, name: str, *, title: str = "") -> "Catalogue":
        """Return the catalogue `name`, and create it if there is none.

        `title` is what people read, by default the name; a catalogue that exists keeps its own.
        """
        check_name(name)
        folder = settings.data_root() / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            Database.create(folder / "catalogue.db", title=title or name)
        except OSError as error:
            raise CatalogueError(
                f"The catalogue “{name}” could not be created. {disk.describe(error)}"
            ) from error
        finally:
            with contextlib.suppress(OSError):
                folder.rmdir()  # unless there is something in it
        return cls(name)

    @staticmethod
    def remove(name: str) -> None:
        """Delete the catalogue `name` with all of its files, even if it cannot be opened.

        Raises `UnknownCatalogue` if there is none.
        """
        check_name(name)
        folder = settings.data_root() / name
        if not (folder / "catalogue.db").exists():
            raise UnknownCatalogue(f"There is no catalogue “{name}”.")
        # Renamed first: then it is removed even if deleting its files is interrupted.
        removed = folder.with_name(f".removed-{uuid.uuid4().hex}")
        folder.rename(removed)
        for path in removed.parent.glob(".removed-*"):
            shutil.rmtree(path)
        shutil.rmtree(settings.thumbnails_root() / name, ignore_errors=True)

    @property
    def title(self) -> str:
        """The name that people read."""
        return self._database.setting("title") or self.name

    @property
    def revision(self) -> int:
        """A number that grows with every change of any store."""
        return self._database.total_revision()

    def state(self, *stores: Store) -> Hashable:
        """Return a value that changes whenever what one of `stores` holds changes.

        It also differs from that of a catalogue of the same name that was removed: caches can
        use it as a key. One read of the database, however many the stores.
        """
        return str(self.folder), self._database.state(*stores)

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be stored, because the disk or folder is read-only."""
        return self._database.is_read_only

    @property
    def job_file(self) -> Path:
        """The status file of jobs on this catalogue."""
        return self.folder / _JOB_FILE

    @property
    def watch_file(self) -> Path:
        """The status file of the job that watches this catalogue's sources."""
        return self.folder / _WATCH_FILE

    def summary(self) -> Summary:
        """Return what the catalogue holds, in numbers."""
        other_files = [
            *self.folder.glob("*"),
            *(
                path
                for folder in ("vectors", "map", "kept")
                for path in (self.folder / folder).rglob("*")
            ),
        ]
        return Summary(
            name=self.name,
            title=self.title,
            items=self.items.count(),
            blank=self.items.count_blank(),
            categories=self.items.count_categories(),
            failures=self.imports.count_failures(),
            vectors=self.vectors.count(),
            mapped=self.map.count(),
            revision=self.revision,
            bytes=self.pictures.byte_count + self.uploads.byte_count + files.size(other_files),
        )

    def save_note(self, key: str, text: str) -> None:
        """Store text about the catalogue, such as a report as JSON; no revision grows."""
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [f"note {key}", text])

    def load_note(self, key: str) -> str | None:
        """Return the text that `save_note` stored under `key`, or None."""
        return self._database.setting(f"note {key}")

    def save_cache(self, name: str, arrays: Mapping[str, AnyArray]) -> None:
        """Store arrays that can be computed again, and replace those of the same name."""
        files.write(
            self.folder / "kept" / f"{name}.npz",
            files.npz_bytes(arrays),
            sync=False,
            root=self.folder,
        )

    def load_cache(self, name: str) -> dict[str, AnyArray] | None:
        """Return the arrays that `save_cache` stored under `name`, or None if unreadable."""
        try:
            return files.read_npz(self.folder / "kept" / f"{name}.npz")
        except (OSError, files.DamagedFile):
            return None

    def delete_cache(self, name: str) -> None:
        """Delete the arrays that `save_cache` stored under `name`, if any."""
        (self.folder / "kept" / f"{name}.npz").unlink(missing_ok=True)

    def leftovers(self) -> list[str]:
        """Return the files that nothing refers to, which `sweep` deletes."""
        return sorted(
            [*self.vectors.leftovers(), *self.map.leftovers(), *self.pictures.leftovers()]
        )

    def errors_of_database(self) -> list[str]:
        """Return what SQLite finds wrong with the structure or references of the database."""
        return self._database.errors()

    def damage(self, *, quick: bool = False) -> list[Damage]:
        """Return the files of vectors, fits and the map that are lost or not as they were written.

        Every file is read, unless `quick` is set: then only files that are lost or have another
        size are found, in a few milliseconds.
        """
        return [*self.vectors.damage(quick=quick), *self.map.damage(quick=quick)]

    def sweep(self) -> None:
        """Delete pictures, masks, vectors, fits and maps that a crash or a change left behind.

        Call it only in the process that runs the catalogue's job: a file that is still being
        written is not registered either.
        """
        self.vectors.sweep()
        self.map.sweep()
        self.pictures.sweep()
        self.masks.sweep()
        self.uploads.sweep()
