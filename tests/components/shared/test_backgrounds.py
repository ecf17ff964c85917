"""The switch “Hide backgrounds”: where it is offered, and that the session remembers it."""

from streamlit.testing.v1 import AppTest

from core.catalogue import Catalogue, Item
from core.jobs import Progress
from core.workflows import cut_out_thumbnails
from tests.components.map.test_map_data import catalogue_of
from tests.components.shared.test_asset_urls import mask

PAGE = """
import streamlit as st
from components.shared import backgrounds
from core.catalogue import Catalogue

catalogue = Catalogue("things")
if "page" not in st.session_state or st.session_state.page == "with":
    backgrounds.toggle(catalogue)
st.text(f"{len(backgrounds.cut_outs(catalogue))} cut out")
"""


def things(*, cut_out: int) -> Catalogue:
    made = catalogue_of([Item(source_id=str(number), name="Thing") for number in range(3)])
    made.masks.add([(item, mask(20)) for item in made.items.find()[:cut_out]])
    cut_out_thumbnails.update(made, progress=Progress())
    return made


def test_there_is_no_switch_where_nothing_is_cut_out() -> None:
    things(cut_out=0)
    page = AppTest.from_string(PAGE).run()
    assert not page.exception
    assert not page.toggle
    assert page.text[0].value == "0 cut out"


def test_the_switch_comes_and_goes_with_the_masks() -> None:
    catalogue = things(cut_out=2)
    page = AppTest.from_string(PAGE).run()
    assert [(one.label, one.value) for one in page.toggle] == [("Hide backgrounds", False)]

    page.toggle[0].set_value(True).run()
    assert page.text[0].value == "2 cut out"

    catalogue.masks.choose("whole")
    cut_out_thumbnails.update(catalogue, progress=Progress())
    page.run()
    assert not page.exception
    assert not page.toggle
    assert page.text[0].value == "0 cut out"


def test_the_session_remembers_the_switch_on_pages_without_it() -> None:
    things(cut_out=1)
    page = AppTest.from_string(PAGE).run()
    page.toggle[0].set_value(True).run()

    page.session_state["page"] = "without"
    page.run()
    assert not page.toggle
    assert page.text[0].value == "1 cut out"

    page.session_state["page"] = "with"
    page.run()
    assert page.toggle[0].value
    page.toggle[0].set_value(False).run()
    assert page.text[0].value == "0 cut out"
