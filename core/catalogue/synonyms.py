"""Other words for a word: its synonyms in English, and its singular and plural."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("synonyms.txt")
# The most words that an entry of the file has, such as "movie theater".
MAX_WORDS = 3
# Shorter words have no forms: "gas" is not the plural of "ga".
_MIN_LENGTH = 3
_HISSING = ("s", "x", "z", "ch", "sh")


def fold(text: str) -> str:
    """Return the words of `text` as the word index holds them, with single spaces between.

    Lower case, without accents; whatever is neither a letter nor a digit separates words.
    """
    plain = (
        character if character.isalnum() else " "
        for character in unicodedata.normalize("NFD", text.lower())
        if not unicodedata.combining(character)
    )
    return " ".join(unicodedata.normalize("NFC", "".join(plain)).split())


def related(text: str) -> list[str]:
    """Return other words for `text`, a folded word or phrase, each once.

    First its singular and plural, then its synonyms in the order of the file, each with its own.
    """
    own = [text, *forms(text)]
    found = dict.fromkeys(own)
    for form in own:
        for synonym in _groups().get(form, ()):
            found |= dict.fromkeys([synonym, *forms(synonym)])
    del found[text]
    return list(found)


def has_synonyms(text: str) -> bool:
    """Whether the file has `text`, a folded word or phrase, or its singular or plural."""
    return any(form in _groups() for form in (text, *forms(text)))


@cache
def _groups() -> Mapping[str, tuple[str, ...]]:
    """Return the synonyms of each entry of the file."""
    groups: dict[str, dict[str, None]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            entries = [fold(entry) for entry in line.split(",")]
            for entry in entries:
                others = dict.fromkeys(other for other in entries if other != entry)
                groups.setdefault(entry, {}).update(others)
    return {entry: tuple(others) for entry, others in groups.items()}


@cache
def forms(text: str) -> tuple[str, ...]:
    """Return the regular singulars and plurals of the last word of a text, without itself."""
    start, space, word = text.rpartition(" ")
    if len(word) < _MIN_LENGTH or not (word.isascii() and word.isalpha()):
        return ()
    return tuple(f"{start}{space}{form}" for form in (*_singulars(word), *_plurals(word)))


def _singulars(word: str) -> Iterator[str]:
    if len(word) == _MIN_LENGTH or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return
    yield word[:-1]
    if word.endswith("ies"):
        yield word[:-3] + "y"
    elif word.endswith("ves"):
        yield from (word[:-3] + "f", word[:-3] + "fe")
    elif word.endswith("es"):
        yield word[:-2]


def _plurals(word: str) -> Iterator[str]:
    if word.endswith("y") and word[-2] not in "aeiou":
        yield word[:-1] + "ies"
    elif word.endswith("fe"):
        yield word[:-2] + "ves"
    elif word.endswith(_HISSING):
        yield word + "es"
    else:
        yield word + "s"
        if word.endswith("f"):
            yield word[:-1] + "ves"
