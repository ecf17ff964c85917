"""The results of a query."""

from dataclasses import dataclass
from statistics import NormalDist

from core.catalogue import Item
from core.descriptors import Space
from core.pictures import Box

# How much further than a normal distribution the scores of a catalogue reach by chance.
HEAVY_TAILS = 2.0


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
    """Return the z-score from which the best of `count` scores is seldom chance.

    It is twice what the best of as many normally distributed scores would reach, because more
    scores lie far above the median than in a normal distribution. Of 200 pictures that show nothing
    that is in the demo, .11 reach it, and nearly all reach half of it; of OpenMoji's pictures whose
    right model is the first result, .83 do (`python -m benchmarks.strong_matches`).

    A fixed score would not do: the same cosine means different things for different queries.
    """
    return HEAVY_TAILS * NormalDist().inv_cdf(1 - 1 / max(2, count))
