"""Answer a query: resolve its examples, score the models, present the best as results."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Item
from core.descriptors import Embedded, Space
from core.linalg import SingleOrDouble, unit_rows
from core.pictures import WHOLE, Box
from core.search import colours
from core.search.errors import NothingToSee, NotIndexedError
from core.search.example_pictures import ResolvedExample, resolve
from core.search.query import (
    Embedder,
    ItemExample,
    ItemsExample,
    PictureExample,
    Query,
    RegionEmbedder,
)
from core.search.region_index import RegionIndex
from core.search.results import Neighbour, Results, z_cutoff
from core.search.viewpoints import ViewpointIndex
from core.similarity import Index, ScoreDistribution

# How much of the mean of the negative examples is subtracted from the mean of the positive
# ones: beta 0.75 and gamma 0.25 of Rocchio, "Relevance feedback", 1971.
COUNTERWEIGHT = 1 / 3

# Returns what a descriptor stored, in one of its spaces.
IndexInSpace = Callable[[Space], Index]
ViewpointsInSpace = Callable[[Space], ViewpointIndex | None]


def run(
    query: Query,
    *,
    catalogue: Catalogue,
    index_in: IndexInSpace,
    embed: Embedder | None = None,
    viewpoints_in: ViewpointsInSpace | None = None,
    k: int = 9,
    colour_weight: float = colours.WEIGHT,
) -> Results:
    """Return the `k` items most similar to a query without regions, its own items left out.

    The vector of the query is the weighted mean of its positive examples minus a third of that of
    its negative ones, all of unit length (Rocchio, 1971). As it is one vector, the share of each
    example in a score can be shown. If there are pictures, a second vector is made from the
    mirrored pictures; the higher of a model's two cosines is its score.

    Models are compared in the space "models", and so are photographs; as soon as one example is
    another picture or a drawing, all are compared in the space "pictures".

    If a drawing from the sketch pad has colours, the first of the ranking are put into another
    order: the similarity of their colours adds to their scores, which stay what they are.

    Args:
        query: what to search for; `run_regions` answers queries with regions.
        catalogue: the catalogue that the indexes were made from.
        index_in: returns the vectors of one descriptor in a space.
        embed: the same descriptor's `embed`, bound to a network; only for queries with pictures.
        viewpoints_in: returns the models from other viewpoints in a space, only for queries with
            pictures: the best match of a model counts.
        k: the most neighbours to return.
        colour_weight: how much the similarity of colours, 0 to 1, adds to a score.

    Raises:
        SearchError: the query is not valid, as `resolve` finds before anything is embedded.
        NotIndexedError: an item of the query has no vector yet.
        UnknownItem: an item of the query is not in the catalogue.
        ValueError: the query has regions, or pictures and no `embed`.
    """
    resolved = resolve(query, catalogue)
    if query.has_regions:
        raise ValueError("a query with regions is answered by `run_regions`")
    embedded = _embed_pictures(resolved, embed)
    space = "models" if embedded is None else embedded.space()
    index = index_in(space)
    viewpoints = viewpoints_in(space) if viewpoints_in and embedded is not None else None
    vectors = _query_vectors(resolved, catalogue, index, embedded)
    mask = _mask(query, catalogue, index)
    wanted = colours.of_drawings(query.examples) if colour_weight else None
    depth = k if wanted is None else max(k, colours.SHORTLIST)
    rows = _best_of_each_row(
        _scored_rows(index, vectors, k=depth, mask=mask, viewpoints=viewpoints)
    )[:depth]
    if wanted is not None:
        rows = _by_colours(rows, wanted, catalogue, index, colour_weight)
    distribution = index.score_distribution(vectors)
    return _present(
        rows[:k],
        catalogue,
        index,
        distribution,
        int(mask.sum()),
        space=space,
        by_colours=wanted is not None,
    )


def run_regions(
    query: Query,
    *,
    catalogue: Catalogue,
    regions: RegionIndex,
    embed_region: RegionEmbedder,
    k: int = 9,
) -> Results:
    """Return the `k` items with the regions most similar to those of a query.

    Works like `run`, but compares every example, whole or not, with every window of every model's
    picture. The neighbours say where in their pictures the match lies.

    Args:
        query: what to search for.
        catalogue: the catalogue that `regions` was made from.
        regions: the region index of its models.
        embed_region: `region_index.embed_region`, bound to a network.
        k: the most neighbours to return.

    Raises:
        SearchError: the query is not valid, as `resolve` finds before anything is embedded.
        UnknownItem: an item of the query is not in the catalogue.
        ValueError: the query has no regions.
    """
    resolved = resolve(query, catalogue)
    if not query.has_regions:
        raise ValueError("a query without regions is answered by `run`")
    vector = _combine(
        np.stack([_embed_region(one, embed_region) for one in resolved]),
        [example.weight for example in query.examples],
    )
    mask = _mask(query, catalogue, regions)
    scores = regions.scores(vector)
    rows = [
        _ScoredRow(match.row, match.score, region=match.box)
        for match in regions.best(vector, scores, k=k, mask=mask)
    ]
    return _present(rows, catalogue, regions, ScoreDistribution.over(scores), int(mask.sum()))


def rank_by_typicality(items: Sequence[Item], *, catalogue: Catalogue, index: Index) -> Results:
    """Return a set of items as results, the most typical first: by cosine to their `centroid`.

    Items without a vector come last, with a score of 0. No item has a `z_score` above 0.
    """
    if not items:
        return Results((), 0, 0.0)
    try:
        scores = index.scores(centroid([item.id for item in items], catalogue, index))[0]
    except NotIndexedError:
        scores = np.zeros(len(index), np.float32)
    own = [
        float(scores[index.row_of[item.id]]) if item.id in index.row_of else 0.0 for item in items
    ]
    order = sorted(
        range(len(items)), key=lambda number: (items[number].id not in index.row_of, -own[number])
    )
    return Results(
        tuple(
            Neighbour(items[number], rank, own[number], 0.0)
            for rank, number in enumerate(order, start=1)
        ),
        len(items),
        0.0,
    )


def centroid(item_ids: Sequence[str], catalogue: Catalogue, index: Index) -> NDArray[np.float64]:
    """Return the mean of the items' vectors, each scaled to length 1: float64 (1, dimensions).

    Items without a vector are left out. Raises `NotIndexedError` if none has one.
    """
    rows = [index.row_of[item_id] for item_id in item_ids if item_id in index.row_of]
    if not rows:
        raise NotIndexedError(
            catalogue.name,
            catalogue.title,
            "never indexed",
            message="None of these models has been indexed yet.",
        )
    vectors = index.rows(rows)
    vectors = vectors[np.isfinite(vectors).all(axis=1)]
    if not len(vectors):
        return np.zeros((1, index.dimensions))
    return np.asarray(unit_rows(vectors).mean(axis=0, keepdims=True))


# -- scoring: the vectors of the query, and the best rows of an index ------------------


@dataclass(frozen=True, slots=True)
class _ScoredRow:
    """A row of an index with its score; the other attributes are those of `Neighbour`."""

    row: int
    score: float
    region: Box | None = None
    mirrored: bool = False
    viewpoint: str = ""


def _embed_pictures(resolved: Sequence[ResolvedExample], embed: Embedder | None) -> Embedded | None:
    """Return the vectors of the query's pictures, in their order, or None if it has none."""
    pictures = [one.example for one in resolved if isinstance(one.example, PictureExample)]
    if not pictures:
        return None
    if embed is None:
        raise ValueError("pictures cannot be compared without `embed`")
    return embed(
        [example.cut or example.picture for example in pictures],
        query_kinds=[example.query_kind for example in pictures],
    )


