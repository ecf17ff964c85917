"""Importing: new entries are added, unchanged ones left alone, failures recorded."""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.catalogue import Catalogue, Cluster, Failure, Filters, Item, Map
from core.errors import LookalikeError
from core.export import catalogue_files
from core.importers import InMemoryEntry, SkippedEntry, Source, open_source
from core.jobs import Cancelled, Progress, Stage
from core.pictures import ImageError, decoding, resizing
from core.vision import preprocessing
from core.workflows import importing
from core.workflows.import_counts import ImportCounts, summarise
from tests.conftest import MakePicture
from tests.served_files import served_folder

BATCH = 8

# ---------------------------------------------------------------- material


def source_of(entries: Iterable[InMemoryEntry | SkippedEntry]) -> Source:
    listed = list(entries)
    return Source("folder", "/pictures", len(listed), iter(listed))


def encode(image: Image.Image, file_format: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, file_format)
    return file.getvalue()


def source_ids(catalogue: Catalogue) -> list[str]:
    return [item.source_id for item in catalogue.items.find()]


class RecordedProgress(Progress):
    """Records its steps, and may cancel after some of them."""

    def __init__(self, *, cancel_after: int | None = None) -> None:
        self.total = self.done = self.failed = 0
        self._cancel_after = cancel_after

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        self.total = total

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        self.done += steps
        self.failed += failed

    def check(self) -> None:
        if self._cancel_after is not None and self.done >= self._cancel_after:
            raise Cancelled("Cancelled.")


@pytest.fixture(autouse=True)
def batches_of_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make batches of eight pictures, so that few pictures need several."""
    monkeypatch.setattr(importing, "ENTRIES_PER_BATCH", BATCH)
    monkeypatch.setattr(importing, "QUEUE_PER_WORKER", BATCH)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things")


@pytest.fixture
def entry(picture: MakePicture) -> Callable[..., InMemoryEntry]:
    """Return `entry(number, drawn=number, **facts)`: an item with the picture `drawn`."""

    def make(number: int, *, drawn: int | None = None, **facts: Any) -> InMemoryEntry:
        item = Item(**{"source_id": f"{number}.png", "name": f"Number {number}"} | facts)
        return InMemoryEntry(item, picture(number if drawn is None else drawn))

    return make


MakeEntry = Callable[..., InMemoryEntry]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list of all bytes that are decoded from now on."""
    calls: list[bytes] = []

    def decode(
        data: bytes, *, limits: decoding.Limits = decoding.LIMITS
    ) -> tuple[Image.Image, Image.Image | None]:
        calls.append(data)
        return real(data, limits=limits)

    real = decoding.decode_with_alpha
    monkeypatch.setattr(decoding, "decode_with_alpha", decode)
    return calls


# ---------------------------------------------------------------- new and changed entries


def test_an_import_adds_every_entry_with_its_picture(
    catalogue: Catalogue, entry: MakeEntry
) -> None:
    entries = [entry(number, category="Shapes") for number in range(10)]
    progress = RecordedProgress()

    imported = importing.run(source_of(entries), catalogue, progress=progress)

    assert imported.counts == ImportCounts(added=10)
    assert summarise([imported]) == "10 added."
    assert (progress.total, progress.done, progress.failed) == (10, 10, 0)
    for given, item in zip(entries, catalogue.items.find(), strict=True):
        assert item == replace(given.item, digest=hashlib.sha256(given.data).hexdigest())
        assert catalogue.pictures.original(item) == given.data
        assert catalogue.pictures.extension(item) == "png"
        assert catalogue.pictures.squashed(item) is None
        thumbnail = decoding.decode(catalogue.pictures.thumbnail(item.id))
        assert thumbnail.size == (160, 160)
    (run,) = catalogue.imports.runs()
    assert (run.kind, run.source) == ("folder", "/pictures")
    assert run.counts == ImportCounts(added=10)
    assert catalogue.imports.failures() == []


