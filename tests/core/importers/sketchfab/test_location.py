"""Texts and URLs that name models on Sketchfab."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import LookalikeError
from core.importers import sketchfab
from core.importers.sketchfab import SketchfabQuery, parse
from tests.core.importers.sketchfab.queries import OLD_UID, UID


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("sketchfab:oak chair", SketchfabQuery(words="oak chair")),
        ("Sketchfab: oak chair ", SketchfabQuery(words="oak chair")),
        ("sketchfab:rock & roll", SketchfabQuery(words="rock & roll")),
        ("sketchfab:words=oak%20chair&likes=5", SketchfabQuery(words="oak chair", likes=5)),
        ("sketchfab:words=oak chair&limit=500", SketchfabQuery(words="oak chair", limit=500)),
        (
            "sketchfab:words=oak+chair&user=rigsters&category=furniture-home&tag=oak",
            SketchfabQuery(
                words="oak chair", user="rigsters", category="furniture-home", tag="oak"
            ),
        ),
        (f"sketchfab:collection={UID}", SketchfabQuery(collection=UID)),
        (f"sketchfab:collection=chairs-{UID.upper()}", SketchfabQuery(collection=UID)),
        ("sketchfab:likes=1000", SketchfabQuery(likes=1000)),
        ("https://sketchfab.com/search?q=oak+chair&type=models", SketchfabQuery(words="oak chair")),
        (
            "https://sketchfab.com/search?category=furniture-home&q=%E6%A4%85&sort_by=-likeCount",
            SketchfabQuery(words="椅", category="furniture-home"),
        ),
        ("sketchfab.com/rigsters", SketchfabQuery(user="rigsters")),
        ("https://www.sketchfab.com/rigsters/models/", SketchfabQuery(user="rigsters")),
        (
            f"https://sketchfab.com/rigsters/collections/old-chairs-{UID}",
            SketchfabQuery(collection=UID),
        ),
        (f"https://sketchfab.com/rigsters/collections/{UID}?x=1#y", SketchfabQuery(collection=UID)),
        (
            "https://sketchfab.com/3d-models/categories/furniture-home?sort_by=-likeCount",
            SketchfabQuery(category="furniture-home"),
        ),
        (
            "http://sketchfab.com/categories/furniture-home",
            SketchfabQuery(category="furniture-home"),
        ),
        ("https://sketchfab.com/tags/oak", SketchfabQuery(tag="oak")),
        (f"https://sketchfab.com/3d-models/oak-chair-{UID}", SketchfabQuery(model=UID)),
        (f"https://sketchfab.com/models/{UID}/embed?autostart=1", SketchfabQuery(model=UID)),
        (f"sketchfab:https://sketchfab.com/models/{UID}", SketchfabQuery(model=UID)),
        (f"https://sketchfab.com/3d-models/{UID.upper()}", SketchfabQuery(model=UID)),
        (f"https://sketchfab.com/models/{OLD_UID}", SketchfabQuery(model=OLD_UID)),
        (f"https://sketchfab.com/3d-models/ps4-{OLD_UID}#x", SketchfabQuery(model=OLD_UID)),
        (f"http://sketchfab.com/show/{OLD_UID}", SketchfabQuery(model=OLD_UID)),
        (f"https://sketchfab.com/embed/{OLD_UID}?ui=0", SketchfabQuery(model=OLD_UID)),
        (
            "sketchfab:model=dGUrytaktlDeNudCEGKk31oTJY",
            SketchfabQuery(model="dGUrytaktlDeNudCEGKk31oTJY"),
        ),
        (f"sketchfab.com/ann/collections/old-{OLD_UID}", SketchfabQuery(collection=OLD_UID)),
    ],
)
def test_queries_are_parsed(text: str, query: SketchfabQuery) -> None:
    assert sketchfab.is_location(text)
    assert parse(text) == query
    assert query.location.startswith("sketchfab:")
    assert parse(query.location) == query


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "does not name models on Sketchfab. Write for example"),
        ("oak chair", "does not name models on Sketchfab"),
        ("https://example.org/rigsters", "does not name models on Sketchfab"),
        ("https://notsketchfab.com/rigsters", "does not name models on Sketchfab"),
        ("https://sketchfab.com.evil.org/rigsters", "does not name models on Sketchfab"),
        ("sketchfab:", "Say what to look for"),
        ("sketchfab:words=", "Say what to look for"),
        ("https://sketchfab.com/search", "Say what to look for"),
        ("sketchfab:colour=red", '"colour" is not a condition .* words, user'),
        ("sketchfab:likes=many", "is not a number of likes"),
        ("sketchfab:words=x&limit=-1", "is not a number of limit"),
        ("sketchfab:words=x&limit=1.5", "is not a number of limit"),
        ("sketchfab:collection=chairs", "not the uid of a collection"),
        ("sketchfab:model=../../v3/me", "not the uid of a model"),
        ("sketchfab:user=a/b", "not the name of a user"),
        ("sketchfab:category=a b", "not the name of a category"),
        (f"sketchfab:model={UID}&likes=5", "cannot be combined"),
        ("https://sketchfab.com", "lists no models"),
        ("https://sketchfab.com/feed", "lists no models"),
        ("https://sketchfab.com/3d-models/popular", "lists no models"),
        ("https://sketchfab.com/models/internationalisations", "lists no models"),
        ("https://sketchfab.com/show/chair", "lists no models"),
        ("https://sketchfab.com/rigsters/likes", "lists no models"),
        ("https://sketchfab.com/rigsters/collections", "lists no models"),
        ("https://sketchfab.com/rigsters/collections/chairs", "an old URL"),
        ("https://sketchfab.com/search?q=x&type=users", "searches for users"),
        ("https://sketchfab.com/search?q=x&licenses=cc0&date=7", "filtered by 'licenses', 'date'"),
    ],
)
def test_invalid_queries_get_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(LookalikeError, match=sentence):
        parse(text)


@given(st.text())
def test_the_location_of_any_words_gives_the_same_query(words: str) -> None:
    try:
        query = parse(f"sketchfab:{words}")
    except LookalikeError:
        return
    assert parse(query.location) == query
