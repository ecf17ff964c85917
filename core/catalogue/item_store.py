"""The items of a catalogue: adding, finding, changing, hiding and removing them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from core.catalogue import text_query
from core.catalogue.database import Database, Store, bump
from core.catalogue.errors import UnknownItem
from core.catalogue.filters import Clauses, Facet, Filters, as_sql
from core.catalogue.item import Item, item_from_row
from core.catalogue.picture_store import PictureStore
from core.catalogue.records import KnownItem, Picture
from core.catalogue.text_query import Vocabulary
from core.natural_order import natural_key


class ItemStore:
    """The items of one catalogue, in the order in which they were first added.

    Vectors and map are read for the items that are shown. Whether one that existed before is
    shown, or what its picture is, therefore gives them a new revision too. Its facts do not, and
    neither does a new item, which has no vector and no place on the map yet.
    """

    def __init__(self, database: Database, pictures: PictureStore) -> None:
        """Use `database`, and store the pictures of the items in `pictures`."""
        self._database = database
        self._pictures = pictures

    @property
    def revision(self) -> int:
        """A number that grows with every change of an item."""
        return self._database.revision("items")

    # -- reading ------------------------------------------------------------------

    def find(
        self, filters: Filters | None = None, *, offset: int = 0, limit: int | None = None
    ) -> list[Item]:
        """Return the items that match `filters`; with a text the best match comes first."""
        bounds = {"limit": -1 if limit is None else limit, "offset": offset}
        with self._database.connect() as db:
            clauses = self._as_sql(filters, db)
            sql = (
                f"SELECT i.* FROM items i {clauses.where} ORDER BY {clauses.order} "
                "LIMIT :limit OFFSET :offset"
            )
            return [item_from_row(row) for row in db.execute(sql, clauses.values | bounds)]

    def newest(self, limit: int) -> list[Item]:
        """Return the items that were added last, newest first."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT * FROM items WHERE present ORDER BY position DESC LIMIT ?", [limit]
            )
            return [item_from_row(row) for row in rows]

    def count(self, filters: Filters | None = None) -> int:
        """Return how many items match `filters`."""
        with self._database.connect() as db:
            clauses = self._as_sql(filters, db)
            sql = f"SELECT COUNT(*) FROM items i {clauses.where}"
            row = db.execute(sql, clauses.values).fetchone()
        return int(row[0])

    def suggestions(self, filters: Filters, *, limit: int = 5) -> list[str]:
        """Return texts to search for if no item matches `filters`, nearest first.

        They are made of words that items have, such as the nearest spellings. With each of them in
        place of its own text, `filters` matches an item.
        """
        with self._database.connect() as db:
            vocabulary = Vocabulary(self._database, db)
            texts = text_query.suggestions(text_query.clean(filters.text), vocabulary)
        matching = (text for text in texts if self.count(replace(filters, text=text)))
        return list(islice(matching, limit))

    def replaced_words(self, text: str) -> dict[str, tuple[str, ...]]:
        """Return the words of `text` that no item has, with what is searched for instead of each.

        These are its synonyms, or the nearest spellings, that items have.
        """
        with self._database.connect() as db:
            query = text_query.interpret(text_query.clean(text), Vocabulary(self._database, db))
        terms = query.terms if query else ()
        return {
            " ".join(term.parts): term.related
            for term in terms
            if not term.is_known and term.related
        }

    def count_categories(self) -> int:
        """Return how many categories the items have; an empty one does not count."""
        with self._database.connect() as db:
            row = db.execute(
                "SELECT COUNT(DISTINCT category) FROM items WHERE present AND category != ''"
            ).fetchone()
        return int(row[0])

    def get(self, item_id: str) -> Item:
        """Return the item `item_id`, or raise `UnknownItem`."""
        with self._database.connect() as db:
            row = db.execute("SELECT * FROM items WHERE id = ? AND present", [item_id]).fetchone()
        if row is None:
            raise UnknownItem(self._database.setting("title"), item_id)
        return item_from_row(row)

    def get_many(self, ids: Sequence[str]) -> list[Item]:
        """Return the items with these ids that are shown, in item order."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT * FROM items WHERE present AND id IN (SELECT value FROM json_each(?)) "
                "ORDER BY position",
                [json.dumps(list(ids))],
            )
            return [item_from_row(row) for row in rows]

    def ids(self, filters: Filters | None = None, *, by_name: bool = False) -> list[str]:
        """Return the ids of the items that match `filters`, in the order of `find`.

        Or `by_name`, in natural order.
        """
        with self._database.connect() as db:
            clauses = self._as_sql(filters, db)
            order = "i.position" if by_name else clauses.order
            sql = f"SELECT i.id, i.name FROM items i {clauses.where} ORDER BY {order}"
            found = [(row["id"], row["name"]) for row in db.execute(sql, clauses.values)]
        if by_name:
            found.sort(key=lambda row: natural_key(row[1]))
        return [item_id for item_id, _ in found]

    def categories(self, filters: Filters | None = None) -> dict[str, str]:
        """Return the category of each item that matches `filters`, by id, in the order of `find`.

        It is empty for an item without one.
        """
        with self._database.connect() as db:
            clauses = self._as_sql(filters, db)
            sql = f"SELECT i.id, i.category FROM items i {clauses.where} ORDER BY {clauses.order}"
            return {row["id"]: row["category"] for row in db.execute(sql, clauses.values)}

    def facet(self, name: Facet, filters: Filters | None = None) -> dict[str, int]:
        """Return each value of a facet, such as "chairs", in natural order.

        With each comes how many of the items that match `filters` have it.
        """
        if name == "tag":
            source, value = "items i, json_each(i.tags) tag", "tag.value"
        elif name == "collection":
            source, value = "items i JOIN collected c ON c.item_id = i.id", "c.collection"
        else:
            source, value = "items i", f"i.{name}"
        with self._database.connect() as db:
            clauses = self._as_sql(filters, db)
            rows = db.execute(
                f"SELECT {value}, COUNT(DISTINCT i.id) FROM {source} {clauses.where} "
                f"AND {value} != '' GROUP BY {value}",
                clauses.values,
            )
            counts = {str(row[0]): int(row[1]) for row in rows}
        return {value: counts[value] for value in sorted(counts, key=natural_key)}

    def all_items(self) -> dict[str, Item]:
        """Return all items that were not removed, even hidden and missing ones, by `source_id`."""
        return {source_id: known.item for source_id, known in self.known_items().items()}

    def known_items(self) -> dict[str, KnownItem]:
        """Return the items of `all_items` with what the next import compares, by `source_id`."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT i.*, c.choice FROM items i LEFT JOIN up_choices c ON c.item_id = i.id "
                "WHERE NOT removed ORDER BY position"
            )
            return {
                row["source_id"]: KnownItem(
                    item_from_row(row),
                    row["version"],
                    row["source"],
                    bool(row["missing"]),
                    row["choice"],
                )
                for row in rows
            }

    def _as_sql(self, filters: Filters | None, db: sqlite3.Connection) -> Clauses:
        return as_sql(filters, Vocabulary(self._database, db))

    # -- adding, changing, removing --------------------------------------------------

    def add(self, items: Iterable[tuple[Item, Picture]], *, source: str = "") -> None:
        """Add items with their pictures, or replace those that have the same `source_id`.

        A hidden item stays hidden; a removed or missing one is shown again. Failures of the
        items are resolved.

        Args:
            items: each with its picture.
            source: the location of the source that they come from.
        """
        added = list(items)
        if not added:
            return
        written = [self._pictures.write(item, picture) for item, picture in added]
        with self._database.change("items", "pictures") as db:
            self._pictures.register(db, written)
            _upsert(db, added, source)
            _resolve_failures(db, (item for item, _ in added))

    def update_facts(self, items: Iterable[Item], *, source: str = "") -> None:
        """Replace the facts of items whose pictures have not changed; as `add` otherwise."""
        changed = list(items)
        if changed:
            with self._database.change("items") as db:
                _upsert(db, ((item, None) for item in changed), source)
                _resolve_failures(db, changed)

    def remove(self, ids: Iterable[str]) -> None:
        """Remove items. They are shown again when they are added again."""
        with self._database.change("items", "vectors", "map") as db:
            for item_id in ids:
                db.execute("UPDATE items SET removed = 1 WHERE NOT removed AND id = ?", [item_id])
                db.execute(
                    "DELETE FROM words WHERE rowid = (SELECT position FROM items WHERE id = ?)",
                    [item_id],
                )

    # -- items with nothing to see ----------------------------------------------------

    def blank(self) -> list[Item]:
        """Return the shown items with nothing to see in their pictures; they are not compared."""
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM items WHERE present AND blank ORDER BY position")
            return [item_from_row(row) for row in rows]

    def count_blank(self) -> int:
        """Return how many items `blank` returns."""
        with self._database.connect() as db:
            row = db.execute("SELECT COUNT(*) FROM items WHERE present AND blank").fetchone()
        return int(row[0])

    def not_looked_at(self) -> list[Item]:
        """Return the shown items whose pictures were never looked at: those of earlier versions."""
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM items WHERE present AND blank IS NULL")
            return [item_from_row(row) for row in rows]

    def mark_blank(self, found: Mapping[str, bool]) -> None:
        """Note whether there is nothing to see in the pictures of items, by id."""
        stores: tuple[Store, ...] = ("items", "vectors", "map") if any(found.values()) else ()
        with self._database.change(*stores) as db:
            db.executemany(
                "UPDATE items SET blank = ? WHERE id = ?",
                [(int(blank), item_id) for item_id, blank in found.items()],
            )

    # -- items that their source no longer has -----------------------------------------

    def mark_missing(self, source_ids: Iterable[str]) -> None:
        """Stop showing items that their source no longer has.

        They are shown again when an import finds them again, or with `restore_missing`.
        """
        listed = json.dumps(list(source_ids))
        with self._database.change("items", "vectors", "map") as db:
            db.execute(
                "UPDATE items SET missing = 1 "
                "WHERE NOT missing AND source_id IN (SELECT value FROM json_each(?))",
                [listed],
            )
            # Otherwise neither a missing item nor the duplicates hidden for it would be shown.
            db.execute(
                "UPDATE items SET hidden_for = '' WHERE hidden_for IN "
                "(SELECT id FROM items WHERE missing AND NOT restored)"
            )

    def restore_missing(self, ids: Iterable[str]) -> None:
        """Show missing items again."""
        with self._database.change("items", "vectors", "map") as db:
            db.executemany(
                "UPDATE items SET restored = 1 WHERE missing AND NOT restored AND id = ?",
                [(item_id,) for item_id in ids],
            )

    def missing(self) -> list[Item]:
        """Return the items that are not shown because their source no longer has them."""
        with self._database.connect() as db:
            rows = db.execute(
                "SELECT * FROM items WHERE missing AND NOT restored AND NOT removed "
                "ORDER BY position"
            )
            return [item_from_row(row) for row in rows]

    # -- items that are hidden as near-duplicates ----------------------------------------

    def hide(self, ids: Iterable[str], *, kept: str) -> None:
        """Stop showing items that are near-duplicates of `kept`.

        `restore_hidden` shows them again; importing them again does not. Raises `UnknownItem` if
        `kept` is not shown, and `ValueError` if it is among `ids`.
        """
        hidden = set(ids)
        if kept in hidden:
            raise ValueError(f"the item {kept} cannot be hidden for itself")
        self.get(kept)
        with self._database.change("items", "vectors", "map") as db:
            db.executemany(
                "UPDATE items SET hidden_for = ? WHERE id = ?",
                [(kept, item_id) for item_id in hidden],
            )
            # Items that were hidden for an item that is now hidden itself.
            db.executemany(
                "UPDATE items SET hidden_for = ? WHERE hidden_for = ?",
                [(kept, item_id) for item_id in hidden],
            )

    def restore_hidden(self, ids: Iterable[str]) -> None:
        """Show hidden items again."""
        with self._database.change("items", "vectors", "map") as db:
            db.executemany(
                "UPDATE items SET hidden_for = '' WHERE hidden_for != '' AND id = ?",
                [(item_id,) for item_id in ids],
            )

    def hidden(self) -> dict[str, list[Item]]:
        """Return the hidden items, in item order, by the id of the item that is kept for them."""
        with self._database.connect() as db:
            hidden: dict[str, list[Item]] = {}
            for row in db.execute(
                "SELECT * FROM items WHERE hidden_for != '' AND NOT removed ORDER BY position"
            ):
                hidden.setdefault(row["hidden_for"], []).append(item_from_row(row))
            return hidden


