"""Map: the whole catalogue at a glance; what looks alike lies together."""

from functools import partial

import numpy as np
import streamlit as st

from components import (
    address,
    cached,
    cards,
    colouring,
    controls,
    examples,
    filters,
    navigation,
    palette,
    selection,
    served,
    standalone,
    take_away,
    tray,
    work,
)
from components.chart import LAYOUTS, Chart
from components.colouring import Colouring
from components.gallery import gallery
from components.legend import legend
from components.map_view import Frame, Landmark, Shown, Visitor, map_view
from components.selection import Selection
from core import jobs, search
from core.catalogue import Catalogue, Filters
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.maps import umap_layout
from core.search import Example
from core.similarity import Neighbourhoods

# A view of the whole map.
ALL = "all"
# Models of a selection shown at once.
PER_PAGE = 48
# Neighbours that lines lead to.
JOINED = 9
# What can be switched off, in the words of the page.
SHOWN = {
    "landmarks": "Landmarks and names",
    "pictures": "Pictures when enlarged",
    "cards": "Card beside the pointer",
}


def show(catalogue: Catalogue, chart: Chart) -> None:
    """The map, and beside it what is selected, or what the colours mean."""
    name, generation = catalogue.name, catalogue.generation
    marked = marked_row(chart)
    looked_at = "" if marked is None else chart.items[marked].id
    ways = colouring.ways(chart, likeness=marked is not None)
    way = address.choice("colour", list(ways), first_way(ways)) if ways else ""
    narrowed = filters.in_address(catalogue)
    chosen = selection.in_address(chart)
    layout = address.choice("layout", list(LAYOUTS), "map")

    show_controls(catalogue, ways, way, layout, narrowed)
    coloured = (
        cached.colouring(name, generation, way, looked_at if way == "similarity" else "")
        if way
        else colouring.plain(len(chart.items))
    )
    matches = which(chart, catalogue.ids(narrowed)) if narrowed else None
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
    chart: Chart,
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
    view, frame = address.text("view"), None
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
        pictures=served.picture_template(catalogue),
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
        on_select=selection.put,
        on_clear=partial(selection.put, ""),
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
        filters.look_everywhere("from the map")


def leave(item_id: str, view: str) -> None:
    """Open a model, and remember where the map was left. Only in callbacks."""
    st.session_state["left_map"] = (item_id, view or ALL)
    navigation.link_to("explore", item=item_id)


def foot(catalogue: Catalogue, chart: Chart) -> None:
    """What the map shows, in a line, and how it is brought up to date."""
    st.caption(
        f"{len(chart.items):,} models. What looks alike lies together; distances far across mean "
        "little. Rest on a point to see it, click to open it; drag to move, scroll to zoom; hold "
        "Shift to draw a lasso."
    )
    missing = catalogue.count() - len(chart.items)
    outdated = not search.is_of_this_version(chart.identity)
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
    work.tell_trouble()
    st.button(
        words,
        icon=":material/scatter_plot:",
        disabled=working,
        on_click=work.begin,
        args=(catalogue.name, catalogue.title, ["index", catalogue.name, *options]),
    )
    work.progress(catalogue.name, working)


def show_marked(catalogue: Catalogue, chart: Chart, marked: int) -> None:
    """The model that is looked at."""
    item = chart.items[marked]
    with st.container(horizontal=True, vertical_alignment="center", key="marked"):
        if (thumbnail := catalogue.thumbnail(item)).exists():
            st.image(str(thumbnail), width=56, alt=item.name)
        st.markdown(f"**{address.plain(item.name)}**", width="stretch")
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
            on_click=lambda: address.change(item=None, view=None, colour=None),
        )


def show_whole(catalogue: Catalogue, chart: Chart, coloured: Colouring) -> None:
    """All of the map, to take away."""
    everything = np.ones(len(chart.items), bool)
    take_away.selected(
        catalogue,
        lambda: cached.members(catalogue.name, catalogue.generation, everything.tobytes()),
        selection="",
        name=catalogue.title,
        page=lambda: standalone.page(catalogue, chart, coloured, landmarks(chart)),
    )


