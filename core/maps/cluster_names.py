"""Names clusters by one word or two that their items have and others lack."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import log

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Item

# A term can name a group if at least this many of its items have it, or all of fewer, ...
_MIN_ITEMS = 3
# ... which are at least this share of the group, ...
_MIN_SHARE = 0.1
# ... and this many times the share of all other items.
_MIN_RATIO = 2.0
# A category is a term of a group if at least this share of it has it: the map shows categories by
# colour, and a small part tells little.
_COMMON = 1 / 3
# A name of one term is enough if at least this share of the group has it.
_COVERED = 0.5
# A name stands for a group if at least this share of it has one of its terms, ...
_MIN_COVERED = 0.4
# ... and is kept while this share has, and this one each of them.
_MIN_COVERED_TO_KEEP, _MIN_SHARE_TO_KEEP = 0.3, 0.08
# So many of the terms that most of a group have are tried in pairs.
_MAX_PAIRED = 16
# A longer term fits no legend.
_MAX_LENGTH = 24
# The longest name of a landmark that can stand for a name of its cluster.
_MAX_LANDMARK = 32
# A tag of this many capitals or more is taken for a code, not for a word.
_MIN_CODE_LENGTH = 5
# Words that do not describe how an item looks, besides scikit-learn's stop words: what somebody
# calls any model, and what cameras and programs call files. As terms, without a plural s.
_UNINFORMATIVE = re.compile(
    "copy|dsc[fn]?|fbx|file|final|free|gl(b|tf)|img|item|jpe?g|low|misc|miscellaneou|model|new|obj|"
    "object|other|png|poly|pxl|set|stl|thing|type|uncategori[sz]ed|unknown|untitled|variou|version|"
    "webp"
)
# What separates the terms of a name.
_AND = " & "
# What separates the terms of a tag or category, such as “roles & careers”, and words.
_LISTED = re.compile(r"[&/,;|+]")
_SEPARATORS = re.compile(r"[\s\d_&/,;|+\\.:!?()\[\]{}<>\"“”„«»*#=~%$@^`]+")
_DIGIT = re.compile(r"\d")
_LIKE = re.compile(r"Like “(.*)”")


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of items that needs a name.

    Attributes:
        number: of the group.
        members: the terms of each of its items that tell of the group.
        described: all terms of each.
        named: the words of each item's name, as terms.
        category: the term that at least a third of them have as their category, or "".
    """

    number: int
    members: list[set[str]]
    described: list[dict[str, str]]
    named: list[set[str]]
    category: str


