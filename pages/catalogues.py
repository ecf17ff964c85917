"""Catalogues: what there is; import models, bring up to date, see what failed."""

import streamlit as st

from components.catalogues import import_dialog, near_duplicates, sources
from components.shared import cards, job_panel, navigation, url_state
from components.widgets.gallery import gallery
from core import jobs
from core.catalogue import Catalogue, Summary, names
from core.errors import LookalikeError
from core.workflows.demos import DEMOS

# Pictures that show what a catalogue is about.
PREVIEW = 15


def show_catalogues() -> None:
    """Each catalogue with its counts, its work under way and its failures."""
    there = names()
    for name in there:
        with st.container(border=True, key=f"catalogue-{name}"):
            try:
                show_one(Catalogue(name))
            except LookalikeError as error:
                st.subheader(name)
                st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
                removal(name)
    for demo in DEMOS.values():
        if demo.name not in there:
            with st.container(border=True, key=f"demo-{demo.name}"):
                st.subheader(f"{demo.title} (demo)", anchor=False)
                st.caption(demo.description)
                st.button(
                    "Fetch and make ready",
                    key=f"fetch-{demo.name}",
                    icon=":material/download:",
                    on_click=job_panel.launch_job,
                    args=(demo.name, demo.title, ["demo", demo.name]),
                )


def show_one(catalogue: Catalogue) -> None:
    summary = catalogue.summary()
    working = jobs.running(catalogue.job_file)
    st.subheader(url_state.escape_markdown(summary.title), anchor=False)
    st.text(told(summary))
    # A container in any case: what stands below stays the same element when pictures come.
    with st.container():
        if some := catalogue.items.find(limit=PREVIEW):
            gallery(
                cards.of_items(catalogue, some),
                key=f"preview-{catalogue.name}",
                label=f"Some models of {summary.title}",
                layout="strip",
                on_pick=lambda item_id: st.session_state.update(
                    opened_from_list=(catalogue.name, item_id)
                ),
            )
    job_panel.progress(catalogue.name, working)
    sources.show_watch(catalogue, working=working)
    sources.show_preview(catalogue, working=working)
    with st.container(horizontal=True):
        if st.button(
            "Open", key=f"open-{catalogue.name}", type="primary", disabled=not summary.items
        ):
            navigation.link_to("explore", catalogue=catalogue.name)
        if st.button(
            "Map",
            key=f"map-{catalogue.name}",
            icon=":material/scatter_plot:",
            disabled=not summary.items,
        ):
            navigation.link_to("map", catalogue=catalogue.name)
        imported = bool(catalogue.imports.sources())
        st.button(
            "Bring up to date",
            key=f"index-{catalogue.name}",
            icon=":material/update:",
            disabled=working or not (summary.items or imported),
            help="Imports what its sources have by now, and what is new finds its place.",
            on_click=job_panel.launch_job,
            args=(
                catalogue.name,
                summary.title,
                ["update" if imported else "index", catalogue.name],
            ),
        )
        removal(catalogue.name, disabled=working)
    if not working:
        job_panel.failures(catalogue)
    sources.show_missing(catalogue)
    sources.show(catalogue, working=working)
    if summary.items:
        near_duplicates.show(catalogue, working=working)
    show_collections(catalogue)


def told(summary: Summary) -> str:
    words = [
        counted(summary.items, "model", "models"),
        counted(summary.categories, "category", "categories"),
        f"{summary.mapped:,} on the map",
        f"{summary.bytes / 1e6:,.0f} MB",
    ]
    if summary.failures:
        words.append(f"{summary.failures:,} could not be taken")
    return " · ".join(words)


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def show_collections(catalogue: Catalogue) -> None:
    """The collections kept on the map: to look at, and to forget."""
    collections = catalogue.items.facet("collection")
    if not collections:
        return
    with st.expander(f"Collections ({len(collections):,})", key=f"collections-{catalogue.name}"):
        for name, count in collections.items():
            key = f"{catalogue.name}-{name}"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**{url_state.escape_markdown(name)}** · {counted(count, 'model', 'models')}",
                    width="stretch",
                )
                for words, target in (("Look at them", "explore"), ("On the map", "map")):
                    if st.button(words, key=f"{target}-{key}"):
                        navigation.link_to(target, catalogue=catalogue.name, collection=name)
                st.button(
                    "Forget",
                    key=f"forget-{key}",
                    icon=":material/bookmark_remove:",
                    type="tertiary",
                    help="The models stay; only the collection is forgotten.",
                    on_click=catalogue.collections.delete,
                    args=(name,),
                )


@st.dialog("Remove a catalogue")
def confirm_removal(name: str) -> None:
    st.write(
        f"Remove “{url_state.escape_markdown(name)}” with its pictures, vectors and map? It cannot be undone."
    )
    with st.container(horizontal=True):
        if st.button("Remove it", type="primary", key="remove-surely"):
            Catalogue.remove(name)
            if url_state.text("catalogue") == name:
                st.query_params.clear()
            st.rerun()
        if st.button("Keep it", key="keep"):
            st.rerun()


def removal(name: str, *, disabled: bool = False) -> None:
    if st.button("Remove", key=f"remove-{name}", icon=":material/delete:", disabled=disabled):
        confirm_removal(name)


navigation.guard()
if opened := st.session_state.pop("opened_from_list", None):
    navigation.link_to("explore", catalogue=opened[0], item=opened[1])
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Catalogues", anchor=False, width="stretch")
    import_dialog.button()
job_panel.show_trouble()
show_catalogues()
