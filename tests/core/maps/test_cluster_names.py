"""Cluster names: words that a cluster has and others lack, no two names equal."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.maps import cluster_names

# First names, each of which one item has.
NAMES = ("Ada", "Bo", "Cy", "Dee", "Eli", "Flo", "Gus", "Hal", "Ivy", "Joe", "Kay", "Lou")


def item(number: int, name: str = "", *tags: str, category: str = "") -> Item:
    return Item(source_id=str(number), name=name, tags=tags, category=category)


def named(groups: list[list[Item]], *, previous: list[str] | None = None) -> list[str]:
    """Return the names of groups; the first item of each is its landmark."""
    items = [one for group in groups for one in group]
    ends = np.cumsum([len(group) for group in groups])
    numbers = [np.arange(end - len(group), end) for end, group in zip(ends, groups, strict=True)]
    return cluster_names.name_clusters(
        numbers, items, landmarks=[group[0] for group in groups], previous=previous or ()
    )


def test_name_is_a_word_that_other_clusters_lack() -> None:
    clocks = [item(n, f"Clock {n}", "time", "Round", category="Things") for n in range(10)]
    chairs = [item(n, "Oak chair", "Seat", "Round", category="Things") for n in range(10)]

    assert named([clocks, chairs]) == ["Clock", "Chair"]


def test_second_word_is_for_the_items_that_lack_the_first() -> None:
    mixed = [item(n, "Sofa", "couch") for n in range(6)]
    mixed += [item(n, "Bed") for n in range(4)] + [item(n, f"{n}") for n in range(4)]
    others = [item(n, "Lamp") for n in range(10)]

    assert named([mixed, others]) == ["Sofa & bed", "Lamp"]
    mixed[-5] = item(0, "Breites Bed")
    assert named([mixed, others]) == ["Sofa & Bed", "Lamp"]


def test_rare_word_is_not_used() -> None:
    group = [item(n, "Chair") for n in range(40)]
    group[0] = item(0, "Chair", "unheard-of")
    group[1] = item(1, "Chair", "unheard-of")

    assert named([group, [item(n, "Lamp") for n in range(40)]]) == ["Chair", "Lamp"]


def test_word_of_a_small_part_names_no_cluster() -> None:
    squares = [item(n, "Book") for n in range(4)]
    squares += [item(n, name, category="Things") for n, name in enumerate(NAMES)]
    lamps = [item(n, "Lamp", category="Things") for n in range(20)]

    assert named([squares, lamps]) == ["Like “Book”", "Lamp"]
    assert named([squares, lamps], previous=["Book", "Lamp"]) == ["Like “Book”", "Lamp"]


def test_cluster_that_mixes_subjects_is_named_after_the_two_that_most_are_of() -> None:
    mixed = [item(n, name, category="Kitchen") for n, name in enumerate(NAMES[:4])]
    mixed += [item(n, name, category="Bathroom") for n, name in enumerate(NAMES[4:7])]
    mixed += [item(n, "Bottle") for n in range(3)]
    lamps = [item(n, "Lamp", category="Lights") for n in range(20)]

    assert named([mixed[-3:] + mixed[:-3], lamps]) == ["Kitchen & bathroom", "Lamp"]


def test_word_names_the_cluster_of_which_it_tells_most() -> None:
    groups = [
        [item(n, "Man", category="People") for n in range(20)],
        [item(n, "Hand", category="People") for n in range(10)],
        [item(n, "Car", category="Travel") for n in range(30)],
    ]
    groups[1] += [item(n, "Man", category="People") for n in range(3)]

    assert named(groups) == ["Man", "Hand", "Car"]


def test_category_counts_only_where_a_third_of_the_cluster_has_it() -> None:
    lamps = [item(n, "Lamp", category="Lights") for n in range(90)]
    people = [item(n, f"{name}", category="People") for n, name in enumerate(NAMES)]
    mixed = [item(n, f"{name}", category="Arts" * (n < 3)) for n, name in enumerate(NAMES)]

    assert named([lamps, people])[1] == "People"
    assert named([lamps, mixed])[1] == "Like “Ada”"


def test_only_the_first_of_what_a_category_lists_is_its_term() -> None:
    food = [item(n, name, category="Food & drink") for n, name in enumerate(NAMES)]

    assert named([food, [item(n, "Lamp") for n in range(10)]]) == ["Food", "Lamp"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([f"IMG_{number:04}" for number in range(10)], id="camera"),
        pytest.param([str(number) for number in range(10)], id="numbers"),
        pytest.param([f"model v{number} final.obj" for number in range(10)], id="files"),
        pytest.param(["x"] * 10, id="letter"),
        pytest.param(["🪑"] * 10, id="sign"),
        pytest.param(["The of 1234"] * 10, id="stop words"),
        pytest.param([""] * 10, id="nothing"),
    ],
)
def test_cluster_without_telling_words_has_an_empty_name(names: list[str]) -> None:
    group = [item(n, name, "42", "SCPTS", "misc") for n, name in enumerate(names)]

    assert named([group, [item(n, "Lamp") for n in range(10)]]) == ["", "Lamp"]
    assert named([group]) == [""]


def test_words_of_any_language_and_capitals_within_a_word_are_kept() -> None:
    groups = [
        [item(n, f"{name} {n}") for n in range(5)]
        for name in ("Größe", "मेज़", "كرسي أحمر", "кресло", "椅子", "HiFi", "Tisch")
    ]

    names = named(groups)

    assert names == ["Größe", "मेज़", names[2], "Кресло", "椅子", "HiFi", "Tisch"]
    assert names[2] in ("كرسي", "أحمر")


def test_plural_is_shown_if_the_items_have_it() -> None:
    hearts = [item(n, "Heart", "hearts") for n in range(10)]

    assert named([hearts, [item(n, "Lamp") for n in range(10)]]) == ["Hearts", "Lamp"]


def test_no_two_names_differ_by_plural_or_case_only() -> None:
    groups = [
        [item(n, name, "fruit") for n in range(5)]
        for name in ("Berry", "berries", "Box", "BOXES", "Heart", "Hearts")
    ]

    assert named(groups) == [
        *("Berry", "Like “berries”", "Box", "Like “BOXES”", "Hearts", "Like “Hearts”")
    ]


def test_clusters_that_no_word_tells_apart_are_named_after_their_landmarks() -> None:
    groups = [[item(n, f"{n}", category="Nature") for n in range(4)] for _ in range(3)]
    groups[1][0] = item(0, "Ox", category="Nature")
    groups.append([item(n, "Lamp", category="Lights") for n in range(20)])

    assert named(groups) == ["Nature", "Like “Ox”", "", "Lamp"]


def test_name_that_somebody_gave_is_not_used_again() -> None:
    groups = [[item(n, "Clock", "time") for n in range(5)], [item(n, "Lamp") for n in range(5)]]

    items = [one for group in groups for one in group]
    found = cluster_names.name_clusters(
        [np.arange(5), np.arange(5, 10)],
        items,
        landmarks=[items[0], items[5]],
        previous=["Clock", "Lamp"],
        taken=["clocks"],
    )

    assert found == ["Time", "Lamp"]


def test_name_is_kept_while_it_fits() -> None:
    clocks = [item(n, "Clock", "time") for n in range(10)]
    lamps = [item(n, "Lamp") for n in range(10)]

    assert named([clocks, lamps], previous=["Time", "Lamp"]) == ["Time", "Lamp"]
    assert named([clocks, lamps], previous=["Hour & time", "Lamp"]) == ["Clock", "Lamp"]
    assert named([clocks, lamps], previous=["Lamp", "Light"]) == ["Clock", "Lamp"]
    assert named([clocks, lamps], previous=["Clock", "Clock"]) == ["Clock", "Lamp"]
    like = ["Like “Clock”", "Lamp"]
    assert named([clocks, lamps], previous=like) == like
    assert named([clocks, lamps], previous=["Like “Chair”", "Lamp"]) == ["Clock", "Lamp"]


def test_names_of_an_earlier_version_are_replaced() -> None:
    clocks = [item(n, "Clock", "time") for n in range(10)]
    lamps = [item(n, "Lamp", category="Lights") for n in range(10)]

    assert named([clocks, lamps], previous=["Clock, time", "Lights"]) == ["Clock", "Lamp"]


def test_describes_says_which_items_have_a_word_of_the_name() -> None:
    items = [item(0, "Red rose", "flowers"), item(1, "Sparrow", category="Birds"), item(2, "Box")]

    assert cluster_names.describes("Birds & flower", items).tolist() == [True, True, False]
    assert cluster_names.describes("", items).all()
    assert cluster_names.describes("Like “Box”", items).all()
    assert named([]) == []


words = st.text(alphabet="abesy, -’ß“”&_1", max_size=12)


@given(
    st.lists(
        st.lists(
            st.builds(
                lambda name, tags, category: item(0, name, *tags, category=category),
                words,
                st.lists(words, max_size=4),
                words,
            ),
            min_size=1,
            max_size=12,
        ),
        min_size=1,
        max_size=6,
    )
)
@pytest.mark.filterwarnings("error")
def test_names_differ_for_any_words_and_are_then_kept(groups: list[list[Item]]) -> None:
    found = named(groups)

    # By what is left of their terms without plurals, in whatever order.
    told = [
        frozenset(re.sub(r"(?<=\S)[es]+(?= |$)", "", term) for term in name.casefold().split(" & "))
        for name in found
        if name
    ]
    assert len(set(told)) == len(told)
    assert named(groups, previous=found) == found