def test_an_unchanged_entry_is_neither_decoded_nor_written(
    catalogue: Catalogue, entry: MakeEntry, decoded: list[bytes]
) -> None:
    entries = [entry(number) for number in range(BATCH + 6)]
    importing.run(source_of(entries), catalogue)
    assert len(decoded) == BATCH + 6
    before = catalogue.items.find(), times(catalogue)
    decoded.clear()

    assert importing.run(source_of(entries), catalogue).counts == ImportCounts(unchanged=BATCH + 6)

    assert decoded == []
    assert (catalogue.items.find(), times(catalogue)) == before
    assert [run.counts.unchanged for run in catalogue.imports.runs()] == [BATCH + 6, 0]


def times(catalogue: Catalogue) -> dict[Path, int]:
    """Return when each picture of the catalogue was written."""
    files = [*(catalogue.folder / "originals").rglob("*"), *served_folder(catalogue).iterdir()]
    return {file: file.stat().st_mtime_ns for file in files if file.is_file()}


def test_changed_facts_are_updated_without_decoding(
    catalogue: Catalogue, entry: MakeEntry, decoded: list[bytes]
) -> None:
    importing.run(source_of(entry(number) for number in range(5)), catalogue)
    decoded.clear()
    renamed = [
        entry(1, name="Sofa"),
        entry(2, category="Seats"),
        InMemoryEntry(replace(entry(3).item, tags=("soft", "red")), entry(3).data),
    ]

    imported = importing.run(source_of([entry(0), *renamed, entry(4)]), catalogue)

    assert imported.counts == ImportCounts(changed=3, unchanged=2)
    assert decoded == []
    names = ["Number 0", "Sofa", "Number 2", "Number 3", "Number 4"]
    assert [item.name for item in catalogue.items.find()] == names
    assert catalogue.items.facet("category") == {"Seats": 1}
    assert [item.name for item in catalogue.items.find(Filters(text="soft"))] == ["Number 3"]


def test_a_changed_picture_is_imported_again(
    catalogue: Catalogue, entry: MakeEntry, decoded: list[bytes]
) -> None:
    importing.run(source_of(entry(number) for number in range(3)), catalogue)
    item = catalogue.items.find()[1]
    catalogue.vectors.add("compact", "v1", catalogue.items.find(), np.zeros((3, 2), np.float32))
    thumbnail = catalogue.pictures.thumbnail(item.id)
    decoded.clear()

    changed = entry(1, drawn=100)
    imported = importing.run(source_of([entry(0), changed, entry(2)]), catalogue)

    assert imported.counts == ImportCounts(changed=1, unchanged=2)
    assert decoded == [changed.data]
    assert source_ids(catalogue) == ["0.png", "1.png", "2.png"]
    assert catalogue.pictures.original(item) == changed.data
    assert catalogue.pictures.thumbnail(item.id) != thumbnail
    assert [item.source_id for item in catalogue.vectors.missing("compact", "v1")] == ["1.png"]


def test_a_removed_item_is_added_again_by_the_next_import(
    catalogue: Catalogue, entry: MakeEntry
) -> None:
    entries = [entry(number) for number in range(3)]
    importing.run(source_of(entries), catalogue)
    catalogue.items.remove([entries[1].item.id])
    imported = importing.run(source_of(entries), catalogue)
    assert imported.counts == ImportCounts(added=1, unchanged=2)
    assert source_ids(catalogue) == ["0.png", "1.png", "2.png"]


def test_the_order_of_the_source_is_kept_across_batches(
    catalogue: Catalogue, entry: MakeEntry
) -> None:
    numbers = list(range(3 * BATCH + 5))[::-1]
    progress = RecordedProgress()
    imported = importing.run(source_of(map(entry, numbers)), catalogue, progress=progress)
    assert imported.counts == ImportCounts(added=len(numbers))
    assert progress.done == len(numbers)
    assert source_ids(catalogue) == [f"{number}.png" for number in numbers]


