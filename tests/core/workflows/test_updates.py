"""Importing a source again: missing and restored items, previews and resuming."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.catalogue import Catalogue, Item, SourceRecord
from core.errors import LookalikeError
from core.importers import (
    Entry,
    EntryError,
    InMemoryEntry,
    Loaded,
    ResumePoint,
    SkippedEntry,
    Source,
)
from core.jobs import Cancelled, Progress
from core.workflows import importing
from core.workflows.import_counts import ImportCounts
from tests.conftest import MakePicture
from tests.core.workflows.support import shown
from tests.served_files import thumbnail_file


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things", title="Things")


def source_of(
    entries: Iterable[Entry | SkippedEntry | ResumePoint],
    *,
    location: str = "/pictures",
    whole: bool = True,
) -> Source:
    return Source("folder", location, 0, iter(list(entries)), whole=whole)


@pytest.fixture
def held(picture: MakePicture) -> Callable[..., InMemoryEntry]:
    """Return `held(number, drawn=number)`: an item with the picture of the number `drawn`."""

    def make(number: int, *, drawn: int | None = None) -> InMemoryEntry:
        item = Item(source_id=f"{number}.png", name=f"Number {number}")
        return InMemoryEntry(item, picture(number if drawn is None else drawn))

    return make


MakeHeld = Callable[..., InMemoryEntry]


# ---------------------------------------------------------------- missing and restored


def test_an_item_that_left_its_source_is_missing_but_kept(
    catalogue: Catalogue, held: MakeHeld
) -> None:
    importing.run(source_of(map(held, range(4))), catalogue)
    missing = catalogue.items.find()[1]

    imported = importing.run(source_of(map(held, (0, 2, 3))), catalogue)

    assert imported.counts == ImportCounts(unchanged=3, missing=1)
    assert "1 missing from the source" in str(imported.counts)
    assert catalogue.imports.runs()[0].counts.missing == 1
    assert shown(catalogue) == ["0.png", "2.png", "3.png"]
    assert catalogue.items.missing() == [missing]
    assert catalogue.pictures.original(missing) == held(1).data
    assert thumbnail_file(catalogue, missing.id).exists()
    # The next import does not count it again.
    assert importing.run(source_of(map(held, (0, 2, 3))), catalogue).counts == ImportCounts(
        unchanged=3
    )


def test_a_missing_item_is_shown_again_when_its_source_has_it_again(
    catalogue: Catalogue, held: MakeHeld
) -> None:
    importing.run(source_of(map(held, range(3))), catalogue)
    importing.run(source_of([held(0)]), catalogue)

    imported = importing.run(source_of(map(held, range(3))), catalogue)

    assert imported.counts == ImportCounts(changed=2, unchanged=1)
    assert shown(catalogue) == ["0.png", "1.png", "2.png"]
    assert catalogue.items.missing() == []


def test_a_missing_item_can_be_restored_and_stays_restored(
    catalogue: Catalogue, held: MakeHeld
) -> None:
    importing.run(source_of(map(held, range(3))), catalogue)
    importing.run(source_of([held(0)]), catalogue)
    restored, other = catalogue.items.missing()

    catalogue.items.restore_missing([restored.id])
    importing.run(source_of([held(0)]), catalogue)

    assert shown(catalogue) == ["0.png", restored.source_id]
    assert catalogue.items.missing() == [other]
    catalogue.items.remove([other.id])
    assert catalogue.items.missing() == []


def test_only_items_of_the_source_itself_become_missing(
    catalogue: Catalogue, held: MakeHeld
) -> None:
    importing.run(source_of(map(held, range(2)), location="/here"), catalogue)
    importing.run(source_of(map(held, range(2, 4)), location="/there"), catalogue)

    assert importing.run(source_of([held(2)], location="/there"), catalogue).counts.missing == 1

    assert shown(catalogue) == ["0.png", "1.png", "2.png"]
    # An item belongs to the source that had it last.
    importing.run(source_of([held(0)], location="/there"), catalogue)
    assert importing.run(source_of([held(1)], location="/here"), catalogue).counts.missing == 0


@pytest.mark.parametrize("why", ["a part", "cancelled", "cut short"])
def test_nothing_is_missing_from_a_source_that_was_not_read_to_its_end(
    catalogue: Catalogue, held: MakeHeld, why: str
) -> None:
    importing.run(source_of(map(held, range(4))), catalogue)

    class CancelsAtOnce(Progress):
        def check(self) -> None:
            raise Cancelled("Cancelled.")

    def cut_short() -> Iterator[Entry]:
        yield held(0, drawn=50)
        raise LookalikeError("The server stopped responding.")

    match why:
        case "a part":
            importing.run(source_of([held(0, drawn=50)], whole=False), catalogue)
        case "cancelled":
            with pytest.raises(Cancelled):
                importing.run(source_of([held(0, drawn=50)]), catalogue, progress=CancelsAtOnce())
        case _:
            with pytest.raises(LookalikeError, match="stopped responding"):
                importing.run(Source("folder", "/pictures", 0, cut_short()), catalogue)

    assert catalogue.items.missing() == []
    assert len(catalogue.items.find()) == 4
    assert catalogue.pictures.original(catalogue.items.find()[0]) == held(0, drawn=50).data, (
        "it was imported before the end"
    )


def test_an_entry_that_fails_is_not_missing(catalogue: Catalogue, held: MakeHeld) -> None:
    importing.run(source_of(map(held, range(3))), catalogue)
    refused = SkippedEntry("1.png", "Number 1", "It is locked.")
    broken = InMemoryEntry(held(2).item, b"broken")

    imported = importing.run(source_of([held(0), refused, broken]), catalogue)

    assert imported.counts == ImportCounts(unchanged=1, failed=2)
    assert len(shown(catalogue)) == 3
    assert {failure.source_id for failure in catalogue.imports.failures()} == {"1.png", "2.png"}


def test_a_hidden_duplicate_is_shown_when_the_kept_model_is_missing(
    catalogue: Catalogue, held: MakeHeld
) -> None:
    importing.run(source_of(map(held, range(3))), catalogue)
    first, second, _ = catalogue.items.find()
    catalogue.items.hide([second.id], kept=first.id)

    importing.run(source_of(map(held, (1, 2))), catalogue)

    assert shown(catalogue) == ["1.png", "2.png"]


@examples(max_examples=25)
@given(st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=5))
@pytest.mark.slow
def test_after_each_import_the_catalogue_shows_what_the_source_has(
    tmp_path_factory: pytest.TempPathFactory, imports: list[set[int]]
) -> None:
    catalogue = Catalogue.create(f"imports-{time.monotonic_ns()}")
    all_numbers: set[int] = set()
    for numbers in imports:
        all_numbers |= numbers
        entries = [
            InMemoryEntry(Item(source_id=str(n), name=str(n)), PICTURES[n]) for n in sorted(numbers)
        ]
        counts = importing.run(source_of(entries), catalogue).counts
        assert counts.added + counts.changed + counts.unchanged == len(numbers)
        assert sorted(map(int, shown(catalogue))) == sorted(numbers)
        assert {int(item.source_id) for item in catalogue.items.missing()} == all_numbers - numbers
    Catalogue.remove(catalogue.name)


@pytest.fixture(scope="module", autouse=True)
def pictures(picture: MakePicture) -> None:
    PICTURES.extend(picture(number) for number in range(8))


PICTURES: list[bytes] = []


# ---------------------------------------------------------------- previews


def test_a_preview_counts_and_names_changes_and_makes_none(
    catalogue: Catalogue, held: MakeHeld
) -> None:
    importing.run(source_of(map(held, range(5))), catalogue)
    before = catalogue.revision, catalogue.items.find(), catalogue.imports.runs()
    renamed = InMemoryEntry(replace(held(1).item, name="Sofa"), held(1).data)
    refused = SkippedEntry("x", "Xerxes", "It is locked.")

    def later() -> Source:
        return source_of([held(0), renamed, held(2, drawn=90), held(7), refused])

    preview = importing.preview(later(), catalogue.items.known_items())

    assert preview.counts == ImportCounts(added=1, changed=2, unchanged=1, failed=1, missing=2)
    assert preview.names == {
        "added": ("Number 7",),
        "changed": ("Sofa", "Number 2"),
        "missing": ("Number 3", "Number 4"),
        "failed": ("Xerxes",),
    }
    assert str(preview) == (
        "Preview: 1 to add, 2 to change, 1 unchanged, 2 missing from the source, "
        "1 failed to import."
    )
    assert (catalogue.revision, catalogue.items.find(), catalogue.imports.runs()) == before
    assert importing.run(later(), catalogue).counts == preview.counts, (
        "the import does what the preview said"
    )
    failed = {failure.source_id for failure in catalogue.imports.failures()}
    preview = importing.preview(later(), catalogue.items.known_items(), failed=failed)
    assert str(preview) == "Nothing to do: 4 unchanged, 1 failed to import."


class _Counted(Entry):
    """An entry that counts how often its picture is loaded."""

    def __init__(self, number: int, version: str, data: bytes) -> None:
        self.item = Item(source_id=str(number), name=f"Number {number}")
        self.version, self.data, self.loads = version, data, 0

    def is_current(self, known: str) -> bool:
        return known == self.version

    def load(self, known: str) -> Loaded | None:
        if known == self.version:
            return None
        self.loads += 1
        if not self.data:
            raise EntryError("The server no longer has it.")
        return Loaded(picture=self.data, version=self.version)


def test_a_preview_loads_no_picture(catalogue: Catalogue, picture: MakePicture) -> None:
    old = [_Counted(number, "v1", picture(number)) for number in range(3)]
    importing.run(source_of(old), catalogue)
    new = [_Counted(number, "v2" if number else "v1", picture(number)) for number in range(4)]

    preview = importing.preview(source_of(new), catalogue.items.known_items())

    assert preview.counts == ImportCounts(added=1, changed=2, unchanged=1)
    assert [entry.loads for entry in new] == [0, 0, 0, 0]
    importing.run(source_of(new), catalogue)
    assert [entry.loads for entry in new] == [0, 1, 1, 1]


def test_a_known_version_is_not_loaded_again_unless_its_picture_was_lost(
    catalogue: Catalogue, picture: MakePicture
) -> None:
    entries = [_Counted(number, "v1", picture(number)) for number in range(3)]
    importing.run(source_of(entries), catalogue)
    next((catalogue.folder / "originals").glob(f"*/{catalogue.items.find()[1].digest}*")).unlink()

    importing.run(source_of(entries), catalogue)

    assert [entry.loads for entry in entries] == [1, 2, 1]


def test_an_entry_that_fails_leaves_the_item_as_it_was(
    catalogue: Catalogue, picture: MakePicture
) -> None:
    importing.run(source_of([_Counted(0, "v1", picture(0))]), catalogue)

    imported = importing.run(source_of([_Counted(0, "v2", b"")]), catalogue)

    assert imported.counts == ImportCounts(failed=1)
    [item] = catalogue.items.find()
    assert catalogue.pictures.original(item) == picture(0)
    [failure] = catalogue.imports.failures()
    assert failure.reason == "The server no longer has it."


# ---------------------------------------------------------------- sources and resuming


def test_sources_are_recorded_with_their_options(catalogue: Catalogue, held: MakeHeld) -> None:
    options = {"columns": {"picture": "File"}}
    importing.run(source_of([held(0)], location="/b"), catalogue, options=options)
    importing.run(source_of([held(1)], location="/a"), catalogue)

    assert catalogue.imports.sources() == [
        SourceRecord("/a", "folder", {}),
        SourceRecord("/b", "folder", options),
    ]


def test_an_import_that_did_not_finish_leaves_a_resume_point(
    catalogue: Catalogue, held: MakeHeld
) -> None:
    class CancelsAfterThree(Progress):
        done = 0

        def advance(self, steps: int = 1, *, failed: int = 0) -> None:
            self.done += steps

        def check(self) -> None:
            if self.done == 3:
                raise Cancelled("Cancelled.")

    entries: list[Entry | SkippedEntry | ResumePoint] = [
        *(held(0), held(1), ResumePoint("page 2")),
        *(held(2), held(3), ResumePoint("page 3")),
    ]
    with pytest.raises(Cancelled):
        importing.run(source_of(entries), catalogue, progress=CancelsAfterThree())
    assert catalogue.imports.sources()[0].resume_point == "page 2"
    assert shown(catalogue) == ["0.png", "1.png", "2.png"]

    importing.run(source_of(entries), catalogue)
    assert catalogue.imports.sources()[0].resume_point == ""
