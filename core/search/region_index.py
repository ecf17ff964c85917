"""Find the models that contain something similar to a region, and where in their pictures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.linalg import F, HalfOrSingle, unit_vector
from core.pictures import WHOLE, Box
from core.vision import preprocessing

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from core.vision import Network

# The block5 features of a picture: 7 x 7 cells of 512 channels.
SIDE = 7
CELLS = SIDE**2
CHANNELS = 512
# Fields along each side of a region and of a window: the layout within them is compared.
FIELDS = 3
# Rows converted together: each dense copy of their cells takes 13 MB.
ROWS_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class RegionMatch:
    """A row that contains something similar to a region.

    Attributes:
        row: the row in the index.
        score: the cosine of its best window with the region.
        box: that window, in shares of the model's whole picture.
    """

    row: int
    score: float
    box: Box


class RegionIndex:
    """The features of every model's picture, in which every window is compared with a region.

    The `published` vectors of a catalogue are the block5_pool of its pictures: 7 x 7 cells.
    Windows are all rectangles of 2 to 7 cells a side whose longer side is at most twice the
    shorter: 359. A region and a window are compared in 3 x 3 fields: the square roots of the cells
    are averaged in each field, and the score is the cosine of these 9 x 512 numbers. The score of a
    model is that of its best window, which is where the match lies.

    Best of all windows: Tolias, Sicre and Jégou, "Particular object retrieval with integral
    max-pooling of CNN activations", ICLR 2016. Fields: Lazebnik, Schmid and Ponce, "Beyond bags of
    features", CVPR 2006.

    Measured on 1,599 emoji, where a query is a region of another artist's picture (R@1 / R@10 of
    the right model): with 299 queries .090 / .214 if `compact` compares the region with whole
    models, .154 / .331 with this index. It was chosen with 293 other queries, .154 / .386: without
    fields .031 / .150 enlarged and .065 / .218 in place (see `embed_region`), with fields
    .082 / .253 and .133 / .317; with the catalogue's mean cell subtracted, .126 / .304; whitening,
    tried without fields, changed little.

    For 1,600 models the index takes 30 MB, 2 s to build, and 40 ms to score.
    """

    def __init__(self, ids: Sequence[str], blocks: Iterable[HalfOrSingle]) -> None:
        """Name row i `ids[i]`; the rows are `published` vectors in blocks (n, 25088).

        Raises `ValueError` if the numbers of names and rows differ.
        """
        # Imported here: it takes 0.1 s, which the first gallery does not have to wait for.
        from scipy.sparse import csr_array, vstack

        self.ids = tuple(ids)
        self._blocks: list[csr_array] = []
        self._scales: list[NDArray[np.float32]] = []
        for block in blocks:
            packed, scales = [], []
            for start in range(0, len(block), ROWS_AT_ONCE):
                cells = _cells(block[start : start + ROWS_AT_ONCE])
                # Nine out of ten numbers are zero.
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

    def scores(self, vector: NDArray[F]) -> NDArray[np.float32]:
        """Return the cosine of each row's best window with a region's vector: float32 (rows,).

        The vector, (4608,), may have any length: sums and differences of several regions' vectors
        are allowed. The score of a row that is zero or not finite is 0.
        """
        fields = _columns(vector)
        best = [
            _cosines(block, scales, fields).max(axis=1)
            for block, scales in zip(self._blocks, self._scales, strict=True)
        ]
        return np.concatenate(best) if best else np.empty(0, np.float32)

    def where(self, vector: NDArray[F], rows: Iterable[int]) -> Iterator[Box]:
        """Yield, for each of these rows, the window most similar to a region's vector.

        Of equal windows the smallest counts, then the uppermost, then the leftmost. Boxes are in
        shares of the model's whole picture.
        """
        fields = _columns(vector)
        for row in rows:
            number = int(np.searchsorted(self._starts, row, side="right")) - 1
            inside = row - self._starts[number]
            block = self._blocks[number][inside * CELLS : (inside + 1) * CELLS]
            yield _WINDOWS[_cosines(block, self._scales[number][inside], fields).argmax()]

    def best(
        self,
        vector: NDArray[F],
        scores: NDArray[np.float32],
        *,
        k: int,
        mask: NDArray[np.bool_] | None = None,
    ) -> list[RegionMatch]:
        """Return the `k` rows with the highest scores, best first, ties in row order.

        Rows with a score of 0 are left out.

        Args:
            vector: a region's, from `embed_region` or `region_vector`.
            scores: the result of `scores` for this vector, passed in because it takes 40 ms.
            k: the most rows to return.
            mask: bool, (rows,); rows where it is False are left out.
        """
        allowed = np.flatnonzero(scores != 0 if mask is None else (scores != 0) & mask)
        rows = allowed[np.argsort(-scores[allowed], kind="stable")[:k]].tolist()
        boxes = self.where(vector, rows)
        return [
            RegionMatch(row, float(scores[row]), box) for row, box in zip(rows, boxes, strict=True)
        ]


def embed_region(network: "Network", picture: Image.Image, region: Box) -> NDArray[np.float32]:
    """Return the vector of a region of an RGB picture, of length 1: float32 (4608,).

    The region goes through the network twice: in place, at its size in the picture, like the
    windows of models; and enlarged, for small details: R@10 .317 and .253, together .386.

    Raises `ValueError` if the region does not contain a pixel of the picture.
    """
    width, height = picture.size
    left, right = (round(min(max(x, 0), 1) * width) for x in (region.left, region.right))
    top, bottom = (round(min(max(y, 0), 1) * height) for y in (region.top, region.bottom))
    if left >= right or top >= bottom:
        raise ValueError(f"{region} contains no pixel of a picture of {width} x {height}")
    enlarged = picture.crop((left, top, right, bottom))
    pixels = np.stack([preprocessing.squash(picture), preprocessing.squash(enlarged)])
    in_place, alone = network.features(pixels).block5
    whole_pixels = Box(left / width, top / height, right / width, bottom / height)
    return unit_vector(region_vector(in_place, whole_pixels) + region_vector(alone))


def region_vector(cells: NDArray[np.float32], region: Box = WHOLE) -> NDArray[np.float32]:
    """Return the vector of a region from the features of its picture: float32 (4608,), length 1.

    `cells` are the block5 of the whole picture or its `published` vector: 25,088 numbers.
    """
    shares = _fields(
        region.left * SIDE, region.top * SIDE, region.right * SIDE, region.bottom * SIDE
    )
    return unit_vector((shares @ _cells(cells.reshape(1, -1))[0]).ravel())


def _cells(rows: HalfOrSingle) -> NDArray[np.float32]:
    """Return the square roots of rows, (n, 25088), scaled to at most 1: float32 (n, 49, 512).

    The root keeps a few strong channels from dominating (RootSIFT: Arandjelovic and Zisserman,
    CVPR 2012). A row that is not finite gives zeros.
    """
    largest = rows.max(axis=1, keepdims=True)
    good = np.isfinite(largest) & (largest > 0)
    scaled = np.divide(rows, largest, out=np.zeros(rows.shape, np.float32), where=good)
    return np.asarray(np.sqrt(np.maximum(scaled, 0)).reshape(-1, CELLS, CHANNELS))


def _columns(vector: NDArray[F]) -> NDArray[np.float32]:
    """Return a vector, scaled to length 1, with its fields as columns: float32 (512, 9)."""
    # Sparse products are faster with contiguous rows.
    columns = unit_vector(vector).astype(np.float32).reshape(-1, CHANNELS).T
    return np.ascontiguousarray(columns)


def _cosines(
    block: "csr_array", scales: NDArray[np.float32], fields: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the cosine of every window with the fields of a vector: float32 (n, 359).

    The product of a window and the vector is a sum over cells, so each cell is multiplied once for
    all windows.
    """
    products = (block @ fields).reshape(-1, CELLS * len(fields.T)) @ _WEIGHTS
    return np.asarray(np.minimum(products * scales, 1))


