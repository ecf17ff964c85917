"""Long work on a catalogue: begun in a process of its own, followed on the page."""

import tempfile
import time
from pathlib import Path

import streamlit as st

from components import address
from core import jobs
from core.catalogue import Catalogue, CatalogueError


def begin(name: str, title: str, arguments: list[str]) -> None:
    """Start the command line on a catalogue, in a process of its own."""
    try:
        catalogue = Catalogue.create(name, title=title)
    except CatalogueError as error:
        st.session_state["trouble"] = str(error)
        return
    process = jobs.start(arguments, log=Path(tempfile.gettempdir()) / f"lookalike-{name}.log")
    # Until it holds its lock the page would not show it: half a second, as Python starts.
    patience = time.monotonic() + 10
    while process.poll() is None and not jobs.running(catalogue.job_file):
        if time.monotonic() > patience:
            break
        time.sleep(0.05)


def tell_trouble() -> None:
    """Say why work could not be begun, if it could not."""
    if trouble := st.session_state.pop("trouble", ""):
        st.error(address.plain(trouble), icon=":material/error:")


def progress(name: str, working: bool) -> None:
    """The work on a catalogue; it looks again by itself while there is some."""

    @st.fragment(run_every=0.7 if working else None)
    def watch() -> None:
        file = Catalogue(name).job_file
        status = jobs.status(file)
        if status is None:
            return
        if status.state == "running":
            st.progress(status.share, text=address.plain(jobs.describe(status)))
            st.button("Cancel", key=f"cancel-{name}", on_click=jobs.cancel, args=(file,))
            return
        if working:
            st.rerun()
        if status.state in ("failed", "stopped"):
            st.error(address.plain(status.message), icon=":material/error:")
        elif status.message:
            st.caption(address.plain(status.message))

    watch()
