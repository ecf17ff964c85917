"""Where a picture is drawn, given or photographed."""

import streamlit as st

from components.search.query_state import (
    QueryPicture,
    choose_region,
    picture_url,
    proposed_region,
    stop_tracing,
    take_drawing,
    take_picture,
    trace,
    use_drawing,
)
from components.widgets.paste_zone import paste_zone
from components.widgets.region_box import region_box
from components.widgets.sketch_pad import sketch_pad
from core import search
from core.descriptors import PUBLISHED, QueryKind
from core.descriptors.model_input import model_input


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


def show_picture(asked: QueryPicture) -> None:
    """The given picture, a box for the part that is meant, and ways back to the paper."""
    region_box(
        key=f"region-{id(asked.picture)}",
        src=picture_url(asked.picture),
        alt="Your picture",
        region=asked.region,
        proposed=proposed_region(asked),
        on_change=lambda region: choose_region(asked, region),
    )
    kind = "drawing" if asked.is_drawing else "photo or a render"
    st.caption(f"Your picture looks like a {kind}. Draw a box to search with a part of it.")
    with st.container(horizontal=True):
        st.button("Draw instead", icon=":material/draw:", on_click=use_drawing)
        st.button("Trace it", icon=":material/layers:", on_click=trace, args=[asked.picture])


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


def show_view(asked: QueryPicture, by: str, query_kind: QueryKind) -> None:
    """What the network sees of the picture, and how that was made."""
    if asked.region is not None:
        by, words = PUBLISHED, "the part, enlarged and in its place."
    elif by == PUBLISHED:
        words = "the whole picture, squashed to a square."
    elif query_kind == "photo":
        words = "the object, without the space around it."
    else:
        words = "the lines, in the middle." if asked.is_drawing else "a line drawing made of it."
    with st.container(horizontal=True, vertical_alignment="center", key="view"):
        picture = asked.picture
        if asked.region is not None:
            picture = search.crop(picture, asked.region)
        view = model_input(by, picture, query_kind=query_kind)
        st.image(view.pixels, width=96, alt="What is compared")
        st.caption(f"What is compared: {words}")
