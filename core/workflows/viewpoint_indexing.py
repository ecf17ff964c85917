"""Embed the other viewpoints of models."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from core.catalogue import Catalogue, Failure, Item
from core.descriptors import Compact, activations
from core.errors import LookalikeError
from core.jobs import Progress
from core.pictures import decoding
from core.search.viewpoints import STORED_AS
from core.viewpoints import VIEWPOINT_NAMES
from core.vision import Network, preprocessing
from core.vision.network import LANES

# Items that go through the network together.
BATCH = 8


def missing(catalogue: Catalogue, fingerprint: str) -> list[Item]:
    """Return the items whose sides have no vectors beside `compact` ones of this identity."""
    return [item for item in catalogue.vectors.missing(STORED_AS, fingerprint) if item.viewpoints]


def update(catalogue: Catalogue, compact: Compact, network: Network, *, progress: Progress) -> None:
    """Embed the sides of the items that lack it, and store them as they come."""
    items = missing(catalogue, compact.fingerprint)
    progress.stage("Looking at models from other sides", len(items))
    batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
    with ThreadPoolExecutor(LANES + 1, thread_name_prefix="sides") as pool:
        try:
            look = partial(_embed_batch, catalogue, compact, network)
            for found in pool.map(look, batches):
                if found.items:
                    catalogue.vectors.add(
                        STORED_AS, compact.fingerprint, found.items, np.stack(found.rows)
                    )
                catalogue.imports.record_failures(found.failures)
                progress.advance(len(found.items) + len(found.failures), failed=len(found.failures))
                progress.check()
        finally:
            pool.shutdown(cancel_futures=True)
    catalogue.vectors.compact(STORED_AS, compact.fingerprint)


@dataclass(frozen=True)
class _Embedded:
    """The items of a batch with their rows, and those that have none."""

    items: list[Item] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _embed_batch(
    catalogue: Catalogue, compact: Compact, network: Network, items: Sequence[Item]
) -> _Embedded:
    """Take a batch of items from the pictures of their sides to their vectors."""
    found = _Embedded()
    for item in items:
        try:
            seen = [
                preprocessing.crop_object(decoding.decode(catalogue.pictures.viewpoint(item, side)))
                for side in item.viewpoints
            ]
        except LookalikeError as error:
            found.failures.append(Failure("index", item.source_id, item.name, str(error)))
            continue
        features = network.features(np.stack([view.pixels for view in seen]))
        vectors = compact.vectors(activations.activations(features, [view.part for view in seen]))
        row = np.zeros((len(VIEWPOINT_NAMES), vectors.shape[1]), np.float32)
        row[[VIEWPOINT_NAMES.index(side) for side in item.viewpoints]] = vectors
        found.items.append(item)
        found.rows.append(row.ravel())
    return found
