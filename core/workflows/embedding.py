"""Embed the pictures of a catalogue."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.catalogue import Catalogue, Failure, Item
from core.descriptors import COMPACT, PUBLISHED, Compact, CompactFit, Published
from core.descriptors.activations import activations
from core.errors import LookalikeError
from core.jobs import Cancelled, Progress
from core.pictures import decoding
from core.vision import Network, preprocessing
from core.vision.network import BATCH, LANES
from core.vision.preprocessing import View
from core.vision.weights import DIGEST

# Threads that each take a batch from its files to its vectors: while one decodes, the
# others keep the network busy.
THREADS = LANES + 1
# Items per stored piece: what a crash can lose, some 12 s of work.
STORED_AT_ONCE = 256
# `compact` is fitted to at most this many items, and stands from then on: a
# PCA of more changes little (a basis fitted on four sets kept .825 of a fifth's
# neighbours, .809 of its own) and its activations would fill 200 kB an item.
MAX_FIT_SAMPLE = 2048
# Below this many items the activations are kept (102 MB at most) and the fit is
# renewed whenever items come: no picture is embedded again for it.
REFIT_BELOW = 512

# The name under which activations wait for a fit: of the photo view, then of the line view.
ACTIVATIONS = "activations"
RECIPE = Compact.recipe(DIGEST)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An item on its way to the network. Often `photo.pixels` is `framed` itself.

    `line` is there if the item is one that `compact` is fitted to.
    """

    item: Item
    framed: np.ndarray
    photo: View
    line: View | None


@dataclass(frozen=True, slots=True)
class _Embedded:
    """An item that went through the network, with those of its vectors that it lacked."""

    item: Item
    published: np.ndarray | None
    activations: np.ndarray | None


def current_fit_fingerprint(catalogue: Catalogue) -> str | None:
    """Return the identity of the stored fit, unless another version made it."""
    fingerprint = catalogue.vectors.fit_fingerprint(COMPACT)
    if fingerprint is None or not fingerprint.startswith(RECIPE):
        return None
    return fingerprint


@dataclass(frozen=True)
class Todo:
    """Which items lack which vectors."""

    items: list[Item]
    published: frozenset[str]
    compact: frozenset[str]
    # None: the activations wait for a fit.
    fit: Compact | None


def find_todo(catalogue: Catalogue, names: Sequence[str]) -> Todo:
    published: list[Item] = []
    compact: list[Item] = []
    lasting = _reusable_fit(catalogue) if COMPACT in names else None
    if PUBLISHED in names:
        published = catalogue.vectors.missing(PUBLISHED, Published(DIGEST).fingerprint)
    if COMPACT in names:
        if lasting is not None:
            compact = catalogue.vectors.missing(COMPACT, lasting.fingerprint)
        else:
            compact = catalogue.vectors.missing(ACTIVATIONS, RECIPE)
            # A fair sample of a large catalogue, whatever order it was imported in.
            if (waiting := catalogue.items.count()) > MAX_FIT_SAMPLE:
                wanted = max(0, MAX_FIT_SAMPLE - (waiting - len(compact)))
                chosen = np.random.default_rng(0).permutation(len(compact))[:wanted]
                compact = [compact[number] for number in sorted(chosen)]
    first = {item.id: item for item in (*published, *compact)}
    return Todo(
        list(first.values()),
        frozenset(item.id for item in published),
        frozenset(item.id for item in compact),
        lasting,
    )


def _reusable_fit(catalogue: Catalogue) -> Compact | None:
    """Return the stored fit if it was made from enough items to stand."""
    arrays = catalogue.vectors.load_fit(COMPACT) if current_fit_fingerprint(catalogue) else None
    if arrays is None or (fit := CompactFit.of(arrays)).items < REFIT_BELOW:
        return None
    return Compact(DIGEST, fit)


