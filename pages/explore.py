"""Explore: browse the catalogue, pick a model, and go from neighbour to neighbour."""

import streamlit as st

from components.explore import filter_bar, listing, start
from components.search import url_examples, word_search
from components.shared import (
    asset_urls,
    backgrounds,
    caches,
    cards,
    compared,
    controls,
    failures,
    links,
    messages,
    model_details,
    navigation,
    titles,
    url_state,
)
from components.widgets.gallery import gallery
from components.widgets.model_viewer import model_viewer
from core.catalogue import Catalogue, Filters, Item
from core.descriptors import COMPACT, PUBLISHED
from core.errors import LookalikeError
from core.search import ItemExample

# How many models the trail holds: more than fit on a projector, and the URL stays short enough.
TRAIL_LENGTH = 24
BOTH = "both"
DESCRIPTORS = controls.DESCRIPTORS | {BOTH: "Side by side"}


def browse(catalogue: Catalogue) -> None:
    """All models that match the words and facets of the URL, after a few rows of them."""
    titles.set_title(catalogue.title)
    text = url_state.text("q")
    counts = caches.facets(catalogue, ("category", "collection"))
    categories = counts["category"]
    category = chosen("category", categories)
    collection = chosen("collection", counts["collection"])
    filters = Filters(text=text, category=category, collection=collection)
    count = catalogue.items.count(filters)
    pages = listing.pages_from_url(count)
    order = listing.order_from_url()
    if not count and not filters:
        titles.unseen_heading(catalogue.title)
        word_search.show_nothing_found(catalogue, filters)
        links.row([links.Link("Go to Catalogues", navigation.url("catalogues"), "inventory_2")])
        return

    start.show_line()
    filter_bar.show(catalogue, filters, counts)
    # Even if it is empty: what follows stays what it is when the rows come and go.
    with st.container(key="rows"):
        if not filters and pages.first == 1 and pages.last > 1:
            start.show_rows(
                catalogue,
                on_pick=filter_bar.open_model,
                actions=[cards.MORE_LIKE_THIS],
                on_act=lambda _, item_id: search_with([ItemExample(item_id)]),
            )
    if listing.are_chips(categories):
        listing.show_chips(categories, category)
    if not count:
        word_search.show_nothing_found(catalogue, filters)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="order"):
        st.caption(word_search.summary(catalogue, text, count), width="stretch")
        if count > 1 and not text.strip():
            listing.choose_order(order)
    gallery(
        cards.of_items(
            catalogue,
            listing.models(catalogue, filters, order, pages),
            link=lambda item_id: url_state.link(item=item_id, trail=None),
            cut_outs=backgrounds.cut_outs(catalogue),
        ),
        key="catalogue",
        label=f"Models of {catalogue.title}",
        on_pick=filter_bar.open_model,
        actions=[cards.MORE_LIKE_THIS],
        on_act=lambda _, item_id: search_with([ItemExample(item_id)]),
    )
    listing.show_more(pages)


def view(catalogue: Catalogue, item: Item) -> None:
    """One model, large, with its neighbours."""
    titles.set_title(item.name, catalogue.title)
    k = controls.count_from_url()
    descriptor = url_state.choice("by", list(DESCRIPTORS), COMPACT)
    categories = caches.facets(catalogue, ("category",))["category"]
    # A parameter of its own: a model that was opened from one category has neighbours in all.
    within = chosen("within", categories)

    left, right = st.columns([1, 3], gap="medium")
    with left:
        titles.heading(item.name, of=item.id)
    # The neighbours are drawn before the rest of the model: they are what the person waits for.
    with right:
        with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
            controls.one_of("Compare by", "by", DESCRIPTORS, descriptor, default=COMPACT)
            controls.count_select("Neighbours", k)
            controls.facet(
                "Category",
                categories,
                within,
                everything="All categories",
                on_change=lambda value: url_state.change(within=value),
            )
            backgrounds.toggle(catalogue)
        if descriptor != BOTH:
            show_neighbours(catalogue, item, descriptor, k, within)
        else:
            for column, one in zip(st.columns(2), (COMPACT, PUBLISHED), strict=True):
                with column:
                    st.header(DESCRIPTORS[one], anchor=False)
                    show_neighbours(catalogue, item, one, k, within)
    with left:
        show_model(catalogue, item)


