"""Near-duplicates: changed copies are found, and different objects are not.

Pictures and catalogues are real. Vectors are made up, because they only decide which pairs are
compared.
"""

import random
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from core.catalogue import Catalogue, Item, StoredMask
from core.duplicates import finder
from core.duplicates.finder import CUTS, NEIGHBOURS, SLACK
from core.duplicates.matcher import Matcher
from core.duplicates.records import DuplicateReport, Group
from core.importers import Loaded
from core.importers.grounds import compose, generator
from core.jobs import Cancelled, Progress, Stage
from core.settings import PROJECT
from core.similarity import Index
from core.workflows import importing
from tests.core.duplicates.support import (
    MADE,
    SIDE,
    cropped,
    filled,
    find,
    index_of_equal_vectors,
    jpeg,
    numbers,
    png,
    recoloured,
    thing,
)
from tests.served_files import thumbnail_file


def index_of_unrelated_vectors(catalogue: Catalogue) -> Index:
    """Return an index in which no two vectors are similar."""
    return Index(catalogue.items.ids(), [np.eye(catalogue.items.count(), dtype=np.float32)])


def on_ground(number: int, kind: str) -> tuple[bytes, bytes]:
    """Return a thing on a ground, JPEG, and its right mask, PNG."""
    picture = thing(number)
    alpha = Image.eval(picture.convert("L"), lambda level: 255 * (level < 250))
    picture.putalpha(alpha)
    composite = compose(picture, random=generator(f"{number} {kind}"), kind=kind)
    return composite.file, png(Image.fromarray(composite.mask))


def test_the_same_thing_on_two_grounds_is_found() -> None:
    made = [on_ground(1, "floor"), on_ground(1, "environment"), on_ground(2, "floor")]
    catalogue = filled([picture for picture, _ in made])
    first, second, _ = items = catalogue.items.find()
    found = find(catalogue)
    assert not found.groups, "without masks their grounds are compared"

    masks = [StoredMask("mask", 0.9, mask) for _, mask in made]
    catalogue.masks.add(list(zip(items, masks, strict=True)))
    [group] = find(catalogue).groups

    assert {item.id for item in group.items} == {first.id, second.id}
    [duplicate] = group.duplicates
    assert "another background" in [difference.text for difference in duplicate.differences]


def kinds(group: Group) -> list[set[str]]:
    return [{one.kind for one in each.differences} for each in group.duplicates]


# -- what differs ------------------------------------------------------


@pytest.mark.parametrize("kind", MADE)
def test_changed_copy_is_found_and_its_change_is_named(kind: str) -> None:
    """Of the two, the one with the larger picture is kept, or else the first."""
    pictures = [png(thing(number)) for number in range(5)]
    catalogue = filled([*pictures, MADE[kind](thing(2))])
    kept, named = ("5", "cropped") if kind == "wider" else ("2", kind)

    found = find(catalogue)

    assert numbers(found) == {frozenset({2, 5})}
    [group] = found.groups
    assert group.kept.source_id == kept
    assert kinds(group) == [{named}]
    assert group.score >= found.cut


def test_differences_state_amounts() -> None:
    whole = thing(7)
    catalogue = filled(
        [png(whole), MADE["resized"](whole), png(cropped(whole)), png(recoloured(whole))]
    )

    [group] = find(catalogue).groups
    described = {one.item.source_id: one.difference for one in group.duplicates}

    assert described["1"] == "smaller: 120 x 120 instead of 200 x 200"
    assert described["2"].startswith("cropped: 1")
    assert described["2"].endswith("% of the picture is missing")
    [colours] = group.duplicates[2].differences
    assert colours.text == f"different colours: {colours.amount:.0%} of the object"
    assert 0.5 < colours.amount <= 1


def test_all_changes_of_a_copy_are_named() -> None:
    changed = ImageOps.mirror(recoloured(thing(3))).resize((100, 100), Image.Resampling.LANCZOS)
    catalogue = filled([png(thing(3)), png(changed)])

    [group] = find(catalogue).groups

    assert kinds(group) == [{"mirrored", "recoloured", "resized"}]


def test_mirrored_copies_are_found_without_their_vectors() -> None:
    pictures = [thing(number) for number in range(6)]
    catalogue = filled([png(one) for one in [*pictures, *map(ImageOps.mirror, pictures)]])

    found = find(catalogue, index_of_unrelated_vectors(catalogue))

    assert numbers(found) == {frozenset({number, number + 6}) for number in range(6)}
    assert all(kinds(group) == [{"mirrored"}] for group in found.groups)


