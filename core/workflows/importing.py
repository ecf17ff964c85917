"""Brings a catalogue up to date with a source: only what is new or changed is loaded."""

import hashlib
import io
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from PIL import Image

from core.catalogue import Catalogue, Failure, Item, KnownItem, Picture, SourceRecord
from core.errors import LookalikeError
from core.importers import Entry, Loaded, ResumePoint, SkippedEntry, Source
from core.jobs import Cancelled, Progress
from core.pictures import decoding, resizing
from core.vision import preprocessing
from core.workflows.import_counts import MAX_NAMES, ChangeKind, ImportCounts, ImportPreview

# Entries per transaction, and seconds after which fewer are stored: what a crash can lose.
BATCH = 64
SECONDS = 5.0
# Entries under way for each thread that loads them: enough that none waits for a transaction.
QUEUE_PER_WORKER = 16
# Seconds after which a wait for a slow picture looks whether it is to stop.
POLL_SECONDS = 0.5
# A larger original is kept at this many pixels on its long side.
MAX_STORED_SIDE = 1024
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Settled(Generic[Result]):
    """An entry that was looked at.

    Attributes:
        source_id: of the item.
        name: of the item.
        item: None where there is none.
        known: what the catalogue has of it.
        result: what came of the work on it; None where that failed.
        reason: a sentence that says why it failed; empty if it did not.
    """

    source_id: str
    name: str
    item: Item | None
    known: KnownItem | None
    result: Result | None = None
    reason: str = ""


@dataclass(slots=True)
class _Pending:
    """What was loaded and is not stored yet."""

    pictured: list[tuple[Item, Picture]] = field(default_factory=list)
    renamed: list[Item] = field(default_factory=list)
    unchanged: list[Item] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    bookmark: str | None = None
    entries: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def is_due(self) -> bool:
        """Whether it is time to store it."""
        return self.entries >= BATCH or time.monotonic() - self.since > SECONDS


def run(
    source: Source,
    catalogue: Catalogue,
    *,
    progress: Progress | None = None,
    options: Mapping[str, Any] | None = None,
) -> ImportCounts:
    """Add or update the items of `source` in `catalogue`.

    What cannot be taken is recorded with its reason and does not stop the rest; what an earlier
    import took of it stays. Items that came from this source and that it has no more are marked
    as gone, if it was read whole. Raises `Cancelled`, and `LookalikeError` where the source
    cannot be read to its end; what was taken until then stays.

    Args:
        source: what to read.
        catalogue: where to put it.
        progress: told of each entry.
        options: what else `open_source` was told, kept for the next time.
    """
    progress = progress or Progress()
    progress.stage("Importing", source.total)
    origin = SourceRecord(source.location, source.kind, options or {})
    known = catalogue.items.known_items()
    lost = {item.source_id for item in catalogue.pictures.lost_originals()}

    def load(entry: Entry, version: str) -> Picture | None:
        loaded = entry.load("" if entry.item.source_id in lost else version)
        return None if loaded is None else prepare(loaded)

    counts: Counter[ChangeKind] = Counter()
    seen: set[str] = set()
    failed: set[str] = set()
    pending = _Pending()
    with closing(_settle(source, known, load, progress)) as settled:
        try:
            for one in settled:
                if isinstance(one, ResumePoint):
                    pending.bookmark = one.text
                    continue
                kind = _classify(one, pending, source.location)
                counts[kind] += 1
                seen.add(one.source_id)
                if kind == "failed":
                    failed.add(one.source_id)
                progress.advance(failed=int(kind == "failed"))
                if pending.is_due:
                    _store(pending, catalogue, origin)
                    pending = _Pending()
                progress.check()
        finally:
            _store(pending, catalogue, origin)
    # Read to its end: what failed before and did not now is mended, or gone.
    catalogue.imports.delete_failures(source.location, keep=failed)
    catalogue.imports.record_source(origin)
    if missing := _missing(source, known, seen):
        catalogue.items.mark_missing(missing)
    counts["missing"] = len(missing)
    imported = _counts(counts)
    catalogue.imports.record_run(
        kind=source.kind,
        source=source.location,
        added=imported.added,
        changed=imported.changed,
        unchanged=imported.unchanged,
        failed=imported.failed,
        missing=imported.missing,
    )
    return imported


def preview(
    source: Source,
    known: Mapping[str, KnownItem],
    *,
    failed: Collection[str] = (),
    progress: Progress | None = None,
) -> ImportPreview:
    """Return what `run` would do with a source, without loading or storing anything.

    That a picture cannot be decoded shows only when it is loaded: what is not known yet and
    could not be taken before is expected to fail again. Raises as `run` does.

    Args:
        source: what to read.
        known: what the catalogue has.
        failed: the `source_id`s of what could not be taken so far.
        progress: told of each entry.
    """
    progress = progress or Progress()
    progress.stage("Comparing", source.total)

    def is_current(entry: Entry, version: str) -> bool:
        return bool(version) and entry.is_current(version)

    counts: Counter[ChangeKind] = Counter()
    names: dict[ChangeKind, list[str]] = {"added": [], "changed": [], "missing": [], "failed": []}
    seen: set[str] = set()
    with closing(_settle(source, known, is_current, progress)) as settled:
        for one in settled:
            if isinstance(one, ResumePoint):
                continue
            seen.add(one.source_id)
            kind = _change_kind(one, changed=not one.result)
            if kind == "added" and one.source_id in failed:
                kind = "failed"
            counts[kind] += 1
            if kind in names:
                names[kind].append(one.name)
            progress.advance(failed=int(kind == "failed"))
            progress.check()
    missing = _missing(source, known, seen)
    counts["missing"] = len(missing)
    names["missing"] = [known[source_id].item.name for source_id in missing]
    return ImportPreview(
        _counts(counts), {kind: tuple(some[:MAX_NAMES]) for kind, some in names.items()}
    )


