"""Near-duplicates of a catalogue: side by side, with what differs; one is kept, the rest hidden."""

from dataclasses import replace

import streamlit as st

from components.shared import cards, job_panel
from components.widgets.gallery import Card, gallery
from core.catalogue import Catalogue, Item
from core.duplicates import report
from core.duplicates.groups import DuplicateReport, Group

# Groups shown at once.
PER_PAGE = 8


def show(catalogue: Catalogue, *, working: bool) -> None:
    """What was found last, what to do about it, and a way to look again."""
    found = report.load(catalogue)
    hidden = catalogue.items.hidden()
    count = sum(len(items) for items in hidden.values())
    label = "Near-duplicates"
    if found is not None and found.groups:
        label += f" ({len(found.groups):,})"
    with st.expander(label, key=f"near-duplicates-{catalogue.name}"):
        if found is None:
            st.caption(
                "Pictures that are the same or nearly so: copies, other sizes, other colours."
            )
        else:
            _show_report(catalogue, found)
        with st.container(horizontal=True):
            st.button(
                "Look for near-duplicates" if found is None else "Look again",
                key=f"look-{catalogue.name}",
                icon=":material/content_copy:",
                disabled=working or not catalogue.items.count(),
                on_click=job_panel.launch_job,
                args=(catalogue.name, catalogue.title, ["duplicates", catalogue.name]),
            )
            if found is not None and found.groups:
                _show_search_button(catalogue, found)
            if count:
                st.button(
                    f"Show the {count:,} hidden again",
                    key=f"restore-{catalogue.name}",
                    icon=":material/visibility:",
                    on_click=catalogue.items.restore_hidden,
                    args=([item.id for items in hidden.values() for item in items],),
                )


def _show_report(catalogue: Catalogue, found: DuplicateReport) -> None:
    if not found.groups:
        left = " left" if catalogue.items.hidden() else ""
        st.caption(f"No near-duplicates{left} among the {found.items:,} models looked through.")
        return
    rest = sum(len(group.duplicates) for group in found.groups)
    st.caption(
        f"{len(found.groups):,} groups among {found.items:,} models; {rest:,} could be hidden. "
        "Choose the picture to keep in each; hiding can be taken back."
    )
    last = -(-len(found.groups) // PER_PAGE)
    page = 1
    if last > 1:
        page = st.pagination(last, key=f"groups-{catalogue.name}")
    for group in found.groups[(page - 1) * PER_PAGE : page * PER_PAGE]:
        _show_group(catalogue, group)


def _show_group(catalogue: Catalogue, group: Group) -> None:
    """The pictures of a group, the one that is kept marked; another can be chosen."""
    key = f"{catalogue.name}-{group.kept.id}"
    kept = st.session_state.get(f"kept-{key}", group.kept.id)
    if kept not in {item.id for item in group.items}:
        kept = group.kept.id
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
            on_pick=lambda item_id: st.session_state.update({f"kept-{key}": item_id}),
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


def _show_search_button(catalogue: Catalogue, found: DuplicateReport) -> None:
    """All of it at once: hidden, or as a table."""
    st.button(
        "Keep one of each, hide all others",
        key=f"hide-all-{catalogue.name}",
        icon=":material/visibility_off:",
        on_click=_hide_all,
        args=(catalogue, found),
    )
    st.download_button(
        "Table (CSV)",
        lambda: report.as_csv(found),
        key=f"duplicates-{catalogue.name}",
        file_name=f"near-duplicates-{catalogue.name}.csv",
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
    )


def _hide(catalogue: Catalogue, group: Group, kept: str) -> None:
    catalogue.items.hide([item.id for item in group.items if item.id != kept], kept=kept)


def _hide_all(catalogue: Catalogue, found: DuplicateReport) -> None:
    for group in found.groups:
        kept = st.session_state.get(f"kept-{catalogue.name}-{group.kept.id}", group.kept.id)
        _hide(catalogue, group, kept)
