"""Search: draw or give a picture, see its lookalikes as you go."""

import base64
import io
from dataclasses import dataclass

import streamlit as st
from PIL import Image

from components import address, cached, cards, controls, navigation
from components.gallery import gallery
from components.paste_zone import paste_zone
from components.sketch_pad import sketch_pad
from core import images, search, views
from core.catalogue import Catalogue, Filters
from core.descriptors import COMPACT, PUBLISHED, As, view_of
from core.errors import LookalikeError

# How a picture is compared, in the words of the page.
SHOWN_AS = {"auto": "Find out", "photo": "Photo", "line": "Drawing"}
DESCRIPTORS = {COMPACT: "Lookalike", PUBLISHED: "2016 recipe"}
# The long side of a picture that is traced, in pixels: that of the paper.
TRACED = 448
# The least share of the paper that a drawing blackens: a line of 70 pixels does.
LEAST_INK = 0.002


@dataclass(frozen=True)
class Asked:
    """The picture that lookalikes are wanted of.

    `on_paper` says whether it was drawn on this page, `is_drawing` whether it is a drawing at all.
    """

    picture: Image.Image
    on_paper: bool
    is_drawing: bool

    def shown_as(self, wanted: As) -> As:
        """Return how the network is shown it, where a person wants it `wanted`."""
        if self.on_paper:
            return "line"
        if wanted == "auto":
            return "line" if self.is_drawing else "photo"
        return wanted


def take_picture(data: bytes) -> None:
    """Keep a picture as the query, or what is wrong with it; an earlier query stays."""
    try:
        picture = images.shrink(images.decode(data))
    except images.ImageError as error:
        st.session_state["query_trouble"] = str(error)
        return
    is_drawing = views.is_drawing(picture)
    st.session_state["query"] = Asked(picture, on_paper=False, is_drawing=is_drawing)
    st.session_state["query_trouble"] = ""
    stop_tracing()


def take_drawing(png: bytes | None) -> None:
    """Keep a drawing as the query, or what is wrong with it; blank paper asks for nothing."""
    try:
        if png is not None:
            images.decode(png)
    except images.ImageError as error:
        st.session_state["query_trouble"] = str(error)
        return
    st.session_state["drawing"] = png
    st.session_state["query_trouble"] = ""
    ask_for_drawing()


def ask_for_drawing() -> None:
    """Go back from a given picture to what is on the paper."""
    png = st.session_state.get("drawing")
    if png is None:
        st.session_state.pop("query", None)
    else:
        st.session_state["query"] = Asked(images.decode(png), on_paper=True, is_drawing=True)


def trace(picture: Image.Image) -> None:
    """Put a picture under the paper, to be drawn over."""
    buffer = io.BytesIO()
    images.shrink(picture, side=TRACED).save(buffer, "JPEG", quality=85)
    text = base64.b64encode(buffer.getvalue()).decode()
    st.session_state["traced"] = f"data:image/jpeg;base64,{text}"
    ask_for_drawing()


def stop_tracing() -> None:
    st.session_state.pop("traced", None)


def show_paper() -> None:
    """The paper to draw on, and what shines through it."""
    sketch_pad(
        key="paper",
        drawing=st.session_state.get("drawing"),
        on_draw=take_drawing,
        traced=st.session_state.get("traced", ""),
    )
    if "traced" in st.session_state:
        st.button("Take the picture away", icon=":material/layers_clear:", on_click=stop_tracing)


def show_picture(asked: Asked) -> None:
    """The given picture, and ways back to the paper."""
    with st.container(key="query"):
        st.image(asked.picture, width="stretch", alt="Your picture")
    kind = "drawing" if asked.is_drawing else "photo or a render"
    st.caption(f"Your picture looks like a {kind}.")
    with st.container(horizontal=True):
        st.button("Draw instead", icon=":material/draw:", on_click=ask_for_drawing)
        st.button("Trace it", icon=":material/layers:", on_click=trace, args=[asked.picture])


