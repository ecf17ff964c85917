"""Messages of the pages for errors that core reports as facts."""

from urllib.parse import urlencode

import streamlit as st

from components.shared import links, url_state
from core import jobs
from core.catalogue import job_files
from core.descriptors import NoLinesError
from core.errors import LookalikeError
from core.search import NotIndexedError


def error_message(error: LookalikeError) -> str:
    """Return what went wrong and, where a page helps, what to do there: Markdown."""
    text = url_state.escape_markdown(str(error))
    if isinstance(error, NotIndexedError):
        if error.reason == "no models":
            return f"{text} Import models on the Catalogues page."
        if error.reason == "nothing to see":
            return text
        job_file = job_files().get(error.catalogue_name)
        if job_file is not None and jobs.running(job_file):
            return f"{text} Wait for the running job to finish."
        return f"{text} Choose “Update” on the Catalogues page."
    if isinstance(error, NoLinesError):
        return f"{text} Choose “Photo” as the picture type, or another picture."
    return text


def show_error(text: str) -> None:
    """Show an error, given as plain text."""
    st.error(url_state.escape_markdown(text), icon=":material/error:")


def show_way_out(error: Exception) -> None:
    """Show a link to the page that `error_message` names, if it names one."""
    if isinstance(error, NotIndexedError):
        # As `navigation.url`, which leads to this module.
        href = f"./catalogues?{urlencode({'catalogue': error.catalogue_name})}"
        links.row([links.Link("Go to Catalogues", href, "inventory_2")])
