"""What is compared of each item's picture: its object's mask, and what people corrected."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from core.catalogue.database import Database
from core.catalogue.item import Item
from core.catalogue.vector_store import VectorStore

# What a person may want compared: what was detected, the object in any case, or the whole picture.
Choice = Literal["auto", "object", "whole"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

# The key of the setting that holds the choice for all items that have none of their own.
_CATALOGUE = "compared"
# The names under which vectors are stored that depend on the mask: those of the descriptor, and
# of the activations that `core.workflows.embedding` keeps for its fit.
_DEPENDENT = ("compact", "activations")


@dataclass(frozen=True, slots=True)
class StoredMask:
    """What was compared of a picture.

    Attributes:
        basis: what its object was told by: a `Basis` of `core.vision.cutout`.
        confidence: how sure the network was that there is one object, 0 to 1; 1 where it was not
            needed.
        png: the object's opacity, PNG; None unless the network found it.
    """

    basis: str
    confidence: float = 1.0
    png: bytes | None = None


class MaskStore:
    """The masks of one catalogue, which indexing makes, and what people chose to compare."""

    def __init__(self, database: Database, vectors: VectorStore) -> None:
        """Use `database`, and delete the vectors of what is compared otherwise from `vectors`."""
        self._database = database
        self._vectors = vectors

    @property
    def revision(self) -> int:
        """A number that grows with every change of a mask or a choice."""
        return self._database.revision("masks")

    def add(self, masks: Sequence[tuple[Item, StoredMask]]) -> None:
        """Store the masks of items' current pictures, and replace earlier ones."""
        with self._database.change("masks") as db:
            db.executemany(
                "INSERT OR REPLACE INTO masks VALUES (?, ?, ?, ?)",
                [(item.digest, mask.basis, mask.confidence, mask.png) for item, mask in masks],
            )

    def get(self, item: Item) -> StoredMask | None:
        """Return the mask of an item's current picture, or None if it was never indexed."""
        with self._database.connect() as db:
            row = db.execute("SELECT * FROM masks WHERE digest = ?", [item.digest]).fetchone()
        return None if row is None else StoredMask(row["basis"], row["confidence"], row["png"])

    def applied(self) -> dict[str, bytes]:
        """Return the mask, PNG, of each shown item whose object is cut out by it, by item id."""
        default = self.catalogue_choice()
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT i.id, m.png, m.basis, COALESCE(c.choice, ?) AS choice FROM masks m "
                "JOIN items i USING (digest) LEFT JOIN compared c ON c.item_id = i.id "
                "WHERE i.present AND m.png IS NOT NULL",
                [default],
            )
            return {
                row["id"]: row["png"]
                for row in rows
                if row["choice"] == "object" or (row["choice"], row["basis"]) == ("auto", "mask")
            }

    def count(self) -> dict[str, int]:
        """Return how many shown items are compared by each basis, with what people chose."""
        default = self.catalogue_choice()
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT CASE COALESCE(c.choice, ?) WHEN 'whole' THEN 'whole' "
                "WHEN 'object' THEN IIF(m.png IS NULL, m.basis, 'mask') ELSE m.basis END AS basis, "
                "COUNT(*) FROM masks m JOIN items i USING (digest) "
                "LEFT JOIN compared c ON c.item_id = i.id WHERE i.present GROUP BY 1 ORDER BY 1",
                [default],
            )
            return {row[0]: row[1] for row in rows}

    def choice(self, item_id: str) -> Choice:
        """Return what a person chose for an item, else for the catalogue, else "auto"."""
        return self.choices([item_id])[item_id]

    def choices(self, ids: Iterable[str]) -> dict[str, Choice]:
        """Return the `choice` of each item."""
        with self._database.connect() as db:
            own = {row["item_id"]: row["choice"] for row in db.execute("SELECT * FROM compared")}
        default = self.catalogue_choice()
        return {item_id: own.get(item_id, default) for item_id in ids}

    def catalogue_choice(self) -> Choice:
        """Return what a person chose for all items that have no choice of their own."""
        stored = self._database.setting(_CATALOGUE)
        return next((choice for choice in CHOICES if choice == stored), "auto")

    def choose(self, choice: Choice, *, item_ids: Sequence[str] | None = None) -> int:
        """Choose what to compare of some items, or of all that have no choice of their own.

        The vectors of the items for which that changes something are deleted, so that the next
        `index` embeds only them. Returns how many these are.
        """
        chosen = set(item_ids or ())
        default = self.catalogue_choice()
        changed = []
        with self._database.connect() as db:
            for row in db.execute(
                "SELECT i.id, m.basis, m.png IS NOT NULL AS has_mask, c.choice FROM items i "
                "LEFT JOIN masks m USING (digest) LEFT JOIN compared c ON c.item_id = i.id"
            ):
                before = row["choice"] or default
                is_chosen = row["id"] in chosen or (item_ids is None and not row["choice"])
                after = choice if is_chosen else before
                if _effective(row, before) != _effective(row, after):
                    changed.append(row["id"])
        # First: after a crash in between they are computed again, and no old one is left.
        for descriptor in _DEPENDENT:
            self._vectors.delete(descriptor, changed)
        with self._database.change("masks") as db:
            if item_ids is None:
                db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [_CATALOGUE, choice])
            else:
                db.executemany(
                    "INSERT OR REPLACE INTO compared VALUES (?, ?)",
                    [(item_id, choice) for item_id in item_ids],
                )
        return len(changed)

    def sweep(self) -> None:
        """Delete the masks of pictures that no item has; nobody could read them."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM masks WHERE digest NOT IN (SELECT digest FROM items)")


def _effective(row: sqlite3.Row, choice: str) -> str:
    """Return what is compared of an item, "object" or "whole".

    An item that was never indexed counts as "whole".
    """
    can_be_cut = row["has_mask"] or row["basis"] in ("alpha", "plain")
    if choice == "whole" or (choice == "object" and can_be_cut):
        return choice
    return "whole" if row["basis"] in (None, "whole") else "object"
