"""The first models of a source, to look at before it is imported."""

import threading
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.catalogue import Item, PassedOver
from core.errors import LookalikeError
from core.importers import model_files
from core.importers.base import Entry, SkippedEntry, Source, TableColumns
from core.importers.file_kinds import CHOSEN, passed_over
from core.importers.registry import Take, find_importer, open_source
from core.jobs import Cancelled
from core.pictures import decoding, resizing

# Models that a sample has, different reasons why others are skipped, and files that are named which
# cannot be read.
SIZE, MAX_REASONS, MAX_UNREADABLE = 10, 5, 5
# Seconds that reading a source may take.
PATIENCE = 4.0
# The share of them in which pictures are read that are not shown: then models are only counted.
CHECKING = 0.5


@dataclass(frozen=True, slots=True)
class SampledItem:
    """One of the first models of a source.

    Attributes:
        item: the model.
        thumbnail: WebP; None if the picture must be downloaded or rendered first.
        format: of its 3D file, such as “OBJ”; empty for any other.
        problem: a sentence that says why its picture cannot be loaded; empty if it can, as far as
            that is known.
    """

    item: Item
    thumbnail: bytes | None = None
    format: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a source would add to a catalogue.

    Attributes:
        items: its first models; none if it takes too long to read them.
        count: how many models it has, without those that cannot be read; 0 if that is not known.
        is_exact: whether the source was read to its end; otherwise some of `count` may be skipped.
        skipped: how many of its entries are skipped.
        reasons: the most frequent reasons for that, with how many entries each.
        columns: what the columns of its table are; None without a table.
        failed: how many of the models that were looked at cannot be read.
        unreadable: the first of these.
        is_minimum: whether `count` is how many were found until time was up.
        parts: how many files are textures and other parts of the models, by their names.
        passed_over: the files that are neither models nor parts of one, by kind. These and `parts`
            are known once the source was read to its end.
        is_mixed: whether 3D files or pictures are passed over that could be taken.
    """

    items: tuple[SampledItem, ...] = ()
    count: int = 0
    is_exact: bool = False
    skipped: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    columns: TableColumns | None = None
    failed: int = 0
    unreadable: tuple[SampledItem, ...] = ()
    is_minimum: bool = False
    parts: int = 0
    passed_over: tuple[PassedOver, ...] = ()
    is_mixed: bool = False


def take_sample(
    location: str,
    *,
    kind: str | None = None,
    take: Take | None = None,
    encoding: str = "",
    patience: float = PATIENCE,
) -> Sample:
    """Return the first models of a source, and how many there are.

    After `patience` seconds it returns what it has got. Nothing is rendered, and no pictures are
    downloaded. A table is read once: of its columns, those of the first rows are told. The import,
    in a process of its own and perhaps much later, opens the source again.

    Raises:
        LookalikeError: there is nothing to import.
    """
    reading = _Reading(location, kind, take, encoding, patience)
    # A folder on a slow disk cannot be interrupted: it is left alone, to end by itself.
    thread = threading.Thread(target=reading.run, daemon=True, name="sample")
    thread.start()
    thread.join(patience + 1.0)
    if reading.error is not None:
        raise reading.error
    return reading.sample


class _Reading:
    """Reads a source until a point in time. Its `sample` is replaced by larger ones."""

    def __init__(
        self,
        location: str,
        kind: str | None,
        take: Take | None,
        encoding: str,
        patience: float,
    ) -> None:
        self.sample = Sample()
        self.error: Exception | None = None
        self._location = location
        self._kind = kind
        self._take = take
        self._encoding = encoding
        self._deadline = time.monotonic() + patience
        self._checks_until = time.monotonic() + patience * CHECKING

    def run(self) -> None:
        """Read the source; what is raised is in `error`."""
        try:
            source = open_source(
                self._location,
                kind=self._kind,
                take=self._take,
                encoding=self._encoding,
                check=self._check,
                quick=True,
            )
            self.sample = Sample(count=source.total)
            entries = source.entries
            try:
                self._read(source)
            finally:
                if isinstance(entries, Generator):
                    entries.close()
        except Cancelled:
            pass
        except Exception as error:
            self.error = error

    def _read(self, source: Source) -> None:
        items: list[SampledItem] = []
        unreadable: list[SampledItem] = []
        reasons: Counter[str] = Counter()
        count = 0
        ended = True
        # Each page of a list on the web is a request, so only the first are read.
        is_local = find_importer(source.kind).watchable
        for entry in source.entries:
            if isinstance(entry, SkippedEntry):
                reasons[_without_row(entry.reason)] += 1
            elif isinstance(entry, Entry):
                is_shown = len(items) < SIZE
                is_checked = is_shown or (is_local and time.monotonic() < self._checks_until)
                sampled = self._sampled(entry, drawn=is_shown) if is_checked else None
                if sampled is not None and sampled.problem:
                    unreadable.append(sampled)
                else:
                    count += 1
                    if sampled is not None and is_shown:
                        items.append(sampled)
                if is_shown:
                    self._keep(source, items, unreadable, reasons, count)
            if self._is_late or (len(items) == SIZE and not is_local):
                ended = False
                break
        if ended and not count:
            reason = unreadable[0].problem if unreadable else next(iter(reasons), "")
            raise LookalikeError(f"Nothing in it can be imported. {reason}".strip())
        self._keep(source, items, unreadable, reasons, count if is_local else 0, ended=ended)

    def _keep(
        self,
        source: Source,
        items: list[SampledItem],
        unreadable: list[SampledItem],
        reasons: Counter[str],
        count: int,
        *,
        ended: bool = False,
    ) -> None:
        """Make a sample of what was read; `count` is how many models that were."""
        is_minimum = not ended and not source.total
        columns = source.columns
        others = source.others if ended else {}
        left = {path: kind for path, kind in others.items() if path not in source.parts}
        self.sample = Sample(
            items=tuple(items),
            count=count if ended or is_minimum else max(0, source.total - len(unreadable)),
            is_exact=ended,
            skipped=reasons.total(),
            reasons=tuple(reasons.most_common(MAX_REASONS)),
            columns=columns[0] if columns else None,
            failed=len(unreadable),
            unreadable=tuple(unreadable[:MAX_UNREADABLE]),
            is_minimum=is_minimum,
            parts=len(others) - len(left),
            passed_over=passed_over(left),
            is_mixed=any(kind in CHOSEN for kind in left.values()),
        )

    def _sampled(self, entry: Entry, *, drawn: bool) -> SampledItem:
        """Look at an entry; only if it is `drawn` its thumbnail is made."""
        item = entry.item
        suffix = PurePosixPath(item.source_id).suffix.lower()
        if suffix in model_files.SUFFIXES:
            return SampledItem(item, format=suffix.removeprefix(".").upper())
        try:
            data = None if self._is_late else entry.quick_picture()
            if data is None:
                return SampledItem(item)
            picture = decoding.decode(data)
            return SampledItem(item, resizing.thumbnail(picture) if drawn else None)
        except LookalikeError as error:
            return SampledItem(item, problem=str(error))

    @property
    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline

    def _check(self) -> None:
        """End the wait for a server, or the unpacking of an archive, when time is up."""
        if self._is_late:
            raise Cancelled


def _without_row(reason: str) -> str:
    """Return a reason without the number of the row, so that equal ones are counted together."""
    start, separator, rest = reason.partition(": ")
    return rest if separator and start.startswith("Row ") else reason
