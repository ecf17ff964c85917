"""The SQLite file of a catalogue: connections, transactions, settings and revisions.

Every operation opens its own connection and is one transaction, so that threads and processes
can share a store.
"""

import contextlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

from core import disk, files
from core.catalogue.errors import CatalogueError, UnknownCatalogue
from core.catalogue.schema import FIRST_SCHEMA, SCHEMA_VERSION, UPGRADES

Store = Literal["items", "pictures", "masks", "vectors", "map", "imports", "collections"]
STORES: tuple[Store, ...] = get_args(Store)


class Database:
    """The database of one catalogue."""

    def __init__(self, file: Path, *, name: str) -> None:
        """Prepare to open `file`; `name` is the catalogue's, for error messages."""
        self.file = file
        self._name = name

    @staticmethod
    def create(file: Path, *, title: str) -> None:
        """Create the database of an empty catalogue, unless `file` exists."""
        if file.exists():
            return
        # Created in a temporary folder and linked into place, so that nobody opens it unfinished.
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".new-") as folder:
            path = Path(folder) / file.name
            with contextlib.closing(sqlite3.connect(path)) as db, _translated(file):
                db.executescript(FIRST_SCHEMA)
                db.executemany(
                    "INSERT INTO settings VALUES (?, ?)",
                    [("title", title), ("generation", "0"), ("created", str(time.time_ns()))],
                )
                db.executescript("".join(UPGRADES.values()))
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                db.commit()
                # Last: a log of changes is lost if it does not fit on the disk when it is closed.
                db.execute("PRAGMA journal_mode = WAL")
            with contextlib.suppress(FileExistsError):
                os.link(path, file)
        files.sync_folder(file.parent)

    @property
    def is_read_only(self) -> bool:
        """Whether the file or its folder cannot be written to."""
        return not (os.access(self.file.parent, os.W_OK) and os.access(self.file, os.W_OK))

    def upgrade(self) -> int:
        """Upgrade the schema of an earlier version, and return the version of the schema.

        The database is copied first, to a file such as `catalogue-format-9.db`, which the version
        of Lookalike that wrote it can open again under its own name.

        Raises `CatalogueError` if there is no room for the copy, or the folder is read-only.
        """
        with self.connect() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if not 0 < version < SCHEMA_VERSION:
            return version
        self._copy(self.file.with_name(f"{self.file.stem}-format-{version}.db"))
        with self.transaction() as db:
            # Another process may have upgraded it in the meantime.
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            for number in range(version + 1, SCHEMA_VERSION + 1):
                for statement in UPGRADES[number].split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return SCHEMA_VERSION

    def _copy(self, target: Path) -> None:
        """Copy the database to `target`, completely or not at all, unless there is such a file."""
        if target.exists():
            return
        try:
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as folder:
                path = Path(folder) / target.name
                with (
                    self.connect() as db,
                    contextlib.closing(sqlite3.connect(path)) as copy,
                    _translated(target),
                ):
                    db.backup(copy)
                os.replace(path, target)
            files.sync_folder(target.parent)
        except OSError as error:
            raise CatalogueError(
                f"The catalogue “{self._name}” is of an earlier version of Lookalike, and could "
                f"not be copied before it is upgraded. {disk.describe(error)}"
            ) from error

    @contextlib.contextmanager
    def connect(self, *, to_change: bool = False) -> Iterator[sqlite3.Connection]:
        """Open a connection whose rows can be read by column name.

        On a disk that is read-only or full, a connection that is not `to_change` can be read.

        Raises `UnknownCatalogue` if the catalogue was removed, and `CatalogueError` if its file
        is damaged, or its disk refuses something.
        """
        try:
            db = self._open(to_change=to_change)
        except sqlite3.DatabaseError as error:
            raise self._refused(error) from error
        with contextlib.closing(db):
            db.row_factory = sqlite3.Row
            try:
                yield db
            except sqlite3.DatabaseError as error:
                if (refused := self._refused(error)) is error:
                    raise
                raise refused from error

    def _open(self, *, to_change: bool) -> sqlite3.Connection:
        """Return a connection that has read from the file, so that it can be used."""

        def opened(mode: str) -> sqlite3.Connection:
            uri = f"{self.file.as_uri()}?{mode}"
            db = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
            try:
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA schema_version")
            except BaseException:
                db.close()
                raise
            return db

        # Without the files that SQLite shares with other processes, which it cannot make on such a
        # disk. Nobody can change the database there, and changes that are in no log yet are in it.
        alone = "mode=ro" if self._has_log() else "mode=ro&immutable=1"
        if self.is_read_only:
            return opened(alone)
        try:
            # "rw": opening a catalogue that was removed is an error and creates no empty file.
            return opened("mode=rw")
        except sqlite3.OperationalError as error:
            if to_change or not disk.is_without_room_to_share(error):
                raise
            return opened(alone)

    def _has_log(self) -> bool:
        """Return whether there are changes that are not in the file yet."""
        try:
            return self.file.with_name(f"{self.file.name}-wal").stat().st_size > 0
        except FileNotFoundError:
            return False

    def _refused(self, error: sqlite3.DatabaseError) -> Exception:
        """Return the error of ours for one of SQLite, or the same if it is a bug."""
        if not self.file.exists():
            return UnknownCatalogue(f"There is no catalogue “{self._name}” any more.")
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
            return CatalogueError(
                f"The catalogue “{self._name}” cannot be changed, because its folder "
                f"{self.file.parent} is read-only. Allow writing to it and try again."
            )
        if (sentence := disk.describe_sqlite(error, self.file)) is not None:
            return CatalogueError(f"{sentence} {disk.KEPT}")
        # The subclasses have other causes: a constraint, a wrong statement.
        if type(error) is not sqlite3.DatabaseError:
            return error
        return CatalogueError(
            f"The catalogue “{self._name}” is damaged ({error}). Remove it and import it again."
        )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction: all of its changes are stored, or none."""
        with self.connect(to_change=True) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                # SQLite has ended the transaction itself if, for example, the disk is full.
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def change(self, *stores: Store) -> Iterator[sqlite3.Connection]:
        """Open a transaction that gives each of `stores` a new revision if it changes any row."""
        with self.transaction() as db:
            before = db.total_changes
            yield db
            if db.total_changes != before:
                bump(db, *stores)

    def errors(self) -> list[str]:
        """Return what SQLite finds wrong with the file or with references between tables."""
        with self.connect() as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            broken = db.execute("PRAGMA foreign_key_check").fetchall()
        return found + [f"A row of {row[0]} refers to none of {row[2]}." for row in broken]

    def setting(self, key: str) -> str | None:
        """Return the setting `key`, or None if it was never set."""
        with self.connect() as db:
            row = db.execute("SELECT value FROM settings WHERE key = ?", [key]).fetchone()
        return None if row is None else str(row["value"])

    def revision(self, store: Store) -> int:
        """Return a number that grows with every change of `store`."""
        return int(self.setting(f"revision {store}") or 0)

    def state(self, *stores: Store) -> tuple[tuple[str, str], ...]:
        """Return the revisions of `stores` and when the catalogue was created, in one read.

        Revisions alone would be equal for a catalogue that was removed and another one created
        under its name since.
        """
        keys = ["created", *(f"revision {store}" for store in stores)]
        marks = ", ".join("?" * len(keys))
        with self.connect() as db:
            rows = db.execute(
                f"SELECT key, value FROM settings WHERE key IN ({marks}) ORDER BY key", keys
            )
            return tuple((row["key"], row["value"]) for row in rows)

    def total_revision(self) -> int:
        """Return a number that grows with every change of any store."""
        with self.connect() as db:
            row = db.execute(
                "SELECT SUM(CAST(value AS INTEGER)) FROM settings WHERE key LIKE 'revision %'"
            ).fetchone()
        return int(row[0] or 0)


def bump(db: sqlite3.Connection, *stores: Store) -> None:
    """Give `stores` a new revision, within the transaction of `db`."""
    db.executemany(
        "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE key = ?",
        [(f"revision {store}",) for store in stores],
    )


@contextlib.contextmanager
def _translated(file: Path) -> Iterator[None]:
    """Raise a sentence as `CatalogueError` for what the disk of a new `file` refuses."""
    try:
        yield
    except sqlite3.Error as error:
        if (sentence := disk.describe_sqlite(error, file)) is None:
            raise
        raise CatalogueError(sentence) from error
