"""Search: draw or give a picture, choose examples, and see lookalikes as you go."""

import streamlit as st

from components.search import example_tray, kept_search, network_loader, url_examples
from components.search.query_panel import (
    show_compared_picture,
    show_picture,
    show_picture_inputs,
    show_sketch_pad,
)
from components.search.query_state import add_to_examples, query_cutout
from components.search.results_panel import show_lookalikes
from components.shared import (
    backgrounds,
    controls,
    failures,
    filters,
    navigation,
    titles,
    url_state,
)
from components.shared.query_picture import QueryPicture
from components.shared.session import session
from core.catalogue import Catalogue
from core.descriptors import COMPACT, QueryKind
from core.search import Query
from core.vision import preprocessing

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


def show_controls(
    catalogue: Catalogue,
    query: Query,
    picture: QueryPicture | None,
    descriptor: str,
    chosen: QueryKind,
    k: int,
) -> None:
    """Descriptor, type of the picture, number of lookalikes, filters, and backgrounds."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        # Places that may stay empty, so that what follows them stays the same: while a search runs,
        # Streamlit would show it both where it was and where it is.
        by, kind = st.empty(), st.empty()
        if not query.has_regions:
            with by:
                controls.one_of(
                    "Compare by", "by", controls.DESCRIPTORS, descriptor, default=COMPACT
                )
            if descriptor == COMPACT and picture is not None and not picture.from_sketch_pad:
                with kind:
                    controls.one_of("Picture type", "as", QUERY_KINDS, chosen, default="auto")
        controls.count_select("Lookalikes", k)
        filters.choose(catalogue, query.filters)
        backgrounds.toggle(catalogue)


def show_invitation(catalogue: Catalogue) -> None:
    st.header("Lookalikes appear here as you draw", anchor=False)
    st.markdown(
        "A few lines are enough: draw the outline and the most striking details. After each "
        f"stroke, your drawing is compared with the {catalogue.items.count():,} models of this "
        "catalogue. You can also use a photo, a screenshot or a picture of a drawing."
    )
    st.caption(
        "Your drawings and pictures stay in this browser tab and this session’s memory. The server "
        "never stores them."
    )


def is_too_little(picture: QueryPicture) -> bool:
    """Whether there is too little on the sketch pad to search with."""
    return picture.from_sketch_pad and preprocessing.ink(picture.picture) < MIN_INK


@st.fragment
@failures.as_sentences
def page() -> None:
    """The page as a fragment: a stroke does not run the bar again."""
    navigation.leave_if_asked()
    catalogue = navigation.open_catalogue()
    # Back may lead to a search before the present one.
    session.resume_search(url_state.text(navigation.SEARCH_NUMBER))
    # Before the search, so that a picture is safe even if the page is reloaded during it.
    kept_search.keep()
    show_search(catalogue)


def show_search(catalogue: Catalogue) -> None:
    """The query on the left, and on the right its examples and lookalikes."""
    picture = session.query
    unfinished = picture is not None and is_too_little(picture)
    searchable = None if unfinished else picture
    descriptor = url_state.choice("by", list(controls.DESCRIPTORS), COMPACT)
    chosen: QueryKind = url_state.choice(  # type: ignore[assignment]
        "as", list(QUERY_KINDS), "auto", renamed=RENAMED_KINDS
    )
    models = url_examples.from_url()
    left, right = st.container(key="search").columns([3, 8], gap="medium")
    with left:
        if picture is None or picture.from_sketch_pad:
            show_sketch_pad()
        else:
            show_picture(picture, descriptor, chosen)
        # An error about a picture is shown where the picture was given.
        if error := session.query_error:
            st.error(url_state.escape_markdown(error), icon=":material/broken_image:")
        if searchable is not None:
            st.button(
                "Add to examples",
                icon=":material/add_photo_alternate:",
                help="Keeps this picture as an example, so that you can combine it with others.",
                on_click=add_to_examples,
                args=[searchable, chosen],
            )
        # On a phone these follow the lookalikes: see app.css.
        with st.container(key="picture-inputs"):
            compared = st.container()
            show_picture_inputs()
    with right:
        example_tray.show(catalogue, models)
        examples = [*example_tray.pictures(), *models]
        if unfinished:
            st.info(
                "Draw a little more: there is not enough to compare yet.", icon=":material/draw:"
            )
        if searchable is not None:
            examples.insert(0, searchable.example(chosen, cut=query_cutout(searchable, chosen)))
        if not examples:
            if picture is None:
                show_invitation(catalogue)
            return
        k = controls.count_from_url()
        query = Query(examples=examples, filters=filters.from_url(catalogue))
        show_controls(catalogue, query, searchable, descriptor, chosen, k)
        show_lookalikes(catalogue, query, descriptor, k)
    # After the lookalikes, which the person is waiting for.
    if searchable is not None:
        with compared:
            show_compared_picture(searchable, descriptor, chosen)


navigation.guard()
network_loader.load_now()
titles.set_title("Search")
st.title("What are you looking for?", anchor=False)
page()
