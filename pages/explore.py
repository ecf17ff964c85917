"""Explore: browse the catalogue, pick a model, go from neighbour to neighbour."""

import random

import streamlit as st

from components.search import url_examples
from components.shared import (
    asset_urls,
    caches,
    cards,
    controls,
    model_details,
    navigation,
    url_state,
)
from components.widgets.gallery import gallery
from components.widgets.model_viewer import model_viewer
from components.widgets.search_box import search_box
from core.catalogue import Catalogue, Filters, Item
from core.descriptors import COMPACT, PUBLISHED
from core.errors import LookalikeError
from core.search import Example

PER_PAGE = 48
# Models the trail remembers: more than fit a projector, and a short enough address.
TRAIL = 24
BOTH = "both"
DESCRIPTORS = controls.DESCRIPTORS | {BOTH: "Side by side"}


def browse(catalogue: Catalogue) -> None:
    """All models, narrowed by words and category, a page at a time."""
    text = url_state.text("q")
    categories = caches.facet(catalogue.name, catalogue.revision, "category")
    category = chosen_category("category", categories)
    collections = caches.facet(catalogue.name, catalogue.revision, "collection")
    collection = url_state.choice("collection", list(collections), "") or None
    found_by = Filters(text=text, category=category, collection=collection)
    count = catalogue.items.count(found_by)
    last = max(1, -(-count // PER_PAGE))
    page = min(url_state.number("page", 1, least=1, most=1_000_000), last)

    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        with st.container(width=360):
            search_box(
                key="words",
                value=text,
                label="Search by name or tag",
                placeholder="Search by name or tag",
                on_change=lambda words: url_state.change(q=words, page=None),
            )
        controls.facet(
            "Category",
            categories,
            category,
            everything="All categories",
            on_change=lambda chosen: url_state.change(category=chosen, page=None),
            labelled=False,
        )
        controls.facet(
            "Collection",
            collections,
            collection,
            everything="In any collection or none",
            on_change=lambda chosen: url_state.change(collection=chosen, page=None),
            labelled=False,
        )
        surprise_button(catalogue, found_by)

    if not count:
        nothing_found(catalogue, found_by)
        return
    st.caption(f"{count:,} {'model' if count == 1 else 'models'}")
    shown = catalogue.items.find(found_by, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    gallery(
        cards.of_items(catalogue, shown),
        key="catalogue",
        label=f"Models of {catalogue.title}",
        on_pick=lambda item_id: url_state.change(item=item_id, trail=None),
        actions=url_examples.ACTIONS[:1],
        on_act=lambda _, item_id: look_for([Example(item=item_id)]),
    )
    if last > 1:
        with st.container(horizontal_alignment="center"):
            controls.pages(last, page)


def view(catalogue: Catalogue, item: Item) -> None:
    """One model, large, with its neighbours."""
    generation = catalogue.revision
    k = controls.count_from_url()
    by = url_state.choice("by", list(DESCRIPTORS), COMPACT)
    categories = caches.facet(catalogue.name, generation, "category")
    within = chosen_category("within", categories)
    show_trail(catalogue, item)

    subject, neighbours = st.columns([1, 3], gap="medium")
    with subject:
        model_details.heading(item.name)
    # Before the rest of the subject: they are what was clicked for.
    with neighbours:
        with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
            controls.one_of("Compared by", "by", DESCRIPTORS, by, default=COMPACT)
            controls.count_select("Neighbours", k)
            controls.facet(
                "Look in",
                categories,
                within,
                everything="All categories",
                on_change=lambda chosen: url_state.change(within=chosen),
            )
        if by != BOTH:
            show_neighbours(catalogue, item, by, k, within)
        else:
            for column, descriptor in zip(st.columns(2), (COMPACT, PUBLISHED), strict=True):
                with column:
                    st.subheader(DESCRIPTORS[descriptor])
                    show_neighbours(catalogue, item, descriptor, k, within)
    with subject:
        show_subject(catalogue, item)


def show_subject(catalogue: Catalogue, item: Item) -> None:
    """Its picture or 3D viewer, what is known about it, and where to go from here."""
    model, viewer = catalogue.pictures.model(item), model_details.viewer_address(item)
    with st.container(key="subject"):
        # Kept from model to model: who turns one in 3D would turn the next.
        turned = (model or viewer) and st.toggle("Turn it in 3D", key="turned")
        if turned and model:
            model_viewer(
                asset_urls.model(model),
                poster=asset_urls.picture(catalogue, item),
                label=item.name,
                key=f"model-{item.id}",
            )
        elif turned and viewer:
            st.iframe(viewer, height=360)
        else:
            try:
                st.image(
                    caches.picture(catalogue.name, item.id, item.digest),
                    width="stretch",
                    alt=item.name,
                )
            except LookalikeError as error:
                st.warning(url_state.escape_markdown(str(error)))
    model_details.facts(item)
    with st.container(horizontal=True):
        if st.button("Search with it", icon=":material/image_search:"):
            navigation.link_to("search", like=item.id)
        if st.button("Show on map", icon=":material/scatter_plot:"):
            st.session_state.pop("left_map", None)  # the model is framed, wherever one was
            navigation.link_to("map", item=item.id)
        st.button(
            "All models",
            icon=":material/grid_view:",
            on_click=lambda: url_state.change(item=None, trail=None),
        )
        surprise_button(catalogue, Filters())


def show_neighbours(
    catalogue: Catalogue, item: Item, descriptor: str, k: int, within: str | None
) -> None:
    try:
        results = caches.neighbours(
            catalogue.name, catalogue.revision, descriptor, item.id, k, within
        )
    except LookalikeError as error:
        st.info(url_state.escape_markdown(str(error)), icon=":material/update:")
        return
    if not results.neighbours:
        st.info("No other model to compare with here.", icon=":material/search_off:")
        return
    gallery(
        cards.of_neighbours(catalogue, results.neighbours),
        key=f"neighbours-{descriptor}",
        label=f"Neighbours of {item.name}",
        on_pick=lambda item_id: url_state.change(
            item=item_id, trail=".".join([*trail(), item.id][-TRAIL:])
        ),
        actions=url_examples.ACTIONS,
        on_act=lambda action, item_id: look_for(
            [Example(item=item.id), Example(item=item_id, weight=url_examples.ACTS[action])]
        ),
    )


def look_for(models: list[Example]) -> None:
    """Have the page go to Search, with these as examples. Only in callbacks."""
    st.session_state["look_for"] = url_examples.encode(models)


def show_trail(catalogue: Catalogue, item: Item) -> None:
    """The models visited on the way here; picking one walks back to it."""
    visited = trail()
    items = {one.id: one for one in catalogue.items.get_many(visited)}
    steps = [items[item_id] for item_id in visited if item_id in items]
    if not steps:
        return

    def walk_back(card_id: str) -> None:
        step = int(card_id.partition("-")[0])
        if step < len(steps):
            url_state.change(item=steps[step].id, trail=".".join(one.id for one in steps[:step]))

    # A model may be visited twice, so a card is named by its step.
    shown = [
        cards.at_step(card, step)
        for step, card in enumerate(cards.of_items(catalogue, [*steps, item]))
    ]
    gallery(
        shown,
        key="trail",
        label="Models visited",
        layout="strip",
        selected=shown[-1].id,
        on_pick=walk_back,
    )


def trail() -> list[str]:
    return [part for part in url_state.text("trail").split(".") if part][-TRAIL:]


def chosen_category(parameter: str, categories: dict[str, int]) -> str | None:
    return url_state.choice(parameter, list(categories), "") or None


def surprise_button(catalogue: Catalogue, filters: Filters) -> None:
    """Go to any of the models that `filters` lets through."""

    def surprise() -> None:
        if ids := catalogue.items.ids(filters):
            url_state.change(item=random.choice(ids), trail=None)

    st.button("Surprise me", icon=":material/casino:", on_click=surprise)


def nothing_found(catalogue: Catalogue, filters: Filters) -> None:
    if not filters:
        st.info(
            "This catalogue is empty. Import pictures into it on the page Catalogues.",
            icon=":material/inventory_2:",
        )
        return
    st.info("No model matches. Try fewer letters, or all categories.", icon=":material/search_off:")
    st.button(
        "Show all models",
        on_click=lambda: url_state.change(q=None, category=None, collection=None, page=None),
    )


@st.fragment
def page() -> None:
    """The page as a fragment: a pick runs it without the bar, and fewer messages are sent."""
    catalogue = navigation.open_catalogue()
    if like := st.session_state.pop("look_for", None):
        navigation.link_to("search", like=like)
    picked = url_state.text("item")
    if not picked:
        browse(catalogue)
        return
    try:
        item = catalogue.items.get(picked)
    except LookalikeError as error:
        st.warning(url_state.escape_markdown(str(error)), icon=":material/link_off:")
        browse(catalogue)
        return
    view(catalogue, item)


navigation.guard()
page()
