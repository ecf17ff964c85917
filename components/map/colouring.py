"""What the colours of the map mean: groups of models with a legend, or a likeness."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from components.map import palette
from components.map.legend import Entry
from components.map.map_data import MapData
from components.shared import asset_urls
from core.catalogue import Catalogue
from core.similarity import ScoreDistribution

# What the page calls each way to colour the map; the facets are those of `Filters`.
WAYS = {
    "cluster": "Cluster",
    "category": "Category",
    "creator": "Creator",
    "licence": "Licence",
    "similarity": "Likeness",
}
# What a legend of them is called.
PLURALS = {
    "cluster": "Clusters",
    "category": "Categories",
    "creator": "Creators",
    "licence": "Licences",
}
# Those that are facets of the models.
FACETS = ("category", "creator", "licence")
# The number of a model that is in no group.
NONE = 255
# Groups that are told apart; the legend of a map with more ends with the rest.
MAX_GROUPS = 250


@dataclass(frozen=True, slots=True)
class Colouring:
    """A colour for each model.

    Attributes:
        groups: uint8 (n,): which of the colours a model has; 255 for none.
        colours: as "#0072b2".
        entries: what the colours mean, the largest group first; none for a likeness.
    """

    groups: np.ndarray
    colours: tuple[str, ...]
    entries: tuple[Entry, ...]


def by_cluster(chart: MapData, catalogue: Catalogue) -> Colouring:
    """Colour clusters so that those of one colour lie far apart."""
    count = len(chart.clusters)
    sizes = np.bincount(chart.labels[chart.labels >= 0], minlength=count)
    landmarks = [chart.row_of.get(cluster.landmark) for cluster in chart.clusters]
    places = chart.layouts["map"]
    centres = [
        places[chart.labels == number].mean(axis=0) if sizes[number] else np.zeros(2)
        for number in range(count)
    ]
    colours = palette.far_apart(np.array(centres))
    entries = [
        Entry(
            key=f"cluster:{number}",
            group=number,
            name=chart.name_of(number),
            count=int(sizes[number]),
            colour=colours[number],
            src=""
            if (row := landmarks[number]) is None
            else asset_urls.picture(catalogue, chart.items[row]),
        )
        for number in range(min(count, MAX_GROUPS))
        if sizes[number]
    ]
    entries.sort(key=lambda entry: -entry.count)
    groups = np.where((chart.labels >= 0) & (chart.labels < MAX_GROUPS), chart.labels, NONE)
    return Colouring(groups.astype(np.uint8), tuple(colours[:MAX_GROUPS]), tuple(entries))


def by_facet(chart: MapData, facet: str) -> Colouring:
    """Colour by what is said of the models: the largest groups get colours of their own."""
    values = [getattr(item, facet) for item in chart.items]
    found, counts = np.unique(values, return_counts=True)
    sizes = {
        str(value): int(count)
        for value, count in sorted(zip(found, counts, strict=True), key=lambda pair: -pair[1])
        if value
    }
    shown = list(sizes)[:MAX_GROUPS]
    colours = palette.assign([(value, sizes[value]) for value in shown])
    number = {value: place for place, value in enumerate(shown)}
    entries = tuple(
        Entry(
            key=f"{facet}:{value}",
            group=number[value],
            name=value,
            count=sizes[value],
            colour=colours[value],
        )
        for value in shown
    )
    groups = np.array([number.get(value, NONE) for value in values], np.uint8)
    return Colouring(groups, tuple(colours[value] for value in shown), entries)


def uniform(count: int) -> Colouring:
    """Colour `count` models alike, where nothing tells them apart."""
    return Colouring(np.zeros(count, np.uint8), palette.COLOURS[:1], ())


def by_likeness(scores: np.ndarray) -> Colouring:
    """Colour by likeness: from the middle of the scores, float (n,), to the highest."""
    spread = ScoreDistribution.over(scores)
    most = float(scores.max(initial=spread.centre))
    share = np.clip((scores - spread.centre) / max(most - spread.centre, 1e-9), 0, 1)
    groups = np.round(share * (palette.SHADES - 1)).astype(np.uint8)
    return Colouring(groups, tuple(palette.ramp()), ())


def ways(chart: MapData, *, likeness: bool) -> dict[str, str]:
    """Return the ways in which this map can be coloured: those that tell something."""

    def tells(values: Iterable[str]) -> bool:
        return len(set(values)) > 1

    told = {
        "cluster": len(chart.clusters) > 0,
        "similarity": likeness,
        **{facet: tells(getattr(item, facet) for item in chart.items) for facet in FACETS},
    }
    return {way: words for way, words in WAYS.items() if told[way]}
