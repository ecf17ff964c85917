"""Registration: lays one picture over another, and measures how well they agree in every place.

Two renders of one object may differ in size, encoding, frame, orientation or colours, but agree in
where their edges are and in which direction these run. So pictures are compared by the directions
of their edges, whatever their contrast: orientation correlation (Fitch, Kadyrov, Christmas and
Kittler, BMVC 2002), with doubled angles, so that light on dark equals dark on light. Objects of
one kind agree nearly everywhere as well; what separates a copy from a different socket is the
place where they agree least.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.linalg import SingleOrDouble
from core.pictures import WHOLE
from core.vision import cutout

# The side of the canvas, and the longer side of the object centred on it, in pixels.
CANVAS = 128
BODY = 96
# How far from the object's centre a canvas may show the picture once it is moved and shrunk.
_REACH = 100
# The width of the margin around the picture that repeats its border.
_MARGIN = 16
# The side, in pixels of the canvas, of one pixel of the outline for `register` and of a sketch.
_COARSE = 2
_SKETCH = 8

# The scales and the largest shift that are tried: a picture cropped by 3 % a side shows its object
# 6 % larger.
_SCALES = (0.9, 0.935, 0.97, 1.0, 1.03, 1.065, 1.1)
_SHIFT = 12
# How many refinement steps follow.
_REFINEMENTS = 3

# Objects that masks told from other backgrounds must overlap by this much (IoU), and no edge counts
# that is within this many pixels of the border of either: masks are wrong there.
_MIN_OVERLAP = 0.8
_UNCERTAIN = 4
# How much of both objects must be left; of thin ones nothing is.
_MIN_CERTAIN = 0.2
# The share of a place that must be compared.
_MIN_COVER = 0.3

# The width of an edge, and what its contrast is measured against: the surroundings, and noise.
_EDGE_WIDTH = 1.5
_SURROUNDINGS = 6.0
_NOISE = 4.0
# Less energy than this is a rounding error: a tenth of a grey level in a pixel.
_ROUNDING_ENERGY = 0.01
# The standard deviation of the Gaussian window of a place: a sixteenth of the object.
_PLACE = 6.0
# One place in this many pixels is compared along each axis.
_STEP = 4
# Places with less than this share of the strongest edges are background.
_MIN_STRENGTH = 0.2
# By how much agreement in colours may raise the agreement of a place above that of its edges.
# Without this limit a general prohibition sign agrees .82 with a no-smoking sign, as if the
# cigarette had turned white.
_MAX_LIFT = 0.4

# Colours are counted in this many levels of red, green and blue; the canvas is divided into three
# times three parts, in each of which a colour may have become a different one.
_LEVELS = 8
_NINTHS = 3
# Smaller differences than this, of 255, come from JPEG and scaling and are ignored.
_SLIGHT = 8.0

# Of the pixels of a picture, or of the edges at them.
Scalar = TypeVar("Scalar", np.float32, np.float64, np.complex64)


@dataclass(frozen=True, slots=True)
class Placement:
    """How a second picture is laid over a first, starting with their objects' centres aligned.

    Attributes:
        scale: the factor by which the second's object is enlarged.
        right: how far it is moved to the right, in pixels of the canvas.
        down: how far it is moved down, in pixels of the canvas.
        mirrored: whether its left and right are swapped first.
    """

    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two pictures agree once one is laid over the other.

    Attributes:
        least: the agreement in the place where they agree least, at most 1: by the edges, or,
            where colours differ, by whether one picture's colours predict the other's.
        edges: how well their edges agree overall, at most 1.
        lost: the share of either picture's edges that lies outside the other picture.
        missing: the share of the first picture that the second does not show.
        beyond: the share of the second picture that the first does not show.
        recoloured: the share of the object that has different colours.
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
    """A picture prepared for comparison: its object, or all of it, scaled and centred."""

    def __init__(self, picture: Image.Image, mask: Image.Image | None = None) -> None:
        """Prepare an RGB picture of any size.

        Args:
            picture: the picture, with its object on a plain background if it was cut out.
            mask: the object's opacity, mode L and of any size, if it is known.
        """
        found = cutout.find_object(picture)
        box = found.box if found else WHOLE
        self._background = found.background if found else (255, 255, 255)
        width, height = picture.size
        across, down = (box.right - box.left) * width, (box.bottom - box.top) * height
        scale = BODY / max(across, down)
        middle_x, middle_y = (box.left + box.right) / 2 * width, (box.top + box.bottom) / 2 * height
        reach = _REACH / scale
        crop = (
            max(0.0, middle_x - reach),
            max(0.0, middle_y - reach),
            min(float(width), middle_x + reach),
            min(float(height), middle_y + reach),
        )
        size = [max(1, round((crop[2 + axis] - crop[axis]) * scale)) for axis in (0, 1)]

        def part(image: Image.Image) -> Image.Image:
            small = image.resize((size[0], size[1]), Image.Resampling.LANCZOS, box=crop)
            # Without a margin the frame itself would be an edge.
            margins = [(_MARGIN, _MARGIN)] * 2 + [(0, 0)] * (len(image.getbands()) > 1)
            return Image.fromarray(np.pad(np.asarray(small), margins, mode="edge"))

        self._picture = part(picture)
        self._mask = None if mask is None else part(mask.resize(picture.size))
        self._centre = (
            (middle_x - crop[0]) * scale + _MARGIN,
            (middle_y - crop[1]) * scale + _MARGIN,
        )
        # The picture's frame: left, top, right, bottom, in canvas pixels from the object's centre.
        self._frame = (
            -middle_x * scale,
            -middle_y * scale,
            (width - middle_x) * scale,
            (height - middle_y) * scale,
        )

    def frame(self, placement: Placement) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of the whole picture, in pixels of the canvas."""
        left, top, right, bottom = self._frame
        if placement.mirrored:
            left, right = -right, -left
        across, down = CANVAS / 2 + placement.right, CANVAS / 2 + placement.down
        scale = placement.scale
        return (
            across + scale * left,
            down + scale * top,
            across + scale * right,
            down + scale * bottom,
        )

    def canvas(self, placement: Placement) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the canvas with the picture placed on it, and where the picture is.

        The first is float32 (128, 128, 3), values about 0 to 255; the second bool (128, 128).
        """
        pixels = self._placed(self._picture, placement, outside=self._background)
        left, top, right, bottom = self.frame(placement)
        # Edges at the frame itself would depend on what lies outside it, so they do not count.
        centres = np.arange(CANVAS) + 0.5
        inside = np.outer(
            (centres > top + 2 * _EDGE_WIDTH) & (centres < bottom - 2 * _EDGE_WIDTH),
            (centres > left + 2 * _EDGE_WIDTH) & (centres < right - 2 * _EDGE_WIDTH),
        )
        return np.asarray(pixels, np.float32), inside

    def object(self, placement: Placement) -> NDArray[np.bool_] | None:
        """Return where on the canvas the object is: bool (128, 128); None without a mask."""
        if self._mask is None:
            return None
        placed = self._placed(self._mask, placement, outside=0)
        return np.asarray(np.asarray(placed) >= cutout.OPAQUE)

    def _placed(
        self, image: Image.Image, placement: Placement, *, outside: int | tuple[int, int, int]
    ) -> Image.Image:
        across, down = self._centre
        if placement.mirrored:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            across = image.width - across
        step = 1 / placement.scale
        return image.transform(
            (CANVAS, CANVAS),
            Image.Transform.AFFINE,
            (
                *(step, 0, across - (CANVAS / 2 + placement.right) * step),
                *(0, step, down - (CANVAS / 2 + placement.down) * step),
            ),
            resample=Image.Resampling.BICUBIC,
            fillcolor=outside,
        )

    def outline(self) -> NDArray[np.complex64]:
        """Return the picture's edges at half the resolution of the canvas: complex64 (64, 64)."""
        pixels, inside = self.canvas(Placement())
        return _coarser(_edges(pixels) * inside, _COARSE)


