"""Map: the whole catalogue at a glance; models that look alike lie close together."""

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.map import (
    arrangements,
    building,
    colouring,
    layers,
    legend_panel,
    map_frame,
    url_selection,
)
from components.map import caches as map_caches
from components.map.colouring import Colouring
from components.map.fold import fold
from components.map.map_data import MapData
from components.map.map_view import (
    Appearance,
    Contents,
    Frame,
    Handlers,
    Highlights,
    Position,
    map_view,
)
from components.map.selection_panel import show_selected, show_whole
from components.map.url_selection import Selection
from components.shared import (
    backgrounds,
    controls,
    filters,
    navigation,
    page_errors,
    titles,
    url_state,
)
from components.shared.session import session
from core.catalogue import Catalogue, Filters
from core.counting import counted


def show(catalogue: Catalogue, map_: MapData) -> None:
    """The map, and over it its controls, the selection and the legend."""
    # Always there: the map would be drawn anew if it came and went with what is said in it.
    with st.container():
        marked = map_frame.marked_row(map_)
        colour_options = colouring.options(map_, similarity=marked is not None)
        colour_by = colouring.from_url(colour_options)
        chosen_filters = filters.from_url(catalogue)
        selection = url_selection.from_url(map_)
        layouts = map_caches.layouts(catalogue, map_)
        layout = url_state.choice("layout", layouts, "map")
        item_id = "" if marked is None else map_.items[marked].id
        colours = colouring.uniform(len(map_.items))
        # Similarity needs vectors, which may be of another version than the map.
        if colour_by:
            with page_errors.reported():
                colours = map_caches.colouring(
                    catalogue, map_, colour_by, item_id, hides_backgrounds=session.hides_backgrounds
                )
    matches = map_.mask(catalogue.items.ids(chosen_filters)) if chosen_filters else None
    # The map takes the window; what else there is floats over it.
    with st.container(key="map-stage"):
        show_map(catalogue, map_, layout, colours, matches, selection, marked)
        with st.container(key="map-options"):
            fold(key="fold-options", label="Options")
            show_controls(catalogue, colour_options, colour_by, layouts, layout, chosen_filters)
        with st.container(key="map-panel"):
            label = "Legend" if colour_by else "About this map"
            fold(
                key="fold-panel",
                label=label if selection is None else "Legend and selection",
                opens="" if selection is None else selection.text,
            )
            if matches is not None:
                show_match_count(matches)
            # Above the selection, which may have many pictures, and always at one place.
            legend_panel.show(colours, colour_by, selection)
            if selection is not None:
                with page_errors.reported():
                    show_selected(catalogue, map_, selection, matches, colours)
            else:
                show_whole(catalogue, map_, colours)
            show_footer(catalogue, map_, layout)


