"""Index a catalogue: compute its missing vectors, fit `compact` and update the map.

Each picture is decoded once, whichever descriptors lack its vector. A picture that `compact` is
fitted to goes through the network a second time, as the line drawing made of it. Finished
segments are stored immediately, so that a job that was cancelled or killed continues where it
stopped.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import search
from core.catalogue import Catalogue, Failure
from core.counting import counted
from core.descriptors import COMPACT, NAMES, PUBLISHED, Compact, CompactFit, Published, fitting
from core.errors import LookalikeError
from core.jobs import Progress, Stage
from core.linalg import HalfOrSingle
from core.maps import build, thumbnail_atlas
from core.pictures import blankness, decoding, resizing
from core.vision import Network
from core.vision.weights import DIGEST
from core.workflows import checking, cut_out_thumbnails, viewpoint_indexing
from core.workflows.embedding import (
    ACTIVATIONS,
    RECIPE,
    REFIT_BELOW,
    SEGMENT_ITEMS,
    embed,
    find_missing,
    reusable_fit,
)


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """What an update did.

    Attributes:
        embedded: how many pictures were embedded.
        failed: how many pictures failed.
        fitted: whether `compact` was fitted.
        mapped: whether the layout of the map was computed.
        placed: how many items were added to the existing map.
        replaced: how many lost or damaged files of vectors and maps were made again.
    """

    embedded: int
    failed: int
    fitted: bool
    mapped: bool
    placed: int = 0
    replaced: int = 0

    def __str__(self) -> str:
        """Return the counts as a sentence."""
        words = [f"{self.embedded:,} embedded"] if self.embedded else []
        if self.failed:
            words.append(f"{self.failed:,} failed to index")
        if self.mapped:
            words.append("map layout computed")
        elif self.placed:
            words.append(f"{self.placed:,} added to the map")
        if self.replaced:
            words.append(f"{counted(self.replaced, 'damaged file')} made again")
        if not words:
            return "Vectors and map are up to date."
        listed = ", ".join(words)
        return f"{listed[0].upper()}{listed[1:]}."


def update(
    catalogue: Catalogue,
    *,
    load_network: Callable[[], Network],
    names: Sequence[str] = NAMES,
    progress: Progress | None = None,
    rebuild_map: bool = False,
) -> IndexCounts:
    """Compute the missing vectors, fit `compact` if necessary, and update the map.

    New items are added to the existing map. Its layout is recomputed, and every item may move, if
    there is no map, if it was computed from other vectors, if it is out of date (see
    `maps.build.needs_rebuild`), or if `rebuild_map` is set.

    Files that are lost or damaged are made again, as new ones are.

    Args:
        catalogue: the catalogue to index.
        load_network: called only if there is something to embed.
        names: the descriptors to compute.
        progress: advanced with each picture.
        rebuild_map: whether to recompute the layout of the map in any case.

    Raises:
        Cancelled: the job was cancelled. Finished segments stay.
        LookalikeError: the network cannot be loaded.
    """
    progress = progress or Progress()
    progress.stage(Stage.CHECKING_FILES)
    damaged = catalogue.damage()
    catalogue.vectors.discard_damaged()
    checking.discard_thumbnails(catalogue)
    catalogue.sweep()
    _restore_thumbnails(catalogue, progress)
    _look_for_blank(catalogue, progress)
    missing = find_missing(catalogue, names)
    embedded = failed = 0
    network: Network | None = None
    if missing.items:
        progress.stage(Stage.LOADING_NETWORK)
        network = load_network()
        embedded, failed = embed(catalogue, network, missing, progress)
    fitted = COMPACT in names and _fit(catalogue, load_network, network, progress)
    if COMPACT in names:
        _embed_viewpoints(catalogue, load_network, network, progress)
    for name in names:
        if name == PUBLISHED or search.current_fit_fingerprint(catalogue) is not None:
            catalogue.vectors.compact(name, search.fingerprint_of(catalogue, name))
    mapped, placed = False, 0
    if COMPACT in names:
        mapped, placed = _update_map(catalogue, progress, rebuild_map=rebuild_map)
        if embedded or mapped or placed or catalogue.pictures.served_url("atlas") is None:
            thumbnail_atlas.serve(catalogue, catalogue.items.find(), progress=progress)
    # Last: the second atlas takes the tiles of other items from the first.
    cut_out_thumbnails.update(catalogue, progress=progress)
    still_damaged = {each.file for each in catalogue.damage()} if damaged else set()
    checking.resolve_indexed(catalogue)
    replaced = sum(each.file not in still_damaged for each in damaged)
    return IndexCounts(embedded, failed, fitted, mapped, placed, replaced)


def is_current(catalogue: Catalogue) -> bool:
    """Return whether every item has all its vectors, without loading the network."""
    compact = search.current_fit_fingerprint(catalogue)
    return compact is not None and not (
        catalogue.damage()
        or catalogue.vectors.missing(COMPACT, compact)
        or viewpoint_indexing.missing(catalogue, compact)
        or catalogue.vectors.missing(PUBLISHED, Published(DIGEST).fingerprint)
    )


def _fit(
    catalogue: Catalogue,
    load_network: Callable[[], Network],
    network: Network | None,
    progress: Progress,
) -> bool:
    """Fit `compact` to the stored activations, and store it with its vectors."""
    unfitted = catalogue.vectors.read(ACTIVATIONS, RECIPE)
    if not unfitted.ids:
        return False
    if reusable_fit(catalogue) is not None:
        catalogue.vectors.drop(ACTIVATIONS)
        return False
    stored = search.current_fit_fingerprint(catalogue)
    if (
        stored is not None
        and not catalogue.vectors.missing(COMPACT, stored)
        and catalogue.vectors.load_fit(COMPACT) is not None
    ):
        return False
    progress.stage(Stage.FITTING)
    network = network or load_network()
    photos, drawings = np.hsplit(unfitted.matrix(), 2)
    fit = fitting.fit(photos, drawings)
    compact = Compact(DIGEST, fit)
    by_id = {item.id: item for item in catalogue.items.find()}
    items = [by_id[item_id] for item_id in unfitted.ids]
    catalogue.vectors.save_fit(
        COMPACT, compact.fingerprint, fit.arrays(), items, _storage_rows(compact, photos)
    )
    del photos, drawings
    if fit.items >= REFIT_BELOW:
        catalogue.vectors.drop(ACTIVATIONS)
    catalogue.sweep()
    # `compact` was fitted to a sample of a large catalogue: the other items are embedded now.
    rest = find_missing(catalogue, [COMPACT])
    if rest.items:
        embed(catalogue, network, rest, progress)
    return True


def _embed_viewpoints(
    catalogue: Catalogue,
    load_network: Callable[[], Network],
    network: Network | None,
    progress: Progress,
) -> None:
    """Embed the other viewpoints of the models that have pictures of them."""
    fingerprint = search.current_fit_fingerprint(catalogue)
    if fingerprint is None or not viewpoint_indexing.missing(catalogue, fingerprint):
        return
    arrays = catalogue.vectors.load_fit(COMPACT)
    assert arrays is not None
    compact = Compact(DIGEST, CompactFit.of(arrays))
    viewpoint_indexing.update(catalogue, compact, network or load_network(), progress=progress)


def _storage_rows(compact: Compact, photos: HalfOrSingle) -> NDArray[np.float32]:
    """Return `compact.stored(photos)`, computed in parts.

    The activations are stored as float16; as float32 all of them would take twice the memory.
    """
    parts = [
        compact.stored(photos[start : start + SEGMENT_ITEMS])
        for start in range(0, len(photos), SEGMENT_ITEMS)
    ]
    return np.concatenate(parts)


def _update_map(catalogue: Catalogue, progress: Progress, *, rebuild_map: bool) -> tuple[bool, int]:
    """Return whether the layout was computed, and how many items were added to it otherwise."""
    fingerprint = search.current_fit_fingerprint(catalogue)
    if fingerprint is None:
        return False, 0
    by_id = {item.id: item for item in catalogue.items.all_items().values()}
    index = search.index_of(catalogue, COMPACT)
    items = [by_id[item_id] for item_id in index.ids]
    if not items:
        return False, 0
    current = catalogue.map.load()
    if (
        rebuild_map
        or current is None
        or not search.is_of_this_version(current.fingerprint)
        or build.needs_rebuild(current, items)
    ):
        taken = catalogue.map.edited_names()
        rebuilt = build.build_map(
            index, items, fingerprint=fingerprint, taken=taken, progress=progress
        )
        catalogue.map.save(rebuilt)
        return True, 0
    updated, placed = current, len(build.unplaced(current, items))
    if placed or len(current.ids) != len(items):
        progress.stage(Stage.ADDING_TO_MAP)
        updated = build.add_items(current, index, items)
    updated = build.rename_clusters(updated, index, items)
    if updated.ids != current.ids or placed or updated.clusters != current.clusters:
        catalogue.map.save(updated)
    return False, placed


def _look_for_blank(catalogue: Catalogue, progress: Progress) -> None:
    """Find the pictures with nothing to see among those that an earlier version imported."""
    items = catalogue.items.not_looked_at()
    if items:
        progress.stage(Stage.LOOKING_FOR_BLANK, len(items))
    for start in range(0, len(items), SEGMENT_ITEMS):
        found = {}
        for item in items[start : start + SEGMENT_ITEMS]:
            with suppress(LookalikeError):  # embedding it says what is wrong
                picture = decoding.decode(catalogue.pictures.original(item))
                found[item.id] = blankness.is_blank(picture)
            progress.advance()
            progress.check()
        catalogue.items.mark_blank(found)


def _restore_thumbnails(catalogue: Catalogue, progress: Progress) -> None:
    """Make new thumbnails for the items whose thumbnail files were lost."""
    lost = catalogue.pictures.lost_thumbnails()
    if lost:
        progress.stage(Stage.RESTORING_THUMBNAILS, len(lost))
    for item in lost:
        try:
            picture = decoding.decode(catalogue.pictures.original(item))
            catalogue.pictures.restore_thumbnail(item, resizing.thumbnail(picture))
        except LookalikeError as error:
            failure = Failure("index", item.source_id, item.name, str(error))
            catalogue.imports.record_failures([failure])
        progress.advance()
