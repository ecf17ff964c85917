"""Embed the pictures of models from their other viewpoints."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Failure, Item
from core.descriptors import Compact, activations
from core.errors import LookalikeError
from core.jobs import Progress, Stage
from core.pictures import decoding
from core.search.viewpoints import STORED_AS, layouts, storage_fingerprint
from core.vision import Network, preprocessing, segmentation
from core.vision.network import LANES

# Items that a thread embeds in one go, and whose vectors are stored together.
ITEMS_PER_BATCH = 8


def missing(catalogue: Catalogue, fingerprint: str) -> list[Item]:
    """Return the items that have pictures from other viewpoints, but no vectors of these.

    `fingerprint` is that of `compact`. Vectors that were stored before a viewpoint was added count
    as long as they hold every viewpoint that the item has.
    """
    *earlier, layout = layouts()
    items = [
        item
        for item in catalogue.vectors.missing(STORED_AS, storage_fingerprint(fingerprint, layout))
        if set(item.viewpoints) & set(layout)
    ]
    for other in earlier:
        without_vectors = {
            item.id
            for item in catalogue.vectors.missing(
                STORED_AS, storage_fingerprint(fingerprint, other)
            )
        }
        items = [
            item
            for item in items
            if item.id in without_vectors or not set(item.viewpoints) & set(layout) <= set(other)
        ]
    return items


def update(catalogue: Catalogue, compact: Compact, network: Network, *, progress: Progress) -> None:
    """Embed the viewpoints of the items that lack vectors, and store them batch by batch.

    Raises `Cancelled` if the job is cancelled; finished batches are kept.
    """
    items = missing(catalogue, compact.fingerprint)
    layout = layouts()[-1]
    stored_as = storage_fingerprint(compact.fingerprint, layout)
    progress.stage(Stage.EMBEDDING_VIEWPOINTS, len(items))
    batches = [
        items[start : start + ITEMS_PER_BATCH] for start in range(0, len(items), ITEMS_PER_BATCH)
    ]
    with ThreadPoolExecutor(LANES + 1, thread_name_prefix="viewpoints") as pool:
        try:
            embed = partial(_embed_batch, catalogue, compact, network, layout)
            for batch in pool.map(embed, batches):
                if batch.items:
                    catalogue.vectors.add(STORED_AS, stored_as, batch.items, np.stack(batch.rows))
                catalogue.imports.record_failures(batch.failures)
                progress.advance(len(batch.items) + len(batch.failures), failed=len(batch.failures))
                progress.check()
        finally:
            pool.shutdown(cancel_futures=True)
    catalogue.vectors.compact(STORED_AS, stored_as)


@dataclass(frozen=True)
class _EmbeddedBatch:
    """The items of a batch with their rows, and the failures of those without one."""

    items: list[Item] = field(default_factory=list)
    rows: list[NDArray[np.float32]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _embed_batch(
    catalogue: Catalogue,
    compact: Compact,
    network: Network,
    layout: Sequence[str],
    items: Sequence[Item],
) -> _EmbeddedBatch:
    """Embed the pictures of a batch of items from their viewpoints.

    A row holds the vectors of all viewpoints of `layout`, with zeros for those that the item lacks.
    """
    batch = _EmbeddedBatch()
    for item in items:
        names = [name for name in item.viewpoints if name in layout]
        try:
            pictures = [decoding.decode(catalogue.pictures.viewpoint(item, name)) for name in names]
        except LookalikeError as error:
            batch.failures.append(Failure("index", item.source_id, item.name, str(error)))
            continue
        views = [preprocessing.crop_object(cut) for cut in segmentation.cut_out(network, pictures)]
        features = network.features(np.stack([view.pixels for view in views]))
        vectors = compact.stored(activations.activations(features, [view.part for view in views]))
        row = np.zeros((len(layout), vectors.shape[1]), np.float32)
        row[[layout.index(name) for name in names]] = vectors
        batch.items.append(item)
        batch.rows.append(row.ravel())
    return batch