def show_controls(
    catalogue: Catalogue,
    colour_options: dict[str, str],
    colour_by: str,
    layouts: dict[str, str],
    layout: str,
    chosen_filters: Filters,
) -> None:
    """Layout, filters, layers and colours."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        # A view is that of one layout.
        controls.one_of("Layout", "layout", layouts, layout, default="map", removed=["view"])
        filters.choose(catalogue, chosen_filters)
        with st.popover("Display", icon=":material/visibility:"):
            layers.toggles()
            backgrounds.toggle(catalogue)
        # Last: there is one more to choose from while a model is marked.
        if colour_options:
            default = colouring.default(colour_options)
            controls.one_of("Colours", "colour", colour_options, colour_by, default=default)


def show_map(
    catalogue: Catalogue,
    map_: MapData,
    layout: str,
    colours: Colouring,
    matches: NDArray[np.bool_] | None,
    selection: Selection | None,
    marked: int | None,
) -> None:
    coordinates = arrangements.coordinates(map_, layout)
    linked_pictures: list[str] = []
    near: list[int] = []
    if marked is None:
        query, linked = map_frame.query_from_search(map_, coordinates)
    else:
        near = map_frame.neighbours(catalogue, map_, marked)
        query, linked = None, near[: map_frame.LINKED_NEIGHBOURS]
        linked_pictures = map_frame.pictures(catalogue, map_, linked[: map_frame.CARD_NEIGHBOURS])
    frame = None
    if selection is not None and selection.rows.any():
        frame = Frame.around(
            coordinates, selection.rows, tag=selection.text, follow=selection.is_group
        )
    elif marked is not None:
        # Only where a link leads to it: a click must not move the map.
        frame = Frame.around(
            coordinates, [marked, *linked], tag=map_.items[marked].id, follow=False
        )
    elif query is not None:
        frame = Frame.around(coordinates, linked, tag="query")
    is_map = layout == "map"
    count = counted(len(map_.items), "model")
    contents = Contents(
        points=map_.url,
        label=f"Map of {catalogue.title}: {count}. The arrow keys move from model to model, Enter "
        "shows a model with its neighbours, and Enter again opens it. Plus and minus zoom. The "
        "panels over the map hold the same information as text.",
        appearance=Appearance(
            layout=layout,
            arrangements=arrangements.serve(catalogue, map_, layout),
            colouring=colours,
            thumbnails=map_frame.thumbnails(catalogue, map_),
            landmarks=map_frame.landmarks(map_) if is_map else (),
            stops=map_caches.stops(catalogue, map_) if is_map else (),
            options=layers.from_url(),
        ),
        highlights=Highlights(
            matches=matches,
            selected=None if selection is None else selection.rows,
            marked=marked,
            query=query,
            linked=linked,
            linked_pictures=linked_pictures,
            ahead=near,
        ),
        position=Position(frame, url_state.text("view")),
        found=map_frame.found(catalogue, map_),
        model_url=navigation.url("explore", item=""),
        drawing_url=navigation.sketch_pad_url(),
    )
    handlers = Handlers(
        on_select=url_selection.put,
        on_clear=partial(url_selection.put, ""),
        on_mark=map_frame.mark,
        on_find=map_frame.find,
    )
    map_view(contents, key="map", handlers=handlers)


def show_match_count(matches: NDArray[np.bool_]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if matches.any():
            st.caption(
                f"{matches.sum():,} of {len(matches):,} models match the filters; the others are "
                "grey."
            )
        else:
            st.info("No models match the filters.", icon=":material/filter_alt:")
        filters.clear_button("map")


def show_footer(catalogue: Catalogue, map_: MapData, layout: str) -> None:
    """How to read and use the map, and whether it should be computed again."""
    if layout == "category" and (folded := arrangements.folded(map_)):
        smallest = counted(folded, "category", "categories")
        st.caption(f"“{arrangements.OTHER}” holds the smallest: {smallest}.")
    st.caption(
        f"{counted(len(map_.items), 'model')}. Models that look alike lie close together; large "
        "distances mean little. Click a model to see its neighbours, and click it again to open "
        "it. Drag to move, scroll or pinch to zoom, hold Shift to draw a lasso."
    )
    building.show_outdated(catalogue, map_)


@st.fragment
@page_errors.as_sentences
def page() -> None:
    """The page as a fragment: a selection does not run the bar again."""
    navigation.leave_if_asked()
    catalogue = navigation.open_catalogue(heading="Map")
    titles.set_title("Map", catalogue.title)
    titles.unseen_heading(f"Map of {catalogue.title}")
    if name := session.saved_collection:
        del session.saved_collection
        st.toast(f"Saved as “{url_state.escape_markdown(name)}”. Find it under Filters.")
    map_ = map_caches.current_map(catalogue)
    if map_ is None:
        building.show_no_map(catalogue)
    else:
        show(catalogue, map_)
        map_caches.preload_index(catalogue)
        map_caches.preload_grid(map_)


navigation.guard()
page()
