"""Explore: browse the catalogue, pick a model, and go from neighbour to neighbour."""

from functools import partial

import streamlit as st

from components.explore import filter_bar, listing, start, word_search
from components.model import model_panel, neighbours, trail
from components.search import url_examples, why_dialog
from components.shared import (
    backgrounds,
    caches,
    cards,
    links,
    navigation,
    page_errors,
    titles,
    url_state,
)
from components.shared.session import session
from components.widgets.announcement import announcement
from components.widgets.gallery import gallery
from core.catalogue import Catalogue, Filters, Item
from core.counting import counted
from core.errors import LookalikeError
from core.search import ItemExample


def browse(catalogue: Catalogue) -> None:
    """All models that match the words and facets of the URL, after a few rows of them."""
    text = url_state.text("q")
    counts = caches.facets(catalogue, ("category", "collection"))
    category = chosen("category", counts["category"])
    collection = chosen("collection", counts["collection"])
    filters = Filters(text=text, category=category, collection=collection)
    described = listing.described(filters)
    titles.set_title(*described, catalogue.title)
    count = catalogue.items.count(filters)
    pages = listing.pages_from_url(count)
    order = listing.order_from_url()
    if not count and not filters:
        titles.unseen_heading(catalogue.title)
        word_search.show_nothing_found(catalogue, filters)
        links.row([links.Link("Go to Catalogues", navigation.url("catalogues"), "inventory_2")])
        return

    show_gallery = partial(
        gallery,
        on_pick=listing.open_model,
        actions=[cards.MORE_LIKE_THIS],
        on_act=lambda _, item_id: search_with([ItemExample(item_id)]),
    )
    found = counted(count, "model") if count else "No models"
    announcement(found if text.strip() else "", about=" ".join(described), key="what-was-found")
    start.show_line(
        listing.random_id(catalogue, filters, count),
        heading=f"Results for {' · '.join(described)}" if text.strip() else start.LINE,
    )
    matching = listing.matching(catalogue, filters, counts)
    filter_bar.show(catalogue, filters, matching)
    # Even if it is empty: what follows stays what it is when the rows come and go.
    with st.container(key="rows"):
        if not filters and pages.first == 1 and pages.last > 1:
            start.show_rows(catalogue, show_gallery=show_gallery)
    if listing.are_chips(matching["category"]):
        listing.show_chips(matching["category"], category)
    if not count:
        word_search.show_nothing_found(catalogue, filters)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="order"):
        st.caption(word_search.summary(catalogue, text, count), width="stretch")
        if count > 1 and not text.strip():
            listing.choose_order(order)
    listing.show_earlier(pages)
    show_gallery(
        cards.of_items(
            catalogue,
            listing.models(catalogue, filters, order, pages),
            link=listing.url_of,
            cut_outs=backgrounds.cut_outs(catalogue),
        ),
        key="catalogue",
        label=f"Models of {catalogue.title}",
    )
    listing.show_more(pages)


def view(catalogue: Catalogue, item: Item) -> None:
    """One model, large, with its neighbours."""
    titles.set_title(item.name, catalogue.title)
    trail.show(catalogue, item)
    options = neighbours.options_from_url(catalogue)
    left, right = st.container(key="model").columns([2, 5], gap="medium")
    # The neighbours are drawn before the rest of the model: they are what the person waits for. If
    # their files are lost, the model is still shown.
    with right, page_errors.reported():
        neighbours.show(catalogue, item, options, on_act=partial(act, item))
    with left:
        model_panel.show(catalogue, item)
    if neighbour_id := session.explained_item:
        descriptor = session.explained_by
        del session.explained_item, session.explained_by
        found = neighbours.find(catalogue, item, options, descriptor=descriptor)
        why_dialog.show(catalogue, found, neighbour_id, [ItemExample(item.id)], descriptor)


def act(item: Item, descriptor: str, action: str, neighbour_id: str) -> None:
    """Explain a neighbour of a model, or search with both. Only in callbacks."""
    if action == cards.WHY.name:
        session.explained_item, session.explained_by = neighbour_id, descriptor
        return
    weight = cards.EXAMPLE_WEIGHTS[action]
    search_with([ItemExample(item.id), ItemExample(neighbour_id, weight=weight)])


def search_with(models: list[ItemExample]) -> None:
    """Go to Search with these examples. Only in callbacks."""
    navigation.link_to("search", like=url_examples.encode(models))


def chosen(parameter: str, counts: dict[str, int]) -> str | None:
    """The value of a facet that the URL names, if there is one."""
    return url_state.choice(parameter, list(counts), "") or None


@st.fragment
@page_errors.as_sentences
def page() -> None:
    """The page as a fragment: a click on a card does not run the bar again, and sends less."""
    navigation.leave_if_asked()
    catalogue = navigation.open_catalogue(heading="Explore")
    item_id = url_state.text("item")
    if not item_id:
        browse(catalogue)
        return
    try:
        item = catalogue.items.get(item_id)
    except LookalikeError as error:
        st.warning(url_state.escape_markdown(str(error)), icon=":material/link_off:")
        browse(catalogue)
        return
    view(catalogue, item)


navigation.guard()
page()
