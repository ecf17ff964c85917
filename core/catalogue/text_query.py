"""What a text in a search field means: its words, what else they may match, and how FTS5 asks.

An item matches a text if it has every word of it: the word itself, its singular or plural, a word
that begins with it, one of its synonyms, or, where no item has any of these, a word that is spelled
nearly the same. Where items have the word itself, others must begin with it in their names: for
"car" a carousel is shown, but none of all the people whose tags say "careers".
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from sqlite3 import Connection

from core.catalogue import synonyms
from core.catalogue.database import Database
from core.catalogue.spelling import Spelling
from core.catalogue.synonyms import fold

# How many of the nearest spellings stand in for a word, and how many are suggested.
_MAX_SPELLINGS = 3
_MAX_SUGGESTIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of the text, or words that have synonyms together, such as “cell phone”.

    Attributes:
        parts: as they were typed; one that holds several words is matched as a phrase.
        related: synonyms or nearest spellings, folded; an item with one of them matches too.
        is_known: whether any item that is shown has the parts, words that begin with them, or their
            singulars or plurals.
        is_whole: whether what begins with the parts counts only in names, because items have the
            parts themselves.
    """

    parts: tuple[str, ...]
    related: tuple[str, ...] = ()
    is_known: bool = True
    is_whole: bool = False

    @property
    def words(self) -> str:
        """All of the parts."""
        return _all(map(_phrase, self.parts))

    @property
    def beginnings(self) -> str:
        """What begins with all of the parts, or is their singulars or plurals."""
        return _all(_beginning(part, only_in_name=self.is_whole) for part in self.parts)


