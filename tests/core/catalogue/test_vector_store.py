"""Vectors are stored in segments and read in item order."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue import Catalogue, names, vector_store
from tests.core.catalogue.support import add, numbered, rows_for, vector_files


@pytest.mark.usefixtures("segments_of_three")
def test_vectors_are_returned_in_item_order_however_they_were_stored(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(20))
    shuffled = random.Random(0).sample(items, 20)
    for part in (shuffled[:7], shuffled[7:9], shuffled[9:]):
        catalogue.vectors.add("compact", "v1", part, rows_for(part))

    vectors = catalogue.vectors.read("compact", "v1")

    assert vectors.ids == tuple(catalogue.items.ids())
    blocks = list(vectors.blocks)
    assert all(len(block) <= 3 for block in blocks)
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(np.concatenate(blocks), rows_for(items))
    assert len(vector_files(catalogue)) == 8


@pytest.mark.usefixtures("segments_of_three")
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.lists(st.integers(0, 9), unique=True, min_size=1)),
            st.tuples(st.just("remove"), st.lists(st.integers(0, 9), max_size=3)),
            st.tuples(st.just("redraw"), st.lists(st.integers(0, 9), unique=True, max_size=3)),
            st.tuples(st.just("compact"), st.just([])),
            st.tuples(st.just("sweep"), st.just([])),
        ),
        max_size=8,
    )
)
@pytest.mark.slow
def test_vectors_are_those_last_stored_for_the_current_picture(
    steps: list[tuple[str, list[int]]],
) -> None:
    """A dictionary is the model: any sequence of changes gives the same vectors."""
    if "model" in names():
        Catalogue.remove("model")
    catalogue = Catalogue.create("model")
    everybody = add(catalogue, *numbered(10))
    pictures = [item.source_id for item in everybody]
    present, stored = set(range(10)), dict[int, tuple[str, float]]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_store, "SEGMENTS_BEFORE_COMPACTION", 1)
        for time, (step, numbers) in enumerate(steps):
            chosen = [number for number in numbers if number in present]
            items = [catalogue.items.get(everybody[number].id) for number in chosen]
            if step == "add":
                catalogue.vectors.add("compact", "v1", items, rows_for(items, shift=time))
                stored |= {number: (pictures[number], time) for number in chosen}
            elif step == "remove":
                catalogue.items.remove(item.id for item in items)
                present -= set(chosen)
            elif step == "redraw":
                for number in numbers:
                    pictures[number] = f"{number} at {time}"
                    add(catalogue, everybody[number], picture=pictures[number])
                    present.add(number)
            elif step == "compact":
                catalogue.vectors.compact("compact", "v1")
            else:
                catalogue.sweep()

    expected = {
        everybody[number].id: (number, time)
        for number, (drawn, time) in sorted(stored.items())
        if number in present and drawn == pictures[number]
    }
    vectors = catalogue.vectors.read("compact", "v1")
    assert vectors.ids == tuple(expected)
    rows = vectors.matrix().reshape(-1, 2)
    assert [tuple(row) for row in rows.tolist()] == list(expected.values())
    missing = {item.id for item in catalogue.vectors.missing("compact", "v1")}
    assert missing == {everybody[number].id for number in present} - set(expected)


def test_a_changed_picture_has_no_vector_until_a_new_one_is_added(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(3))
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    assert catalogue.vectors.missing("compact", "v1") == []

    (changed,) = add(catalogue, items[1], picture="another picture")

    assert catalogue.vectors.missing("compact", "v1") == [changed]
    assert catalogue.vectors.read("compact", "v1").ids == (items[0].id, items[2].id)
    # A vector that was computed from the old picture does not count.
    catalogue.vectors.add("compact", "v1", [items[1]], rows_for([items[1]]))
    assert catalogue.vectors.missing("compact", "v1") == [changed]
    catalogue.vectors.add("compact", "v1", [changed], rows_for([changed], shift=7))
    assert catalogue.vectors.missing("compact", "v1") == []
    assert catalogue.vectors.read("compact", "v1").matrix()[:, 1].tolist() == [0, 7, 0]


def test_vectors_of_another_fingerprint_or_descriptor_are_never_returned(
    catalogue: Catalogue,
) -> None:
    items = add(catalogue, *numbered(3))
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    catalogue.vectors.add("published", "p", items, rows_for(items, shift=5))
    for descriptor, fingerprint in [("compact", "v2"), ("compact", "p"), ("other", "v1")]:
        vectors = catalogue.vectors.read(descriptor, fingerprint)
        assert vectors.ids == ()
        assert len(vectors.matrix()) == 0
        assert catalogue.vectors.missing(descriptor, fingerprint) == items

    catalogue.vectors.add("compact", "v2", items[:1], rows_for(items[:1], shift=2))

    assert catalogue.vectors.read("compact", "v1").ids == (items[1].id, items[2].id)
    assert catalogue.vectors.read("compact", "v2").matrix().tolist() == [[0, 2]]
    assert len(catalogue.vectors.read("published", "p").ids) == 3
    catalogue.vectors.drop("compact")
    assert vector_files(catalogue) == set()
    assert len(catalogue.vectors.read("published", "p").matrix()) == 3


def test_there_must_be_as_many_rows_as_items(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(3))
    with pytest.raises(ValueError, match="3 items but 2 rows"):
        catalogue.vectors.add("compact", "v1", items, np.zeros((2, 4), np.float32))
    assert catalogue.vectors.missing("compact", "v1") == items


def test_vectors_keep_their_dtype(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(2))
    matrix = np.array([[1.5, 2], [3, 4]], np.float16)
    catalogue.vectors.add("compact", "v1", items, matrix)
    back = catalogue.vectors.read("compact", "v1").matrix()
    assert back.dtype == np.float16
    np.testing.assert_array_equal(back, matrix)


@pytest.mark.usefixtures("segments_of_three")
def test_a_new_fit_replaces_all_vectors_of_its_descriptor(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(5))
    assert (
        catalogue.vectors.load_fit("compact")
        is catalogue.vectors.fit_fingerprint("compact")
        is None
    )
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    catalogue.vectors.add("published", "p", items, rows_for(items))
    arrays = {"mean": np.arange(3.0), "directions": np.eye(2, dtype=np.float16)}

    catalogue.vectors.save_fit("compact", "v2", arrays, items[1:], rows_for(items[1:], shift=2))

    assert catalogue.vectors.fit_fingerprint("compact") == "v2"
    fit = catalogue.vectors.load_fit("compact")
    assert fit is not None and fit.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(fit[name], array)
        assert fit[name].dtype == array.dtype
    assert catalogue.vectors.read("compact", "v1").ids == ()
    assert catalogue.vectors.missing("compact", "v2") == items[:1]
    expected = rows_for(items[1:], shift=2)
    np.testing.assert_array_equal(catalogue.vectors.read("compact", "v2").matrix(), expected)
    assert len(catalogue.vectors.read("published", "p").ids) == 5

    catalogue.sweep()
    np.testing.assert_array_equal(catalogue.vectors.read("compact", "v2").matrix(), expected)
    assert catalogue.vectors.load_fit("compact") is not None
    assert len(vector_files(catalogue)) == 3  # two segments and the fit


def test_vectors_that_are_being_read_survive_a_new_fit(catalogue: Catalogue) -> None:
    """A page reads them while a job in another process finishes."""
    items = add(catalogue, *numbered(4))
    catalogue.vectors.add("compact", "v1", items, rows_for(items))
    being_read = catalogue.vectors.read("compact", "v1")
    catalogue.vectors.save_fit("compact", "v2", {}, items, rows_for(items, shift=1))
    catalogue.sweep()
    np.testing.assert_array_equal(being_read.matrix(), rows_for(items))


def test_compaction_does_not_change_what_is_read(catalogue: Catalogue) -> None:
    items = add(catalogue, *numbered(60))
    for item in random.Random(0).sample(items, 60):
        catalogue.vectors.add("compact", "v1", [item], rows_for([item]))
    assert len(vector_files(catalogue)) == 60

    catalogue.vectors.compact("compact", "v1")

    assert len(vector_files(catalogue)) == 1
    vectors = catalogue.vectors.read("compact", "v1")
    assert vectors.ids == tuple(catalogue.items.ids())
    np.testing.assert_array_equal(vectors.matrix(), rows_for(items))

    before = vector_files(catalogue), catalogue.revision
    catalogue.vectors.compact("compact", "v1")
    assert (vector_files(catalogue), catalogue.revision) == before


def test_compaction_drops_the_rows_of_removed_items(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise every later run would rewrite all vectors and remove nothing."""
    monkeypatch.setattr(vector_store, "SEGMENTS_BEFORE_COMPACTION", 3)
    items = add(catalogue, *numbered(20))
    for start in range(0, 20, 4):
        part = items[start : start + 4]
        catalogue.vectors.add("compact", "v1", part, rows_for(part))
    catalogue.items.remove(item.id for item in items[::4])
    rest = [item for number, item in enumerate(items) if number % 4]

    catalogue.vectors.compact("compact", "v1")

    np.testing.assert_array_equal(catalogue.vectors.read("compact", "v1").matrix(), rows_for(rest))
    assert len(vector_files(catalogue)) == 1
    before = vector_files(catalogue)
    catalogue.vectors.compact("compact", "v1")
    assert vector_files(catalogue) == before