def embed(
    catalogue: Catalogue, network: Network, todo: Todo, progress: Progress
) -> tuple[int, int]:
    """Put the pictures through the network and store what comes out, piece by piece."""
    progress.stage("Looking at pictures", len(todo.items))
    embedded = failed = 0
    pending: list[_Embedded] = []
    batches = [todo.items[start : start + BATCH] for start in range(0, len(todo.items), BATCH)]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="look") as pool:
        try:
            for batch in pool.map(partial(_embed_batch, catalogue, network, todo), batches):
                seen = [one for one in batch if isinstance(one, _Embedded)]
                failures = [one for one in batch if isinstance(one, Failure)]
                catalogue.imports.record_failures(failures)
                catalogue.imports.resolve_failures("index", (one.item for one in seen))
                pending += seen
                embedded += len(seen)
                failed += len(failures)
                if len(pending) >= STORED_AT_ONCE:
                    _store(catalogue, todo, pending)
                    pending.clear()
                progress.advance(len(batch), failed=len(failures))
                progress.check()
        except Cancelled:
            _store(catalogue, todo, pending)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    _store(catalogue, todo, pending)
    return embedded, failed


def _embed_batch(
    catalogue: Catalogue, network: Network, todo: Todo, items: Sequence[Item]
) -> list[_Embedded | Failure]:
    """Take a batch of items from their files to their vectors."""
    prepared = [
        _prepare(catalogue, item, drawn=todo.fit is None and item.id in todo.compact)
        for item in items
    ]
    batch = [one for one in prepared if isinstance(one, _Prepared)]
    failures = [one for one in prepared if isinstance(one, Failure)]
    if not batch:
        return [*failures]
    features = network.features(np.stack([one.framed for one in batch]))
    flat = Published.vectors(features)
    apart = [n for n, one in enumerate(batch) if one.photo.pixels is not one.framed]
    if apart:
        own = network.features(np.stack([batch[n].photo.pixels for n in apart]))
        features.block4[apart], features.block5[apart] = own.block4, own.block5
    parts = [one.photo.part for one in batch]
    rows = list(activations(features, parts).astype(np.float16))
    if drawn := [(n, one.line) for n, one in enumerate(batch) if one.line is not None]:
        lines = network.features(np.stack([line.pixels for _, line in drawn]))
        seen_in_lines = activations(lines, [line.part for _, line in drawn])
        for (n, _), row in zip(drawn, seen_in_lines.astype(np.float16), strict=True):
            rows[n] = np.hstack([rows[n], row])
    seen = [
        _Embedded(
            one.item,
            flat[n] if one.item.id in todo.published else None,
            rows[n] if one.item.id in todo.compact else None,
        )
        for n, one in enumerate(batch)
    ]
    return [*seen, *failures]


def _store(catalogue: Catalogue, todo: Todo, pending: Sequence[_Embedded]) -> None:
    published = [(one.item, one.published) for one in pending if one.published is not None]
    if published:
        items, rows = zip(*published, strict=True)
        catalogue.vectors.add(PUBLISHED, Published(DIGEST).fingerprint, items, np.stack(rows))
    waiting = [(one.item, one.activations) for one in pending if one.activations is not None]
    if waiting:
        items, rows = zip(*waiting, strict=True)
        if todo.fit is None:
            catalogue.vectors.add(ACTIVATIONS, RECIPE, items, np.stack(rows))
        else:
            vectors = todo.fit.stored(np.stack(rows))
            catalogue.vectors.add(COMPACT, todo.fit.fingerprint, items, vectors)


def _prepare(catalogue: Catalogue, item: Item, *, drawn: bool) -> _Prepared | Failure:
    try:
        picture = decoding.decode(catalogue.pictures.original(item))
        kept = catalogue.pictures.squashed(item)
        framed = preprocessing.squash(picture if kept is None else decoding.decode(kept))
        line = preprocessing.line_drawing(picture) if drawn else None
        return _Prepared(item, framed, preprocessing.crop_object(picture, framed=framed), line)
    except LookalikeError as error:
        return Failure("index", item.source_id, item.name, str(error))
