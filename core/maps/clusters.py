"""Groups of items that lie together on the map."""

from collections.abc import Sequence

import numpy as np

from core.similarity import KnnGraph

# The label of what is in no cluster.
NONE = -1
# The least sizes of a cluster that are tried, each twice the one before. The smallest is 8, or
# on a large map as many as leave 500 clusters at most. Steps of 1.2 and 1.4 found none better.
MIN_SIZE, MAX_CLUSTERS, STEP = 8, 500, 2
# How many must lie near a place for it to be dense. With 3 there are as many clusters in a
# single blob as in a demo; HDBSCAN's own choice, the least size of a cluster, loses small ones.
DENSE = 5
# As many neighbours make the graph as the least cluster can hold of each: of more, some must
# lie outside, and 10 cat faces, far from everything, were one cluster with 184 people.
MIN_SAMPLES = MIN_SIZE - 1
# How much a cluster's size is held against it. At 1 modularity overlooks what is small for the
# catalogue (Fortunato and Barthelemy, "Resolution limit in community detection", 2007): a demo
# had 11 clusters, one of tables, sofas and beds; at 2 it has 20 that can be named.
RESOLUTION = 2.0
# Parts take the place of a cluster, and clusters that of none, if they hold this share of it.
# The dense spots of a single blob in the plane, which have neighbours of their own as any
# place in a plane does, hold .38 to .54 of it; the clusters of the demos .87 and .89 of all.
COVERED = 0.6
# Where the smallest clusters do not hold that share there may still be a few large ones: if they
# are so clear that this share of neighbours and of all items is in them.
CLEAR = 0.9
# Less structure than this is none: above "about 0.3" there is some (Clauset, Newman and Moore,
# "Finding community structure in very large networks", 2004). In vectors of one blob in 64
# dimensions there was .09 to .39, in the demos .70 and .71.
STRUCTURE = 0.3
# HDBSCAN compares all pairs: 25,000 places take 2.9 s each time, 10,000 take 0.3.
SAMPLE = 10_000


def find(places: np.ndarray, near: KnnGraph) -> np.ndarray:
    """Return the cluster of each place, int32 (n,): 0 for the largest, -1 for none.

    HDBSCAN (Campello, Moulavi and Sander, 2013) proposes clusters of many least sizes, all of
    one hierarchy. Of these the disjoint ones are chosen whose modularity on the graph of exact
    neighbours is highest in sum (the extraction of Campello, Moulavi, Zimek and Sander, "A
    framework for semi-supervised and unsupervised optimal extraction of clusters from
    hierarchies", 2013, with the modularity of Reichardt and Bornholdt, 2006): what looks dense
    on the map must be so among the vectors. Fringes join the cluster of their neighbours.

    Args:
        places: float (n, 2).
        near: the exact neighbours of each.
    """
    closest = KnnGraph(near.rows[:, :MIN_SAMPLES], near.cosines[:, :MIN_SAMPLES])
    smallest, lasting = _proposed(places)
    many = _covered(_chosen(smallest, closest)) >= COVERED
    labels = _chosen([*smallest, *lasting], closest)
    joined = _by_size(join(labels, near))
    clear = structure(joined, closest)
    if clear < (STRUCTURE if many else CLEAR) or _covered(labels) < (COVERED if many else CLEAR):
        joined[:] = NONE
    return joined


def structure(labels: np.ndarray, near: KnnGraph) -> float:
    """Return the modularity as a share of what it would be if no neighbours were apart, -1 to 1.

    Newman, "Mixing patterns in networks", 2003, who calls it assortativity.
    """
    shares = [
        _degrees(near)[labels == one].sum() / (2 * near.rows.size)
        for one in np.unique(labels[labels != NONE])
    ]
    most = 1 - float(np.square(shares).sum())
    return modularity(labels, near) / most if shares and most > 0 else 0.0


def modularity(labels: np.ndarray, near: KnnGraph) -> float:
    """Return how much denser the graph of neighbours is within clusters than by chance.

    Newman and Girvan, "Finding and evaluating community structure in networks", 2004; whatever
    is in no cluster counts as alone.
    """
    if not near.rows.size:
        return 0.0
    clusters = [np.flatnonzero(labels == one) for one in np.unique(labels[labels != NONE])]
    alone = _degrees(near)[labels == NONE] / (2 * near.rows.size)
    return sum(_gain(members, near) for members in clusters) - float(np.square(alone).sum())


