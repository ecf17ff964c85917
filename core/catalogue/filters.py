"""Which items to include, and the SQL that selects them."""

import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

# What items can be filtered by, apart from text.
Facet = Literal["category", "creator", "licence", "tag", "collection"]
FACETS: tuple[Facet, ...] = get_args(Facet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which items to include: those that match every field that is set."""

    text: str = ""
    category: str | None = None
    creator: str | None = None
    licence: str | None = None
    tag: str | None = None
    collection: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is filtered at all."""
        chosen = (getattr(self, facet) for facet in FACETS)
        return bool(self.text.strip()) or any(value is not None for value in chosen)


# Facets that are no column of the items, as conditions.
_CONDITIONS = {
    "tag": "EXISTS (SELECT 1 FROM json_each(i.tags) WHERE value = :tag)",
    "collection": "i.id IN (SELECT item_id FROM collected WHERE collection = :collection)",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters as SQL on the table `items i`: joins and conditions, order, and their values."""

    where: str
    order: str
    values: dict[str, str]


def select(filters: Filters | None) -> Selection:
    """Return `filters` as SQL; None selects every item that is shown."""
    filters = filters or Filters()
    join, conditions, order, values = "", ["i.present"], "i.position", {}
    text = filters.text.replace("\0", " ").encode("utf-8", "ignore").decode().strip()
    text = unicodedata.normalize("NFC", text)
    if any(sign.isalnum() for sign in text):
        # Quoted, a part of the text is split into words as the names were, and is no syntax.
        parts = " ".join('"' + part.replace('"', '""') + '"*' for part in text.split())
        values = {"text": text, "words": parts, "named": f"name : ({parts})"}
        join = "JOIN words ON words.rowid = i.position"
        conditions.append("words MATCH :words")
        # The very name, then names, and by relevance: a hit in the name counts four
        # times one in a tag, eight times one in the category.
        order = (
            "lower(i.name) = lower(:text) DESC, "
            "i.position IN (SELECT rowid FROM words WHERE words MATCH :named) DESC, "
            "bm25(words, 8.0, 2.0, 1.0), i.position"
        )
    elif text:
        # Nothing but signs or emoji, which the word index does not hold.
        values = {"text": text}
        conditions.append("instr(i.name, :text) > 0")
    for facet in FACETS:
        if (chosen := getattr(filters, facet)) is not None:
            conditions.append(_CONDITIONS.get(facet, f"i.{facet} = :{facet}"))
            values[facet] = chosen
    return Selection(f"{join} WHERE {' AND '.join(conditions)}", order, values)
