"""Keeps an error from replacing a page: a sentence says what happened, and the rest stays."""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.shared import links, messages, url_state
from core.errors import LookalikeError

_log = logging.getLogger(__name__)


@contextmanager
def reported() -> Iterator[None]:
    """Show an error that happens inside as a sentence."""
    try:
        yield
    except Exception as error:
        st.error(_sentence(error), icon=":material/error:")
        messages.show_way_out(error)


def after_callback(error: Exception) -> bool:
    """Show an error of a callback as a sentence, and return that it is shown; for `st.App`.

    Callbacks run before the page, outside of what it catches. Of a page that is a fragment
    Streamlit leaves what is there, of any other nothing.
    """
    context = get_script_run_ctx()
    if context is not None and context.fragment_ids_this_run:
        st.toast(_sentence(error), icon=":material/error:")
    else:
        st.error(_sentence(error), icon=":material/error:")
        links.row([links.Link("Reload the page", url_state.link(), "refresh")])
    return True


def is_bug(record: logging.LogRecord) -> bool:
    """Return whether the log needs to hold this; for Streamlit's logger of callbacks' errors."""
    return not (record.exc_info and isinstance(record.exc_info[1], LookalikeError))


def _sentence(error: Exception) -> str:
    """Return what to tell about an error, in Markdown, and log what the server should know.

    Errors that a person can do something about say so themselves. Files may be lost or broken under
    the app's feet. Any other error is a bug, whose stack trace goes to the server's log.
    """
    if isinstance(error, LookalikeError):
        return messages.error_message(error)
    if isinstance(error, OSError):
        _log.warning("A page could not read a file: %s", error)
        reason = url_state.escape_markdown(error.strerror or "it cannot be read")
        file = f" ({url_state.escape_markdown(str(error.filename))})" if error.filename else ""
        return (
            f"A file of this catalogue could not be read: {reason}{file}. Restore it, or choose "
            "“Update” under “More” on the Catalogues page."
        )
    _log.error("A page failed", exc_info=error)
    return (
        "This page could not be shown because of an error in Lookalike. The server’s log has "
        "the details. Reload the page to try again."
    )


def as_sentences(show: Callable[[], None]) -> Callable[[], None]:
    """Decorate what shows a page, so that its errors are `reported`.

    Below `st.fragment`, which would show errors itself.
    """

    @functools.wraps(show)
    def shown() -> None:
        with reported():
            show()

    return shown
