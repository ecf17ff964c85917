"""Catalogues: all catalogues with their jobs; import models, update, and see what failed."""

from functools import partial

import streamlit as st

from components.catalogues import cover, import_dialog, near_duplicates, removal, sources
from components.shared import (
    caches,
    comparison_choice,
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

# What the menu of a catalogue offers.
UPDATE = ":material/update: Update"
PREVIEW = ":material/difference: Preview changes"
WATCH = ":material/visibility: Watch for changes"
REMOVE = ":material/delete: Remove"


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
        with st.container(horizontal=True):
            if summary.items:
                show_links(catalogue)
            show_menu(catalogue, summary, working=working)
        if not working:
            job_panel.failures(catalogue)
        sources.show_missing(catalogue)
        sources.show(catalogue)
        if summary.items:
            comparison_choice.show_catalogue(catalogue, working=working)
            near_duplicates.show(catalogue, working=working)
        show_collections(catalogue)


def show_outdated(catalogue: Catalogue) -> None:
    """Why the models of a catalogue cannot be compared, if so, and a button that mends it."""
    try:
        search.fingerprint_of(catalogue, COMPACT)
    except NotIndexedError as error:
        st.info(url_state.escape_markdown(str(error)), icon=":material/update:")
        st.button(
            "Update",
            key=f"update-{catalogue.name}",
            icon=":material/update:",
            on_click=start,
            args=(catalogue, UPDATE),
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


def show_menu(catalogue: Catalogue, summary: Summary, *, working: bool) -> None:
    """What is done with a catalogue now and then."""
    watching = jobs.running(catalogue.watch_file)
    actions = {
        UPDATE: not working and (summary.items or catalogue.imports.sources()),
        PREVIEW: not working and sources.can_be_read_again(catalogue),
        WATCH: not watching and sources.can_be_watched(catalogue),
        REMOVE: not working,
    }
    possible = [action for action, is_possible in actions.items() if is_possible]
    chosen = st.menu_button(
        # What is emphasised is only heard: see cover.css.
        f"More *for {url_state.escape_markdown(summary.title)}*",
        # A menu must offer something, even where it cannot be opened.
        possible or [REMOVE],
        key=f"menu-{catalogue.name}",
        icon=":material/more_horiz:",
        disabled=not possible,
        on_click=lambda: start(catalogue, st.session_state[f"menu-{catalogue.name}"]),
    )
    if chosen == REMOVE:
        removal.ask(catalogue.name, title=summary.title, models=summary.items)


def start(catalogue: Catalogue, action: str) -> None:
    """Start a job that the menu of a catalogue offers."""
    arguments = {
        UPDATE: ["update" if catalogue.imports.sources() else "index", catalogue.name],
        PREVIEW: ["update", catalogue.name, "--dry-run"],
        WATCH: ["watch", catalogue.name],
    }
    if action in arguments:
        job_panel.launch_job(
            catalogue.name, catalogue.title, arguments[action], watch=action == WATCH
        )


def format_summary(summary: Summary) -> str:
    parts = [counted(summary.items, "model")]
    if summary.categories:
        parts.append(counted(summary.categories, "category", "categories"))
    parts += [f"{summary.mapped:,} on the map", f"{summary.bytes / 1e6:,.0f} MB"]
    if summary.failures:
        parts.append(f"{summary.failures:,} failed")
    return " · ".join(parts)


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
                models = counted(count, "model")
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
