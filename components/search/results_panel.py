"""The lookalikes of a query."""

import io
from dataclasses import replace
from functools import partial

import streamlit as st

from components.search import caches as search_caches
from components.search import network_loader, url_examples, why_dialog
from components.shared import (
    asset_urls,
    caches,
    cards,
    controls,
    export_menu,
    filters,
    navigation,
    url_state,
)
from components.widgets.gallery import Action, gallery
from core import search
from core.catalogue import Catalogue
from core.errors import LookalikeError
from core.pictures import resizing
from core.search import Query, Results, region_index

ACTIONS = (*url_examples.ACTIONS, Action("why", "Why?", "why", "?"))
# The long side of a picture that the map is sent, in pixels.
ON_MAP = 160


def show_lookalikes(catalogue: Catalogue, query: Query, by: str, k: int) -> None:
    """What looks like the examples, why, and as files."""
    generation = catalogue.revision

    def look() -> Results:
        if query.for_parts:
            return search.run_for_parts(
                query,
                catalogue=catalogue,
                parts=search_caches.region_index(catalogue.name, generation),
                look=partial(region_index.embed_region, network_loader.network()),
                k=k,
            )
        return search.run(
            query,
            catalogue=catalogue,
            index=caches.index(catalogue.name, generation, by, query.space),
            embed=search_caches.embedder(catalogue.name, generation, by)
            if query.needs_network
            else None,
            viewpoints=search_caches.viewpoints(catalogue.name, generation, by)
            if query.needs_network
            else None,
            k=k,
        )

    try:
        if not query.needs_network or network_loader.network_is_ready():
            results = look()
        else:
            with st.spinner("Waking up the network: a few seconds, only once…"):
                results = look()
    except LookalikeError as error:
        st.warning(url_state.escape_markdown(str(error)), icon=":material/info:")
        return
    if not results.neighbours:
        show_no_results(query)
        return
    found = results
    if controls.strong_matches_only():
        outstanding = [one for one in results.neighbours if one.z_score >= results.z_cutoff]
        found = replace(results, neighbours=tuple(outstanding))
    if found.neighbours:
        gallery(
            cards.of_neighbours(catalogue, found.neighbours, z_cutoff=results.z_cutoff),
            key="lookalikes",
            label="Lookalikes",
            actions=url_examples.ACTIONS if query.for_parts else ACTIONS,
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
        controls.strong_matches_toggle()
        export_menu.export_results(catalogue, found, query, by)
        if found.neighbours and st.button("Show on map", icon=":material/scatter_plot:"):
            show_on_map(catalogue, query, found)
    st.caption(footnotes(query, results))
    if item_id := st.session_state.pop("why", None):
        viewpoints = {one.item.id: one.viewpoint for one in results.neighbours}
        why_dialog.show(
            catalogue,
            catalogue.items.get(item_id),
            list(query.examples),
            by,
            query.space,
            viewpoint=viewpoints.get(item_id, ""),
        )


def show_on_map(catalogue: Catalogue, query: Query, found: Results) -> None:
    """Go to the map, where what is looked for is put among its lookalikes."""
    first = next(one for one in query.examples if one.weight > 0)
    try:
        buffer = io.BytesIO()
        resizing.shrink(search.example_picture(first, catalogue), side=ON_MAP).save(
            buffer, "JPEG", quality=85
        )
        src = cards.data_url(buffer.getvalue())
    except LookalikeError:
        # Several models have no picture of their own: the most typical stands for them.
        src = asset_urls.picture(catalogue, catalogue.items.get_many(first.items[:1])[0])
    scores = [(one.item.id, one.score) for one in found.neighbours]
    st.session_state["sent_to_map"] = (src, scores)
    navigation.link_to("map", **{"from": "search"})


def footnotes(query: Query, results: Results) -> str:
    """What the figures mean, and what the address keeps."""
    notes = [
        "Below a picture: the cosine, and how many standard deviations (σ) it lies above the "
        f"middle of all for this question. By chance the best would reach {results.z_cutoff:.1f}σ."
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
        url_examples.add(item_id, weight=url_examples.ACTS[action])


def show_no_results(query: Query) -> None:
    """Say why there is no lookalike, and what to do."""
    st.info("There is nothing to compare with here.", icon=":material/search_off:")
    if query.filters:
        filters.clear_button("from nothing")