def test_a_large_source_is_not_held_in_memory(catalogue: Catalogue, entry: MakeEntry) -> None:
    read = 0

    def entries() -> Iterator[InMemoryEntry]:
        nonlocal read
        for number in range(10 * BATCH):
            read += 1
            yield entry(number)

    class Watching(Progress):
        done = furthest_ahead = 0

        def advance(self, steps: int = 1, *, failed: int = 0) -> None:
            self.furthest_ahead = max(self.furthest_ahead, read - self.done)
            self.done += steps

    watching = Watching()
    importing.run(Source("folder", "/x", 10 * BATCH, entries()), catalogue, progress=watching)
    assert watching.done == 10 * BATCH
    assert watching.furthest_ahead <= 3 * BATCH


def test_importing_an_empty_source_is_recorded(catalogue: Catalogue) -> None:
    assert importing.run(source_of([]), catalogue).counts == ImportCounts()
    assert len(catalogue.imports.runs()) == 1


# ---------------------------------------------------------------- failures


def test_a_broken_picture_is_recorded_with_its_reason_and_stops_nothing(
    catalogue: Catalogue, entry: MakeEntry
) -> None:
    broken = InMemoryEntry(Item(source_id="b", name="Broken"), entry(1).data[:60])
    text = InMemoryEntry(Item(source_id="t", name="Text"), b"no picture at all")
    refused = SkippedEntry("r", "Refused", "The file cannot be read: Permission denied.")
    progress = RecordedProgress()

    imported = importing.run(
        source_of([broken, entry(0), refused, text, entry(1)]), catalogue, progress=progress
    )

    assert imported.counts == ImportCounts(added=2, failed=3)
    assert (progress.done, progress.failed) == (5, 3)
    assert source_ids(catalogue) == ["0.png", "1.png"]
    failures = {failure.source_id: failure for failure in catalogue.imports.failures()}
    assert failures.keys() == {"b", "t", "r"}
    assert failures["r"] == Failure("import", "r", "Refused", refused.reason)
    for source_id, data in (("b", broken.data), ("t", text.data)):
        with pytest.raises(ImageError) as error:
            decoding.decode(data)
        assert failures[source_id].reason == str(error.value)
    assert catalogue.imports.runs()[0].counts.failed == 3


def test_a_failure_is_deleted_once_the_picture_is_good(
    catalogue: Catalogue, entry: MakeEntry
) -> None:
    good = entry(0)
    importing.run(
        source_of([InMemoryEntry(good.item, b"broken"), SkippedEntry("1.png", "", "No")]), catalogue
    )
    assert len(catalogue.imports.failures()) == 2
    imported = importing.run(source_of([good, SkippedEntry("1.png", "", "Still no")]), catalogue)
    assert imported.counts == ImportCounts(added=1, failed=1)
    assert catalogue.imports.failures() == [Failure("import", "1.png", "", "Still no")]


@pytest.mark.parametrize("broken", [True, False], ids=["broken", "skipped"])
def test_a_failure_is_deleted_once_the_picture_is_as_it_was_before(
    catalogue: Catalogue, entry: MakeEntry, broken: bool
) -> None:
    """A file was locked, or cut short, during one import only."""
    good = entry(0)
    bad = (
        InMemoryEntry(good.item, b"broken")
        if broken
        else SkippedEntry(good.item.source_id, "", "Locked")
    )
    importing.run(source_of([good]), catalogue)
    assert importing.run(source_of([bad]), catalogue).counts == ImportCounts(failed=1)
    assert len(catalogue.imports.failures()) == 1
    assert source_ids(catalogue) == ["0.png"], "the item stays as it was"

    importing.run(source_of([good]), catalogue)

    assert catalogue.imports.failures() == []


# ---------------------------------------------------------------- imports that do not finish


