"""Builds the map of a catalogue, and adds new items to it without moving the others."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Cluster, Item, Map
from core.jobs import Progress, Stage
from core.maps import cluster_names, clusters, gaps, quality, square_grid, umap_layout
from core.similarity import Index, knn_graph

# A map has to be rebuilt when it shows more than this many times the items it was built from.
MAX_GROWTH = 2


def build_map(
    index: Index,
    items: Sequence[Item],
    *,
    fingerprint: str,
    taken: Iterable[str] = (),
    progress: Progress | None = None,
) -> Map:
    """Compute a complete new map; the same vectors always give the same map.

    Args:
        index: the vectors, in the space of models.
        items: `items[i]` belongs to row i of the index.
        fingerprint: the fingerprint of the vectors.
        taken: names that no cluster may get, because people gave them to clusters.
        progress: reports each stage.

    Raises:
        Cancelled: `progress` was cancelled; it is checked between two stages.
    """
    progress = progress or Progress()
    progress.stage(Stage.FINDING_NEIGHBOURS)
    rows = index.unit_rows()
    graph = knn_graph.knn_graph(rows)
    progress.check()
    progress.stage(Stage.COMPUTING_LAYOUT)
    layout = umap_layout.umap_layout(rows, graph)
    # Only here: what is stored is what is shown, so that lassos, links and exports agree, and
    # models that are added later move no others.
    coordinates = gaps.close(layout)
    progress.check()
    progress.stage(Stage.ARRANGING_GRID)
    cells = square_grid.assign_cells(coordinates)
    progress.check()
    progress.stage(Stage.FINDING_CLUSTERS)
    # The empty space between islands tells clusters apart.
    labels = clusters.find(layout, graph)
    members = [np.flatnonzero(labels == label) for label in range(labels.max(initial=-1) + 1)]
    central = [items[clusters.landmark(cluster, rows)] for cluster in members]
    names = cluster_names.name_clusters(members, items, landmarks=central, taken=taken)
    progress.check()
    progress.stage(Stage.MEASURING_MAP)
    return Map(
        ids=index.ids,
        digests=tuple(item.short_digest for item in items),
        coordinates=coordinates,
        grid=cells,
        labels=labels,
        added_later=np.zeros(len(index), bool),
        clusters=tuple(
            Cluster(name, items[_landmark(name, cluster, items, rows)].id)
            for name, cluster in zip(names, members, strict=True)
        ),
        fingerprint=fingerprint,
        quality=quality.measure(rows, graph, coordinates),
    )


def unplaced(current: Map, items: Sequence[Item]) -> NDArray[np.intp]:
    """Return the positions in `items` of those that the map does not show: intp (n,), ascending.

    An item whose picture has changed since it was placed counts as not shown.
    """
    shown = set(zip(current.ids, current.digests, strict=True))
    return np.flatnonzero([(item.id, item.short_digest) not in shown for item in items])


def needs_rebuild(current: Map, items: Sequence[Item]) -> bool:
    """Return whether the map was built from less than half of the items as they are now."""
    original = set(compress(current.ids, ~current.added_later))
    original -= {items[number].id for number in unplaced(current, items)}
    return len(items) > MAX_GROWTH * sum(item.id in original for item in items)


def add_items(current: Map, index: Index, items: Sequence[Item]) -> Map:
    """Return the map of exactly these items, with the new ones placed among their neighbours.

    Only neighbours that the map was built from count, so the order in which items are added
    does not change where they end up. Nothing else moves. Items that are not in `items` are
    dropped.

    Args:
        current: the map so far, for which `needs_rebuild` is false.
        index: the vectors, in the space of models.
        items: `items[i]` belongs to row i of the index.
    """
    row_of = {item_id: row for row, item_id in enumerate(current.ids)}
    new = unplaced(current, items)
    placed = np.setdiff1d(np.arange(len(items)), new)
    old = [row_of[items[number].id] for number in placed]
    coordinates, cells = np.empty((2, len(items), 2), np.float32)
    labels = np.full(len(items), clusters.NONE, np.int32)
    added_later = np.ones(len(items), bool)
    coordinates[placed], cells[placed] = current.coordinates[old], current.grid[old]
    labels[placed], added_later[placed] = current.labels[old], current.added_later[old]
    rows = index.unit_rows()
    if len(new):
        original = placed[~added_later[placed]]
        graph = knn_graph.kneighbors(rows[new], rows[original])
        ids = [items[number].id for number in new]
        coordinates[new] = umap_layout.jitter(
            umap_layout.interpolate(graph, coordinates[original]), ids, item_count=len(original)
        )
        cells[new] = square_grid.assign_new_cells(
            cells[placed], umap_layout.interpolate(graph, cells[original])
        )
        labels[new] = clusters.vote(labels[original][graph.rows])
    return replace(
        current,
        ids=index.ids,
        digests=tuple(item.short_digest for item in items),
        coordinates=coordinates,
        grid=cells,
        labels=labels,
        added_later=added_later,
        clusters=tuple(
            _with_landmark(cluster, np.flatnonzero(labels == number), index, rows)
            for number, cluster in enumerate(current.clusters)
        ),
    )


def rename_clusters(current: Map, index: Index, items: Sequence[Item]) -> Map:
    """Return the map with new names for the clusters whose names no longer fit.

    Names are made from the words of the items that the map was built from. Items that were
    added later do not change the name of their cluster. A landmark that its name does not describe
    is replaced. Names that people gave stay.

    Args:
        current: the map, of exactly these items.
        index: the vectors, in the space of models.
        items: `items[i]` belongs to row i of the index.
    """
    label_of = dict(zip(current.ids, current.labels.tolist(), strict=True))
    added_later = set(compress(current.ids, current.added_later))
    original = [row for row, item in enumerate(items) if item.id not in added_later]
    labels = np.array([label_of[items[row].id] for row in original], np.int32)
    known = [
        number
        for number, cluster in enumerate(current.clusters)
        if (labels == number).any() and cluster.landmark in index.row_of
    ]
    names = cluster_names.name_clusters(
        [np.flatnonzero(labels == number) for number in known],
        [items[row] for row in original],
        landmarks=[items[index.row_of[current.clusters[number].landmark]] for number in known],
        previous=[current.clusters[number].automatic_name for number in known],
        taken=edited_names(current),
    )
    renamed = list(current.clusters)
    for number, name in zip(known, names, strict=True):
        landmark = renamed[number].landmark
        if not cluster_names.describes(name, [items[index.row_of[landmark]]]).all():
            members = np.array(original)[labels == number]
            landmark = items[_landmark(name, members, items, index.unit_rows())].id
        renamed[number] = replace(renamed[number], automatic_name=name, landmark=landmark)
    return replace(current, clusters=tuple(renamed))


def edited_names(current: Map) -> list[str]:
    """Return the names that people gave clusters of the map."""
    return [cluster.edited_name for cluster in current.clusters if cluster.edited_name]


def _landmark(
    name: str, members: NDArray[np.intp], items: Sequence[Item], rows: NDArray[np.float32]
) -> int:
    """Return the most typical of a cluster's members, among those that its name describes.

    The most central of all may be of another kind: that of a demo's animals was a dollar sign.

    Args:
        name: of the cluster.
        members: the positions of its items: intp (n,).
        items: all items.
        rows: the vectors of the items, of unit length: float32 (m, dimensions).
    """
    described = cluster_names.describes(name, [items[row] for row in members])
    return clusters.landmark(members[described] if described.any() else members, rows)


def _with_landmark(
    cluster: Cluster, members: NDArray[np.intp], index: Index, rows: NDArray[np.float32]
) -> Cluster:
    """Return the cluster with a landmark that is in the index, unless it has no members left."""
    if cluster.landmark in index.row_of or not len(members):
        return cluster
    return replace(cluster, landmark=index.ids[clusters.landmark(members, rows)])
