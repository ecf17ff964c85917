"""Filters of items, and the SQL that selects the items."""

import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

# What items can be filtered by, apart from text.
Facet = Literal["category", "creator", "licence", "tag", "collection"]
FACETS: tuple[Facet, ...] = get_args(Facet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which items to include: those that match all fields that are set."""

    text: str = ""
    category: str | None = None
    creator: str | None = None
    licence: str | None = None
    tag: str | None = None
    collection: str | None = None

    def __bool__(self) -> bool:
        """Whether any field is set."""
        values = (getattr(self, facet) for facet in FACETS)
        return bool(self.text.strip()) or any(value is not None for value in values)


# SQL conditions of the facets that are not columns of the items.
_CONDITIONS = {
    "tag": "EXISTS (SELECT 1 FROM json_each(i.tags) WHERE value = :tag)",
    "collection": "i.id IN (SELECT item_id FROM collected WHERE collection = :collection)",
}


@dataclass(frozen=True, slots=True)
class Clauses:
    """Filters as clauses of an SQL statement that reads `items i`.

    Attributes:
        where: joins and conditions.
        order: of the items.
        values: of the named parameters.
    """

    where: str
    order: str
    values: dict[str, str]


def as_sql(filters: Filters | None) -> Clauses:
    """Return `filters` as SQL; None selects every item that is shown."""
    filters = filters or Filters()
    join, conditions, order, values = "", ["i.present"], "i.position", {}
    text = filters.text.replace("\0", " ").encode("utf-8", "ignore").decode().strip()
    text = unicodedata.normalize("NFC", text)
    if any(character.isalnum() for character in text):
        # A quoted part is split into words as the names were, and none of it is query syntax.
        prefixes = " ".join('"' + part.replace('"', '""') + '"*' for part in text.split())
        values = {"text": text, "words": prefixes, "named": f"name : ({prefixes})"}
        join = "JOIN words ON words.rowid = i.position"
        conditions.append("words MATCH :words")
        # Exact names first, then matches in names, then by relevance: a match in the name counts
        # four times as much as one in a tag and eight times as much as one in the category.
        order = (
            "lower(i.name) = lower(:text) DESC, "
            "i.position IN (SELECT rowid FROM words WHERE words MATCH :named) DESC, "
            "bm25(words, 8.0, 2.0, 1.0), i.position"
        )
    elif text:
        # Only punctuation or emoji, which the word index does not hold.
        values = {"text": text}
        conditions.append("instr(i.name, :text) > 0")
    for facet in FACETS:
        if (value := getattr(filters, facet)) is not None:
            conditions.append(_CONDITIONS.get(facet, f"i.{facet} = :{facet}"))
            values[facet] = value
    return Clauses(f"{join} WHERE {' AND '.join(conditions)}", order, values)
