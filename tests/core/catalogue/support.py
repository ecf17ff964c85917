"""Helpers of the tests of catalogues."""

import hashlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings

from core.catalogue import Catalogue, Filters, Item, Map, Picture
from core.settings import PROJECT

# For tests that only read the catalogue, so that Hypothesis's examples do not affect each other.
READ_ONLY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def picture_of(text: str, *, squashed: bytes | None = None) -> Picture:
    """Return a picture whose bytes are `text`, which a catalogue does not decode."""
    return Picture(
        digest=hashlib.sha256(text.encode()).hexdigest(),
        original=text.encode(),
        extension="png",
        thumbnail=b"small " + text.encode(),
        downscaled=squashed is not None,
        squashed=squashed,
    )


def add(catalogue: Catalogue, *items: Item, picture: str = "") -> list[Item]:
    """Add items, each with a different picture unless one is given, and return them as stored."""
    catalogue.items.add((item, picture_of(picture or item.source_id)) for item in items)
    return [catalogue.items.get(item.id) for item in items]


def numbered(count: int) -> list[Item]:
    return [Item(source_id=f"item {number}", name=f"Number {number}") for number in range(count)]


def map_of(ids: Sequence[str], coordinates: np.ndarray, fingerprint: str) -> Map:
    """Return a map that has coordinates only, without clusters or quality."""
    count = len(ids)
    return Map(
        ids=tuple(ids),
        digests=("",) * count,
        coordinates=coordinates,
        grid=-coordinates,
        labels=np.full(count, -1, np.int32),
        added_later=np.zeros(count, bool),
        clusters=(),
        fingerprint=fingerprint,
        quality=None,
    )


def mapped_ids(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the ids of the items on the map; there must be a map."""
    stored = catalogue.map.load()
    assert stored is not None
    return stored.ids


def source_ids(items: Iterable[Item]) -> list[str]:
    return [item.source_id for item in items]


def names_found(catalogue: Catalogue, text: str, category: str | None = None) -> list[str]:
    return [item.name for item in catalogue.items.find(Filters(text=text, category=category))]


def vector_files(catalogue: Catalogue, descriptor: str = "compact") -> set[str]:
    return {path.name for path in (catalogue.folder / "vectors" / descriptor).glob("*")}


def files_of(catalogue: Catalogue) -> set[Path]:
    return {path for path in catalogue.folder.rglob("*") if path.is_file()}


def rows_for(items: Sequence[Item], *, shift: float = 0) -> np.ndarray:
    """Return a row for each numbered item, with its number and `shift`."""
    values = np.array([int(item.source_id.split()[-1]) for item in items], np.float32)
    return np.stack([values, values * 0 + shift], axis=1)


def in_another_process(script: str) -> list[str]:
    """Return the command that runs a script which can import `core`."""
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n{script}"]
