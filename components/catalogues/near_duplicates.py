"""The near-duplicates of a catalogue: compare them, keep one of each group and hide the others."""

from dataclasses import replace

import streamlit as st

from components.catalogues import dialogs
from components.shared import cards, job_panel
from components.shared.session import session
from components.widgets.gallery import Card, gallery
from core import jobs
from core.catalogue import Catalogue, Item
from core.counting import counted
from core.duplicates import report
from core.duplicates.records import DuplicateReport, Group

LABEL = "Near-duplicates"
# The command that finds them.
_COMMAND = "duplicates"
# How many groups one page shows.
PER_PAGE = 8


def label(catalogue: Catalogue) -> str:
    """Return what the dialog is called in the menu: with the number of groups, if there are any."""
    last_report = report.load(catalogue)
    if last_report is None or not last_report.groups:
        return LABEL
    return f"{LABEL} ({len(last_report.groups):,})"


def show_button(catalogue: Catalogue) -> None:
    """Show a button that opens the dialog if the last job has found near-duplicates."""
    status = jobs.read_status(catalogue.job_file)
    if status is None or status.state != "done" or status.arguments[:1] != (_COMMAND,):
        return
    if (shown := label(catalogue)) != LABEL:
        st.button(
            shown,
            key=f"see-duplicates-{catalogue.name}",
            icon=":material/content_copy:",
            on_click=dialogs.ask_for,
            args=(catalogue.name, LABEL),
        )


def show(catalogue: Catalogue, *, working: bool) -> None:
    """Show the last report, with buttons to hide and restore models and to search again."""
    last_report = report.load(catalogue)
    hidden = [item.id for items in catalogue.items.hidden().values() for item in items]
    if last_report is None:
        st.caption(
            "Finds pictures that are the same or nearly the same: copies, other sizes, other "
            "colours."
        )
    else:
        _show_report(catalogue, last_report)
    with st.container(horizontal=True):
        st.button(
            "Find near-duplicates" if last_report is None else "Search again",
            key=f"find-duplicates-{catalogue.name}",
            icon=":material/content_copy:",
            disabled=working or not catalogue.items.count(),
            on_click=job_panel.launch_job,
            args=(catalogue.name, catalogue.title, [_COMMAND, catalogue.name]),
        )
        if last_report is not None and last_report.groups:
            _report_buttons(catalogue, last_report)
        if hidden:
            st.button(
                f"Restore {len(hidden):,} hidden",
                key=f"restore-{catalogue.name}",
                icon=":material/visibility:",
                on_click=catalogue.items.restore_hidden,
                args=(hidden,),
            )


def _show_report(catalogue: Catalogue, last_report: DuplicateReport) -> None:
    groups = last_report.groups
    if not groups:
        more = "more " if catalogue.items.hidden() else ""
        st.caption(f"No {more}near-duplicates among {last_report.items:,} models.")
        return
    rest = sum(len(group.duplicates) for group in groups)
    st.caption(
        f"{counted(len(groups), 'group')} among {last_report.items:,} models; "
        f"{counted(rest, 'model')} could be hidden. Select the model to keep in each "
        "group. Hidden models can be restored."
    )
    last = -(-len(groups) // PER_PAGE)
    page = 1
    if last > 1:
        page = st.pagination(last, key=f"groups-{catalogue.name}")
    for group in groups[(page - 1) * PER_PAGE : page * PER_PAGE]:
        _show_group(catalogue, group)


def _show_group(catalogue: Catalogue, group: Group) -> None:
    """Show the models of a group, the kept one marked; picking another keeps that one."""
    key = f"{catalogue.name}-{group.kept.id}"
    kept = _kept(catalogue, group)
    differences = {one.item.id: one.difference for one in group.duplicates}
    with st.container(border=True, key=f"group-{key}"):
        gallery(
            [
                _card(catalogue, item, kept=kept == item.id, difference=differences.get(item.id))
                for item in group.items
            ],
            key=f"pictures-{key}",
            label=f"Near-duplicates of {group.kept.name}",
            selected=kept,
            size=168,
            on_pick=lambda item_id: session.keep_duplicate(catalogue.name, group.kept.id, item_id),
        )
        st.button(
            "Keep one, hide the other"
            if len(group.duplicates) == 1
            else f"Keep one, hide the other {len(group.duplicates):,}",
            key=f"hide-{key}",
            icon=":material/visibility_off:",
            on_click=_hide,
            args=(catalogue, group, kept),
        )


def _card(catalogue: Catalogue, item: Item, *, kept: bool, difference: str | None) -> Card:
    [card] = cards.of_items(catalogue, [item])
    note = "kept" if kept else ""
    return replace(card, note=" · ".join(filter(None, (note, difference))))


def _report_buttons(catalogue: Catalogue, last_report: DuplicateReport) -> None:
    """Offer to hide the near-duplicates of all groups, and to export the report."""
    st.button(
        "Keep one of each, hide all others",
        key=f"hide-all-{catalogue.name}",
        icon=":material/visibility_off:",
        on_click=_hide_all,
        args=(catalogue, last_report),
    )
    st.download_button(
        "Table (CSV)",
        lambda: report.as_csv(last_report),
        key=f"duplicates-{catalogue.name}",
        file_name=f"near-duplicates-{catalogue.name}.csv",
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
    )


def _hide(catalogue: Catalogue, group: Group, kept: str) -> None:
    catalogue.items.hide([item.id for item in group.items if item.id != kept], kept=kept)


def _hide_all(catalogue: Catalogue, last_report: DuplicateReport) -> None:
    for group in last_report.groups:
        _hide(catalogue, group, _kept(catalogue, group))


def _kept(catalogue: Catalogue, group: Group) -> str:
    """Return the id of the model to keep: the one that was picked, if it is in the group."""
    picked = session.kept_duplicates.get((catalogue.name, group.kept.id), "")
    return picked if picked in {item.id for item in group.items} else group.kept.id
