"""Running jobs in the bar of every page, and a toast when one ends."""

import secrets
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from components.shared import url_state
from components.shared.session import session
from components.widgets.progress_link import progress_link
from core import jobs
from core.catalogue import Catalogue, job_files
from core.errors import LookalikeError
from core.jobs import Status

# Seconds between two updates while a job runs. While none runs, nothing is updated.
INTERVAL = 1.0


def show(href: str) -> None:
    """Show how far the running jobs are, as a link to `href`; nothing if none runs.

    Updated by itself, without the rest of the page.
    """
    if notice := session.notice:
        del session.notice
        st.toast(url_state.escape_markdown(notice), icon=":material/add_task:")

    run = secrets.token_hex(4)

    @st.fragment
    def show_status() -> None:
        files = job_files()
        running = {name: status for name, file in files.items() if (status := _running(file))}
        ended = session.running_jobs - running.keys()
        for name in sorted(ended & files.keys()):
            if status := jobs.read_status(files[name]):
                _announce(name, status)
        session.ended_jobs |= ended
        session.running_jobs = frozenset(running)
        if running:
            _show_link(list(running.values()), href, run)

    show_status()


def in_order(names: Sequence[str]) -> list[str]:
    """Return the names of catalogues: those with running jobs first, then the others as they are.

    A catalogue whose job has ended in this session comes before others without one: what a person
    looks at does not move away.
    """
    ranks = {name: 1 for name in session.ended_jobs} | {name: 0 for name in session.running_jobs}
    return sorted(names, key=lambda name: ranks.get(name, 2))


def _running(file: Path) -> Status | None:
    """Return the status of the job of a status file, or None if it is not running."""
    if not jobs.running(file):
        return None
    status = jobs.read_status(file)
    return status if status is not None and status.state == "running" else None


def _announce(name: str, status: Status) -> None:
    """Say in a toast how the last job on a catalogue ended."""
    try:
        title = Catalogue(name).title
    except LookalikeError:
        title = name
    icon = {"done": ":material/check_circle:", "cancelled": ":material/cancel:"}
    done = status.state == "done"
    outcome = f"“{title}” is ready." if done else f"The job on “{title}” did not finish."
    st.toast(
        url_state.escape_markdown(f"{outcome} {status.message}"),
        icon=icon.get(status.state, ":material/error:"),
        duration="long",
    )


def _show_link(running: Sequence[Status], href: str, run: str) -> None:
    """Show the first of the running jobs, and how many others there are."""
    first, *others = running
    label = first.title + (f" and {len(others):,} more" if others else "")
    progress_link(
        key="running-jobs",
        label=label,
        share=first.share if first.total else None,
        detail=jobs.format_status(first),
        href=href,
        interval=INTERVAL,
        run=run,
    )
