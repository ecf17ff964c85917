"""The vectors of a catalogue's items, and the fits of descriptors.

Rows are stored in segments, files of at most 2,048 rows. A segment is written completely and then
registered in one transaction with the items of its rows: a crash leaves an unregistered file,
which `sweep` deletes. Items that are removed or change leave dead rows, which `compact` drops when
it rewrites the others.

A segment's size and CRC-32 are registered with it, and compared when it is read. The rows of one
that is damaged are left out, until `discard_damaged` deletes it and they are computed again.
"""

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from core import files
from core.catalogue.database import Database
from core.catalogue.item import Item, item_from_row
from core.catalogue.records import Damage
from core.counting import counted
from core.files import AnyArray
from core.linalg import HalfOrSingle

# The most that an interrupted run can lose and that a read has in memory: 2,048 rows of
# `published` are 205 MB.
SEGMENT_ROWS = 2048
# Rows are rewritten when there are more segments than this, or more dead rows than live ones.
SEGMENTS_BEFORE_COMPACTION = 24


@dataclass(frozen=True, slots=True)
class Vectors:
    """Stored vectors of one descriptor, one row per item.

    Attributes:
        ids: the ids of the items, in item order.
        blocks: the rows, in arrays of shape (up to 2,048, dimensions). Can be read once:
            `published` of a large catalogue does not fit in memory.
    """

    ids: tuple[str, ...]
    blocks: Iterator[HalfOrSingle]

    def matrix(self) -> HalfOrSingle:
        """Return all rows as one array, (items, dimensions), or (0, 0) if there are none."""
        blocks = list(self.blocks)
        return np.concatenate(blocks) if blocks else np.empty((0, 0), np.float32)


class VectorStore(Protocol):
    """The interface of vector stores, of which `SegmentVectorStore` is one.

    Vectors are stored under the name of a descriptor and a fingerprint of how they were computed;
    vectors with another fingerprint are never returned.
    """

    @property
    def revision(self) -> int:
        """A number that grows whenever `read` or `load_fit` may return something else."""

    def missing(self, descriptor: str, fingerprint: str) -> list[Item]:
        """Return the shown items whose current picture has no vector with this fingerprint.

        Those with nothing to see have none and need none."""

    def add(
        self, descriptor: str, fingerprint: str, items: Sequence[Item], matrix: HalfOrSingle
    ) -> None:
        """Store `matrix[i]`, (items, dimensions), as the vector of `items[i]`: all rows or none.

        Raises `ValueError` unless there are as many rows as items.
        """

    def read(self, descriptor: str, fingerprint: str) -> Vectors:
        """Return the vectors with this fingerprint of all shown items, in item order.

        Those in damaged files are left out.
        """

    def count(self) -> dict[str, int]:
        """Return how many shown items have a vector of their current picture, by descriptor."""

    def delete(self, descriptor: str, item_ids: Sequence[str]) -> None:
        """Delete the vectors of `descriptor` that these items have."""

    def drop(self, descriptor: str) -> None:
        """Delete all vectors of `descriptor`."""

    def compact(self, descriptor: str, fingerprint: str) -> None:
        """Rewrite the rows if they are in many files, or if most of them are dead."""

    def save_fit(
        self,
        descriptor: str,
        fingerprint: str,
        arrays: Mapping[str, AnyArray],
        items: Sequence[Item],
        matrix: HalfOrSingle,
    ) -> None:
        """Store the fit of `descriptor` and its vectors, and replace all earlier ones.

        One transaction: nobody reads a new fit with old vectors.

        Args:
            descriptor: its name.
            fingerprint: of the vectors.
            arrays: the parameters of the fit.
            items: `items[i]` is what row i of `matrix` belongs to.
            matrix: the vectors, (items, dimensions).
        """

    def fit_fingerprint(self, descriptor: str) -> str | None:
        """Return the fingerprint passed to `save_fit`, or None if there is no fit."""

    def load_fit(self, descriptor: str) -> dict[str, AnyArray] | None:
        """Return the parameters that `save_fit` stored, or None if there are none to be read."""

    def damage(self, *, quick: bool = False) -> list[Damage]:
        """Return the files that are lost or not as they were written.

        With `quick` only those that are lost or have another size.
        """

    def discard_damaged(self) -> None:
        """Delete the vectors in damaged files, so that they are missing."""

    def leftovers(self) -> list[str]:
        """Return the files that nothing refers to, which `sweep` deletes."""

    def sweep(self) -> None:
        """Delete rows and files that a crash or a change left behind."""


