"""Cluster names: words that a cluster has and others lack, no two names equal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.maps import cluster_names


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


def test_name_consists_of_words_that_other_clusters_lack() -> None:
    clocks = [item(n, f"Clock {n}", "time", "Round", category="Things") for n in range(10)]
    chairs = [item(n, "Oak chair", "Seat", "Round", category="Things") for n in range(10)]

    assert named([clocks, chairs]) == ["Clock, time", "Chair, oak, seat"]


def test_further_terms_cover_items_that_the_first_does_not() -> None:
    mixed = [item(n, "Sofa", "couch") for n in range(6)] + [item(n, "Bed") for n in range(4)]
    others = [item(n, "Lamp") for n in range(10)]

    assert named([mixed, others])[0].startswith(("Sofa, bed", "Couch, bed"))


def test_rare_term_is_not_used() -> None:
    group = [item(n, "Chair") for n in range(40)]
    group[0] = item(0, "Chair", "unheard-of")
    group[1] = item(1, "Chair", "unheard-of")

    assert named([group, [item(n, "Lamp") for n in range(40)]]) == ["Chair", "Lamp"]


def test_stop_words_numbers_and_codes_are_not_used() -> None:
    group = [item(n, f"The model of 1234 v{n}", "42", "SCPTS", "misc") for n in range(10)]

    [name, _] = named([group, [item(n, "Lamp") for n in range(10)]])

    assert name == "Like “The model of 1234 v0”"


def test_singular_and_plural_count_as_one_term_and_capitals_are_kept() -> None:
    group = [item(n, "Heart", "hearts", "TV") for n in range(10)]

    assert named([group, [item(n, "Lamp") for n in range(10)]])[0] in ("TV, heart", "Heart, TV")


def test_tag_is_one_term_without_its_commas() -> None:
    group = [item(n, "", "doors, windows") for n in range(5)]

    assert named([group, [item(n, "Lamp") for n in range(5)]])[0] == "Doors windows"


def test_equal_names_are_told_apart_by_the_landmark() -> None:
    groups = [[item(n, f"{word} {n}", category="Nature") for n in range(4)] for word in ("1", "2")]
    groups.append([item(n, "Lamp", category="Lights") for n in range(20)])
    groups[1][0] = item(0, "Ox", category="Nature")

    assert named(groups) == ["Nature", "Nature, like “Ox”", "Lamp, lights"]


def test_cluster_without_words_has_an_empty_name() -> None:
    groups = [[item(n, str(n)) for n in range(5)], [item(n, "") for n in range(5)]]

    assert named(groups) == ["", ""]
    groups[1] = [item(n, "Lamp") for n in range(5)]
    assert named(groups) == ["", "Lamp"]
    assert named([]) == []


def test_name_is_kept_while_it_fits() -> None:
    clocks = [item(n, "Clock", "time") for n in range(10)]
    lamps = [item(n, "Lamp") for n in range(10)]

    assert named([clocks, lamps], previous=["Time", "Lamp"]) == ["Time", "Lamp"]
    assert named([clocks, lamps], previous=["Hour, time", "Lamp"]) == ["Clock, time", "Lamp"]
    assert named([clocks, lamps], previous=["Lamp", "Light"]) == ["Clock, time", "Lamp"]
    like = ["Like “Clock”", "Lamp, like “Lamp”"]
    assert named([clocks, lamps], previous=like) == like
    assert named([clocks, lamps], previous=["Like “Chair”", "Lamp 2"]) == ["Clock, time", "Lamp 2"]


words = st.text(alphabet="abcdefg, -’ß“”", max_size=12)


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

    told = [name for name in found if name]
    assert len(set(told)) == len(told)
    assert named(groups, previous=found) == found
