"""From a query to results: what a person looks for, and what looks like it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from PIL import Image

from core import views
from core.catalogue import Catalogue, Filters
from core.descriptors import COMPACT, PUBLISHED, As, Compact, Descriptor, Fit, Published
from core.errors import LookalikeError
from core.items import Item
from core.similarity import Index
from core.views import Box
from core.weights import DIGEST

# How much of the mean of the counter-examples is taken off the mean of the
# examples: beta 0.75 and gamma 0.25 of Rocchio, "Relevance feedback", 1971.
COUNTERWEIGHT = 1 / 3


_TO_MEND = "Press “Bring up to date” on the page Catalogues, or run `python -m core index {name}`."


class SearchError(LookalikeError):
    """A query that cannot be answered as asked."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a person looks for: pictures and models, like and unlike, and where to look.

    `items` and `unlike_items` are ids; pictures are RGB. `shown_as` says
    whether the pictures are photos or drawings, or leaves it to be found out.
    """

    items: Sequence[str] = ()
    pictures: Sequence[Image.Image] = ()
    unlike_items: Sequence[str] = ()
    unlike_pictures: Sequence[Image.Image] = ()
    shown_as: As = "auto"
    filters: Filters = field(default_factory=Filters)


class Embed(Protocol):
    """Turns RGB pictures into unit rows, float32 (n, dimensions)."""

    def __call__(self, pictures: Sequence[Image.Image], *, shown_as: As = "auto") -> np.ndarray:
        """Return a row for each picture."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item in an answer: rank 1 is the most similar, `score` its cosine."""

    item: Item
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a query: its neighbours, the best first, of how many items."""

    neighbours: tuple[Neighbour, ...]
    among: int


def identity_of(catalogue: Catalogue, name: str) -> str:
    """Return the identity of the vectors that the descriptor `name` has in this catalogue.

    Raises `SearchError` if there is no such descriptor, or if its vectors have
    to be made, or made anew, first.
    """
    if name == PUBLISHED:
        return Published(DIGEST).identity
    if name != COMPACT:
        raise SearchError(
            f"There is no descriptor “{name[:60]}”. There is: {COMPACT}, {PUBLISHED}."
        )
    identity = catalogue.fit_identity(COMPACT)
    if identity is None:
        raise SearchError(
            f"The catalogue “{catalogue.title}” has not been indexed yet. "
            + _TO_MEND.format(name=catalogue.name)
        )
    if not identity.startswith(Compact.recipe(DIGEST)):
        raise SearchError(
            f"The catalogue “{catalogue.title}” was indexed by another version of Lookalike, whose "
            "vectors cannot be compared with this one's. " + _TO_MEND.format(name=catalogue.name)
        )
    return identity


def descriptor_of(catalogue: Catalogue, name: str) -> Descriptor:
    """Return the descriptor `name` as this catalogue uses it, to embed pictures with.

    Raises `SearchError` as `identity_of` does.
    """
    identity_of(catalogue, name)
    if name == PUBLISHED:
        return Published(DIGEST)
    arrays = catalogue.fit(COMPACT)
    assert arrays is not None
    return Compact(DIGEST, Fit.of(arrays))


def index_of(catalogue: Catalogue, name: str) -> Index:
    """Return the index of the catalogue's vectors of the descriptor `name`.

    Raises `SearchError` as `identity_of` does.
    """
    vectors = catalogue.vectors(name, identity_of(catalogue, name))
    return Index(vectors.ids, vectors.blocks)


def run(
    query: Query,
    *,
    catalogue: Catalogue,
    index: Index,
    embed: Embed | None = None,
    k: int = 9,
) -> Results:
    """Return the `k` items most like the query, without those it is made of.

    The query's vector is the mean of its examples minus a third of the mean of
    its counter-examples, all of unit length.

    Args:
        query: what to look for, and where.
        catalogue: where `index` comes from.
        index: the vectors of one descriptor.
        embed: the same descriptor's, bound to a network; needed for pictures only.
        k: how many neighbours, at most.

    Raises:
        SearchError: the query or a picture of it is empty, or an item has no vector yet.
        UnknownItem: an item of the query is not in the catalogue.
    """
    if not query.items and not query.pictures:
        raise SearchError("There is nothing to look for: give a picture or choose a model.")
    if any(map(views.is_blank, (*query.pictures, *query.unlike_pictures))):
        raise SearchError(
            "There is nothing to see in the picture: it is of one colour. Give another one."
        )
    vector = _mean(query.items, query.pictures, query, catalogue, index, embed)
    if query.unlike_items or query.unlike_pictures:
        vector = vector - COUNTERWEIGHT * _mean(
            query.unlike_items, query.unlike_pictures, query, catalogue, index, embed
        )
    mask = _mask(query, catalogue, index)
    best = index.top_k(vector, k=k, mask=mask)[0]
    found = {item.id: item for item in catalogue.items_of([index.ids[row] for row in best.rows])}
    ranked = [
        (found[index.ids[row]], float(score))
        for row, score in zip(best.rows, best.scores, strict=True)
        if index.ids[row] in found
    ]
    neighbours = tuple(
        Neighbour(item, rank, score) for rank, (item, score) in enumerate(ranked, start=1)
    )
    return Results(neighbours, int(mask.sum()))


def crop(picture: Image.Image, region: Box) -> Image.Image:
    """Return the part of the picture inside `region`.

    Raises `SearchError` if the region is not at least 8 pixels of the picture each way.
    """
    width, height = picture.size
    left, top = max(0.0, region.left) * width, max(0.0, region.top) * height
    right, bottom = min(1.0, region.right) * width, min(1.0, region.bottom) * height
    if right - left < 8 or bottom - top < 8:
        raise SearchError(
            "The region is too small or outside the picture. Give shares of the picture from 0 "
            "to 1, left, top, right, bottom, that hold at least 8 x 8 pixels."
        )
    return picture.crop((round(left), round(top), round(right), round(bottom)))


def _mean(
    items: Sequence[str],
    pictures: Sequence[Image.Image],
    query: Query,
    catalogue: Catalogue,
    index: Index,
    embed: Embed | None,
) -> np.ndarray:
    """Return the mean of the unit vectors of items and pictures: float64 (dimensions,)."""
    rows = [index.rows([_row(item_id, catalogue, index) for item_id in items])] if items else []
    if pictures:
        if embed is None:
            raise ValueError("pictures cannot be compared without `embed`")
        rows.append(embed(pictures, shown_as=query.shown_as).astype(np.float64))
    return np.asarray(np.concatenate(rows).mean(axis=0))


def _row(item_id: str, catalogue: Catalogue, index: Index) -> int:
    if (row := index.row_of.get(item_id)) is not None:
        return row
    item = catalogue.item(item_id)
    raise SearchError(
        f"“{item.name}” has not been indexed yet. " + _TO_MEND.format(name=catalogue.name)
    )


def _mask(query: Query, catalogue: Catalogue, index: Index) -> np.ndarray:
    """Return which rows may be answered: those the filters allow, without the query's own."""
    if query.filters:
        allowed = set(catalogue.ids(query.filters))
        mask = np.fromiter((item_id in allowed for item_id in index.ids), bool, len(index))
    else:
        mask = np.ones(len(index), bool)
    for item_id in (*query.items, *query.unlike_items):
        if (row := index.row_of.get(item_id)) is not None:
            mask[row] = False
    return mask