class SegmentVectorStore:
    """A `VectorStore` in memory-mapped `.npy` files."""

    def __init__(self, database: Database, folder: Path) -> None:
        """Use `database`, and `folder` with a folder for each descriptor."""
        self._database = database
        self._folder = folder
        self._root = folder.parent

    @property
    def revision(self) -> int:
        """A number that grows whenever `read` or `load_fit` may return something else."""
        return self._database.revision("vectors")

    def missing(self, descriptor: str, fingerprint: str) -> list[Item]:
        """Return the shown items whose current picture has no vector with this fingerprint.

        Those with nothing to see have none and need none."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT i.* FROM items i WHERE i.comparable AND NOT EXISTS ("
                "  SELECT 1 FROM vectors v JOIN segments s ON s.id = v.segment"
                "  WHERE v.descriptor = ? AND s.fingerprint = ?"
                "  AND v.item_id = i.id AND v.digest = i.digest"
                ") ORDER BY i.position",
                [descriptor, fingerprint],
            )
            return [item_from_row(row) for row in rows]

    def add(
        self, descriptor: str, fingerprint: str, items: Sequence[Item], matrix: HalfOrSingle
    ) -> None:
        """Store `matrix[i]`, (items, dimensions), as the vector of `items[i]`: all rows or none.

        Raises `ValueError` unless there are as many rows as items.
        """
        if len(items) != len(matrix):
            raise ValueError(f"{len(items)} items but {len(matrix)} rows")
        segments = self._write_segments(descriptor, matrix)
        with self._database.change("vectors") as db:
            _register(db, descriptor, fingerprint, segments, items)

    def read(self, descriptor: str, fingerprint: str) -> Vectors:
        """Return the vectors with this fingerprint of all shown items, in item order.

        Those in damaged files are left out.
        """
        try:
            return self._read(descriptor, fingerprint)
        except FileNotFoundError:
            # Another process may have replaced the file, and what is registered.
            return self._read(descriptor, fingerprint, is_last=True)

    def count(self) -> dict[str, int]:
        """Return how many shown items have a vector of their current picture, by descriptor."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT v.descriptor, COUNT(*) FROM vectors v "
                "JOIN items i ON i.id = v.item_id AND i.digest = v.digest AND i.comparable "
                "GROUP BY v.descriptor"
            )
            return {row[0]: row[1] for row in rows}

    def delete(self, descriptor: str, item_ids: Sequence[str]) -> None:
        """Delete the vectors of `descriptor` that these items have."""
        with self._database.change("vectors") as db:
            db.executemany(
                "DELETE FROM vectors WHERE descriptor = ? AND item_id = ?",
                [(descriptor, item_id) for item_id in item_ids],
            )

    def drop(self, descriptor: str) -> None:
        """Delete all vectors of `descriptor`."""
        with self._database.change("vectors") as db:
            db.execute("DELETE FROM segments WHERE descriptor = ?", [descriptor])
        self.sweep()

    def compact(self, descriptor: str, fingerprint: str) -> None:
        """Rewrite the rows if they are in many segments, or if most of them are dead."""
        with self._database.connect() as db:
            stored, segments = db.execute(
                "SELECT COALESCE(SUM(rows), 0), COUNT(*) FROM segments "
                "WHERE descriptor = ? AND fingerprint = ?",
                [descriptor, fingerprint],
            ).fetchone()
            comparable = {
                row["id"]: item_from_row(row)
                for row in db.execute("SELECT * FROM items WHERE comparable")
            }
        live = len(comparable) - len(self.missing(descriptor, fingerprint))
        if segments <= SEGMENTS_BEFORE_COMPACTION + live // SEGMENT_ROWS and stored <= 2 * live:
            return
        vectors = self.read(descriptor, fingerprint)
        items = [comparable[item_id] for item_id in vectors.ids]
        written = self._write_segments(descriptor, vectors.matrix())
        # The rows stay the same, so the revision does not grow.
        with self._database.transaction() as db:
            db.execute(
                "DELETE FROM segments WHERE descriptor = ? AND fingerprint = ?",
                [descriptor, fingerprint],
            )
            _register(db, descriptor, fingerprint, written, items)
        self.sweep()

    def save_fit(
        self,
        descriptor: str,
        fingerprint: str,
        arrays: Mapping[str, AnyArray],
        items: Sequence[Item],
        matrix: HalfOrSingle,
    ) -> None:
        """Store the fit of `descriptor` and its vectors, and replace all earlier ones.

        One transaction: nobody reads a new fit with old vectors.

        Args:
            descriptor: its name.
            fingerprint: of the vectors.
            arrays: the parameters of the fit.
            items: `items[i]` is what row i of `matrix` belongs to.
            matrix: the vectors, (items, dimensions).
        """
        fit = files.write_new(
            self._folder / descriptor, files.npz_bytes(arrays), ".npz", root=self._root
        )
        segments = self._write_segments(descriptor, matrix)
        with self._database.change("vectors") as db:
            db.execute(
                "INSERT OR REPLACE INTO fits VALUES (?, ?, ?)", [descriptor, fingerprint, fit]
            )
            db.execute("DELETE FROM segments WHERE descriptor = ?", [descriptor])
            _register(db, descriptor, fingerprint, segments, items)

    def fit_fingerprint(self, descriptor: str) -> str | None:
        """Return the fingerprint passed to `save_fit`, or None if there is no fit."""
        with self._database.connect() as db:
            row = db.execute(
                "SELECT fingerprint FROM fits WHERE descriptor = ?", [descriptor]
            ).fetchone()
        return None if row is None else str(row["fingerprint"])

    def load_fit(self, descriptor: str) -> dict[str, AnyArray] | None:
        """Return the parameters that `save_fit` stored, or None if there are none to be read."""
        try:
            return files.read_again(lambda: self._load_fit(descriptor))
        except (FileNotFoundError, files.DamagedFile):
            return None

    def damage(self, *, quick: bool = False) -> list[Damage]:
        """Return the files that are lost or not as they were written.

        With `quick` only those that are lost or have another size.
        """
        found = []
        for segment in self._damaged_segments(quick=quick):
            path = self._path(segment)
            models = counted(segment["models"], "model")
            meaning = f"It holds vectors of {models}, which are computed again when indexing."
            found.append(Damage(self._name(path), not path.exists(), meaning))
        with self._database.connect() as db:
            fits = db.execute("SELECT * FROM fits").fetchall()
        for fit in fits:
            path = self._path(fit)
            try:
                files.check_npz(path) if quick else files.read_npz(path)
            except (FileNotFoundError, files.DamagedFile):
                meaning = (
                    "Without it pictures cannot be compared with models. It is made again when "
                    "indexing."
                )
                found.append(Damage(self._name(path), not path.exists(), meaning))
        return found

    def discard_damaged(self) -> None:
        """Delete the vectors in damaged files, so that they are missing.

        A segment of an earlier version, which has no checksum, gets that of its file as it is.
        """
        damaged = [segment["id"] for segment in self._damaged_segments()]
        if damaged:
            with self._database.change("vectors") as db:
                db.executemany("DELETE FROM segments WHERE id = ?", [(one,) for one in damaged])
        with self._database.connect() as db:
            unchecked = db.execute("SELECT * FROM segments WHERE crc32 IS NULL").fetchall()
        if unchecked:
            paths = [self._path(segment) for segment in unchecked]
            checksums = [
                (path.stat().st_size, files.crc32(path), segment["id"])
                for path, segment in zip(paths, unchecked, strict=True)
            ]
            with self._database.transaction() as db:
                db.executemany("UPDATE segments SET bytes = ?, crc32 = ? WHERE id = ?", checksums)

    def sweep(self) -> None:
        """Delete segments without live rows, and unregistered files.

        Call it only in the process that runs the catalogue's job: a file that is still being
        written is not registered either.
        """
        with self._database.transaction() as db:
            db.execute(
                "DELETE FROM segments WHERE NOT EXISTS "
                "(SELECT 1 FROM vectors v WHERE v.segment = segments.id)"
            )
            known = self._registered(db)
        for path in self._unregistered(known):
            path.unlink(missing_ok=True)

    def leftovers(self) -> list[str]:
        """Return the unregistered files, which `sweep` deletes."""
        with self._database.connect() as db:
            known = self._registered(db)
        return [self._name(path) for path in self._unregistered(known)]

    def _registered(self, db: sqlite3.Connection) -> set[Path]:
        return {
            self._path(row)
            for table in ("segments", "fits")
            for row in db.execute(f"SELECT descriptor, file FROM {table}")
        }

    def _unregistered(self, known: set[Path]) -> list[Path]:
        return [path for path in self._folder.rglob("*") if path.is_file() and path not in known]

    def _read(self, descriptor: str, fingerprint: str, *, is_last: bool = False) -> Vectors:
        """Return what `read` does; raises `FileNotFoundError` for a lost file unless `is_last`."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT i.id, v.segment, v.row FROM items i "
                "JOIN vectors v ON v.item_id = i.id AND v.digest = i.digest "
                "JOIN segments s ON s.id = v.segment "
                "WHERE v.descriptor = ? AND s.fingerprint = ? AND i.comparable "
                "ORDER BY i.position",
                [descriptor, fingerprint],
            ).fetchall()
            used = {row["segment"] for row in rows}
            segments = [
                segment
                for segment in db.execute(
                    "SELECT * FROM segments WHERE descriptor = ? AND fingerprint = ?",
                    [descriptor, fingerprint],
                )
                if segment["id"] in used
            ]
        # Opened now: an open file can be read even after it was deleted.
        opened = {}
        for segment in segments:
            with contextlib.suppress(files.DamagedFile):
                try:
                    opened[segment["id"]] = self._open(segment)
                except FileNotFoundError:
                    if not is_last:
                        raise
        whole = [row for row in rows if row["segment"] in opened]
        return Vectors(tuple(row["id"] for row in whole), _blocks(whole, opened))

    def _damaged_segments(self, *, quick: bool = False) -> list[sqlite3.Row]:
        """Return the segments whose file is lost or damaged, with their number of `models`."""
        query = (
            "SELECT s.*, (SELECT COUNT(*) FROM vectors v JOIN items i ON i.id = v.item_id "
            "AND i.comparable WHERE v.segment = s.id) AS models FROM segments s ORDER BY s.id"
        )
        with self._database.connect() as db:
            segments = db.execute(query).fetchall()
        damaged = []
        for segment in segments:
            try:
                self._open(segment, quick=quick)
            except (FileNotFoundError, files.DamagedFile):
                damaged.append(segment)
        # The file of a segment that was replaced meanwhile is deleted.
        with self._database.connect() as db:
            present = {row["id"] for row in db.execute("SELECT id FROM segments")}
        return [segment for segment in damaged if segment["id"] in present]

    def _open(self, segment: sqlite3.Row, *, quick: bool = False) -> HalfOrSingle:
        """Return the rows of a segment, mapped into memory; `quick` compares only their size.

        Raises `FileNotFoundError` if its file is lost, and `DamagedFile` if it is not as written.
        """
        path = self._path(segment)
        rows: HalfOrSingle = files.map_npy(path)
        if len(rows) != segment["rows"]:
            raise files.DamagedFile(f"{path} has {len(rows)} rows, not {segment['rows']}")
        if segment["crc32"] is not None and (
            path.stat().st_size != segment["bytes"]
            or (not quick and files.crc32(path) != segment["crc32"])
        ):
            raise files.DamagedFile(f"{path} was changed since it was written")
        return rows

    def _path(self, registered: sqlite3.Row) -> Path:
        """Return the file of a row of the tables `segments` and `fits`."""
        return self._folder.joinpath(registered["descriptor"], registered["file"])

    def _name(self, path: Path) -> str:
        """Return the path of a file within the catalogue's folder."""
        return path.relative_to(self._folder.parent).as_posix()

    def _load_fit(self, descriptor: str) -> dict[str, AnyArray] | None:
        with self._database.connect() as db:
            row = db.execute("SELECT file FROM fits WHERE descriptor = ?", [descriptor]).fetchone()
        if row is None:
            return None
        return files.read_npz(self._folder / descriptor / row["file"])

    def _write_segments(self, descriptor: str, matrix: HalfOrSingle) -> list["_Written"]:
        """Write the rows as unregistered segments."""
        written = []
        for start in range(0, len(matrix), SEGMENT_ROWS):
            data = files.npy_bytes(matrix[start : start + SEGMENT_ROWS])
            name = files.write_new(self._folder / descriptor, data, ".npy", root=self._root)
            written.append(_Written(name, len(data), zlib.crc32(data)))
        return written


