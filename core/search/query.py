"""What a person looks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from PIL import Image

from core.catalogue import Filters
from core.descriptors import QueryKind, Space
from core.errors import LookalikeError
from core.pictures import Box

# Examples of a query, at most: more say nothing that fewer do not.
MAX_EXAMPLES = 24
# The most that one example may count, next to one of weight 1.
MAX_WEIGHT = 5.0


class SearchError(LookalikeError):
    """A query that cannot be answered as asked."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """Something that is like what a person looks for, or unlike it.

    Attributes:
        item: the id of a model; or
        items: the ids of several, of which the middle is meant; or
        picture: an RGB picture.
        region: the part of the model or picture that is meant; None for all of it.
        weight: how much it counts, -5 to 5; less than 0 for what is unlike.
        query_kind: whether the picture is a photo or a drawing, if that is known.
    """

    item: str | None = None
    items: tuple[str, ...] = ()
    picture: Image.Image | None = None
    region: Box | None = None
    weight: float = 1.0
    query_kind: QueryKind = "auto"

    def __post_init__(self) -> None:
        """Raise `ValueError` unless there is either a model, several, or a picture."""
        if [self.item is not None, bool(self.items), self.picture is not None].count(True) != 1:
            raise ValueError("an example is either a model, several models or a picture")
        if self.items and self.region is not None:
            raise ValueError("several models have no part in common")


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a person looks for: examples and counter-examples, and where to look."""

    examples: Sequence[Example]
    filters: Filters = field(default_factory=Filters)

    @property
    def for_parts(self) -> bool:
        """Whether a part of something is looked for, which `run_for_parts` finds."""
        return any(one.region is not None for one in self.examples)

    @property
    def needs_network(self) -> bool:
        """Whether something of it has to be looked at first."""
        return self.for_parts or self.space == "pictures"

    @property
    def space(self) -> Space:
        """Where `run` answers it: models alone are compared as models, all else as pictures."""
        return "models" if all(one.picture is None for one in self.examples) else "pictures"


class RegionEmbedder(Protocol):
    """Turns a region of an RGB picture into a vector of `Parts`, float32 (dimensions,)."""

    def __call__(self, picture: Image.Image, region: Box) -> np.ndarray:
        """Return its vector."""
        ...


class Embedder(Protocol):
    """Turns RGB pictures into unit rows, float32 (n, sights, dimensions).

    The sights are the picture as it is and, for a descriptor that does so, mirrored.
    """

    def __call__(
        self, pictures: Sequence[Image.Image], *, query_kind: QueryKind = "auto"
    ) -> np.ndarray:
        """Return the rows of each picture."""
        ...
