"""Which way is up in the 3D files of items, and what people chose for it."""

import json
from collections.abc import Collection, Iterable

from core.catalogue.database import Database
from core.viewpoints import UpChoice

# What a choice for all items concerns: those with a 3D file whose format does not say it.
_OPEN = "i.present AND i.up != '' AND i.up_basis != 'format'"


class UpChoiceStore:
    """What people chose to be up in the 3D files of one catalogue, which the next import obeys.

    A choice for an item is stored here, and one for the items of a source with its options.
    """

    def __init__(self, database: Database) -> None:
        """Use `database`."""
        self._database = database

    def choose(self, choice: UpChoice, ids: Iterable[str]) -> None:
        """Choose for items, each by itself."""
        with self._database.change("items") as db:
            db.executemany(
                "INSERT OR REPLACE INTO up_choices VALUES (?, ?)",
                [(item_id, choice) for item_id in ids],
            )

    def of(self, item_id: str) -> UpChoice:
        """Return what was chosen for an item, else for its source, else for nothing."""
        with self._database.connect() as db:
            row = db.execute(
                "SELECT c.choice, json_extract(s.options, '$.up') AS up "
                "FROM items i LEFT JOIN up_choices c ON c.item_id = i.id "
                "LEFT JOIN sources s ON s.location = i.source AND i.up_basis != 'format' "
                "WHERE i.id = ?",
                [item_id],
            ).fetchone()
        return "auto" if row is None else row["choice"] or row["up"] or "auto"

    def of_sources(self) -> set[UpChoice]:
        """Return what was chosen for the sources of the items that such a choice concerns."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT DISTINCT json_extract(options, '$.up') AS up FROM sources "
                f"WHERE location IN (SELECT source FROM items i WHERE {_OPEN})"
            )
            return {row["up"] or "auto" for row in rows}

    def count(self) -> dict[str, int]:
        """Return how many of the items that a choice for all concerns have which axis up."""
        with self._database.connect() as db:
            rows = db.execute(
                f"SELECT up, COUNT(*) FROM items i WHERE {_OPEN} GROUP BY 1 ORDER BY 1"
            )
            return {row[0]: row[1] for row in rows}

    def sources(self, ids: Collection[str] | None = None) -> set[str]:
        """Return the locations of the sources of items, or of all that a choice concerns."""
        concerned = _OPEN if ids is None else "i.id IN (SELECT value FROM json_each(:ids))"
        with self._database.connect() as db:
            rows = db.execute(
                f"SELECT DISTINCT source FROM items i WHERE {concerned}",
                {"ids": json.dumps(list(ids or []))},
            )
            return {row["source"] for row in rows}
