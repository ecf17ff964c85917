"""The words of a catalogue that are spelled nearly as a given one."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

# Shorter words are too near to too many others, and longer ones are hardly words.
_MIN_LENGTH = 3
_MAX_LENGTH = 24


class Spelling:
    """Words, to look up the nearest spellings in."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Keep the words made of letters alone; `counts` says how often each occurs."""
        words = [
            word for word in counts if word.isalpha() and _MIN_LENGTH <= len(word) <= _MAX_LENGTH
        ]
        # Of words that are equally near, the most frequent comes first.
        self._words = sorted(words, key=lambda word: (-counts[word], word))
        letters = np.array(self._words, dtype=f"U{_MAX_LENGTH}")
        self._letters = letters.view(np.uint32).reshape(len(words), _MAX_LENGTH).T.copy()
        self._lengths = np.count_nonzero(self._letters, axis=0).astype(np.int8)
        self._sets = _letter_sets(self._letters)

    def nearest(self, word: str, *, within: int) -> list[str]:
        """Return the words at a distance of at most `within` from a folded word, nearest first.

        The distance is how many letters are to be inserted, deleted or replaced, or swapped with
        the next. `word` itself is left out, and what is no word of letters has none.
        """
        if not word.isalpha() or not _MIN_LENGTH <= len(word) <= _MAX_LENGTH:
            return []
        # One change adds or removes at most one letter of the alphabet: most words are too far.
        [letters] = _letter_sets(np.array([[ord(letter)] for letter in word], np.uint32))
        [near] = np.nonzero(
            (np.abs(self._lengths - len(word)) <= within)
            & (np.bitwise_count(self._sets & ~letters) <= within)
            & (np.bitwise_count(~self._sets & letters) <= within)
        )
        longest = min(len(word) + within, _MAX_LENGTH)
        distances = _distances(self._letters[:longest, near], self._lengths[near], word)
        [found] = np.nonzero((distances > 0) & (distances <= within))
        ranked = found[np.argsort(distances[found], kind="stable")]
        return [self._words[row] for row in near[ranked]]


def _letter_sets(letters: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return which letters each word has as the bits of a number; some letters share a bit.

    `letters` has a word in each column, filled up with zeros.
    """
    bits = np.uint64(1) << (letters & 63).astype(np.uint64)
    sets: NDArray[np.uint64] = np.bitwise_or.reduce(np.where(letters > 0, bits, 0), axis=0)
    return sets


def _distances(
    letters: NDArray[np.uint32], lengths: NDArray[np.int8], word: str
) -> NDArray[np.int8]:
    """Return the distance of each of n words from `word`: optimal string alignment, int8 (n,).

    `letters`, (longest, n), has a word in each column, filled up with zeros.
    """
    longest, count = letters.shape
    steps = np.arange(longest + 1, dtype=np.int8)[:, None]
    before = np.zeros((longest + 1, count), np.int8)
    row = np.repeat(steps, count, axis=1)
    codes = [ord(letter) for letter in word]
    equal_before = np.zeros(letters.shape, bool)
    for number, code in enumerate(codes, start=1):
        equal = letters == code
        following = np.empty_like(row)
        following[0] = number
        np.minimum(row[:-1] + ~equal, row[1:] + np.int8(1), out=following[1:])
        if number > 1:
            # Two letters swapped: this one where the last one is, and the other way round.
            swapped = equal[:-1] & equal_before[1:]
            cost = np.where(swapped, before[:-2] + np.int8(1), np.int8(127))
            np.minimum(following[2:], cost, out=following[2:])
        # An insertion costs one more than the cell above: a running minimum.
        following = np.minimum.accumulate(following - steps, axis=0) + steps
        before, row, equal_before = row, following, equal
    return row[lengths, np.arange(count)]