@dataclass(frozen=True, slots=True)
class TextQuery:
    """The terms of a text, and the FTS5 expressions that match it more or less closely.

    The expressions follow each other from the narrowest to the widest.
    """

    terms: tuple[Term, ...]

    @property
    def length(self) -> int:
        """How many characters the terms have."""
        return sum(len(part) for term in self.terms for part in term.parts)

    @property
    def words_in_name(self) -> str:
        """All of the words are in the name."""
        return f"name : {self.words}"

    @property
    def words(self) -> str:
        """All of the words are in the name, the tags or the category."""
        return _all(term.words for term in self.terms)

    @property
    def beginnings_in_name(self) -> str:
        """Words of the name begin with all of the words, or are their singulars or plurals."""
        return f"name : {self.beginnings}"

    @property
    def beginnings(self) -> str:
        """The same in the tags or the category too, except of terms that are whole."""
        return _all(term.beginnings for term in self.terms)

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Other words for the whole text; empty if it has several terms."""
        return self.terms[0].related if len(self.terms) == 1 else ()

    @property
    def everything(self) -> str:
        """Every term is matched in any way."""
        return _all(_any([term.beginnings, *map(_phrase, term.related)]) for term in self.terms)


class Vocabulary:
    """The words that the items of a catalogue have."""

    def __init__(self, database: Database, db: Connection) -> None:
        """Read the words over the open connection `db` of `database`."""
        self._database = database
        self._db = db

    def has(self, expression: str) -> bool:
        """Whether any item that is shown matches an FTS5 expression."""
        row = self._db.execute(
            "SELECT 1 FROM words JOIN items i ON i.position = words.rowid "
            "WHERE words MATCH ? AND i.present LIMIT 1",
            [expression],
        ).fetchone()
        return row is not None

    def nearest(self, word: str, *, within: int, limit: int) -> list[str]:
        """Return up to `limit` words of items that are shown, by their distance from `word`."""
        state = self._database.state("items")
        found: list[str] = []
        for other in _nearest(self._database.file, state, word, within):
            if len(found) == limit:
                break
            if self.has(_phrase(other)):
                found.append(other)
        return found


def clean(text: str) -> str:
    """Return `text` as it is compared and stored: composed, without what SQLite cannot hold."""
    text = text.replace("\0", " ").encode("utf-8", "ignore").decode().strip()
    return unicodedata.normalize("NFC", text)


def interpret(text: str, vocabulary: Vocabulary) -> TextQuery | None:
    """Return what a clean text means, or None if the word index holds none of it.

    That is so for punctuation and emoji.
    """
    parts = _parts(text)
    terms: list[Term] = []
    while parts:
        term, length = _next_term(parts, vocabulary)
        terms.append(term)
        parts = parts[length:]
    if not terms:
        return None
    query = TextQuery(tuple(terms))
    if any(term.is_whole for term in terms) and not vocabulary.has(query.everything):
        return TextQuery(tuple(replace(term, is_whole=False) for term in terms))
    return query


def suggestions(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return what to search for instead of a clean text that no item matches, nearest first.

    For words that no item has, the nearest that some have; otherwise the text without one of its
    words, and each of its words. Items need not match all of them.
    """
    query = interpret(text, vocabulary)
    if query is None:
        return []
    typed = [" ".join(term.parts) for term in query.terms]
    found: dict[str, None] = {}
    alone: dict[str, None] = {}
    for place, term in enumerate(query.terms):
        if not term.is_known and not term.related:
            word = fold(typed[place])
            within = max(2, len(word) // 3)
            for near in vocabulary.nearest(word, within=within, limit=_MAX_SUGGESTIONS):
                found[" ".join([*typed[:place], near, *typed[place + 1 :]])] = None
                alone[near] = None
    if len(typed) > 1:
        for place in reversed(range(len(typed))):
            found[" ".join(typed[:place] + typed[place + 1 :])] = None
    return list(found | dict.fromkeys(typed) | alone)


def _parts(text: str) -> list[str]:
    """Return the parts of a text between spaces that hold a word, each once."""
    parts: dict[str, str] = {}
    for part in text.split():
        if any(character.isalnum() for character in part):
            parts.setdefault(fold(part) or part, part)
    return list(parts.values())


def _next_term(parts: list[str], vocabulary: Vocabulary) -> tuple[Term, int]:
    """Return the first term of `parts`, and how many of them it takes."""
    for length in range(min(synonyms.MAX_WORDS, len(parts)), 1, -1):
        if synonyms.has_synonyms(fold(" ".join(parts[:length]))):
            term = _term(parts[:length], vocabulary)
            if term.is_known or term.related:
                return term, length
    term = _term(parts[:1], vocabulary)
    word = fold(parts[0])
    if not term.is_known and not term.related and (within := _tolerance(word)):
        near = vocabulary.nearest(word, within=within, limit=_MAX_SPELLINGS)
        term = replace(term, related=tuple(near))
    return term, 1


def _term(parts: list[str], vocabulary: Vocabulary) -> Term:
    """Return a term with its synonyms; if no item has its parts, with those that items have."""
    related = synonyms.related(fold(" ".join(parts)))
    term = Term(parts=tuple(parts), related=tuple(related))
    if not vocabulary.has(term.beginnings):
        known = tuple(text for text in related if vocabulary.has(_phrase(text)))
        return replace(term, related=known, is_known=False)
    return replace(term, is_whole=vocabulary.has(term.words))


def _tolerance(word: str) -> int:
    """Return how many mistakes a word may have to be read as another one."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else 2


def _phrase(part: str) -> str:
    """Return a quoted part: it is split into words as the names were, and is no query syntax."""
    return '"' + part.replace('"', '""') + '"'


def _beginning(part: str, *, only_in_name: bool) -> str:
    """Return what matches words that begin with a part, and its singular and plural.

    With `only_in_name`, elsewhere only the part itself is matched, and its singular and plural.
    """
    forms = synonyms.forms(fold(part))
    beginning = _phrase(part) + "*"
    found = [_phrase(part), f"name : {beginning}"] if only_in_name else [beginning]
    return _any([*found, *map(_phrase, forms)])


def _all(expressions: Iterable[str]) -> str:
    return f"({' AND '.join(expressions)})"


def _any(expressions: Iterable[str]) -> str:
    return f"({' OR '.join(expressions)})"


@lru_cache(maxsize=256)
def _nearest(
    file: Path, state: tuple[tuple[str, str], ...], word: str, within: int
) -> tuple[str, ...]:
    """Return the words of a database by their distance: each text is counted, then found."""
    return tuple(_spelling(file, state).nearest(word, within=within))


@lru_cache(maxsize=8)
def _spelling(file: Path, state: tuple[tuple[str, str], ...]) -> Spelling:
    """Return the words of a database, which `state` says have not changed."""
    with Database(file, name=file.parent.name).connect() as db:
        db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)")
        return Spelling(dict(db.execute("SELECT term, doc FROM temp.vocabulary").fetchall()))
