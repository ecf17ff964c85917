"""Finds clusters: models that lie close together on the map and among the vectors."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.similarity import KnnGraph

# The label of items that are in no cluster.
NONE = -1
# The minimum cluster sizes that are tried, each twice the one before. The first is 8, or on a
# large map the size that leaves at most 500 clusters. Steps of 1.2 and 1.4 gave no better result.
MIN_SIZE, MAX_CLUSTERS, STEP = 8, 500, 2
# HDBSCAN's min_samples: how many points must lie near a point for it to count as dense. With 3, a
# single blob has as many clusters as a demo; HDBSCAN's default, the minimum cluster size, loses
# small clusters.
DENSE = 5
# The graph has as many neighbours per item as fit into the smallest cluster. With more, some would
# have to lie outside it: 10 cat faces, far from everything, were in one cluster with 184 people.
MIN_SAMPLES = MIN_SIZE - 1
# The resolution of the modularity: how strongly large clusters are penalised. At 1 modularity
# misses clusters that are small for the catalogue (Fortunato and Barthelemy, "Resolution limit in
# community detection", 2007): a demo had 11 clusters, one of tables, sofas and beds; at 2 it has 20
# that can be named.
RESOLUTION = 2.0
# Smaller clusters replace the larger one around them, and clusters replace no clusters at all, if
# they contain at least this share of it. The dense spots of a single blob, which are neighbours
# among themselves as anywhere in a plane, contain .38 to .54 of it; the clusters of the demos
# contain .87 and .89 of all items.
COVERED = 0.6
# If the smallest clusters do not reach that share, a few large ones are accepted only if they
# contain this share of the items and their structure reaches the same value.
CLEAR = 0.9
# Less structure than this counts as none. Above "about 0.3" there is some (Clauset, Newman and
# Moore, "Finding community structure in very large networks", 2004), but vectors of one blob of 60
# to 1,000 in 64 dimensions reach .36 (40 seeds). Of a demo, 62 models have .41 to .56, 267 have .55
# to .61, and all of them .76.
STRUCTURE = 0.4
# HDBSCAN compares all pairs: 25,000 points take 2.9 s each time, 10,000 take 0.3.
SAMPLE = 10_000


def find(coordinates: NDArray[np.float32], graph: KnnGraph) -> NDArray[np.int32]:
    """Return the cluster of each item, int32 (n,): 0 for the largest, -1 for none.

    HDBSCAN (Campello, Moulavi and Sander, 2013) proposes clusters for many minimum sizes, all
    from one hierarchy. Of these, the disjoint ones with the highest total modularity on the
    graph of exact neighbours are chosen (the extraction of Campello, Moulavi, Zimek and Sander,
    "A framework for semi-supervised and unsupervised optimal extraction of clusters from
    hierarchies", 2013, with the modularity of Reichardt and Bornholdt, 2006): what looks dense
    on the map must also be dense among the vectors. Items at the fringe join the cluster of
    their neighbours.

    Args:
        coordinates: float32 (n, 2).
        graph: the exact neighbours of each item.
    """
    closest = KnnGraph(graph.rows[:, :MIN_SAMPLES], graph.cosines[:, :MIN_SAMPLES])
    smallest, persistent = _propose(coordinates)
    has_small_clusters = _share_in_clusters(_choose(smallest, closest)) >= COVERED
    labels = _choose([*smallest, *persistent], closest)
    joined = _renumber_by_size(join(labels, graph))
    min_structure, min_share = (STRUCTURE, COVERED) if has_small_clusters else (CLEAR, CLEAR)
    if structure(joined, closest) < min_structure or _share_in_clusters(labels) < min_share:
        joined[:] = NONE
    return joined


def structure(labels: NDArray[np.int32], graph: KnnGraph) -> float:
    """Return the modularity as a share of its maximum, that of no edges between clusters.

    Between -1 and 1. Newman, "Mixing patterns in networks", 2003, calls it assortativity.

    Args:
        labels: int32 (n,).
        graph: the neighbours of each item.
    """
    shares = [
        _degrees(graph)[labels == label].sum() / (2 * graph.rows.size)
        for label in np.unique(labels[labels != NONE])
    ]
    maximum = 1 - float(np.square(shares).sum())
    return modularity(labels, graph) / maximum if shares and maximum > 0 else 0.0


def modularity(labels: NDArray[np.int32], graph: KnnGraph) -> float:
    """Return how much denser the graph of neighbours is within clusters than by chance.

    Newman and Girvan, "Finding and evaluating community structure in networks", 2004. An item
    in no cluster counts as a cluster of one.

    Args:
        labels: int32 (n,).
        graph: the neighbours of each item.
    """
    if not graph.rows.size:
        return 0.0
    clusters = [np.flatnonzero(labels == label) for label in np.unique(labels[labels != NONE])]
    alone = _degrees(graph)[labels == NONE] / (2 * graph.rows.size)
    return sum(_modularity_gain(members, graph) for members in clusters) - float(
        np.square(alone).sum()
    )


def join(labels: NDArray[np.int32], graph: KnnGraph) -> NDArray[np.int32]:
    """Return the labels, int32 (n,), where items in no cluster have joined their neighbours'."""
    joined = labels.astype(np.int32)
    fringe = labels == NONE
    joined[fringe] = vote(labels[graph.rows[fringe]])
    return joined


def vote(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the label that at least half of each row of (n, k) has, int32 (n,), or -1."""
    count, k = labels.shape
    if labels.max(initial=NONE) == NONE:
        return np.full(count, NONE, np.int32)
    votes = np.zeros((count, labels.max() + 2), np.int32)
    for column in labels.T:
        votes[np.arange(count), column] += 1  # NONE is the last column
    winners = votes[:, :-1].argmax(axis=1)
    elected = 2 * votes[np.arange(count), winners] >= k
    return np.where(elected, winners, NONE).astype(np.int32)


def landmark(members: NDArray[np.intp], rows: NDArray[np.float32]) -> int:
    """Return the member that has the highest cosine with the mean of all members.

    Args:
        members: the row numbers of the cluster's items: intp (n,).
        rows: all vectors, of unit length: float32 (m, dimensions).
    """
    return int(members[np.argmax(rows[members] @ rows[members].mean(axis=0))])


def _propose(
    coordinates: NDArray[np.float32],
) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Return sets of items that HDBSCAN proposes as clusters: any two are nested or disjoint.

    The first list has the smallest clusters of each minimum size (the leaves of the hierarchy),
    the second those that persist longest as the density threshold falls (excess of mass).
    """
    if not len(coordinates):
        return [], []
    # Imported here: only a new map needs them.
    from scipy.spatial import KDTree
    from sklearn.cluster import HDBSCAN

    chosen = np.sort(np.random.default_rng(0).permutation(len(coordinates))[:SAMPLE])
    sample = coordinates[chosen].astype(np.float64)
    nearest = KDTree(sample).query(coordinates)[1]
    proposed: dict[str, dict[bytes, NDArray[np.intp]]] = {"leaf": {}, "eom": {}}
    size = max(MIN_SIZE, len(sample) // MAX_CLUSTERS)
    while size <= len(sample) / 2:
        for method, sets in proposed.items():
            finder = HDBSCAN(size, DENSE, cluster_selection_method=method, copy=True)
            labels = finder.fit(sample).labels_[nearest]
            for label in range(labels.max() + 1):
                members = np.flatnonzero(labels == label)
                sets[members.tobytes()] = members
        size *= STEP
    return list(proposed["leaf"].values()), list(proposed["eom"].values())


def _choose(proposed: Sequence[NDArray[np.intp]], graph: KnnGraph) -> NDArray[np.int32]:
    """Return the label of each item, int32 (n,), from the disjoint sets with the highest gain."""
    labels = np.full(len(graph.rows), NONE, np.int32)
    gains: dict[int, float] = {}
    for number, members in enumerate(sorted(proposed, key=len)):
        within = labels[members]
        parts = sum(gains[label] for label in set(within.tolist()) - {NONE})
        whole = _modularity_gain(members, graph, resolution=RESOLUTION)
        if whole > parts or _share_in_clusters(within) < COVERED:
            labels[members] = number
            gains[number] = whole
    return labels


def _share_in_clusters(labels: NDArray[np.int32]) -> float:
    """Return the share of items that are in a cluster."""
    return float(np.mean(labels != NONE)) if len(labels) else 0.0


def _modularity_gain(
    members: NDArray[np.intp], graph: KnnGraph, *, resolution: float = 1.0
) -> float:
    """Return what a cluster adds to the modularity."""
    inside = np.zeros(len(graph.rows), bool)
    inside[members] = True
    edges = graph.rows.size
    share = _degrees(graph)[members].sum() / (2 * edges)
    return float(inside[graph.rows[members]].sum() / edges - resolution * share**2)


def _degrees(graph: KnnGraph) -> NDArray[np.intp]:
    """Return the degree of each item, outgoing and incoming edges: intp (n,)."""
    count, k = graph.rows.shape
    return np.asarray(k + np.bincount(graph.rows.ravel(), minlength=count))


def _renumber_by_size(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the labels renumbered by cluster size: 0 for the largest."""
    renumbered = np.full(len(labels), NONE, np.int32)
    used, sizes = np.unique(labels[labels != NONE], return_counts=True)
    for number, label in enumerate(used[np.argsort(-sizes, kind="stable")]):
        renumbered[labels == label] = number
    return renumbered
