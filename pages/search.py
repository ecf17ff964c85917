"""Search: draw or give a picture, show models like it and unlike it, see lookalikes as you go."""

import streamlit as st

from components.search import example_tray, network_loader, url_examples
from components.search.query_panel import show_paper, show_picture, show_view, show_ways_in
from components.search.query_state import QueryPicture, add_to_examples
from components.search.results_panel import show_lookalikes
from components.shared import controls, filters, navigation, url_state
from core.catalogue import Catalogue, Filters
from core.descriptors import COMPACT, QueryKind
from core.search import Query
from core.vision import preprocessing

# How a picture is compared, in the words of the page.
QUERY_KINDS = {"auto": "Find out", "photo": "Photo", "drawing": "Drawing"}
# The least share of the paper that a drawing blackens: a line of 70 pixels does.
LEAST_INK = 0.002


def show_controls(
    catalogue: Catalogue,
    asked: QueryPicture | None,
    by: str,
    wanted: QueryKind,
    k: int,
    narrowed: Filters,
    *,
    for_parts: bool,
) -> None:
    """How pictures are compared, how many lookalikes are shown, and where is looked."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        if not for_parts:
            controls.one_of("Compared by", "by", controls.DESCRIPTORS, by, default=COMPACT)
        if not for_parts and by == COMPACT and asked is not None and not asked.on_paper:
            controls.one_of("The picture is a", "as", QUERY_KINDS, wanted, default="auto")
        controls.count_select("Lookalikes", k)
        filters.choose(catalogue, narrowed)


def invite(catalogue: Catalogue) -> None:
    """What can be done here, before anything was."""
    st.subheader("Lookalikes appear here as you draw", anchor=False)
    st.markdown(
        "A few lines are enough: draw the outline and what stands out. "
        f"They are compared with the {catalogue.items.count():,} models of this catalogue "
        "after each stroke. A photo, a screenshot or a picture of a drawing will do as well."
    )
    st.caption("What you draw or give stays in this session's memory and is never stored.")


def is_too_little(asked: QueryPicture | None) -> bool:
    return asked is not None and asked.on_paper and preprocessing.ink(asked.picture) < LEAST_INK


@st.fragment
def page() -> None:
    """The page as a fragment: a stroke runs it without the bar."""
    catalogue = navigation.open_catalogue()
    if item_id := st.session_state.pop("opened_from_search", None):
        navigation.link_to("explore", item=item_id)
    asked: QueryPicture | None = st.session_state.get("query")
    by = url_state.choice("by", list(controls.DESCRIPTORS), COMPACT)
    wanted: QueryKind = url_state.choice("as", list(QUERY_KINDS), "auto")  # type: ignore[assignment]
    models = url_examples.from_url()
    left, right = st.container(key="finder").columns([3, 8], gap="medium")
    with left:
        if asked is None or asked.on_paper:
            show_paper()
        else:
            show_picture(asked)
        # What was wrong with a picture stands where it was given.
        if trouble := st.session_state.get("query_trouble"):
            st.error(url_state.escape_markdown(trouble), icon=":material/broken_image:")
        if asked is not None and not is_too_little(asked):
            st.button(
                "Keep as an example, and add another",
                icon=":material/add_photo_alternate:",
                on_click=add_to_examples,
                args=[asked, wanted],
            )
        # On a phone these follow the lookalikes: see app.css.
        with st.container(key="ways"):
            seen = st.container()
            show_ways_in()
    with right:
        example_tray.show(catalogue, models)
        shown = [*example_tray.pictures(), *models]
        if is_too_little(asked):
            st.info("Draw a little more: that is too little to go by.", icon=":material/draw:")
        elif asked is not None:
            shown.insert(0, asked.example(wanted))
        if not shown:
            if asked is None:
                invite(catalogue)
            return
        k, narrowed = controls.count_from_url(), filters.from_url(catalogue)
        query = Query(examples=shown, filters=narrowed)
        show_controls(catalogue, asked, by, wanted, k, narrowed, for_parts=query.for_parts)
        show_lookalikes(catalogue, query, by, k)
    # After the lookalikes: they are what was asked for.
    if asked is not None and not is_too_little(asked):
        with seen:
            show_view(asked, by, asked.query_kind(wanted))


navigation.guard()
network_loader.load_now()
st.title("What are you looking for?", anchor=False)
page()
