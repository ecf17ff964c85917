"""Where the models of a catalogue come from: what changed there, what is gone, and the watch."""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from components.shared import cards, job_panel, url_state
from components.widgets.gallery import gallery
from core import jobs
from core.catalogue import Catalogue, ImportRun, SourceRecord
from core.importers.registry import KINDS
from core.importers.sketchfab.location import is_location, parse
from core.workflows import watching
from core.workflows.import_counts import NamedKind, StoredPreview

# What a preview calls each kind of change.
CHANGES: Mapping[NamedKind, str] = {
    "added": "Would be added",
    "changed": "Would be changed",
    "missing": "Gone from the source",
    "failed": "Could not be taken",
}
# Pictures shown of those that are gone.
MISSING_SHOWN = 60


def show(catalogue: Catalogue, *, working: bool) -> None:
    """Each source with what came of it last, and whether it is watched."""
    origins = catalogue.imports.sources()
    if not origins:
        return
    last = {run.source: run for run in reversed(catalogue.imports.runs())}
    with st.expander(f"Sources ({len(origins):,})", key=f"sources-{catalogue.name}"):
        for origin in origins:
            st.markdown(f"**{url_state.escape_markdown(_named(origin.location))}**{_kind(origin)}")
            run = last.get(origin.location)
            st.caption(_describe(run) if run else "Not read to its end yet.")
        with st.container(horizontal=True):
            st.button(
                "What would change?",
                key=f"compare-{catalogue.name}",
                icon=":material/difference:",
                disabled=working,
                help="Counts what is new, changed or gone, and changes nothing.",
                on_click=job_panel.launch_job,
                args=(catalogue.name, catalogue.title, ["update", catalogue.name, "--dry-run"]),
            )
            if any(origin.kind in watching.KINDS for origin in origins):
                st.button(
                    "Watch for changes",
                    key=f"watch-{catalogue.name}",
                    icon=":material/visibility:",
                    disabled=jobs.running(catalogue.watch_file),
                    help="Updates the catalogue whenever its folders or files change.",
                    on_click=job_panel.launch_job,
                    args=(catalogue.name, catalogue.title, ["watch", catalogue.name]),
                    kwargs={"watch": True},
                )


def show_watch(catalogue: Catalogue, *, working: bool) -> None:
    """What the watch over the sources does; it looks again by itself."""
    if not jobs.running(catalogue.watch_file):
        return

    @st.fragment(run_every=job_panel.SELDOM)
    def look() -> None:
        status = jobs.read_status(catalogue.watch_file)
        ended = status is None or status.state != "running"
        if ended or jobs.running(catalogue.job_file) != working:
            st.rerun()
        elif status is not None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(
                    f":material/visibility: {url_state.escape_markdown(status.stage)}",
                    width="stretch",
                )
                st.button(
                    "Stop watching",
                    key=f"unwatch-{catalogue.name}",
                    type="tertiary",
                    on_click=jobs.cancel,
                    args=(catalogue.watch_file,),
                )

    look()


def show_preview(catalogue: Catalogue, *, working: bool) -> None:
    """What the last comparison found, and a button that does it."""
    stored = StoredPreview.from_json(catalogue.load_note("plan"))
    if working or stored is None:
        return
    preview = stored.preview
    with st.container(border=True, key=f"plan-{catalogue.name}"):
        st.markdown(f"**{url_state.escape_markdown(str(preview))}**")
        for kind, words in CHANGES.items():
            if names := preview.names[kind]:
                count = getattr(preview.counts, kind)
                more = count - len(names)
                listed = ", ".join(names) + (f" and {more:,} more" if more else "")
                key = f"plan-{catalogue.name}-{kind}"
                with st.expander(f"{words} ({count:,})", key=key):
                    st.text(listed)
        with st.container(horizontal=True):
            if preview.has_changes:
                st.button(
                    "Do it",
                    key=f"do-{catalogue.name}",
                    type="primary",
                    on_click=_apply,
                    args=(catalogue, stored.arguments),
                )
            st.button(
                "Leave it",
                key=f"leave-{catalogue.name}",
                on_click=catalogue.save_note,
                args=("plan", ""),
            )


def show_missing(catalogue: Catalogue) -> None:
    """What the sources have no more: kept, not shown, to be shown again or taken out for good."""
    gone = catalogue.items.missing()
    if not gone:
        return
    with st.expander(f"Gone from the source ({len(gone):,})", key=f"away-{catalogue.name}"):
        st.caption(
            "Kept, but not shown among the others. What the source has again comes back by itself. "
            "Pick one to show it again."
        )
        gallery(
            cards.of_items(catalogue, gone[:MISSING_SHOWN]),
            key=f"gone-{catalogue.name}",
            label=f"Gone from the source of {catalogue.title}",
            size=120,
            on_pick=lambda item_id: catalogue.items.restore_missing([item_id]),
        )
        ids = [item.id for item in gone]
        with st.container(horizontal=True):
            st.button(
                "Show all again",
                key=f"keep-gone-{catalogue.name}",
                icon=":material/visibility:",
                on_click=catalogue.items.restore_missing,
                args=(ids,),
            )
            st.button(
                "Take out for good",
                key=f"drop-gone-{catalogue.name}",
                icon=":material/delete:",
                on_click=catalogue.items.remove,
                args=(ids,),
            )


def _apply(catalogue: Catalogue, arguments: Sequence[str]) -> None:
    catalogue.save_note("plan", "")
    job_panel.launch_job(catalogue.name, catalogue.title, arguments)


def _kind(origin: SourceRecord) -> str:
    """Return what kind of source it is, where its name does not say that."""
    if is_location(origin.location):
        return ""
    return " · " + re.split("[,:;]", KINDS.get(origin.kind, origin.kind))[0]


def _named(location: str) -> str:
    """Return a source as people name it."""
    if not is_location(location):
        return location
    wanted = parse(location)
    words = {
        f"“{wanted.words}”": wanted.words,
        f"by {wanted.user}": wanted.user,
        f"collection {wanted.collection}": wanted.collection,
        f"category {wanted.category}": wanted.category,
        f"tag {wanted.tag}": wanted.tag,
        f"model {wanted.model}": wanted.model,
        f"{wanted.likes:,} likes or more": wanted.likes,
        f"the first {wanted.limit:,}": wanted.limit,
    }
    return "Sketchfab: " + ", ".join(text for text, is_said in words.items() if is_said)


def _describe(run: ImportRun) -> str:
    when = run.finished.replace("T", " ").removesuffix("+00:00")[:16]
    return f"Last read {when} UTC: {run.counts}"
