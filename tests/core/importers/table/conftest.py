"""Fixtures for tables: a server of pictures, and addresses that are refused."""

from collections.abc import Iterator

import pytest

from devtools.fake_sketchfab import FakeSketchfab


@pytest.fixture(autouse=True)
def default_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow no private addresses, whatever the environment of this machine says."""
    monkeypatch.delenv("LOOKALIKE_ALLOW_PRIVATE", raising=False)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSketchfab]:
    """Return a server of pictures."""
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    with FakeSketchfab(models=300, failing=0.1) as server:
        yield server
