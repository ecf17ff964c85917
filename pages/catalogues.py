"""Catalogues: all catalogues with their jobs; import models, update, and see what failed."""

import streamlit as st

from components.catalogues import (
    cover,
    file_check,
    import_dialog,
    menu,
    near_duplicates,
    nothing_to_see,
    passed_over,
    removal,
    sources,
)
from components.shared import (
    caches,
    job_panel,
    links,
    navigation,
    running_jobs,
    titles,
    url_state,
)
from core import jobs, search
from core.catalogue import Catalogue, Summary, names
from core.counting import counted
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.search import NotIndexedError
from core.workflows.demos import DEMOS


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
    """The cover of a catalogue at the left, and beside it what it is and what can be done."""
    # First: a job that ends in between has the page run again, with what it has changed.
    working = jobs.running(catalogue.job_file)
    summary = caches.summary(catalogue)
    left, right = st.columns([2, 7], gap="medium")
    with left:
        cover.show(catalogue)
    with right:
        cover.show_title(catalogue)
        st.text(format_summary(summary))
        job_panel.progress(catalogue.name, working)
        sources.show_watch(catalogue, working=working)
        sources.show_preview(catalogue, working=working)
        if summary.items and not working:
            show_outdated(catalogue)
        file_check.show(catalogue, working=working)
        with st.container(horizontal=True):
            if summary.items:
                show_links(catalogue)
                if not working:
                    near_duplicates.show_button(catalogue)
            menu.show(catalogue, summary, working=working)
        if not working:
            job_panel.failures(catalogue)
            passed_over.show_of(catalogue)
        sources.show_missing(catalogue)
        nothing_to_see.show(catalogue)


def show_outdated(catalogue: Catalogue) -> None:
    """Why the models of a catalogue cannot be compared, if so, and a button that mends it."""
    try:
        search.fingerprint_of(catalogue, COMPACT)
    except NotIndexedError as error:
        st.info(url_state.escape_markdown(str(error)), icon=":material/update:")
        if error.reason == "nothing to see":
            return
        st.button(
            "Update",
            key=f"update-{catalogue.name}",
            icon=":material/update:",
            on_click=menu.update,
            args=(catalogue,),
        )


def show_links(catalogue: Catalogue) -> None:
    links.row(
        [
            links.Link(
                "Open",
                navigation.url("explore", catalogue=catalogue.name),
                is_primary=True,
                aloud=f"Open {catalogue.title}",
            ),
            links.Link(
                "Map",
                navigation.url("map", catalogue=catalogue.name),
                "scatter_plot",
                aloud=f"Map of {catalogue.title}",
            ),
        ]
    )


def format_summary(summary: Summary) -> str:
    parts = [counted(summary.items, "model")]
    if summary.categories:
        parts.append(counted(summary.categories, "category", "categories"))
    if summary.blank:
        parts.append(f"{summary.blank:,} with nothing to see")
    parts += [f"{summary.mapped:,} on the map", f"{summary.bytes / 1e6:,.0f} MB"]
    if summary.failures:
        parts.append(f"{summary.failures:,} failed")
    return " · ".join(parts)


navigation.guard()
titles.set_title("Catalogues")
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Catalogues", anchor=False, width="stretch")
    import_dialog.button()
job_panel.show_launch_error()
show_catalogues()
