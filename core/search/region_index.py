"""Parts of pictures: which models hold something like a region, and where in them it lies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.linalg import unit_vector
from core.pictures import WHOLE, Box
from core.vision import preprocessing

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from core.vision import Network

# A picture's cells: 7 x 7 of 512 channels.
SIDE = 7
CELLS = SIDE**2
CHANNELS = 512
# Fields along each side of a region and of a window: what they hold must lie alike.
FIELDS = 3
# Rows packed at once: 13 MB for each copy of their cells in full.
ROWS_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class RegionMatch:
    """A row that holds something like a region: its score, a cosine, and where it lies.

    `box` is in shares of the model's whole picture.
    """

    row: int
    score: float
    box: Box


class RegionIndex:
    """The cells of every model's picture, searched for a region in every window.

    The `published` vectors of a catalogue are its pictures' block5_pool: 7 x 7 cells.
    Windows are all rectangles of 2 to 7 cells a side, up to twice as long as wide: 359.
    A region and a window are compared in 3 x 3 fields: the square roots of the cells,
    averaged in each field; the score is the cosine of these 9 x 512 numbers.
    A model's score is that of its best window, which is where the match lies.

    The best of all windows: Tolias, Sicre and Jégou, "Particular object retrieval with
    integral max-pooling of CNN activations", ICLR 2016. Fields: Lazebnik, Schmid and
    Ponce, "Beyond bags of features", CVPR 2006.

    Measured on 1,599 emoji, queries being a part of another artist's picture (R@1 / R@10 of
    the right model): of 299, .090 / .214 where `compact` compares the part with whole
    models, .154 / .331 so. Chosen with 293 others, .154 / .386: without fields .031 / .150
    enlarged and .065 / .218 in place (see `embed_region`), with them .082 / .253 and .133 / .317; the
    catalogue's mean cell taken off, .126 / .304; whitening, tried without fields, changed little.

    A catalogue of 1,600 models takes 30 MB, 2 s to build, and 40 ms to score.
    """

    def __init__(self, ids: Sequence[str], blocks: Iterable[np.ndarray]) -> None:
        """Take `ids[i]` as the name of row i, `published` rows in float blocks (n, 25088).

        Raises `ValueError` if names and rows differ in number.
        """
        # Imported here: 0.1 s that the first gallery need not wait for.
        from scipy.sparse import csr_array, vstack

        self.ids = tuple(ids)
        self._blocks: list[csr_array] = []
        self._scales: list[np.ndarray] = []
        for block in blocks:
            packed, scales = [], []
            for start in range(0, len(block), ROWS_AT_ONCE):
                cells = _cells(block[start : start + ROWS_AT_ONCE])
                # Nine of ten numbers are zero.
                packed.append(csr_array(cells.reshape(-1, CHANNELS)))
                scales.append(_scales(cells))
            if packed:
                self._blocks.append(vstack(packed, format="csr"))
                self._scales.append(np.concatenate(scales))
        self._starts = np.cumsum([0, *map(len, self._scales)])
        if self._starts[-1] != len(self.ids):
            raise ValueError(f"{len(self.ids)} ids for {self._starts[-1]} rows")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each id."""
        return {item_id: row for row, item_id in enumerate(self.ids)}

    def scores(self, vector: np.ndarray) -> np.ndarray:
        """Return the cosine of each row's best window with a region's vector: float32 (rows,).

        The vector may be of any length: the sum of several regions', or what remains of one
        when another is taken off, will do. A row that is zero or not finite is like nothing: 0.
        """
        fields = _columns(vector)
        best = [
            _cosines(block, scales, fields).max(axis=1)
            for block, scales in zip(self._blocks, self._scales, strict=True)
        ]
        return np.concatenate(best) if best else np.empty(0, np.float32)

    def where(self, vector: np.ndarray, rows: Iterable[int]) -> Iterator[Box]:
        """Yield, for each of these rows, the window that is most like a region's vector.

        Of equals the smallest, the uppermost, the leftmost. Boxes are in shares of the
        model's whole picture.
        """
        fields = _columns(vector)
        for row in rows:
            number = int(np.searchsorted(self._starts, row, side="right")) - 1
            inside = row - self._starts[number]
            block = self._blocks[number][inside * CELLS : (inside + 1) * CELLS]
            yield _WINDOWS[_cosines(block, self._scales[number][inside], fields).argmax()]

    def best(
        self, vector: np.ndarray, scores: np.ndarray, *, k: int, mask: np.ndarray | None = None
    ) -> list[RegionMatch]:
        """Return the `k` rows with the highest scores, best first, ties in row order.

        Rows that are like nothing of the region are not answered.

        Args:
            vector: a region's, from `embed_region` or `region_vector`.
            scores: the vector's, from `scores`: 40 ms of them are enough.
            k: fewer rows are answered where there are fewer.
            mask: bool, (rows,); rows where it is False are not answered.
        """
        allowed = np.flatnonzero(scores != 0 if mask is None else (scores != 0) & mask)
        rows = allowed[np.argsort(-scores[allowed], kind="stable")[:k]].tolist()
        boxes = self.where(vector, rows)
        return [
            RegionMatch(row, float(scores[row]), box) for row, box in zip(rows, boxes, strict=True)
        ]


