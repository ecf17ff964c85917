"""Pairs and groups of near-duplicates."""

from dataclasses import dataclass
from typing import Literal

from core.catalogue import Item

DifferenceKind = Literal[
    "identical",
    "re-encoded",
    "resized",
    "cropped",
    "wider",
    "mirrored",
    "recoloured",
    "retouched",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a picture differs from the one that is kept.

    Attributes:
        kind: what was done to it.
        amount: how much: the share of it that is concerned, or of the other's width.
        text: the same in words.
    """

    kind: DifferenceKind
    amount: float
    text: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A model whose picture is nearly that of the one that is kept.

    Attributes:
        item: the model.
        score: how far the two agree where they agree the least, up to 1.
        differences: what differs, the most telling first; never empty.
    """

    item: Item
    score: float
    differences: tuple[Difference, ...]

    @property
    def difference(self) -> str:
        """What differs, as one phrase."""
        return ", ".join(one.text for one in self.differences)


@dataclass(frozen=True, slots=True)
class Group:
    """Models whose pictures are the same, or nearly so.

    Attributes:
        kept: the one to keep: of those that match all others the one of the largest picture,
            then of the most complete words, then the first.
        duplicates: the others, in item order.
    """

    kept: Item
    duplicates: tuple[Duplicate, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All of them, the one that is kept first."""
        return (self.kept, *(one.item for one in self.duplicates))

    @property
    def score(self) -> float:
        """How far the least alike of them agrees with the one that is kept."""
        return min(one.score for one in self.duplicates)


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """The near-duplicates of a catalogue.

    Attributes:
        groups: those that agree the most first; no item is in two of them.
        cut: the score from which on two pictures count as the same.
        items: how many items were looked at.
        pairs: how many pairs of pictures were laid over each other.
    """

    groups: tuple[Group, ...]
    cut: float
    items: int
    pairs: int

    def __str__(self) -> str:
        """Return what was found as a sentence."""
        if not self.groups:
            return f"There are no near-duplicates among {self.items:,} models."
        more = sum(len(group.duplicates) for group in self.groups)
        return (
            f"Groups of near-duplicates among {self.items:,} models: {len(self.groups):,}. "
            f"Models that could be hidden: {more:,}."
        )