def name_clusters(
    groups: Sequence[NDArray[np.intp]],
    items: Sequence[Item],
    *,
    landmarks: Sequence[Item],
    previous: Sequence[str] = (),
    taken: Iterable[str] = (),
) -> list[str]:
    """Return a name for each group, such as “Moon” or “Birds & flowers”; no two are alike.

    A term is a word of a name, or what a tag or category begins with. It describes a group the
    better, the more frequent it is inside and the rarer outside: by Dunning's G² ("Accurate methods
    for the statistics of surprise and coincidence", 1993). On a demo, class-based TF-IDF
    (Grootendorst, "BERTopic", 2022) preferred terms of fewer items, such as “monkey” for animals,
    and the z-score of a log-odds ratio (Monroe, Colaresi and Quinn, "Fightin' Words", 2008) terms
    that others have too, such as “time” for one of two clusters of clocks. Words of names count up
    to twice: they are what people call a thing. Each term names only the group that it describes
    best. Where it fits less than half of the group, a second one that occurs in names is chosen for
    the rest, after Carbonell and Goldstein, "The use of MMR", 1998. Some groups mix subjects:
    “Square & books” told of a fifth of the square models of a demo. Where a name tells of too few,
    the two terms that most have take its place, whatever they are: “Kitchen & bathroom”. A group
    that has no such terms is named after its landmark: “Like “Ox””. One without words has the
    name "".

    Args:
        groups: for each group the positions of its items in `items`: intp (n,).
        items: all items that are compared.
        landmarks: for each group its most central item.
        previous: earlier names of the same groups; those that still fit are kept.
        taken: names that no group may have.
    """
    described = [_item_terms(item) for item in items]
    used = {key for name in taken for key in _keys(name)}
    names = [""] * len(groups)
    for number, name in enumerate(_without_former(previous)):
        members = [described[row] for row in groups[number]]
        if _still_fits(name, members, landmarks[number]) and not _keys(name) & used:
            names[number] = name
            used |= _keys(name)
    if all(names):
        return names
    unnamed = [
        _group(number, [items[row] for row in group])
        for number, group in enumerate(groups)
        if not names[number]
    ]
    vocabulary = _Vocabulary(items)
    first = vocabulary.assign(unnamed, used)
    second = vocabulary.assign([group for group in unnamed if group.number in first], used, first)
    mixed = []
    for group in unnamed:
        terms = [chosen[group.number] for chosen in (first, second) if group.number in chosen]
        if terms and _covered(terms, group.described) >= _MIN_COVERED:
            names[group.number] = vocabulary.name_of(terms)
        else:
            used.difference_update(map(_key, terms))
            mixed.append(group)
    pairs = vocabulary.assign_pairs(mixed, used)
    for group in mixed:
        pair = pairs.get(group.number)
        names[group.number] = (
            vocabulary.name_of(pair) if pair else _like(landmarks[group.number], used)
        )
    return names


def describes(name: str, items: Sequence[Item]) -> NDArray[np.bool_]:
    """Return which items have a term of a name that `name_clusters` gave, bool (n,).

    All, if the name has no terms.
    """
    terms = [] if _LIKE.fullmatch(name) else _terms_of(name)
    if not terms:
        return np.ones(len(items), bool)
    return np.array([any(term in _item_terms(item) for term in terms) for item in items], bool)


