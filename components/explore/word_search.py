"""What Explore says about a search by words: how many models it found, and what to do if none."""

import streamlit as st

from components.shared import links, navigation, url_state
from core.catalogue import Catalogue, Filters
from core.counting import counted

# A longer text is cut where it is quoted.
_MAX_QUOTED = 60


def summary(catalogue: Catalogue, text: str, count: int) -> str:
    """Return how many models were found, and what was searched for in place of unknown words."""
    found = counted(count, "model")
    replaced = [
        f"no model has {_quoted(word)}: showing {' or '.join(map(_quoted, others))}"
        for word, others in catalogue.items.replaced_words(text).items()
    ]
    return " · ".join([found, *replaced])


def show_nothing_found(catalogue: Catalogue, filters: Filters) -> None:
    """Say that no models match, and offer the nearest words, a drawing, and all models."""
    if not filters:
        st.info(
            "This catalogue is empty. Import models on the Catalogues page.",
            icon=":material/inventory_2:",
        )
        return
    is_words_alone = filters == Filters(text=filters.text)
    suggestions = catalogue.items.suggestions(filters)
    sentences = [_nothing_found(catalogue, filters)]
    if suggestions:
        sentences.append("Similar words:")
    st.info(" ".join(sentences), icon=":material/search_off:")
    if suggestions:
        links.row(
            [links.Link(text, url_state.link(q=text, page=None), "search") for text in suggestions]
        )
    with st.container(horizontal=True):
        if filters.text.strip():
            links.row([links.Link("Draw it", navigation.sketch_pad_url(), "draw")])
        st.button(
            "Clear search" if is_words_alone else "Clear filters",
            icon=":material/search_off:" if is_words_alone else ":material/filter_alt_off:",
            on_click=lambda: url_state.change(q=None, category=None, collection=None, page=None),
        )


def _nothing_found(catalogue: Catalogue, filters: Filters) -> str:
    """Return a sentence that says what no model matches, and whether one does elsewhere."""
    if not filters.text.strip():
        return "No models match the filters."
    sentence = f"No models match {_quoted(filters.text)}"
    words_alone = Filters(text=filters.text)
    if filters == words_alone:
        return f"{sentence}."
    count = catalogue.items.count(words_alone)
    others = {0: "and none elsewhere do", 1: "1 other does"}.get(count, f"{count:,} others do")
    return f"{sentence} in this selection; {others}."


def _quoted(text: str) -> str:
    text = text.strip()
    shown = text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + "…"
    return f"“{url_state.escape_markdown(shown)}”"