# -- what is not a near-duplicate ----------------------------------------------------------------


def test_different_objects_are_not_duplicates() -> None:
    catalogue = filled(png(thing(number)) for number in range(NEIGHBOURS))

    found = find(catalogue)

    assert found.groups == ()
    assert found.items == NEIGHBOURS
    assert found.pairs >= NEIGHBOURS * (NEIGHBOURS - 1) / 2


def test_object_with_an_additional_part_is_not_a_duplicate() -> None:
    more = thing(4)
    ImageDraw.Draw(more).rectangle((85, 60, 115, 75), fill="white", outline="black")

    assert find(filled([png(thing(4)), png(more)])).groups == ()


def dial(degrees: float) -> bytes:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 20, 180, 180), fill="khaki", outline="black", width=6)
    angle = np.radians(degrees)
    draw.line((100, 100, 100 + 60 * np.sin(angle), 100 - 60 * np.cos(angle)), "navy", 14)
    return png(picture)


@pytest.mark.slow
def test_chain_of_small_changes_is_split() -> None:
    """Each dial nearly equals the next, but the last differs from the first."""
    catalogue = filled(dial(3 * number) for number in range(12))
    ids = catalogue.items.ids()

    found = find(catalogue)

    matcher = Matcher(catalogue, catalogue.items.find())
    steps = [matcher.best(one, other)[0] for one, other in pairwise(ids)]
    assert min(steps) >= found.cut, "no chain to break"
    assert matcher.best(ids[0], ids[-1])[0] < found.cut - SLACK
    assert len(found.groups) > 1
    for group in found.groups:
        assert all(one.score >= found.cut - SLACK for one in group.duplicates)


# -- group sizes ------------------------------------------------------------------------


def test_catalogues_of_no_one_and_two_models() -> None:
    empty = Catalogue.create("things")
    assert find(empty) == DuplicateReport((), float(np.mean(CUTS)), 0, 0)

    assert find(filled([png(thing(1))])).groups == ()
    assert numbers(find(filled([png(thing(1)), png(thing(1))]))) == {frozenset({0, 1})}


def test_copies_of_one_file_are_not_compared() -> None:
    """No pair is compared, and no vector is needed."""
    data = png(thing(1))
    catalogue = filled([data] * 500)

    found = find(catalogue, Index([], []))

    [group] = found.groups
    assert len(group.items) == 500
    assert group.kept.source_id == "0"
    assert {one.difference for one in group.duplicates} == {"identical"}
    assert found.pairs == 0


def test_large_group_does_not_hide_further_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """All nearest neighbours of a picture are copies of it; smaller copies are further away."""
    monkeypatch.setattr(finder, "NEIGHBOURS", 2)
    qualities = (70, 80, 90)
    small = thing(6).resize((120, 120), Image.Resampling.LANCZOS)
    catalogue = filled(jpeg(one, q) for one in (thing(6), small) for q in qualities)
    rows = np.repeat([[1, 0], [0.8, 0.6]], 3, axis=0).astype(np.float32)

    found = find(catalogue, Index(catalogue.items.ids(), [rows]))

    assert numbers(found) == {frozenset(range(6))}


def test_kept_model_has_the_largest_picture_then_the_most_metadata() -> None:
    small, large = MADE["resized"](thing(1)), png(thing(1))
    catalogue = Catalogue.create("things")
    for name, data, tags in [
        ("small", small, ("a", "b", "c")),
        ("large", large, ()),
        ("large with words", jpeg(thing(1), 95), ("a",)),
        ("later", jpeg(thing(1), 90), ("b",)),
    ]:
        item = Item(source_id=name, name=name, tags=tags)
        catalogue.items.add([(item, importing.prepare(Loaded.of(data)))])

    [group] = find(catalogue).groups

    assert group.kept.name == "large with words"
    assert [one.item.name for one in group.duplicates] == ["small", "large", "later"]


