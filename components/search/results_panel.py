"""The lookalikes of a query."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.search import caches as search_caches
from components.search import kept_search, network_loader, url_examples, why_dialog
from components.shared import (
    asset_urls,
    backgrounds,
    caches,
    cards,
    controls,
    export_menu,
    filters,
    messages,
    navigation,
)
from components.shared.session import SentQuery, session
from components.widgets.gallery import gallery
from core import search
from core.catalogue import Catalogue
from core.counting import counted
from core.errors import LookalikeError
from core.pictures import encoding, resizing
from core.search import ItemExample, ItemsExample, Query, Results, region_index

ACTIONS = (cards.MORE_LIKE_THIS, cards.LESS_LIKE_THIS, cards.WHY)
# Matches of regions cannot be explained yet.
REGION_ACTIONS = (cards.MORE_LIKE_THIS, cards.LESS_LIKE_THIS)
# What the page calls strong matches, the others, and the others where there are no strong ones.
STRONG, WEAKER = "Strong matches", "Weaker matches"
NEAREST = "No strong matches. The closest models"
# The longer side of the picture that is sent to the map, in pixels.
SENT_SIDE = 160


@contextmanager
def at_work(place: DeltaGenerator, *, is_busy: bool) -> Iterator[None]:
    """Show a line at the top of `place` while a search runs; the style sheet dims old results."""
    with place, st.container(key="working"):
        line = st.empty()
    if is_busy:
        line.html('<div class="working" role="progressbar" aria-label="Searching"></div>')
    try:
        yield
    finally:
        line.empty()


def show_lookalikes(catalogue: Catalogue, query: Query, descriptor: str, k: int) -> Results | None:
    """Show the `k` best lookalikes, with buttons to explain, export and map them.

    Returns those that are shown, or None if the query cannot be answered.
    """
    try:
        if not query.needs_network or network_loader.network_is_ready():
            results = _search(catalogue, query, descriptor, k)
        else:
            with st.spinner("Loading the model (a few seconds, first time only)…"):
                results = _search(catalogue, query, descriptor, k)
    except LookalikeError as error:
        st.warning(messages.error_message(error), icon=":material/info:")
        messages.show_way_out(error)
        return None
    if not results.neighbours:
        _show_no_results(query)
        return results
    strong = results.strong_matches
    weaker = () if controls.strong_matches_only() else results.weaker_matches
    shown = replace(results, neighbours=strong + weaker)
    first, heading = (strong, STRONG) if strong else (weaker, NEAREST)
    # Both places are always there: one whose matches come or go does not move the other.
    with st.container(key="strong-matches"):
        if first:
            _show_matches(catalogue, query, replace(results, neighbours=first), heading)
        else:
            st.info(
                "No strong match: a picture of something else could score as high.",
                icon=":material/blur_off:",
            )
    with st.container(key="weaker-matches"):
        if strong and weaker:
            _show_matches(catalogue, query, replace(results, neighbours=weaker), WEAKER)
    with st.container(horizontal=True, vertical_alignment="center", key="below"):
        export_menu.export_results(catalogue, shown, query, descriptor)
        if shown.neighbours:
            st.button(
                "Show on map",
                icon=":material/scatter_plot:",
                on_click=_show_on_map,
                args=(catalogue, query, shown),
            )
    st.caption(_footnotes(query, results))
    if item_id := session.explained_item:
        del session.explained_item
        why_dialog.show(catalogue, results, item_id, list(query.examples), descriptor)
    return shown


def counted_matches(results: Results) -> str:
    """Return how many lookalikes are strong and weaker matches, as it is read aloud."""
    strong, weaker = len(results.strong_matches), len(results.weaker_matches)
    if not strong and not weaker:
        return "No matches"
    if not weaker:
        return counted(strong, "strong match", "strong matches")
    return f"{strong or 'No'} strong, {counted(weaker, 'weaker match', 'weaker matches')}"


def _show_matches(catalogue: Catalogue, query: Query, matches: Results, heading: str) -> None:
    """Show some of the lookalikes below a heading, which has their number."""
    st.html(f'<h2 class="row">{heading} <small>{len(matches.neighbours)}</small></h2>')
    gallery(
        cards.of_neighbours(
            catalogue,
            matches,
            link=lambda item_id: navigation.url("explore", item=item_id),
            cut_outs=backgrounds.cut_outs(catalogue),
        ),
        key="weaker" if heading == WEAKER else "lookalikes",
        label=f"Lookalikes: {heading}",
        actions=REGION_ACTIONS if query.has_regions else ACTIONS,
        on_act=_act,
    )


def _search(catalogue: Catalogue, query: Query, descriptor: str, k: int) -> Results:
    if query.has_regions:
        return search.run_regions(
            query,
            catalogue=catalogue,
            regions=search_caches.region_index(catalogue),
            embed_region=partial(region_index.embed_region, network_loader.network()),
            k=k,
        )
    return search.run(
        query,
        catalogue=catalogue,
        index_in=partial(caches.index, catalogue, descriptor),
        embed=search_caches.embedder(catalogue, descriptor) if query.has_pictures else None,
        viewpoints_in=partial(search_caches.viewpoints, catalogue, descriptor),
        k=k,
    )


def _act(action: str, item_id: str) -> None:
    """Explain a lookalike, or make it an example. Only in callbacks."""
    if action == cards.WHY.name:
        session.explained_item = item_id
    else:
        url_examples.add(item_id, weight=cards.EXAMPLE_WEIGHTS[action])


def _show_on_map(catalogue: Catalogue, query: Query, results: Results) -> None:
    """Go to the map, which shows the query's picture among its lookalikes. Only in callbacks."""
    first = next(one for one in query.examples if one.weight > 0)
    if isinstance(first, ItemsExample):
        # A set of models has no picture of its own: its most typical model is shown.
        src = asset_urls.picture(catalogue, catalogue.items.get_many(first.item_ids[:1])[0])
    else:
        picture = resizing.shrink(search.example_picture(first, catalogue), side=SENT_SIDE)
        src = cards.data_url(encoding.jpeg(picture, quality=85))
    scores = {one.item.id: one.score for one in results.neighbours}
    session.sent_query = SentQuery(src, scores)
    navigation.link_to("map", **{"from": "search"})


def _footnotes(query: Query, results: Results) -> str:
    """Return notes on what the numbers mean and what the URL does not hold."""
    notes = [
        "The bar below a picture is empty at the median for this query and full for an identical "
        "picture. Hover over it for the score, and how many standard deviations (σ) that is above "
        "the median."
    ]
    if results.z_cutoff > 0:
        notes.append(f"Pictures of something else seldom reach {results.z_cutoff:.1f}σ.")
    if results.by_colours:
        notes.append(
            "Lines decide what matches; among models whose lines match about equally well, those "
            "with similar colours come first."
        )
    if query.has_regions:
        notes.append("The box shows where the match is.")
    if any(one.mirrored for one in results.neighbours):
        notes.append(f"{cards.MIRRORED} marks models that match when they are mirrored.")
    if any(not isinstance(one, ItemExample) for one in query.examples):
        kept = (
            "which are lost after a reload, because this browser does not keep them."
            if kept_search.is_full()
            else "which this browser tab keeps until it is closed."
        )
        notes.append(f"The URL holds this search except your pictures and sets of models, {kept}")
    return " ".join(notes)


def _show_no_results(query: Query) -> None:
    """Say why there are no lookalikes, and what to do."""
    if query.filters:
        st.info("No models match the filters.", icon=":material/search_off:")
        filters.clear_button("no-results")
    else:
        st.info("There are no models to compare with.", icon=":material/search_off:")
