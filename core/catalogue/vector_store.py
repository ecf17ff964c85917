"""The vectors of a catalogue, in segments."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# A segment is what one interrupted run can lose and what one read touches:
# 2,048 rows of `published` are 205 MB.
SEGMENT_ROWS = 2048
# Past this many segments, or with fewer live rows than dead ones, rows are rewritten.
SEGMENTS_BEFORE_COMPACTION = 24


@dataclass(frozen=True, slots=True)
class Vectors:
    """Stored vectors of one descriptor, a row an item of `ids`, in item order.

    `blocks` is read once and yields the rows as arrays of shape
    (up to 2,048, dimensions): `published` of a large catalogue does not fit in memory.
    """

    ids: tuple[str, ...]
    blocks: Iterator[np.ndarray]

    def matrix(self) -> np.ndarray:
        """Return all rows as one array."""
        blocks = list(self.blocks)
        return np.concatenate(blocks) if blocks else np.empty((0, 0), np.float32)


def _blocks(
    rows: Sequence[sqlite3.Row], segments: Mapping[str, np.ndarray]
) -> Iterator[np.ndarray]:
    """Yield the rows in blocks, gathered from wherever they were stored."""
    for start in range(0, len(rows), SEGMENT_ROWS):
        part = rows[start : start + SEGMENT_ROWS]
        like = segments[part[0]["file"]]
        block = np.empty((len(part), like.shape[1]), like.dtype)
        for file in {row["file"] for row in part}:
            target = [number for number, row in enumerate(part) if row["file"] == file]
            block[target] = segments[file][[part[number]["row"] for number in target]]
        yield block