def _scales(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the inverse length of every window: float32 (n, 359), 0 for a window of zeros.

    The square of a length is a sum over pairs of cells, so no window has to be built.
    """
    pairs = (cells @ cells.transpose(0, 2, 1)).reshape(len(cells), -1)
    lengths = np.sqrt(pairs @ _PAIR_WEIGHTS)
    return np.asarray(np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0))


def _fields(left: float, top: float, right: float, bottom: float) -> NDArray[np.float32]:
    """Return the weight of each cell in each field of a box given in cells: float32 (9, 49)."""
    return np.asarray(np.kron(_shares(top, bottom), _shares(left, right)))


def _shares(low: float, high: float) -> NDArray[np.float32]:
    """Return the weights of `_fields` along one side: float32 (3, 7), each row sums to 1."""
    edges = np.linspace(low, high, FIELDS + 1)[:, np.newaxis]
    cells = np.arange(SIDE)
    overlaps = np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells)
    return np.asarray(np.maximum(overlaps, 0) * FIELDS / (high - low), np.float32)


def _boxes() -> list[tuple[int, int, int, int]]:
    """Return left, top, right and bottom of every window in cells, the smallest first."""
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
# One column per window: the weight of each cell in each field, and of each pair of cells in all.
_WEIGHTS = _SHARES.transpose(2, 1, 0).reshape(-1, len(_WINDOWS))
_PAIR_WEIGHTS = np.einsum("wfc,wfd->cdw", _SHARES, _SHARES).reshape(-1, len(_WINDOWS))
