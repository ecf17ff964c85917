"""The vectors of a catalogue's items, and the fits of descriptors.

Rows are stored in segments, files of at most 2,048 rows. A segment is written completely and then
registered in one transaction with the items of its rows: a crash leaves an unregistered file,
which `sweep` deletes. Items that are removed or change leave dead rows, which `compact` drops when
it rewrites the others.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from core import files
from core.catalogue.database import Database
from core.catalogue.item import Item, item_from_row
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
        """Return the vectors with this fingerprint of all shown items, in item order."""

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
        """Return the parameters that `save_fit` stored, or None if there is no fit."""

    def sweep(self) -> None:
        """Delete rows and files that a crash or a change left behind."""


class SegmentVectorStore:
    """A `VectorStore` in memory-mapped `.npy` files."""

    def __init__(self, database: Database, folder: Path) -> None:
        """Use `database`, and `folder` with a folder for each descriptor."""
        self._database = database
        self._folder = folder

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
        """Return the vectors with this fingerprint of all shown items, in item order."""
        return files.read_again(lambda: self._read(descriptor, fingerprint))

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
        fit = files.write_new(self._folder / descriptor, files.npz_bytes(arrays), ".npz")
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
        """Return the parameters that `save_fit` stored, or None if there is no fit."""
        return files.read_again(lambda: self._load_fit(descriptor))

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
            known = {
                self._folder / row["descriptor"] / row["file"]
                for table in ("segments", "fits")
                for row in db.execute(f"SELECT descriptor, file FROM {table}")
            }
        for path in self._folder.rglob("*"):
            if path.is_file() and path not in known:
                path.unlink(missing_ok=True)

    def _read(self, descriptor: str, fingerprint: str) -> Vectors:
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT i.id, s.file, v.row FROM items i "
                "JOIN vectors v ON v.item_id = i.id AND v.digest = i.digest "
                "JOIN segments s ON s.id = v.segment "
                "WHERE v.descriptor = ? AND s.fingerprint = ? AND i.comparable "
                "ORDER BY i.position",
                [descriptor, fingerprint],
            ).fetchall()
        folder = self._folder / descriptor
        # Opened now: an open file can be read even after it was deleted.
        segments = {
            file: np.load(folder / file, mmap_mode="r") for file in {row["file"] for row in rows}
        }
        return Vectors(tuple(row["id"] for row in rows), _blocks(rows, segments))

    def _load_fit(self, descriptor: str) -> dict[str, AnyArray] | None:
        with self._database.connect() as db:
            row = db.execute("SELECT file FROM fits WHERE descriptor = ?", [descriptor]).fetchone()
        if row is None:
            return None
        with np.load(self._folder / descriptor / row["file"]) as arrays:
            return dict(arrays)

    def _write_segments(self, descriptor: str, matrix: HalfOrSingle) -> list[str]:
        """Write the rows as unregistered segments, and return their file names."""
        names = []
        for start in range(0, len(matrix), SEGMENT_ROWS):
            data = files.npy_bytes(matrix[start : start + SEGMENT_ROWS])
            names.append(files.write_new(self._folder / descriptor, data, ".npy"))
        return names


def _register(
    db: sqlite3.Connection,
    descriptor: str,
    fingerprint: str,
    segments: Sequence[str],
    items: Sequence[Item],
) -> None:
    """Register the files `segments`, which hold the rows of `items` in order."""
    for number, file in enumerate(segments):
        part = items[number * SEGMENT_ROWS : (number + 1) * SEGMENT_ROWS]
        segment = db.execute(
            "INSERT INTO segments (descriptor, fingerprint, file, rows) VALUES (?, ?, ?, ?)",
            [descriptor, fingerprint, file, len(part)],
        ).lastrowid
        db.executemany(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)",
            [(descriptor, item.id, item.digest, segment, row) for row, item in enumerate(part)],
        )


def _blocks(
    rows: Sequence[sqlite3.Row], segments: Mapping[str, HalfOrSingle]
) -> Iterator[HalfOrSingle]:
    """Yield the rows in blocks, gathered from their segments."""
    for start in range(0, len(rows), SEGMENT_ROWS):
        part = rows[start : start + SEGMENT_ROWS]
        first = segments[part[0]["file"]]
        block = np.empty((len(part), first.shape[1]), first.dtype)
        for file in {row["file"] for row in part}:
            target = [number for number, row in enumerate(part) if row["file"] == file]
            block[target] = segments[file][[part[number]["row"] for number in target]]
        yield block
