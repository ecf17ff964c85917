"""Groups of items that lie together on the map."""

from collections.abc import Iterator

import numpy as np

from core.neighbourhoods import Neighbourhoods

# The label of what is in no cluster.
NONE = -1
# The least sizes of a cluster that are tried, each twice the one before. The smallest is 8, or
# on a large map as many as leave 500 clusters at most. Steps of 1.2 and 1.4 found none better.
LEAST, MOST_CLUSTERS, STEP = 8, 500, 2
# How many must lie near a place for it to be dense. With 3 a demo had 23 clusters in place of
# 19, and a single blob as many; HDBSCAN's own choice is the least size of a cluster.
DENSE = 5
# As many neighbours make the graph as the least cluster can hold of each: of more, some must
# lie outside, and 10 cat faces, far from everything, were one cluster with 184 people.
CLOSEST = LEAST - 1
# How much a cluster is held against its size. At 1 modularity overlooks clusters that are
# small for the catalogue (Fortunato and Barthelemy, "Resolution limit in community
# detection", 2007): of 1,599 emoji 455 were one, with no word in common; at 2 the largest
# are 184, with names that say what they are.
RESOLUTION = 2.0
# Less modularity than this is no structure: above "about 0.3" it is (Clauset, Newman and
# Moore, "Finding community structure in very large networks", 2004). Vectors of 32 numbers in
# one blob gave -.02 to .25, the demos .66 and .68.
STRUCTURE = 0.3
# So is less than this share of all in clusters: of one blob in the plane, whose neighbours
# cannot but be in the plane too, .38 to .54; of the demos .87 and .89.
COVERED = 0.6
# HDBSCAN compares all pairs: 25,000 places take 2.9 s each time, 10,000 take 0.5.
SAMPLE = 10_000


def find(places: np.ndarray, near: Neighbourhoods) -> np.ndarray:
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
    closest = Neighbourhoods(near.rows[:, :CLOSEST], near.cosines[:, :CLOSEST])
    labels = np.full(len(places), NONE, np.int32)
    worth: dict[int, float] = {}
    nested = sorted(_proposed(places), key=len)
    for number, members in enumerate(nested):
        within = labels[members]
        parts = sum(worth[one] for one in set(within.tolist()) - {NONE})
        whole = _gain(members, closest, resolution=RESOLUTION)
        if whole > 0 and (whole > parts or np.mean(within != NONE) < COVERED):
            labels[members] = number
            worth[number] = whole
    joined = join(labels, near)
    covered = np.mean(labels != NONE) if len(labels) else 0
    if covered < COVERED or modularity(joined, closest) < STRUCTURE:
        return np.full(len(places), NONE, np.int32)
    return _by_size(joined)


def modularity(labels: np.ndarray, near: Neighbourhoods) -> float:
    """Return how much denser the graph of neighbours is within clusters than by chance.

    Newman and Girvan, "Finding and evaluating community structure in networks", 2004; whatever
    is in no cluster counts as alone.
    """
    if not near.rows.size:
        return 0.0
    clusters = [np.flatnonzero(labels == one) for one in np.unique(labels[labels != NONE])]
    alone = _degrees(near)[labels == NONE] / (2 * near.rows.size)
    return sum(_gain(members, near) for members in clusters) - float(np.square(alone).sum())


def join(labels: np.ndarray, near: Neighbourhoods) -> np.ndarray:
    """Return the labels, int32 (n,), with those of the neighbours for what is in no cluster."""
    joined = labels.astype(np.int32)
    fringe = labels == NONE
    joined[fringe] = vote(labels[near.rows[fringe]])
    return joined


def vote(labels: np.ndarray) -> np.ndarray:
    """Return the label that at least half of each row of (n, k) has, int32 (n,), or -1."""
    count, k = labels.shape
    if not labels.size:
        return np.full(count, NONE, np.int32)
    votes = np.zeros((count, labels.max() + 2), np.int32)
    for column in labels.T:
        votes[np.arange(count), column + 1] += 1
    winners = votes.argmax(axis=1)
    elected = 2 * votes[np.arange(count), winners] >= k
    return np.where(elected, winners - 1, NONE).astype(np.int32)


def landmark(members: np.ndarray, rows: np.ndarray) -> int:
    """Return which of `members`, numbers of rows, has the highest cosine with their mean."""
    return int(members[np.argmax(rows[members] @ rows[members].mean(axis=0))])


def _proposed(places: np.ndarray) -> Iterator[np.ndarray]:
    """Yield sets of places that HDBSCAN takes for clusters: any two nested, or disjoint."""
    # Imported here: only a new map needs them.
    from scipy.spatial import KDTree
    from sklearn.cluster import HDBSCAN

    seen: set[bytes] = set()
    chosen = np.sort(np.random.default_rng(0).permutation(len(places))[:SAMPLE])
    sample = places[chosen].astype(np.float64)
    size = max(LEAST, len(sample) // MOST_CLUSTERS)
    nearest = None
    while size <= len(sample) / 2:
        finder = HDBSCAN(size, DENSE, cluster_selection_method="leaf", copy=True)
        labels = finder.fit(sample).labels_
        if len(sample) < len(places):
            if nearest is None:
                nearest = KDTree(sample).query(places)[1]
            labels = labels[nearest]
        for one in range(labels.max() + 1):
            members = np.flatnonzero(labels == one)
            if (key := members.tobytes()) not in seen:
                seen.add(key)
                yield members
        size *= STEP


def _gain(members: np.ndarray, near: Neighbourhoods, *, resolution: float = 1.0) -> float:
    """Return what a cluster adds to the modularity."""
    inside = np.zeros(len(near.rows), bool)
    inside[members] = True
    edges = near.rows.size
    share = _degrees(near)[members].sum() / (2 * edges)
    return float(inside[near.rows[members]].sum() / edges - resolution * share**2)


def _degrees(near: Neighbourhoods) -> np.ndarray:
    count, k = near.rows.shape
    return np.asarray(k + np.bincount(near.rows.ravel(), minlength=count))


def _by_size(labels: np.ndarray) -> np.ndarray:
    """Return the labels numbered anew: 0 for the largest cluster."""
    renumbered = np.full(len(labels), NONE, np.int32)
    found, sizes = np.unique(labels[labels != NONE], return_counts=True)
    for number, one in enumerate(found[np.argsort(-sizes, kind="stable")]):
        renumbered[labels == one] = number
    return renumbered
