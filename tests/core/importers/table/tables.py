"""What the tests of tables share: writing one, and loading its pictures as an import does."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.importers import Entry, EntryError, SkippedEntry, Source
from devtools.fake_sketchfab import FakeSketchfab


def write_lines(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def url_of(fake: FakeSketchfab, number: int) -> str:
    return f"{fake.home}/thumbnails/{fake.models[number].uid}/0-200x112.jpeg"


def load_all(source: Source, known: dict[str, str]) -> dict[str, str]:
    """Load as an import does; return for each source id "new", "same" or why it failed."""

    def load(entry: object) -> tuple[str, str]:
        if isinstance(entry, SkippedEntry):
            return entry.source_id, entry.reason
        assert isinstance(entry, Entry)
        source_id = entry.item.source_id
        try:
            loaded = entry.load(known.get(source_id, ""))
        except EntryError as error:
            return source_id, str(error)
        if loaded is None:
            return source_id, "same"
        known[source_id] = loaded.version
        return source_id, "new"

    with ThreadPoolExecutor(source.workers) as pool:
        return dict(pool.map(load, source.entries))