def mirrored(outline: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Return the outline of the mirrored picture: complex64, of the same shape."""
    return np.asarray(outline[:, ::-1].conj())


def sketch(outline: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Return a coarse outline as a vector, similar for pictures that match: float32 (512,)."""
    small = _coarser(outline, _SKETCH // _COARSE).ravel()
    return np.concatenate([small.real, small.imag]).astype(np.float32)


def register(
    first: NDArray[np.complex64], second: NDArray[np.complex64]
) -> tuple[Placement, float]:
    """Return where the second outline matches the first best, and how well, at most 1.

    Scales are tried one by one and all shifts together, as products of Fourier transforms. The
    best placement is then refined to fractions of a pixel by the Gauss-Newton method (Lucas and
    Kanade, IJCAI 1981). Without that, nine in ten copies cropped by 3 % a side agree .65 in
    their worst places, with it .96. Pictures of a single colour match each other, and nothing
    else.

    Args:
        first: an outline, complex64 (64, 64).
        second: the outline that is moved, complex64 (64, 64).
    """
    from scipy import fft  # Imported here: 0.1 s that the first gallery need not wait for.

    if not (first.any() and second.any()):
        return Placement(), float(first.any() == second.any())
    scaled = np.stack([_transformed(second, scale, 0, 0) for scale in _SCALES])
    products = fft.ifft2(fft.fft2(first) * fft.fft2(scaled).conj()).real
    shifts = np.arange(-_SHIFT, _SHIFT + 1)
    lengths = np.linalg.norm(scaled, axis=(1, 2)) * np.linalg.norm(first)
    correlations = products[:, shifts[:, np.newaxis], shifts]
    correlations = correlations / np.maximum(lengths, 1e-9)[:, None, None]
    best, row, column = np.unravel_index(correlations.argmax(), correlations.shape)
    scale, down, right = _SCALES[best], float(shifts[row]), float(shifts[column])
    for _ in range(_REFINEMENTS):
        scale, down, right = _refined(first, second, scale, down, right)
    placement = Placement(scale, right * _COARSE, down * _COARSE)
    return placement, _correlation(first, _transformed(second, scale, down, right))


def compare(
    first: AlignedPicture,
    second: AlignedPicture,
    placement: Placement,
    *,
    within_masks: bool = False,
) -> Agreement:
    """Return how well two pictures agree when the second is laid over the first like this.

    Args:
        first: a picture.
        second: the picture that is laid over it.
        placement: where.
        within_masks: look for the place where they agree least only inside both objects, if these
            have masks that agree.
    """
    pixels, inside_first = first.canvas(Placement())
    other_pixels, inside_second = second.canvas(placement)
    both = inside_first & inside_second
    if not both.any():
        return Agreement(0, 0, 1, 1, 1, 0, 0)
    edges, other_edges = _edges(pixels) * inside_first, _edges(other_pixels) * inside_second
    lost = max(_share(edges, ~both), _share(other_edges, ~both))
    edges, other_edges = edges * both, other_edges * both
    correlation = _correlation(edges, other_edges)
    energies = _by_place(_energy(edges)), _by_place(_energy(other_edges))
    strongest = np.quantile(np.maximum(*energies), 0.98)
    certain = None
    if within_masks:
        certain = _inside(first.object(Placement()), second.object(placement))
    if certain is not None:
        both = both & certain
        edges, other_edges = edges * both, other_edges * both
        energies = _by_place(_energy(edges)), _by_place(_energy(other_edges))
    compared = np.maximum(*energies) > np.maximum(_MIN_STRENGTH * strongest, 1e-6)
    weight = _by_place(both.astype(np.float32))
    change = (
        _by_place((other_pixels - pixels) * both[..., np.newaxis])
        / np.maximum(weight, 1e-6)[..., None]
    )
    if compared.any():
        agreement = _by_place((edges * other_edges.conj()).real)
        agreement /= np.maximum(np.sqrt(energies[0] * energies[1]), 1e-6)
        predictions = (
            _colour_agreement(pixels, other_pixels, both),
            _colour_agreement(other_pixels, pixels, both),
        )
        least = max(
            float(
                np.maximum(agreement, np.minimum(prediction, agreement + _MAX_LIFT))[compared].min()
            )
            for prediction in predictions
        )
    else:  # pictures of a single colour
        compared = weight > (0 if certain is None else _MIN_COVER)
        # A background shines through at the border of a mask.
        limit = _SLIGHT if certain is None else cutout.BACKGROUND_TOLERANCE
        least = float(np.abs(change[compared]).max(initial=0) < limit)
    changed = np.abs(change[compared])
    frame, other_frame = first.frame(Placement()), second.frame(placement)
    return Agreement(
        least=least,
        edges=correlation,
        lost=lost,
        missing=1 - _covered(frame, other_frame),
        beyond=1 - _covered(other_frame, frame),
        recoloured=float((changed.max(axis=1) > cutout.BACKGROUND_TOLERANCE).mean()),
        difference=float(changed.mean() / 255),
    )


def _inside(
    first: NDArray[np.bool_] | None, second: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Return what is certainly inside two objects: bool (128, 128).

    None if that is not known, if it is nearly nothing, or if the objects are different.
    """
    from scipy.ndimage import binary_erosion  # Imported here for the reason in `register`.

    if first is None or second is None:
        return None
    common, all_of_both = first & second, (first | second).sum()
    inside = np.asarray(binary_erosion(common, iterations=_UNCERTAIN))
    is_same = common.sum() >= _MIN_OVERLAP * all_of_both
    return inside if is_same and inside.sum() > _MIN_CERTAIN * all_of_both else None


def _edges(pixels: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Return the edge at each pixel with its angle doubled: complex64 (height, width).

    Its length is near 1 where nothing around it is as strong. The channels' edges are added as
    structure tensors (Di Zenzo, "A note on the gradient of a multi-image", 1986).
    """
    from scipy.ndimage import gaussian_filter  # Imported here for the reason in `register`.

    across = gaussian_filter(pixels, (_EDGE_WIDTH, _EDGE_WIDTH, 0), order=(0, 1, 0))
    down = gaussian_filter(pixels, (_EDGE_WIDTH, _EDGE_WIDTH, 0), order=(1, 0, 0))
    energy = (across**2 + down**2).sum(axis=2)
    doubled = (across**2 - down**2).sum(axis=2) + 2j * (across * down).sum(axis=2)
    around = np.sqrt(gaussian_filter(energy, _SURROUNDINGS)) + _NOISE
    visible = energy > _ROUNDING_ENERGY
    return np.asarray(
        visible * doubled / np.sqrt(np.maximum(energy, _ROUNDING_ENERGY)) / around, np.complex64
    )


def _colour_agreement(
    pixels: NDArray[np.float32], other_pixels: NDArray[np.float32], both: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return how well one picture's colours predict the other's in each place, at most 1.

    In each ninth of the canvas a colour may have become any other. What this does not explain
    must be small compared with the contrast of the other picture there, and with the change of
    colours: where colours have not changed, only edges count. Yellow emoji and their darkest
    skin tones agree .45 in their worst places by edges alone, .84 with this (medians).

    Args:
        pixels: float32 (128, 128, 3).
        other_pixels: float32 (128, 128, 3), laid over the first.
        both: bool (128, 128), where both pictures are.

    Returns:
        float (32, 32).
    """
    ninth = np.arange(CANVAS) * _NINTHS // CANVAS
    colour = (pixels.clip(0, 255) * (_LEVELS / 256)).astype(np.intp)
    numbers = (*np.broadcast_arrays(ninth[:, np.newaxis], ninth), *np.moveaxis(colour, 2, 0))
    shape = (_NINTHS, _NINTHS, _LEVELS, _LEVELS, _LEVELS)
    cell = np.ravel_multi_index(numbers, shape)
    change, cells = other_pixels - pixels, int(np.prod(shape))
    counts = np.maximum(np.bincount(cell[both], minlength=cells), 1)
    usual_change = [
        np.bincount(cell[both], weights=change[both][:, channel], minlength=cells) / counts
        for channel in range(3)
    ]
    residual = change - np.stack(usual_change, axis=1)[cell]
    weight = np.maximum(_by_place(both.astype(np.float32)), 1e-6)

    def mean_square(values: SingleOrDouble) -> SingleOrDouble:
        return np.asarray(_by_place((values**2).sum(axis=2) * both) / weight)

    unexplained, changed = mean_square(residual), mean_square(change)
    mean = _by_place(other_pixels * both[..., np.newaxis]) / weight[..., np.newaxis]
    contrast = mean_square(other_pixels) - (mean**2).sum(axis=2)
    noise = 3 * _SLIGHT**2
    return np.asarray(
        np.minimum(
            1 - unexplained / (contrast + noise), (changed - unexplained) / (changed + noise)
        )
    )


def _refined(
    first: NDArray[np.complex64],
    second: NDArray[np.complex64],
    scale: float,
    down: float,
    right: float,
) -> tuple[float, float, float]:
    """Return scale, down and right after one step of the Gauss-Newton method."""
    current = _blurred(_transformed(second, scale, down, right), 1)
    by_row, by_column = np.gradient(current)
    rows, columns = np.indices(current.shape) - (current.shape[0] - 1) / 2
    outward = (rows - down) * by_row + (columns - right) * by_column
    slopes = np.stack([outward.ravel(), by_row.ravel(), by_column.ravel()])
    residual = (_blurred(first, 1) - current).ravel()
    normal = (slopes.conj() @ slopes.T).real
    steps = np.linalg.lstsq(normal, (slopes.conj() @ residual).real)[0]
    scale_step, down_step, right_step = np.clip(steps, (-0.03, -1, -1), (0.03, 1, 1)).tolist()
    return scale * (1 - scale_step), down - down_step, right - right_step


def _transformed(
    outline: NDArray[np.complex64], scale: float, down: float, right: float
) -> NDArray[np.complex64]:
    """Return the outline scaled around its centre, and moved."""
    from scipy.ndimage import affine_transform  # Imported here for the reason in `register`.

    middle = (np.array(outline.shape) - 1) / 2
    offset = middle - (middle + np.array((down, right))) / scale
    return np.asarray(affine_transform(outline, [1 / scale] * 2, offset, order=1))


def _coarser(values: NDArray[Scalar], step: int) -> NDArray[Scalar]:
    """Return the means of squares of `step` x `step` pixels: (n, n, ...) to (n / step, ...)."""
    side = values.shape[0] // step
    return np.asarray(values.reshape(side, step, side, step, *values.shape[2:]).mean(axis=(1, 3)))


def _by_place(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return (128, 128, ...) averaged over places, one per 4 x 4 pixels: (32, 32, ...)."""
    return _blurred(_coarser(values, _STEP), _PLACE / _STEP)


def _blurred(values: NDArray[Scalar], deviation: float) -> NDArray[Scalar]:
    from scipy.ndimage import gaussian_filter  # Imported here for the reason in `register`.

    return np.asarray(gaussian_filter(values, deviation, axes=(0, 1)))


def _energy(edges: NDArray[np.complex64]) -> NDArray[np.float32]:
    return np.asarray(edges.real**2 + edges.imag**2)


def _share(edges: NDArray[np.complex64], mask: NDArray[np.bool_]) -> float:
    """Return the share of the energy of the edges that lies within the mask."""
    energy = _energy(edges)
    return float(energy[mask].sum() / max(energy.sum(), 1e-9))


def _correlation(edges: NDArray[np.complex64], others: NDArray[np.complex64]) -> float:
    """Return the normalised correlation of two outlines, -1 to 1; 0 if one has no edges."""
    lengths = float(np.linalg.norm(edges) * np.linalg.norm(others))
    return float(np.vdot(others, edges).real) / lengths if lengths else 0.0


def _covered(
    first: tuple[float, float, float, float], second: tuple[float, float, float, float]
) -> float:
    """Return the share of the first rectangle (left, top, right, bottom) inside the second."""
    sides = [min(first[n + 2], second[n + 2]) - max(first[n], second[n]) for n in (0, 1)]
    area = (first[2] - first[0]) * (first[3] - first[1])
    return max(0.0, sides[0]) * max(0.0, sides[1]) / area
