"""Damaged files of a catalogue: those seen at once, and what the last check has found."""

from datetime import datetime

import streamlit as st

from components.shared import job_panel, url_state
from core.catalogue import Catalogue
from core.counting import counted
from core.workflows import checking
from core.workflows.checking import Finding

# How many findings are listed.
SHOWN = 50


def show(catalogue: Catalogue, *, working: bool) -> None:
    """Say which files are damaged, if any, and offer to repair them; else when it was checked."""
    report = checking.last(catalogue)
    findings = report.findings if report else ()
    known = {each.file for each in findings}
    seen = [
        Finding(each.file, "missing" if each.is_missing else "damaged", each.meaning, "index")
        for each in catalogue.damage(quick=True)
        if each.file not in known
    ]
    if not seen and not findings:
        if report:
            st.caption(f"Files checked on {_date(report.finished)}: no damage.")
        return
    listed = [*seen, *findings]
    st.warning(
        f"{counted(len(listed), 'file')} of this catalogue {'is' if len(listed) == 1 else 'are'} "
        "damaged, missing or left over. What does not need them works as before.",
        icon=":material/broken_image:",
    )
    if not working:
        st.button(
            "Repair",
            key=f"repair-{catalogue.name}",
            icon=":material/update:",
            on_click=job_panel.launch_job,
            args=(catalogue.name, catalogue.title, ["check", catalogue.name, "--repair"]),
        )
    with st.expander(f"Findings ({len(listed):,})", key=f"findings-{catalogue.name}"):
        for finding in listed[:SHOWN]:
            st.text(str(finding))
        if len(listed) > SHOWN:
            st.caption(f"And {len(listed) - SHOWN:,} more.")


def _date(finished: str) -> str:
    """Return the day of an ISO 8601 time as people write it."""
    day = datetime.fromisoformat(finished)
    return url_state.escape_markdown(f"{day.day} {day:%B %Y}")
