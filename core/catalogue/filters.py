"""Filters of items, and the SQL that selects the items."""

import json
from dataclasses import dataclass
from typing import Literal, get_args

from core.catalogue import text_query
from core.catalogue.text_query import TextQuery, Vocabulary

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


def as_sql(filters: Filters | None, vocabulary: Vocabulary) -> Clauses:
    """Return `filters` as SQL; None selects every item that is shown.

    `vocabulary` says which words of the text the items have.
    """
    filters = filters or Filters()
    join, conditions, order, values = "", ["i.present"], "i.position", {}
    text = text_query.clean(filters.text)
    if query := text_query.interpret(text, vocabulary):
        join = "JOIN words ON words.rowid = i.position"
        conditions.append("words MATCH :everything")
        order = _ranking(query)
        values = {
            "text": text,
            "words_in_name": query.words_in_name,
            "words": query.words,
            "beginnings_in_name": query.beginnings_in_name,
            "beginnings": query.beginnings,
            "everything": query.everything,
            "synonyms": json.dumps(query.synonyms),
        }
    elif text:
        # Only punctuation or emoji, which the word index does not hold.
        values = {"text": text}
        conditions.append("instr(i.name, :text) > 0")
    for facet in FACETS:
        if (value := getattr(filters, facet)) is not None:
            conditions.append(_CONDITIONS.get(facet, f"i.{facet} = :{facet}"))
            values[facet] = value
    return Clauses(f"{join} WHERE {' AND '.join(conditions)}", order, values)


def _ranking(query: TextQuery) -> str:
    """Return the order of items with a text.

    Exact names come first, then items by their tier: how closely the words match. Items of one tier
    are ranked by relevance: a match in the name counts four times as much as one in a tag and eight
    times as much as one in the category, and synonyms count beside the word itself. So for "bike",
    Bicycle comes first of all that have "bike" among their tags, and a lock that has it comes last.
    """
    tiers = ["words_in_name", "words", "beginnings_in_name"]
    if any(term.related for term in query.terms):
        tiers.append("beginnings")  # otherwise that is everything
    cases = " ".join(
        f"WHEN i.position IN (SELECT rowid FROM words WHERE words MATCH :{tier}) THEN {number}"
        for number, tier in enumerate(tiers)
    )
    order = [
        "lower(i.name) = lower(:text) DESC",
        f"CASE {cases} ELSE {len(tiers)} END",
        "lower(i.name) IN (SELECT value FROM json_each(:synonyms)) DESC",
    ]
    # A single letter begins half of all names: how often it does so says nothing, and takes long.
    if query.length > 1:
        order.append("bm25(words, 8.0, 2.0, 1.0)")
    return ", ".join([*order, "i.position"])
