"""Why a model is among the lookalikes: both pictures, and which parts made the score."""

import streamlit as st

from components.search import caches as search_caches
from components.search import heat_map, network_loader
from components.shared import cards, url_state
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT, Space
from core.errors import LookalikeError
from core.pictures import decoding
from core.search import Example, explain

_SIDE = 448


@st.dialog("Why they match", width="large")
def show(
    catalogue: Catalogue,
    item: Item,
    examples: list[Example],
    by: str,
    space: Space,
    *,
    viewpoint: str = "",
) -> None:
    """Show it for one of the examples that are like what is looked for.

    `side` is the one of the model that matched, where that is not the one it is shown from.
    """
    like = [one for one in examples if one.weight > 0 and not one.items]
    if not like:
        st.info(
            "It is like the middle of a set of models, which has no picture to compare it with.",
            icon=":material/info:",
        )
        return
    names = [_name(catalogue, one, number) for number, one in enumerate(like, start=1)]
    chosen = 0
    if len(like) > 1:
        chosen = st.selectbox(
            "Compared with", range(len(like)), format_func=names.__getitem__, key="why-example"
        )
    example = like[chosen]
    try:
        first = search.example_picture(example, catalogue)
        second = decoding.decode(
            catalogue.pictures.viewpoint(item, viewpoint)
            if viewpoint
            else catalogue.pictures.original(item)
        )
        with st.spinner("Looking at both…"):
            match = explain.match(
                first,
                second,
                descriptor=search_caches.descriptor(catalogue.name, catalogue.revision, by),
                network=network_loader.network(),
                space=space,
                first_as=example.query_kind if example.item is None else "model",
            )
    except LookalikeError as error:
        st.warning(url_state.escape_markdown(str(error)), icon=":material/info:")
        return
    for column, picture, half, name in zip(
        st.columns(2),
        (first, second),
        (match.first, match.second),
        (names[chosen], f"{item.name}, {cards.SEEN_FROM[viewpoint]}" if viewpoint else item.name),
        strict=True,
    ):
        with column:
            shown = heat_map.overlay(picture, half, strongest=match.strongest, size=_SIDE)
            st.image(shown, width="stretch", alt=f"{name}, with what made the score marked")
            st.caption(url_state.escape_markdown(name))
    share = explain.concentration(match.second)
    st.markdown(
        ("They match with left and right exchanged. " if match.mirrored else "")
        + f"Together they score **{match.score:.2f}**. The stronger a part is marked, the more of "
        f"that it made: the strongest quarter of {url_state.escape_markdown(item.name)} made {share:.0%}."
    )
    if by == COMPACT:
        st.caption(
            "All parts together add up to the score exactly. What is compared is what is left of "
            "the pictures without what all pictures of the catalogue share, so a part may also "
            "take away from the score; such parts are not marked."
        )
    else:
        st.caption("All parts together add up to the score exactly: place by place, in both alike.")


def _name(catalogue: Catalogue, example: Example, number: int) -> str:
    if example.item is None:
        return "Your picture" if number == 1 else f"Your picture, example {number}"
    return catalogue.items.get(example.item).name