def show_view(asked: Asked, by: str, shown_as: As) -> None:
    """What the network sees of the picture, and how that was made."""
    if by == PUBLISHED:
        words = "the whole picture, squashed to a square."
    elif shown_as == "photo":
        words = "the object, without the space around it."
    else:
        words = "the lines, in the middle." if asked.is_drawing else "a line drawing made of it."
    with st.container(horizontal=True, vertical_alignment="center", key="view"):
        view = view_of(by, asked.picture, shown_as=shown_as)
        st.image(view.pixels, width=96, alt="What is compared")
        st.caption(f"What is compared: {words}")


def lookalikes(catalogue: Catalogue, asked: Asked, by: str, wanted: As) -> None:
    """How the picture is compared, and what looks like it."""
    k = controls.asked_for()
    generation = catalogue.generation
    categories = cached.categories(catalogue.name, generation)
    within = address.choice("within", list(categories), "") or None

    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        controls.one_of("Compared by", "by", DESCRIPTORS, by, default=COMPACT)
        if by == COMPACT and not asked.on_paper:
            controls.one_of("The picture is a", "as", SHOWN_AS, wanted, default="auto")
        controls.how_many("Lookalikes", k)
        controls.category(
            "Look in",
            categories,
            within,
            on_change=lambda chosen: address.change(within=chosen),
        )

    def look() -> search.Results:
        return search.run(
            search.Query(
                pictures=[asked.picture],
                shown_as=asked.shown_as(wanted),
                filters=Filters(category=within),
            ),
            catalogue=catalogue,
            index=cached.index(catalogue.name, generation, by),
            embed=cached.embed(catalogue.name, generation, by),
            k=k,
        )

    try:
        if cached.network_is_ready():
            results = look()
        else:
            with st.spinner("Waking up the network: a few seconds, only once…"):
                results = look()
    except LookalikeError as error:
        st.warning(address.plain(str(error)), icon=":material/info:")
        return
    if not results.neighbours:
        st.info("There is nothing to compare with here.", icon=":material/search_off:")
        return
    gallery(
        cards.of_neighbours(catalogue, results.neighbours),
        key="lookalikes",
        label="Lookalikes of your drawing" if asked.on_paper else "Lookalikes of your picture",
        on_pick=lambda item_id: st.session_state.update(opened_from_search=item_id),
    )


def invite(catalogue: Catalogue) -> None:
    """What can be done here, before anything was."""
    st.subheader("Lookalikes appear here as you draw", anchor=False)
    st.markdown(
        "A few lines are enough: draw the outline and what stands out. "
        f"They are compared with the {catalogue.count():,} models of this catalogue "
        "after each stroke. A photo, a screenshot or a picture of a drawing will do as well."
    )
    st.caption("What you draw or give stays in this session's memory and is never stored.")


@st.fragment
def page() -> None:
    """The page as a fragment: a stroke runs it without the bar."""
    catalogue = navigation.open_catalogue()
    if item_id := st.session_state.pop("opened_from_search", None):
        navigation.link_to("explore", item=item_id)
    asked: Asked | None = st.session_state.get("query")
    left, right = st.columns([3, 8], gap="medium")
    with left:
        if asked is None or asked.on_paper:
            show_paper()
        else:
            show_picture(asked)
        seen = st.container()
        paste_zone(key="picture", on_picture=take_picture)
        if trouble := st.session_state.get("query_trouble"):
            st.error(address.plain(trouble), icon=":material/broken_image:")
    with right:
        if asked is None:
            invite(catalogue)
            return
        if asked.on_paper and views.ink(asked.picture) < LEAST_INK:
            st.info("Draw a little more: that is too little to go by.", icon=":material/draw:")
            return
        by = address.choice("by", list(DESCRIPTORS), COMPACT)
        wanted = address.choice("as", list(SHOWN_AS), "auto")
        lookalikes(catalogue, asked, by, wanted)
    # After the lookalikes: they are what was asked for.
    with seen:
        show_view(asked, by, asked.shown_as(wanted))


navigation.guard()
cached.hurry()
st.title("What are you looking for?", anchor=False)
page()
