"""The results of a query."""

from dataclasses import dataclass
from statistics import NormalDist

from core.catalogue import Item
from core.descriptors import Space
from core.pictures import Box


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item among the results of a query.

    Attributes:
        item: the item.
        rank: 1 for the most similar.
        score: its cosine with the query, -1 to 1.
        z_score: how far the score lies above the median of this query's scores with the whole
            catalogue, in robust standard deviations.
        region: where in the item's picture the match lies, if the query has regions.
        mirrored: whether the mirrored pictures of the query matched better than the originals.
        viewpoint: the name of the viewpoint that matched; empty for the main view.
    """

    item: Item
    rank: int
    score: float
    z_score: float
    region: Box | None = None
    mirrored: bool = False
    viewpoint: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The complete answer to a query.

    Attributes:
        neighbours: the best first.
        candidates: how many items the filters allow, without the query's own.
        z_cutoff: the `z_score` from which a neighbour is a strong match (see `z_cutoff`).
        space: the space in which the query was compared; queries with regions have none.
        median: of this query's scores with the whole catalogue.
        by_colours: whether the colours of a drawing count in the order, beside the scores.
    """

    neighbours: tuple[Neighbour, ...]
    candidates: int
    z_cutoff: float
    space: Space = "models"
    median: float = 0.0
    by_colours: bool = False

    @property
    def strong_matches(self) -> tuple[Neighbour, ...]:
        """The neighbours whose z-score reaches the cutoff, in their order."""
        return tuple(one for one in self.neighbours if one.z_score >= self.z_cutoff)

    @property
    def weaker_matches(self) -> tuple[Neighbour, ...]:
        """The other neighbours, in their order."""
        return tuple(one for one in self.neighbours if one.z_score < self.z_cutoff)


def z_cutoff(count: int) -> float:
    """Return the z-score that the best of `count` normally distributed scores reaches by chance.

    A fixed score would not do: the same cosine means different things for different queries.
    """
    return NormalDist().inv_cdf(1 - 1 / max(2, count))
