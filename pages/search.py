"""Search: draw or give a picture, show models like it and unlike it, see lookalikes as you go."""

import io
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st
from PIL import Image

from components import (
    address,
    cached,
    cards,
    controls,
    examples,
    filters,
    navigation,
    served,
    take_away,
    tray,
    why,
)
from components.gallery import Action, gallery
from components.paste_zone import paste_zone
from components.region_box import region_box
from components.sketch_pad import sketch_pad
from core import search
from core.catalogue import Catalogue, Filters
from core.descriptors import COMPACT, PUBLISHED, As
from core.descriptors.model_input import view_of
from core.errors import LookalikeError
from core.pictures import Box, ImageError, decoding, resizing
from core.search import Example, Query, Results, region_index
from core.vision import preprocessing, saliency

# How a picture is compared, in the words of the page.
SHOWN_AS = {"auto": "Find out", "photo": "Photo", "line": "Drawing"}
ACTIONS = (*examples.ACTIONS, Action("why", "Why?", "why", "?"))
# The long side of a picture that is traced, in pixels: that of the paper.
TRACED = 448
# The long side of a picture that the map is sent, in pixels.
ON_MAP = 160
# The least share of the paper that a drawing blackens: a line of 70 pixels does.
LEAST_INK = 0.002


@dataclass(frozen=True)
class Asked:
    """The picture that lookalikes are wanted of.

    `on_paper` says whether it was drawn on this page, `is_drawing` whether it is a drawing at
    all; `region` is the part of it that is meant.
    """

    picture: Image.Image
    on_paper: bool
    is_drawing: bool
    region: Box | None = None

    def shown_as(self, wanted: As) -> As:
        """Return how the network is shown it, where a person wants it `wanted`."""
        if self.on_paper:
            return "line"
        if wanted == "auto":
            return "line" if self.is_drawing else "photo"
        return wanted

    def example(self, wanted: As) -> Example:
        """Return it as a search takes it."""
        return Example(picture=self.picture, region=self.region, shown_as=self.shown_as(wanted))


def take_picture(data: bytes) -> None:
    """Keep a picture as the query, or what is wrong with it; an earlier query stays."""
    try:
        picture = resizing.shrink(decoding.decode(data))
    except ImageError as error:
        st.session_state["query_trouble"] = str(error)
        return
    is_drawing = preprocessing.is_drawing(picture)
    st.session_state["query"] = Asked(picture, on_paper=False, is_drawing=is_drawing)
    st.session_state["query_trouble"] = ""
    stop_tracing()


def take_drawing(png: bytes | None) -> None:
    """Keep a drawing as the query, or what is wrong with it; blank paper asks for nothing."""
    try:
        if png is not None:
            decoding.decode(png)
    except ImageError as error:
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
        st.session_state["query"] = Asked(decoding.decode(png), on_paper=True, is_drawing=True)


def keep_asked(asked: Asked, wanted: As) -> None:
    """Make the picture one of the examples, and the paper free for another."""
    tray.keep(asked.example(wanted))
    for name in ("query", "drawing"):
        st.session_state.pop(name, None)
    st.session_state["sheet"] = st.session_state.get("sheet", 0) + 1
    stop_tracing()


def choose_region(asked: Asked, region: Box | None) -> None:
    st.session_state["query"] = replace(asked, region=region)


def trace(picture: Image.Image) -> None:
    """Put a picture under the paper, to be drawn over."""
    buffer = io.BytesIO()
    resizing.shrink(picture, side=TRACED).save(buffer, "JPEG", quality=85)
    st.session_state["traced"] = cards.inline(buffer.getvalue())
    ask_for_drawing()


def stop_tracing() -> None:
    st.session_state.pop("traced", None)


def show_paper() -> None:
    """The paper to draw on, and what shines through it."""
    sketch_pad(
        key=f"paper-{st.session_state.get('sheet', 0)}",
        drawing=st.session_state.get("drawing"),
        on_draw=take_drawing,
        traced=st.session_state.get("traced", ""),
    )
    if "traced" in st.session_state:
        st.button("Take the picture away", icon=":material/layers_clear:", on_click=stop_tracing)


def show_picture(asked: Asked) -> None:
    """The given picture, a box for the part that is meant, and ways back to the paper."""
    region_box(
        key=f"region-{id(asked.picture)}",
        src=address_of(asked.picture),
        alt="Your picture",
        region=asked.region,
        proposed=proposed(asked),
        on_change=lambda region: choose_region(asked, region),
    )
    kind = "drawing" if asked.is_drawing else "photo or a render"
    st.caption(f"Your picture looks like a {kind}. Draw a box to search with a part of it.")
    with st.container(horizontal=True):
        st.button("Draw instead", icon=":material/draw:", on_click=ask_for_drawing)
        st.button("Trace it", icon=":material/layers:", on_click=trace, args=[asked.picture])


