"""The dialog that explains a match: both pictures, and which parts contributed to the score."""

import streamlit as st

from components.search import caches as search_caches
from components.search import heat_map, network_loader
from components.shared import cards, messages, url_state
from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import COMPACT, Space, item_cutouts
from core.errors import LookalikeError
from core.pictures import decoding
from core.search import Example, ItemExample, ItemsExample, PictureExample, explain
from core.vision import segmentation

# The longer side of each picture, in pixels.
_SIDE = 448


@st.dialog("Why they match", width="large")
def show(
    catalogue: Catalogue,
    item: Item,
    examples: list[Example],
    descriptor: str,
    space: Space,
    *,
    viewpoint: str = "",
) -> None:
    """Explain why a model matches one of the positive examples.

    `viewpoint` is the name of the model's viewpoint that matched; empty for its main view.
    """
    positive = [one for one in examples if one.weight > 0 and not isinstance(one, ItemsExample)]
    if not positive:
        st.info(
            "This model matches the centroid of a set of models, which has no picture to compare.",
            icon=":material/info:",
        )
        return
    names = [_name(catalogue, one, number) for number, one in enumerate(positive, start=1)]
    chosen = 0
    if len(positive) > 1:
        chosen = st.selectbox(
            "Compare with", range(len(positive)), format_func=names.__getitem__, key="why-example"
        )
    example = positive[chosen]
    try:
        with st.spinner("Comparing…"):
            network = network_loader.network()
            first = search.example_cutout(example, catalogue, network)
            if viewpoint:
                seen = decoding.decode(catalogue.pictures.viewpoint(item, viewpoint))
                [second] = segmentation.cut_out(network, [seen])
            else:
                second = item_cutouts.of_item(catalogue, item)
            match = explain.match(
                first,
                second,
                descriptor=search_caches.descriptor(catalogue, descriptor),
                network=network,
                space=space,
                first_as=example.query_kind if isinstance(example, PictureExample) else "model",
            )
    except LookalikeError as error:
        st.warning(messages.error_message(error), icon=":material/info:")
        return
    for column, cut, match_map, name in zip(
        st.columns(2),
        (first, second),
        (match.first, match.second),
        (names[chosen], f"{item.name}, {cards.SEEN_FROM[viewpoint]}" if viewpoint else item.name),
        strict=True,
    ):
        with column:
            shown = heat_map.overlay(cut, match_map, strongest=match.strongest, size=_SIDE)
            st.image(shown, width="stretch", alt=f"{name}, with the matching parts highlighted")
            st.caption(url_state.escape_markdown(name))
    share = explain.concentration(match.second)
    st.markdown(
        f"The score is **{match.score:.2f}**. "
        + ("The picture matches when it is mirrored. " if match.mirrored else "")
        + "The brighter a part, the more it contributed: the strongest quarter of "
        f"{url_state.escape_markdown(item.name)} contributed {share:.0%}."
    )
    if descriptor == COMPACT:
        st.caption(
            "The contributions of all parts add up to exactly the score. What all pictures of the "
            "catalogue have in common is removed before they are compared, so a part can also "
            "lower the score; such parts are not highlighted."
        )
    else:
        st.caption(
            "The contributions of all parts add up to exactly the score. Each part is compared "
            "with the same place in the other picture."
        )


def _name(catalogue: Catalogue, example: Example, number: int) -> str:
    if isinstance(example, ItemExample):
        return catalogue.items.get(example.item_id).name
    return "Your picture" if number == 1 else f"Your picture, example {number}"
