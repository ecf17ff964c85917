"""The sources of a catalogue: preview of changes, missing models, and watching for changes."""

from collections.abc import Mapping, Sequence

import streamlit as st

from components.catalogues import passed_over
from components.shared import cards, job_panel, url_state
from components.widgets.gallery import gallery
from core import importers, jobs
from core.catalogue import Catalogue, ImportRun, SourceRecord
from core.importers.sketchfab import is_location, parse
from core.workflows.import_counts import PREVIEW_NOTE, NamedKind, StoredPreview

LABEL = "Sources"
# What the preview calls each kind of change.
CHANGES: Mapping[NamedKind, str] = {
    "added": "New",
    "changed": "Changed",
    "missing": "Missing from the source",
    "failed": "Failed to import",
}
# How many of the missing models are shown.
MISSING_SHOWN = 60


def show(catalogue: Catalogue) -> None:
    """Show each source with its last import."""
    last = {run.source: run for run in reversed(catalogue.imports.runs())}
    for record in catalogue.imports.sources():
        location = catalogue.uploads.title(record.location) or _format_location(record.location)
        name = url_state.escape_markdown(location)
        st.markdown(f"**{name}**{_format_kind(record)}")
        run = last.get(record.location)
        st.caption(_format_run(run) if run else "Not fully imported yet.")
        for remark in run.remarks if run else ():
            st.caption(url_state.escape_markdown(remark))


def can_be_watched(catalogue: Catalogue) -> bool:
    """Return whether there is a source on this computer, which tells of its changes."""
    kinds = importers.watchable_kinds()
    return any(record.kind in kinds for record in catalogue.imports.sources())


def show_watch(catalogue: Catalogue, *, working: bool) -> None:
    """Show what the job that watches the sources is doing; updated while it runs."""
    if not jobs.running(catalogue.watch_file):
        return

    @st.fragment(run_every=job_panel.WATCH_INTERVAL)
    def show_status() -> None:
        status = jobs.read_status(catalogue.watch_file)
        ended = status is None or status.state != "running"
        if ended or jobs.running(catalogue.job_file) != working:
            st.rerun()
        elif status is not None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(
                    f":material/visibility: {url_state.escape_markdown(status.stage_text)}",
                    width="stretch",
                )
                st.button(
                    "Stop watching",
                    key=f"unwatch-{catalogue.name}",
                    type="tertiary",
                    on_click=jobs.cancel,
                    args=(catalogue.watch_file,),
                )

    show_status()


def show_preview(catalogue: Catalogue, *, working: bool) -> None:
    """Show the last preview of changes, and a button that applies it."""
    stored = StoredPreview.from_json(catalogue.load_note(PREVIEW_NOTE))
    if working or stored is None:
        return
    preview = stored.preview
    with st.container(border=True, key=f"plan-{catalogue.name}"):
        st.markdown(f"**{url_state.escape_markdown(str(preview))}**")
        for kind, label in CHANGES.items():
            if names := preview.names[kind]:
                count = getattr(preview.counts, kind)
                more = count - len(names)
                listed = ", ".join(names) + (f" and {more:,} more" if more else "")
                key = f"plan-{catalogue.name}-{kind}"
                with st.expander(f"{label} ({count:,})", key=key):
                    st.text(listed)
        passed_over.show(preview.passed_over)
        with st.container(horizontal=True):
            if preview.has_changes:
                st.button(
                    "Apply",
                    key=f"apply-{catalogue.name}",
                    type="primary",
                    on_click=_apply,
                    args=(catalogue, stored.arguments),
                )
            st.button(
                "Dismiss",
                key=f"dismiss-{catalogue.name}",
                on_click=catalogue.save_note,
                args=(PREVIEW_NOTE, ""),
            )


def show_missing(catalogue: Catalogue) -> None:
    """Show the models that are missing from their sources, to restore or delete them."""
    missing = catalogue.items.missing()
    if not missing:
        return
    with st.expander(
        f"Missing from the source ({len(missing):,})", key=f"missing-{catalogue.name}"
    ):
        st.caption(
            "Still stored, but no longer shown. A model returns when its source has it again. "
            "Click one to restore it now."
        )
        gallery(
            cards.of_items(catalogue, missing[:MISSING_SHOWN]),
            key=f"missing-models-{catalogue.name}",
            label=f"Missing models of {catalogue.title}",
            size=120,
            on_pick=lambda item_id: catalogue.items.restore_missing([item_id]),
        )
        ids = [item.id for item in missing]
        with st.container(horizontal=True):
            st.button(
                "Restore all",
                key=f"restore-missing-{catalogue.name}",
                icon=":material/visibility:",
                on_click=catalogue.items.restore_missing,
                args=(ids,),
            )
            st.button(
                "Delete permanently",
                key=f"delete-missing-{catalogue.name}",
                icon=":material/delete:",
                on_click=catalogue.items.remove,
                args=(ids,),
            )


def _apply(catalogue: Catalogue, arguments: Sequence[str]) -> None:
    catalogue.save_note(PREVIEW_NOTE, "")
    job_panel.launch_job(catalogue.name, catalogue.title, arguments)


def _format_kind(record: SourceRecord) -> str:
    """Return what kind of source it is, if its location does not say that."""
    if is_location(record.location):
        return ""
    if record.kind not in importers.kinds():
        return f" · {record.kind}"
    return f" · {importers.find_importer(record.kind).title}"


def _format_location(location: str) -> str:
    """Return a location as people read it."""
    if not is_location(location):
        return location
    query = parse(location)
    parts = {
        f"“{query.words}”": query.words,
        f"by {query.user}": query.user,
        f"collection {query.collection}": query.collection,
        f"category {query.category}": query.category,
        f"tag {query.tag}": query.tag,
        f"model {query.model}": query.model,
        f"{query.likes:,} likes or more": query.likes,
        f"up to {query.limit:,}": query.limit,
    }
    return "Sketchfab: " + ", ".join(text for text, value in parts.items() if value)


def _format_run(run: ImportRun) -> str:
    when = run.finished.replace("T", " ").removesuffix("+00:00")[:16]
    return f"Last imported {when} UTC: {run.counts}"
