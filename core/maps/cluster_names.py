"""Names clusters by the words that their items have and others lack."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Item

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# A name has at most this many terms.
MAX_TERMS = 3
# Two limits for a term: the least share of the group's items that have it, and how many times
# larger that share must be than the share of all other items. The second and the third pair
# are used only while a group has fewer than two terms.
_LIMITS = ((0.25, 2.0), (0.12, 2.0), (0.12, 1.5))
# How many items of a group must have a term.
_MIN_ITEMS = 3
# The weight of a term in items that an earlier term of the name already covers.
_COVERED_WEIGHT = 0.1
# A name is kept while at least this share of the group has each of its terms.
_MIN_SHARE_TO_KEEP = 0.06
# A tag of this many capitals or more is taken for a code, not for a word.
_MIN_CODE_LENGTH = 5
# Words that do not describe how an item looks, besides scikit-learn's stop words.
_UNINFORMATIVE = re.compile(
    r"\b(free|items?|low|misc|miscellaneous|models?|new|obj|objects?|others?|poly|sets?|things?|"
    r"types?|uncategori[sz]ed|unknown|untitled|various|versions?)\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r" \d+$")
_LIKE = re.compile(r"(?:^L|, l)ike “(.*)”$")


def name_clusters(
    groups: Sequence[NDArray[np.intp]],
    items: Sequence[Item],
    *,
    landmarks: Sequence[Item],
    previous: Sequence[str] = (),
) -> list[str]:
    """Return a name for each group, such as “Clock, time”; no two are equal.

    Class-based TF-IDF (Grootendorst, "BERTopic", 2022) over the words of names, whole tags and
    categories; a term must occur in a minimum share of the group. The second and the third term
    are chosen for the items that the first does not cover, after Carbonell and Goldstein, "The
    use of MMR", 1998. Groups that terms do not distinguish are named after their landmark:
    “Nature, like “Ox””. A group without any words has the name "".

    Args:
        groups: for each group the positions of its items in `items`: intp (n,).
        items: all items that are compared.
        landmarks: for each group its most central item.
        previous: earlier names of the same groups; those that still fit are kept.
    """
    names = [
        name if _still_fits(name, [items[number] for number in group], landmark) else ""
        for name, group, landmark in zip(
            previous or [""] * len(groups), groups, landmarks, strict=True
        )
    ]
    if all(names):
        return names
    # Imported here: it takes half a second, and only building a map needs it.
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=_terms)
    try:
        counts = vectorizer.fit_transform(items).tocsr()
    except ValueError:  # no item has a word
        return names
    vocabulary = vectorizer.get_feature_names_out()
    document_counts = np.bincount(counts.indices, minlength=len(vocabulary))
    term_counts = np.asarray(counts.sum(axis=0)).ravel()
    rarity = np.log(1 + counts.sum() / max(1, len(groups)) / term_counts)
    spelling = _spelling(items)
    for number, (group, landmark) in enumerate(zip(groups, landmarks, strict=True)):
        if not names[number]:
            others = len(items) - len(group)
            ranked, length = _rank_terms(counts[group], rarity, document_counts, others, vocabulary)
            words = [spelling.get(term, term) for term in ranked]
            candidates = _format_names(
                words, length, like=landmark.name if _WORD.search(landmark.name) else ""
            )
            names[number] = next((name for name in candidates if name not in names), "")
    return names


def _rank_terms(
    counts: "csr_array",
    rarity: NDArray[np.float64],
    document_counts: NDArray[np.intp],
    others: int,
    vocabulary: NDArray[Any],
) -> tuple[list[str], int]:
    """Return the terms that can name a group, best first, and how many of them make its name.

    Args:
        counts: how often each item of the group has each term: sparse int64 (items, terms).
        rarity: the logarithmic part of TF-IDF of each term: float64 (terms,).
        document_counts: how many of all items have each term: intp (terms,).
        others: how many items are outside the group.
        vocabulary: the terms: str (terms,).
    """
    members = counts.shape[0]
    counts_inside = np.bincount(counts.indices, minlength=len(vocabulary))
    possible = np.flatnonzero(counts_inside >= min(_MIN_ITEMS, members))
    shares = counts_inside[possible] / members
    shares_outside = (document_counts[possible] - counts_inside[possible]) / max(1, others)
    own = counts[:, possible].toarray()
    weights, stems = rarity[possible], [_stems(term) for term in vocabulary[possible]]
    available = np.ones(len(possible), bool)
    uncovered = np.ones(members, bool)
    chosen: list[int] = []
    length = 0
    for min_share, ratio in _LIMITS:
        while (
            allowed := available & (shares >= min_share) & (shares >= ratio * shares_outside)
        ).any():
            gains = weights * (own[uncovered].sum(axis=0) + _COVERED_WEIGHT * own.sum(axis=0))
            best = int(np.where(allowed, gains, -1).argmax())
            chosen.append(best)
            uncovered &= own[:, best] == 0
            available &= np.array([not other & stems[best] for other in stems])
            available[best] = False
        length = length if length >= 2 else min(len(chosen), MAX_TERMS)
    return [str(term) for term in vocabulary[possible[chosen]]], length


def _format_names(words: Sequence[str], length: int, *, like: str) -> Iterator[str]:
    """Yield candidate names, best first: of the terms, then “like” the landmark, then numbered.

    Args:
        words: the terms as they are spelled, best first.
        length: how many of them make a name.
        like: the name of the landmark; "" if it has no word.
    """
    first, rest = words[: max(1, length - 1)], words[max(1, length - 1) :]
    name = ", ".join([*first, *rest[:1]])
    if name:
        yield _sentence(name)
    if name and rest[1:]:
        yield from (_sentence(", ".join([*first, last])) for last in rest[1:])
    if like:
        name = f"{name}, like “{like}”" if name else f"like “{like}”"
        yield _sentence(name)
    if name:
        yield from (f"{_sentence(name)} {number}" for number in count(2))


def _sentence(name: str) -> str:
    """Return the name with its first letter in upper case."""
    return name[0].upper() + name[1:]


def _still_fits(name: str, items: Sequence[Item], landmark: Item) -> bool:
    """Return whether the items still have the words that a name is made of."""
    terms = _NUMBER.sub("", name)
    like = _LIKE.search(terms)
    if not name or (like and like[1] != landmark.name):
        return False
    counts = Counter(term for item in items for term in set(_words(item)))
    parts = [term for term in _LIKE.sub("", terms).casefold().split(", ") if term]
    return all(counts[term] >= _MIN_SHARE_TO_KEEP * len(items) for term in parts)


def _terms(item: Item) -> list[str]:
    """Return the words of an item that can name a group."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return [
        word
        for word in _words(item)
        if _WORD.search(word) and word not in ENGLISH_STOP_WORDS and not _UNINFORMATIVE.search(word)
    ]