def test_a_cancelled_import_keeps_its_items_and_the_next_one_continues(
    catalogue: Catalogue, entry: MakeEntry, decoded: list[bytes]
) -> None:
    count = 4 * BATCH
    bad = SkippedEntry("bad", "Bad", "No picture.")
    entries: list[InMemoryEntry | SkippedEntry] = [
        bad,
        *(entry(number) for number in range(count - 1)),
    ]
    with pytest.raises(Cancelled):
        importing.run(
            source_of(entries), catalogue, progress=RecordedProgress(cancel_after=2 * BATCH)
        )

    kept = source_ids(catalogue)
    assert kept == [f"{number}.png" for number in range(2 * BATCH - 1)]
    assert catalogue.imports.failures() == [Failure("import", "bad", "Bad", "No picture.")]
    assert catalogue.imports.runs() == [], "it did not finish"
    decoded.clear()

    imported = importing.run(source_of(entries), catalogue)

    assert imported.counts == ImportCounts(added=2 * BATCH, unchanged=2 * BATCH - 1, failed=1)
    assert len(decoded) == 2 * BATCH
    assert source_ids(catalogue) == [f"{number}.png" for number in range(count - 1)]


def test_items_before_a_source_breaks_off_are_kept(catalogue: Catalogue, entry: MakeEntry) -> None:
    def entries() -> Iterator[InMemoryEntry]:
        yield from map(entry, range(3 * BATCH))
        raise LookalikeError("The archive is cut short.")

    with pytest.raises(LookalikeError, match="archive is cut short"):
        importing.run(Source("folder", "/x", 1000, entries()), catalogue)
    assert source_ids(catalogue) == [
        f"{number}.png" for number in range(len(catalogue.items.find()))
    ]
    assert catalogue.items.count() >= BATCH
    importing.run(source_of(map(entry, range(3 * BATCH))), catalogue)
    assert catalogue.items.count() == 3 * BATCH


# ---------------------------------------------------------------- large pictures


def test_a_large_picture_is_stored_downscaled_with_its_exact_squashed_view(
    catalogue: Catalogue,
) -> None:
    grain = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    large = Image.fromarray(grain).resize((3000, 2000), Image.Resampling.BICUBIC)
    data = encode(large, "JPEG")
    importing.run(
        source_of([InMemoryEntry(Item(source_id="large", name="Large"), data)]), catalogue
    )

    (item,) = catalogue.items.find()

    assert item.digest == hashlib.sha256(data).hexdigest()
    assert catalogue.pictures.extension(item) == "webp"
    kept = decoding.decode(catalogue.pictures.original(item))
    assert kept.size == (1024, 683)
    as_it_was = np.asarray(resizing.shrink(decoding.decode(data), side=1024), np.int16)
    assert np.abs(np.asarray(kept, np.int16) - as_it_was).mean() < 5
    samples = catalogue.pictures.squashed(item)
    assert samples is not None
    np.testing.assert_array_equal(
        np.asarray(decoding.decode(samples)), preprocessing.squash(decoding.decode(data))
    )
    again = source_of([InMemoryEntry(Item(source_id="large", name="Large"), data)])
    assert importing.run(again, catalogue).counts == ImportCounts(unchanged=1)


@pytest.mark.parametrize(("size", "downscaled"), [((1024, 700), False), ((700, 1025), True)])
def test_a_picture_is_stored_as_received_up_to_1024_pixels(
    catalogue: Catalogue, picture: MakePicture, size: tuple[int, int], downscaled: bool
) -> None:
    data = picture(1, size=size)
    importing.run(source_of([InMemoryEntry(Item(source_id="x", name="x"), data)]), catalogue)
    (item,) = catalogue.items.find()
    assert (catalogue.pictures.squashed(item) is not None) == downscaled
    assert (catalogue.pictures.original(item) != data) == downscaled


# ---------------------------------------------------------------- export and import


def export_and_import(catalogue: Catalogue, folder: Path) -> Catalogue:
    """Export a catalogue, and import the export as another catalogue."""
    catalogue_files.write(catalogue, folder)
    copy = Catalogue.create("copy")
    source = open_source(str(folder / "items.csv"))
    assert importing.run(source, copy).counts == ImportCounts(added=catalogue.items.count())
    return copy