def address_of(picture: Image.Image) -> str:
    """Return the picture as an address, encoded once for each picture given."""
    known = st.session_state.get("query_address")
    if known is None or known[0] is not picture:
        buffer = io.BytesIO()
        resizing.shrink(picture, side=2 * TRACED).save(buffer, "JPEG", quality=88)
        known = st.session_state["query_address"] = (picture, cards.inline(buffer.getvalue()))
    return str(known[1])


def proposed(asked: Asked) -> Box | None:
    """Return a box around the object of a cluttered picture, once the network is there."""
    known = st.session_state.get("query_proposed")
    if known is not None and known[0] is asked.picture:
        return known[1]  # type: ignore[no-any-return]
    if (
        asked.is_drawing
        or preprocessing.find_object(asked.picture)
        or not cached.network_is_ready()
    ):
        return None
    box = saliency.propose(asked.picture, cached.network())
    st.session_state["query_proposed"] = (asked.picture, box)
    return box


def show_ways_in() -> None:
    """A file, the clipboard, a drop, and the camera."""
    paste_zone(key="picture", on_picture=take_picture)
    if st.button("Camera", icon=":material/photo_camera:"):
        photograph()


@st.dialog("Take a picture")
def photograph() -> None:
    """The camera; what it took is searched with at once."""
    photo = st.camera_input("Take a picture", label_visibility="collapsed")
    st.caption(
        "Nothing to see? The camera may be refused, in use, or not there: the browser's settings "
        "for this page let you allow it. A picture taken elsewhere can be dropped or chosen."
    )
    if photo is not None:
        take_picture(photo.getvalue())
        st.rerun()


def show_view(asked: Asked, by: str, shown_as: As) -> None:
    """What the network sees of the picture, and how that was made."""
    if asked.region is not None:
        by, words = PUBLISHED, "the part, enlarged and in its place."
    elif by == PUBLISHED:
        words = "the whole picture, squashed to a square."
    elif shown_as == "photo":
        words = "the object, without the space around it."
    else:
        words = "the lines, in the middle." if asked.is_drawing else "a line drawing made of it."
    with st.container(horizontal=True, vertical_alignment="center", key="view"):
        picture = asked.picture
        if asked.region is not None:
            picture = search.crop(picture, asked.region)
        view = view_of(by, picture, shown_as=shown_as)
        st.image(view.pixels, width=96, alt="What is compared")
        st.caption(f"What is compared: {words}")


