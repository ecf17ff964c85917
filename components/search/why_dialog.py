"""The dialog that explains a match: both pictures, and which parts contributed to the score."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.search import caches as search_caches
from components.search import heat_map, network_loader, query_state
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
# The share of the strongest quarter of a picture in the contributions from which they lie in one
# place: if all parts contribute the same, it has .24; of pairs of neighbours, half have .49.
_CONCENTRATED = 0.45


@dataclass(frozen=True, slots=True)
class _Explanation:
    """Why a model matches an example.

    Attributes:
        first: what is compared of the example.
        second: what is compared of the model.
        match: which of their parts contributed.
        compared_as: as what the example matches better, if it is compared both as a drawing and as
            a photo; otherwise empty.
    """

    first: Cutout
    second: Cutout
    match: Match
    compared_as: str


def show(
    catalogue: Catalogue,
    results: Results,
    item_id: str,
    examples: Sequence[Example],
    descriptor: str,
) -> None:
    """Explain why a model is among the results of a query with these examples."""
    neighbour = next((one for one in results.neighbours if one.item.id == item_id), None)
    if neighbour is None:
        return

    @st.dialog("Why they match", width="large")
    def dialog() -> None:
        # By this key the dialog is wide from its beginning: see why_dialog.css.
        with st.container(key="why"):
            _show_match(catalogue, neighbour, examples, descriptor, results.space)

    dialog()


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
    names = [_name(catalogue, one) for one in positive]
    chosen = 0
    if len(positive) > 1:
        chosen = st.selectbox(
            "Compare with", range(len(positive)), format_func=names.__getitem__, key="why-example"
        )
    try:
        with st.spinner("Comparing…"):
            found = _explain(catalogue, neighbour, positive[chosen], descriptor, space)
    except LookalikeError as error:
        st.warning(messages.error_message(error), icon=":material/info:")
        messages.show_way_out(error)
        return
    match = found.match
    name, seen_from = neighbour.item.name, cards.SEEN_FROM.get(neighbour.viewpoint)
    for column, cut, match_map, shown_name in zip(
        st.columns(2),
        (found.first, found.second),
        (match.first, match.second),
        (
            ", ".join(filter(None, (names[chosen], found.compared_as))),
            ", ".join(filter(None, (name, seen_from))),
        ),
        strict=True,
    ):
        with column:
            shown = heat_map.overlay(cut, match_map, strongest=match.strongest, size=_SIDE)
            label = f"{shown_name}, with the matching parts highlighted"
            st.image(shown, width="stretch", alt=label)
            st.caption(url_state.escape_markdown(shown_name))
    st.markdown(sentence(match))
    together = ""
    if len(examples) > 1:
        together = "With all examples"
    elif found.compared_as:
        together = "Compared both as a drawing and as a photo"
    with st.expander("Details"):
        _show_details(match, neighbour, descriptor, together=together)


def _explain(
    catalogue: Catalogue, neighbour: Neighbour, example: Example, descriptor: str, space: Space
) -> _Explanation:
    """Return why a model matches an example, as a drawing or as a photo if both are compared."""
    network = network_loader.network()
    firsts = search.example_cutouts(example, catalogue, network)
    if descriptor != COMPACT:
        # The whole picture is compared, whatever it shows.
        firsts = firsts[:1]
    if neighbour.viewpoint:
        seen = decoding.decode(catalogue.pictures.viewpoint(neighbour.item, neighbour.viewpoint))
        [second] = segmentation.cut_out(network, [seen])
    else:
        second = item_cutouts.of_item(catalogue, neighbour.item)
    matches = [
        explain.match(
            first,
            second,
            descriptor=search_caches.descriptor(catalogue, descriptor),
            network=network,
            space=space,
            first_as=example.query_kind if isinstance(example, PictureExample) else "model",
        )
        for first in firsts
    ]
    first, match = max(zip(firsts, matches, strict=True), key=lambda pair: pair[1].score)
    compared_as = "as a drawing" if first.basis == "ink" else "as a photo"
    return _Explanation(first, second, match, compared_as if len(firsts) > 1 else "")


def sentence(match: Match) -> str:
    """Return in plain words what the highlighted parts say."""
    share = explain.concentration(match.second)
    they = "Mirrored, they" if match.mirrored else "They"
    if share == 0:
        return f"{they} have no matching part."
    if share < _CONCENTRATED:
        return f"{they} match almost everywhere; the brightest areas match best."
    return f"{they} match best in the bright areas."


def _show_details(match: Match, neighbour: Neighbour, descriptor: str, *, together: str) -> None:
    """Show the figures behind the pictures, and what they mean.

    `together` says what else makes the score of the neighbour; empty if nothing does.
    """
    name = url_state.escape_markdown(neighbour.item.name)
    above = f"**{neighbour.z_score:.1f}σ** above the median for this query"
    if together:
        score = (
            f"These two pictures score **{match.score:.2f}**. {together}, {name} scores "
            f"**{neighbour.score:.2f}**, which lies {above}."
        )
    else:
        score = f"The score is **{match.score:.2f}**, which lies {above}."
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


def _name(catalogue: Catalogue, example: ItemExample | PictureExample) -> str:
    if isinstance(example, ItemExample):
        return catalogue.items.get(example.item_id).name
    return query_state.picture_name(example)
