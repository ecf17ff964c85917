"""Fixtures for the importers that download something."""

import os
from pathlib import Path

import pytest

from core.importers import (
    fluent,
)
from core.importers.npm import fetch
from core.settings import cache_root


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every program and index that could download something."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", "")


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty cache for this test."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))
    return cache_root()


@pytest.fixture(scope="module")
def archives() -> list[Path]:
    """Download the real archives, or find them in the cache."""
    return fetch(fluent.PICTURES, fluent.WORDS)
