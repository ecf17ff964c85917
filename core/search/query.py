"""A query: examples of what to search for, and filters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import Filters
from core.descriptors import Embedded, QueryKind
from core.pictures import Box
from core.vision.cutout import Cutout

# The most examples in one query. More examples add nothing to the mean.
MAX_EXAMPLES = 24
# The largest weight of an example; the default is 1.
MAX_WEIGHT = 5.0


@dataclass(frozen=True)
class ItemExample:
    """A model of the catalogue as an example.

    Attributes:
        item_id: the model's id.
        region: the region of its picture to search with; None for the whole model.
        weight: -5 to 5 without 0; negative for a model that results should not resemble.
    """

    item_id: str
    region: Box | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class ItemsExample:
    """Several models of the catalogue as one example: their centroid.

    Attributes:
        item_ids: the models' ids, at least one.
        weight: -5 to 5 without 0; negative for models that results should not resemble.
    """

    item_ids: tuple[str, ...]
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Raise `ValueError` if there are no models."""
        if not self.item_ids:
            raise ValueError("a set of models needs at least one model")


@dataclass(frozen=True)
class PictureExample:
    """A picture from outside the catalogue as an example.

    Attributes:
        picture: RGB.
        region: the region of the picture to search with; None for the whole picture.
        query_kind: whether the picture is a photo or a drawing, or "auto" to detect it.
        weight: -5 to 5 without 0; negative for a picture that results should not resemble.
        cut: what of the picture is compared, such as `cutout.whole`; None to detect it.
        from_sketch_pad: whether it was drawn on the sketch pad: then its colours count.
    """

    picture: Image.Image
    region: Box | None = None
    query_kind: QueryKind = "auto"
    weight: float = 1.0
    cut: Cutout | None = None
    from_sketch_pad: bool = False


Example = ItemExample | ItemsExample | PictureExample


@dataclass(frozen=True, kw_only=True)
class Query:
    """What to search for: positive and negative examples, and filters on the results."""

    examples: Sequence[Example]
    filters: Filters = field(default_factory=Filters)

    @property
    def has_regions(self) -> bool:
        """Whether an example is a region of a picture: such a query is for `run_regions`."""
        return any(
            not isinstance(example, ItemsExample) and example.region is not None
            for example in self.examples
        )

    @property
    def needs_network(self) -> bool:
        """Whether a picture has to be embedded to answer this query."""
        return self.has_regions or self.has_pictures

    @property
    def has_pictures(self) -> bool:
        """Whether an example is a picture from outside the catalogue."""
        return any(isinstance(example, PictureExample) for example in self.examples)


class RegionEmbedder(Protocol):
    """Turns a region of an RGB picture into a vector for `RegionIndex`, float32 (4608,)."""

    def __call__(self, picture: Image.Image, region: Box) -> NDArray[np.float32]:
        """Return the vector of the region."""
        ...


class Embedder(Protocol):
    """Turns RGB pictures into vectors, as `Descriptor.embed` does."""

    def __call__(
        self,
        pictures: Sequence[Image.Image | Cutout],
        *,
        query_kinds: Sequence[QueryKind] | None = None,
    ) -> Embedded:
        """Return the vectors of each picture; a cut-out is compared as it is."""
        ...
