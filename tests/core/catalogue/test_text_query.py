"""A text finds whole words first, then beginnings, then synonyms and the nearest spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Catalogue, Filters, Item
from core.catalogue.synonyms import fold, forms
from tests.core.catalogue.support import READ_ONLY, add, names_found

# Words that are beginnings, synonyms and misspellings of each other.
VOCABULARY = (
    *("car", "cars", "card", "carp", "carousel", "automobile", "auto"),
    *("bike", "bicycle", "biking", "bycicle", "sofa", "couch", "couches"),
    *("elephant", "elefant", "lamp", "light", "red", "table", "tabel"),
)


@pytest.fixture
def toys(catalogue: Catalogue) -> Catalogue:
    add(
        catalogue,
        Item(source_id="1", name="Carp streamer", tags=("carp", "celebration")),
        Item(source_id="2", name="Automobile", tags=("car", "driving"), category="Travel"),
        Item(source_id="3", name="Racing car", tags=("zoom",), category="Travel"),
        Item(source_id="4", name="Locked with key", tags=("bike", "lock")),
        Item(source_id="5", name="Bicycle", tags=("bike", "class", "gang", "ride", "spin")),
        Item(source_id="6", name="Person biking", tags=("bicycle", "bike", "cyclist", "sport")),
        Item(source_id="7", name="Couch and lamp", tags=("hotel",), category="Objects"),
        Item(source_id="8", name="Elephant", tags=("animal",), category="Nature"),
        Item(source_id="9", name="Mobile phone", tags=("cell",), category="Objects"),
    )
    return catalogue


@pytest.fixture
def mixed(catalogue: Catalogue) -> Catalogue:
    """A catalogue with every word as a name, beside a third of the words as tags."""
    add(
        catalogue,
        *(
            Item(source_id=f"{name} {tag}", name=name, tags=(tag,))
            for name in VOCABULARY
            for tag in VOCABULARY[::3]
        ),
    )
    return catalogue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("car", ["Racing car", "Automobile", "Carp streamer"], id="whole words first"),
        pytest.param("CARS", ["Racing car", "Automobile"], id="singular"),
        pytest.param("bike", ["Bicycle", "Person biking", "Locked with key"], id="named so"),
        pytest.param("sofa", ["Couch and lamp"], id="synonym"),
        pytest.param("settees", ["Couch and lamp"], id="plural of a synonym"),
        pytest.param("auto", ["Automobile", "Racing car"], id="beginning, then synonym"),
        pytest.param("elefant", ["Elephant"], id="spelling"),
        pytest.param("bycicle", ["Bicycle", "Person biking"], id="two mistakes"),
        pytest.param("bycicle gang", ["Bicycle"], id="spelling beside a word"),
        pytest.param("hotel sofa", ["Couch and lamp"], id="synonym beside a word"),
        pytest.param("cellphone", ["Mobile phone"], id="synonym of two words"),
        pytest.param("mobile phone", ["Mobile phone"], id="two words"),
        pytest.param("cell phone", ["Mobile phone"], id="two words with a synonym"),
        pytest.param("hotel cell phone", [], id="each word has to match"),
        pytest.param("zebra", [], id="nothing"),
    ],
)
def test_results_are_ranked_by_how_words_match(
    toys: Catalogue, text: str, expected: list[str]
) -> None:
    assert names_found(toys, text) == expected
    assert toys.items.count(Filters(text=text)) == len(expected)


def test_tags_that_begin_with_a_word_that_items_have_are_left_out(toys: Catalogue) -> None:
    add(toys, Item(source_id="nurse", name="Nurse", tags=("careers", "hospital")))
    assert names_found(toys, "car") == ["Racing car", "Automobile", "Carp streamer"]
    assert names_found(toys, "caree") == names_found(toys, "hospital car") == ["Nurse"]


def test_no_other_word_is_tried_for_one_that_is_there(toys: Catalogue) -> None:
    add(toys, Item(source_id="typo", name="Elefant"))
    assert names_found(toys, "elefant") == ["Elefant"]
    assert toys.items.replaced_words("elefant") == {}


def test_words_of_items_that_are_not_shown_are_not_there(toys: Catalogue) -> None:
    [typo] = add(toys, Item(source_id="typo", name="Elefant"))
    toys.items.mark_missing([typo.source_id])
    assert names_found(toys, "elefant") == ["Elephant"]
    toys.items.remove(item.id for item in toys.items.find(Filters(text="elephant")))
    assert names_found(toys, "elefant") == names_found(toys, "elephant") == []


def test_the_page_is_told_which_words_were_replaced(toys: Catalogue) -> None:
    assert toys.items.replaced_words("sofa elefant car") == {
        "sofa": ("couch",),
        "elefant": ("elephant",),
    }
    assert toys.items.replaced_words("zebra ???") == toys.items.replaced_words("") == {}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param(Filters(text="elphnt"), ["elephant"], id="too many mistakes"),
        pytest.param(Filters(text="elphnt", category="Objects"), [], id="not in the category"),
        pytest.param(Filters(text="racing zebra"), ["racing"], id="one word unknown"),
        pytest.param(Filters(text="racing hotel"), ["racing", "hotel"], id="never together"),
        pytest.param(
            Filters(text="racing hotel", category="Travel"), ["racing"], id="one in the category"
        ),
        pytest.param(Filters(text="elphnt animal"), ["elephant animal"], id="mistakes in one"),
        pytest.param(Filters(text="elphnt zebra"), ["elephant"], id="no word known"),
        pytest.param(Filters(text="???"), [], id="no word"),
        pytest.param(Filters(), [], id="no text"),
    ],
)
def test_words_that_find_something_are_suggested(
    toys: Catalogue, filters: Filters, expected: list[str]
) -> None:
    suggestions = toys.items.suggestions(filters)
    assert set(expected) <= set(suggestions) if expected else suggestions == []
    for text in suggestions:
        assert toys.items.count(Filters(text=text, category=filters.category))


def test_the_number_of_suggestions_is_limited(toys: Catalogue) -> None:
    text = "racing hotel zoom gang celebration animal"
    assert len(toys.items.suggestions(Filters(text=text), limit=3)) == 3


@READ_ONLY
@given(st.lists(st.sampled_from([*VOCABULARY, "ca", "bicycl", "zebra"]), min_size=1, max_size=3))
def test_closer_matches_are_never_ranked_below_others(mixed: Catalogue, words: list[str]) -> None:
    found = mixed.items.find(Filters(text=" ".join(words)))
    ranks = [closeness(item, words) for item in found]
    assert ranks == sorted(ranks)
    whole = {item.id for item in mixed.items.find() if closeness(item, words) <= 1}
    assert whole <= {item.id for item in found}


def closeness(item: Item, words: list[str]) -> int:
    """Return the tier of an item, from 0, all words are in the name, to 4."""
    name = fold(item.name).split()
    everywhere = [*name, *fold(" ".join(item.tags)).split()]
    if all(word in name for word in words):
        return 0
    if all(word in everywhere for word in words):
        return 1
    if all(has_beginning(name, word) for word in words):
        return 2
    # Where items have a word, tags that only begin with it do not count.
    return 3 if all(matches(name, everywhere, word) for word in words) else 4


def matches(name: list[str], everywhere: list[str], word: str) -> bool:
    if word not in VOCABULARY:
        return has_beginning(everywhere, word)
    return has_beginning(name, word) or any(each in (word, *forms(word)) for each in everywhere)


def has_beginning(words: list[str], beginning: str) -> bool:
    return any(word.startswith(beginning) or word in forms(beginning) for word in words)