class _Vocabulary:
    """How many items have each term, and how it is written."""

    def __init__(self, items: Sequence[Item]) -> None:
        """Count the terms of `items`."""
        self._count = len(items)
        self._in_words: Counter[str] = Counter()
        self._anywhere: Counter[str] = Counter()
        self._spellings: dict[str, Counter[str]] = defaultdict(Counter)
        # Words that are written so within a name: a capital at the beginning says nothing.
        self._within: set[str] = set()
        for item in items:
            self._within.update(_words(item.name)[1:])
            described = _item_terms(item)
            self._in_words.update(_name_and_tag_terms(item).keys())
            self._anywhere.update(described.keys())
            for term, text in described.items():
                self._spellings[term][text] += 1

    def assign(
        self, groups: Sequence[_Group], used: set[str], earlier: Mapping[int, str] | None = None
    ) -> dict[int, str]:
        """Return the term that describes each group best, where there is one, by number.

        The pair of group and term with the highest score comes first; neither is in another pair.

        Args:
            groups: the groups.
            used: what terms must not be like; the keys of the chosen ones are added.
            earlier: the terms that groups have: second ones are for the items that lack the first.
        """
        scores = {
            (group.number, term): score
            for group in groups
            for term, score in self._scores(group, (earlier or {}).get(group.number)).items()
        }
        assigned: dict[int, str] = {}
        for number, term in sorted(scores, key=lambda pair: (-scores[pair], pair)):
            if number not in assigned and _key(term) not in used:
                assigned[number] = term
                used.add(_key(term))
        return assigned

    def _scores(self, group: _Group, earlier: str | None) -> dict[str, float]:
        """Return how much each term that can name a group tells of it."""
        uncovered = [terms for terms in group.members if earlier not in terms]
        size, left = len(group.members), len(uncovered)
        if earlier is not None and left <= (1 - _COVERED) * size:
            return {}
        others = self._count - size
        scores = {}
        for term, own in Counter(term for terms in uncovered for term in terms).items():
            total = (self._anywhere if term == group.category else self._in_words)[term]
            outside = total - sum(term in terms for terms in group.members)
            if (
                own >= max(min(_MIN_ITEMS, size), _MIN_SHARE * size)
                and self._is_telling(own, size, outside)
                and _is_informative(term)
            ):
                named = sum(term in names for names in group.named)
                # Tags alone gave “Diamond & cooked” and “Medal & asian”.
                if named or earlier is None:
                    scores[term] = _score(own, left, outside, others) * (1 + named / own)
        return scores

    def assign_pairs(self, groups: Sequence[_Group], used: set[str]) -> dict[int, tuple[str, str]]:
        """Return the two terms that most of each group have, where that is half, by number.

        The pair that the largest share has comes first; its terms are in no other pair.

        Args:
            groups: the groups.
            used: what terms must not be like; the keys of the chosen ones are added.
        """
        shares = {
            (group.number, pair): _covered(pair, group.described)
            for group in groups
            for pair in combinations(self._frequent(group), 2)
        }
        assigned: dict[int, tuple[str, str]] = {}
        for number, pair in sorted(shares, key=lambda each: -shares[each]):
            keys = {_key(term) for term in pair}
            if shares[number, pair] < _COVERED:
                break
            if number not in assigned and len(keys) == 2 and not keys & used:
                assigned[number] = pair
                used |= keys
        return assigned

    def _frequent(self, group: _Group) -> list[str]:
        """Return the terms that most of a group have and others lack, the most frequent first."""
        size = len(group.described)
        counts = Counter(term for terms in group.described for term in terms)
        return [
            term
            for term, own in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
            if own >= max(_MIN_ITEMS, _MIN_SHARE * size)
            and self._is_telling(own, size, self._anywhere[term] - own)
            and _is_informative(term)
        ][:_MAX_PAIRED]

    def _is_telling(self, own: int, size: int, outside: int) -> bool:
        """Return whether a term is more frequent among `size` items than among all others."""
        return own * (self._count - size) >= _MIN_RATIO * outside * size

    def name_of(self, terms: Sequence[str]) -> str:
        """Return a name made of terms."""
        return _sentence(_AND.join(map(self.spelling, terms)))

    def spelling(self, term: str) -> str:
        """Return how a term is written within a name.

        In the plural if the items have it, because a cluster is of several, and in lower case
        unless it has a capital within names, such as “HiFi”.
        """
        texts = self._spellings[term]
        text = max(texts, key=lambda text: (len(text), text == text.lower(), texts[text], text))
        return text.lower() if text[1:].islower() and text not in self._within else text


def _group(number: int, items: Sequence[Item]) -> _Group:
    """Return a group of items that needs a name."""
    categories = Counter(_listed_first(item.category) for item in items)
    [(category, count)] = categories.most_common(1)
    common = _term(category) if count >= _COMMON * len(items) else ""
    members = []
    for item in items:
        terms = set(_name_and_tag_terms(item))
        if common and _listed_first(item.category) == category:
            terms.add(common)
        members.append(terms)
    named = [{_term(word) for word in _words(item.name)} for item in items]
    return _Group(number, members, [_item_terms(item) for item in items], named, common)


def _score(own: int, size: int, outside: int, others: int) -> float:
    """Return Dunning's G² of a term that `own` of `size` items have and `outside` of `others`."""
    observed = (own, outside, size - own, others - outside)
    having, total = own + outside, size + others
    expected = (
        size * having / total,
        others * having / total,
        size * (total - having) / total,
        others * (total - having) / total,
    )
    return 2 * sum(o * log(o / e) for o, e in zip(observed, expected, strict=True) if o)


