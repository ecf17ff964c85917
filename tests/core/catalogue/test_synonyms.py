"""Words have synonyms, singulars and plurals."""

import pytest

from core.catalogue import synonyms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kitchen  CHAIR", "kitchen chair"),
        ("Café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("T-shirt", "t shirt"),
        ("r2_d2!", "r2 d2"),
        ("???", ""),
        ("東京", "東京"),
        ("한국", "한국"),
    ],
)
def test_a_folded_text_has_plain_words(text: str, expected: str) -> None:
    assert synonyms.fold(text) == expected == synonyms.fold(expected)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("sofa", "couch"),
        ("couch", "sofa"),
        ("sofas", "couch"),
        ("sofa", "couches"),
        ("bike", "bicycle"),
        ("car", "automobile"),
        ("auto", "automobile"),
        ("lorry", "trucks"),
        ("lorries", "truck"),
        ("colour", "color"),
        ("cell phone", "mobile phone"),
        ("t shirt", "tee"),
        ("knives", "knife"),
        ("wolf", "wolves"),
        ("boxes", "box"),
        ("city", "cities"),
        ("toys", "toy"),
        ("feet", "foot"),
    ],
)
def test_a_word_is_related_to_another(word: str, other: str) -> None:
    assert other in synonyms.related(word)
    assert word not in synonyms.related(word)


@pytest.mark.parametrize("word", ["", "a", "gas", "bus", "glass", "東京", "42", "zebra crossing"])
def test_no_singular_is_made_of_a_word_that_is_none(word: str) -> None:
    assert word[:-1] not in synonyms.related(word)


def test_synonyms_go_both_ways() -> None:
    for entry in ("sofa", "automobile", "fire truck", "aubergine", "flashlight"):
        others = [other for other in synonyms.related(entry) if synonyms.has_synonyms(other)]
        assert others
        assert all(entry in synonyms.related(other) for other in others)


def test_entries_of_the_file_are_folded_and_no_line_is_there_twice() -> None:
    lines = synonyms._FILE.read_text(encoding="utf-8").splitlines()
    groups = [line.split(", ") for line in lines if line and not line.startswith("#")]
    assert len({frozenset(group) for group in groups}) == len(groups)
    for group in groups:
        assert len(set(group)) == len(group) >= 2
        for entry in group:
            assert synonyms.fold(entry) == entry.replace("-", " ")
            assert len(synonyms.fold(entry).split()) <= synonyms.MAX_WORDS