def _query_vectors(
    resolved: Sequence[ResolvedExample],
    catalogue: Catalogue,
    index: Index,
    embedded: Embedded | None,
) -> SingleOrDouble:
    """Return the vectors of the query, float (variants, dimensions)."""
    space = "models" if embedded is None else embedded.space()
    pictures = itertools.count()
    variants: list[SingleOrDouble] = []
    for one in resolved:
        match one.example:
            case PictureExample():
                assert embedded is not None, "the pictures were embedded"
                variants.append(embedded.of(next(pictures), space))
            case ItemsExample(item_ids=item_ids):
                variants.append(centroid(item_ids, catalogue, index))
            case ItemExample(item_id=item_id):
                variants.append(index.rows([_row(item_id, catalogue, index)]))
    # The vector of a model is the same for both variants of a picture.
    return _combine(
        np.stack(np.broadcast_arrays(*variants)), [one.example.weight for one in resolved]
    )


def _embed_region(resolved: ResolvedExample, embed_region: RegionEmbedder) -> NDArray[np.float32]:
    """Return the vector of an example of a query with regions, float32 (4608,)."""
    example = resolved.example
    assert resolved.picture is not None and not isinstance(example, ItemsExample)
    return embed_region(resolved.picture, example.region or WHOLE)


def _combine(vectors: SingleOrDouble, weights: Sequence[float]) -> NDArray[np.float64]:
    """Return the vector of a query from those of its examples, along the first axis."""
    weighting = np.array(weights)
    vector = np.average(vectors, axis=0, weights=np.maximum(weighting, 0))
    if weighting.min() < 0:
        negative = np.average(vectors, axis=0, weights=np.maximum(-weighting, 0))
        vector = vector - COUNTERWEIGHT * negative
    return np.asarray(vector, np.float64)


