"""Jobs on a catalogue: started in a process of their own, and followed on the page."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from components.shared import asset_urls, cards, messages, url_state
from components.shared.session import session
from components.widgets.gallery import gallery
from core import jobs
from core.catalogue import Catalogue, CatalogueError, Failure, Item, names
from core.importers import sketchfab
from core.jobs import Stage, Status

# Seconds between two updates of a running job, and of a watch that waits for changes.
JOB_INTERVAL, WATCH_INTERVAL = 0.7, 3.0
# Seconds that a job may take to start: half a second as a rule, over 10 on two busy cores.
START_PATIENCE = 60
# How many of the newest pictures are shown during an import.
NEWEST = 15
# How many reasons of failures are shown, and how many failures of each.
REASONS_SHOWN, FAILURES_SHOWN = 12, 50


def launch_job(name: str, title: str, arguments: Sequence[str], *, watch: bool = False) -> None:
    """Run the command line on a catalogue in a process of its own.

    The catalogue is created if it does not exist, and removed again if the job fails to start.
    `watch` says that the job watches the catalogue's sources, which has a status of its own.
    Why a job did not start is in `session.job_error`. A dialog of the catalogue is closed: the page
    shows either.
    """
    del session.catalogue_dialog
    new = name not in names()
    try:
        catalogue = Catalogue.create(name, title=title)
    except CatalogueError as error:
        session.job_error = str(error)
        return
    file = catalogue.watch_file if watch else catalogue.job_file
    if jobs.running(file):
        session.job_error = (
            f"Another job is running on “{catalogue.title}”. Wait for it to finish, or cancel it."
        )
        return
    log = file.with_suffix(".log")
    process = jobs.launch(arguments, log=log, secrets=_secrets())
    if not watch:
        # Even if it ends before the bar has seen it, the bar says how.
        session.running_jobs |= {name}
    # The page shows the job once it holds its lock.
    deadline = time.monotonic() + START_PATIENCE
    while process.poll() is None and not jobs.running(file):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)
    # A job that ends before it holds the lock says why only in its log.
    if process.poll() and (message := _last_line(log)):
        session.running_jobs -= {name}
        session.job_error = message
        if new and not catalogue.imports.runs() and not catalogue.items.count():
            Catalogue.remove(name)


def show_launch_error() -> None:
    """Say why the last job could not be started, if it could not."""
    if error := session.job_error:
        del session.job_error
        messages.show_error(error)


def progress(name: str, working: bool) -> None:
    """Show the job on a catalogue, and how the last one ended; updated while one is running."""

    @st.fragment(run_every=JOB_INTERVAL if working else None)
    def show_status() -> None:
        catalogue = Catalogue(name)
        status = jobs.read_status(catalogue.job_file)
        if status is None:
            return
        if status.state == "running":
            if not working:
                # It was resumed here: the whole page shows it from now on.
                st.rerun()
            stage = f"stage-{name}"
            if st.session_state.setdefault(stage, status.stage) != status.stage:
                # The whole page runs again: the counts around this have changed.
                st.session_state[stage] = status.stage
                st.rerun()
            st.progress(status.share, text=url_state.escape_markdown(jobs.format_status(status)))
            st.button(
                "Cancel", key=f"cancel-{name}", on_click=jobs.cancel, args=(catalogue.job_file,)
            )
            if status.stage is Stage.IMPORTING:
                _show_newest(catalogue)
            if status.failed:
                failures(catalogue, so_far=True)
            return
        if working:
            st.rerun()
        _show_outcome(catalogue, status)

    show_status()


def _show_outcome(catalogue: Catalogue, status: Status) -> None:
    """Say how the last job ended, and offer to resume one that did not finish."""
    if status.state == "done":
        if status.message:
            st.caption(url_state.escape_markdown(status.message))
        return
    if status.state == "cancelled":
        st.caption(url_state.escape_markdown(status.message))
    else:
        messages.show_error(status.message)
    if status.arguments:
        st.button(
            "Try again" if status.state == "failed" else "Resume",
            key=f"resume-{catalogue.name}",
            icon=":material/resume:",
            on_click=launch_job,
            args=(catalogue.name, catalogue.title, status.arguments),
        )


def _show_newest(catalogue: Catalogue) -> None:
    """Show the models that were imported last."""
    if newest := catalogue.items.newest(NEWEST):
        gallery(
            cards.of_items(catalogue, newest),
            key=f"newest-{catalogue.name}",
            label="Just imported",
            layout="strip",
            on_pick=lambda _: None,
        )


def failures(catalogue: Catalogue, *, so_far: bool = False) -> None:
    """List what failed, by reason, with the pictures that are still stored."""
    listed = catalogue.imports.failures()
    if not listed:
        return
    label = "Failed so far" if so_far else "Failed"
    with st.expander(f"{label} ({len(listed):,})", key=f"failures-{catalogue.name}"):
        reasons = _by_reason(listed)
        items = catalogue.items.all_items()
        for reason, failed in reasons[:REASONS_SHOWN]:
            st.markdown(f"**{len(failed):,}** · {url_state.escape_markdown(reason)}")
            st.dataframe(
                _rows(catalogue, failed[:FAILURES_SHOWN], items),
                column_config={"Picture": st.column_config.ImageColumn(width="small")},
                column_order=["Picture", "Name", "Source"],
                hide_index=True,
            )
        shown = sum(min(len(failed), FAILURES_SHOWN) for _, failed in reasons[:REASONS_SHOWN])
        if shown < len(listed):
            st.caption(
                f"{shown:,} of {len(listed):,} are shown. "
                f"`python -m core show {catalogue.name}` lists all of them."
            )
        if not so_far:
            st.caption("Fix these, then choose “Update” under “More” to try again.")


def _by_reason(listed: Sequence[Failure]) -> list[tuple[str, list[Failure]]]:
    """Return the failures of each reason, the most frequent reason first."""
    reasons: dict[str, list[Failure]] = {}
    for failure in listed:
        reasons.setdefault(failure.reason, []).append(failure)
    return sorted(reasons.items(), key=lambda pair: -len(pair[1]))


def _rows(
    catalogue: Catalogue, failed: Sequence[Failure], items: Mapping[str, Item]
) -> list[dict[str, str | None]]:
    """Return the rows of a table; `items` by `source_id` are those whose pictures are stored."""
    rows: list[dict[str, str | None]] = []
    for failure in failed:
        row: dict[str, str | None] = {"Name": failure.name, "Source": failure.source_id}
        if item := items.get(failure.source_id):
            row["Picture"] = asset_urls.picture(catalogue, item)
        rows.append(row)
    return rows


def _secrets() -> dict[str, str]:
    """Return those of Streamlit's secrets that the command line reads from the environment."""
    with contextlib.suppress(FileNotFoundError, KeyError):
        return {sketchfab.TOKEN: str(st.secrets[sketchfab.TOKEN])}
    return {}


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
    return ""
