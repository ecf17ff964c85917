"""Draws the map of a catalogue, and keeps it up to date without moving what it shows."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from core.catalogue import Cluster, Item, Map
from core.jobs import Progress, Stage
from core.maps import cluster_names, clusters, grid, quality, umap_layout
from core.similarity import Index, knn_graph

# A map is outgrown when it shows more than this many times the items that it was drawn of.
MAX_GROWTH = 2
# How much of the digest of a picture a map keeps, as `Map` says.
_DIGEST = 8


def build_map(
    index: Index, items: Sequence[Item], *, fingerprint: str, progress: Progress | None = None
) -> Map:
    """Lay out a catalogue anew: the same vectors give the same map.

    Args:
        index: the vectors, of the space of models.
        items: `items[i]` is what row i is of.
        identity: of the vectors.
        progress: told of each step; raises `Cancelled` between two of them.
    """
    progress = progress or Progress()
    progress.stage(Stage.FINDING_NEIGHBOURS)
    rows = index.unit_rows()
    near = knn_graph.knn_graph(rows)
    progress.check()
    progress.stage(Stage.COMPUTING_LAYOUT)
    places = umap_layout.umap_layout(rows, near)
    progress.check()
    progress.stage(Stage.ARRANGING_GRID)
    cells = grid.assign_cells(places)
    progress.check()
    progress.stage(Stage.FINDING_CLUSTERS)
    labels = clusters.find(places, near)
    members = [np.flatnonzero(labels == one) for one in range(labels.max(initial=-1) + 1)]
    landmarks = [clusters.landmark(one, rows) for one in members]
    told = cluster_names.name_clusters(members, items, landmarks=[items[row] for row in landmarks])
    progress.check()
    progress.stage(Stage.MEASURING_MAP)
    return Map(
        ids=index.ids,
        digests=short_digests(items),
        coordinates=places,
        grid=cells,
        labels=labels,
        added_later=np.zeros(len(index), bool),
        clusters=tuple(
            Cluster(name, items[row].id) for name, row in zip(told, landmarks, strict=True)
        ),
        fingerprint=fingerprint,
        quality=quality.measure(rows, near, places),
    )


def unplaced(chart: Map, items: Sequence[Item]) -> np.ndarray:
    """Return the numbers of the items that the map does not show with their present picture."""
    shown = set(zip(chart.ids, chart.digests, strict=True))
    pairs = zip((item.id for item in items), short_digests(items), strict=True)
    return np.flatnonzero([pair not in shown for pair in pairs])


def needs_rebuild(chart: Map, items: Sequence[Item]) -> bool:
    """Return whether the map was drawn of less than half of the items, as they are now."""
    standing = set(compress(chart.ids, ~chart.added_later))
    standing -= {items[number].id for number in unplaced(chart, items)}
    return len(items) > MAX_GROWTH * sum(item.id in standing for item in items)


def add_items(chart: Map, index: Index, items: Sequence[Item]) -> Map:
    """Return the map of these items: those unplaced are put amid their neighbours.

    That is, amid those among what the map was drawn of: the order in which items come changes
    no place. Nothing else moves, and what is no more vanishes.

    Args:
        chart: the map so far; not `needs_rebuild`.
        index: the vectors, of the space of models.
        items: `items[i]` is what row i is of.
    """
    row_of = {item_id: row for row, item_id in enumerate(chart.ids)}
    new = unplaced(chart, items)
    stays = np.setdiff1d(np.arange(len(items)), new)
    old = [row_of[items[number].id] for number in stays]
    places, cells = np.empty((2, len(items), 2), np.float32)
    labels = np.full(len(items), clusters.NONE, np.int32)
    later = np.ones(len(items), bool)
    places[stays], cells[stays] = chart.coordinates[old], chart.grid[old]
    labels[stays], later[stays] = chart.labels[old], chart.added_later[old]
    rows = index.unit_rows()
    if len(new):
        drawn = stays[~later[stays]]
        near = knn_graph.kneighbors(rows[new], rows[drawn])
        ids = [items[number].id for number in new]
        places[new] = umap_layout.jitter(
            umap_layout.interpolate(near, places[drawn]), ids, of=len(drawn)
        )
        cells[new] = grid.assign_new_cells(
            cells[stays], umap_layout.interpolate(near, cells[drawn])
        )
        labels[new] = clusters.vote(labels[drawn][near.rows])
    return replace(
        chart,
        ids=index.ids,
        digests=short_digests(items),
        coordinates=places,
        grid=cells,
        labels=labels,
        added_later=later,
        clusters=tuple(
            _with_landmark(cluster, np.flatnonzero(labels == number), index, rows)
            for number, cluster in enumerate(chart.clusters)
        ),
    )


def rename_clusters(chart: Map, items: Sequence[Item]) -> Map:
    """Return the map with other names for the clusters whose names hold no more.

    Names are made of the words of those that the map was drawn of: what comes later takes the
    name that it finds.
    """
    by_id = {item.id: item for item in items}
    drawn = [number for number in np.flatnonzero(~chart.added_later) if chart.ids[number] in by_id]
    labels = chart.labels[drawn]
    known = [
        number
        for number, cluster in enumerate(chart.clusters)
        if (labels == number).any() and cluster.landmark in by_id
    ]
    told = cluster_names.name_clusters(
        [np.flatnonzero(labels == number) for number in known],
        [by_id[chart.ids[number]] for number in drawn],
        landmarks=[by_id[chart.clusters[number].landmark] for number in known],
        so_far=[chart.clusters[number].name for number in known],
    )
    named = dict(zip(known, told, strict=True))
    return replace(
        chart,
        clusters=tuple(
            replace(cluster, name=named.get(number, cluster.name))
            for number, cluster in enumerate(chart.clusters)
        ),
    )


def short_digests(items: Sequence[Item]) -> tuple[str, ...]:
    """Return as much of the digest of each item's picture as a map keeps."""
    return tuple(item.digest[:_DIGEST] for item in items)


def _with_landmark(
    cluster: Cluster, members: np.ndarray, index: Index, rows: np.ndarray
) -> Cluster:
    """Return the cluster with a landmark that is there, as long as it has members at all."""
    if cluster.landmark in index.row_of or not len(members):
        return cluster
    return replace(cluster, landmark=index.ids[clusters.landmark(members, rows)])
