"""Groups of near-duplicates, and what is said of them."""

from core.catalogue import Item
from core.duplicates.records import Difference, Duplicate, DuplicateReport, Group

KEPT, SECOND, THIRD = (Item(source_id=name, name=name) for name in "abc")


def test_a_group_is_as_good_as_its_worst_match() -> None:
    mirrored = Difference("mirrored", 1.0, "mirrored")
    smaller = Difference("resized", 0.5, "smaller: 100 x 100 instead of 200 x 200")
    group = Group(KEPT, (Duplicate(SECOND, 0.9, (mirrored, smaller)), Duplicate(THIRD, 0.8, ())))

    assert group.items == (KEPT, SECOND, THIRD)
    assert group.score == 0.8
    [first, last] = group.duplicates
    assert first.difference == "mirrored, smaller: 100 x 100 instead of 200 x 200"
    assert last.difference == ""


def test_a_report_says_how_many_models_could_be_hidden() -> None:
    groups = tuple(Group(KEPT, (Duplicate(SECOND, 1, ()),) * count) for count in (1, 1200))

    assert str(DuplicateReport(groups, 0.8, 2500, 9)) == (
        "Groups of near-duplicates among 2,500 models: 2. Models that could be hidden: 1,201."
    )
    assert str(DuplicateReport((), 0.8, 2500, 9)) == (
        "There are no near-duplicates among 2,500 models."
    )
