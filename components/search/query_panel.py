"""The controls for the query picture: sketch pad, picture with region, file, clipboard, camera."""

import streamlit as st

from components.search.query_state import (
    choose_region,
    picture_url,
    proposed_region,
    stop_tracing,
    take_drawing,
    take_picture,
    trace,
    use_drawing,
)
from components.shared.query_picture import QueryPicture
from components.shared.session import session
from components.widgets.paste_zone import paste_zone
from components.widgets.region_box import region_box
from components.widgets.sketch_pad import sketch_pad
from core import search
from core.descriptors import PUBLISHED, QueryKind
from core.descriptors.model_input import model_input


def show_sketch_pad() -> None:
    """Show the sketch pad, with the traced picture under it if there is one."""
    sketch_pad(
        key=f"paper-{session.sheet}",
        drawing=session.drawing,
        on_draw=take_drawing,
        traced=session.traced_picture,
    )
    if session.traced_picture:
        st.button("Remove traced picture", icon=":material/layers_clear:", on_click=stop_tracing)


def show_picture(query: QueryPicture) -> None:
    """Show the picture with a box for its region, and buttons that go back to the sketch pad."""
    region_box(
        key=f"region-{id(query.picture)}",
        src=picture_url(query.picture),
        alt="Your picture",
        region=query.region,
        proposed=proposed_region(query),
        on_change=lambda region: choose_region(query, region),
    )
    kind = "drawing" if query.is_drawing else "photo or render"
    st.caption(f"Your picture looks like a {kind}. Draw a box to search with a region of it.")
    with st.container(horizontal=True):
        st.button("Draw instead", icon=":material/draw:", on_click=use_drawing)
        st.button("Trace picture", icon=":material/layers:", on_click=trace, args=[query.picture])


def show_picture_inputs() -> None:
    """Show the ways to give a picture: file, clipboard, drag and drop, and camera."""
    paste_zone(key="picture", on_picture=take_picture)
    if st.button("Camera", icon=":material/photo_camera:"):
        _take_photo()


@st.dialog("Take a picture")
def _take_photo() -> None:
    photo = st.camera_input("Take a picture", label_visibility="collapsed")
    st.caption(
        "No picture? The camera may be blocked, in use or missing. You can allow it in the "
        "browser’s settings for this page, or drop or choose a picture instead."
    )
    if photo is not None:
        take_picture(photo.getvalue())
        st.rerun()


def show_compared_picture(query: QueryPicture, descriptor: str, query_kind: QueryKind) -> None:
    """Show the picture as the network sees it, and say how it was prepared."""
    picture = query.picture
    if query.region is not None:
        # Regions are compared by the cells of `published`.
        picture, descriptor = search.crop(picture, query.region), PUBLISHED
        prepared = "the region, enlarged."
    elif descriptor == PUBLISHED:
        prepared = "the whole picture, squashed to a square."
    elif query_kind == "photo":
        prepared = "the object, cropped and centred."
    elif query.is_drawing:
        prepared = "your drawing, centred."
    else:
        prepared = "a line drawing made from your picture."
    with st.container(horizontal=True, vertical_alignment="center", key="view"):
        view = model_input(descriptor, picture, query_kind=query_kind)
        st.image(view.pixels, width=96, alt="What is compared")
        st.caption(f"What is compared: {prepared}")
