"""The answer to a query."""

from dataclasses import dataclass

from core.catalogue import Item
from core.pictures import Box


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item in an answer.

    Attributes:
        item: the item.
        rank: 1 for the most similar.
        score: its cosine with the query.
        stands_out: how far that lies above the middle of this query's scores with the whole
            catalogue, in robust standard deviations.
        region: where in its picture the match lies, if parts were looked for.
        mirrored: whether it is like the mirrored pictures of the query.
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
    """The answer to a query.

    Attributes:
        neighbours: the best first.
        candidates: how many items could have been answered.
        z_cutoff: the `z_score` that the best of as many scores would reach by chance, were
            they normally distributed. What is below it does not stand out: a cosine that
            means the same for every query does not exist.
    """

    neighbours: tuple[Neighbour, ...]
    candidates: int
    z_cutoff: float
