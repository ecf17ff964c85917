"""What the tests of the Sketchfab importer share: reading a query, and loading its models."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.errors import LookalikeError
from core.importers import Entry, ResumePoint, SkippedEntry, Source, sketchfab
from core.pictures import decoding
from devtools.fake_sketchfab import FakeSketchfab

UID = "0123456789abcdef0123456789abcdef"
OLD_UID = "b7LzIm8JrnPw4GBDOMBNGYc39qM"
MakeFake = Callable[..., FakeSketchfab]


def read(text: str, **options: Any) -> Source:
    return sketchfab.read(text, **{"list_rate": 1000, "picture_rate": 1000, **options})


def entries(source: Source) -> list[Entry]:
    """Return the models of a source that skips nothing."""
    models: list[Entry] = []
    for entry in source.entries:
        if not isinstance(entry, ResumePoint):
            assert isinstance(entry, Entry), entry
            models.append(entry)
    return models


def load_all(source: Source, known: dict[str, str]) -> dict[str, str]:
    """Load as an import does; return for each source id "new", "same" or why it failed.

    `known` are the versions by source id; it is updated.
    """

    def load(entry: Entry | SkippedEntry) -> tuple[str, str]:
        if isinstance(entry, SkippedEntry):
            return entry.source_id, entry.reason
        source_id = entry.item.source_id
        try:
            loaded = entry.load(known.get(source_id, ""))
            if loaded is None:
                return source_id, "same"
            decoding.decode(loaded.picture)
        except LookalikeError as error:
            return source_id, str(error)
        known[source_id] = loaded.version
        return source_id, "new"

    with ThreadPoolExecutor(source.workers) as pool:
        loading = [entry for entry in source.entries if not isinstance(entry, ResumePoint)]
        return dict(pool.map(load, loading))
