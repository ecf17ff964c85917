"""Brings what an importer yields into a catalogue: only what is new is decoded."""

import hashlib
import io
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image

from core import images, views
from core.catalogue import Catalogue, Failure, Picture
from core.errors import LookalikeError
from core.importers.source import Rejected, Source
from core.items import Item
from core.jobs import Progress

# Pictures per transaction: what a crash can lose.
BATCH = 64
# Threads that decode; Pillow lets go of Python's lock while it does.
THREADS = 2
# A larger original is kept at this many pixels on its long side.
KEPT_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0

    def __str__(self) -> str:
        """Return the counts as a sentence."""
        return (
            f"{self.added:,} added, {self.changed:,} changed, "
            f"{self.unchanged:,} unchanged, {self.failed:,} could not be taken."
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """An item under way, and its picture to come where that is new."""

    item: Item
    picture: "Future[Picture] | None"
    kind: Literal["added", "changed", "renamed", "unchanged"]


def run(source: Source, catalogue: Catalogue, *, progress: Progress | None = None) -> Imported:
    """Add or update the items of `source` in `catalogue`.

    What cannot be taken is recorded with its reason and does not stop the rest.
    Raises `Cancelled` between batches; what was taken until then stays.
    """
    progress = progress or Progress()
    progress.stage("Importing pictures", source.total)
    counts = Imported()
    failures: list[Failure] = []
    with ThreadPoolExecutor(THREADS, thread_name_prefix="import") as pool:
        try:
            for batch in _batches(source, catalogue, pool):
                counts, failed = _take(batch, source, catalogue, counts)
                failures += failed
                progress.advance(len(batch), failed=len(failed))
                progress.check()
            # Read to its end: what failed before and did not now is mended, or gone.
            catalogue.forget_failures(source.location)
        finally:
            pool.shutdown(cancel_futures=True)
            catalogue.record_failures(failures)
    catalogue.record_run(
        kind=source.kind,
        source=source.location,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        failed=counts.failed,
    )
    return counts


def prepare(data: bytes) -> Picture:
    """Decode a picture as received and make what a catalogue keeps of it.

    Raises `images.ImageError`.
    """
    picture = images.decode(data)
    digest = hashlib.sha256(data).hexdigest()
    thumbnail = images.thumbnail(picture)
    if max(picture.size) <= KEPT_SIDE:
        return Picture(
            digest=digest,
            original=data,
            extension=images.format_of(data),
            thumbnail=thumbnail,
        )
    return Picture(
        digest=digest,
        original=_webp(images.shrink(picture, side=KEPT_SIDE)),
        extension="webp",
        thumbnail=thumbnail,
        downscaled=True,
        frame=_png(Image.fromarray(views.frame(picture))),
    )


def _batches(
    source: Source, catalogue: Catalogue, pool: ThreadPoolExecutor
) -> Iterator[list[_Work | Rejected]]:
    """Yield the entries in batches, decoding one batch ahead."""
    stored = catalogue.stored()
    lost = {item.digest for item in catalogue.lost_originals()}
    ahead: deque[list[_Work | Rejected]] = deque()
    batch: list[_Work | Rejected] = []
    for entry in source.entries:
        if isinstance(entry, Rejected):
            batch.append(entry)
        else:
            item = replace(entry.item, digest=hashlib.sha256(entry.data).hexdigest())
            known = stored.get(item.source_id)
            there = known is not None and known.digest == item.digest not in lost
            if there and known == item:
                batch.append(_Work(item, None, "unchanged"))
            elif there:
                batch.append(_Work(item, None, "renamed"))
            else:
                picture = pool.submit(prepare, entry.data)
                batch.append(_Work(item, picture, "changed" if known else "added"))
        if len(batch) == BATCH:
            ahead.append(batch)
            batch = []
        if len(ahead) > 1:
            yield ahead.popleft()
    yield from ahead
    if batch:
        yield batch


def _take(
    batch: list[_Work | Rejected], source: Source, catalogue: Catalogue, counts: Imported
) -> tuple[Imported, list[Failure]]:
    """Store a batch; return the counts with it, and what could not be taken."""
    pictured: list[tuple[Item, Picture]] = []
    failures: list[Failure] = []
    taken: Counter[str] = Counter()
    for work in batch:
        if isinstance(work, Rejected):
            failures.append(
                Failure("import", work.source_id, work.name, work.reason, source.location)
            )
            continue
        if work.picture is not None:
            try:
                pictured.append((work.item, work.picture.result()))
            except LookalikeError as error:
                item = work.item
                failures.append(
                    Failure("import", item.source_id, item.name, str(error), source.location)
                )
                continue
        taken[work.kind] += 1
    catalogue.add(pictured)
    as_they_are = [work for work in batch if isinstance(work, _Work) and work.picture is None]
    catalogue.rename(work.item for work in as_they_are if work.kind == "renamed")
    catalogue.clear_failures("import", (work.item for work in as_they_are))
    return (
        Imported(
            counts.added + taken["added"],
            counts.changed + taken["changed"] + taken["renamed"],
            counts.unchanged + taken["unchanged"],
            counts.failed + len(failures),
        ),
        failures,
    )


def _webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=90)
    return buffer.getvalue()


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
