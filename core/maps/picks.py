"""Picks: a few models that show what a map or each of its largest clusters holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.catalogue import Cluster, Item, Map
from core.linalg import unit_rows
from core.maps import cluster_names, clusters
from core.maps.farthest import farthest_first
from core.similarity import Index

# Smaller clusters, of which most models are hidden or not indexed, have no picks.
MIN_MEMBERS = 4
# Returns the items with these ids, in any order.
GetItems = Callable[[Sequence[str]], Sequence[Item]]


@dataclass(frozen=True, slots=True)
class ClusterPicks:
    """A cluster of a map with a few of its models.

    Attributes:
        number: of the cluster, as in `Map.labels`.
        name: the words that its models have in common.
        count: how many models it has.
        ids: of the picks: first the landmark, then each time the model that is least like those
            before it, of those that belong to the cluster most clearly.
    """

    number: int
    name: str
    count: int
    ids: tuple[str, ...]


def of_clusters(
    map_: Map, index: Index, get_items: GetItems, *, max_clusters: int, max_picks: int
) -> tuple[ClusterPicks, ...]:
    """Return picks of the largest clusters that have a name.

    The largest are what the catalogue is made of; those that are farthest apart were tried too, and
    were what is left over, such as “Symbols, clothing, mark”. The largest of all comes first, and
    then each time the one that is least like those before it.

    Args:
        map_: the map with the clusters.
        index: the vectors of its models, in the space of models.
        get_items: returns the models with some ids.
        max_clusters: the most clusters to return.
        max_picks: the most picks of each.
    """
    named = [number for number, cluster in enumerate(map_.clusters) if cluster.name]
    sizes = np.bincount(map_.labels[map_.labels != clusters.NONE], minlength=len(map_.clusters))
    found: list[ClusterPicks] = []
    for number in sorted(named, key=lambda number: (-sizes[number], number)):
        if len(found) == max_clusters or sizes[number] < MIN_MEMBERS:
            break
        ids = [map_.ids[row] for row in np.flatnonzero(map_.labels == number)]
        items = get_items([item_id for item_id in ids if item_id in index.row_of])
        picks = _diverse(map_.clusters[number], items, index, max_picks)
        if len(picks) >= min(MIN_MEMBERS, max_picks):
            name = map_.clusters[number].name
            found.append(ClusterPicks(number, name, int(sizes[number]), picks))
    if not found:
        return ()
    landmarks = unit_rows(index.rows([index.row_of[one.ids[0]] for one in found]))
    order = farthest_first(landmarks.astype(np.float32), count=len(found))
    return tuple(found[place] for place in order)


def of_map(map_: Map, *, count: int) -> list[str]:
    """Return the ids of up to `count` different models of a map.

    They are far apart on it, and landmarks of clusters: those are typical models, others may be odd
    ones. If there are fewer clusters than that, they are any models. The first is the landmark of
    the largest cluster.
    """
    sizes = np.bincount(map_.labels[map_.labels != clusters.NONE], minlength=len(map_.clusters))
    row_of = {item_id: row for row, item_id in enumerate(map_.ids)}
    rows = [
        row_of[map_.clusters[number].landmark]
        for number in np.argsort(-sizes, kind="stable")
        if map_.clusters[number].landmark in row_of and sizes[number]
    ]
    if len(rows) < count:
        rows += sorted({*range(len(map_.ids))} - {*rows})
    chosen = farthest_first(map_.coordinates[rows], count=count)
    return [map_.ids[rows[number]] for number in chosen]


def _diverse(cluster: Cluster, items: Sequence[Item], index: Index, count: int) -> tuple[str, ...]:
    """Return the ids of up to `count` members of a cluster: a typical one, then far apart.

    The members that are farthest apart belong least: of a demo's faces one was a globe, and of its
    hands a banana. So picks have a word of the cluster's name, and are nearer to its centre
    than half of the members, as far as there are so many.

    Args:
        cluster: its landmark comes first, if it is among the items.
        items: the members, which are in the index.
        index: the vectors.
        count: the most ids to return.
    """
    rows = index.rows([index.row_of[item.id] for item in items])
    finite = np.flatnonzero(np.isfinite(rows).all(axis=1))
    if not len(finite):
        return ()
    members = [items[int(place)] for place in finite]
    unit = unit_rows(rows[finite]).astype(np.float32)
    similarity = unit @ unit.mean(axis=0)
    described = cluster_names.describes(cluster.automatic_name, members)
    if not described.any():
        described[:] = True
    central = similarity >= np.median(similarity)
    landmark = np.array([item.id == cluster.landmark for item in members])
    # The last key counts first.
    order = np.lexsort((-similarity, ~central, ~described, ~landmark))
    core = order[: max(count, int((landmark | (described & central)).sum()))]
    return tuple(members[core[place]].id for place in farthest_first(unit[core], count=count))
