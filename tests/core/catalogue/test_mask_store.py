"""Masks, and what people choose to be compared."""

import numpy as np
import pytest

from core.catalogue import Catalogue, Choice, Item, StoredMask
from core.descriptors import COMPACT, PUBLISHED
from tests.core.catalogue.support import add, numbered, picture_of, rows_for

OBJECT = StoredMask("mask", 0.9, b"a mask")
UNSURE = StoredMask("whole", 0.2, b"an unlikely mask")
NOTHING = StoredMask("whole", 0.01)
PLAIN = StoredMask("plain")


@pytest.fixture
def items(catalogue: Catalogue) -> list[Item]:
    """Five items with vectors of both descriptors; the last one was never indexed."""
    stored = add(catalogue, *numbered(5))
    for name in (COMPACT, PUBLISHED):
        catalogue.vectors.add(name, "v1", stored, rows_for(stored))
    catalogue.masks.add(list(zip(stored, [OBJECT, UNSURE, NOTHING, PLAIN], strict=False)))
    return stored


def to_embed(catalogue: Catalogue, items: list[Item]) -> list[int]:
    missing = {item.id for item in catalogue.vectors.missing(COMPACT, "v1")}
    assert not catalogue.vectors.missing(PUBLISHED, "v1"), "the 2016 recipe knows no masks"
    return [number for number, item in enumerate(items) if item.id in missing]


def test_a_mask_is_that_of_the_current_picture(catalogue: Catalogue, items: list[Item]) -> None:
    first, *_, last = items
    assert catalogue.masks.get(first) == OBJECT
    assert catalogue.masks.get(last) is None
    assert catalogue.masks.count() == {"mask": 1, "plain": 1, "whole": 2}

    catalogue.items.add([(first, picture_of("redrawn"))])
    redrawn = catalogue.items.get(first.id)

    assert catalogue.masks.get(redrawn) is None
    catalogue.masks.add([(redrawn, PLAIN)])
    assert catalogue.masks.get(redrawn) == PLAIN
    catalogue.items.remove([redrawn.id])
    assert catalogue.masks.count() == {"plain": 1, "whole": 2}


def test_masks_go_with_their_pictures(catalogue: Catalogue, items: list[Item]) -> None:
    replaced, removed, *others = items
    catalogue.items.add([(replaced, picture_of("redrawn"))])
    catalogue.items.remove([removed.id])

    catalogue.sweep()

    assert catalogue.masks.get(replaced) is None
    # The picture of a removed model stays too: an import may show it again.
    masks = [catalogue.masks.get(item) for item in (removed, *others)]
    assert masks == [UNSURE, NOTHING, PLAIN, None]


@pytest.mark.parametrize(("choice", "embedded"), [("object", [1]), ("whole", [0, 3]), ("auto", [])])
def test_only_what_a_choice_changes_is_embedded_again(
    choice: Choice, embedded: list[int], catalogue: Catalogue, items: list[Item]
) -> None:
    assert catalogue.masks.choose(choice) == len(embedded)

    assert catalogue.masks.catalogue_choice() == choice
    assert to_embed(catalogue, items) == embedded
    if embedded:
        again = [items[number] for number in embedded]
        catalogue.vectors.add(COMPACT, "v1", again, np.ones((len(again), 2), np.float32))
    assert catalogue.masks.choose(choice) == 0
    assert to_embed(catalogue, items) == []


def test_the_choice_for_a_model_goes_before_that_for_the_catalogue(
    catalogue: Catalogue, items: list[Item]
) -> None:
    ids = [item.id for item in items]
    assert catalogue.masks.choose("whole", item_ids=ids[:1]) == 1
    assert catalogue.masks.choose("object") == 1
    assert to_embed(catalogue, items) == [0, 1]

    assert catalogue.masks.choices(ids[:2]) == {ids[0]: "whole", ids[1]: "object"}

    # An update keeps the choice.
    catalogue.items.update_facts(items)
    assert catalogue.masks.choice(ids[0]) == "whole"


@pytest.mark.parametrize(
    ("choice", "counts"),
    [
        ("auto", {"mask": 1, "plain": 1, "whole": 2}),
        ("object", {"mask": 2, "plain": 1, "whole": 1}),
        ("whole", {"whole": 4}),
    ],
)
def test_the_counts_are_of_what_is_compared_not_of_what_was_detected(
    choice: Choice, counts: dict[str, int], catalogue: Catalogue, items: list[Item]
) -> None:
    catalogue.masks.choose(choice)
    assert catalogue.masks.count() == counts

    catalogue.masks.choose("whole", item_ids=[items[0].id, items[3].id])
    assert catalogue.masks.count()["whole"] == counts["whole"] + 2 * (choice != "whole")


def test_a_choice_gives_masks_and_vectors_a_new_revision(
    catalogue: Catalogue, items: list[Item]
) -> None:
    before = catalogue.masks.revision, catalogue.vectors.revision, catalogue.items.revision
    catalogue.masks.choose("whole", item_ids=[items[0].id])
    after = catalogue.masks.revision, catalogue.vectors.revision, catalogue.items.revision
    assert after[0] > before[0]
    assert after[1] > before[1]
    assert after[2] == before[2]
