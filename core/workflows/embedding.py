"""Embed the pictures of a catalogue with both descriptors."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core import search
from core.catalogue import Catalogue, Choice, Failure, Item, StoredMask
from core.descriptors import COMPACT, PUBLISHED, Compact, CompactFit, Published, item_cutouts
from core.descriptors.activations import activations
from core.errors import LookalikeError
from core.jobs import Cancelled, Progress, Stage
from core.pictures import decoding
from core.vision import Features, Network, cutout, preprocessing, segmentation
from core.vision.cutout import Cutout
from core.vision.network import LANES, PICTURES_PER_BATCH
from core.vision.weights import DIGEST

# Threads that each turn the files of a batch into vectors: while one decodes, the others keep the
# network busy.
THREADS = LANES + 1
# Items per stored segment: the most a crash can lose, some 12 s of work.
SEGMENT_ITEMS = 256
# `compact` is fitted to at most this many items, and then never again: a PCA of more items changes
# little (a basis fitted on four sets kept .825 of a fifth's neighbours, .809 of its own), and the
# activations would take 200 kB an item.
MAX_FIT_SAMPLE = 2048
# Below this many items the activations stay stored (102 MB at most) and `compact` is fitted again
# whenever items are added, without embedding a picture again.
REFIT_BELOW = 512

# The name under which activations are stored until a fit: those of the cropped object, then those
# of the line drawing.
ACTIVATIONS = "activations"
RECIPE = Compact.recipe(DIGEST)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An item's picture, ready for the network.

    Attributes:
        item: the item.
        picture: RGB.
        squashed: the whole picture, uint8 (224, 224, 3).
        cut: its object, or the whole picture; None if only the network can tell.
        choice: what a person wants to be compared.
    """

    item: Item
    picture: Image.Image
    squashed: NDArray[np.uint8]
    cut: Cutout | None
    choice: Choice


@dataclass(frozen=True, slots=True)
class _Embedded:
    """An item that went through the network, with those of its vectors that were missing.

    Attributes:
        item: the item.
        published: float32 (25088,).
        activations: float16, those of the cropped object, and those of the line drawing if
            `compact` is fitted to the item.
        mask: what was compared of its picture, if `compact` lacked its vector.
    """

    item: Item
    published: NDArray[np.float32] | None
    activations: NDArray[np.float16] | None
    mask: StoredMask | None


@dataclass(frozen=True)
class MissingVectors:
    """The items that have missing vectors, and which.

    Attributes:
        items: all of them.
        published: the ids of those without a vector of `published`.
        compact: the ids of those without a vector of `compact`.
        fit: the fitted descriptor; None if the activations are stored for a fit instead.
    """

    items: list[Item]
    published: frozenset[str]
    compact: frozenset[str]
    fit: Compact | None


def find_missing(catalogue: Catalogue, names: Sequence[str]) -> MissingVectors:
    """Return the items that have missing vectors of the descriptors `names`."""
    published: list[Item] = []
    compact: list[Item] = []
    fit = reusable_fit(catalogue) if COMPACT in names else None
    if PUBLISHED in names:
        published = catalogue.vectors.missing(PUBLISHED, Published(DIGEST).fingerprint)
    if COMPACT in names:
        if fit is not None:
            compact = catalogue.vectors.missing(COMPACT, fit.fingerprint)
        else:
            compact = catalogue.vectors.missing(ACTIVATIONS, RECIPE)
            # A random sample of a large catalogue, whatever order it was imported in.
            if (count := catalogue.items.count()) > MAX_FIT_SAMPLE:
                sample_size = max(0, MAX_FIT_SAMPLE - (count - len(compact)))
                sample = np.random.default_rng(0).permutation(len(compact))[:sample_size]
                compact = [compact[number] for number in sorted(sample)]
    items = {item.id: item for item in (*published, *compact)}
    return MissingVectors(
        list(items.values()),
        frozenset(item.id for item in published),
        frozenset(item.id for item in compact),
        fit,
    )


def reusable_fit(catalogue: Catalogue) -> Compact | None:
    """Return the stored fit, or None if there is none or it must be fitted to more items."""
    is_current = search.current_fit_fingerprint(catalogue) is not None
    arrays = catalogue.vectors.load_fit(COMPACT) if is_current else None
    if arrays is None or (fit := CompactFit.of(arrays)).items < REFIT_BELOW:
        return None
    return Compact(DIGEST, fit)


def embed(
    catalogue: Catalogue, network: Network, missing: MissingVectors, progress: Progress
) -> tuple[int, int]:
    """Embed the items that have missing vectors, and store these in segments.

    Returns how many items were embedded and how many failed. Raises `Cancelled`; what was
    embedded until then is stored.
    """
    progress.stage(Stage.EMBEDDING, len(missing.items))
    embedded = failed = 0
    pending: list[_Embedded] = []
    items = missing.items
    batches = [
        items[start : start + PICTURES_PER_BATCH]
        for start in range(0, len(items), PICTURES_PER_BATCH)
    ]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="embed") as pool:
        try:
            for batch in pool.map(partial(_embed_batch, catalogue, network, missing), batches):
                succeeded = [result for result in batch if isinstance(result, _Embedded)]
                failures = [result for result in batch if isinstance(result, Failure)]
                catalogue.imports.record_failures(failures)
                catalogue.imports.resolve_failures("index", (each.item for each in succeeded))
                pending += succeeded
                embedded += len(succeeded)
                failed += len(failures)
                if len(pending) >= SEGMENT_ITEMS:
                    _store(catalogue, missing, pending)
                    pending.clear()
                progress.advance(len(batch), failed=len(failures))
                progress.check()
        except Cancelled:
            _store(catalogue, missing, pending)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    _store(catalogue, missing, pending)
    return embedded, failed