def join(labels: np.ndarray, near: KnnGraph) -> np.ndarray:
    """Return the labels, int32 (n,), with those of the neighbours for what is in no cluster."""
    joined = labels.astype(np.int32)
    fringe = labels == NONE
    joined[fringe] = vote(labels[near.rows[fringe]])
    return joined


def vote(labels: np.ndarray) -> np.ndarray:
    """Return the label that at least half of each row of (n, k) has, int32 (n,), or -1."""
    count, k = labels.shape
    if labels.max(initial=NONE) == NONE:
        return np.full(count, NONE, np.int32)
    votes = np.zeros((count, labels.max() + 2), np.int32)
    for column in labels.T:
        votes[np.arange(count), column] += 1  # NONE is the last
    winners = votes[:, :-1].argmax(axis=1)
    elected = 2 * votes[np.arange(count), winners] >= k
    return np.where(elected, winners, NONE).astype(np.int32)


def landmark(members: np.ndarray, rows: np.ndarray) -> int:
    """Return which of `members`, numbers of rows, has the highest cosine with their mean."""
    return int(members[np.argmax(rows[members] @ rows[members].mean(axis=0))])


def _proposed(places: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return sets of places that HDBSCAN takes for clusters: any two nested, or disjoint.

    The first are the smallest there are of each least size, the second those that last longest
    as places are taken for dense less and less easily.
    """
    if not len(places):
        return [], []
    # Imported here: only a new map needs them.
    from scipy.spatial import KDTree
    from sklearn.cluster import HDBSCAN

    chosen = np.sort(np.random.default_rng(0).permutation(len(places))[:SAMPLE])
    sample = places[chosen].astype(np.float64)
    nearest = KDTree(sample).query(places)[1]
    found: dict[str, dict[bytes, np.ndarray]] = {"leaf": {}, "eom": {}}
    size = max(MIN_SIZE, len(sample) // MAX_CLUSTERS)
    while size <= len(sample) / 2:
        for method, sets in found.items():
            finder = HDBSCAN(size, DENSE, cluster_selection_method=method, copy=True)
            labels = finder.fit(sample).labels_[nearest]
            for one in range(labels.max() + 1):
                members = np.flatnonzero(labels == one)
                sets[members.tobytes()] = members
        size *= STEP
    return list(found["leaf"].values()), list(found["eom"].values())


def _chosen(proposed: Sequence[np.ndarray], near: KnnGraph) -> np.ndarray:
    """Return the label of each row, int32 (n,), by the disjoint sets that are worth most."""
    labels = np.full(len(near.rows), NONE, np.int32)
    worth: dict[int, float] = {}
    for number, members in enumerate(sorted(proposed, key=len)):
        within = labels[members]
        parts = sum(worth[one] for one in set(within.tolist()) - {NONE})
        whole = _gain(members, near, resolution=RESOLUTION)
        if whole > parts or _covered(within) < COVERED:
            labels[members] = number
            worth[number] = whole
    return labels


def _covered(labels: np.ndarray) -> float:
    """Return the share of what is in a cluster."""
    return float(np.mean(labels != NONE)) if len(labels) else 0.0


def _gain(members: np.ndarray, near: KnnGraph, *, resolution: float = 1.0) -> float:
    """Return what a cluster adds to the modularity."""
    inside = np.zeros(len(near.rows), bool)
    inside[members] = True
    edges = near.rows.size
    share = _degrees(near)[members].sum() / (2 * edges)
    return float(inside[near.rows[members]].sum() / edges - resolution * share**2)


def _degrees(near: KnnGraph) -> np.ndarray:
    count, k = near.rows.shape
    return np.asarray(k + np.bincount(near.rows.ravel(), minlength=count))


def _by_size(labels: np.ndarray) -> np.ndarray:
    """Return the labels numbered anew: 0 for the largest cluster."""
    renumbered = np.full(len(labels), NONE, np.int32)
    found, sizes = np.unique(labels[labels != NONE], return_counts=True)
    for number, one in enumerate(found[np.argsort(-sizes, kind="stable")]):
        renumbered[labels == one] = number
    return renumbered
