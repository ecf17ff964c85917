"""A catalogue on disk: items, pictures, vectors, map. Nothing else knows file names or SQL.

`catalogue.db` (SQLite, WAL) is the only truth about what exists. Files are
written under a temporary name, synced, renamed and only then registered, so a
crash leaves at most a file that nothing names; `Catalogue.sweep` deletes those.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np

from core import settings
from core.catalogue.errors import CatalogueError, UnknownCatalogue, UnknownItem, WrongVersion
from core.catalogue.filters import Facet, Filters, _select
from core.catalogue.item import Item
from core.catalogue.map_store import Cluster, Map, MapQuality
from core.catalogue.records import Failure, Known, Origin, Picture, Run, Summary
from core.catalogue.schema import _ADDED, _SCHEMA, SCHEMA_VERSION
from core.catalogue.vector_store import SEGMENT_ROWS, SEGMENTS_BEFORE_COMPACTION, Vectors, _blocks
from core.files import _size, _write, _write_new

# A model is kept beside the picture that was made of it.
_MODEL = "model.glb"

LONGEST_NAME = 48
_NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_NAME - 1}}}")

Found = TypeVar("Found")
LONGEST_COLLECTION = 60


def names() -> list[str]:
    """Return the names of the catalogues there are, sorted."""
    root = settings.data_root()
    if not root.is_dir():
        return []
    found = (path.parent.name for path in root.glob("*/catalogue.db"))
    return sorted(name for name in found if _NAME.fullmatch(name))


def check_name(name: str) -> None:
    """Raise `CatalogueError` unless `name` can name a catalogue."""
    if not _NAME.fullmatch(name):
        raise CatalogueError(
            f"“{name[:60]}” cannot name a catalogue. Use 1 to {LONGEST_NAME} lower-case letters, "
            "digits, hyphens and underscores, beginning with a letter or digit."
        )


class Catalogue:
    """A named collection of items with its vectors and its map.

    Safe to share between threads and processes: every operation opens its own
    connection and is one transaction.
    """

    def __init__(self, name: str) -> None:
        """Open the catalogue `name`.

        Raises `UnknownCatalogue` if there is none, `WrongVersion` if another
        version wrote it, and `CatalogueError` if its file is damaged.
        """
        check_name(name)
        self.name = name
        self.folder = settings.data_root() / name
        self.thumbnails = settings.thumbnails_root() / name
        if not self._database.is_file():
            there = ", ".join(names()) or "none yet"
            raise UnknownCatalogue(f"There is no catalogue “{name}”. There is: {there}.")
        version = self._upgrade()
        if version != SCHEMA_VERSION:
            raise WrongVersion(
                f"The catalogue “{name}” was made by another version of Lookalike (format "
                f"{version}; this version reads format {SCHEMA_VERSION}). Import it again under "
                "another name, or open it with the version that made it."
            )

    @classmethod
    def create(cls, name: str, *, title: str = "") -> "Catalogue":
        """Return the catalogue `name`, made empty if there is none.

        `title` is what people read; it is taken only when the catalogue is made.
        """
        check_name(name)
        folder = settings.data_root() / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "catalogue.db").exists():
            # Made aside and moved into place whole, so that nobody opens a half-made one.
            with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as aside:
                path = Path(aside) / "catalogue.db"
                with contextlib.closing(sqlite3.connect(path)) as db:
                    db.execute("PRAGMA journal_mode = WAL")
                    db.executescript("".join([_SCHEMA, *_ADDED.values()]))
                    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                    rows = {"title": title or name, "generation": "0"}
                    db.executemany("INSERT INTO settings VALUES (?, ?)", rows.items())
                    db.commit()
                with contextlib.suppress(FileExistsError):
                    os.link(path, folder / "catalogue.db")
        return cls(name)

    @staticmethod
    def remove(name: str) -> None:
        """Delete the catalogue `name` with all that belongs to it, readable or not."""
        check_name(name)
        folder = settings.data_root() / name
        if not (folder / "catalogue.db").exists():
            raise UnknownCatalogue(f"There is no catalogue “{name}”.")
        # Renamed first: from then on the catalogue does not exist, however the rest goes.
        gone = folder.with_name(f".removed-{uuid.uuid4().hex}")
        folder.rename(gone)
        for path in gone.parent.glob(".removed-*"):
            shutil.rmtree(path)
        shutil.rmtree(settings.thumbnails_root() / name, ignore_errors=True)

    # -- what it is -------------------------------------------------------

    @property
    def generation(self) -> int:
        """A number that grows with every change: the key of whatever is cached."""
        return int(self._setting("generation"))

    @property
    def title(self) -> str:
        """What people call the catalogue."""
        return self._setting("title")

    @property
    def job_file(self) -> Path:
        """Where the work under way on this catalogue tells how far it is."""
        return self.folder / "job.json"

    @property
    def watch_file(self) -> Path:
        """Where the watch over this catalogue's sources tells what it does."""
        return self.folder / "watch.json"

    def remember(self, key: str, text: str) -> None:
        """Keep what was found out about the catalogue; no new generation."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [f"found {key}", text])

    def remembered(self, key: str) -> str | None:
        """Return what `remember` kept under a key, or None."""
        with self._connect() as db:
            row = db.execute(
                "SELECT value FROM settings WHERE key = ?", [f"found {key}"]
            ).fetchone()
        return None if row is None else str(row["value"])

    def summary(self) -> Summary:
        """Count what there is."""
        with self._connect() as db:
            counts = db.execute(
                "SELECT COUNT(*), COUNT(DISTINCT NULLIF(category, '')), "
                "(SELECT COUNT(*) FROM failures) "
                "FROM items WHERE present"
            ).fetchone()
            vectors = db.execute(
                "SELECT v.descriptor, COUNT(*) FROM vectors v "
                "JOIN items i ON i.id = v.item_id AND i.digest = v.digest AND i.present "
                "GROUP BY v.descriptor"
            ).fetchall()
        chart = self.map()
        return Summary(
            name=self.name,
            title=self.title,
            items=counts[0],
            categories=counts[1],
            failures=counts[2],
            vectors={row[0]: row[1] for row in vectors},
            mapped=0 if chart is None else len(chart.ids),
            generation=self.generation,
            bytes=_size(self.folder),
        )

    # -- items ------------------------------------------------------------

    def items(
        self, filters: Filters | None = None, *, offset: int = 0, limit: int | None = None
    ) -> list[Item]:
        """Return items in item order; with a text, the best match first."""
        chosen = _select(filters)
        sql = (
            f"SELECT i.* FROM items i {chosen.where} ORDER BY {chosen.order} LIMIT :n OFFSET :from"
        )
        bounds = {"n": -1 if limit is None else limit, "from": offset}
        with self._connect() as db:
            rows = db.execute(sql, chosen.values | bounds)
            return [_item(row) for row in rows]

    def newest(self, limit: int) -> list[Item]:
        """Return the items that were taken last, the newest first."""
        with self._connect() as db:
            rows = db.execute(
                "SELECT * FROM items WHERE present ORDER BY position DESC LIMIT ?", [limit]
            )
            return [_item(row) for row in rows]

    def count(self, filters: Filters | None = None) -> int:
        """Return how many items there are."""
        chosen = _select(filters)
        with self._connect() as db:
            sql = f"SELECT COUNT(*) FROM items i {chosen.where}"
            row = db.execute(sql, chosen.values).fetchone()
        return int(row[0])

    def item(self, item_id: str) -> Item:
        """Return the item `item_id`, or raise `UnknownItem`."""
        with self._connect() as db:
            row = db.execute("SELECT * FROM items WHERE id = ? AND present", [item_id]).fetchone()
        if row is None:
            raise self._unknown(item_id)
        return _item(row)

    def items_of(self, ids: Sequence[str]) -> list[Item]:
        """Return those of `ids` that the catalogue has, in item order."""
        with self._connect() as db:
            rows = db.execute(
                "SELECT * FROM items WHERE present AND id IN (SELECT value FROM json_each(?)) "
                "ORDER BY position",
                [json.dumps(list(ids))],
            )
            return [_item(row) for row in rows]

    def ids(self, filters: Filters | None = None) -> list[str]:
        """Return the ids of the items, in the order of `items`."""
        chosen = _select(filters)
        with self._connect() as db:
            sql = f"SELECT i.id FROM items i {chosen.where} ORDER BY {chosen.order}"
            rows = db.execute(sql, chosen.values)
            return [row[0] for row in rows]

    def facet(self, name: Facet) -> dict[str, int]:
        """Return each value of a facet, as "chairs", and how many items have it, by name."""
        if name == "tag":
            source, value = "items i, json_each(i.tags) tag", "tag.value"
        elif name == "collection":
            source, value = "items i JOIN collected c ON c.item_id = i.id", "c.collection"
        else:
            source, value = "items i", f"i.{name}"
        with self._connect() as db:
            rows = db.execute(
                f"SELECT {value}, COUNT(DISTINCT i.id) FROM {source} "
                f"WHERE i.present AND {value} != '' "
                f"GROUP BY {value} ORDER BY {value} COLLATE NOCASE"
            )
            return {row[0]: row[1] for row in rows}

    def stored(self) -> dict[str, Item]:
        """Return every item that was ever taken and not removed, hidden or not, by `source_id`."""
        with self._connect() as db:
            rows = db.execute("SELECT * FROM items WHERE NOT removed ORDER BY position")
            return {row["source_id"]: _item(row) for row in rows}

    def known(self) -> dict[str, Known]:
        """Return every item of `stored` with what importing it again asks for, by `source_id`."""
        with self._connect() as db:
            rows = db.execute("SELECT * FROM items WHERE NOT removed ORDER BY position")
            return {
                row["source_id"]: Known(
                    _item(row), row["version"], row["origin"], bool(row["gone"])
                )
                for row in rows
            }

    def add(self, items: Iterable[tuple[Item, Picture]], *, origin: str = "") -> None:
        """Take items with their pictures, or replace those that have the same `source_id`.

        `origin` is the location of the source that has them.
        """
        taken = list(items)
        if not taken:
            return
        for item, picture in taken:
            self._write_picture(item, picture)
        with self._change() as db:
            for item, picture in taken:
                self._upsert(db, item, picture, origin)

    def rename(self, items: Iterable[Item], *, origin: str = "") -> None:
        """Replace what is said about items whose pictures have not changed."""
        renamed = list(items)
        if renamed:
            with self._change() as db:
                for item in renamed:
                    self._upsert(db, item, None, origin)

    def mark_gone(self, source_ids: Iterable[str]) -> None:
        """Show items no more, for their source has them no more.

        They come back when it has them again, or with `keep_gone`.
        """
        listed = json.dumps(list(source_ids))
        with self._change() as db:
            db.execute(
                "UPDATE items SET gone = 1 WHERE source_id IN (SELECT value FROM json_each(?))",
                [listed],
            )
            # What was hidden for one of them is not shown by another any more.
            db.execute(
                "UPDATE items SET hidden_for = '' WHERE hidden_for IN "
                "(SELECT id FROM items WHERE gone AND NOT kept)"
            )

    def keep_gone(self, ids: Iterable[str]) -> None:
        """Show items again that are gone from their source."""
        with self._change() as db:
            db.executemany("UPDATE items SET kept = 1 WHERE id = ?", [(one,) for one in ids])

    def gone(self) -> list[Item]:
        """Return the items that are not shown because their source has them no more."""
        with self._connect() as db:
            rows = db.execute(
                "SELECT * FROM items WHERE gone AND NOT kept AND NOT removed ORDER BY position"
            )
            return [_item(row) for row in rows]

    def remove_items(self, ids: Iterable[str]) -> None:
        """Take items out of the catalogue. Adding them again brings them back."""
        with self._change() as db:
            for item_id in ids:
                db.execute("UPDATE items SET removed = 1 WHERE id = ?", [item_id])
                db.execute(
                    "DELETE FROM words WHERE rowid = (SELECT position FROM items WHERE id = ?)",
                    [item_id],
                )

    def hide(self, ids: Iterable[str], *, kept: str) -> None:
        """Show items no more, for `kept` is nearly the same; `restore` brings them back.

        Importing again does not: what was hidden stays hidden. Raises `UnknownItem` if
        `kept` is not shown itself, and `ValueError` if it is to be hidden for itself.
        """
        gone = set(ids)
        if kept in gone:
            raise ValueError(f"the item {kept} cannot be hidden for itself")
        self.item(kept)
        with self._change() as db:
            db.executemany(
                "UPDATE items SET hidden_for = ? WHERE id = ?", [(kept, one) for one in gone]
            )
            # Those that had been hidden for one that is now hidden too.
            db.executemany(
                "UPDATE items SET hidden_for = ? WHERE hidden_for = ?",
                [(kept, one) for one in gone],
            )

    def restore(self, ids: Iterable[str]) -> None:
        """Show hidden items again."""
        with self._change() as db:
            db.executemany("UPDATE items SET hidden_for = '' WHERE id = ?", [(one,) for one in ids])

    def hidden(self) -> dict[str, list[Item]]:
        """Return the hidden items by the id of the one that was kept, in item order."""
        with self._connect() as db:
            found: dict[str, list[Item]] = {}
            for row in db.execute(
                "SELECT * FROM items WHERE hidden_for != '' AND NOT removed ORDER BY position"
            ):
                found.setdefault(row["hidden_for"], []).append(_item(row))
            return found

    # -- collections --------------------------------------------------------

    def collect(self, name: str, ids: Iterable[str]) -> None:
        """Keep items under a name; a collection of that name is added to.

        Upper and lower case name the same collection. Raises `CatalogueError` unless
        `name` has 1 to 60 characters that can be seen.
        """
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_COLLECTION or not name.isprintable():
            raise CatalogueError(
                f"A collection's name has 1 to {LONGEST_COLLECTION} characters. Choose another one."
            )
        with self._change() as db:
            db.execute("INSERT OR IGNORE INTO collections VALUES (?)", [name])
            name = db.execute("SELECT name FROM collections WHERE name = ?", [name]).fetchone()[
                "name"
            ]
            db.executemany(
                "INSERT OR IGNORE INTO collected VALUES (?, ?)", [(name, one) for one in ids]
            )

    def forget_collection(self, name: str) -> None:
        """Delete a collection; its items stay where they are."""
        with self._change() as db:
            db.execute("DELETE FROM collections WHERE name = ?", [name])

    def original(self, item: Item) -> bytes:
        """Return the stored picture of `item`.

        Raises `UnknownItem` if there never was such an item, and
        `CatalogueError` if its file is gone.
        """
        try:
            return self._original(*self._picture_of(item)).read_bytes()
        except OSError:
            raise CatalogueError(
                f"The picture of “{item.name}” is missing from the catalogue's folder. "
                "Import its source again to bring it back."
            ) from None

    def lost_originals(self) -> list[Item]:
        """Return the items whose stored picture is gone (someone tidied the folder)."""
        there = {path.stem for path in (self.folder / "originals").glob("*/*")}
        return [item for item in self.items() if item.digest not in there]

    def extension(self, item: Item) -> str:
        """Return the file extension of the stored picture of `item`, without a dot.

        Raises `UnknownItem` if there never was such an item.
        """
        _, extension = self._picture_of(item)
        return extension

    def frame(self, item: Item) -> bytes | None:
        """Return the `frame` view kept for a downscaled picture, or None if it was not."""
        path = self._original(item.digest, "frame.png")
        return path.read_bytes() if path.exists() else None

    def thumbnail(self, item: Item) -> Path:
        """Return the path of the thumbnail of `item`, below the folder `static/`."""
        return self.thumbnails / f"{item.id}.webp"

    def side(self, item: Item, name: str) -> bytes:
        """Return the picture of `item` from one of its `sides`; raises `CatalogueError`."""
        try:
            return self._original(item.digest, f"{name}.webp").read_bytes()
        except OSError:
            raise CatalogueError(
                f"The picture of “{item.name}” from its {name} is missing. "
                "Import its source again to bring it back."
            ) from None

    def model(self, item: Item) -> Path | None:
        """Return the path of the model of `item` below the folder `static/`, or None."""
        path = self.thumbnails / f"{item.id}.glb"
        return path if path.exists() else None

    def lost_thumbnails(self) -> list[Item]:
        """Return the items whose thumbnail file is not there (a folder that was moved)."""
        there = {path.stem for path in self.thumbnails.glob("*.webp")}
        return [item for item in self.items() if item.id not in there]

    def restore_thumbnail(self, item: Item, thumbnail: bytes) -> None:
        """Write the thumbnail of `item` anew, and serve its model again if it has one."""
        _write(self.thumbnail(item), thumbnail)
        self._serve_model(item)

    def publish(self, name: str, data: bytes) -> Path:
        """Write JSON that pages serve beside the thumbnails, in place of the last of that name.

        Returns its path below the folder `static/`: another one for other data, so that no
        browser shows what it once kept.
        """
        path = self.thumbnails / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}.json"
        if not path.exists():
            _write(path, data, sync=False)
        for old in self.thumbnails.glob(f"{name}-*.json"):
            if old != path:
                old.unlink(missing_ok=True)
        return path

    def published(self, name: str) -> Path | None:
        """Return the path of what `publish` wrote last under a name, or None."""
        # After a crash there may be an older one beside it.
        found = self.thumbnails.glob(f"{name}-*.json")
        return max(found, key=lambda path: path.stat().st_mtime, default=None)

    def keep(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep arrays that can be made again, in place of the last of that name."""
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **dict(arrays))
        _write(self.folder / "kept" / f"{name}.npz", buffer.getbuffer(), sync=False)

    def kept(self, name: str) -> dict[str, np.ndarray] | None:
        """Return what `keep` wrote last under a name, or None where it is not to be had whole."""
        try:
            with np.load(self.folder / "kept" / f"{name}.npz") as stored:
                return dict(stored)
        except (OSError, ValueError, zipfile.BadZipFile, EOFError):
            return None

    # -- imports and failures ----------------------------------------------

    def record_source(self, origin: Origin) -> None:
        """Note that a source is being imported, and where it goes on if it does not end."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?)",
                [
                    origin.location,
                    origin.kind,
                    json.dumps(dict(origin.options), ensure_ascii=False),
                    origin.bookmark,
                ],
            )

    def sources(self) -> list[Origin]:
        """Return the sources that were imported, in the order of their locations."""
        with self._connect() as db:
            rows = db.execute("SELECT * FROM sources ORDER BY location")
            return [
                Origin(row["location"], row["kind"], json.loads(row["options"]), row["bookmark"])
                for row in rows
            ]

    def record_run(
        self,
        *,
        kind: str,
        source: str,
        added: int,
        changed: int,
        unchanged: int,
        failed: int,
        gone: int = 0,
    ) -> None:
        """Note that an import has ended."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._change() as db:
            db.execute(
                "INSERT INTO runs "
                "(kind, source, finished, added, changed, unchanged, failed, gone) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [kind, source, now, added, changed, unchanged, failed, gone],
            )

    def runs(self) -> list[Run]:
        """Return the imports so far, the newest first."""
        with self._connect() as db:
            return [
                Run(*tuple(row)[1:]) for row in db.execute("SELECT * FROM runs ORDER BY id DESC")
            ]

    def record_failures(self, failures: Iterable[Failure]) -> None:
        """Note what could not be taken; a later success of the same item clears it."""
        rows = [(f.stage, f.source_id, f.name, f.reason, f.origin) for f in failures]
        if rows:
            with self._change() as db:
                db.executemany("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)", rows)

    def forget_failures(self, origin: str, *, but: Iterable[str] = ()) -> None:
        """Forget what could not be taken of a source, but for the `source_id`s given."""
        kept = set(but)
        old = [
            (one.stage, one.source_id)
            for one in self.failures()
            if one.origin == origin and one.source_id not in kept
        ]
        if old:
            with self._change() as db:
                db.executemany("DELETE FROM failures WHERE stage = ? AND source_id = ?", old)

    def clear_failures(self, stage: str, items: Iterable[Item]) -> None:
        """Forget what once went wrong at a stage with items that are as they should be."""
        failed = {failure.source_id for failure in self.failures() if failure.stage == stage}
        mended = [(stage, item.source_id) for item in items if item.source_id in failed]
        if mended:
            with self._change() as db:
                db.executemany("DELETE FROM failures WHERE stage = ? AND source_id = ?", mended)

    def failures(self) -> list[Failure]:
        """Return what could not be taken and still has not been."""
        with self._connect() as db:
            rows = db.execute("SELECT * FROM failures ORDER BY stage, source_id")
            return [Failure(*row) for row in rows]

    # -- vectors ----------------------------------------------------------

    def missing(self, descriptor: str, identity: str) -> list[Item]:
        """Return the items that have no vector of this identity for their present picture."""
        with self._connect() as db:
            rows = db.execute(
                "SELECT i.* FROM items i WHERE i.present AND NOT EXISTS ("
                "  SELECT 1 FROM vectors v JOIN segments s ON s.id = v.segment"
                "  WHERE v.descriptor = ? AND s.identity = ?"
                "  AND v.item_id = i.id AND v.digest = i.digest"
                ") ORDER BY i.position",
                [descriptor, identity],
            )
            return [_item(row) for row in rows]

    def add_vectors(
        self, descriptor: str, identity: str, items: Sequence[Item], matrix: np.ndarray
    ) -> None:
        """Store `matrix[i]` as the vector of `items[i]`: all of them, or after a crash none."""
        if len(items) != len(matrix):
            raise ValueError(f"{len(items)} items but {len(matrix)} rows")
        files = self._write_segments(descriptor, matrix)
        with self._change() as db:
            self._register(db, descriptor, identity, files, items)

    def vectors(self, descriptor: str, identity: str) -> Vectors:
        """Return the vectors of this identity of all present items, in item order."""
        return self._again(lambda: self._vectors(descriptor, identity))

    def _vectors(self, descriptor: str, identity: str) -> Vectors:
        with self._connect() as db:
            rows = db.execute(
                "SELECT i.id, s.file, v.row FROM items i "
                "JOIN vectors v ON v.item_id = i.id AND v.digest = i.digest "
                "JOIN segments s ON s.id = v.segment "
                "WHERE v.descriptor = ? AND s.identity = ? AND i.present "
                "ORDER BY i.position",
                [descriptor, identity],
            ).fetchall()
        folder = self.folder / "vectors" / descriptor
        # Opened now: what is open can be read even after it was replaced.
        segments = {
            file: np.load(folder / file, mmap_mode="r") for file in {row["file"] for row in rows}
        }
        return Vectors(tuple(row["id"] for row in rows), _blocks(rows, segments))

    def drop_vectors(self, descriptor: str) -> None:
        """Delete the vectors of `descriptor`."""
        with self._change() as db:
            db.execute("DELETE FROM segments WHERE descriptor = ?", [descriptor])
        self.sweep()

    def compact_vectors(self, descriptor: str, identity: str) -> None:
        """Rewrite the rows if they lie in many files, or if most of what is stored is dead."""
        with self._connect() as db:
            stored, files = db.execute(
                "SELECT COALESCE(SUM(rows), 0), COUNT(*) FROM segments "
                "WHERE descriptor = ? AND identity = ?",
                [descriptor, identity],
            ).fetchone()
        live = self.count() - len(self.missing(descriptor, identity))
        if files <= SEGMENTS_BEFORE_COMPACTION + live // SEGMENT_ROWS and stored <= 2 * live:
            return
        vectors = self.vectors(descriptor, identity)
        by_id = {item.id: item for item in self.items()}
        items = [by_id[item_id] for item_id in vectors.ids]
        files = self._write_segments(descriptor, vectors.matrix())
        with self._change() as db:
            db.execute(
                "DELETE FROM segments WHERE descriptor = ? AND identity = ?", [descriptor, identity]
            )
            self._register(db, descriptor, identity, files, items)
        self.sweep()

    def save_fit(
        self,
        descriptor: str,
        identity: str,
        arrays: Mapping[str, np.ndarray],
        items: Sequence[Item],
        matrix: np.ndarray,
    ) -> None:
        """Store what `descriptor` was fitted to, and the vectors it gives, in place of all earlier.

        One transaction: nobody sees the new fit beside old vectors.
        """
        fit = self._write_arrays(self.folder / "vectors" / descriptor, arrays)
        files = self._write_segments(descriptor, matrix)
        with self._change() as db:
            db.execute("INSERT OR REPLACE INTO fits VALUES (?, ?, ?)", [descriptor, identity, fit])
            db.execute("DELETE FROM segments WHERE descriptor = ?", [descriptor])
            self._register(db, descriptor, identity, files, items)

    def fit_identity(self, descriptor: str) -> str | None:
        """Return the identity that `save_fit` was given, or None before there is a fit."""
        with self._connect() as db:
            row = db.execute(
                "SELECT identity FROM fits WHERE descriptor = ?", [descriptor]
            ).fetchone()
        return None if row is None else str(row["identity"])

    def fit(self, descriptor: str) -> dict[str, np.ndarray] | None:
        """Return the arrays that `save_fit` stored, or None."""
        return self._again(lambda: self._fit(descriptor))

    def _fit(self, descriptor: str) -> dict[str, np.ndarray] | None:
        with self._connect() as db:
            row = db.execute("SELECT file FROM fits WHERE descriptor = ?", [descriptor]).fetchone()
        if row is None:
            return None
        with np.load(self.folder / "vectors" / descriptor / row["file"]) as arrays:
            return dict(arrays)

    # -- map --------------------------------------------------------------

    def save_map(self, chart: Map) -> None:
        """Make `chart` the catalogue's map."""
        file = self._write_arrays(
            self.folder / "map",
            {
                "ids": np.array(chart.ids, dtype="U13"),
                "digests": np.array(chart.digests, dtype="U8"),
                "places": chart.places,
                "grid": chart.grid,
                "labels": chart.labels,
                "later": chart.later,
                "clusters": np.array([astuple(one) for one in chart.clusters], "U").reshape(-1, 2),
                "quality": np.array([] if chart.quality is None else astuple(chart.quality)),
            },
        )
        with self._change() as db:
            db.execute("DELETE FROM maps")
            db.execute("INSERT INTO maps (identity, file) VALUES (?, ?)", [chart.identity, file])
        self.sweep()

    def map(self) -> Map | None:
        """Return the map of the items that are still there, or None before there is one.

        Clusters of which nothing is left are still listed, so that numbers stay.
        """
        return self._again(self._map)

    def _map(self) -> Map | None:
        with self._connect() as db:
            row = db.execute("SELECT identity, file FROM maps ORDER BY id DESC LIMIT 1").fetchone()
        if row is None:
            return None
        with np.load(self.folder / "map" / row["file"]) as stored:
            arrays = dict(stored)
        present = set(self.ids())
        kept = [number for number, one in enumerate(arrays["ids"].tolist()) if one in present]
        trustworthiness, share, neighbours, sample = arrays["quality"].tolist() or [None] * 4
        return Map(
            ids=tuple(arrays["ids"][kept].tolist()),
            digests=tuple(arrays["digests"][kept].tolist()),
            places=arrays["places"][kept],
            grid=arrays["grid"][kept],
            labels=arrays["labels"][kept],
            later=arrays["later"][kept],
            clusters=tuple(Cluster(*one) for one in arrays["clusters"].tolist()),
            identity=row["identity"],
            quality=trustworthiness
            and MapQuality(trustworthiness, share, int(neighbours), int(sample)),
        )

    # -- housekeeping -----------------------------------------------------

    def sweep(self) -> None:
        """Delete what a crash or a change left behind: pictures, vectors, fits and maps.

        Only for the process that holds the catalogue's job: a file that is
        being written is not registered yet either.
        """
        with self._transaction() as db:
            db.execute(
                "DELETE FROM segments WHERE NOT EXISTS "
                "(SELECT 1 FROM vectors v WHERE v.segment = segments.id)"
            )
            known = {
                (self.folder / "vectors" / row["descriptor"] / row["file"])
                for table in ("segments", "fits")
                for row in db.execute(f"SELECT descriptor, file FROM {table}")
            } | {self.folder / "map" / row["file"] for row in db.execute("SELECT file FROM maps")}
            digests = {row["digest"] for row in db.execute("SELECT digest FROM items")}
        for folder in (self.folder / "vectors", self.folder / "map"):
            for path in folder.rglob("*"):
                if path.is_file() and path not in known:
                    path.unlink(missing_ok=True)
        for path in (self.folder / "originals").glob("*/*"):
            if path.name.partition(".")[0] not in digests:
                path.unlink(missing_ok=True)

    # -- inside -----------------------------------------------------------

    @property
    def _database(self) -> Path:
        return self.folder / "catalogue.db"

    def _upgrade(self) -> int:
        """Bring the schema of an earlier version up to date, and return the version there is."""
        with self._connect() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if not 0 < version < SCHEMA_VERSION:
            return version
        with self._transaction() as db:
            # Another process may have done it meanwhile.
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            for number in range(version + 1, SCHEMA_VERSION + 1):
                for statement in _ADDED[number].split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return SCHEMA_VERSION

    @staticmethod
    def _again(read: Callable[[], Found]) -> Found:
        """Read files that the database names; once more if they were replaced in between."""
        try:
            return read()
        except FileNotFoundError:
            return read()

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        # mode=rw: a catalogue removed meanwhile is an error, not a new empty file.
        uri = f"{self._database.as_uri()}?mode=rw"
        try:
            db = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
        except sqlite3.OperationalError:
            raise UnknownCatalogue(f"There is no catalogue “{self.name}” any more.") from None
        with contextlib.closing(db):
            db.row_factory = sqlite3.Row
            try:
                db.execute("PRAGMA foreign_keys = ON")
                yield db
            except sqlite3.DatabaseError as error:
                # Its subclasses mean other things: a lock, a constraint, a wrong statement.
                if type(error) is not sqlite3.DatabaseError:
                    raise
                raise CatalogueError(
                    f"The catalogue “{self.name}” is damaged ({error}). Remove it with "
                    f"`python -m core remove {self.name}` and import it again."
                ) from error

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that makes a new generation."""
        with self._transaction() as db:
            yield db
            db.execute(
                "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'"
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise

    def _setting(self, key: str) -> str:
        with self._connect() as db:
            row = db.execute("SELECT value FROM settings WHERE key = ?", [key]).fetchone()
        return str(row[0])

    def _unknown(self, item_id: str) -> UnknownItem:
        return UnknownItem(
            f"The catalogue “{self.title}” has no model with the id “{item_id[:60]}”."
        )

    def _picture_of(self, item: Item) -> tuple[str, str]:
        """Return the digest and the extension of the picture of `item`, even if it was removed."""
        with self._connect() as db:
            row = db.execute(
                "SELECT digest, extension FROM items WHERE id = ?", [item.id]
            ).fetchone()
        if row is None:
            raise self._unknown(item.id)
        return row["digest"], row["extension"]

    def _original(self, digest: str, extension: str) -> Path:
        return self.folder / "originals" / digest[:2] / f"{digest}.{extension}"

    def _write_picture(self, item: Item, picture: Picture) -> None:
        original = self._original(picture.digest, picture.extension)
        if not original.exists():
            _write(original, picture.original)
        if picture.frame is not None:
            _write(self._original(picture.digest, "frame.png"), picture.frame)
        for side, data in picture.sides.items():
            _write(self._original(picture.digest, f"{side}.webp"), data)
        if picture.model is not None:
            _write(self._original(picture.digest, _MODEL), picture.model)
        # Not synced: `lost_thumbnails` finds one that a power cut took.
        _write(self.thumbnail(item), picture.thumbnail, sync=False)
        self._serve_model(replace(item, digest=picture.digest))

    def _serve_model(self, item: Item) -> None:
        """Put the model of `item` where pages can reach it: the same file, by another name."""
        served = self.thumbnails / f"{item.id}.glb"
        served.unlink(missing_ok=True)
        stored = self._original(item.digest, _MODEL)
        try:
            os.link(stored, served)
        except FileNotFoundError:
            return
        except OSError:  # on another disk
            shutil.copyfile(stored, served)

    def _upsert(
        self, db: sqlite3.Connection, item: Item, picture: Picture | None, origin: str
    ) -> None:
        row: dict[str, str | int] = {
            "id": item.id,
            "source_id": item.source_id,
            "name": item.name,
            "category": item.category,
            "tags": json.dumps(item.tags, ensure_ascii=False),
            "creator": item.creator,
            "licence": item.licence,
            "page_url": item.page_url,
            "embed_url": item.embed_url,
            "origin": origin,
            "removed": 0,
            "gone": 0,
            "kept": 0,
        }
        if picture is not None:
            row |= {
                "digest": picture.digest,
                "extension": picture.extension,
                "downscaled": int(picture.downscaled),
                "version": picture.version,
                "sides": json.dumps(list(picture.sides)),
            }
            columns = ", ".join(row)
            marks = ", ".join(f":{column}" for column in row)
            updates = ", ".join(f"{column} = :{column}" for column in row)
            db.execute(
                f"INSERT INTO items ({columns}) VALUES ({marks}) "
                f"ON CONFLICT (source_id) DO UPDATE SET {updates}",
                row,
            )
        else:
            updates = ", ".join(f"{column} = :{column}" for column in row)
            db.execute(f"UPDATE items SET {updates} WHERE source_id = :source_id", row)
        position = db.execute(
            "SELECT position FROM items WHERE source_id = ?", [item.source_id]
        ).fetchone()[0]
        db.execute("DELETE FROM words WHERE rowid = ?", [position])
        db.execute(
            "INSERT INTO words (rowid, name, tags, category) VALUES (?, ?, ?, ?)",
            [position, item.name, " ".join(item.tags), item.category],
        )
        db.execute("DELETE FROM failures WHERE source_id = ?", [item.source_id])

    def _register(
        self,
        db: sqlite3.Connection,
        descriptor: str,
        identity: str,
        files: Sequence[str],
        items: Sequence[Item],
    ) -> None:
        for number, file in enumerate(files):
            inside = items[number * SEGMENT_ROWS : (number + 1) * SEGMENT_ROWS]
            segment = db.execute(
                "INSERT INTO segments (descriptor, identity, file, rows) VALUES (?, ?, ?, ?)",
                [descriptor, identity, file, len(inside)],
            ).lastrowid
            db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)",
                [
                    (descriptor, item.id, item.digest, segment, row)
                    for row, item in enumerate(inside)
                ],
            )

    def _write_segments(self, descriptor: str, matrix: np.ndarray) -> list[str]:
        files = []
        for start in range(0, len(matrix), SEGMENT_ROWS):
            buffer = io.BytesIO()
            np.save(buffer, matrix[start : start + SEGMENT_ROWS])
            folder = self.folder / "vectors" / descriptor
            files.append(_write_new(folder, buffer.getbuffer(), ".npy"))
        return files

    def _write_arrays(self, folder: Path, arrays: Mapping[str, np.ndarray]) -> str:
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **dict(arrays))
        return _write_new(folder, buffer.getbuffer(), ".npz")


def _item(row: sqlite3.Row) -> Item:
    return Item(
        source_id=row["source_id"],
        name=row["name"],
        category=row["category"],
        tags=tuple(json.loads(row["tags"])),
        creator=row["creator"],
        licence=row["licence"],
        page_url=row["page_url"],
        embed_url=row["embed_url"],
        digest=row["digest"],
        sides=tuple(json.loads(row["sides"])),
    )
