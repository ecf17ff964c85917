"""A server on this machine, and a client that may reach it."""

from collections.abc import Iterator

import pytest

from core.web import Client
from tests.core.web.support import Hold, Server, running


@pytest.fixture(autouse=True)
def default_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow no private addresses, whatever the environment of this machine says."""
    monkeypatch.delenv("LOOKALIKE_ALLOW_PRIVATE", raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    """Return a client that may reach this machine and has short timeouts."""
    with Client(
        allow_private=True, rate=1000, read=2, total=3, jitter=lambda least, most: 0.01
    ) as client:
        yield client


@pytest.fixture
def hold() -> Iterator[Hold]:
    hold = Hold()
    yield hold
    hold.released.set()
