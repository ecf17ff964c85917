"""Catalogues: all catalogues with their jobs; import models, update, and see what failed."""

from functools import partial

import streamlit as st

from components.catalogues import import_dialog, near_duplicates, removal, sources
from components.shared import (
    caches,
    cards,
    compared,
    job_panel,
    navigation,
    running_jobs,
    titles,
    url_state,
)
from components.widgets.gallery import gallery
from core import jobs
from core.catalogue import Catalogue, Summary, names
from core.errors import LookalikeError
from core.workflows.demos import DEMOS

# How many models of a catalogue are shown.
PREVIEW_SIZE = 15


def show_catalogues() -> None:
    """Each catalogue with its counts, its job and its failures, and the demos to download."""
    known = names()
    for name in running_jobs.in_order(known):
        with st.container(border=True, key=f"catalogue-{name}"):
            try:
                show_one(Catalogue(name))
            except LookalikeError as error:
                st.header(name, anchor=False)
                st.error(url_state.escape_markdown(str(error)), icon=":material/error:")
                removal.button(name, title=name)
    for demo in DEMOS.values():
        if demo.name not in known:
            with st.container(border=True, key=f"demo-{demo.name}"):
                st.header(f"{demo.title} (demo)", anchor=False)
                st.caption(demo.description)
                st.button(
                    "Download and index",
                    key=f"download-{demo.name}",
                    icon=":material/download:",
                    on_click=job_panel.launch_job,
                    args=(demo.name, demo.title, ["demo", demo.name]),
                )


def show_one(catalogue: Catalogue) -> None:
    summary = caches.summary(catalogue)
    working = jobs.running(catalogue.job_file)
    st.header(url_state.escape_markdown(summary.title), anchor=False)
    st.text(format_summary(summary))
    # Always a container, so that the elements below stay the same when the first models arrive.
    with st.container():
        if items := catalogue.items.find(limit=PREVIEW_SIZE):
            gallery(
                cards.of_items(
                    catalogue,
                    items,
                    link=lambda item_id: navigation.url(
                        "explore", catalogue=catalogue.name, item=item_id
                    ),
                ),
                key=f"preview-{catalogue.name}",
                label=f"Some models of {summary.title}",
                layout="strip",
            )
    job_panel.progress(catalogue.name, working)
    sources.show_watch(catalogue, working=working)
    sources.show_preview(catalogue, working=working)
    with st.container(horizontal=True):
        st.button(
            "Open",
            key=f"open-{catalogue.name}",
            type="primary",
            disabled=not summary.items,
            on_click=lambda: navigation.link_to("explore", catalogue=catalogue.name),
        )
        st.button(
            "Map",
            key=f"map-{catalogue.name}",
            icon=":material/scatter_plot:",
            disabled=not summary.items,
            on_click=lambda: navigation.link_to("map", catalogue=catalogue.name),
        )
        imported = bool(catalogue.imports.sources())
        st.button(
            "Update",
            key=f"update-{catalogue.name}",
            icon=":material/update:",
            disabled=working or not (summary.items or imported),
            help="Imports all sources of this catalogue again and indexes what is new.",
            on_click=job_panel.launch_job,
            args=(
                catalogue.name,
                summary.title,
                ["update" if imported else "index", catalogue.name],
            ),
        )
        removal.button(catalogue.name, title=summary.title, models=summary.items, disabled=working)
    if not working:
        job_panel.failures(catalogue)
    sources.show_missing(catalogue)
    sources.show(catalogue, working=working)
    if summary.items:
        compared.show_catalogue(catalogue, working=working)
        near_duplicates.show(catalogue, working=working)
    show_collections(catalogue)


def format_summary(summary: Summary) -> str:
    parts = [format_count(summary.items, "model", "models")]
    if summary.categories:
        parts.append(format_count(summary.categories, "category", "categories"))
    parts += [f"{summary.mapped:,} on the map", f"{summary.bytes / 1e6:,.0f} MB"]
    if summary.failures:
        parts.append(f"{summary.failures:,} failed to import")
    return " · ".join(parts)


def format_count(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"


def show_collections(catalogue: Catalogue) -> None:
    """The collections of a catalogue, with links to their models."""
    collections = caches.facets(catalogue, ("collection",))["collection"]
    if not collections:
        return
    with st.expander(f"Collections ({len(collections):,})", key=f"collections-{catalogue.name}"):
        for name, count in collections.items():
            key = f"{catalogue.name}-{name}"
            with st.container(horizontal=True, vertical_alignment="center"):
                title = url_state.escape_markdown(name)
                models = format_count(count, "model", "models")
                st.markdown(f"**{title}** · {models}", width="stretch")
                for label, target in (("Explore", "explore"), ("Show on map", "map")):
                    st.button(
                        label,
                        key=f"{target}-{key}",
                        on_click=partial(
                            navigation.link_to,
                            target,
                            catalogue=catalogue.name,
                            collection=name,
                        ),
                    )
                st.button(
                    "Delete",
                    key=f"delete-{key}",
                    icon=":material/bookmark_remove:",
                    type="tertiary",
                    help="Deletes the collection. Its models stay in the catalogue.",
                    on_click=catalogue.collections.delete,
                    args=(name,),
                )


navigation.guard()
navigation.leave_if_asked()
titles.set_title("Catalogues")
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Catalogues", anchor=False, width="stretch")
    import_dialog.button()
job_panel.show_launch_error()
show_catalogues()