def show_model(catalogue: Catalogue, item: Item) -> None:
    """The picture or 3D viewer of a model, its trail and facts, and links to other pages."""
    model, viewer = catalogue.pictures.model(item), model_details.viewer_url(item)
    with st.container(key="subject"):
        # Stays switched on from model to model.
        in_3d = (model or viewer) and st.toggle("View in 3D", key="in-3d")
        if in_3d and model:
            model_viewer(
                asset_urls.model(model),
                poster=asset_urls.picture(catalogue, item),
                label=item.name,
                key=f"model-{item.id}",
            )
        elif in_3d and viewer:
            st.iframe(viewer, height=360)
        else:
            try:
                st.image(
                    caches.picture(catalogue, item.id, item.digest),
                    width="stretch",
                    alt=item.name,
                )
            except LookalikeError as error:
                st.warning(url_state.escape_markdown(str(error)))
    # Below the picture: the neighbours stay where they are when the trail appears.
    show_trail(catalogue, item)
    model_details.facts(item)
    compared.show(catalogue, item)
    with st.container(horizontal=True):
        links.row(
            [
                links.Link(
                    "Search with this model", navigation.url("search", like=item.id), "image_search"
                ),
                links.Link("Show on map", navigation.url("map", item=item.id), "scatter_plot"),
                links.Link("All models", url_state.link(item=None, trail=None), "grid_view"),
            ]
        )
        filter_bar.surprise_button(catalogue, Filters())


def show_neighbours(
    catalogue: Catalogue, item: Item, descriptor: str, k: int, within: str | None
) -> None:
    try:
        results = caches.neighbours(catalogue, descriptor, item.id, k, within)
    except LookalikeError as error:
        st.info(messages.error_message(error), icon=":material/update:")
        return
    if not results.neighbours:
        st.info("There are no other models to compare with.", icon=":material/search_off:")
        return
    visited = ".".join([*trail(), item.id][-TRAIL_LENGTH:])
    gallery(
        cards.of_neighbours(
            catalogue,
            results.neighbours,
            link=lambda item_id: url_state.link(item=item_id, trail=visited),
            cut_outs=backgrounds.cut_outs(catalogue),
        ),
        key=f"neighbours-{descriptor}",
        label=f"Neighbours of {item.name}",
        on_pick=lambda item_id: url_state.change(item=item_id, trail=visited),
        actions=[cards.MORE_LIKE_THIS, cards.LESS_LIKE_THIS],
        on_act=lambda action, item_id: search_with(
            [ItemExample(item.id), ItemExample(item_id, weight=cards.EXAMPLE_WEIGHTS[action])]
        ),
    )


def search_with(models: list[ItemExample]) -> None:
    """Go to Search with these examples. Only in callbacks."""
    navigation.link_to("search", like=url_examples.encode(models))


def show_trail(catalogue: Catalogue, item: Item) -> None:
    """The models visited on the way here; picking one goes back to it."""
    visited = trail()
    items = {one.id: one for one in catalogue.items.get_many(visited)}
    steps = [items[item_id] for item_id in visited if item_id in items]
    if not steps:
        return

    def parameters(step: int) -> dict[str, str]:
        before = ".".join(one.id for one in steps[:step])
        return {"item": [*steps, item][step].id, "trail": before}

    def go_back(card_id: str) -> None:
        url_state.change(**parameters(int(card_id.partition("-")[0])))

    # A model may be visited twice: each card has the number of its step in its id.
    visited_cards = [
        cards.at_step(card, step, href=url_state.link(**parameters(step)))
        for step, card in enumerate(
            cards.of_items(catalogue, [*steps, item], cut_outs=backgrounds.cut_outs(catalogue))
        )
    ]
    gallery(
        visited_cards,
        key="trail",
        label="Visited models",
        layout="strip",
        selected=visited_cards[-1].id,
        on_pick=go_back,
    )


def trail() -> list[str]:
    return [part for part in url_state.text("trail").split(".") if part][-TRAIL_LENGTH:]


def chosen(parameter: str, counts: dict[str, int]) -> str | None:
    """The value of a facet that the URL names, if there is one."""
    return url_state.choice(parameter, list(counts), "") or None


@st.fragment
@failures.as_sentences
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
