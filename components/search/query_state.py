"""The picture that is searched with, kept in the session."""

import io
from dataclasses import dataclass, replace

import streamlit as st
from PIL import Image

from components.search import example_tray, network_loader
from components.shared import cards
from core.descriptors import QueryKind
from core.pictures import Box, ImageError, decoding, resizing
from core.search import Example
from core.vision import preprocessing, saliency

# The long side of a picture that is traced, in pixels: that of the paper.
TRACED = 448


@dataclass(frozen=True)
class QueryPicture:
    """The picture that lookalikes are wanted of.

    `on_paper` says whether it was drawn on this page, `is_drawing` whether it is a drawing at
    all; `region` is the part of it that is meant.
    """

    picture: Image.Image
    on_paper: bool
    is_drawing: bool
    region: Box | None = None

    def query_kind(self, wanted: QueryKind) -> QueryKind:
        """Return how the network is shown it, where a person wants it `wanted`."""
        if self.on_paper:
            return "drawing"
        if wanted == "auto":
            return "drawing" if self.is_drawing else "photo"
        return wanted

    def example(self, wanted: QueryKind) -> Example:
        """Return it as a search takes it."""
        return Example(picture=self.picture, region=self.region, query_kind=self.query_kind(wanted))


def take_picture(data: bytes) -> None:
    """Keep a picture as the query, or what is wrong with it; an earlier query stays."""
    try:
        picture = resizing.shrink(decoding.decode(data))
    except ImageError as error:
        st.session_state["query_trouble"] = str(error)
        return
    is_drawing = preprocessing.is_drawing(picture)
    st.session_state["query"] = QueryPicture(picture, on_paper=False, is_drawing=is_drawing)
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
    use_drawing()


def use_drawing() -> None:
    """Go back from a given picture to what is on the paper."""
    png = st.session_state.get("drawing")
    if png is None:
        st.session_state.pop("query", None)
    else:
        st.session_state["query"] = QueryPicture(
            decoding.decode(png), on_paper=True, is_drawing=True
        )


def add_to_examples(asked: QueryPicture, wanted: QueryKind) -> None:
    """Make the picture one of the examples, and the paper free for another."""
    example_tray.add_picture(asked.example(wanted))
    for name in ("query", "drawing"):
        st.session_state.pop(name, None)
    st.session_state["sheet"] = st.session_state.get("sheet", 0) + 1
    stop_tracing()


def choose_region(asked: QueryPicture, region: Box | None) -> None:
    """Search with a part of the picture, or with all of it."""
    st.session_state["query"] = replace(asked, region=region)


def trace(picture: Image.Image) -> None:
    """Put a picture under the paper, to be drawn over."""
    buffer = io.BytesIO()
    resizing.shrink(picture, side=TRACED).save(buffer, "JPEG", quality=85)
    st.session_state["traced"] = cards.data_url(buffer.getvalue())
    use_drawing()


def stop_tracing() -> None:
    """Take the picture that is traced from under the paper."""
    st.session_state.pop("traced", None)


def picture_url(picture: Image.Image) -> str:
    """Return the picture as an address, encoded once for each picture given."""
    known = st.session_state.get("query_address")
    if known is None or known[0] is not picture:
        buffer = io.BytesIO()
        resizing.shrink(picture, side=2 * TRACED).save(buffer, "JPEG", quality=88)
        known = st.session_state["query_address"] = (picture, cards.data_url(buffer.getvalue()))
    return str(known[1])


def proposed_region(asked: QueryPicture) -> Box | None:
    """Return a box around the object of a cluttered picture, once the network is there."""
    known = st.session_state.get("query_proposed")
    if known is not None and known[0] is asked.picture:
        return known[1]  # type: ignore[no-any-return]
    if (
        asked.is_drawing
        or preprocessing.find_object(asked.picture)
        or not network_loader.network_is_ready()
    ):
        return None
    box = saliency.propose(asked.picture, network_loader.network())
    st.session_state["query_proposed"] = (asked.picture, box)
    return box
