"""Map: the whole catalogue at a glance; what looks alike lies together."""

from functools import partial

import numpy as np
import streamlit as st

from components.map import caches as map_caches
from components.map import colouring, palette, url_selection
from components.map.colouring import Colouring
from components.map.legend import legend
from components.map.map_data import LAYOUTS, MapData
from components.map.map_frame import landmarks, marked_row, mask_of, neighbours, visiting
from components.map.map_view import Frame, Shown, map_view
from components.map.selection_panel import show_selected, show_whole
from components.map.url_selection import Selection
from components.shared import asset_urls, controls, filters, job_panel, navigation, url_state
from core import jobs, search
from core.catalogue import Catalogue, Filters
from core.errors import LookalikeError

# A view of the whole map.
ALL = "all"
# What can be switched off, in the words of the page.
SHOWN = {
    "landmarks": "Landmarks and names",
    "pictures": "Pictures when enlarged",
    "cards": "Card beside the pointer",
}


def show(catalogue: Catalogue, chart: MapData) -> None:
    """The map, and beside it what is selected, or what the colours mean."""
    name, generation = catalogue.name, catalogue.revision
    marked = marked_row(chart)
    looked_at = "" if marked is None else chart.items[marked].id
    ways = colouring.ways(chart, likeness=marked is not None)
    way = url_state.choice("colour", list(ways), first_way(ways)) if ways else ""
    narrowed = filters.from_url(catalogue)
    chosen = url_selection.from_url(chart)
    layout = url_state.choice("layout", list(LAYOUTS), "map")

    show_controls(catalogue, ways, way, layout, narrowed)
    coloured = (
        map_caches.colouring(name, generation, way, looked_at if way == "similarity" else "")
        if way
        else colouring.uniform(len(chart.items))
    )
    matches = mask_of(chart, catalogue.items.ids(narrowed)) if narrowed else None
    left, right = st.columns([13, 5], gap="medium")
    with left:
        show_map(catalogue, chart, coloured, matches, chosen, marked, layout)
        if matches is not None:
            tell_matches(matches)
        foot(catalogue, chart)
    with right:
        if marked is not None:
            show_marked(catalogue, chart, marked)
        if chosen is not None:
            show_selected(catalogue, chart, chosen, matches, coloured)
        show_legend(coloured, way, chosen)
        if chosen is None:
            show_whole(catalogue, chart, coloured)


def show_controls(
    catalogue: Catalogue, ways: dict[str, str], way: str, layout: str, narrowed: Filters
) -> None:
    """What the colours mean, how models are laid out, and which of them count."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        if ways:
            controls.one_of("Colours", "colour", ways, way, default=first_way(ways))
        controls.one_of("Laid out as", "layout", LAYOUTS, layout, default="map")
        filters.choose(catalogue, narrowed)
        with st.popover("Show", icon=":material/visibility:"):
            for part, words in SHOWN.items():
                st.toggle(words, key=f"show-{part}", value=is_shown(part), on_change=keep_shown)


def show_map(
    catalogue: Catalogue,
    chart: MapData,
    coloured: Colouring,
    matches: np.ndarray | None,
    chosen: Selection | None,
    marked: int | None,
    layout: str,
) -> None:
    places = chart.layouts[layout]
    if marked is None:
        visitor, joined = visiting(chart)
    else:
        visitor, joined = None, neighbours(catalogue, chart, marked)
    view, frame = url_state.text("view"), None
    if chosen is not None and chosen.rows.any():
        frame = Frame.around(places[chosen.rows], tag=chosen.text, follow=chosen.is_group)
    elif marked is not None:
        item_id = chart.items[marked].id
        left_for, left_at = st.session_state.get("left_map", ("", ""))
        # Back from a model that was opened here, the map is as it was left.
        view = view or (left_at if left_for == item_id else "")
        frame = Frame.around(places[[marked, *joined]], tag=item_id, follow=left_for != item_id)
    elif visitor is not None:
        frame = Frame.around(places[joined], tag="visitor")
    map_view(
        chart,
        key="map",
        label=f"Map of the {len(chart.items):,} models of {catalogue.title}. Arrow keys go from "
        "model to model, Enter opens one, plus and minus enlarge. The lists beside the map say "
        "the same in words.",
        pictures=asset_urls.picture_template(catalogue),
        layout=layout,
        colouring=coloured,
        matches=matches,
        selected=None if chosen is None else chosen.rows,
        marked=marked,
        linked=joined,
        visitor=visitor,
        landmarks=landmarks(chart) if layout == "map" else (),
        shown=Shown(**{part: is_shown(part) for part in SHOWN}),
        frame=frame,
        view=view,
        on_open=leave,
        on_select=url_selection.put,
        on_clear=partial(url_selection.put, ""),
    )


def tell_matches(matches: np.ndarray) -> None:
    """How many models the filters let through; the others are grey."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if matches.any():
            st.caption(
                f"{matches.sum():,} of {len(matches):,} match the filters; the rest is grey."
            )
        else:
            st.info("No model matches the filters: all are grey.", icon=":material/filter_alt:")
        filters.clear_button("from the map")


