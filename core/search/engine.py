"""From a query to results: what a person looks for, and what looks like it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from PIL import Image

from core.catalogue import Catalogue, Item
from core.descriptors import QueryKind
from core.pictures import WHOLE, Box
from core.search.example_pictures import example_picture, picture_of
from core.search.query import MAX_EXAMPLES, MAX_WEIGHT, Embedder, Query, RegionEmbedder, SearchError
from core.search.region_index import RegionIndex
from core.search.results import Neighbour, Results
from core.search.stored import _TO_MEND
from core.similarity import Index, ScoreDistribution
from core.viewpoints import VIEWPOINT_NAMES

# How much of the mean of the counter-examples is taken off the mean of the
# examples: beta 0.75 and gamma 0.25 of Rocchio, "Relevance feedback", 1971.
COUNTERWEIGHT = 1 / 3


def run(
    query: Query,
    *,
    catalogue: Catalogue,
    index: Index,
    embed: Embedder | None = None,
    viewpoints: Index | None = None,
    k: int = 9,
) -> Results:
    """Return the `k` items most like the query, without those it is made of.

    A query with a region is `run_for_parts`'s. The query's vector is the weighted mean of its
    examples minus a third of that of its counter-examples, all of unit length (Rocchio, 1971):
    one vector, and every example's part in a score can be told. With pictures there is a
    second one, of the same pictures mirrored: of its cosines the best is a model's score.

    Args:
        query: what to look for, and where.
        catalogue: where `index` comes from.
        index: the vectors of one descriptor, in the query's space.
        embed: the same descriptor's, bound to a network; needed for pictures only.
        sides: the models from other sides, for pictures only: the best match counts.
        k: how many neighbours, at most.

    Raises:
        SearchError: the query, or a picture of it, is empty or contradicts itself, or an item
            has no vector yet.
        UnknownItem: an item of the query is not in the catalogue.
    """
    check(query, catalogue)
    vectors = _vectors(query, catalogue, index, embed)
    mask = _mask(query, catalogue, index)
    found = _best_of_each_row(_hits(index, vectors, k=k, mask=mask, viewpoints=viewpoints))[:k]
    return _results(found, catalogue, index, index.spread(vectors), int(mask.sum()))


def run_for_parts(
    query: Query, *, catalogue: Catalogue, parts: RegionIndex, look: RegionEmbedder, k: int = 9
) -> Results:
    """Return the `k` items that hold something most like the parts that the query shows.

    As `run` does, but every example, whole or not, is compared with every window of every
    model's picture, and the neighbours say where in them the match lies.

    Args:
        query: what to look for, and where.
        catalogue: where `parts` comes from.
        parts: the cells of its models' pictures.
        look: `parts.look`, bound to a network.
        k: how many neighbours, at most.

    Raises as `run` does.
    """
    check(query, catalogue)
    vectors = np.stack(
        [look(picture_of(one, catalogue), one.region or WHOLE) for one in query.examples]
    )
    vector = _combined(vectors, query)
    mask = _mask(query, catalogue, parts)
    scores = parts.scores(vector)
    best = parts.best(vector, scores, k=k, mask=mask)
    found = [_Hit(one.row, one.score, region=one.box) for one in best]
    return _results(found, catalogue, parts, ScoreDistribution.over(scores), int(mask.sum()))


@dataclass(frozen=True, slots=True)
class _Hit:
    """A row in an answer, as `Neighbour` has it."""

    row: int
    score: float
    region: Box | None = None
    mirrored: bool = False
    viewpoint: str = ""


def _best_of_each_row(hits: Iterable[_Hit]) -> list[_Hit]:
    """Return each row once, with its best score, ranked.

    The hits are the first k of several answers: a row among the first k of all is among the
    first k of one of them.
    """
    best: dict[int, _Hit] = {}
    for hit in hits:
        if hit.row not in best or hit.score > best[hit.row].score:
            best[hit.row] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.row))


def _hits(
    index: Index, vectors: np.ndarray, *, k: int, mask: np.ndarray, viewpoints: Index | None
) -> Iterator[_Hit]:
    """Yield the best rows for each sight of a query, and for each of models from other sides."""
    for variant, answer in enumerate(index.top_k(vectors, k=k, mask=mask)):
        for row, score in zip(answer.rows.tolist(), answer.scores.tolist(), strict=True):
            yield _Hit(row, score, mirrored=variant > 0)
    if viewpoints is None:
        return
    # A model that was indexed meanwhile may be in one of the two only.
    rows = np.array([index.row_of.get(one, -1) for one in viewpoints.ids])
    allowed = (rows >= 0) & mask[rows]
    k *= len(VIEWPOINT_NAMES)
    for variant, answer in enumerate(viewpoints.top_k(vectors, k=k, mask=allowed)):
        for place, score in zip(answer.rows.tolist(), answer.scores.tolist(), strict=True):
            name = VIEWPOINT_NAMES[place % len(VIEWPOINT_NAMES)]
            yield _Hit(int(rows[place]), score, mirrored=variant > 0, viewpoint=name)


def _results(
    found: Sequence[_Hit],
    catalogue: Catalogue,
    among: Index | RegionIndex,
    spread: ScoreDistribution,
    count: int,
) -> Results:
    """Return the hits as neighbours, without items removed meanwhile."""
    items = {
        item.id: item for item in catalogue.items.get_many([among.ids[hit.row] for hit in found])
    }
    there = [hit for hit in found if among.ids[hit.row] in items]
    neighbours = tuple(
        Neighbour(
            items[among.ids[hit.row]],
            rank,
            hit.score,
            spread.of(hit.score),
            region=hit.region,
            mirrored=hit.mirrored,
            viewpoint=hit.viewpoint,
        )
        for rank, hit in enumerate(there, start=1)
    )
    return Results(neighbours, count, NormalDist().inv_cdf(1 - 1 / max(2, len(among))))


def check(query: Query, catalogue: Catalogue) -> None:
    """Raise `SearchError` if the query cannot be meant, before a network is loaded for it."""
    if not any(one.weight > 0 for one in query.examples):
        raise SearchError(
            "There is nothing to look for: give a picture or choose a model that is like it."
        )
    if len(query.examples) > MAX_EXAMPLES:
        raise SearchError(
            f"These are {len(query.examples)} examples; {MAX_EXAMPLES} are the most that can be "
            "combined. Take some away."
        )
    if any(not 0 < abs(one.weight) <= MAX_WEIGHT for one in query.examples):
        raise SearchError(f"An example counts between 0 and {MAX_WEIGHT:.0f} times; not more.")
    wanted, unwanted = (
        {(one.item, one.region) for one in query.examples if one.item and one.weight * sign > 0}
        for sign in (1, -1)
    )
    for item_id, _ in wanted & unwanted:
        raise SearchError(
            f"“{catalogue.items.get(str(item_id)).name}” is an example and a counter-example. "
            "Take one of the two away."
        )
    for one in query.examples:
        if one.items and query.for_parts:
            raise SearchError(
                "A set of models cannot be looked for together with a part of something. "
                "Take one of the two away."
            )
        if one.picture is not None or one.region is not None:
            example_picture(one, catalogue)


def _vectors(
    query: Query, catalogue: Catalogue, index: Index, embed: Embedder | None
) -> np.ndarray:
    """Return the query's vectors, float64 (sights, dimensions)."""
    pictures: dict[QueryKind, list[tuple[int, Image.Image]]] = {}
    variants: list[np.ndarray] = [np.empty(0)] * len(query.examples)
    for number, one in enumerate(query.examples):
        if one.picture is not None:
            pictures.setdefault(one.query_kind, []).append((number, one.picture))
        elif one.items:
            variants[number] = centroid(one.items, catalogue, index)
        else:
            variants[number] = index.rows([_row(str(one.item), catalogue, index)])
    for query_kind, numbered in pictures.items():
        if embed is None:
            raise ValueError("pictures cannot be compared without `embed`")
        embedded = embed([picture for _, picture in numbered], query_kind=query_kind)
        for (number, _), seen in zip(numbered, embedded, strict=True):
            variants[number] = seen
    # A model looks as it does beside both sights of a picture.
    return _combined(np.stack(np.broadcast_arrays(*variants)), query)