def test_an_export_can_be_imported_again(
    catalogue: Catalogue, entry: MakeEntry, tmp_path: Path
) -> None:
    full = Item(
        source_id="1f6cb",
        name='The "big", soft sofa; 100 % & more',
        category="Seats/Soft",
        tags=("wood", "two words", "crème"),
        creator="Ödön & Söhne",
        licence="CC BY 4.0",
        page_url="https://example.org/?a=1&b=2",
        embed_url="https://example.org/embed",
    )
    entries = [entry(2), InMemoryEntry(full, entry(7).data), entry(1, name="=1+1")]
    entries.append(
        InMemoryEntry(Item(source_id="photo", name="Photo"), encode(small_photo(), "JPEG"))
    )
    importing.run(source_of(entries), catalogue)

    copy = export_and_import(catalogue, tmp_path / "out")

    assert copy.items.find() == catalogue.items.find()
    assert [copy.pictures.original(item) for item in copy.items.find()] == [
        each.data for each in entries
    ]


def small_photo() -> Image.Image:
    values = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    return Image.fromarray(values)


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(Item(source_id="a", name="A", tags=("salt, pepper",)), id="comma in a tag"),
        pytest.param(Item(source_id="a", name="A", tags=("a|b", "c;d")), id="signs in tags"),
        pytest.param(Item(source_id="old  chair.png", name="A"), id="two spaces in a file name"),
        pytest.param(Item(source_id="cafe\u0301.png", name="A"), id="a file name of a Mac"),
        pytest.param(Item(source_id=" a.png", name="A"), id="a space before a file name"),
        pytest.param(Item(source_id="'; --\",|", name="x | y"), id="signs in an id"),
    ],
)
def test_odd_items_survive_export_and_import(
    catalogue: Catalogue, picture: MakePicture, tmp_path: Path, item: Item
) -> None:
    importing.run(source_of([InMemoryEntry(item, picture(1))]), catalogue)
    copy = export_and_import(catalogue, tmp_path / "out")
    assert copy.items.find() == catalogue.items.find()


def test_a_folder_can_be_imported_exported_and_imported(
    catalogue: Catalogue, picture: MakePicture, tmp_path: Path
) -> None:
    for number, name in enumerate(["a.png", "Seats/Soft/red_arm-chair.png", "Seats/кресло.png"]):
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number))
    importing.run(open_source(str(tmp_path / "pictures")), catalogue)
    shutil.rmtree(tmp_path / "pictures")
    copy = export_and_import(catalogue, tmp_path / "out")
    assert copy.items.find() == catalogue.items.find()
    assert copy.items.facet("category") == {"Seats": 1, "Seats/Soft": 1}


def test_an_export_goes_only_into_an_empty_folder(
    catalogue: Catalogue, entry: MakeEntry, tmp_path: Path
) -> None:
    importing.run(source_of([entry(1)]), catalogue)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    with pytest.raises(LookalikeError, match="not empty"):
        catalogue_files.write(catalogue, folder)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_the_map_is_exported_with_its_ids(
    catalogue: Catalogue, entry: MakeEntry, tmp_path: Path
) -> None:
    importing.run(source_of(map(entry, range(3))), catalogue)
    ids = tuple(catalogue.items.ids())
    places = np.array([[0, 1], [2, 3.5], [-1, 0]], np.float32)
    catalogue.map.save(
        Map(
            ids=ids,
            digests=("",) * 3,
            coordinates=places,
            grid=-places,
            labels=np.array([0, 1, -1], np.int32),
            added_later=np.zeros(3, bool),
            clusters=(Cluster("Clock, time", ids[0]), Cluster("", ids[1])),
            fingerprint="m",
            quality=None,
        )
    )
    written = catalogue_files.write(catalogue, tmp_path / "out").tables
    assert [path.name for path in written] == ["items.csv", "map.csv"]
    lines = (tmp_path / "out" / "map.csv").read_text().splitlines()
    assert lines[0] == "id,x,y,grid_x,grid_y,cluster"
    assert lines[1] == f'{ids[0]},0.000000,1.000000,-0.000000,-1.000000,"Clock, time"'
    assert lines[2] == f"{ids[1]},2.000000,3.500000,-2.000000,-3.500000,1"
    assert lines[3] == f"{ids[2]},-1.000000,0.000000,1.000000,-0.000000,"
    assert len(lines) == 4
