"""A simulated Sketchfab, with its failures."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from devtools.fake_sketchfab import FakeSketchfab
from tests.core.importers.sketchfab.queries import MakeFake


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeFake]:
    """Return `fake(models=..., failing=...)`, which starts a simulated Sketchfab."""

    def make(**options: Any) -> FakeSketchfab:
        server = servers.enter_context(FakeSketchfab(**options))
        monkeypatch.setenv("LOOKALIKE_SKETCHFAB_API", server.api)
        return server

    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    monkeypatch.delenv("SKETCHFAB_API_TOKEN", raising=False)
    with ExitStack() as servers:
        yield make
