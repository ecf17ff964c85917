"""Names of clusters: words that most of it have and others lack, and no two the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.maps import cluster_names


def item(number: int, name: str = "", *tags: str, category: str = "") -> Item:
    return Item(source_id=str(number), name=name, tags=tags, category=category)


def named(groups: list[list[Item]], *, previous: list[str] | None = None) -> list[str]:
    """Return the names of groups, of each of which the first item is the landmark."""
    items = [one for group in groups for one in group]
    ends = np.cumsum([len(group) for group in groups])
    numbers = [np.arange(end - len(group), end) for end, group in zip(ends, groups, strict=True)]
    return cluster_names.name_clusters(
        numbers, items, landmarks=[group[0] for group in groups], previous=previous or ()
    )


def test_a_name_is_made_of_words_that_others_lack() -> None:
    clocks = [item(n, f"Clock {n}", "time", "Round", category="Things") for n in range(10)]
    chairs = [item(n, "Oak chair", "Seat", "Round", category="Things") for n in range(10)]

    assert named([clocks, chairs]) == ["Clock, time", "Chair, oak, seat"]


def test_terms_stand_for_those_that_the_first_leaves_out() -> None:
    mixed = [item(n, "Sofa", "couch") for n in range(6)] + [item(n, "Bed") for n in range(4)]
    others = [item(n, "Lamp") for n in range(10)]

    assert named([mixed, others])[0].startswith(("Sofa, bed", "Couch, bed"))


def test_a_term_needs_a_fair_share_of_the_cluster() -> None:
    group = [item(n, "Chair") for n in range(40)]
    group[0] = item(0, "Chair", "unheard-of")
    group[1] = item(1, "Chair", "unheard-of")

    assert named([group, [item(n, "Lamp") for n in range(40)]]) == ["Chair", "Lamp"]


def test_stop_words_numbers_and_codes_are_no_terms() -> None:
    group = [item(n, f"The model of 1234 v{n}", "42", "SCPTS", "misc") for n in range(10)]

    [name, _] = named([group, [item(n, "Lamp") for n in range(10)]])

    assert name == "Like “The model of 1234 v0”"


def test_singular_and_plural_are_one_term_and_capitals_are_kept() -> None:
    group = [item(n, "Heart", "hearts", "TV") for n in range(10)]

    assert named([group, [item(n, "Lamp") for n in range(10)]])[0] in ("TV, heart", "Heart, TV")


def test_a_tag_is_one_term_and_its_commas_are_none() -> None:
    group = [item(n, "", "doors, windows") for n in range(5)]

    assert named([group, [item(n, "Lamp") for n in range(5)]])[0] == "Doors windows"


def test_names_differ_or_say_what_the_cluster_is_like() -> None:
    groups = [[item(n, f"{word} {n}", category="Nature") for n in range(4)] for word in ("1", "2")]
    groups.append([item(n, "Lamp", category="Lights") for n in range(20)])
    groups[1][0] = item(0, "Ox", category="Nature")

    assert named(groups) == ["Nature", "Nature, like “Ox”", "Lamp, lights"]


def test_without_words_there_is_no_name() -> None:
    groups = [[item(n, str(n)) for n in range(5)], [item(n, "") for n in range(5)]]

    assert named(groups) == ["", ""]
    groups[1] = [item(n, "Lamp") for n in range(5)]
    assert named(groups) == ["", "Lamp"]
    assert named([]) == []


def test_a_name_stays_as_long_as_it_holds() -> None:
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
def test_names_differ_whatever_the_words_and_then_stay(groups: list[list[Item]]) -> None:
    found = named(groups)

    told = [name for name in found if name]
    assert len(set(told)) == len(told)
    assert named(groups, previous=found) == found
