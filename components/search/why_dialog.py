"""The dialog that explains a match: both pictures, and which parts contributed to the score."""

from collections.abc import Sequence

import streamlit as st

from components.search import caches as search_caches
from components.search import heat_map, network_loader
from components.shared import cards, messages, url_state
from core import search
from core.catalogue import Catalogue
from core.descriptors import COMPACT, Space, item_cutouts
from core.errors import LookalikeError
from core.pictures import decoding
from core.search import (
    Example,
    ItemExample,
    ItemsExample,
    Neighbour,
    PictureExample,
    Results,
    explain,
)
from core.search.explain import Match
from core.vision import segmentation
from core.vision.cutout import Cutout

# The longer side of each picture, in pixels.
_SIDE = 640
# The share of the contributions from which the strongest quarter of a picture stands out: if all
# parts contribute the same, it has .24; of pairs of neighbours, half have .49.
_STANDS_OUT = 0.45


def show(
    catalogue: Catalogue,
    results: Results,
    item_id: str,
    examples: Sequence[Example],
    descriptor: str,
) -> None:
    """Explain why a model is among the results of a query with these examples."""
    neighbour = next((one for one in results.neighbours if one.item.id == item_id), None)
    if neighbour is not None:
        _show(catalogue, neighbour, examples, descriptor, results.space)


@st.dialog("Why they match", width="large")
def _show(
    catalogue: Catalogue,
    neighbour: Neighbour,
    examples: Sequence[Example],
    descriptor: str,
    space: Space,
) -> None:
    # By this key the dialog is wide from its beginning: see why_dialog.css.
    with st.container(key="why"):
        _show_match(catalogue, neighbour, examples, descriptor, space)


def _show_match(
    catalogue: Catalogue,
    neighbour: Neighbour,
    examples: Sequence[Example],
    descriptor: str,
    space: Space,
) -> None:
    """Show why a model matches one of the positive examples."""
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
            first, second, match = _explained(catalogue, neighbour, example, descriptor, space)
    except LookalikeError as error:
        st.warning(messages.error_message(error), icon=":material/info:")
        return
    name, seen_from = neighbour.item.name, cards.SEEN_FROM.get(neighbour.viewpoint)
    for column, cut, match_map, shown_name in zip(
        st.columns(2),
        (first, second),
        (match.first, match.second),
        (names[chosen], f"{name}, {seen_from}" if seen_from else name),
        strict=True,
    ):
        with column:
            shown = heat_map.overlay(cut, match_map, strongest=match.strongest, size=_SIDE)
            label = f"{shown_name}, with the matching parts highlighted"
            st.image(shown, width="stretch", alt=label)
            st.caption(url_state.escape_markdown(shown_name))
    st.markdown(sentence(match))
    with st.expander("Details"):
        _show_details(match, neighbour, descriptor, is_alone=len(examples) == 1)


def _explained(
    catalogue: Catalogue, neighbour: Neighbour, example: Example, descriptor: str, space: Space
) -> tuple[Cutout, Cutout, Match]:
    """Return the example and the model as they are compared, and why they match."""
    network = network_loader.network()
    first = search.example_cutout(example, catalogue, network)
    if neighbour.viewpoint:
        seen = decoding.decode(catalogue.pictures.viewpoint(neighbour.item, neighbour.viewpoint))
        [second] = segmentation.cut_out(network, [seen])
    else:
        second = item_cutouts.of_item(catalogue, neighbour.item)
    match = explain.match(
        first,
        second,
        descriptor=search_caches.descriptor(catalogue, descriptor),
        network=network,
        space=space,
        first_as=example.query_kind if isinstance(example, PictureExample) else "model",
    )
    return first, second, match


def sentence(match: Match) -> str:
    """Return in plain words what the highlighted parts say."""
    share = explain.concentration(match.second)
    they = "Mirrored, they" if match.mirrored else "They"
    if share == 0:
        return f"{they} have no matching part."
    if share < _STANDS_OUT:
        return f"{they} match almost everywhere; the brightest areas match best."
    return f"{they} match best in the bright areas."


def _show_details(match: Match, neighbour: Neighbour, descriptor: str, *, is_alone: bool) -> None:
    """Show the figures behind the pictures, and what they mean."""
    name = url_state.escape_markdown(neighbour.item.name)
    above = f"**{neighbour.z_score:.1f}σ** above the median for this query"
    if is_alone:
        score = f"The score is **{match.score:.2f}**, which lies {above}."
    else:
        score = (
            f"The score of these two pictures is **{match.score:.2f}**. With all examples, {name} "
            f"has **{neighbour.score:.2f}**, which lies {above}."
        )
    share = explain.concentration(match.second)
    st.markdown(f"{score} The strongest quarter of {name} contributed {share:.0%} of it.")
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