def _words(item: Item) -> list[str]:
    """Return the words of the name, the tags and the category, each once per source."""
    words = {word for word in _WORD.findall(item.name.casefold()) if len(word) > 1}
    # A tag of many capitals, such as “SCPTS”, is somebody's code and not a word.
    tags = {_as_term(tag) for tag in item.tags if len(tag) < _MIN_CODE_LENGTH or not tag.isupper()}
    return [*sorted(words), *sorted(tags), _as_term(item.category)]


def _as_term(text: str) -> str:
    """Return a tag or category as one term, without commas, which separate the terms of a name."""
    return " ".join(text.casefold().replace(",", " ").split())


def _stems(term: str) -> frozenset[str]:
    """Return the words of a term without a plural s: “heart” and “hearts” count as one word."""
    return frozenset(word.rstrip("s") for word in _WORD.findall(term))


def _spelling(items: Sequence[Item]) -> dict[str, str]:
    """Return the spelling of terms that have capitals after their first letter: TV, HiFi."""
    spellings: dict[str, Counter[str]] = {}
    for item in items:
        for text in (*_WORD.findall(item.name), *item.tags, item.category):
            spellings.setdefault(_as_term(text), Counter())[text] += 1
    commonest = {term: counts.most_common(1)[0][0] for term, counts in spellings.items()}
    return {
        term: " ".join(text.replace(",", " ").split())
        for term, text in commonest.items()
        if text[1:] != text[1:].lower()
    }
