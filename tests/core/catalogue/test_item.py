"""The ids of items."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item, item_id


@given(st.text(alphabet=st.characters()))
def test_an_id_has_thirteen_safe_characters_and_is_always_the_same(source_id: str) -> None:
    made = item_id(source_id)
    assert re.fullmatch(r"[a-z2-7]{13}", made)
    assert made == item_id(source_id) == Item(source_id=source_id, name="another name").id


@given(st.sets(st.text(alphabet=st.characters()), max_size=50))
def test_different_source_ids_have_different_ids(source_ids: set[str]) -> None:
    assert len({item_id(source_id) for source_id in source_ids}) == len(source_ids)


def test_ids_are_the_same_as_in_earlier_versions() -> None:
    """Users have bookmarks with ids."""
    assert item_id("1f600") == "ipk3w5mvufcw2"
    assert item_id("chairs/Sofa é.png") == "6odurzrtbtouq"
    assert item_id("half of a pair \ud83d") == "debsxx7p53mw6"
