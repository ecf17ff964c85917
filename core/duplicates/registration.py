"""One picture laid over another: where they match, and how far they agree in every place.

Two renders of one thing differ in size, encoding, frame, side or colours, and agree in where
their edges are and which way these run. So pictures are compared by the directions of their
edges, whatever their contrast: orientation correlation (Fitch, Kadyrov, Christmas and Kittler,
BMVC 2002), with angles doubled, so that light on dark is like dark on light. Things of a kind
agree nearly everywhere as well; what tells a copy from another socket is the place where they
agree the least.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.pictures import WHOLE
from core.vision import preprocessing

# The side of the canvas, and of what stands on its centre: the object's longer side.
CANVAS = 128
BODY = 96
# Pixels around the centre that any canvas shows: it may be moved and shrunk.
_REACH = 100
# Pixels around the picture that repeat its rim.
_MARGIN = 16
# The canvas of `register` and of `sketch`: so many of its pixels to one of theirs.
_COARSE = 2
_SKETCH = 8

# Sizes and places that are tried: a picture cropped by 3 % a side shows its object 6 % larger.
_SCALES = (0.9, 0.935, 0.97, 1.0, 1.03, 1.065, 1.1)
_SHIFT = 12
# Steps of refinement.
_STEPS = 3

# The width of an edge, and what contrast is measured against: the surroundings, and noise.
_WIDTH = 1.5
_SURROUNDINGS = 6.0
_NOISE = 4.0
# Less energy than this is rounding: a tenth of a level in a pixel.
_NOTHING = 0.01
# A place: the deviation of the Gaussian window, a sixteenth of the object.
_PLACE = 6.0
# One place in so many pixels each way is looked at.
_STEP = 4
# Places with less than this share of the strongest edges are ground.
_EMPTY = 0.2
# How much more than by its edges a place may agree by its colours. Given all, a sign that forbids
# anything agrees .82 with one that forbids smoking, as if the cigarette had become white.
_LIFT = 0.4

# What is a colour: levels of red, green and blue; it may mean another in each ninth of a canvas.
_LEVELS = 8
_NINTHS = 3
# Differences that are no difference, of 255: of JPEG, and of scaling.
_SLIGHT = 8.0


@dataclass(frozen=True, slots=True)
class Placement:
    """How a second picture lies on a first, their objects' centres on each other.

    Attributes:
        scale: how much larger the second's object is drawn.
        right: how far it is moved, in pixels of the canvas.
        down: the same, downwards.
        mirrored: whether its left and right are exchanged before.
    """

    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two pictures agree that lie on each other.

    Attributes:
        least: of all places, how far they agree in the worst, up to 1: by the edges, or, where
            colours differ, by whether one picture's colours tell the other's.
        edges: how far their edges agree over all, up to 1.
        lost: the share of either picture's edges that lie beyond the other picture.
        missing: the share of the first picture that the second does not show.
        beyond: the share of the second picture that the first does not show.
        recoloured: the share of what they show that has other colours.
        difference: how far colours differ on average, 0 to 1.
    """

    least: float
    edges: float
    lost: float
    missing: float
    beyond: float
    recoloured: float
    difference: float