@dataclass(frozen=True, slots=True)
class _Written:
    """The file of a segment that was written: its name, size in bytes and CRC-32."""

    name: str
    size: int
    crc32: int


def _register(
    db: sqlite3.Connection,
    descriptor: str,
    fingerprint: str,
    segments: Sequence[_Written],
    items: Sequence[Item],
) -> None:
    """Register the files `segments`, which hold the rows of `items` in order."""
    for number, file in enumerate(segments):
        part = items[number * SEGMENT_ROWS : (number + 1) * SEGMENT_ROWS]
        segment = db.execute(
            "INSERT INTO segments (descriptor, fingerprint, file, rows, bytes, crc32) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [descriptor, fingerprint, file.name, len(part), file.size, file.crc32],
        ).lastrowid
        db.executemany(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)",
            [(descriptor, item.id, item.digest, segment, row) for row, item in enumerate(part)],
        )


def _blocks(
    rows: Sequence[sqlite3.Row], segments: Mapping[int, HalfOrSingle]
) -> Iterator[HalfOrSingle]:
    """Yield the rows in blocks, gathered from their segments."""
    for start in range(0, len(rows), SEGMENT_ROWS):
        part = rows[start : start + SEGMENT_ROWS]
        first = segments[part[0]["segment"]]
        block = np.empty((len(part), first.shape[1]), first.dtype)
        for segment in {row["segment"] for row in part}:
            target = [number for number, row in enumerate(part) if row["segment"] == segment]
            block[target] = segments[segment][[part[number]["row"] for number in target]]
        yield block
