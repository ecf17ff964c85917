"""The collections of a catalogue: named sets of items."""

from collections.abc import Iterable

from core.catalogue.database import Database
from core.catalogue.errors import CatalogueError

MAX_NAME_LENGTH = 60


class CollectionStore:
    """The collections of one catalogue. `ItemStore` filters and counts by them."""

    def __init__(self, database: Database) -> None:
        """Use `database`."""
        self._database = database

    @property
    def revision(self) -> int:
        """A number that grows with every change of a collection."""
        return self._database.revision("collections")

    def add(self, name: str, ids: Iterable[str]) -> None:
        """Add items to the collection `name`, and create it if there is none.

        Case does not matter in names. Raises `CatalogueError` unless `name` has 1 to 60 printable
        characters.
        """
        name = " ".join(name.split())
        if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
            raise CatalogueError(
                f"A collection’s name has 1 to {MAX_NAME_LENGTH} characters. Choose another name."
            )
        with self._database.change("collections") as db:
            db.execute("INSERT OR IGNORE INTO collections VALUES (?)", [name])
            row = db.execute("SELECT name FROM collections WHERE name = ?", [name]).fetchone()
            db.executemany(
                "INSERT OR IGNORE INTO collected VALUES (?, ?)",
                [(row["name"], item_id) for item_id in ids],
            )

    def delete(self, name: str) -> None:
        """Delete a collection; its items stay in the catalogue."""
        with self._database.change("collections") as db:
            db.execute("DELETE FROM collections WHERE name = ?", [name])