def _combined(vectors: np.ndarray, query: Query) -> np.ndarray:
    """Return what the examples' vectors, along the first axis, say together."""
    weights = np.array([one.weight for one in query.examples])
    vector = np.average(vectors, axis=0, weights=np.maximum(weights, 0))
    if weights.min() < 0:
        unlike = np.average(vectors, axis=0, weights=np.maximum(-weights, 0))
        vector = vector - COUNTERWEIGHT * unlike
    return np.asarray(vector)


def centroid(ids: Sequence[str], catalogue: Catalogue, index: Index) -> np.ndarray:
    """Return the mean of the unit rows of items, float64 (1, dimensions).

    Those without a vector are left out; raises `SearchError` where none has one.
    """
    rows = [index.row_of[one] for one in ids if one in index.row_of]
    if not rows:
        raise SearchError(
            "None of these models has been indexed yet. " + _TO_MEND.format(name=catalogue.name)
        )
    vectors = index.rows(rows)
    vectors = vectors[np.isfinite(vectors).all(axis=1)]
    if not len(vectors):
        return np.zeros((1, index.dimensions))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray((vectors / np.maximum(lengths, 1e-12)).mean(axis=0, keepdims=True))


def rank_by_typicality(items: Sequence[Item], *, catalogue: Catalogue, index: Index) -> Results:
    """Return a set of items as results, the most typical first: by cosine to their `centroid`.

    Those without a vector come last, with the score 0. None of them stands out.
    """
    if not items:
        return Results((), 0, 0.0)
    try:
        scores = index.scores(centroid([item.id for item in items], catalogue, index))[0]
    except SearchError:
        scores = np.zeros(len(index))
    of = [float(scores[index.row_of[one.id]]) if one.id in index.row_of else 0.0 for one in items]
    order = sorted(
        range(len(items)), key=lambda number: (items[number].id not in index.row_of, -of[number])
    )
    return Results(
        tuple(
            Neighbour(items[number], rank, of[number], 0.0)
            for rank, number in enumerate(order, start=1)
        ),
        len(items),
        0.0,
    )


def _row(item_id: str, catalogue: Catalogue, index: Index) -> int:
    if (row := index.row_of.get(item_id)) is not None:
        return row
    item = catalogue.items.get(item_id)
    raise SearchError(
        f"“{item.name}” has not been indexed yet. " + _TO_MEND.format(name=catalogue.name)
    )


def _mask(query: Query, catalogue: Catalogue, index: Index | RegionIndex) -> np.ndarray:
    """Return which rows may be answered: those the filters allow, without the query's own."""
    if query.filters:
        allowed = set(catalogue.items.ids(query.filters))
        mask = np.fromiter((item_id in allowed for item_id in index.ids), bool, len(index))
    else:
        mask = np.ones(len(index), bool)
    for one in query.examples:
        for item_id in (*one.items, one.item):
            if (row := index.row_of.get(str(item_id))) is not None:
                mask[row] = False
    return mask
