"""An order of a catalogue's models that mixes their kinds, in place of one kind after the other."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Filters
from core.maps import clusters

# The fractional parts of the multiples of this number are spread as evenly as can be.
GOLDEN = (5**0.5 - 1) / 2


def mixed_ids(catalogue: Catalogue, filters: Filters | None = None) -> tuple[str, ...]:
    """Return the ids of the models that match `filters`, each once, in mixed order.

    The kinds that are mixed are the clusters of the map; models that are in none count by their
    category. The order depends on nothing else: it stays the same until models, map or categories
    change.
    """
    categories = catalogue.items.categories(filters)
    map_ = catalogue.map.load()
    labels = {} if map_ is None else dict(zip(map_.ids, map_.labels.tolist(), strict=True))

    def kind(item_id: str) -> Hashable:
        label = labels.get(item_id, clusters.NONE)
        return categories[item_id] if label == clusters.NONE else label

    ids = list(categories)
    return tuple(ids[place] for place in mix(ids, [kind(item_id) for item_id in ids]))


def mix(ids: Sequence[str], kinds: Sequence[Hashable]) -> NDArray[np.intp]:
    """Return the order of `ids` that spreads each kind evenly over the whole: intp (n,).

    A permutation of the places. Within a kind the order is that of the ids, which are hashes: what
    is side by side in the catalogue, such as one emoji in several skin tones, is far apart.

    Args:
        ids: of the items, each different.
        kinds: `kinds[i]` is that of `ids[i]`.
    """
    places: dict[Hashable, list[int]] = {}
    for place in sorted(range(len(ids)), key=ids.__getitem__):
        places.setdefault(kinds[place], []).append(place)
    # When each item comes, from 0 to 1. Each kind begins at a moment of its own: otherwise the
    # first page would have one of each, and later ones none of the small ones.
    moments = np.empty(len(ids))
    for number, own in enumerate(sorted(places.values(), key=len, reverse=True)):
        moments[own] = (np.arange(len(own)) + number * GOLDEN % 1) / len(own)
    return np.argsort(moments, kind="stable")
