"""Long work on a catalogue: begun in a process of its own, followed on the page."""

import contextlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from components.shared import asset_urls, cards, url_state
from components.widgets.gallery import gallery
from core import jobs
from core.catalogue import Catalogue, CatalogueError, Failure, names
from core.importers.sketchfab import api
from core.jobs import Status

# Seconds between two looks at work under way, and at a watch that waits.
OFTEN, SELDOM = 0.7, 3.0
# The newest pictures that are shown while more come, and the failures in a table.
NEWEST = 15
FAILURES_SHOWN = 200


def launch_job(name: str, title: str, arguments: Sequence[str], *, watch: bool = False) -> None:
    """Start the command line on a catalogue, in a process of its own; made if it is not there.

    `watch` says that it is the watch over the catalogue, which has a status of its own.
    """
    new = name not in names()
    try:
        catalogue = Catalogue.create(name, title=title)
    except CatalogueError as error:
        st.session_state["trouble"] = str(error)
        return
    file = catalogue.watch_file if watch else catalogue.job_file
    if jobs.running(file):
        st.session_state["trouble"] = (
            f"“{catalogue.title}” is being worked on already. Wait for that to end, or cancel it."
        )
        return
    log = Path(tempfile.gettempdir()) / f"lookalike-{name}{'-watch' if watch else ''}.log"
    process = jobs.launch(arguments, log=log, secrets=_secrets())
    # Until it holds its lock the page would not show it: half a second, as Python starts.
    patience = time.monotonic() + 10
    while process.poll() is None and not jobs.running(file):
        if time.monotonic() > patience:
            return
        time.sleep(0.05)
    # One that ends before it holds the lock says why in its log only.
    if process.poll() and (said := _last_line(log)):
        st.session_state["trouble"] = said
        if new and not catalogue.imports.runs() and not catalogue.items.count():
            Catalogue.remove(name)


def show_trouble() -> None:
    """Say why work could not be begun, if it could not."""
    if trouble := st.session_state.pop("trouble", ""):
        st.error(url_state.escape_markdown(trouble), icon=":material/error:")


def progress(name: str, working: bool) -> None:
    """The work on a catalogue; it looks again by itself while there is some."""

    @st.fragment(run_every=OFTEN if working else None)
    def look() -> None:
        catalogue = Catalogue(name)
        status = jobs.read_status(catalogue.job_file)
        if status is None:
            return
        if status.state == "running":
            stage = f"stage-{name}"
            if st.session_state.setdefault(stage, status.stage) != status.stage:
                # What is there by now is counted around this.
                st.session_state[stage] = status.stage
                st.rerun()
            st.progress(status.share, text=url_state.escape_markdown(jobs.format_status(status)))
            st.button(
                "Cancel", key=f"cancel-{name}", on_click=jobs.cancel, args=(catalogue.job_file,)
            )
            if status.stage == "Importing":
                _show_newest(catalogue)
            if status.failed:
                failures(catalogue, so_far=True)
            return
        if working:
            st.rerun()
        _show_outcome(catalogue, status)

    look()


def _show_outcome(catalogue: Catalogue, status: Status) -> None:
    """Say how the last work ended, and offer to go on with what did not end."""
    if status.state == "done":
        if status.message:
            st.caption(url_state.escape_markdown(status.message))
        return
    if status.state == "cancelled":
        st.caption(url_state.escape_markdown(status.message))
    else:
        st.error(url_state.escape_markdown(status.message), icon=":material/error:")
    if status.arguments:
        st.button(
            "Try again" if status.state == "failed" else "Continue",
            key=f"continue-{catalogue.name}",
            icon=":material/resume:",
            on_click=launch_job,
            args=(catalogue.name, catalogue.title, status.arguments),
        )


def _show_newest(catalogue: Catalogue) -> None:
    """The pictures that came last."""
    if newest := catalogue.items.newest(NEWEST):
        gallery(
            cards.of_items(catalogue, newest),
            key=f"newest-{catalogue.name}",
            label="Taken just now",
            layout="strip",
            on_pick=lambda _: None,
        )


def failures(catalogue: Catalogue, *, so_far: bool = False) -> None:
    """What could not be taken, and why; with the picture that stays, where there is one."""
    found = catalogue.imports.failures()
    if not found:
        return
    words = "Could not be taken so far" if so_far else "What could not be taken"
    with st.expander(f"{words} ({len(found):,})", key=f"failures-{catalogue.name}"):
        st.dataframe(
            _rows(catalogue, found[:FAILURES_SHOWN]),
            column_config={"Picture": st.column_config.ImageColumn(width="small")},
            column_order=["Picture", "Name", "Why", "From"],
            hide_index=True,
        )
        if len(found) > FAILURES_SHOWN:
            st.caption(
                f"The first {FAILURES_SHOWN} of {len(found):,}; "
                f"`python -m core show {catalogue.name}` lists them all."
            )


def _rows(catalogue: Catalogue, found: Sequence[Failure]) -> list[dict[str, str | None]]:
    kept = catalogue.items.all_items()
    rows: list[dict[str, str | None]] = [
        {"Name": one.name, "From": one.source_id, "Why": one.reason} for one in found
    ]
    if not any(one.source_id in kept for one in found):
        return rows
    for one, row in zip(found, rows, strict=True):
        there = kept.get(one.source_id)
        row["Picture"] = None if there is None else asset_urls.picture(catalogue, there)
    return rows


def _secrets() -> dict[str, str]:
    """Return what Streamlit's secrets say that the command line reads from the environment."""
    with contextlib.suppress(FileNotFoundError, KeyError):
        return {api.TOKEN: str(st.secrets[api.TOKEN])}
    return {}


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
    return ""