def _embed_batch(
    catalogue: Catalogue, network: Network, missing: MissingVectors, items: Sequence[Item]
) -> list[_Embedded | Failure]:
    """Read, cut out and embed a batch of items."""
    prepared = [_prepare(catalogue, item) for item in items]
    batch = [result for result in prepared if isinstance(result, _Prepared)]
    failures = [result for result in prepared if isinstance(result, Failure)]
    if not batch:
        return [*failures]
    needs_mask = any(each.cut is None and each.item.id in missing.compact for each in batch)
    features = network.features(np.stack([each.squashed for each in batch]), with_masks=needs_mask)
    published = Published.vectors(features)
    compared = [(n, each) for n, each in enumerate(batch) if each.item.id in missing.compact]
    cuts, masks = _cut_out(compared, features)
    rows = _activations(network, compared, cuts, features, with_drawings=missing.fit is None)
    embedded = [
        _Embedded(
            each.item,
            published[n] if each.item.id in missing.published else None,
            rows.get(n),
            masks.get(n),
        )
        for n, each in enumerate(batch)
    ]
    return [*embedded, *failures]


def _cut_out(
    batch: Sequence[tuple[int, _Prepared]], features: Features
) -> tuple[dict[int, Cutout], dict[int, StoredMask]]:
    """Return the object of each picture by its row in `features`, and what to store of it."""
    cuts: dict[int, Cutout] = {}
    masks: dict[int, StoredMask] = {}
    for n, each in batch:
        if each.cut is not None:
            cut, mask = each.cut, StoredMask(each.cut.basis)
        else:
            assert features.masks is not None, "the network was asked for masks"
            found = segmentation.segment(each.picture, features.masks, n)
            cut = segmentation.apply(each.picture, found, always=each.choice == "object")
            mask = item_cutouts.stored(found)
        cuts[n] = cutout.whole(each.picture) if each.choice == "whole" else cut
        masks[n] = mask
    return cuts, masks


def _activations(
    network: Network,
    batch: Sequence[tuple[int, _Prepared]],
    cuts: Mapping[int, Cutout],
    features: Features,
    *,
    with_drawings: bool,
) -> dict[int, NDArray[np.float16]]:
    """Return the `activations` of each picture's object by its row in `features`.

    A picture whose object was not cropped needs no second pass: both views are the same.
    `with_drawings` appends the activations of the line drawing.
    """
    if not batch:
        return {}
    views = [preprocessing.crop_object(cuts[n], squashed=each.squashed) for n, each in batch]
    own = np.array([n for n, _ in batch])
    block4, block5 = features.block4[own], features.block5[own]
    differing = [
        row
        for row, (view, (_, each)) in enumerate(zip(views, batch, strict=True))
        if view.pixels is not each.squashed
    ]
    if differing:
        cropped = network.features(np.stack([views[row].pixels for row in differing]))
        block4[differing], block5[differing] = cropped.block4, cropped.block5
    rows = activations(Features(block4, block5), [view.part for view in views])
    if with_drawings:
        drawings = [preprocessing.line_drawing(cuts[n]) for n, _ in batch]
        drawn = network.features(np.stack([drawing.pixels for drawing in drawings]))
        of_drawings = activations(drawn, [drawing.part for drawing in drawings])
        rows = np.hstack([rows, of_drawings])
    return {n: row for (n, _), row in zip(batch, rows.astype(np.float16), strict=True)}


def _store(catalogue: Catalogue, missing: MissingVectors, pending: Sequence[_Embedded]) -> None:
    """Store the vectors of embedded items, or their activations if `compact` is to be fitted.

    Masks are stored first: without its vector an item is embedded again, with another mask.
    """
    catalogue.masks.add([(each.item, each.mask) for each in pending if each.mask is not None])
    published = [(each.item, each.published) for each in pending if each.published is not None]
    if published:
        items, rows = zip(*published, strict=True)
        catalogue.vectors.add(PUBLISHED, Published(DIGEST).fingerprint, items, np.stack(rows))
    activated = [(each.item, each.activations) for each in pending if each.activations is not None]
    if activated:
        items, rows = zip(*activated, strict=True)
        if missing.fit is None:
            catalogue.vectors.add(ACTIVATIONS, RECIPE, items, np.stack(rows))
        else:
            vectors = missing.fit.stored(np.stack(rows))
            catalogue.vectors.add(COMPACT, missing.fit.fingerprint, items, vectors)


def _prepare(catalogue: Catalogue, item: Item) -> _Prepared | Failure:
    """Decode the picture of an item, and find its object if that needs no network."""
    try:
        picture, alpha = decoding.decode_with_alpha(catalogue.pictures.original(item))
        stored = catalogue.pictures.squashed(item)
        squashed = preprocessing.squash(picture if stored is None else decoding.decode(stored))
        cut = segmentation.without_network(picture, alpha)
        return _Prepared(item, picture, squashed, cut, catalogue.masks.choice(item.id))
    except LookalikeError as error:
        return Failure("index", item.source_id, item.name, str(error))