class AlignedPicture:
    """What a picture shows: its object, or all of it, at the size that pictures are compared at."""

    def __init__(self, picture: Image.Image) -> None:
        """Take an RGB picture of any size."""
        found = preprocessing.find_object(picture)
        box = found.box if found else WHOLE
        self._ground = found.ground if found else (255, 255, 255)
        width, height = picture.size
        across, down = (box.right - box.left) * width, (box.bottom - box.top) * height
        scale = BODY / max(across, down)
        left, top = (box.left + box.right) / 2 * width, (box.top + box.bottom) / 2 * height
        reach = _REACH / scale
        kept = (
            max(0.0, left - reach),
            max(0.0, top - reach),
            min(float(width), left + reach),
            min(float(height), top + reach),
        )
        size = [max(1, round((kept[2 + axis] - kept[axis]) * scale)) for axis in (0, 1)]
        small = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS, box=kept)
        # So that the frame is no edge.
        margins = ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0))
        self._picture = Image.fromarray(np.pad(np.asarray(small), margins, mode="edge"))
        self._centre = (left - kept[0]) * scale + _MARGIN, (top - kept[1]) * scale + _MARGIN
        # The picture's frame, in pixels of the canvas from the object's centre.
        self._frame = (-left * scale, -top * scale, (width - left) * scale, (height - top) * scale)

    def frame(self, placed: Placement) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of the whole picture on a canvas."""
        left, top, right, bottom = self._frame
        if placed.mirrored:
            left, right = -right, -left
        across, down = CANVAS / 2 + placed.right, CANVAS / 2 + placed.down
        scale = placed.scale
        return (
            across + scale * left,
            down + scale * top,
            across + scale * right,
            down + scale * bottom,
        )

    def canvas(self, placed: Placement) -> tuple[np.ndarray, np.ndarray]:
        """Return the canvas, float32 (128, 128, 3), and where it shows the picture, bool."""
        picture, (across, down) = self._picture, self._centre
        if placed.mirrored:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            across = picture.width - across
        step = 1 / placed.scale
        pixels = picture.transform(
            (CANVAS, CANVAS),
            Image.Transform.AFFINE,
            (
                *(step, 0, across - (CANVAS / 2 + placed.right) * step),
                *(0, step, down - (CANVAS / 2 + placed.down) * step),
            ),
            resample=Image.Resampling.BICUBIC,
            fillcolor=self._ground,
        )
        left, top, right, bottom = self.frame(placed)
        # At the frame itself nothing is known of what goes on beyond it.
        places = np.arange(CANVAS) + 0.5
        inside = np.outer(
            (places > top + 2 * _WIDTH) & (places < bottom - 2 * _WIDTH),
            (places > left + 2 * _WIDTH) & (places < right - 2 * _WIDTH),
        )
        return np.asarray(pixels, np.float32), inside

    def outline(self) -> np.ndarray:
        """Return the picture's edges at half the size, for `register`: complex64 (64, 64)."""
        pixels, inside = self.canvas(Placement())
        return _coarser(_edges(pixels) * inside, _COARSE)


def mirrored(outline: np.ndarray) -> np.ndarray:
    """Return the outline of the mirrored picture."""
    return np.asarray(outline[:, ::-1].conj())


