"""The mixed order: every model once, and each kind spread over the whole."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Catalogue, Cluster, Filters, Item, Map
from core.maps import clusters, mixed_order
from tests.core.catalogue.support import add


@given(kinds=st.lists(st.integers(0, 5), max_size=80))
def test_mix_is_a_permutation(kinds: list[int]) -> None:
    ids = [f"{number * 7919 % 1009:04d}" for number in range(len(kinds))]

    order = mixed_order.mix(ids, kinds)

    assert sorted(order.tolist()) == list(range(len(kinds)))
    # The same whatever the order in which the items are given.
    backwards = mixed_order.mix(ids[::-1], kinds[::-1])
    assert [ids[place] for place in order] == [ids[::-1][place] for place in backwards]


def test_every_page_has_its_share_of_each_kind() -> None:
    sizes = {"large": 240, "middle": 120, "small": 40}
    kinds = [kind for kind, size in sizes.items() for _ in range(size)]
    ids = [f"{number:04d}" for number in range(len(kinds))]

    order = mixed_order.mix(ids, kinds)

    for start in range(0, len(kinds), 40):
        shown = Counter(kinds[place] for place in order[start : start + 40])
        for kind, size in sizes.items():
            assert abs(shown[kind] - size / 10) <= 2, (start, kind)


def test_what_is_side_by_side_in_the_catalogue_is_not_side_by_side() -> None:
    ids = [Item(source_id=str(number), name="").id for number in range(200)]

    order = mixed_order.mix(ids, [0] * 200)

    assert sum(abs(one - other) == 1 for one, other in pairwise(order.tolist())) < 10


# -- of a catalogue ----------------------------------------------------------------


def catalogue_of(count: int) -> Catalogue:
    """Return a catalogue whose first half has another category than its second."""
    catalogue = Catalogue.create("mixed")
    items = [
        Item(source_id=f"{number}", name=f"{number}", category="ab"[2 * number // count])
        for number in range(count)
    ]
    add(catalogue, *items)
    return catalogue


def test_categories_are_mixed_where_there_is_no_map() -> None:
    catalogue = catalogue_of(24)
    category_of = catalogue.items.categories()

    ids = mixed_order.mixed_ids(catalogue)

    assert sorted(ids) == sorted(catalogue.items.ids())
    assert [category_of[item_id] for item_id in ids[:12]].count("a") == 6
    inside = mixed_order.mixed_ids(catalogue, Filters(category="b"))
    assert sorted(inside) == sorted(catalogue.items.ids(Filters(category="b")))


def test_clusters_are_mixed_where_there_are_any_and_new_models_are_there_too() -> None:
    catalogue = catalogue_of(24)
    ids = catalogue.items.ids()
    # Of each category half are in cluster 0; some are in none, and one is not on the map.
    labels = np.array([(0, 1)[number % 2] for number in range(22)] + [clusters.NONE], np.int32)
    nowhere = np.zeros((23, 2), np.float32)
    catalogue.map.save(
        Map(
            ids=tuple(ids[:23]),
            digests=("",) * 23,
            coordinates=nowhere,
            grid=nowhere,
            labels=labels,
            added_later=np.zeros(23, bool),
            clusters=(Cluster("even", ids[0]), Cluster("odd", ids[1])),
            fingerprint="v1",
            quality=None,
        )
    )
    label_of = dict(zip(ids, labels.tolist(), strict=False))

    mixed = mixed_order.mixed_ids(catalogue)

    assert sorted(mixed) == sorted(ids)
    assert 5 <= [label_of.get(item_id) for item_id in mixed[:12]].count(0) <= 7


def test_an_empty_catalogue_has_an_empty_order() -> None:
    assert mixed_order.mixed_ids(Catalogue.create("mixed")) == ()