def show_controls(
    catalogue: Catalogue,
    asked: Asked | None,
    by: str,
    wanted: As,
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
            controls.one_of("The picture is a", "as", SHOWN_AS, wanted, default="auto")
        controls.how_many("Lookalikes", k)
        filters.choose(catalogue, narrowed)


def lookalikes(catalogue: Catalogue, query: Query, by: str, k: int) -> None:
    """What looks like the examples, why, and as files."""
    generation = catalogue.generation

    def look() -> Results:
        if query.for_parts:
            return search.run_for_parts(
                query,
                catalogue=catalogue,
                parts=cached.parts(catalogue.name, generation),
                look=partial(region_index.look, cached.network()),
                k=k,
            )
        return search.run(
            query,
            catalogue=catalogue,
            index=cached.index(catalogue.name, generation, by, query.space),
            embed=cached.embed(catalogue.name, generation, by) if query.needs_network else None,
            sides=cached.sides(catalogue.name, generation, by) if query.needs_network else None,
            k=k,
        )

    try:
        if not query.needs_network or cached.network_is_ready():
            results = look()
        else:
            with st.spinner("Waking up the network: a few seconds, only once…"):
                results = look()
    except LookalikeError as error:
        st.warning(address.plain(str(error)), icon=":material/info:")
        return
    if not results.neighbours:
        nothing_there(query)
        return
    found = results
    if controls.only_outstanding():
        outstanding = [one for one in results.neighbours if one.stands_out >= results.cutoff]
        found = replace(results, neighbours=tuple(outstanding))
    if found.neighbours:
        gallery(
            cards.of_neighbours(catalogue, found.neighbours, cutoff=results.cutoff),
            key="lookalikes",
            label="Lookalikes",
            actions=examples.ACTIONS if query.for_parts else ACTIONS,
            on_pick=lambda item_id: st.session_state.update(opened_from_search=item_id),
            on_act=act,
        )
    else:
        st.info(
            "Nothing stands out: no model is more like this than the best of as many would be by "
            "chance.",
            icon=":material/blur_off:",
        )
    with st.container(horizontal=True, vertical_alignment="center", key="below"):
        controls.outstanding_toggle()
        take_away.lookalikes(catalogue, found, query, by)
        if found.neighbours and st.button("Show on map", icon=":material/scatter_plot:"):
            show_on_map(catalogue, query, found)
    st.caption(footnotes(query, results))
    if item_id := st.session_state.pop("why", None):
        sides = {one.item.id: one.side for one in results.neighbours}
        why.show(
            catalogue,
            catalogue.item(item_id),
            list(query.examples),
            by,
            query.space,
            side=sides.get(item_id, ""),
        )


def show_on_map(catalogue: Catalogue, query: Query, found: Results) -> None:
    """Go to the map, where what is looked for is put among its lookalikes."""
    first = next(one for one in query.examples if one.weight > 0)
    try:
        buffer = io.BytesIO()
        resizing.shrink(search.meant(first, catalogue), side=ON_MAP).save(
            buffer, "JPEG", quality=85
        )
        src = cards.inline(buffer.getvalue())
    except LookalikeError:
        # Several models have no picture of their own: the most typical stands for them.
        src = served.picture(catalogue, catalogue.items_of(first.items[:1])[0])
    scores = [(one.item.id, one.score) for one in found.neighbours]
    st.session_state["sent_to_map"] = (src, scores)
    navigation.link_to("map", **{"from": "search"})


def footnotes(query: Query, results: Results) -> str:
    """What the figures mean, and what the address keeps."""
    notes = [
        "Below a picture: the cosine, and how many standard deviations (σ) it lies above the "
        f"middle of all for this question. By chance the best would reach {results.cutoff:.1f}σ."
    ]
    if query.for_parts:
        notes.append("The box shows where in a model the match lies.")
    if any(one.picture is not None for one in query.examples):
        notes.append("The address holds this search, all but your pictures: they are not kept.")
    return " ".join(notes)


def act(action: str, item_id: str) -> None:
    """Do what was pressed on a lookalike. Only in callbacks."""
    if action == "why":
        st.session_state["why"] = item_id
    else:
        examples.add(item_id, weight=examples.ACTS[action])


def nothing_there(query: Query) -> None:
    """Say why there is no lookalike, and what to do."""
    st.info("There is nothing to compare with here.", icon=":material/search_off:")
    if query.filters:
        filters.look_everywhere("from nothing")


def invite(catalogue: Catalogue) -> None:
    """What can be done here, before anything was."""
    st.subheader("Lookalikes appear here as you draw", anchor=False)
    st.markdown(
        "A few lines are enough: draw the outline and what stands out. "
        f"They are compared with the {catalogue.count():,} models of this catalogue "
        "after each stroke. A photo, a screenshot or a picture of a drawing will do as well."
    )
    st.caption("What you draw or give stays in this session's memory and is never stored.")


def is_too_little(asked: Asked | None) -> bool:
    return asked is not None and asked.on_paper and preprocessing.ink(asked.picture) < LEAST_INK


@st.fragment
def page() -> None:
    """The page as a fragment: a stroke runs it without the bar."""
    catalogue = navigation.open_catalogue()
    if item_id := st.session_state.pop("opened_from_search", None):
        navigation.link_to("explore", item=item_id)
    asked: Asked | None = st.session_state.get("query")
    by = address.choice("by", list(controls.DESCRIPTORS), COMPACT)
    wanted: As = address.choice("as", list(SHOWN_AS), "auto")  # type: ignore[assignment]
    models = examples.in_address()
    left, right = st.container(key="finder").columns([3, 8], gap="medium")
    with left:
        if asked is None or asked.on_paper:
            show_paper()
        else:
            show_picture(asked)
        # What was wrong with a picture stands where it was given.
        if trouble := st.session_state.get("query_trouble"):
            st.error(address.plain(trouble), icon=":material/broken_image:")
        if asked is not None and not is_too_little(asked):
            st.button(
                "Keep as an example, and add another",
                icon=":material/add_photo_alternate:",
                on_click=keep_asked,
                args=[asked, wanted],
            )
        # On a phone these follow the lookalikes: see app.css.
        with st.container(key="ways"):
            seen = st.container()
            show_ways_in()
    with right:
        tray.show(catalogue, models)
        shown = [*tray.pictures(), *models]
        if is_too_little(asked):
            st.info("Draw a little more: that is too little to go by.", icon=":material/draw:")
        elif asked is not None:
            shown.insert(0, asked.example(wanted))
        if not shown:
            if asked is None:
                invite(catalogue)
            return
        k, narrowed = controls.asked_for(), filters.in_address(catalogue)
        query = Query(examples=shown, filters=narrowed)
        show_controls(catalogue, asked, by, wanted, k, narrowed, for_parts=query.for_parts)
        lookalikes(catalogue, query, by, k)
    # After the lookalikes: they are what was asked for.
    if asked is not None and not is_too_little(asked):
        with seen:
            show_view(asked, by, asked.shown_as(wanted))


navigation.guard()
cached.hurry()
st.title("What are you looking for?", anchor=False)
page()
