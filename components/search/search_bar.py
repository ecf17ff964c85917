"""The search box of the bar: words, a picture, or the sketch pad."""

import secrets

import streamlit as st

from components.search import kept_search, query_state
from components.shared import asset_urls, backgrounds, navigation, page_errors
from components.shared.session import session
from components.widgets.search_box import ResultPage, Suggestion, search_box
from core.catalogue import Catalogue, Filters
from core.errors import LookalikeError

# How many models are suggested while a person types.
MAX_SUGGESTIONS = 6


def show() -> None:
    """Show the box in a fragment: what a person types does not run the page again.

    Its pencil takes along the drawing that the tab has kept.
    """
    run = secrets.token_hex(4)

    @st.fragment
    @page_errors.as_sentences
    def show_box() -> None:
        search_box(
            key="search-box",
            label="Search for models",
            placeholder="Words, or paste a picture",
            page=ResultPage(navigation.url("explore"), "q", resets=("page", "first")),
            drawing_url=navigation.sketch_pad_url(),
            picture_url=navigation.url("search"),
            run=run,
            suggest=_suggestions,
            on_picture=_search_with,
        )

    show_box()
    # Below the box, which keeps its place when this is not needed any more.
    kept_search.ask()


def _suggestions(text: str) -> list[Suggestion]:
    """Return the models that match a text best; none if the catalogue cannot be opened."""
    name = navigation.current()
    if name is None:
        return []
    try:
        catalogue = Catalogue(name)
        items = catalogue.items.find(Filters(text=text), limit=MAX_SUGGESTIONS)
        cut_outs = backgrounds.cut_outs(catalogue)
    except LookalikeError:
        # The page says why.
        return []
    return [
        Suggestion(
            href=navigation.url("explore", item=item.id),
            src=asset_urls.picture(catalogue, item, cut_outs=cut_outs),
            name=item.name,
            detail=item.category,
        )
        for item in items
    ]


def _search_with(picture: bytes) -> str:
    """Start a search with a picture; return why that cannot be done. Only in callbacks."""
    query_state.take_picture(picture, starts_search=True)
    problem = session.query_error
    # The person is told here, and the page Search is not opened.
    session.query_error = ""
    return problem
