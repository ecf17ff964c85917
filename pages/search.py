"""Search: give a picture, see its lookalikes."""

import hashlib

import streamlit as st

from components import address, cached, cards, controls, navigation
from components.gallery import gallery
from components.paste_zone import paste_zone
from core import images, search, views
from core.catalogue import Catalogue, Filters
from core.descriptors import COMPACT, PUBLISHED
from core.errors import LookalikeError

# How a picture is compared, in the words of the page.
SHOWN_AS = {"auto": "Find out", "photo": "Photo", "line": "Drawing"}
DESCRIPTORS = {COMPACT: "Lookalike", PUBLISHED: "2016 recipe"}


def take(data: bytes) -> None:
    """Keep a picture as the query, or what is wrong with it; an earlier query stays."""
    try:
        st.session_state["query"] = images.shrink(images.decode(data))
        st.session_state["query_digest"] = hashlib.sha256(data).hexdigest()[:16]
        st.session_state["query_trouble"] = ""
    except images.ImageError as error:
        st.session_state["query_trouble"] = str(error)


def forget() -> None:
    for key in ("query", "query_digest", "query_trouble"):
        st.session_state.pop(key, None)


def lookalikes(catalogue: Catalogue) -> None:
    """The query picture, how it is compared, and what looks like it."""
    picture = st.session_state["query"]
    by = address.choice("by", list(DESCRIPTORS), COMPACT)
    shown_as = address.choice("as", list(SHOWN_AS), "auto")
    k = controls.asked_for()
    categories = cached.categories(catalogue.name, catalogue.generation)
    within = address.choice("within", list(categories), "") or None

    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        controls.one_of("Compared by", "by", DESCRIPTORS, by, default=COMPACT)
        if by == COMPACT:
            controls.one_of("The picture is a", "as", SHOWN_AS, shown_as, default="auto")
        controls.how_many("Lookalikes", k)
        controls.category(
            "Look in",
            categories,
            within,
            on_change=lambda chosen: address.change(within=chosen),
        )
    waking = "Waking up the network: a few seconds, only once…"
    with st.spinner("Looking…" if cached.network_is_ready() else waking):
        try:
            generation = catalogue.generation
            results = search.run(
                search.Query(
                    pictures=[picture],
                    shown_as=shown_as,
                    filters=Filters(category=within),
                ),
                catalogue=catalogue,
                index=cached.index(catalogue.name, generation, by),
                embed=cached.embed(catalogue.name, generation, by),
                k=k,
            )
        except LookalikeError as error:
            st.error(address.plain(str(error)), icon=":material/error:")
            return
    if not results.neighbours:
        st.info("There is nothing to compare with here.", icon=":material/search_off:")
        return
    gallery(
        cards.of_neighbours(catalogue, results.neighbours),
        key="lookalikes",
        label="Lookalikes of your picture",
        on_pick=lambda item_id: st.session_state.update(opened_from_search=item_id),
    )


def show_query() -> None:
    picture = st.session_state["query"]
    with st.container(key="query"):
        st.image(picture, width="stretch", alt="Your picture")
    drawn = views.is_drawing(picture)
    st.caption(f"Your picture looks like a {'drawing' if drawn else 'photo or a render'}.")
    st.button("Another picture", icon=":material/close:", on_click=forget)


navigation.guard()
opened = navigation.open_catalogue()
cached.hurry()
if item_id := st.session_state.pop("opened_from_search", None):
    navigation.link_to("explore", item=item_id)
has_query = "query" in st.session_state
st.title("Lookalikes of your picture" if has_query else "What are you looking for?", anchor=False)
left, right = st.columns([1, 3], gap="medium") if has_query else (st.container(), None)
with left:
    if has_query:
        show_query()
    paste_zone(key="picture", on_picture=take)
    if trouble := st.session_state.get("query_trouble"):
        st.error(address.plain(trouble), icon=":material/broken_image:")
if right is not None:
    with right:
        lookalikes(opened)
else:
    st.caption("Your picture stays in this session's memory and is never stored.")
