"""The tour of the map: the clusters that it flies to."""

import numpy as np

from components.map.map_data import MapData
from components.map.map_view import Stop

MAX_STOPS = 12


def stops(map_: MapData) -> list[Stop]:
    """Return the largest clusters, the largest first; none if there are fewer than two."""
    sizes = np.bincount(map_.labels[map_.labels >= 0], minlength=len(map_.clusters))
    largest = [
        int(cluster) for cluster in np.argsort(-sizes, kind="stable")[:MAX_STOPS] if sizes[cluster]
    ]
    if len(largest) < 2:
        return []
    points = map_.layouts["map"]
    return [
        Stop.at(cluster, points[map_.labels == cluster], name=map_.name_of(cluster))
        for cluster in largest
    ]
