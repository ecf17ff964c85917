"""Embed the pictures of models from other viewpoints."""

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
from core.search.viewpoints import STORED_AS
from core.viewpoints import VIEWPOINT_NAMES
from core.vision import Network, preprocessing
from core.vision.network import LANES

# Items that go through the network together.
BATCH = 8


def missing(catalogue: Catalogue, fingerprint: str) -> list[Item]:
    """Return the items whose viewpoints have no vectors of the `compact` of this fingerprint."""
    return [item for item in catalogue.vectors.missing(STORED_AS, fingerprint) if item.viewpoints]


def update(catalogue: Catalogue, compact: Compact, network: Network, *, progress: Progress) -> None:
    """Embed the viewpoints of the items that lack these vectors, and store them batch by batch.

    Raises `Cancelled`; what was embedded until then is stored.
    """
    items = missing(catalogue, compact.fingerprint)
    progress.stage(Stage.EMBEDDING_VIEWPOINTS, len(items))
    batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
    with ThreadPoolExecutor(LANES + 1, thread_name_prefix="viewpoints") as pool:
        try:
            for batch in pool.map(partial(_embed_batch, catalogue, compact, network), batches):
                if batch.items:
                    catalogue.vectors.add(
                        STORED_AS, compact.fingerprint, batch.items, np.stack(batch.rows)
                    )
                catalogue.imports.record_failures(batch.failures)
                progress.advance(len(batch.items) + len(batch.failures), failed=len(batch.failures))
                progress.check()
        finally:
            pool.shutdown(cancel_futures=True)
    catalogue.vectors.compact(STORED_AS, compact.fingerprint)


@dataclass(frozen=True)
class _Embedded:
    """The items of a batch with their rows, and those that failed.

    A row holds the vectors of all viewpoints one after another, float32; a viewpoint that the
    item lacks is zeros.
    """

    items: list[Item] = field(default_factory=list)
    rows: list[NDArray[np.float32]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _embed_batch(
    catalogue: Catalogue, compact: Compact, network: Network, items: Sequence[Item]
) -> _Embedded:
    """Read, prepare and embed the viewpoints of a batch of items."""
    embedded = _Embedded()
    for item in items:
        try:
            views = [
                preprocessing.crop_object(decoding.decode(catalogue.pictures.viewpoint(item, name)))
                for name in item.viewpoints
            ]
        except LookalikeError as error:
            embedded.failures.append(Failure("index", item.source_id, item.name, str(error)))
            continue
        features = network.features(np.stack([view.pixels for view in views]))
        vectors = compact.vectors(activations.activations(features, [view.part for view in views]))
        row = np.zeros((len(VIEWPOINT_NAMES), vectors.shape[1]), np.float32)
        row[[VIEWPOINT_NAMES.index(name) for name in item.viewpoints]] = vectors
        embedded.items.append(item)
        embedded.rows.append(row.ravel())
    return embedded
