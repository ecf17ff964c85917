"""The controls for the query picture: sketch pad, picture with region, file, clipboard, camera."""

import json
from functools import cache
from pathlib import Path

import streamlit as st

from components.search.query_state import (
    choose_region,
    choose_whole,
    draw_instead,
    draw_too,
    picture_url,
    query_cutout,
    stop_tracing,
    take_drawing,
    take_picture,
    trace,
)
from components.shared import links, navigation, url_state
from components.shared.query_picture import QueryPicture
from components.shared.session import session
from components.widgets.paste_zone import paste_zone
from components.widgets.region_box import region_box
from components.widgets.sketch_pad import Ghost, sketch_pad
from core import search
from core.descriptors import COMPACT, PUBLISHED, QueryKind
from core.descriptors.model_input import model_input
from core.vision import cutout

# What the page says a picture is taken for.
_LOOKS_LIKE = {
    "drawing": "Your picture looks like a drawing.",
    "picture": "Your picture looks like a photo or render.",
    "either": "Your picture could be a drawing or a photo.",
}


@cache
def ghosts() -> tuple[Ghost, ...]:
    """Return the drawings that one click puts on an empty sketch pad."""
    drawings = json.loads((Path(__file__).parent / "ghosts.json").read_text(encoding="utf-8"))
    return tuple(Ghost(**each) for each in drawings)


def show_sketch_pad(*, large: bool) -> None:
    """Show the sketch pad, with the traced picture under it if there is one.

    It is `large` as long as there is nothing to search with, and then offers drawings to try.
    """
    sketch_pad(
        key=f"sketch-pad-{session.sketch_pad_number}",
        drawing=session.drawing,
        on_draw=take_drawing,
        traced=session.traced_picture,
        large=large,
        ghosts=ghosts(),
    )
    if session.traced_picture:
        st.button("Remove traced picture", icon=":material/layers_clear:", on_click=stop_tracing)
    elif not (large or session.drawing or session.draws_too):
        # Only on a phone, whose first screen is for the lookalikes, in the place of the pad.
        st.button("Draw too", icon=":material/draw:", on_click=draw_too, key="draw-too")


def show_picture(query: QueryPicture, descriptor: str, chosen: QueryKind) -> None:
    """Show the picture with a box for its region, and buttons that go back to the sketch pad."""
    cut = query_cutout(query, chosen)
    is_cut_out = cut is not None and cut.mask is not None
    region_box(
        key=f"region-{id(query.picture)}",
        src=picture_url(query.picture, None if query.whole or query.region else cut),
        alt="Your picture",
        region=query.region,
        on_change=lambda region: choose_region(query, region),
    )
    compared = ""
    if descriptor == COMPACT and query.region is None:
        if query.query_kind(chosen) == "auto":
            compared = " It is compared both ways."
        elif is_cut_out:
            compared = (
                " The whole picture is compared."
                if query.whole
                else " Only the object is compared."
            )
    st.caption(f"{_LOOKS_LIKE[query.likely]}{compared} Draw a box to search with a region.")
    with st.container(horizontal=True, key="picture-actions"):
        if is_cut_out and query.region is None:
            st.button(
                "Use only the object" if query.whole else "Use the whole picture",
                icon=":material/select_all:",
                on_click=choose_whole,
                args=[query],
                kwargs={"whole": not query.whole},
            )
        st.button("Draw instead", icon=":material/draw:", on_click=draw_instead)
        st.button("Trace", icon=":material/layers:", on_click=trace, args=[query.picture])


def show_picture_inputs(*, large: bool) -> None:
    """Show the ways to give a picture: file, clipboard, drag and drop, and camera.

    `large` is for a search that begins with a picture; a drawing is then the other way.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="picture-inputs"):
        paste_zone(key="picture", on_picture=take_picture, large=large)
        if st.button("Camera", icon=":material/photo_camera:", type="tertiary"):
            _take_photo()
        if large:
            with st.container(key="or-draw", width="content"):
                url = url_state.link(**{navigation.BEGIN: None})
                links.row([links.Link("Or draw", url, "draw")])


@st.dialog("Take a picture")
def _take_photo() -> None:
    photo = st.camera_input(
        "Take a picture", key="camera", label_visibility="collapsed", on_change=_use_photo
    )
    st.caption(
        "No picture? The camera may be blocked, in use or missing. You can allow it in the "
        "browser’s settings for this page, or drop or choose a picture instead."
    )
    if photo is not None:
        st.rerun()


def _use_photo() -> None:
    photo = st.session_state["camera"]
    if photo is not None:
        take_picture(photo.getvalue())


def show_compared_picture(query: QueryPicture, descriptor: str, chosen: QueryKind) -> None:
    """Show the picture as it is given to the network, and say how it was prepared."""
    query_kind = query.query_kind(chosen)
    cut = cutout.whole(query.picture) if query.whole else query_cutout(query, chosen)
    if query.region is not None:
        # Regions are compared by the cells of `published`.
        cut = cutout.whole(search.crop(query.picture, query.region))
        descriptor, prepared = PUBLISHED, "the region, enlarged."
    elif descriptor == PUBLISHED:
        prepared = "the whole picture, squashed to a square."
    elif query_kind != "drawing":
        is_whole = cut is None or cut.basis == "whole"
        prepared = "the whole picture." if is_whole else "the object, cropped and centred."
        if query_kind == "auto":
            prepared = f"both the ink, as a drawing, and {prepared}"
    elif cut is not None and cut.basis == "ink":
        prepared = "the ink of your drawing, centred."
    else:
        prepared = "a line drawing made from your picture."
    if cut is None:  # until the network is loaded
        return
    with st.container(horizontal=True, vertical_alignment="center", key="view"):
        view_kind: QueryKind = "photo" if query_kind == "auto" else query_kind
        view = model_input(descriptor, cut, query_kind=view_kind)
        st.image(view.pixels, width=96, alt="What is compared")
        st.caption(f"What is compared: {prepared}")