def leave(item_id: str, view: str) -> None:
    """Open a model, and remember where the map was left. Only in callbacks."""
    st.session_state["left_map"] = (item_id, view or ALL)
    navigation.link_to("explore", item=item_id)


def foot(catalogue: Catalogue, chart: MapData) -> None:
    """What the map shows, in a line, and how it is brought up to date."""
    st.caption(
        f"{len(chart.items):,} models. What looks alike lies together; distances far across mean "
        "little. Rest on a point to see it, click to open it; drag to move, scroll to zoom; hold "
        "Shift to draw a lasso."
    )
    missing = catalogue.items.count() - len(chart.items)
    outdated = not search.is_of_this_version(chart.fingerprint)
    if not (chart.later or missing or outdated or jobs.running(catalogue.job_file)):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if outdated:
            st.caption("This map was drawn by another version of Lookalike.")
        if chart.later:
            st.caption(
                f"{chart.later:,} came later and lie among their neighbours; the others did not "
                "move for them."
            )
        if missing > 0:
            st.caption(f"{missing:,} are not on the map yet.")
        offer_to_draw(catalogue, "Lay out anew", "--new-map")


def offer_to_draw(catalogue: Catalogue, words: str, *options: str) -> None:
    """Let the map be drawn, in a process of its own; and how far that is."""
    working = jobs.running(catalogue.job_file)
    job_panel.show_trouble()
    st.button(
        words,
        icon=":material/scatter_plot:",
        disabled=working,
        on_click=job_panel.launch_job,
        args=(catalogue.name, catalogue.title, ["index", catalogue.name, *options]),
    )
    job_panel.progress(catalogue.name, working)


def show_marked(catalogue: Catalogue, chart: MapData, marked: int) -> None:
    """The model that is looked at."""
    item = chart.items[marked]
    with st.container(horizontal=True, vertical_alignment="center", key="marked"):
        if (thumbnail := catalogue.pictures.thumbnail(item)).exists():
            st.image(str(thumbnail), width=56, alt=item.name)
        st.markdown(f"**{url_state.escape_markdown(item.name)}**", width="stretch")
        st.button(
            "Open",
            key="open-marked",
            on_click=lambda: navigation.link_to("explore", item=item.id),
        )
        st.button(
            "",
            key="unmark",
            icon=":material/close:",
            help="Look at none",
            type="tertiary",
            on_click=lambda: url_state.change(item=None, view=None, colour=None),
        )


def show_legend(coloured: Colouring, way: str, chosen: Selection | None) -> None:
    """What the colours mean; a group that is chosen is selected and framed."""
    if coloured.entries:
        plural = colouring.PLURALS[way]
        st.caption(f"{plural}: choose one to see it alone")
        legend(
            coloured.entries,
            key="legend",
            label=plural,
            chosen="" if chosen is None else chosen.text,
            on_choose=url_selection.choose,
        )
    elif way == "similarity":
        st.html(
            '<div class="ramp"><span>less like it</span>'
            f'<i style="background:linear-gradient(90deg,{",".join(palette.ramp())})"></i>'
            "<span>more</span></div>"
        )


def first_way(ways: dict[str, str]) -> str:
    return "category" if "category" in ways else next(iter(ways), "")


def is_shown(part: str) -> bool:
    return part not in url_state.text("hide").split(".")


def keep_shown() -> None:
    hidden = [part for part in SHOWN if not st.session_state[f"show-{part}"]]
    url_state.change(hide=".".join(hidden))


def no_map(catalogue: Catalogue) -> None:
    """Say why there is no map, and let it be drawn."""
    if not catalogue.items.count():
        st.info(
            "This catalogue is empty. Import pictures into it on the page Catalogues.",
            icon=":material/inventory_2:",
        )
        return
    st.info("There is no map of this catalogue yet.", icon=":material/scatter_plot:")
    offer_to_draw(catalogue, "Draw the map")


@st.fragment
def page() -> None:
    """The page as a fragment: a selection runs it without the bar."""
    catalogue = navigation.open_catalogue()
    if name := st.session_state.pop("collected", None):
        st.toast(f"Kept as “{url_state.escape_markdown(name)}”. The filters find it again.")
    try:
        chart = map_caches.current_map(catalogue.name, catalogue.revision)
        if chart is None:
            no_map(catalogue)
        else:
            show(catalogue, chart)
            map_caches.preload_index(catalogue.name, catalogue.revision)
    except LookalikeError as error:
        st.error(url_state.escape_markdown(str(error)), icon=":material/error:")


navigation.guard()
page()
