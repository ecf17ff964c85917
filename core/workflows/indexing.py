"""Brings a catalogue's vectors and map up to date: only what is missing, and in pieces.

Each picture is decoded once, whichever descriptors lack it; what `compact` is
fitted to goes through the network a second time, as the line drawing made of
it. Finished pieces are stored as they come, so work that was cancelled or
killed goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core import search
from core.catalogue import Catalogue, Failure
from core.descriptors import COMPACT, NAMES, PUBLISHED, Compact, CompactFit, Published, fitting
from core.errors import LookalikeError
from core.jobs import Progress
from core.maps import build, thumbnail_atlas
from core.pictures import decoding, resizing
from core.vision import Network
from core.vision.weights import DIGEST
from core.workflows import viewpoint_indexing
from core.workflows.embedding import (
    ACTIVATIONS,
    RECIPE,
    REFIT_BELOW,
    STORED_AT_ONCE,
    _reusable_fit,
    current_fit_fingerprint,
    embed,
    find_todo,
)


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """What an update did.

    Attributes:
        embedded: how many pictures were looked at.
        failed: how many could not be.
        fitted: whether `compact` was fitted.
        mapped: whether the map was drawn anew.
        placed: how many items were placed on the map that was there.
    """

    embedded: int
    failed: int
    fitted: bool
    mapped: bool
    placed: int = 0

    def __str__(self) -> str:
        """Return what was done as a sentence."""
        if not (self.embedded or self.failed or self.mapped or self.placed):
            return "Vectors and map are up to date."
        words = [f"{self.embedded:,} embedded"] if self.embedded else []
        if self.failed:
            words.append(f"{self.failed:,} could not be taken")
        if self.mapped:
            words.append("map drawn anew")
        elif self.placed:
            words.append(f"{self.placed:,} placed on the map")
        told = ", ".join(words)
        return f"{told[0].upper()}{told[1:]}."


def update(
    catalogue: Catalogue,
    *,
    load_network: Callable[[], Network],
    names: Sequence[str] = NAMES,
    progress: Progress | None = None,
    new_map: bool = False,
) -> IndexCounts:
    """Embed what is missing, fit `compact` where it must be, and bring the map up to date.

    What is new is placed on the map that is there. It is drawn anew, and everything may move,
    where there is none, where other vectors than these made it, where it is outgrown, and where
    `new_map` asks for it.

    Args:
        catalogue: what to bring up to date.
        load_network: called only if there is something to embed.
        names: which descriptors to bring up to date.
        progress: told of each step; raises `Cancelled` through this function.
        new_map: draw the map anew in any case.
    """
    progress = progress or Progress()
    catalogue.sweep()
    _restore_thumbnails(catalogue, progress)
    todo = find_todo(catalogue, names)
    embedded = failed = 0
    network: Network | None = None
    if todo.items:
        progress.stage("Loading the network")
        network = load_network()
        embedded, failed = embed(catalogue, network, todo, progress)
    fitted = COMPACT in names and _fit(catalogue, load_network, network, progress)
    if COMPACT in names:
        _embed_viewpoints(catalogue, load_network, network, progress)
    for name in names:
        if name == PUBLISHED or catalogue.vectors.fit_fingerprint(COMPACT) is not None:
            catalogue.vectors.compact(name, search.fingerprint_of(catalogue, name))
    mapped, placed = False, 0
    if COMPACT in names:
        mapped, placed = _update_map(catalogue, progress, new_map=new_map)
        if embedded or mapped or placed or catalogue.pictures.published("atlas") is None:
            thumbnail_atlas.publish(catalogue, catalogue.items.find(), progress=progress)
    return IndexCounts(embedded, failed, fitted, mapped, placed)


def is_current(catalogue: Catalogue) -> bool:
    """Return whether every item has its vectors, without loading the network."""
    compact = current_fit_fingerprint(catalogue)
    return compact is not None and not (
        catalogue.vectors.missing(COMPACT, compact)
        or viewpoint_indexing.missing(catalogue, compact)
        or catalogue.vectors.missing(PUBLISHED, Published(DIGEST).fingerprint)
    )


def _fit(
    catalogue: Catalogue,
    load_network: Callable[[], Network],
    network: Network | None,
    progress: Progress,
) -> bool:
    """Fit `compact` to the activations that wait, and store it with its vectors."""
    waiting = catalogue.vectors.read(ACTIVATIONS, RECIPE)
    if not waiting.ids:
        return False
    if _reusable_fit(catalogue) is not None:
        catalogue.vectors.drop(ACTIVATIONS)
        return False
    stored = current_fit_fingerprint(catalogue)
    if stored is not None and not catalogue.vectors.missing(COMPACT, stored):
        return False
    progress.stage("Learning what tells these pictures apart")
    network = network or load_network()
    photos, lines = np.hsplit(waiting.matrix(), 2)
    fit = fitting.fit(photos, lines)
    compact = Compact(DIGEST, fit)
    by_id = {item.id: item for item in catalogue.items.find()}
    items = [by_id[item_id] for item_id in waiting.ids]
    catalogue.vectors.save_fit(
        COMPACT, compact.fingerprint, fit.arrays(), items, _storage_rows(compact, photos)
    )
    del photos, lines
    if fit.items >= REFIT_BELOW:
        catalogue.vectors.drop(ACTIVATIONS)
    catalogue.sweep()
    # A large catalogue was fitted to a sample of it: the rest follows.
    rest = find_todo(catalogue, [COMPACT])
    if rest.items:
        embed(catalogue, network, rest, progress)
    return True


def _embed_viewpoints(
    catalogue: Catalogue,
    load_network: Callable[[], Network],
    network: Network | None,
    progress: Progress,
) -> None:
    """Embed the sides of models that have pictures of them."""
    fingerprint = current_fit_fingerprint(catalogue)
    if fingerprint is None or not viewpoint_indexing.missing(catalogue, fingerprint):
        return
    arrays = catalogue.vectors.load_fit(COMPACT)
    assert arrays is not None
    compact = Compact(DIGEST, CompactFit.of(arrays))
    viewpoint_indexing.update(catalogue, compact, network or load_network(), progress=progress)


def _storage_rows(compact: Compact, photos: np.ndarray) -> np.ndarray:
    """Project in pieces: the activations in float32 are twice what is stored."""
    pieces = [
        compact.stored(photos[n : n + STORED_AT_ONCE])
        for n in range(0, len(photos), STORED_AT_ONCE)
    ]
    return np.concatenate(pieces)


def _update_map(catalogue: Catalogue, progress: Progress, *, new_map: bool) -> tuple[bool, int]:
    """Return whether the map was drawn anew, and how many items were placed on it otherwise."""
    fingerprint = current_fit_fingerprint(catalogue)
    if fingerprint is None:
        return False, 0
    by_id = {item.id: item for item in catalogue.items.all_items().values()}
    index = search.index_of(catalogue, COMPACT)
    items = [by_id[item_id] for item_id in index.ids]
    if not items:
        return False, 0
    chart = catalogue.map.load()
    if (
        new_map
        or chart is None
        or not chart.fingerprint.startswith(RECIPE)
        or build.needs_rebuild(chart, items)
    ):
        chart = build.build_map(index, items, fingerprint=fingerprint, progress=progress)
        catalogue.map.save(chart)
        return True, 0
    amended, placed = chart, len(build.unplaced(chart, items))
    if placed or len(chart.ids) != len(items):
        progress.stage("Placing models on the map")
        amended = build.add_items(chart, index, items)
    amended = build.rename_clusters(amended, items)
    if amended.ids != chart.ids or placed or amended.clusters != chart.clusters:
        catalogue.map.save(amended)
    return False, placed


def _restore_thumbnails(catalogue: Catalogue, progress: Progress) -> None:
    lost = catalogue.pictures.lost_thumbnails()
    if lost:
        progress.stage("Restoring thumbnails", len(lost))
    for item in lost:
        try:
            picture = decoding.decode(catalogue.pictures.original(item))
            catalogue.pictures.restore_thumbnail(item, resizing.thumbnail(picture))
        except LookalikeError as error:
            failure = Failure("index", item.source_id, item.name, str(error))
            catalogue.imports.record_failures([failure])
        progress.advance()
