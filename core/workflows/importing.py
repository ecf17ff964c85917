"""Import a source into a catalogue: only new and changed pictures are loaded."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Collection, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from PIL import Image

from core.catalogue import Catalogue, Failure, ImportRun, Item, KnownItem, Picture, SourceRecord
from core.errors import LookalikeError
from core.importers import Entry, Loaded, ResumePoint, SkippedEntry, Source
from core.jobs import Progress, Stage
from core.pictures import blankness, decoding, encoding, resizing
from core.vision import preprocessing
from core.workflows import checking
from core.workflows.import_counts import (
    MAX_NAMES,
    NAMED_KINDS,
    ChangeKind,
    ImportPreview,
    NamedKind,
    Tally,
)

# Entries stored in one transaction, and seconds after which fewer are: the most a crash can lose.
ENTRIES_PER_BATCH = 64
SECONDS_PER_BATCH = 5.0
# Entries queued for each thread that loads them: enough that no thread waits for a transaction.
QUEUE_PER_WORKER = 16
# Seconds between two checks for cancellation while a slow picture is awaited.
POLL_SECONDS = 0.5
# A larger original is stored downscaled to this many pixels on its long side.
MAX_STORED_SIDE = 1024
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Settled(Generic[Result]):
    """An entry that was processed.

    Attributes:
        source_id: of the item.
        name: of the item.
        item: None if the source skipped the entry.
        known: the item as the catalogue has it; None if it is new.
        result: what the work on the entry returned; None if it failed.
        reason: a sentence that says why it failed; empty if it did not.
        entry: as the source yielded it; None if it was skipped.
    """

    source_id: str
    name: str
    item: Item | None
    known: KnownItem | None
    result: Result | None = None
    reason: str = ""
    entry: Entry | None = None


@dataclass(slots=True)
class _Pending:
    """Entries that were loaded and are not stored yet.

    Attributes:
        pictured: the items with new pictures.
        facts_changed: those whose picture is unchanged, but not what is said of them.
        unchanged: those in which nothing changed.
        failures: what could not be imported.
        resume_point: the text of the last resume point.
        entries: how many entries these are.
        since: when the batch began, by the monotonic clock.
    """

    pictured: list[tuple[Item, Picture]] = field(default_factory=list)
    facts_changed: list[Item] = field(default_factory=list)
    unchanged: list[Item] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    resume_point: str | None = None
    entries: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def is_due(self) -> bool:
        """Whether it is time to store them."""
        return (
            self.entries >= ENTRIES_PER_BATCH or time.monotonic() - self.since > SECONDS_PER_BATCH
        )


def run(
    source: Source,
    catalogue: Catalogue,
    *,
    progress: Progress | None = None,
    options: Mapping[str, Any] | None = None,
) -> ImportRun:
    """Add or update the items of `source` in `catalogue`; return the run, as it is recorded.

    An entry that fails is recorded with the reason and does not stop the others; if it was
    imported earlier, the item stays as it was. Items whose pictures are lost, or which the last
    check found damaged, are loaded again. Items that came from this source and are no longer
    in it are marked as missing, if the source was read as a whole.

    Args:
        source: what to read.
        catalogue: what to import into.
        progress: advanced with each entry.
        options: further arguments of `open_source`, stored for the next import.

    Raises:
        Cancelled: if the job was cancelled. What was imported until then stays.
        LookalikeError: if the source cannot be read to its end. What was imported stays.
    """
    progress = progress or Progress()
    progress.stage(Stage.IMPORTING, source.total)
    record = SourceRecord(source.location, source.kind, options or {})
    known = catalogue.items.known_items()
    lost = {item.source_id for item in catalogue.pictures.lost_originals()}
    lost |= checking.to_import_again(catalogue)
    restored = set()

    def load(entry: Entry, version: str) -> Picture | None:
        loaded = entry.load("" if entry.item.source_id in lost else version)
        return None if loaded is None else prepare(loaded)

    tally = Tally(source)
    pending = _Pending()
    with closing(_settle(source, known, load, progress)) as settled:
        try:
            for entry in settled:
                if isinstance(entry, ResumePoint):
                    pending.resume_point = entry.text
                    continue
                kind = _classify(entry, pending, source.location)
                tally.add(entry.source_id, kind, parts=_parts(entry))
                if item := _shown(entry):
                    tally.remark(item)
                if entry.source_id in lost and kind != "failed":
                    restored.add(entry.source_id)
                progress.advance(failed=int(kind == "failed"))
                if pending.is_due:
                    _store(pending, catalogue, record)
                    pending = _Pending()
                progress.check()
        finally:
            _store(pending, catalogue, record)
            checking.resolve_imported(catalogue, restored)
    # The source was read to its end: what did not fail again has succeeded, or is missing.
    catalogue.imports.delete_failures(source.location, keep=tally.failed)
    catalogue.imports.record_source(record)
    if missing := _missing(source, known, tally.seen):
        catalogue.items.mark_missing(missing)
    return catalogue.imports.record_run(
        kind=source.kind,
        source=source.location,
        counts=tally.counts(missing=len(missing)),
        passed_over=tally.passed_over(),
        remarks=tally.remarks(),
    )


def preview(
    source: Source,
    known: Mapping[str, KnownItem],
    *,
    failed: Collection[str] = (),
    progress: Progress | None = None,
) -> ImportPreview:
    """Return what `run` would do with a source, without loading or storing anything.

    Whether a picture can be decoded shows only when it is loaded: an entry that the catalogue
    does not have and that failed before is expected to fail again.

    Args:
        source: what to read.
        known: the items of the catalogue by `source_id`.
        failed: the `source_id`s that failed to import so far.
        progress: advanced with each entry.

    Raises:
        Cancelled: if the job was cancelled.
        LookalikeError: if the source cannot be read to its end.
    """
    progress = progress or Progress()
    progress.stage(Stage.PREVIEWING, source.total)

    def is_current(entry: Entry, version: str) -> bool:
        return bool(version) and entry.is_current(version)

    tally = Tally(source)
    names: dict[NamedKind, list[str]] = {kind: [] for kind in NAMED_KINDS}
    with closing(_settle(source, known, is_current, progress)) as settled:
        for entry in settled:
            if isinstance(entry, ResumePoint):
                continue
            kind = _change_kind(entry, changed=not entry.result)
            if kind == "added" and entry.source_id in failed:
                kind = "failed"
            tally.add(entry.source_id, kind, parts=_parts(entry))
            if kind != "unchanged":
                names[kind].append(entry.name)
            progress.advance(failed=int(kind == "failed"))
            progress.check()
    missing = _missing(source, known, tally.seen)
    names["missing"] = [known[source_id].item.name for source_id in missing]
    return ImportPreview(
        tally.counts(missing=len(missing)),
        {kind: tuple(every[:MAX_NAMES]) for kind, every in names.items()},
        tally.passed_over(),
    )


def prepare(loaded: Loaded) -> Picture:
    """Decode pictures as received, and return the pictures that a catalogue stores.

    Raises:
        ImageError: if a picture cannot be decoded.
    """
    picture, alpha = decoding.decode_with_alpha(loaded.picture)
    digest = hashlib.sha256(b"".join([loaded.picture, *loaded.viewpoints.values()])).hexdigest()
    stored = Picture(
        digest=digest,
        original=loaded.picture,
        extension=decoding.format_of(loaded.picture),
        thumbnail=resizing.thumbnail(picture),
        version=loaded.version,
        viewpoints={name: _webp(_small(data)) for name, data in loaded.viewpoints.items()},
        model=loaded.model,
        missing_textures=loaded.missing_textures,
        remark=loaded.remark,
        up=loaded.up,
        up_basis=loaded.up_basis,
        is_blank=blankness.is_blank(picture),
    )
    if max(picture.size) <= MAX_STORED_SIDE:
        return stored
    small = resizing.shrink(picture, side=MAX_STORED_SIDE)
    if alpha is not None:
        small.putalpha(alpha.resize(small.size))
    return replace(
        stored,
        original=_webp(small),
        extension="webp",
        downscaled=True,
        squashed=encoding.png(Image.fromarray(preprocessing.squash(picture))),
    )


def _settle(
    source: Source,
    known: Mapping[str, KnownItem],
    work: Callable[[Entry, str], Result],
    progress: Progress,
) -> Generator[_Settled[Result] | ResumePoint, None, None]:
    """Yield the entries of a source in their order, with what `work` returned for each.

    `work` gets an entry and the version that the catalogue has of it, empty if it is new. If the
    source cannot be read to its end, all entries until then are yielded before its error is
    raised.
    """
    queue: deque[tuple[_Settled[Result], Future[Result]] | SkippedEntry | ResumePoint] = deque()
    broken: LookalikeError | None = None
    entries = iter(source.entries)
    with ThreadPoolExecutor(source.workers, thread_name_prefix="import") as pool:
        try:
            while True:
                try:
                    entry = next(entries)
                except StopIteration:
                    break
                except LookalikeError as error:
                    broken = error
                    break
                if isinstance(entry, Entry):
                    item = entry.item
                    stored = known.get(item.source_id)
                    if stored and stored.up:
                        entry = entry.turned(stored.up)
                    future = pool.submit(work, entry, stored.version if stored else "")
                    settled: _Settled[Result] = _Settled(
                        item.source_id, item.name, item, stored, entry=entry
                    )
                    queue.append((settled, future))
                else:
                    queue.append(entry)
                if len(queue) > QUEUE_PER_WORKER * source.workers:
                    yield _result(queue.popleft(), known, progress)
            while queue:
                yield _result(queue.popleft(), known, progress)
        finally:
            # Closing the source ends its open requests, for which the pool then waits.
            if isinstance(entries, Generator):
                entries.close()
            pool.shutdown(cancel_futures=True)
    if broken is not None:
        raise broken


def _result(
    queued: tuple[_Settled[Result], Future[Result]] | SkippedEntry | ResumePoint,
    known: Mapping[str, KnownItem],
    progress: Progress,
) -> _Settled[Result] | ResumePoint:
    """Wait for the result of an entry; raises `Cancelled` if the job was cancelled."""
    if isinstance(queued, ResumePoint):
        return queued
    if isinstance(queued, SkippedEntry):
        stored = known.get(queued.source_id)
        return _Settled(queued.source_id, queued.name, None, stored, reason=queued.reason)
    settled, future = queued
    while not future.done():
        try:
            future.exception(timeout=POLL_SECONDS)
        except TimeoutError:
            progress.check()
    error = future.exception()
    if isinstance(error, LookalikeError):
        return replace(settled, reason=str(error))
    return replace(settled, result=future.result())


def _parts(entry: _Settled[Any]) -> Collection[str]:
    """Return the files that the item of an entry was made of, now or else earlier."""
    if entry.entry is None:
        return ()
    if isinstance(entry.result, Picture):
        return entry.entry.parts(entry.result.version)
    return entry.entry.parts(entry.known.version) if entry.known else ()


def _shown(entry: _Settled[Picture | None]) -> Item | None:
    """Return the item of an entry as it is from now on; None if it failed."""
    if entry.reason or entry.item is None:
        return None
    if entry.result is None:
        return entry.known.item if entry.known else None
    return replace(
        entry.item,
        missing_textures=entry.result.missing_textures,
        remark=entry.result.remark,
        is_blank=entry.result.is_blank,
    )


def _change_kind(entry: _Settled[Result], *, changed: bool) -> ChangeKind:
    """Return how an entry differs from the catalogue; `changed` says whether its picture does."""
    if entry.reason:
        return "failed"
    if entry.known is None:
        return "added"
    assert entry.item is not None
    stored = entry.known.item
    # What is known of an item only when its picture is loaded does not count.
    equal = stored == replace(
        entry.item,
        digest=stored.digest,
        viewpoints=stored.viewpoints,
        missing_textures=stored.missing_textures,
        remark=stored.remark,
        up=stored.up,
        up_basis=stored.up_basis,
        is_blank=stored.is_blank,
    )
    return "unchanged" if equal and not changed and not entry.known.missing else "changed"


def _classify(entry: _Settled[Picture | None], pending: _Pending, location: str) -> ChangeKind:
    """Add an entry to the pending ones, and return how it differs from the catalogue."""
    kind = _change_kind(entry, changed=entry.result is not None)
    pending.entries += 1
    if kind == "failed":
        failure = Failure("import", entry.source_id, entry.name, entry.reason, location)
        pending.failures.append(failure)
        return kind
    assert entry.item is not None
    if entry.result is not None:
        pending.pictured.append((entry.item, entry.result))
    elif kind == "changed" or (entry.known and entry.known.source != location):
        pending.facts_changed.append(entry.item)
    else:
        pending.unchanged.append(entry.item)
    return kind


def _store(pending: _Pending, catalogue: Catalogue, source: SourceRecord) -> None:
    """Store the pending entries, and the source with them."""
    catalogue.items.add(pending.pictured, source=source.location)
    catalogue.items.update_facts(pending.facts_changed, source=source.location)
    catalogue.imports.resolve_failures("import", pending.unchanged)
    catalogue.imports.record_failures(pending.failures)
    if pending.resume_point is not None:
        catalogue.imports.record_source(replace(source, resume_point=pending.resume_point))
    elif pending.entries and all(
        known.location != source.location for known in catalogue.imports.sources()
    ):
        catalogue.imports.record_source(source)


def _missing(source: Source, known: Mapping[str, KnownItem], seen: set[str]) -> list[str]:
    """Return the `source_id`s of the items that came from the source and are no longer in it."""
    if not source.whole:
        return []
    return [
        source_id
        for source_id, item in known.items()
        if item.source == source.location and not item.missing and source_id not in seen
    ]


def _small(data: bytes) -> Image.Image:
    return resizing.shrink(decoding.decode(data), side=MAX_STORED_SIDE)


def _webp(picture: Image.Image) -> bytes:
    return encoding.webp(picture, quality=90)
