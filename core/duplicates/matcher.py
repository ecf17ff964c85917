"""Compares the pictures of two items that may be near-duplicates."""

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.catalogue import Catalogue, Item
from core.descriptors import item_cutouts
from core.duplicates import registration
from core.duplicates.registration import Agreement, AlignedPicture
from core.errors import LookalikeError
from core.pictures import decoding
from core.vision import cutout
from core.vision.cutout import Cutout

# Pairs whose edges agree less than this overall are not compared in detail. Copies agree .93.
MIN_EDGES = 0.8
# The same if the network's mask left out a background: of 40 models on two backgrounds 38 agree .7
# or more, of 317 pairs of others, each among the other's nearest, none more than .64.
MIN_EDGES_BY_MASK = 0.7
# If more than this share of the edges lies outside the other picture, the pictures are different:
# cropped by 3 % a side, furniture that fills its frame loses up to .15.
MAX_LOST = 0.25
# A mirrored match must be better than the plain one by more than this; otherwise the object is
# symmetric.
SYMMETRY_TOLERANCE = 0.03
# How many prepared pictures are kept in memory: 80 to 190 kB each.
CACHED_PICTURES = 2048
# Two pictures have the same background if they differ by at most this much, of 255, in the mean at
# 32 x 32 pixels: other sizes and encodings of one picture differ by less than 3.
FRAME_SIDE, SAME_FRAME = 32, 8.0
# The ids of two items in ascending order, and whether the second one's picture is mirrored.
Pair = tuple[str, str, bool]


@dataclass(frozen=True, eq=False, slots=True)
class PreparedPicture:
    """A picture prepared for comparison.

    Attributes:
        aligned: the picture, to be laid over another.
        outline: its edges, complex64 (64, 64).
        size: its own width and height in pixels.
        frame: the whole picture made small, if its background is left out by a mask: float32
            (32, 32, 3); otherwise None.
    """

    aligned: AlignedPicture
    outline: NDArray[np.complex64]
    size: tuple[int, int]
    frame: NDArray[np.float32] | None


class Matcher:
    """Compares the pictures of items, each pair once.

    Items with the same bytes share one picture, which is compared once.

    Attributes:
        singles: one item for each distinct picture, the one with the most metadata.
        copies: pairs of items with the same bytes, one of them a single.
        scores: how well pairs of singles agree, for those compared so far.
    """

    def __init__(self, catalogue: Catalogue, items: Iterable[Item]) -> None:
        """Prepare to compare the pictures of these items."""
        self._catalogue = catalogue
        by_digest: dict[str, list[Item]] = {}
        for item in items:
            by_digest.setdefault(item.digest, []).append(item)
        self.singles = [max(group, key=metadata_amount) for group in by_digest.values()]
        self._single = {
            item.id: single
            for single, group in zip(self.singles, by_digest.values(), strict=True)
            for item in group
        }
        self.copies = [
            (single.id, item_id) for item_id, single in self._single.items() if item_id != single.id
        ]
        self.scores: dict[Pair, float] = {}
        self.prepared = lru_cache(maxsize=CACHED_PICTURES)(self._prepare)

    def score(self, first: str, second: str, mirrored: bool) -> float:
        """Return how well the pictures of two singles agree, 0 if they do not match at all."""
        pair = (min(first, second), max(first, second), mirrored)
        if pair not in self.scores:
            agreement = self.agreement(*pair)
            self.scores[pair] = 0.0 if agreement is None else max(0.0, agreement.least)
        return self.scores[pair]

    def best(self, first: str, second: str) -> tuple[float, bool]:
        """Return how well the pictures of two items agree, and whether one has to be mirrored."""
        one, other = self._single[first].id, self._single[second].id
        if one == other:
            return 1.0, False
        plain, mirrored = self.score(one, other, False), self.score(one, other, True)
        return (mirrored, True) if mirrored > plain + SYMMETRY_TOLERANCE else (plain, False)

    def agreement(self, first: str, second: str, mirrored: bool) -> Agreement | None:
        """Return how the second picture agrees with the first; None if they do not match."""
        one, other = self.prepared(first), self.prepared(second)
        if one is None or other is None:
            return None
        outline = registration.mirrored(other.outline) if mirrored else other.outline
        placement, edges = registration.register(one.outline, outline)
        is_by_mask = one.frame is not None or other.frame is not None
        if edges < (MIN_EDGES_BY_MASK if is_by_mask else MIN_EDGES):
            return None
        placement = replace(placement, mirrored=mirrored)
        agreement = registration.compare(
            one.aligned, other.aligned, placement, within_masks=is_by_mask
        )
        return agreement if agreement.lost <= MAX_LOST else None

    def size(self, item: Item) -> tuple[int, int]:
        """Return width and height of an item's picture in pixels; 0 if it cannot be read."""
        prepared = self.prepared(self._single[item.id].id)
        return prepared.size if prepared else (0, 0)

    def has_other_background(self, first: Item, second: Item) -> bool:
        """Return whether what is left out of two items' pictures by a mask differs."""
        one, other = (self.prepared(self._single[item.id].id) for item in (first, second))
        if one is None or other is None or (one.frame is None and other.frame is None):
            return False
        if one.frame is None or other.frame is None:
            return True
        return float(np.abs(one.frame - other.frame).mean()) > SAME_FRAME

    def _prepare(self, item_id: str) -> PreparedPicture | None:
        cut = read_cutout(self._catalogue, self._single[item_id])
        if cut is None:
            return None
        mask, frame = cut.mask, None
        if cut.basis == "plain" and (plain := cutout.plain_mask(cut.picture)):
            mask, _ = plain
        aligned = AlignedPicture(cut.picture, mask)
        if cut.basis == "mask":
            small = cut.original.resize((FRAME_SIDE, FRAME_SIDE), Image.Resampling.BOX)
            frame = np.asarray(small, np.float32)
        return PreparedPicture(aligned, aligned.outline(), cut.original.size, frame)


def read_cutout(
    catalogue: Catalogue, item: Item, *, prefer_thumbnail: bool = False
) -> Cutout | None:
    """Return what is compared of an item's picture or thumbnail, whichever can be read first.

    A thumbnail has no mask, so an object that the network found is always cut out of the picture.
    None if neither can be read.
    """

    def thumbnail() -> Cutout:
        return cutout.whole(decoding.decode(catalogue.pictures.thumbnail(item.id)))

    reads: list[Callable[[], Cutout]] = [partial(item_cutouts.of_item, catalogue, item), thumbnail]
    if prefer_thumbnail:
        stored = catalogue.masks.get(item)
        if stored is None or stored.basis != "mask":
            reads.reverse()
    for read in reads:
        with contextlib.suppress(OSError, LookalikeError):
            return read()
    return None


def metadata_amount(item: Item) -> tuple[int, int]:
    """Return how complete an item's metadata is: fields that are filled in, and tags."""
    fields = (item.name, item.category, item.creator, item.licence, item.page_url, item.embed_url)
    return sum(map(bool, fields)), len(item.tags)