@given(
    of=st.lists(st.integers(0, 4), min_size=1, max_size=7),
    made=st.lists(st.sampled_from(sorted(MADE)), min_size=7, max_size=7),
    seed=st.integers(0, 99),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@pytest.mark.slow
def test_each_model_is_in_at_most_one_group_in_any_order(
    of: Sequence[int], made: Sequence[str], seed: int
) -> None:
    """The oracle: pictures made from one object form a group."""
    order = list(range(len(of)))
    random.Random(seed).shuffle(order)
    catalogue = Catalogue.create(f"things-{seed}-{random.getrandbits(60):x}")
    for number in order:
        item = Item(source_id=f"{number}", name="x")
        catalogue.items.add(
            [(item, importing.prepare(Loaded.of(MADE[made[number]](thing(of[number])))))]
        )

    found = find(catalogue)

    together = {frozenset(n for n in order if of[n] == one) for one in of}
    assert numbers(found) == {group for group in together if len(group) > 1}
    ids = [item.id for group in found.groups for item in group.items]
    assert len(ids) == len(set(ids))
    Catalogue.remove(catalogue.name)


# -- missing data -----------------------------------------------------------------


def test_missing_pictures_thumbnails_and_vectors_are_tolerated() -> None:
    """One of the vectors exists but is not a number."""
    pictures = [thing(number) for number in range(4)]
    catalogue = filled([data for one in pictures for data in (png(one), jpeg(one))])
    items = catalogue.items.find()
    thumbnail_file(catalogue, items[0].id).unlink()
    thumbnail_file(catalogue, items[1].id).write_bytes(b"no picture")
    for item in (items[2], items[7]):  # only the thumbnail is left
        next(catalogue.folder.glob(f"originals/*/{item.digest}.*")).unlink()
    thumbnail_file(catalogue, items[7].id).unlink()
    rows = np.ones((5, 3), np.float32)
    rows[0] = np.nan
    index = Index([item.id for item in items[:4]] + [items[6].id], [rows])

    found = find(catalogue, index)

    assert numbers(found) == {frozenset({2, 3}), frozenset({4, 5})}


def test_items_removed_or_added_since_the_index_was_built_are_tolerated() -> None:
    data = png(thing(1))
    catalogue = filled([data, jpeg(thing(1)), jpeg(thing(1), 80)])
    index = index_of_equal_vectors(catalogue)
    catalogue.items.remove([catalogue.items.ids()[0]])

    assert numbers(find(catalogue, index)) == {frozenset({1, 2})}


# -- the cut --------------------------------------------------------------------


@given(st.lists(st.floats(0, 1)))
def test_cut_lies_within_its_limits(scores: list[float]) -> None:
    assert CUTS[0] <= finder.find_cut(scores) <= CUTS[1]


def test_cut_lies_where_scores_are_rarest() -> None:
    assert finder.find_cut([]) == pytest.approx(sum(CUTS) / 2)
    low, high = CUTS
    assert finder.find_cut([0.2] * 50) == high
    assert finder.find_cut([0.98] * 50) == low
    assert finder.find_cut([low] * 50 + [high] * 50) == pytest.approx(sum(CUTS) / 2, abs=0.01)
    assert finder.find_cut([0.5, 0.6, *[low + 0.02] * 9, 0.99]) == high


# -- progress ---------------------------------------------------------------


class RecordedProgress(Progress):
    """Records the stages, and cancels in one of them."""

    def __init__(self, cancel_in: str = "") -> None:
        self.stages: dict[str, list[int]] = {}
        self.cancel_in = cancel_in

    def stage(self, stage: Stage, total: int = 0, *, detail: str = "") -> None:
        self.stages[stage] = [0, total]

    def advance(self, steps: int = 1, *, failed: int = 0) -> None:
        self.stages[list(self.stages)[-1]][0] += steps

    def check(self) -> None:
        if list(self.stages)[-1] == self.cancel_in:
            raise Cancelled("Cancelled.")


def test_progress_is_reported_and_every_stage_can_be_cancelled() -> None:
    catalogue = filled([png(thing(1)), jpeg(thing(1)), png(thing(2))])
    progress = RecordedProgress()

    finder.find(catalogue, index=index_of_equal_vectors(catalogue), progress=progress)

    assert len(progress.stages) == 5
    *counted, (done, total) = progress.stages.values()
    assert all(done == total > 0 for done, total in counted)
    assert done == total == 0
    for name in progress.stages:
        with pytest.raises(Cancelled):
            finder.find(
                catalogue, index=index_of_equal_vectors(catalogue), progress=RecordedProgress(name)
            )


def test_neither_tensorflow_nor_streamlit_is_loaded() -> None:
    script = (
        "import sys, core.duplicates.finder\n"
        "assert not {'tensorflow', 'streamlit'} & {*sys.modules}"
    )

    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)
