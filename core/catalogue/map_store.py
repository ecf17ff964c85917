"""The map of a catalogue: coordinates, clusters and their quality."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items that lie together on the map.

    Attributes:
        name: what they have in common, in their own words; empty where they have none.
        landmark: the id of the most central of them.
    """

    name: str
    landmark: str


@dataclass(frozen=True, slots=True)
class MapQuality:
    """How far a map can be trusted; both are shares, 0 to 1, over `sample` items.

    Attributes:
        trustworthiness: of Venna and Kaski, 2001: less than 1 by how far from being
            neighbours those are that the map shows as such.
        kept: of an item's `neighbours` exact neighbours, how many are so on the map.
        neighbours: how many of each item were looked at.
        sample: how many items were looked at.
    """

    trustworthiness: float
    kept: float
    neighbours: int
    sample: int


@dataclass(frozen=True, slots=True)
class Map:
    """Where items lie on the map. Row i of each array belongs to `ids[i]`.

    Attributes:
        ids: of the items.
        digests: the first 8 characters of the digest of each item's picture.
        places: float32 (n, 2), each number between about -1 and 1.
        grid: float32 (n, 2): the same without overlap, one item a cell of a square lattice.
        labels: int32 (n,): the number of the item's cluster, -1 for none.
        later: bool (n,): placed among its neighbours after the others were laid out.
        clusters: the clusters, by number.
        identity: of the vectors that the map was laid out by.
        quality: None where there are too few items to tell.
    """

    ids: tuple[str, ...]
    digests: tuple[str, ...]
    places: np.ndarray
    grid: np.ndarray
    labels: np.ndarray
    later: np.ndarray
    clusters: tuple[Cluster, ...]
    identity: str
    quality: MapQuality | None
