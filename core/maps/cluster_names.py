"""What to call a group of items: by the words that they have and others lack."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from core.catalogue import Item

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# A name has at most this many terms.
TERMS = 3
# The share of a group that must have a term, and how many times the share of all others that
# must be. Those after the first are for groups that have no two terms so far.
_FAIR = ((0.25, 2.0), (0.12, 2.0), (0.12, 1.5))
# How many items of a group must have a term.
_MIN_ITEMS = 3
# How much a term counts for items that an earlier term of the name stands for already.
_AGAIN = 0.1
# A name stays as long as this share of the group has each of its terms.
_STILL = 0.06
# How many capitals a tag has, at least, that is a code.
_CODE = 5
# Words that tell nothing of what an item looks like, besides scikit-learn's.
_EMPTY = re.compile(
    r"\b(free|items?|low|misc|miscellaneous|models?|new|obj|objects?|others?|poly|sets?|things?|"
    r"types?|uncategori[sz]ed|unknown|untitled|various|versions?)\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r" \d+$")
_LIKE = re.compile(r"(?:^L|, l)ike “(.*)”$")


def name_clusters(
    groups: Sequence[np.ndarray],
    items: Sequence[Item],
    *,
    landmarks: Sequence[Item],
    so_far: Sequence[str] = (),
) -> list[str]:
    """Return a name for each group, as “Clock, time”: no two the same, "" where words lack.

    Class-based TF-IDF (Grootendorst, "BERTopic", 2022) over the words of names, whole tags and
    categories; a fair share of the group must have a term. The second and the third term stand
    for those that the first leaves out, after Carbonell and Goldstein, "The use of MMR", 1998.
    What these do not tell apart is named after its landmark: “Nature, like “Ox””.

    Args:
        groups: for each the numbers of its items.
        items: all that are compared.
        landmarks: for each group the most central item.
        so_far: earlier names of the same groups; those that still hold are kept.
    """
    kept = [
        name if _contains(name, [items[number] for number in group], landmark) else ""
        for name, group, landmark in zip(
            so_far or [""] * len(groups), groups, landmarks, strict=True
        )
    ]
    if all(kept):
        return kept
    # Imported here: half a second that only who draws a map need wait for.
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=_terms)
    try:
        counts = counter.fit_transform(items).tocsr()
    except ValueError:  # no item has a word
        return kept
    vocabulary = counter.get_feature_names_out()
    having = np.bincount(counts.indices, minlength=len(vocabulary))
    often = np.asarray(counts.sum(axis=0)).ravel()
    rarity = np.log(1 + counts.sum() / max(1, len(groups)) / often)
    spelling = _spelling(items)
    for number, (group, landmark) in enumerate(zip(groups, landmarks, strict=True)):
        if not kept[number]:
            others = len(items) - len(group)
            ranked, most = _rank_terms(counts[group], rarity, having, others, vocabulary)
            words = [spelling.get(term, term) for term in ranked]
            names = _format_name(
                words, most, like=landmark.name if _WORD.search(landmark.name) else ""
            )
            kept[number] = next((name for name in names if name not in kept), "")
    return kept


def _rank_terms(
    counts: "csr_array",
    rarity: np.ndarray,
    having: np.ndarray,
    others: int,
    vocabulary: np.ndarray,
) -> tuple[list[str], int]:
    """Return the terms that can name a group, the best first, and how many make its name.

    Args:
        counts: how often each item of the group has each term, (items, terms).
        rarity: of each term, the logarithmic part of TF-IDF.
        having: how many of all items have it.
        others: how many items are not of the group.
        vocabulary: the terms.
    """
    members = counts.shape[0]
    within = np.bincount(counts.indices, minlength=len(vocabulary))
    possible = np.flatnonzero(within >= min(_MIN_ITEMS, members))
    shares = within[possible] / members
    elsewhere = (having[possible] - within[possible]) / max(1, others)
    own = counts[:, possible].toarray()
    worth, stems = rarity[possible], [_stems(term) for term in vocabulary[possible]]
    open_ = np.ones(len(possible), bool)
    left = np.ones(members, bool)
    chosen: list[int] = []
    most = 0
    for fair, times in _FAIR:
        while (allowed := open_ & (shares >= fair) & (shares >= times * elsewhere)).any():
            gains = worth * (own[left].sum(axis=0) + _AGAIN * own.sum(axis=0))
            best = int(np.where(allowed, gains, -1).argmax())
            chosen.append(best)
            left &= own[:, best] == 0
            open_ &= np.array([not one & stems[best] for one in stems])
            open_[best] = False
        most = most if most >= 2 else min(len(chosen), TERMS)
    return [str(term) for term in vocabulary[possible[chosen]]], most


def _format_name(words: Sequence[str], most: int, *, like: str) -> Iterator[str]:
    """Yield names made of terms, or of what the group is like, the best first."""
    begin, rest = words[: max(1, most - 1)], words[max(1, most - 1) :]
    name = ", ".join([*begin, *rest[:1]])
    if name:
        yield _sentence(name)
    if name and rest[1:]:
        yield from (_sentence(", ".join([*begin, last])) for last in rest[1:])
    if like:
        name = f"{name}, like “{like}”" if name else f"like “{like}”"
        yield _sentence(name)
    if name:
        yield from (f"{_sentence(name)} {number}" for number in count(2))


def _sentence(name: str) -> str:
    return name[0].upper() + name[1:]


def _contains(name: str, items: Sequence[Item], landmark: Item) -> bool:
    """Return whether a name is still made of words of the items."""
    terms = _NUMBER.sub("", name)
    like = _LIKE.search(terms)
    if not name or (like and like[1] != landmark.name):
        return False
    found = Counter(term for item in items for term in set(_words(item)))
    told = [term for term in _LIKE.sub("", terms).casefold().split(", ") if term]
    return all(found[term] >= _STILL * len(items) for term in told)


def _terms(item: Item) -> list[str]:
    """Return the words of an item that can name a group."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return [
        word
        for word in _words(item)
        if _WORD.search(word) and word not in ENGLISH_STOP_WORDS and not _EMPTY.search(word)
    ]


def _words(item: Item) -> list[str]:
    """Return the words of the name, the tags and the category: each once from each of them."""
    words = {word for word in _WORD.findall(item.name.casefold()) if len(word) > 1}
    # A tag of many capitals is somebody's code, as “SCPTS”, and no word.
    whole = {_whole(tag) for tag in item.tags if len(tag) < _CODE or not tag.isupper()}
    return [*sorted(words), *sorted(whole), _whole(item.category)]


def _whole(text: str) -> str:
    """Return a tag or category as a term: the commas are those between the terms of a name."""
    return " ".join(text.casefold().replace(",", " ").split())


def _stems(term: str) -> frozenset[str]:
    """Return the words of a term without a plural's s: “heart” and “hearts” say the same."""
    return frozenset(word.rstrip("s") for word in _WORD.findall(term))


def _spelling(items: Sequence[Item]) -> dict[str, str]:
    """Return how terms are spelled that have capitals after their first letter: TV, HiFi."""
    found: dict[str, Counter[str]] = {}
    for item in items:
        for text in (*_WORD.findall(item.name), *item.tags, item.category):
            found.setdefault(_whole(text), Counter())[text] += 1
    best = {term: spelled.most_common(1)[0][0] for term, spelled in found.items()}
    return {
        term: " ".join(text.replace(",", " ").split())
        for term, text in best.items()
        if text[1:] != text[1:].lower()
    }
