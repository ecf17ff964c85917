"""Compare two pictures that may be near-duplicates."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from PIL import Image

from core.catalogue import Catalogue, Item
from core.duplicates import registration
from core.duplicates.registration import Agreement, AlignedPicture
from core.errors import LookalikeError
from core.pictures import decoding

# Pairs whose edges agree less over all are not looked at place by place. Copies agree .93.
MIN_EDGES = 0.8
# More than this share of the edges beyond the other picture is another picture: cropped by 3 % a
# side, furniture that fills its frame loses up to .15.
MAX_LOST = 0.25
# What agrees so little more when it is mirrored has no sides.
ONE_SIDED = 0.03
# Pictures held at once: 80 to 190 kB each.
CACHED_PICTURES = 2048
# The ids of two items, in order, and whether the second's picture is mirrored.
Pair = tuple[str, str, bool]


@dataclass(frozen=True, eq=False, slots=True)
class PreparedPicture:
    """A picture as it is laid over others. `size` is its own, in pixels."""

    subject: AlignedPicture
    outline: np.ndarray
    size: tuple[int, int]


class Matcher:
    """Compares the pictures of items, each pair once.

    Attributes:
        singles: an item for each picture that there is, the one with the most words.
        copies: pairs of items of the same bytes, one of them a single.
        scores: how far pairs of singles agree, as far as they were compared.
    """

    def __init__(self, catalogue: Catalogue, items: Iterable[Item]) -> None:
        """Take the items whose pictures may be compared."""
        self._catalogue = catalogue
        same: dict[str, list[Item]] = {}
        for item in items:
            same.setdefault(item.digest, []).append(item)
        self.singles = [max(group, key=words_of) for group in same.values()]
        self._single = {
            item.id: single
            for single, group in zip(self.singles, same.values(), strict=True)
            for item in group
        }
        self.copies = [(one.id, item) for item, one in self._single.items() if item != one.id]
        self.scores: dict[Pair, float] = {}
        self.seen = lru_cache(maxsize=CACHED_PICTURES)(self._seen)

    def score(self, first: str, second: str, mirrored: bool) -> float:
        """Return how far the pictures of two singles agree, 0 where they do not match at all."""
        pair = (min(first, second), max(first, second), mirrored)
        if pair not in self.scores:
            agreement = self.agreement(*pair)
            self.scores[pair] = 0.0 if agreement is None else max(0.0, agreement.least)
        return self.scores[pair]

    def best(self, first: str, second: str) -> tuple[float, bool]:
        """Return how far the pictures of two items agree, and whether one of them is mirrored."""
        one, other = self._single[first].id, self._single[second].id
        if one == other:
            return 1.0, False
        plain, turned = self.score(one, other, False), self.score(one, other, True)
        return (turned, True) if turned > plain + ONE_SIDED else (plain, False)

    def agreement(self, first: str, second: str, mirrored: bool) -> Agreement | None:
        """Return how the second picture agrees with the first; None if it is another altogether."""
        one, other = self.seen(first), self.seen(second)
        if one is None or other is None:
            return None
        outline = registration.mirrored(other.outline) if mirrored else other.outline
        placed, edges = registration.register(one.outline, outline)
        if edges < MIN_EDGES:
            return None
        placed = replace(placed, mirrored=mirrored)
        agreement = registration.compare(one.subject, other.subject, placed)
        return agreement if agreement.lost <= MAX_LOST else None

    def size(self, item: Item) -> tuple[int, int]:
        """Return width and height of an item's picture; 0 if it cannot be read."""
        seen = self.seen(self._single[item.id].id)
        return seen.size if seen else (0, 0)

    def _seen(self, item_id: str) -> PreparedPicture | None:
        picture = _picture(self._catalogue, self._single[item_id])
        if picture is None:
            return None
        subject = AlignedPicture(picture)
        return PreparedPicture(subject, subject.outline(), picture.size)


def _picture(catalogue: Catalogue, item: Item, *, small: bool = False) -> Image.Image | None:
    """Return an item's picture or, rather if `small`, its thumbnail; None without either."""
    reads = (
        catalogue.pictures.original,
        lambda one: catalogue.pictures.thumbnail(one).read_bytes(),
    )
    for read in reversed(reads) if small else reads:
        with contextlib.suppress(OSError, LookalikeError):
            return decoding.decode(read(item))
    return None


def words_of(item: Item) -> tuple[int, int]:
    """Return how much is said of an item: in how many ways, and in how many tags."""
    said = (item.name, item.category, item.creator, item.licence, item.page_url, item.embed_url)
    return sum(map(bool, said)), len(item.tags)
