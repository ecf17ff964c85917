"""Map: the whole catalogue at a glance; models that look alike lie close together."""

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.map import arrangements, colouring, map_frame, palette, url_selection
from components.map import caches as map_caches
from components.map.colouring import Colouring
from components.map.fold import fold
from components.map.legend import legend
from components.map.map_data import MapData
from components.map.map_view import (
    Appearance,
    Contents,
    DisplayOptions,
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
    failures,
    filters,
    job_panel,
    links,
    navigation,
    titles,
    url_state,
)
from components.shared.session import session
from core import jobs, search
from core.catalogue import Catalogue, Filters
from core.counting import counted

# The layers that can be hidden, and what the page calls them.
LAYERS = {
    "landmarks": "Landmarks and names",
    "pictures": "Pictures",
    "cards": "Hover cards",
}


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
            with failures.reported():
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
            show_legend(colours, colour_by, selection)
            if selection is not None:
                with failures.reported():
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
            for layer, label in LAYERS.items():
                st.toggle(label, key=f"show-{layer}", value=is_shown(layer), on_change=put_layers)
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
    if marked is None:
        query, linked = map_frame.query_from_search(map_, coordinates)
    else:
        query, linked = None, map_frame.neighbours(catalogue, map_, marked)
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
            options=DisplayOptions(**{layer: is_shown(layer) for layer in LAYERS}),
        ),
        highlights=Highlights(
            matches=matches,
            selected=None if selection is None else selection.rows,
            marked=marked,
            query=query,
            linked=linked,
            linked_pictures=linked_pictures,
        ),
        position=Position(frame, url_state.text("view")),
        found=map_frame.found(catalogue, map_),
        model_url=navigation.url("explore", item=""),
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
    missing = catalogue.items.count() - len(map_.items)
    outdated = not search.is_of_this_version(map_.fingerprint)
    if not (map_.added_later or missing or outdated or jobs.running(catalogue.job_file)):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if outdated:
            st.caption("This map was made by another version of Lookalike.")
        if map_.added_later:
            added = counted(map_.added_later, "model was", "models were")
            st.caption(f"{added} added later, next to similar models.")
        if missing > 0:
            st.caption(f"{counted(missing, 'model is', 'models are')} not on the map yet.")
        offer_to_build(catalogue, "Recompute layout", "--rebuild-map")


def offer_to_build(catalogue: Catalogue, label: str, *options: str) -> None:
    """Show a button that builds the map in a job of its own, and the progress of the job."""
    working = jobs.running(catalogue.job_file)
    job_panel.show_launch_error()
    st.button(
        label,
        icon=":material/scatter_plot:",
        disabled=working,
        on_click=job_panel.launch_job,
        args=(catalogue.name, catalogue.title, ["index", catalogue.name, *options]),
    )
    job_panel.progress(catalogue.name, working)


def show_legend(colours: Colouring, colour_by: str, selection: Selection | None) -> None:
    """What the colours mean; clicking a group selects it and moves the map to it."""
    if colours.entries:
        plural = colouring.PLURALS[colour_by]
        has_all = len(colours.entries) < colouring.MAX_GROUPS
        listed = plural if has_all else f"The {colouring.MAX_GROUPS} largest {plural.lower()}"
        st.caption(f"{listed}: select one to show it alone")
        legend(
            colours.entries,
            key="legend",
            label=plural,
            chosen="" if selection is None else selection.text,
            is_folded=selection is not None,
            link=url_selection.toggle_link,
            on_choose=url_selection.toggle,
        )
    elif colour_by == "similarity":
        st.html(
            '<div class="ramp"><span>less similar</span>'
            f'<i style="background:linear-gradient(90deg,{",".join(palette.ramp())})"></i>'
            "<span>more similar</span></div>"
        )


def is_shown(layer: str) -> bool:
    return layer not in url_state.text("hide").split(".")


def put_layers() -> None:
    """Write the hidden layers to the URL. Only in callbacks."""
    hidden = [layer for layer in LAYERS if not st.session_state[f"show-{layer}"]]
    url_state.change(hide=".".join(hidden))


def show_no_map(catalogue: Catalogue) -> None:
    """Say why there is no map, and offer to build it."""
    if not catalogue.items.count():
        st.info(
            "This catalogue is empty. Import models on the Catalogues page.",
            icon=":material/inventory_2:",
        )
        links.row([links.Link("Go to Catalogues", navigation.url("catalogues"), "inventory_2")])
        return
    st.info("This catalogue has no map yet.", icon=":material/scatter_plot:")
    offer_to_build(catalogue, "Build map")


@st.fragment
@failures.as_sentences
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
        show_no_map(catalogue)
    else:
        show(catalogue, map_)
        map_caches.preload_index(catalogue)
        map_caches.preload_grid(map_)


navigation.guard()
page()
