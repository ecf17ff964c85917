"""Exact nearest-neighbour search by cosine similarity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.linalg import HalfOrSingle, SingleOrDouble, unit_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Scores in memory at the same time, in float32: 16 MB, whatever the catalogue's size.
MAX_SCORES = 4_000_000
# Rows ranked at the same time, in float64: 51 MB of `published`.
MAX_EXACT_ROWS = 256
# How far a float32 cosine may be from the float64 one. Measured on unit rows of
# 25,088 numbers: 4e-7 at worst.
ROUNDING = 1e-4
# Scores that agree to this many decimals are ties; float64 sums differ by 1e-14.
DECIMALS = 12


@dataclass(frozen=True, slots=True)
class TopK:
    """The best rows of an index for one query, best first.

    Attributes:
        rows: (k,), their numbers; fewer if fewer rows are allowed.
        scores: as many, their cosine similarity.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoreDistribution:
    """The distribution of the scores of all rows for one query.

    Attributes:
        centre: the median.
        deviation: 1.4826 times the median absolute deviation: the standard deviation of normally
            distributed scores, and robust against a few high scores.
    """

    centre: float
    deviation: float

    @classmethod
    def over(cls, scores: SingleOrDouble) -> "ScoreDistribution":
        """Return the distribution of scores, (n,); zeros if there are none."""
        if not len(scores):
            return cls(0.0, 0.0)
        centre = float(np.median(scores))
        return cls(centre, 1.4826 * float(np.median(np.abs(scores - centre))))

    def z_score(self, score: float) -> float:
        """Return the z-score of a score: deviations above the centre; 0 if all are equal."""
        return (score - self.centre) / self.deviation if self.deviation else 0.0