def show_selected(
    catalogue: Catalogue,
    chart: Chart,
    chosen: Selection,
    matches: np.ndarray | None,
    coloured: Colouring,
) -> None:
    """What is selected, as a gallery: to open, to search with, to keep and to take away."""
    rows = chosen.rows if matches is None else chosen.rows & matches
    if not rows.any():
        st.info(
            "Nothing is selected: there is no model inside that matches the filters."
            if chosen.rows.any()
            else "There is no model inside the lasso. Draw it around some points.",
            icon=":material/lasso_select:",
        )
        st.button("Select nothing", on_click=selection.put, args=("", address.text("view")))
        return
    found = cached.members(catalogue.name, catalogue.generation, rows.tobytes())
    count = len(found.neighbours)
    st.subheader(address.plain(chosen.name) or "Selected", anchor=False)
    st.caption(f"{count:,} {'model' if count == 1 else 'models'}, the most typical first.")
    ids = [one.item.id for one in found.neighbours]
    with st.container(horizontal=True, key="with-selected"):
        if st.button("Search with them", icon=":material/image_search:", type="primary"):
            tray.start_with(Example(items=tuple(ids)) if count > 1 else Example(item=ids[0]))
            navigation.link_to("search")
        keep(catalogue, ids, chosen)
        take_away.selected(
            catalogue,
            lambda: found,
            selection=chosen.text,
            name=chosen.name,
            page=lambda: standalone.page(catalogue, chart, coloured, landmarks(chart), rows=rows),
        )
        st.button(
            "Clear",
            icon=":material/close:",
            type="tertiary",
            on_click=selection.put,
            args=("", address.text("view")),
        )
    last = -(-count // PER_PAGE)
    page = min(address.number("page", 1, least=1, most=1_000_000), last)
    gallery(
        cards.of_items(
            catalogue,
            [one.item for one in found.neighbours[(page - 1) * PER_PAGE : page * PER_PAGE]],
        ),
        key="selected",
        label="Selected models",
        size=84,
        on_pick=lambda item_id: navigation.link_to("explore", item=item_id),
        actions=examples.ACTIONS[:1],
        on_act=lambda _, item_id: navigation.link_to(
            "search", like=examples.written([Example(item=item_id)])
        ),
    )
    if last > 1:
        controls.pages(last, page)


def keep(catalogue: Catalogue, ids: list[str], chosen: Selection) -> None:
    """Let a selection be kept under a name."""
    with st.popover("Keep", icon=":material/bookmark:"), st.form("keep", border=False):
        name = st.text_input(
            "Name of the collection",
            value=chosen.name,
            max_chars=60,
            placeholder="For the meeting",
            help="A name that is there already is added to.",
        )
        if st.form_submit_button("Keep as a collection", type="primary"):
            try:
                catalogue.collect(name, ids)
            except LookalikeError as error:
                st.error(address.plain(str(error)))
            else:
                st.session_state["collected"] = name
                st.rerun(scope="fragment")


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
            on_choose=selection.choose,
        )
    elif way == "similarity":
        st.html(
            '<div class="ramp"><span>less like it</span>'
            f'<i style="background:linear-gradient(90deg,{",".join(palette.ramp())})"></i>'
            "<span>more</span></div>"
        )


def landmarks(chart: Chart) -> list[Landmark]:
    """The most central model of each cluster, the largest cluster first."""
    return [
        Landmark(row, cluster.name)
        for cluster in chart.clusters
        if (row := chart.row_of.get(cluster.landmark)) is not None
    ]


def marked_row(chart: Chart) -> int | None:
    """The model of the address, where it is on the map."""
    marked = address.text("item")
    row = chart.row_of.get(marked)
    if marked and row is None:
        st.warning(
            "The model of this address is not on the map. It shows all the others.",
            icon=":material/link_off:",
        )
    return row


def neighbours(catalogue: Catalogue, chart: Chart, row: int) -> list[int]:
    """The nearest neighbours of a model that are on the map."""
    try:
        found = cached.neighbours(
            catalogue.name, catalogue.generation, COMPACT, chart.items[row].id, JOINED, None
        )
    except LookalikeError:
        return []
    return chart.rows([one.item.id for one in found.neighbours])


def visiting(chart: Chart) -> tuple[Visitor | None, list[int]]:
    """The picture that Search sent here, among the models that it is most like."""
    if address.text("from") != "search":
        return None, []
    src, found = st.session_state.get("sent_to_map", ("", []))
    rows = chart.rows([item_id for item_id, _ in found])[:JOINED]
    if not rows:
        st.info(
            "The picture of this address was not kept. Draw or give it again on the page Search.",
            icon=":material/link_off:",
        )
        return None, []
    scores = dict(found)
    near = Neighbourhoods(
        np.array([rows], np.int32),
        np.array([[scores[chart.items[row].id] for row in rows]], np.float32),
    )
    at = {
        layout: tuple(umap_layout.amid(near, places)[0].tolist())
        for layout, places in chart.layouts.items()
    }
    return Visitor(src, at), rows


def first_way(ways: dict[str, str]) -> str:
    return "category" if "category" in ways else next(iter(ways), "")


def which(chart: Chart, ids: list[str]) -> np.ndarray:
    rows = np.zeros(len(chart.items), bool)
    rows[chart.rows(ids)] = True
    return rows


def is_shown(part: str) -> bool:
    return part not in address.text("hide").split(".")


def keep_shown() -> None:
    hidden = [part for part in SHOWN if not st.session_state[f"show-{part}"]]
    address.change(hide=".".join(hidden))


def no_map(catalogue: Catalogue) -> None:
    """Say why there is no map, and let it be drawn."""
    if not catalogue.count():
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
        st.toast(f"Kept as “{address.plain(name)}”. The filters find it again.")
    try:
        chart = cached.chart(catalogue.name, catalogue.generation)
        if chart is None:
            no_map(catalogue)
        else:
            show(catalogue, chart)
            cached.read_ahead(catalogue.name, catalogue.generation)
    except LookalikeError as error:
        st.error(address.plain(str(error)), icon=":material/error:")


navigation.guard()
page()
