"""Keeps an error from replacing a page: a sentence says what happened, and the rest stays."""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from components.shared import messages, url_state
from core.errors import LookalikeError

_log = logging.getLogger(__name__)


@contextmanager
def reported() -> Iterator[None]:
    """Show an error that happens inside as a sentence.

    Errors that a person can do something about say so themselves. Files may be lost or broken under
    the app's feet. Any other error is a bug, whose stack trace goes to the server's log.
    """
    try:
        yield
    except LookalikeError as error:
        st.error(messages.error_message(error), icon=":material/error:")
    except OSError as error:
        _log.warning("A page could not read a file: %s", error)
        reason = url_state.escape_markdown(error.strerror or "it cannot be read")
        file = f" ({url_state.escape_markdown(str(error.filename))})" if error.filename else ""
        st.error(
            f"A file of this catalogue could not be read: {reason}{file}. Restore it, or press "
            "“Update” on the Catalogues page.",
            icon=":material/error:",
        )
    except Exception:
        _log.exception("A page failed")
        st.error(
            "This page could not be shown because of an error in Lookalike. The server’s log says "
            "more. Reload the page to try again.",
            icon=":material/error:",
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