def _like(landmark: Item, used: set[str]) -> str:
    """Return a name after the landmark, or "" if its own name describes nothing."""
    readable = not _DIGIT.search(landmark.name) and "_" not in landmark.name
    words = [_term(word) for word in _words(landmark.name)]
    if not readable or len(landmark.name) > _MAX_LANDMARK or not any(map(_is_informative, words)):
        return ""
    name = f"Like “{landmark.name}”"
    if _keys(name) & used:
        return ""
    used |= _keys(name)
    return name


def _covered(terms: Sequence[str], members: Sequence[Collection[str]]) -> float:
    """Return the share of items that have one of the terms; 0 without items."""
    return sum(any(term in one for term in terms) for one in members) / max(1, len(members))


def _still_fits(name: str, members: Sequence[dict[str, str]], landmark: Item) -> bool:
    """Return whether the items still have the words that a name is made of."""
    if like := _LIKE.fullmatch(name):
        return like[1] == landmark.name
    terms = _terms_of(name)
    return (
        bool(terms)
        and _covered(terms, members) >= _MIN_COVERED_TO_KEEP
        and all(_covered([term], members) >= _MIN_SHARE_TO_KEEP for term in terms)
    )


def _without_former(previous: Sequence[str]) -> Sequence[str]:
    """Return the earlier names, or none if they are of an earlier version.

    Those had up to three terms with commas between them.
    """
    return () if any("," in name and not _LIKE.fullmatch(name) for name in previous) else previous


def _name_and_tag_terms(item: Item) -> dict[str, str]:
    """Return the terms of an item's name and tags with their spelling."""
    # A tag of many capitals, such as “SCPTS”, is somebody's code and not a word.
    tags = (tag for tag in item.tags if len(tag) < _MIN_CODE_LENGTH or not tag.isupper())
    texts = [*map(_listed_first, tags), *_words(item.name)]
    return {_term(text): text for text in reversed(texts) if 0 < len(text) <= _MAX_LENGTH}


def _item_terms(item: Item) -> dict[str, str]:
    """Return the terms of an item's category, name and tags with their spelling."""
    category = _listed_first(item.category)
    return ({_term(category): category} if category else {}) | _name_and_tag_terms(item)


def _listed_first(text: str) -> str:
    """Return the term that a tag or category begins with: “roles” of “roles & careers”.

    Empty, if it has more than two words or digits: a whole sentence or a code names nothing.
    """
    first = _LISTED.split(text)[0]
    words = _words(first)
    return " ".join(words) if len(words) <= 2 and not _DIGIT.search(first) else ""


@cache
def _stop_words() -> frozenset[str]:
    """Return scikit-learn's stop words as terms."""
    # Imported here: it takes half a second, and pages need none of this.
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(map(_term, ENGLISH_STOP_WORDS))


def _is_informative(term: str) -> bool:
    """Return whether each word of a term describes an item."""
    return not any(word in _stop_words() or _UNINFORMATIVE.fullmatch(word) for word in term.split())


def _words(text: str) -> list[str]:
    """Return the words of a text: two characters or more, of which one is a letter."""
    words = (word.strip("'’-–—") for word in _SEPARATORS.split(text))
    return [word for word in words if len(word) > 1 and any(map(str.isalpha, word))]


def _term(text: str) -> str:
    """Return what the spellings of a term share: “Hearts” and “heart” count as one."""
    return " ".join(word.rstrip("s") or word for word in text.casefold().split())


def _terms_of(name: str) -> list[str]:
    return [_term(part) for part in name.split(_AND) if part]


def _key(term: str) -> str:
    """Return what terms share that must not name two groups, such as “berry” and “berries”.

    More are alike than are counted as one: “pine” and “pin” are two words, but two names that
    nobody would want beside each other.
    """
    return " ".join(re.sub("y$", "i", word.rstrip("es") or word) for word in term.split())


def _keys(name: str) -> frozenset[str]:
    return frozenset(_key(term) for term in _terms_of(name))


def _sentence(name: str) -> str:
    """Return the name with its first letter in upper case."""
    return name[:1].upper() + name[1:]
