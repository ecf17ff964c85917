"""Entries whose picture is in memory, and how their versions are told apart."""

from core.catalogue import Item
from core.importers import InMemoryEntry
from core.importers.base import Entry, Loaded, digest

ITEM = Item(source_id="1", name="Chair")


def test_an_entry_in_memory_is_loaded_once_for_each_version() -> None:
    entry = InMemoryEntry(ITEM, b"picture")
    loaded = entry.load("")
    assert loaded == Loaded(picture=b"picture", version=digest(b"picture"))
    assert entry.load(loaded.version) is None and entry.is_current(loaded.version)
    changed = InMemoryEntry(ITEM, b"other picture")
    assert not changed.is_current(loaded.version) and changed.load(loaded.version) is not None
    assert entry.quick_picture() == b"picture"


def test_an_entry_has_no_quick_picture_unless_it_says_so() -> None:
    class Rendered(Entry):
        item = ITEM

        def is_current(self, known: str) -> bool:
            return False

        def load(self, known: str) -> Loaded | None:
            return Loaded.of(b"picture")

    assert Rendered().quick_picture() is None
