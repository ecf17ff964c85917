"""The menu of a catalogue: what people do with it, or look up, now and then."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from components.catalogues import collection_list, dialogs, near_duplicates, removal, sources
from components.shared import comparison_choice, job_panel, up_choice, url_state
from core import jobs
from core.catalogue import Catalogue, Summary


def show(catalogue: Catalogue, summary: Summary, *, working: bool) -> None:
    """Show the menu, and the dialog that it has opened."""
    actions = _actions(catalogue, summary, working=working)
    key = f"menu-{catalogue.name}"
    st.menu_button(
        # Only the first word is seen: see menu.css.
        f"More for {url_state.escape_markdown(summary.title)}",
        # A menu must offer something, even where it cannot be opened.
        list(actions) or [removal.REMOVE],
        key=key,
        icon=":material/more_horiz:",
        disabled=not actions,
        on_click=lambda: actions[st.session_state[key]](),
    )
    _show_dialog(catalogue, summary, working=working)


def update(catalogue: Catalogue) -> None:
    """Start a job that imports the sources again, or indexes the models if there are none."""
    _start(catalogue, "update" if catalogue.imports.sources() else "index")


def _actions(
    catalogue: Catalogue, summary: Summary, *, working: bool
) -> Mapping[str, Callable[[], None]]:
    """Return what can be done now by its label, what is done most often first."""
    imported_from = len(catalogue.imports.sources())
    collections = len(collection_list.counts(catalogue))
    watching = jobs.running(catalogue.watch_file)
    open_dialog = partial(partial, dialogs.ask_for, catalogue.name)
    offers = [
        (
            ":material/update: Update",
            partial(update, catalogue),
            not working and (summary.items or imported_from),
        ),
        (
            ":material/difference: Preview changes",
            partial(_start, catalogue, "update", "--dry-run"),
            not working and imported_from,
        ),
        (
            ":material/visibility: Watch for changes",
            partial(_start, catalogue, "watch"),
            not watching and sources.can_be_watched(catalogue),
        ),
        (
            f":material/content_copy: {near_duplicates.label(catalogue)}",
            open_dialog(near_duplicates.LABEL),
            summary.items,
        ),
        (
            f":material/bookmark: {collection_list.LABEL} ({collections:,})",
            open_dialog(collection_list.LABEL),
            collections,
        ),
        (
            f":material/folder_open: {sources.LABEL} ({imported_from:,})",
            open_dialog(sources.LABEL),
            imported_from,
        ),
        (
            f":material/background_replace: {comparison_choice.LABEL}",
            open_dialog(comparison_choice.LABEL),
            summary.items and comparison_choice.is_offered(catalogue),
        ),
        (
            f":material/arrow_upward: {up_choice.LABEL}",
            open_dialog(up_choice.LABEL),
            summary.items and up_choice.is_offered(catalogue),
        ),
        (
            ":material/check_circle: Check files",
            partial(_start, catalogue, "check"),
            not working and summary.items,
        ),
        # Red, by its last word: see removal.css.
        (f":material/delete: {removal.REMOVE}", open_dialog(removal.REMOVE), not working),
    ]
    return {label: action for label, action, is_possible in offers if is_possible}


def _start(catalogue: Catalogue, command: str, *options: str) -> None:
    job_panel.launch_job(
        catalogue.name,
        catalogue.title,
        [command, catalogue.name, *options],
        watch=command == "watch",
    )


def _show_dialog(catalogue: Catalogue, summary: Summary, *, working: bool) -> None:
    """Show the dialog of the catalogue that is open, if one is."""
    contents: Mapping[str, Callable[[], None]] = {
        near_duplicates.LABEL: partial(near_duplicates.show, catalogue, working=working),
        collection_list.LABEL: partial(collection_list.show, catalogue),
        sources.LABEL: partial(sources.show, catalogue),
        comparison_choice.LABEL: partial(
            comparison_choice.show_catalogue, catalogue, working=working
        ),
        up_choice.LABEL: partial(up_choice.show_catalogue, catalogue),
    }
    title = url_state.escape_markdown(summary.title)
    for label, show_contents in contents.items():
        dialogs.show(
            catalogue.name,
            label,
            show_contents,
            title=f"{label} · {title}",
            width="large" if label == near_duplicates.LABEL else "medium",
        )
    removal.show(catalogue.name, title=summary.title, models=summary.items)
