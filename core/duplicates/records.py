"""What a search for near-duplicates returns: groups of models, and how their pictures differ."""

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
    "background",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a picture differs from the one that is kept.

    Attributes:
        kind: what was done to the picture.
        amount: how much, 0 to 1: the share of the picture that is affected, or for "resized"
            the width divided by the width of the kept picture.
        text: the same in words.
    """

    kind: DifferenceKind
    amount: float
    text: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A model whose picture is nearly the same as that of the model that is kept.

    Attributes:
        item: the model.
        score: how well the two pictures agree where they agree least, at most 1.
        differences: what differs, the most important first; empty only for the model kept.
    """

    item: Item
    score: float
    differences: tuple[Difference, ...]

    @property
    def difference(self) -> str:
        """What differs, as one phrase."""
        return ", ".join(difference.text for difference in self.differences)


@dataclass(frozen=True, slots=True)
class Group:
    """Models that are near-duplicates of each other.

    Attributes:
        kept: the model to keep, one that matches all others: the one with the largest picture,
            then with the most complete metadata, then the first.
        duplicates: the others, in item order.
    """

    kept: Item
    duplicates: tuple[Duplicate, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All models of the group, the one that is kept first."""
        return (self.kept, *(duplicate.item for duplicate in self.duplicates))

    @property
    def score(self) -> float:
        """The lowest score of the group."""
        return min(duplicate.score for duplicate in self.duplicates)


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """All near-duplicates of a catalogue.

    Attributes:
        groups: the groups with the highest score first; no item is in two groups.
        cut: the score from which two pictures count as near-duplicates.
        items: how many items were searched.
        pairs: how many pairs of pictures were compared.
    """

    groups: tuple[Group, ...]
    cut: float
    items: int
    pairs: int

    def __str__(self) -> str:
        """Return the result as a sentence."""
        if not self.groups:
            return f"There are no near-duplicates among {self.items:,} models."
        hideable = sum(len(group.duplicates) for group in self.groups)
        return (
            f"Groups of near-duplicates among {self.items:,} models: {len(self.groups):,}. "
            f"Models that could be hidden: {hideable:,}."
        )