class Index:
    """The vectors of one descriptor of one catalogue, searched exactly.

    Blocks that are more than half zeros are stored as sparse rows: `published` vectors are 93 %
    zeros and take 13 kB per item instead of 100.

    A row that is not finite is never a result. A row of zeros is similar to nothing: its cosine
    with any query is 0.

    Attributes:
        ids: `ids[i]` is the id of row i.
    """

    def __init__(self, ids: Sequence[str], blocks: Iterable[HalfOrSingle]) -> None:
        """Build an index of rows that are given in blocks, each (n, dimensions).

        Raises `ValueError` if there are not as many rows as ids.
        """
        self.ids = tuple(ids)
        self._blocks: list[NDArray[np.float32] | csr_array] = []
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
        """The length of a row in numbers; 0 if there are no rows."""
        return int(self._blocks[0].shape[1]) if self._blocks else 0

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each id."""
        return {item_id: row for row, item_id in enumerate(self.ids)}

    def rows(self, numbers: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float64]:
        """Return rows by number, as they were given: (len(numbers), dimensions)."""
        chosen = np.asarray(numbers, np.intp)
        return np.asarray(np.ldexp(self._gather(chosen), self._exponents[chosen, np.newaxis]))

    def unit_rows(self) -> NDArray[np.float32]:
        """Return all rows scaled to length 1: (n, dimensions).

        A row that is zero or not finite becomes a row of zeros.
        """
        rows = self.rows(range(len(self)))
        rows[~np.isfinite(rows).all(axis=1)] = 0
        return unit_rows(rows).astype(np.float32)

    def top_k(
        self, queries: SingleOrDouble, *, k: int, mask: NDArray[np.bool_] | None = None
    ) -> list[TopK]:
        """Return the `k` rows with the highest cosine to each query, ties in row order.

        A float32 product over all rows gives a shortlist that certainly holds the best rows, and
        float64 ranks it: the result is that of float64 brute force.

        Args:
            queries: (n, dimensions).
            k: at least 1; the result is shorter if there are fewer rows.
            mask: (rows,); rows where it is False are left out.

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
        unit_queries = _unit_queries(queries)
        if not allowed.any():
            return [TopK(np.empty(0, np.intp), np.empty(0)) for _ in unit_queries]
        if unit_queries.shape[1] != self.dimensions:
            raise ValueError(
                f"queries have {unit_queries.shape[1]} numbers, rows {self.dimensions}"
            )
        step = max(1, MAX_SCORES // len(self))
        parts = (unit_queries[start : start + step] for start in range(0, len(unit_queries), step))
        return [
            self._rank(query, scores, k, allowed)
            for part in parts
            for query, scores in zip(part, self._scores(part), strict=True)
        ]

    def scores(self, queries: SingleOrDouble) -> NDArray[np.float32]:
        """Return the cosine of each query with every row, (queries, rows).

        Accurate to 4e-7: for colours and for sorting, not for ranks, which `top_k` gives. The
        scores of rows that are not finite are 0. Raises `ValueError` if a query is not finite.
        """
        if not np.isfinite(queries).all():
            raise ValueError("a query holds NaN or infinity")
        if not len(self):
            return np.empty((len(np.atleast_2d(queries)), 0), np.float32)
        return np.where(self._finite, self._scores(_unit_queries(queries)), np.float32(0))

    def rank_of(self, row: int, queries: SingleOrDouble) -> int:
        """Return the rank of a finite row, 1 for the best, as `top_k` would rank it.

        With several queries, (n, dimensions), a row is ranked by its highest cosine.

        Only rows whose float32 cosine is close to that of `row` are compared in float64: for all
        rows of `published`, `top_k` takes a hundred times as long.
        """
        unit_queries = _unit_queries(queries)
        scores = self._scores(unit_queries).max(axis=0)
        better = self._finite & (scores > scores[row] + 2 * ROUNDING)
        close = np.flatnonzero(self._finite & (np.abs(scores - scores[row]) <= 2 * ROUNDING))
        exact = np.max([self._exact(query, close) for query in unit_queries], axis=0)
        own = exact[close == row]
        ahead = (exact > own) | ((exact == own) & (close < row))
        return 1 + int(better.sum()) + int(ahead.sum())

    def score_distribution(self, queries: SingleOrDouble) -> ScoreDistribution:
        """Return the distribution of the cosines of all finite rows with a query, (dimensions,).

        With several queries, (n, dimensions), a row counts with its highest cosine.
        Raises `ValueError` if a query is not finite.
        """
        if not np.isfinite(queries).all():
            raise ValueError("a query holds NaN or infinity")
        if not len(self):
            return ScoreDistribution(0.0, 0.0)
        scores = self._scores(_unit_queries(queries)).max(axis=0)
        return ScoreDistribution.over(scores[self._finite])

    def _gather(self, numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return rows by number, scaled by powers of two: (len(numbers), dimensions)."""
        gathered = np.empty((len(numbers), self.dimensions))
        block_of = np.searchsorted(self._starts, numbers, side="right") - 1
        for block in np.unique(block_of):
            target = np.flatnonzero(block_of == block)
            part = self._blocks[block][numbers[target] - self._starts[block]]
            gathered[target] = part if isinstance(part, np.ndarray) else part.toarray()
        return gathered

    def _scores(self, queries: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the cosines (queries, rows) with rounding errors of float32."""
        single = queries.astype(np.float32)
        with np.errstate(invalid="ignore"):  # rows that are not finite are left out later
            products = np.hstack([np.asarray((block @ single.T).T) for block in self._blocks])
            scale = np.divide(1, self._norms, out=np.zeros_like(self._norms), where=self._norms > 0)
            return np.asarray(products * scale.astype(np.float32))

    def _rank(
        self,
        query: NDArray[np.float64],
        scores: NDArray[np.float32],
        k: int,
        allowed: NDArray[np.bool_],
    ) -> TopK:
        """Return the `k` best allowed rows for a query of length 1, given its float32 scores."""
        candidates = np.flatnonzero(allowed)
        if len(candidates) > k:
            candidate_scores = scores[candidates]
            kth = np.partition(candidate_scores, len(candidates) - k)[len(candidates) - k]
            candidates = candidates[candidate_scores >= kth - ROUNDING]
        exact = self._exact(query, candidates)
        best = np.lexsort((candidates, -exact))[:k]
        return TopK(candidates[best], exact[best])

    def _exact(self, query: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the cosines of some rows with a query of length 1, rounded to `DECIMALS`."""
        norms = self._norms[rows]
        exact = np.empty(len(rows))
        for start in range(0, len(rows), MAX_EXACT_ROWS):
            part = slice(start, start + MAX_EXACT_ROWS)
            exact[part] = np.einsum("ij,j->i", self._gather(rows[part]), query)
        exact = np.divide(exact, norms, out=np.zeros_like(exact), where=norms > 0)
        return np.asarray(np.clip(exact.round(DECIMALS), -1, 1))


def _unit_queries(queries: SingleOrDouble) -> NDArray[np.float64]:
    """Return one query, (dimensions,), or several as rows of length 1: (n, dimensions)."""
    return unit_rows(np.atleast_2d(np.asarray(queries, np.float64)))


def _scaled(block: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intc]]:
    """Return the rows scaled by powers of two, which is exact, and the exponents.

    This keeps rows of any length within the range that float32 can multiply and add.
    """
    largest = np.abs(block).max(axis=1, initial=0)
    _, exponents = np.frexp(np.where(np.isfinite(largest), largest, 0))
    return np.ldexp(block, -exponents[:, np.newaxis]).astype(np.float32), exponents


def _pack(block: NDArray[np.float32]) -> "NDArray[np.float32] | csr_array":
    """Return `block` as a dense array or as sparse rows, whichever is smaller."""
    if np.count_nonzero(block) * 2 >= block.size:
        return block
    # Imported here: it takes 0.1 s, which the first gallery does not need.
    from scipy.sparse import csr_array

    return csr_array(block)


def _norms(block: "NDArray[np.float32] | csr_array") -> NDArray[np.float64]:
    """Return the length of each row; not finite where the row is not."""
    if isinstance(block, np.ndarray):
        return np.asarray(np.linalg.norm(block.astype(np.float64), axis=1))
    return np.asarray(np.sqrt(block.astype(np.float64).power(2).sum(axis=1)))
