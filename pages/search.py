"""Search: draw or give a picture, choose examples, and see lookalikes as you go."""

from collections.abc import Sequence

import streamlit as st

from components.search import (
    kept_search,
    network_loader,
    query_state,
    query_strip,
    url_examples,
)
from components.search.query_panel import (
    show_compared_picture,
    show_picture,
    show_picture_inputs,
    show_sketch_pad,
)
from components.search.query_state import query_cutout
from components.search.results_panel import at_work, counted_matches, show_lookalikes
from components.shared import (
    backgrounds,
    controls,
    filters,
    navigation,
    page_errors,
    titles,
    url_state,
)
from components.shared.query_picture import QueryPicture
from components.shared.session import session
from components.widgets.announcement import announcement
from core.catalogue import Catalogue
from core.counting import counted
from core.descriptors import COMPACT, QueryKind
from core.search import Example, ItemExample, Query, Results
from core.vision import preprocessing

HEADING = "What are you looking for?"
# What it is called once it has an answer.
LOOKALIKES = "Lookalikes"
# What the page calls each type of picture.
QUERY_KINDS = {
    "auto": "Detect automatically",
    "photo": "Photo",
    "drawing": "Drawing",
}
# What links of the first version call a drawing.
RENAMED_KINDS = {"line": "drawing"}
# The smallest share of the sketch pad that a drawing must cover: a line of 70 pixels is enough.
MIN_INK = 0.002


def show_options(
    catalogue: Catalogue,
    query: Query,
    picture: QueryPicture | None,
    descriptor: str,
    chosen: QueryKind,
    k: int,
) -> None:
    """Descriptor, type of the picture, number of lookalikes, filters, and backgrounds."""
    count = filters.count(query.filters)
    label = f"Options · {counted(count, 'filter')}" if count else "Options"
    with st.popover(label, icon=":material/tune:", key="options"):
        if not query.has_regions:
            controls.one_of("Compare by", "by", controls.DESCRIPTORS, descriptor, default=COMPACT)
            if descriptor == COMPACT and picture is not None and not picture.from_sketch_pad:
                controls.one_of("Picture type", "as", QUERY_KINDS, chosen, default="auto")
        controls.count_select("Lookalikes", k)
        controls.strong_matches_toggle()
        backgrounds.toggle(catalogue)
        filters.fields(catalogue, query.filters)


def is_too_little(picture: QueryPicture) -> bool:
    """Whether there is too little on the sketch pad to search with."""
    if not picture.from_sketch_pad:
        return False
    cut = query_cutout(picture, "drawing")
    return cut is not None and preprocessing.ink_share(cut.picture) < MIN_INK


@st.fragment
@page_errors.as_sentences
def page() -> None:
    """The page as a fragment: a stroke does not run the bar again."""
    navigation.leave_if_asked()
    catalogue = navigation.open_catalogue(heading=HEADING)
    # Before the search, so that a picture is safe even if the page is reloaded during it.
    kept_search.keep()
    found = show_search(catalogue)
    announcement(
        "" if found is None else counted_matches(found),
        about="" if found is None else f"found: {[one.item.id for one in found.neighbours]}",
        key="what-was-found",
    )


def name_page(catalogue: Catalogue, examples: Sequence[Example]) -> None:
    """Call the browser's tab by what is searched with."""
    match examples:
        case []:
            titles.set_title("Search")
        case [ItemExample(item_id, weight=weight)] if weight > 0:
            titles.set_title(f"Like {catalogue.items.get(item_id).name}", catalogue.title)
        case _:
            titles.set_title(LOOKALIKES, catalogue.title)


def show_search(catalogue: Catalogue) -> Results | None:
    """The query, and beside it the lookalikes, which are returned as they are shown; without a
    query the sketch pad, or the invitation for a picture, is in the centre.

    Each part has a place of its own, so that the sketch pad stays the same when others come and go.
    """
    picture = session.query
    models = url_examples.known(catalogue, url_examples.from_url())
    unfinished = picture is not None and is_too_little(picture)
    searchable = None if unfinished else picture
    is_asked = bool(searchable or session.examples or models)
    with st.container(key="search"):
        st.title(LOOKALIKES if is_asked else HEADING, anchor=False)
        query_place, inputs_place = st.container(key="query"), st.container(key="inputs")
        results_place = st.container(key="results")
        with at_work(results_place, is_busy=is_asked):
            descriptor = url_state.choice("by", controls.DESCRIPTORS, COMPACT)
            chosen: QueryKind = url_state.choice(  # type: ignore[assignment]
                "as", QUERY_KINDS, "auto", renamed=RENAMED_KINDS
            )
            examples: list[Example] = [*session.examples, *models]
            cut = None if searchable is None else query_cutout(searchable, chosen)
            if searchable is not None:
                examples.insert(0, searchable.example(chosen, cut=cut))
            name_page(catalogue, examples)
            begins_with_picture = not examples and query_state.begins_with_picture()
            with query_place:
                if picture is not None and not picture.from_sketch_pad:
                    show_picture(picture, descriptor, chosen)
                elif not begins_with_picture:
                    show_sketch_pad(large=not examples)
                # An error about a picture is shown where the picture was given.
                if error := session.query_error:
                    st.error(url_state.escape_markdown(error), icon=":material/broken_image:")
                if unfinished:
                    st.info(
                        "Draw a little more: there is not enough to compare yet.",
                        icon=":material/draw:",
                    )
            with inputs_place:
                show_picture_inputs(large=begins_with_picture)
                compared = st.container()
            with results_place:
                if not examples:
                    st.caption(
                        "Your drawings and pictures stay in this browser tab and this session’s "
                        "memory. The server never stores them."
                    )
                    return None
                k = controls.count_from_url()
                query = Query(examples=examples, filters=filters.from_url(catalogue))
                with st.container(horizontal=True, key="strip-row"):
                    query_strip.show(catalogue, models, searchable, chosen)
                    show_options(catalogue, query, searchable, descriptor, chosen, k)
                found = show_lookalikes(catalogue, query, descriptor, k)
            # The picture was shown before the network was there to find the object in it.
            if searchable is not None and cut is None and query_cutout(searchable, chosen):
                st.rerun()
            # After the lookalikes, which the person is waiting for.
            if searchable is not None:
                with compared:
                    show_compared_picture(searchable, descriptor, chosen)
            return found


navigation.guard()
network_loader.load_now()
titles.set_title("Search")
page()