def _upsert(
    db: sqlite3.Connection, items: Iterable[tuple[Item, Picture | None]], source: str
) -> None:
    """Insert or update items, without a picture only their facts."""
    if any([_upsert_one(db, item, picture, source) for item, picture in items]):
        bump(db, "vectors", "map")


def _upsert_one(db: sqlite3.Connection, item: Item, picture: Picture | None, source: str) -> bool:
    """Return whether what is read of an item's vectors, or of its place on the map, may change."""
    row: dict[str, str | int] = {
        "id": item.id,
        "source_id": item.source_id,
        "name": item.name,
        "category": item.category,
        "tags": json.dumps(item.tags, ensure_ascii=False),
        "creator": item.creator,
        "licence": item.licence,
        "page_url": item.page_url,
        "embed_url": item.embed_url,
        "source": source,
        "removed": 0,
        "missing": 0,
        "restored": 0,
    }
    state = "SELECT position, present, digest FROM items WHERE source_id = ?"
    before = db.execute(state, [item.source_id]).fetchone()
    if picture is not None:
        row |= {
            "digest": picture.digest,
            "extension": picture.extension,
            "downscaled": int(picture.downscaled),
            "version": picture.version,
            "viewpoints": json.dumps(list(picture.viewpoints)),
            "missing_textures": json.dumps(picture.missing_textures, ensure_ascii=False),
            "remark": picture.remark,
            "up": picture.up,
            "up_basis": picture.up_basis,
            "blank": int(picture.is_blank),
        }
        columns = ", ".join(row)
        marks = ", ".join(f":{column}" for column in row)
        updates = ", ".join(f"{column} = :{column}" for column in row)
        db.execute(
            f"INSERT INTO items ({columns}) VALUES ({marks}) "
            f"ON CONFLICT (source_id) DO UPDATE SET {updates}",
            row,
        )
    else:
        updates = ", ".join(f"{column} = :{column}" for column in row)
        db.execute(f"UPDATE items SET {updates} WHERE source_id = :source_id", row)
    after = db.execute(state, [item.source_id]).fetchone()
    db.execute("DELETE FROM words WHERE rowid = ?", [after["position"]])
    db.execute(
        "INSERT INTO words (rowid, name, tags, category) VALUES (?, ?, ?, ?)",
        [after["position"], item.name, " ".join(item.tags), item.category],
    )
    return before is not None and before != after


def _resolve_failures(db: sqlite3.Connection, items: Iterable[Item]) -> None:
    """Delete the failures of items that have been added or updated."""
    deleted = db.executemany(
        "DELETE FROM failures WHERE source_id = ?", [(item.source_id,) for item in items]
    )
    if deleted.rowcount > 0:
        bump(db, "imports")