def prepare(loaded: Loaded) -> Picture:
    """Decode pictures as received and make what a catalogue keeps of them.

    Raises `images.ImageError`.
    """
    picture = decoding.decode(loaded.picture)
    digest = hashlib.sha256(b"".join([loaded.picture, *loaded.viewpoints.values()])).hexdigest()
    kept = Picture(
        digest=digest,
        original=loaded.picture,
        extension=decoding.format_of(loaded.picture),
        thumbnail=resizing.thumbnail(picture),
        version=loaded.version,
        viewpoints={name: _webp(_small(data)) for name, data in loaded.viewpoints.items()},
        model=loaded.model,
    )
    if max(picture.size) <= MAX_STORED_SIDE:
        return kept
    return replace(
        kept,
        original=_webp(resizing.shrink(picture, side=MAX_STORED_SIDE)),
        extension="webp",
        downscaled=True,
        squashed=_png(Image.fromarray(preprocessing.squash(picture))),
    )


def _settle(
    source: Source,
    known: Mapping[str, KnownItem],
    work: Callable[[Entry, str], Result],
    progress: Progress,
) -> Generator[_Settled[Result] | ResumePoint, None, None]:
    """Yield the entries in their order, with what came of `work` on each and its known version.

    Where the source cannot be read on, all that came before is yielded before its error is raised.
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
                    there = known.get(item.source_id)
                    future = pool.submit(work, entry, there.version if there else "")
                    queue.append((_Settled(item.source_id, item.name, item, there), future))
                else:
                    queue.append(entry)
                if len(queue) > QUEUE_PER_WORKER * source.workers:
                    yield _result(queue.popleft(), known, progress)
            while queue:
                yield _result(queue.popleft(), known, progress)
        finally:
            # A source that is closed ends what it has under way, which the pool then waits for.
            if isinstance(entries, Generator):
                entries.close()
            pool.shutdown(cancel_futures=True)
    if broken is not None:
        raise broken


def _result(
    one: tuple[_Settled[Result], Future[Result]] | SkippedEntry | ResumePoint,
    known: Mapping[str, KnownItem],
    progress: Progress,
) -> _Settled[Result] | ResumePoint:
    """Wait for what comes of an entry; raises `Cancelled` if the wait is to stop."""
    if isinstance(one, ResumePoint):
        return one
    if isinstance(one, SkippedEntry):
        there = known.get(one.source_id)
        return _Settled(one.source_id, one.name, None, there, reason=one.reason)
    settled, future = one
    while not future.done():
        try:
            future.exception(timeout=POLL_SECONDS)
        except TimeoutError:
            progress.check()
    error = future.exception()
    if isinstance(error, LookalikeError) and not isinstance(error, Cancelled):
        return replace(settled, reason=str(error))
    return replace(settled, result=future.result())


def _counts(counts: Mapping[ChangeKind, int]) -> ImportCounts:
    """Return counts by kind as those of an import."""
    return ImportCounts(**{str(kind): count for kind, count in counts.items()})


def _change_kind(one: _Settled[Result], *, changed: bool) -> ChangeKind:
    """Say what an entry is to the catalogue; `changed` tells of its picture."""
    if one.reason:
        return "failed"
    if one.known is None:
        return "added"
    assert one.item is not None
    there = one.known.item
    same = replace(one.item, digest=there.digest, viewpoints=there.viewpoints) == there
    return "unchanged" if same and not changed and not one.known.missing else "changed"


def _classify(one: _Settled[Picture | None], pending: _Pending, location: str) -> ChangeKind:
    """Put an entry where it will be stored from, and say what it is to the catalogue."""
    kind = _change_kind(one, changed=one.result is not None)
    pending.entries += 1
    if kind == "failed":
        pending.failures.append(Failure("import", one.source_id, one.name, one.reason, location))
        return kind
    assert one.item is not None
    if one.result is not None:
        pending.pictured.append((one.item, one.result))
    elif kind == "changed" or (one.known and one.known.source != location):
        pending.renamed.append(one.item)
    else:
        pending.unchanged.append(one.item)
    return kind


def _store(pending: _Pending, catalogue: Catalogue, origin: SourceRecord) -> None:
    """Store what was loaded."""
    catalogue.items.add(pending.pictured, source=origin.location)
    catalogue.items.update_facts(pending.renamed, source=origin.location)
    catalogue.imports.resolve_failures("import", pending.unchanged)
    catalogue.imports.record_failures(pending.failures)
    if pending.bookmark is not None:
        catalogue.imports.record_source(replace(origin, resume_point=pending.bookmark))
    elif pending.entries and all(
        one.location != origin.location for one in catalogue.imports.sources()
    ):
        catalogue.imports.record_source(origin)


def _missing(source: Source, known: Mapping[str, KnownItem], seen: set[str]) -> list[str]:
    """Return the `source_id`s of what came from the source and is in it no more."""
    if not source.whole:
        return []
    return [
        source_id
        for source_id, one in known.items()
        if one.source == source.location and not one.missing and source_id not in seen
    ]


def _small(data: bytes) -> Image.Image:
    return resizing.shrink(decoding.decode(data), side=MAX_STORED_SIDE)


def _webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=90)
    return buffer.getvalue()


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
