"""A renderer that the tests of a file share."""

from collections.abc import Iterator

import pytest

from core.rendering.renderer import Renderer


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one
