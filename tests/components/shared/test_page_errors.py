"""Errors become sentences; only bugs need a stack trace in the server's log."""

import logging
import sys

import pytest
import streamlit as st

from components.shared import page_errors
from core.errors import LookalikeError


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the errors that the page shows."""
    shown: list[str] = []
    monkeypatch.setattr(st, "error", lambda text, icon: shown.append(text))
    return shown


def test_each_kind_of_error_says_what_to_do(
    errors: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    lost = FileNotFoundError(2, "No such file", "/data/a_b.png")
    for error in (LookalikeError("The folder is *empty*."), lost, ZeroDivisionError("secret")):
        with page_errors.reported():
            raise error

    ours, file, bug = errors
    assert ours == "The folder is \\*empty\\*\\."
    assert "No such file (/data/a\\_b\\.png)" in file and "“Update”" in file
    assert "error in Lookalike" in bug and "secret" not in bug
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert "secret" in caplog.text


def test_a_page_that_fails_shows_its_sentence_and_keeps_its_name(errors: list[str]) -> None:
    @page_errors.as_sentences
    def page() -> None:
        raise LookalikeError("Choose another")

    page()

    assert page.__name__ == "page"
    assert errors == ["Choose another"]


@pytest.mark.parametrize(
    ("error", "is_bug"), [(LookalikeError("x"), False), (KeyError("x"), True), (None, True)]
)
def test_the_log_holds_bugs_alone(error: Exception | None, is_bug: bool) -> None:
    try:
        if error is not None:
            raise error
        information = None
    except Exception:
        information = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", None, information)

    assert page_errors.is_bug(record) is is_bug
