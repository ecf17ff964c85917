"""The colours of the map: groups of models with a legend, or similarity to one model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.map import palette
from components.map.legend import Entry
from components.map.map_data import MapData
from components.shared import asset_urls, url_state
from core.catalogue import Catalogue, CutOutThumbnail
from core.natural_order import natural_key
from core.similarity import ScoreDistribution

# What the map can be coloured by, and what the page calls it. The facets are those of `Filters`.
LABELS = {
    "cluster": "Cluster",
    "category": "Category",
    "creator": "Creator",
    "licence": "Licence",
    "similarity": "Similarity",
}
# What the legend is called.
PLURALS = {
    "cluster": "Clusters",
    "category": "Categories",
    "creator": "Creators",
    "licence": "Licences",
}
# The group number of a model that is in no group.
NONE = 255
# How many groups have a number and a place in the legend.
MAX_GROUPS = 250


@dataclass(frozen=True, slots=True)
class Colouring:
    """A colour for each model.

    Attributes:
        groups: uint8 (n,): which of the colours a model has; 255 for none.
        colours: in the form "#0072b2".
        entries: what the colours mean, the largest group first; none for similarity.
    """

    groups: NDArray[np.uint8]
    colours: tuple[str, ...]
    entries: tuple[Entry, ...]


def by_cluster(
    map_: MapData,
    catalogue: Catalogue,
    *,
    cut_outs: Mapping[str, CutOutThumbnail] = asset_urls.NO_CUT_OUTS,
) -> Colouring:
    """Colour by cluster, so that clusters of the same colour are far apart.

    The legend shows landmarks by their thumbnails, or by their `cut_outs`, by item id.
    """
    count = len(map_.clusters)
    sizes = np.bincount(map_.labels[map_.labels >= 0], minlength=count)
    landmarks = [map_.row_of.get(cluster.landmark) for cluster in map_.clusters]
    coordinates = map_.layouts["map"]
    centres = [
        coordinates[map_.labels == number].mean(axis=0) if sizes[number] else np.zeros(2)
        for number in range(count)
    ]
    colours = palette.far_apart(np.array(centres))
    entries = [
        Entry(
            key=f"cluster:{number}",
            group=number,
            name=map_.name_of(number),
            count=int(sizes[number]),
            colour=colours[number],
            src=""
            if (row := landmarks[number]) is None
            else asset_urls.picture(catalogue, map_.items[row], cut_outs=cut_outs),
        )
        for number in range(min(count, MAX_GROUPS))
        if sizes[number]
    ]
    entries.sort(key=lambda entry: -entry.count)
    groups = np.where((map_.labels >= 0) & (map_.labels < MAX_GROUPS), map_.labels, NONE)
    return Colouring(groups.astype(np.uint8), tuple(colours[:MAX_GROUPS]), tuple(entries))


def by_facet(map_: MapData, facet: str) -> Colouring:
    """Colour by the value of a facet; the largest groups have colours that no other has."""
    values = [getattr(item, facet) for item in map_.items]
    distinct, counts = np.unique(values, return_counts=True)
    counted = zip(distinct.tolist(), counts.tolist(), strict=True)
    largest_first = sorted(counted, key=lambda group: (-group[1], natural_key(group[0])))
    sizes = {value: count for value, count in largest_first if value}
    listed = list(sizes)[:MAX_GROUPS]
    colours = palette.assign([(value, sizes[value]) for value in listed])
    number_of = {value: number for number, value in enumerate(listed)}
    entries = tuple(
        Entry(
            key=f"{facet}:{value}",
            group=number_of[value],
            name=value,
            count=sizes[value],
            colour=colours[value],
        )
        for value in listed
    )
    groups = np.array([number_of.get(value, NONE) for value in values], np.uint8)
    return Colouring(groups, tuple(colours[value] for value in listed), entries)


def uniform(count: int) -> Colouring:
    """Give `count` models the same colour."""
    return Colouring(np.zeros(count, np.uint8), palette.COLOURS[:1], ())


def by_similarity(scores: NDArray[np.float32]) -> Colouring:
    """Colour by similarity: from the median of the scores, float32 (n,), to the highest."""
    distribution = ScoreDistribution.over(scores)
    highest = float(scores.max(initial=distribution.centre))
    scale = max(highest - distribution.centre, 1e-9)
    share = np.clip((scores - distribution.centre) / scale, 0, 1)
    groups = np.round(share * (palette.SHADES - 1)).astype(np.uint8)
    return Colouring(groups, tuple(palette.ramp()), ())


def options(map_: MapData, *, similarity: bool) -> dict[str, str]:
    """Return what this map can be coloured by so that models differ, with labels for the page.

    `similarity` says whether there is a model to compare with.
    """
    useful = set(map_.varied)
    if map_.clusters:
        useful.add("cluster")
    if similarity:
        useful.add("similarity")
    return {colour_by: label for colour_by, label in LABELS.items() if colour_by in useful}


def from_url(options: Mapping[str, str]) -> str:
    """Return which of the `options` the URL colours the map by; empty if there are none."""
    return url_state.choice("colour", options, default(options)) if options else ""


def default(options: Mapping[str, str]) -> str:
    """Return which of the `options` the map is coloured by if the URL does not say."""
    return "category" if "category" in options else next(iter(options), "")
