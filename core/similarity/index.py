"""Exact cosine similarity: the rows of an index that are most like a query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Scores held at once, in float32: 16 MB, whatever the catalogue's size.
MAX_SCORES = 4_000_000
# Rows ranked at once, in float64: 51 MB of `published`.
MAX_EXACT_ROWS = 256
# How far a float32 cosine may be from the float64 one. Measured on unit rows of
# 25,088 numbers: 4e-7 at worst.
ROUNDING = 1e-4
# Scores that agree to this many decimals are ties; float64 sums differ by 1e-14.
DECIMALS = 12


@dataclass(frozen=True, slots=True)
class TopK:
    """The best rows of an index for one query, best first.

    `rows` is intp and `scores` float64, both of shape (k,) or shorter where
    fewer rows may be answered.
    """

    rows: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True, slots=True)
class ScoreDistribution:
    """How the scores of one query with all rows are spread: their median, and their deviation.

    The deviation is 1.4826 times the median distance from the median, which for normally
    distributed scores is the standard deviation, and which a few close rows do not change.
    """

    centre: float
    deviation: float

    @classmethod
    def over(cls, scores: np.ndarray) -> "ScoreDistribution":
        """Return how scores are spread; not at all where there are none."""
        if not len(scores):
            return cls(0.0, 0.0)
        centre = float(np.median(scores))
        return cls(centre, 1.4826 * float(np.median(np.abs(scores - centre))))

    def of(self, score: float) -> float:
        """Return how many deviations `score` lies above the centre; 0 where there is no spread."""
        return (score - self.centre) / self.deviation if self.deviation else 0.0


class Index:
    """The vectors of one descriptor of one catalogue, searched exactly.

    Blocks of which more than half is zero are kept as sparse rows: `published`
    vectors are 93 % zeros, and take 13 kB an item in place of 100.

    A row that is not finite is never answered. A row of zeros is like nothing:
    its cosine with anything is 0.
    """

    def __init__(self, ids: Sequence[str], blocks: Iterable[np.ndarray]) -> None:
        """Take `ids[i]` as the name of row i, the rows given in float blocks (n, dimensions).

        Raises `ValueError` if names and rows differ in number.
        """
        self.ids = tuple(ids)
        self._blocks: list[np.ndarray | csr_array] = []
        exponents = []
        for block in blocks:
            scaled, exponent = _scaled(np.asarray(block, np.float32))
            self._blocks.append(_pack(scaled))
            exponents.append(exponent)
        self._exponents = np.concatenate(exponents) if exponents else np.empty(0, np.intc)
        rows = sum(block.shape[0] for block in self._blocks)
        if rows != len(self.ids):
            raise ValueError(f"{len(self.ids)} ids for {rows} rows")
        self._starts = np.cumsum([0, *(block.shape[0] for block in self._blocks)])
        norms = [_norms(block) for block in self._blocks]
        self._norms = np.concatenate(norms) if norms else np.empty(0)
        self._finite = np.isfinite(self._norms)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    @property
    def dimensions(self) -> int:
        """How many numbers a row has."""
        return int(self._blocks[0].shape[1]) if self._blocks else 0

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each id."""
        return {item_id: row for row, item_id in enumerate(self.ids)}

    def rows(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return rows by number, as they were given: float64 (len(numbers), dimensions)."""
        numbers = np.asarray(numbers, np.intp)
        return np.asarray(np.ldexp(self._gather(numbers), self._exponents[numbers, np.newaxis]))

    def _gather(self, numbers: np.ndarray) -> np.ndarray:
        """Return rows by number, as they are scaled: float64 (len(numbers), dimensions)."""
        gathered = np.empty((len(numbers), self.dimensions))
        owner = np.searchsorted(self._starts, numbers, side="right") - 1
        for block in np.unique(owner):
            target = np.flatnonzero(owner == block)
            part = self._blocks[block][numbers[target] - self._starts[block]]
            gathered[target] = part if isinstance(part, np.ndarray) else part.toarray()
        return gathered

    def top_k(self, queries: np.ndarray, *, k: int, mask: np.ndarray | None = None) -> list[TopK]:
        """Return the `k` rows with the highest cosine to each query, ties in row order.

        A float32 product over all rows gives a shortlist that surely holds the
        answer, and float64 ranks it: the answer is that of float64 brute force.

        Args:
            queries: float, (n, dimensions).
            k: at least 1; fewer rows are answered where there are fewer.
            mask: bool, (rows,); rows where it is False are not answered.

        Raises:
            ValueError: a query is not finite, or a shape or `k` does not fit.
        """
        if k < 1:
            raise ValueError(f"k is {k}; it must be at least 1")
        if not np.isfinite(queries).all():
            raise ValueError("a query holds NaN or infinity")
        if mask is not None and np.shape(mask) != (len(self),):
            raise ValueError(f"a mask of shape {np.shape(mask)} for {len(self)} rows")
        allowed = self._finite if mask is None else self._finite & np.asarray(mask, bool)
        queries = _unit(queries)
        if not allowed.any():
            return [TopK(np.empty(0, np.intp), np.empty(0)) for _ in queries]
        if queries.shape[1] != self.dimensions:
            raise ValueError(f"queries have {queries.shape[1]} numbers, rows {self.dimensions}")
        step = max(1, MAX_SCORES // len(self))
        parts = (queries[start : start + step] for start in range(0, len(queries), step))
        return [
            self._rank(query, scores, k, allowed)
            for part in parts
            for query, scores in zip(part, self._scores(part), strict=True)
        ]

    def scores(self, queries: np.ndarray) -> np.ndarray:
        """Return the cosine of each query with every row, float32 (queries, rows).

        Right to 4e-7: for colours and orders of many, not for ranks, which `top_k` gives.
        Those of rows that are not finite are 0. Raises `ValueError` if a query is not finite.
        """
        if not np.isfinite(queries).all():
            raise ValueError("a query holds NaN or infinity")
        if not len(self):
            return np.empty((len(np.atleast_2d(queries)), 0), np.float32)
        return np.where(self._finite, self._scores(_unit(queries)), np.float32(0))

    def rank_of(self, row: int, queries: np.ndarray) -> int:
        """Return at which place a finite row is answered, 1 for the first, as `top_k` does.

        Of several queries, (n, dimensions), the one that a row is most like counts.

        Only rows whose float32 cosine is close to that of `row` are compared in float64:
        asked for all rows of `published`, `top_k` takes a hundred times as long.
        """
        queries = _unit(queries)
        scores = self._scores(queries).max(axis=0)
        better = self._finite & (scores > scores[row] + 2 * ROUNDING)
        close = np.flatnonzero(self._finite & (np.abs(scores - scores[row]) <= 2 * ROUNDING))
        exact = np.max([self._exact(query, close) for query in queries], axis=0)
        own = exact[close == row]
        ahead = (exact > own) | ((exact == own) & (close < row))
        return 1 + int(better.sum()) + int(ahead.sum())

    def spread(self, queries: np.ndarray) -> ScoreDistribution:
        """Return how the cosines of all finite rows with a query, (dimensions,), are spread.

        Of several queries, (n, dimensions), the one that a row is most like counts.
        Raises `ValueError` if a query is not finite.
        """
        if not np.isfinite(queries).all():
            raise ValueError("a query holds NaN or infinity")
        if not len(self):
            return ScoreDistribution(0.0, 0.0)
        return ScoreDistribution.over(self._scores(_unit(queries)).max(axis=0)[self._finite])

    def _scores(self, queries: np.ndarray) -> np.ndarray:
        """Return the float32 cosines (queries, rows), rounding errors and all."""
        single = queries.astype(np.float32)
        with np.errstate(invalid="ignore"):  # rows that are not finite are left out later
            products = np.hstack([np.asarray((block @ single.T).T) for block in self._blocks])
            scale = np.divide(1, self._norms, out=np.zeros_like(self._norms), where=self._norms > 0)
            return products * scale.astype(np.float32)

    def _rank(self, query: np.ndarray, scores: np.ndarray, k: int, allowed: np.ndarray) -> TopK:
        candidates = np.flatnonzero(allowed)
        if len(candidates) > k:
            among = scores[candidates]
            least = np.partition(among, len(among) - k)[len(among) - k]
            candidates = candidates[among >= least - ROUNDING]
        exact = self._exact(query, candidates)
        best = np.lexsort((candidates, -exact))[:k]
        return TopK(candidates[best], exact[best])

    def _exact(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the float64 cosines of some rows with a query of length 1, rounded."""
        norms = self._norms[rows]
        exact = np.empty(len(rows))
        for start in range(0, len(rows), MAX_EXACT_ROWS):
            part = slice(start, start + MAX_EXACT_ROWS)
            exact[part] = np.einsum("ij,j->i", self._gather(rows[part]), query)
        exact = np.divide(exact, norms, out=np.zeros_like(exact), where=norms > 0)
        return np.asarray(np.clip(exact.round(DECIMALS), -1, 1))


def _unit(queries: np.ndarray) -> np.ndarray:
    """Return queries, one or several, scaled to length 1: float64 (n, dimensions)."""
    queries = np.atleast_2d(np.asarray(queries, np.float64))
    norms = np.linalg.norm(queries, axis=1, keepdims=True)
    return np.asarray(np.divide(queries, norms, out=np.zeros_like(queries), where=norms > 0))


def _scaled(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows scaled by powers of two, which rounds nothing, and the exponents.

    Rows of any length then stay within what float32 can multiply and add.
    """
    largest = np.abs(block).max(axis=1, initial=0)
    _, exponents = np.frexp(np.where(np.isfinite(largest), largest, 0))
    return np.ldexp(block, -exponents[:, np.newaxis]).astype(np.float32), exponents


def _pack(block: np.ndarray) -> "np.ndarray | csr_array":
    """Return `block` in float32 and in whichever of dense and sparse rows is smaller."""
    if np.count_nonzero(block) * 2 >= block.size:
        return block
    # Imported here: 0.1 s that the first gallery need not wait for.
    from scipy.sparse import csr_array

    return csr_array(block)


def _norms(block: "np.ndarray | csr_array") -> np.ndarray:
    """Return the length of each row in float64; not finite where the row is not."""
    if isinstance(block, np.ndarray):
        return np.asarray(np.linalg.norm(block.astype(np.float64), axis=1))
    return np.asarray(np.sqrt(block.astype(np.float64).power(2).sum(axis=1)))
