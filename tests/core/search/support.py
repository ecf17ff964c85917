"""Vectors of the tests' own for 40 things, and how they are searched."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from core import search
from core.catalogue import Catalogue, Filters
from core.descriptors import Embedded, QueryKind
from core.search import Example, Query, Results
from core.similarity import Index
from core.vision.cutout import Cutout

COUNT = 40
WIDTH = 12
VECTORS = np.random.default_rng(3).standard_normal((COUNT, WIDTH)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


def by_brightness(
    pictures: Sequence[Image.Image | Cutout], *, query_kinds: Sequence[QueryKind] | None = None
) -> Embedded:
    """Embed a picture by its mean colour and its size: enough to tell pictures apart."""
    rows = []
    kinds = query_kinds or ["auto"] * len(pictures)
    for each, query_kind in zip(pictures, kinds, strict=True):
        picture = each.picture if isinstance(each, Cutout) else each
        mean = np.asarray(picture.convert("RGB")).mean(axis=(0, 1))
        row = np.zeros(WIDTH)
        row[:5] = [*mean / 255, picture.width / 100, query_kind == "drawing"]
        rows.append(row / np.linalg.norm(row))
    return Embedded(np.array(rows, np.float32)[:, np.newaxis])


def ask(catalogue: Catalogue, index: Index, *examples: Example, **options: object) -> Results:
    filters = options.pop("filters", Filters())
    return search.run(
        Query(examples=examples, filters=filters),  # type: ignore[arg-type]
        catalogue=catalogue,
        index_in=lambda space: index,
        embed=by_brightness,
        k=COUNT,
        **options,  # type: ignore[arg-type]
    )


def item_of(catalogue: Catalogue, number: int) -> str:
    return catalogue.items.find()[number].id


def ids_of(catalogue: Catalogue, numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(item_of(catalogue, number) for number in numbers)
