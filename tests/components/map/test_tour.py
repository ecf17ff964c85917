"""The tour: which clusters it shows, and in which order."""

import numpy as np

from components.map import tour
from core.catalogue import Cluster
from tests.components.map.test_colouring import map_of, things


def test_the_largest_clusters_are_shown_by_their_names() -> None:
    items = things(9)
    labels = np.array([1, 0, 1, 2, 2, 2, -1, 1, 1], np.int32)
    clusters = tuple(Cluster(name, items[0].id) for name in ("Chairs", "", "Lamps", "Gone"))
    map_ = map_of(items, labels=labels, clusters=clusters)

    stops = tour.stops(map_)

    assert [(stop.cluster, stop.name, stop.count) for stop in stops] == [
        (1, "Cluster 2", 4),
        (2, "Lamps", 3),
        (0, "Chairs", 1),
    ]
    left, bottom, right, top = stops[1].box
    own = map_.layouts["map"][3:6]
    assert (own.min(axis=0) <= [left, bottom]).all() and (own.max(axis=0) >= [right, top]).all()


def test_there_is_a_limit_and_nothing_to_fly_between_in_a_single_cluster() -> None:
    items = things(40)
    many = np.arange(40, dtype=np.int32) % 20
    clusters = tuple(Cluster("", items[0].id) for _ in range(20))
    assert len(tour.stops(map_of(items, labels=many, clusters=clusters))) == tour.MAX_STOPS
    alone = np.zeros(40, np.int32)
    assert tour.stops(map_of(items, labels=alone, clusters=clusters[:1])) == []
    assert tour.stops(map_of(items)) == []