def embed_region(network: "Network", picture: Image.Image, region: Box) -> np.ndarray:
    """Return a region of a picture, RGB, as a vector of length 1: float32 (4608,).

    The region is seen in place, of the size that it has in the picture, as the parts of
    models are, and enlarged, for what is small in it: R@10 .317 and .253, together .386.

    Raises `ValueError` if the region is not at least a pixel of the picture.
    """
    width, height = picture.size
    left, right = (round(min(max(x, 0), 1) * width) for x in (region.left, region.right))
    top, bottom = (round(min(max(y, 0), 1) * height) for y in (region.top, region.bottom))
    if left >= right or top >= bottom:
        raise ValueError(f"{region} holds no pixel of a picture of {width} x {height}")
    enlarged = picture.crop((left, top, right, bottom))
    pixels = np.stack([preprocessing.squash(picture), preprocessing.squash(enlarged)])
    in_place, alone = network.features(pixels).block5
    seen = Box(left / width, top / height, right / width, bottom / height)
    return unit_vector(region_vector(in_place, seen) + region_vector(alone))


def region_vector(cells: np.ndarray, region: Box = WHOLE) -> np.ndarray:
    """Return a region of a picture as a vector of length 1: float32 (4608,).

    `cells` are the block5 of the whole picture, or its `published` vector: 25,088 numbers.
    """
    shares = _fields(
        region.left * SIDE, region.top * SIDE, region.right * SIDE, region.bottom * SIDE
    )
    return unit_vector((shares @ _cells(cells.reshape(1, -1))[0]).ravel())


def _cells(rows: np.ndarray) -> np.ndarray:
    """Return the square roots of rows, scaled to at most 1: float32 (n, 49, 512).

    The root keeps a few strong channels from deciding alone (RootSIFT: Arandjelovic and
    Zisserman, CVPR 2012). A row that is not finite gives zeros.
    """
    largest = rows.max(axis=1, keepdims=True)
    good = np.isfinite(largest) & (largest > 0)
    scaled = np.divide(rows, largest, out=np.zeros(rows.shape, np.float32), where=good)
    return np.asarray(np.sqrt(np.maximum(scaled, 0)).reshape(-1, CELLS, CHANNELS))


def _columns(vector: np.ndarray) -> np.ndarray:
    """Return a vector, scaled to length 1, as fields in columns: float32 (512, 9)."""
    # Sparse products are quicker with rows that lie together.
    columns = unit_vector(vector).astype(np.float32).reshape(-1, CHANNELS).T
    return np.ascontiguousarray(columns)


def _cosines(block: "csr_array", scales: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """Return the cosine of every window with the fields of a vector: float32 (n, 359).

    A window's product with it is a sum over cells: cells are multiplied once for all windows.
    """
    products = (block @ fields).reshape(-1, CELLS * len(fields.T)) @ _WEIGHTS
    return np.asarray(np.minimum(products * scales, 1))


def _scales(cells: np.ndarray) -> np.ndarray:
    """Return one over the length of every window: float32 (n, 359), 0 where all is zero.

    The square of a length is a sum over pairs of cells, so no window is made for it.
    """
    pairs = (cells @ cells.transpose(0, 2, 1)).reshape(len(cells), -1)
    lengths = np.sqrt(pairs @ _PAIR_WEIGHTS)
    return np.asarray(np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0))


def _fields(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Return how much each cell counts in each field of a box, in cells: float32 (9, 49)."""
    return np.asarray(np.kron(_shares(top, bottom), _shares(left, right)))


def _shares(low: float, high: float) -> np.ndarray:
    """Return `_fields` along one side: float32 (3, 7), rows that sum to 1."""
    edges = np.linspace(low, high, FIELDS + 1)[:, np.newaxis]
    cells = np.arange(SIDE)
    overlaps = np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells)
    return np.asarray(np.maximum(overlaps, 0) * FIELDS / (high - low), np.float32)


def _boxes() -> list[tuple[int, int, int, int]]:
    """Return left, top, right and bottom of every window, in cells, the smallest first."""
    sides = range(2, SIDE + 1)
    shapes = [(w, h) for w in sides for h in sides if max(w, h) <= 2 * min(w, h)]
    return [
        (left, top, left + width, top + height)
        for width, height in sorted(shapes, key=lambda shape: (shape[0] * shape[1], shape))
        for top in range(SIDE + 1 - height)
        for left in range(SIDE + 1 - width)
    ]


_WINDOWS = [Box(*(edge / SIDE for edge in box)) for box in _boxes()]
_SHARES = np.stack([_fields(*box) for box in _boxes()])
# A window a column: what each cell counts in each field, and each pair of cells in all.
_WEIGHTS = _SHARES.transpose(2, 1, 0).reshape(-1, len(_WINDOWS))
_PAIR_WEIGHTS = np.einsum("wfc,wfd->cdw", _SHARES, _SHARES).reshape(-1, len(_WINDOWS))