def _row(item_id: str, catalogue: Catalogue, index: Index) -> int:
    if (row := index.row_of.get(item_id)) is not None:
        return row
    item = catalogue.items.get(item_id)
    if item.is_blank:
        raise NothingToSee(item.name)
    raise NotIndexedError(
        catalogue.name,
        catalogue.title,
        "never indexed",
        message=f"“{item.name}” has not been indexed yet.",
    )


def _mask(query: Query, catalogue: Catalogue, index: Index | RegionIndex) -> NDArray[np.bool_]:
    """Return which rows may be results: those that the filters allow, without the query's own."""
    if query.filters:
        allowed = set(catalogue.items.ids(query.filters))
        mask = np.fromiter((item_id in allowed for item_id in index.ids), bool, len(index))
    else:
        mask = np.ones(len(index), bool)
    for example in query.examples:
        match example:
            case ItemExample(item_id=item_id):
                own: tuple[str, ...] = (item_id,)
            case ItemsExample(item_ids=item_ids):
                own = item_ids
            case PictureExample():
                own = ()
        for item_id in own:
            if (row := index.row_of.get(item_id)) is not None:
                mask[row] = False
    return mask


def _scored_rows(
    index: Index,
    vectors: SingleOrDouble,
    *,
    k: int,
    mask: NDArray[np.bool_],
    viewpoints: ViewpointIndex | None,
) -> Iterator[_ScoredRow]:
    """Yield the best rows for each variant of a query, then those for each viewpoint of models."""
    for variant, best in enumerate(index.top_k(vectors, k=k, mask=mask)):
        for row, score in zip(best.rows.tolist(), best.scores.tolist(), strict=True):
            yield _ScoredRow(row, score, mirrored=variant > 0)
    if viewpoints is None:
        return
    # A model that was indexed in the meantime may be in only one of the two indexes.
    rows = np.array([index.row_of.get(item_id, -1) for item_id in viewpoints.index.ids])
    allowed = (rows >= 0) & mask[rows]
    k *= viewpoints.rows_per_item
    for variant, best in enumerate(viewpoints.index.top_k(vectors, k=k, mask=allowed)):
        for row, score in zip(best.rows.tolist(), best.scores.tolist(), strict=True):
            yield _ScoredRow(
                int(rows[row]), score, mirrored=variant > 0, viewpoint=viewpoints.names[row]
            )


def _best_of_each_row(scored: Iterable[_ScoredRow]) -> list[_ScoredRow]:
    """Return each row once, with its best score, ranked.

    `scored` are the first k of several rankings: a row among the first k of all is among the
    first k of one of them.
    """
    best: dict[int, _ScoredRow] = {}
    for one in scored:
        if one.row not in best or one.score > best[one.row].score:
            best[one.row] = one
    return sorted(best.values(), key=lambda one: (-one.score, one.row))


def _by_colours(
    ranked: Sequence[_ScoredRow],
    wanted: colours.Shares,
    catalogue: Catalogue,
    index: Index,
    weight: float,
) -> list[_ScoredRow]:
    """Return ranked rows in the order of their scores and the similarity of their colours."""
    items = {item.id: item for item in catalogue.items.get_many([index.ids[r.row] for r in ranked])}

    def value(one: _ScoredRow) -> float:
        item = items.get(index.ids[one.row])
        return one.score + weight * colours.similarity(catalogue, item, wanted) if item else -1.0

    return sorted(ranked, key=value, reverse=True)


# -- presenting: from rows to results ---------------------------------------------------


def _present(
    ranked: Sequence[_ScoredRow],
    catalogue: Catalogue,
    index: Index | RegionIndex,
    distribution: ScoreDistribution,
    candidates: int,
    *,
    space: Space = "models",
    by_colours: bool = False,
) -> Results:
    """Return ranked rows as results, without items that were removed in the meantime."""
    ids = [index.ids[one.row] for one in ranked]
    items = {item.id: item for item in catalogue.items.get_many(ids)}
    present = [
        (items[item_id], one) for item_id, one in zip(ids, ranked, strict=True) if item_id in items
    ]
    neighbours = tuple(
        Neighbour(
            item,
            rank,
            one.score,
            distribution.z_score(one.score),
            region=one.region,
            mirrored=one.mirrored,
            viewpoint=one.viewpoint,
        )
        for rank, (item, one) in enumerate(present, start=1)
    )
    return Results(
        neighbours,
        candidates,
        z_cutoff(len(index)),
        space,
        median=distribution.centre,
        by_colours=by_colours,
    )
