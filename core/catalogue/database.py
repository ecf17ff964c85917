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
            with contextlib.closing(sqlite3.connect(path)) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.executescript(FIRST_SCHEMA)
                db.executemany(
                    "INSERT INTO settings VALUES (?, ?)",
                    [("title", title), ("generation", "0"), ("created", str(time.time_ns()))],
                )
                db.executescript("".join(UPGRADES.values()))
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                db.commit()
            with contextlib.suppress(FileExistsError):
                os.link(path, file)

    def upgrade(self) -> int:
        """Upgrade the schema of an earlier version, and return the version of the schema."""
        with self.connect() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if not 0 < version < SCHEMA_VERSION:
            return version
        with self.transaction() as db:
            # Another process may have upgraded it in the meantime.
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            for number in range(version + 1, SCHEMA_VERSION + 1):
                for statement in UPGRADES[number].split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return SCHEMA_VERSION

    @contextlib.contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """Open a connection whose rows can be read by column name.

        Raises `UnknownCatalogue` if the catalogue was removed, and `CatalogueError` if its file
        is damaged, or cannot be written to.
        """
        # mode=rw: opening a catalogue that was removed is an error and creates no empty file.
        uri = f"{self.file.as_uri()}?mode=rw"
        try:
            db = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
        except sqlite3.OperationalError:
            raise UnknownCatalogue(f"There is no catalogue “{self._name}” any more.") from None
        with contextlib.closing(db):
            db.row_factory = sqlite3.Row
            try:
                db.execute("PRAGMA foreign_keys = ON")
                yield db
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
                    raise CatalogueError(
                        f"The catalogue “{self._name}” cannot be changed, because its folder "
                        f"{self.file.parent} is read-only. Allow writing to it and try again."
                    ) from error
                # The subclasses have other causes: a lock, a constraint, a wrong statement.
                if type(error) is not sqlite3.DatabaseError:
                    raise
                raise CatalogueError(
                    f"The catalogue “{self._name}” is damaged ({error}). Remove it and import it "
                    "again."
                ) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction: all of its changes are stored, or none."""
        with self.connect() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
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
