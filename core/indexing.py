"""Brings a catalogue's vectors and map up to date: only what is missing, and in pieces.

Each picture is decoded once, whichever descriptors lack it; what `compact` is
fitted to goes through the network a second time, as the line drawing made of
it. Finished pieces are stored as they come, so work that was cancelled or
killed goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from core import search
from core.catalogue import Catalogue, Failure, Item
from core.descriptors import COMPACT, NAMES, PUBLISHED, Compact, Fit, Published, fitting
from core.descriptors.activations import activations
from core.errors import LookalikeError
from core.jobs import Cancelled, Progress
from core.maps import build, thumbnail_atlas
from core.pictures import decoding, resizing
from core.vision import Network, preprocessing
from core.vision.network import BATCH, LANES
from core.vision.preprocessing import View
from core.vision.weights import DIGEST
from core.workflows import viewpoint_indexing

# Threads that each take a batch from its files to its vectors: while one decodes, the
# others keep the network busy.
THREADS = LANES + 1
# Items per stored piece: what a crash can lose, some 12 s of work.
PIECE = 256
# `compact` is fitted to at most this many items, and stands from then on: a
# PCA of more changes little (a basis fitted on four sets kept .825 of a fifth's
# neighbours, .809 of its own) and its activations would fill 200 kB an item.
FITTED_TO = 2048
# Below this many items the activations are kept (102 MB at most) and the fit is
# renewed whenever items come: no picture is embedded again for it.
RENEWED_BELOW = 512

# The name under which activations wait for a fit: of the photo view, then of the line view.
_ACTIVATIONS = "activations"
_RECIPE = Compact.recipe(DIGEST)


@dataclass(frozen=True, slots=True)
class Indexed:
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


@dataclass(frozen=True, slots=True)
class _Ready:
    """An item on its way to the network. Often `photo.pixels` is `framed` itself.

    `line` is there if the item is one that `compact` is fitted to.
    """

    item: Item
    framed: np.ndarray
    photo: View
    line: View | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """An item that went through the network, with those of its vectors that it lacked."""

    item: Item
    published: np.ndarray | None
    activations: np.ndarray | None


def update(
    catalogue: Catalogue,
    *,
    load_network: Callable[[], Network],
    names: Sequence[str] = NAMES,
    progress: Progress | None = None,
    new_map: bool = False,
) -> Indexed:
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
    todo = _todo(catalogue, names)
    embedded = failed = 0
    network: Network | None = None
    if todo.items:
        progress.stage("Loading the network")
        network = load_network()
        embedded, failed = _embed(catalogue, network, todo, progress)
    fitted = COMPACT in names and _fit(catalogue, load_network, network, progress)
    if COMPACT in names:
        _look_from_other_sides(catalogue, load_network, network, progress)
    for name in names:
        if name == PUBLISHED or catalogue.fit_identity(COMPACT) is not None:
            catalogue.compact_vectors(name, search.identity_of(catalogue, name))
    mapped, placed = False, 0
    if COMPACT in names:
        mapped, placed = _draw_map(catalogue, progress, new_map=new_map)
        if embedded or mapped or placed or catalogue.published("atlas") is None:
            thumbnail_atlas.publish(catalogue, catalogue.items(), progress=progress)
    return Indexed(embedded, failed, fitted, mapped, placed)


def is_current(catalogue: Catalogue) -> bool:
    """Return whether every item has its vectors, without loading the network."""
    compact = _standing(catalogue)
    return compact is not None and not (
        catalogue.missing(COMPACT, compact)
        or viewpoint_indexing.missing(catalogue, compact)
        or catalogue.missing(PUBLISHED, Published(DIGEST).identity)
    )


def _standing(catalogue: Catalogue) -> str | None:
    """Return the identity of the stored fit, unless another version made it."""
    identity = catalogue.fit_identity(COMPACT)
    if identity is None or not identity.startswith(_RECIPE):
        return None
    return identity


@dataclass(frozen=True)
class _Todo:
    """Which items lack which vectors."""

    items: list[Item]
    published: frozenset[str]
    compact: frozenset[str]
    # None: the activations wait for a fit.
    fit: Compact | None


def _todo(catalogue: Catalogue, names: Sequence[str]) -> _Todo:
    published: list[Item] = []
    compact: list[Item] = []
    lasting = _lasting_fit(catalogue) if COMPACT in names else None
    if PUBLISHED in names:
        published = catalogue.missing(PUBLISHED, Published(DIGEST).identity)
    if COMPACT in names:
        if lasting is not None:
            compact = catalogue.missing(COMPACT, lasting.identity)
        else:
            compact = catalogue.missing(_ACTIVATIONS, _RECIPE)
            # A fair sample of a large catalogue, whatever order it was imported in.
            if (waiting := catalogue.count()) > FITTED_TO:
                wanted = max(0, FITTED_TO - (waiting - len(compact)))
                chosen = np.random.default_rng(0).permutation(len(compact))[:wanted]
                compact = [compact[number] for number in sorted(chosen)]
    first = {item.id: item for item in (*published, *compact)}
    return _Todo(
        list(first.values()),
        frozenset(item.id for item in published),
        frozenset(item.id for item in compact),
        lasting,
    )


def _lasting_fit(catalogue: Catalogue) -> Compact | None:
    """Return the stored fit if it was made from enough items to stand."""
    arrays = catalogue.fit(COMPACT) if _standing(catalogue) else None
    if arrays is None or (fit := Fit.of(arrays)).items < RENEWED_BELOW:
        return None
    return Compact(DIGEST, fit)


def _embed(
    catalogue: Catalogue, network: Network, todo: _Todo, progress: Progress
) -> tuple[int, int]:
    """Put the pictures through the network and store what comes out, piece by piece."""
    progress.stage("Looking at pictures", len(todo.items))
    embedded = failed = 0
    pending: list[_Seen] = []
    batches = [todo.items[start : start + BATCH] for start in range(0, len(todo.items), BATCH)]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="look") as pool:
        try:
            for batch in pool.map(partial(_look, catalogue, network, todo), batches):
                seen = [one for one in batch if isinstance(one, _Seen)]
                failures = [one for one in batch if isinstance(one, Failure)]
                catalogue.record_failures(failures)
                catalogue.clear_failures("index", (one.item for one in seen))
                pending += seen
                embedded += len(seen)
                failed += len(failures)
                if len(pending) >= PIECE:
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


def _look(
    catalogue: Catalogue, network: Network, todo: _Todo, items: Sequence[Item]
) -> list[_Seen | Failure]:
    """Take a batch of items from their files to their vectors."""
    prepared = [
        _prepare(catalogue, item, drawn=todo.fit is None and item.id in todo.compact)
        for item in items
    ]
    batch = [one for one in prepared if isinstance(one, _Ready)]
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
        _Seen(
            one.item,
            flat[n] if one.item.id in todo.published else None,
            rows[n] if one.item.id in todo.compact else None,
        )
        for n, one in enumerate(batch)
    ]
    return [*seen, *failures]


def _store(catalogue: Catalogue, todo: _Todo, pending: Sequence[_Seen]) -> None:
    published = [(one.item, one.published) for one in pending if one.published is not None]
    if published:
        items, rows = zip(*published, strict=True)
        catalogue.add_vectors(PUBLISHED, Published(DIGEST).identity, items, np.stack(rows))
    waiting = [(one.item, one.activations) for one in pending if one.activations is not None]
    if waiting:
        items, rows = zip(*waiting, strict=True)
        if todo.fit is None:
            catalogue.add_vectors(_ACTIVATIONS, _RECIPE, items, np.stack(rows))
        else:
            vectors = todo.fit.stored(np.stack(rows))
            catalogue.add_vectors(COMPACT, todo.fit.identity, items, vectors)


def _prepare(catalogue: Catalogue, item: Item, *, drawn: bool) -> _Ready | Failure:
    try:
        picture = decoding.decode(catalogue.original(item))
        kept = catalogue.frame(item)
        framed = preprocessing.frame(picture if kept is None else decoding.decode(kept))
        line = preprocessing.line(picture) if drawn else None
        return _Ready(item, framed, preprocessing.photo(picture, framed=framed), line)
    except LookalikeError as error:
        return Failure("index", item.source_id, item.name, str(error))


def _fit(
    catalogue: Catalogue,
    load_network: Callable[[], Network],
    network: Network | None,
    progress: Progress,
) -> bool:
    """Fit `compact` to the activations that wait, and store it with its vectors."""
    waiting = catalogue.vectors(_ACTIVATIONS, _RECIPE)
    if not waiting.ids:
        return False
    if _lasting_fit(catalogue) is not None:
        catalogue.drop_vectors(_ACTIVATIONS)
        return False
    stored = _standing(catalogue)
    if stored is not None and not catalogue.missing(COMPACT, stored):
        return False
    progress.stage("Learning what tells these pictures apart")
    network = network or load_network()
    photos, lines = np.hsplit(waiting.matrix(), 2)
    fit = fitting.learn(photos, lines)
    compact = Compact(DIGEST, fit)
    by_id = {item.id: item for item in catalogue.items()}
    items = [by_id[item_id] for item_id in waiting.ids]
    catalogue.save_fit(COMPACT, compact.identity, fit.arrays(), items, _stored(compact, photos))
    del photos, lines
    if fit.items >= RENEWED_BELOW:
        catalogue.drop_vectors(_ACTIVATIONS)
    catalogue.sweep()
    # A large catalogue was fitted to a sample of it: the rest follows.
    rest = _todo(catalogue, [COMPACT])
    if rest.items:
        _embed(catalogue, network, rest, progress)
    return True


def _look_from_other_sides(
    catalogue: Catalogue,
    load_network: Callable[[], Network],
    network: Network | None,
    progress: Progress,
) -> None:
    """Embed the sides of models that have pictures of them."""
    identity = _standing(catalogue)
    if identity is None or not viewpoint_indexing.missing(catalogue, identity):
        return
    arrays = catalogue.fit(COMPACT)
    assert arrays is not None
    compact = Compact(DIGEST, Fit.of(arrays))
    viewpoint_indexing.update(catalogue, compact, network or load_network(), progress=progress)


def _stored(compact: Compact, photos: np.ndarray) -> np.ndarray:
    """Project in pieces: the activations in float32 are twice what is stored."""
    pieces = [compact.stored(photos[n : n + PIECE]) for n in range(0, len(photos), PIECE)]
    return np.concatenate(pieces)


def _draw_map(catalogue: Catalogue, progress: Progress, *, new_map: bool) -> tuple[bool, int]:
    """Return whether the map was drawn anew, and how many items were placed on it otherwise."""
    identity = _standing(catalogue)
    if identity is None:
        return False, 0
    by_id = {item.id: item for item in catalogue.stored().values()}
    index = search.index_of(catalogue, COMPACT)
    items = [by_id[item_id] for item_id in index.ids]
    if not items:
        return False, 0
    chart = catalogue.map()
    if (
        new_map
        or chart is None
        or not chart.identity.startswith(_RECIPE)
        or build.outgrown(chart, items)
    ):
        chart = build.draw(index, items, identity=identity, progress=progress)
        catalogue.save_map(chart)
        return True, 0
    amended, placed = chart, len(build.unplaced(chart, items))
    if placed or len(chart.ids) != len(items):
        progress.stage("Placing models on the map")
        amended = build.amend(chart, index, items)
    amended = build.renamed(amended, items)
    if amended.ids != chart.ids or placed or amended.clusters != chart.clusters:
        catalogue.save_map(amended)
    return False, placed


def _restore_thumbnails(catalogue: Catalogue, progress: Progress) -> None:
    lost = catalogue.lost_thumbnails()
    if lost:
        progress.stage("Restoring thumbnails", len(lost))
    for item in lost:
        try:
            picture = decoding.decode(catalogue.original(item))
            catalogue.restore_thumbnail(item, resizing.thumbnail(picture))
        except LookalikeError as error:
            failure = Failure("index", item.source_id, item.name, str(error))
            catalogue.record_failures([failure])
        progress.advance()
