"""The list of photographs: complete, split for ever, and with words that name the thing."""

import re
from collections import Counter

import pytest

from benchmarks.support.photographs import (
    HALVES,
    halves,
    is_right,
    packages,
    photographs,
    unrelated,
)
from core.catalogue import Item


@pytest.mark.parametrize(
    ("name", "words", "right"),
    [
        ("Cat face", ["cat"], True),
        ("CAT", ["cat"], True),
        ("Caterpillar", ["cat"], False),
        ("Bobcat", ["cat"], False),
        ("Black-cat figure", ["cat"], True),
        ("Pet", ["cat"], True),  # By its tag “house cat”.
        ("Dog", ["pig", "cow"], False),
        ("Racing car", ["racing car"], True),
        ("Racing with a car", ["racing car"], False),
        ("Car, racing", ["racing car"], False),
        ("Dog", [], False),
    ],
)
def test_words_match_whole_tokens_of_the_name_or_a_tag(
    name: str, words: list[str], right: bool
) -> None:
    tags = ("house cat",) if name == "Pet" else ("mammal",)
    assert is_right(Item(source_id="1", name=name, tags=tags), words) is right


def test_a_word_of_several_tokens_lies_within_one_tag() -> None:
    item = Item(source_id="1", name="Toy", tags=("racing", "car"))
    assert not is_right(item, ["racing car"])


def test_every_photograph_is_described_completely() -> None:
    listed = photographs()
    assert len(listed) >= 60
    places = [(each.package.name, each.path) for each in listed]
    assert len(set(places)) == len(places)
    for each in listed:
        assert each.licence and each.shows and each.group
        assert re.search(r"\.(jpg|png|webp)$", each.path)
        assert set(each.words) == {"fluent", "furniture"}
        assert each.words["fluent"]


def test_every_package_has_a_version_and_a_digest() -> None:
    for package in packages().values():
        assert package.kind in ("debian", "npm", "pypi")
        assert package.version
        assert re.fullmatch("[0-9a-f]{64}", package.sha256)
        assert bool(package.wheel) == (package.kind == "pypi")


def test_the_halves_are_those_that_the_seed_says() -> None:
    listed = photographs()
    assert halves(listed) == [each.half for each in listed]
    assert halves(listed[::-1]) == [each.half for each in listed[::-1]]


def test_the_halves_share_no_photograph_and_each_has_half_of_every_group() -> None:
    parts = {half: photographs(half) for half in HALVES}
    paths = [{(each.package.name, each.path) for each in part} for part in parts.values()]
    assert paths[0].isdisjoint(paths[1])
    assert sum(map(len, paths)) == len(photographs())
    for attribute in ("group", "words"):
        counts = [
            Counter(str(getattr(each, attribute)) for each in part) for part in parts.values()
        ]
        for value in counts[0] | counts[1]:
            assert abs(counts[0][value] - counts[1][value]) <= 1, value


def test_no_photograph_of_other_things_has_to_find_a_model() -> None:
    places = [(package.name, path) for package, path in unrelated()]
    assert len(set(places)) == len(places) == 100
    assert not set(places) & {(each.package.name, each.path) for each in photographs()}
