"""The network is loaded once, and again after an error."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.search import network_loader
from core.errors import LookalikeError
from core.vision import precision


@pytest.fixture(autouse=True)
def nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Load nothing by itself, and leave nothing to the tests after these."""
    monkeypatch.setattr(network_loader, "LOAD_AFTER", 600)
    network_loader._loader.clear()
    yield
    network_loader._loader.clear()


def test_the_network_is_loaded_on_request_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def load() -> object:
        made.append(object())
        return made[-1]

    monkeypatch.setattr(precision, "load", load)
    network_loader.load_later()
    assert not network_loader.network_is_ready()

    found: list[Any] = [network_loader.network() for _ in range(2)]

    assert network_loader.network_is_ready()
    assert found == made * 2
    assert len(made) == 1


def test_an_error_is_told_and_the_next_search_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = [LookalikeError("There are no weights."), "network"]

    def load() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(precision, "load", load)

    with pytest.raises(LookalikeError, match="no weights"):
        network_loader.network()
    assert network_loader.network() == "network"