def sketch(outline: np.ndarray) -> np.ndarray:
    """Return the outline as few numbers, alike for pictures that match: float32 (512,)."""
    small = _coarser(outline, _SKETCH // _COARSE).ravel()
    return np.concatenate([small.real, small.imag]).astype(np.float32)


def register(first: np.ndarray, second: np.ndarray) -> tuple[Placement, float]:
    """Return where the second outline matches the first best, and how well, up to 1.

    Sizes are tried one by one and places all at once, as products of Fourier transforms; the
    best is then refined to fractions of a pixel by Gauss and Newton's method (Lucas and Kanade,
    IJCAI 1981). Without that nine in ten copies cropped by 3 % a side agree .65 in their worst
    places, with it .96. Pictures of one colour match each other, and nothing else.
    """
    from scipy import fft  # Here, not above: 0.1 s that the first gallery need not wait for.

    if not (first.any() and second.any()):
        return Placement(), float(first.any() == second.any())
    scaled = np.stack([_shifted(second, scale, 0, 0) for scale in _SCALES])
    products = fft.ifft2(fft.fft2(first) * fft.fft2(scaled).conj()).real
    near = np.arange(-_SHIFT, _SHIFT + 1)
    lengths = np.linalg.norm(scaled, axis=(1, 2)) * np.linalg.norm(first)
    close = products[:, near[:, np.newaxis], near] / np.maximum(lengths, 1e-9)[:, None, None]
    size, row, column = np.unravel_index(close.argmax(), close.shape)
    scale, down, right = _SCALES[size], float(near[row]), float(near[column])
    for _ in range(_STEPS):
        scale, down, right = _refined(first, second, scale, down, right)
    placed = Placement(scale, right * _COARSE, down * _COARSE)
    return placed, _correlation(first, _shifted(second, scale, down, right))


def compare(first: AlignedPicture, second: AlignedPicture, placed: Placement) -> Agreement:
    """Return how far two pictures agree, the second placed so on the first."""
    one, in_one = first.canvas(Placement())
    other, in_other = second.canvas(placed)
    both = in_one & in_other
    if not both.any():
        return Agreement(0, 0, 1, 1, 1, 0, 0)
    edges, others = _edges(one) * in_one, _edges(other) * in_other
    lost = max(_share(edges, ~both), _share(others, ~both))
    edges, others = edges * both, others * both
    energies = _cell_places(_energy(edges)), _cell_places(_energy(others))
    strength = np.maximum(*energies)
    shown = strength > np.maximum(_EMPTY * np.quantile(strength, 0.98), 1e-6)
    there = _cell_places(both.astype(np.float32))
    change = (
        _cell_places((other - one) * both[..., np.newaxis]) / np.maximum(there, 1e-6)[..., None]
    )
    if shown.any():
        along = _cell_places((edges * others.conj()).real)
        along /= np.maximum(np.sqrt(energies[0] * energies[1]), 1e-6)
        told = (_describe(one, other, both), _describe(other, one, both))
        least = max(
            float(np.maximum(along, np.minimum(each, along + _LIFT))[shown].min()) for each in told
        )
    else:  # pictures of one colour
        shown = there > 0
        least = float(np.abs(change[shown]).max() < _SLIGHT)
    changed = np.abs(change[shown])
    frame, frame_of_other = first.frame(Placement()), second.frame(placed)
    return Agreement(
        least=least,
        edges=_correlation(edges, others),
        lost=lost,
        missing=1 - _covered(frame, frame_of_other),
        beyond=1 - _covered(frame_of_other, frame),
        recoloured=float((changed.max(axis=1) > preprocessing.GROUND_TOLERANCE).mean()),
        difference=float(changed.mean() / 255),
    )


def _edges(pixels: np.ndarray) -> np.ndarray:
    """Return complex64 (height, width): the edge at each pixel, its angle doubled.

    Its length is near 1 where nothing around it is as strong. The channels' edges are added as
    structure tensors (Di Zenzo, "A note on the gradient of a multi-image", 1986).
    """
    from scipy.ndimage import gaussian_filter  # As in `register`.

    across = gaussian_filter(pixels, (_WIDTH, _WIDTH, 0), order=(0, 1, 0))
    down = gaussian_filter(pixels, (_WIDTH, _WIDTH, 0), order=(1, 0, 0))
    energy = (across**2 + down**2).sum(axis=2)
    doubled = (across**2 - down**2).sum(axis=2) + 2j * (across * down).sum(axis=2)
    around = np.sqrt(gaussian_filter(energy, _SURROUNDINGS)) + _NOISE
    seen = energy > _NOTHING
    return np.asarray(seen * doubled / np.sqrt(np.maximum(energy, _NOTHING)) / around, np.complex64)


def _describe(one: np.ndarray, other: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Return how far one picture's colours tell the other's in each place, up to 1.

    In each ninth of the canvas a colour may have become any other. What this leaves open must
    be little beside the contrast of the other picture there, and beside the change of colours:
    where colours have not changed only edges count. Yellow emoji and their darkest skin tones
    agree .45 in their worst places by edges alone, .84 with this (medians).
    """
    ninth = np.arange(CANVAS) * _NINTHS // CANVAS
    colour = (one.clip(0, 255) * (_LEVELS / 256)).astype(np.intp)
    numbers = (*np.broadcast_arrays(ninth[:, np.newaxis], ninth), *np.moveaxis(colour, 2, 0))
    shape = (_NINTHS, _NINTHS, _LEVELS, _LEVELS, _LEVELS)
    cell = np.ravel_multi_index(numbers, shape)
    change, cells = other - one, int(np.prod(shape))
    counts = np.maximum(np.bincount(cell[both], minlength=cells), 1)
    usual = [
        np.bincount(cell[both], weights=change[both][:, channel], minlength=cells) / counts
        for channel in range(3)
    ]
    left = change - np.stack(usual, axis=1)[cell]
    there = np.maximum(_cell_places(both.astype(np.float32)), 1e-6)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(_cell_places((values**2).sum(axis=2) * both) / there)

    open_, changed = mean(left), mean(change)
    middle = _cell_places(other * both[..., np.newaxis]) / there[..., np.newaxis]
    contrast = mean(other) - (middle**2).sum(axis=2)
    noise = 3 * _SLIGHT**2
    told = np.minimum(1 - open_ / (contrast + noise), (changed - open_) / (changed + noise))
    return np.asarray(told)


def _refined(
    first: np.ndarray, second: np.ndarray, scale: float, down: float, right: float
) -> tuple[float, float, float]:
    """Return scale, down and right after one step of Gauss and Newton's method."""
    lying = _blurred(_shifted(second, scale, down, right), 1)
    by_row, by_column = np.gradient(lying)
    rows, columns = np.indices(lying.shape) - (lying.shape[0] - 1) / 2
    outward = (rows - down) * by_row + (columns - right) * by_column
    slopes = np.stack([outward.ravel(), by_row.ravel(), by_column.ravel()])
    missing = (_blurred(first, 1) - lying).ravel()
    normal = (slopes.conj() @ slopes.T).real
    steps = np.linalg.lstsq(normal, (slopes.conj() @ missing).real)[0]
    larger, lower, righter = np.clip(steps, (-0.03, -1, -1), (0.03, 1, 1)).tolist()
    return scale * (1 - larger), down - lower, right - righter


def _shifted(outline: np.ndarray, scale: float, down: float, right: float) -> np.ndarray:
    """Return the outline drawn larger around its centre, and moved."""
    from scipy.ndimage import affine_transform  # As in `register`.

    middle = (np.array(outline.shape) - 1) / 2
    offset = middle - (middle + np.array((down, right))) / scale
    return np.asarray(affine_transform(outline, [1 / scale] * 2, offset, order=1))


def _coarser(edges: np.ndarray, step: int) -> np.ndarray:
    """Return the means of squares of `step` x `step` pixels."""
    side = edges.shape[0] // step
    return np.asarray(edges.reshape(side, step, side, step, *edges.shape[2:]).mean(axis=(1, 3)))


def _cell_places(values: np.ndarray) -> np.ndarray:
    """Return (128, 128, ...) averaged over places, one in four pixels: (32, 32, ...)."""
    return _blurred(_coarser(values, _STEP), _PLACE / _STEP)


def _blurred(values: np.ndarray, deviation: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter  # As in `register`.

    return np.asarray(gaussian_filter(values, deviation, axes=(0, 1)))


def _energy(edges: np.ndarray) -> np.ndarray:
    return np.asarray(edges.real**2 + edges.imag**2)


def _share(edges: np.ndarray, part: np.ndarray) -> float:
    energy = _energy(edges)
    return float(energy[part].sum() / max(energy.sum(), 1e-9))


def _correlation(edges: np.ndarray, others: np.ndarray) -> float:
    lengths = float(np.linalg.norm(edges) * np.linalg.norm(others))
    return float(np.vdot(others, edges).real) / lengths if lengths else 0.0


def _covered(
    first: tuple[float, float, float, float], second: tuple[float, float, float, float]
) -> float:
    """Return the share of the first rectangle that lies in the second."""
    sides = [min(first[n + 2], second[n + 2]) - max(first[n], second[n]) for n in (0, 1)]
    area = (first[2] - first[0]) * (first[3] - first[1])
    return max(0.0, sides[0]) * max(0.0, sides[1]) / area
