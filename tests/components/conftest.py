"""A URL to read and change, and what is written to the page, without a server."""

from collections.abc import Mapping
from typing import Any

import pytest
import streamlit as st


class Url(dict[str, str]):
    """The parameters of a URL as Streamlit holds them; `steps` counts entries of the history."""

    steps = 0

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, parameters: Mapping[str, str]) -> None:
        self.clear()
        self.update(parameters)
        self.steps += 1


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Url:
    url = Url()
    monkeypatch.setattr(st, "query_params", url)
    return url


def _recorded(name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    written: list[str] = []

    def write(text: str, **_: Any) -> None:
        written.append(text)

    monkeypatch.setattr(st, name, write)
    return written


@pytest.fixture
def html(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the HTML that is written to the page."""
    return _recorded("html", monkeypatch)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the warnings that the page shows."""
    return _recorded("warning", monkeypatch)
