"""Cut out the objects of pictures: by transparency, by a plain background, or by the network."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.vision import cutout, preprocessing
from core.vision.cutout import Cutout
from core.vision.mask_decoder import MaskLogits
from core.vision.network import Network

# The smallest of red, green and blue of a plain background on which an object is compared as it is.
NEARLY_WHITE = 235
# The longer side of a mask that the picture's colours have refined.
MASK_SIDE = 256
# The longer side at which an object is cut out: of the smallest objects it leaves 224 pixels.
PICTURE_SIDE = 512
# How sure the network must be that there is one object. Between .1 and .7 it makes little
# difference (docs/benchmarks.md, “Backgrounds”).
MIN_CONFIDENCE = 0.5
# An object covers between these shares of the picture. Otherwise the mask is taken for wrong, and
# the confidence is at most the third number.
MIN_AREA, MAX_AREA = 0.003, 0.97
MAX_DOUBTFUL_CONFIDENCE = 0.1
# The windows of the guided filter reach this far, in pixels at half the size of the mask; the
# smoothness is the variance of colours (0 to 1) below which a window counts as flat.
RADIUS = 6
SMOOTHNESS = 1e-3
# The contrast that the opacity gains around one half. Without it half-transparent parts of objects
# and remains of backgrounds would be visible.
CONTRAST = 2.0
# The IoU from which a mask agrees with what differs from a plain background.
MIN_IOU = 0.85
# A part of an object has at least this share of the area of its largest part.
MIN_PART = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class Segmentation:
    """Where the object of a picture is, according to the network.

    Attributes:
        mask: the object's opacity, mode L, at most 256 pixels a side; black if there is none.
        confidence: how sure it is that there is one object, 0 to 1.
    """

    mask: Image.Image
    confidence: float

    @property
    def is_object(self) -> bool:
        """Whether the object is to be compared, and not the whole picture."""
        return self.confidence >= MIN_CONFIDENCE and self.mask.getbbox() is not None


def without_network(picture: Image.Image, alpha: Image.Image | None = None) -> Cutout | None:
    """Return the object of an RGB picture if the network is not needed to find it.

    It is found by the file's transparency, or on a plain background that is nearly white or the
    paper of a drawing. Other borders that look plain are left to the network: the background may be
    brighter in the middle, as behind the models of many sites. Of 61 emoji on dark radial
    gradients, .44 were in the first ten for drawings of them when such borders counted as plain
    backgrounds, .72 of the same on white.

    Args:
        picture: RGB, what is transparent on white or on a dark background.
        alpha: the file's opacity, mode L and of the same size; None for a file without.
    """
    if (cut := cutout.by_alpha(picture, alpha)) is not None:
        return cut
    found = cutout.find_object(picture)
    if found is None:
        return None
    is_clear = min(found.background) >= NEARLY_WHITE or preprocessing.is_drawing(found)
    return found if is_clear else None


def cut_out(network: Network, pictures: Sequence[Image.Image | Cutout]) -> list[Cutout]:
    """Return the objects of RGB pictures; those that need the network share one pass.

    Pictures that are cut out already stay as they are.
    """
    known: list[Cutout | Image.Image] = [
        each if isinstance(each, Cutout) else without_network(each) or each for each in pictures
    ]
    unknown = [each for each in known if isinstance(each, Image.Image)]
    found = iter(segment_all(network, unknown) if unknown else ())
    return [each if isinstance(each, Cutout) else apply(each, next(found)) for each in known]


def segment_all(network: Network, pictures: Sequence[Image.Image]) -> list[Segmentation]:
    """Return the segmentation of each RGB picture by the network, whatever its background."""
    squashed = np.stack([preprocessing.squash(picture) for picture in pictures])
    logits = network.features(squashed, with_masks=True).masks
    assert logits is not None, "masks were asked for"
    return [segment(picture, logits, row) for row, picture in enumerate(pictures)]


def apply(picture: Image.Image, found: Segmentation, *, always: bool = False) -> Cutout:
    """Return the object of an RGB picture, or the whole picture if there is no single object.

    `always` cuts out what was found however unsure the network was.
    """
    if not (found.is_object or (always and found.mask.getbbox())):
        return cutout.whole(picture)
    small = picture
    if max(picture.size) > PICTURE_SIDE:
        small = picture.copy()
        small.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BOX)
    return replace(cutout.with_mask(small, found.mask), original=picture)


def segment(picture: Image.Image, logits: MaskLogits, row: int) -> Segmentation:
    """Return the mask of an RGB picture, refined by its colours, from a row of the logits."""
    confidence = float(_probability(logits.presence[row]))
    opacity = _guided(Image.fromarray(_probability(logits.opacity[row])), picture)
    decided = ((opacity - 0.5) * CONTRAST + 0.5).clip(0, 1)
    refined = _without_small_parts(_exact_if_plain(decided, picture))
    if not MIN_AREA <= (refined > 0.5).mean() <= MAX_AREA:
        confidence = min(confidence, 1 - confidence, MAX_DOUBTFUL_CONFIDENCE)
    return Segmentation(Image.fromarray((refined * 255 + 0.5).astype(np.uint8)), confidence)


def _probability(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of logits."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


def _guided(coarse: Image.Image, picture: Image.Image) -> NDArray[np.float32]:
    """Return an opacity, mode F, with the picture's edges: float32 (height, width), 0 to 1.

    In every window the opacity becomes the linear function of the colours that fits it best: the
    guided filter (He, Sun and Tang, "Guided image filtering", PAMI 2013). The functions are found
    at half the size, which is a third of the work (He and Sun, "Fast guided filter", 2015).
    """
    from scipy import ndimage  # Imported here: it takes 0.3 s, which only some pictures need.

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        axes = (2 * RADIUS + 1, 2 * RADIUS + 1) + (1,) * (values.ndim - 2)
        return np.asarray(ndimage.uniform_filter(values, axes, mode="nearest"))

    size, half = _fitting(picture.size, MASK_SIDE), _fitting(picture.size, MASK_SIDE // 2)
    opacity = np.asarray(coarse.resize(half, Image.Resampling.BICUBIC), np.float32)
    guide = _colours(picture, half)
    colours, average = mean(guide), mean(opacity)
    products = mean(guide[..., :, np.newaxis] * guide[..., np.newaxis, :])
    covariance = products - colours[..., :, np.newaxis] * colours[..., np.newaxis, :]
    with_opacity = mean(guide * opacity[..., np.newaxis]) - colours * average[..., np.newaxis]
    slopes = np.linalg.solve(
        covariance + SMOOTHNESS * np.eye(3, dtype=np.float32), with_opacity[..., np.newaxis]
    )[..., 0]
    offset = average - (slopes * colours).sum(axis=2)
    functions = mean(np.dstack([slopes, offset]).astype(np.float32))
    red, green, blue, constant = (
        np.asarray(Image.fromarray(functions[..., each]).resize(size, Image.Resampling.BILINEAR))
        for each in range(4)
    )
    fine = _colours(picture, size)
    fitted = red * fine[..., 0] + green * fine[..., 1] + blue * fine[..., 2] + constant
    return np.asarray(fitted.clip(0, 1), np.float32)


def _exact_if_plain(opacity: NDArray[np.float32], picture: Image.Image) -> NDArray[np.float32]:
    """Return what differs from a plain background in place of an opacity that it agrees with.

    Its edges are exact. A border that looks plain is not enough: a bright spot in the middle of the
    background differs from it too, but then the two do not agree. Inside the object, which may
    have the background's colour in places, the opacity counts.
    """
    from scipy import ndimage  # Imported here for the same reason as in `_guided`.

    found = cutout.plain_mask(picture)
    if found is None:
        return opacity
    mask, _ = found
    height, width = opacity.shape
    differs = np.asarray(mask.resize((width, height), Image.Resampling.BILINEAR)) >= 128
    opaque = opacity > 0.5
    if (differs & opaque).sum() < MIN_IOU * (differs | opaque).sum():
        return opacity
    inside = ndimage.minimum_filter(opacity, 2 * RADIUS + 1)
    return np.asarray(np.maximum(differs, inside), np.float32)


def _colours(picture: Image.Image, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the colours of a picture at another size, 0 to 1: float32 (height, width, 3)."""
    return np.asarray(picture.resize(size, Image.Resampling.BOX), np.float32) / np.float32(255)


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return a size of the same shape whose longer side is `side` pixels, and no side is 0."""
    scale = side / max(size)
    width, height = (max(1, round(length * scale)) for length in size)
    return width, height


def _without_small_parts(opacity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an opacity without the parts that are small beside the largest one."""
    from scipy import ndimage  # Imported here for the same reason as in `_guided`.

    parts, count = ndimage.label(opacity > 0.5)
    if count < 2:
        return opacity
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    large = sizes >= MIN_PART * sizes.max()
    # The soft edges of the large parts stay.
    near = ndimage.binary_dilation(large[parts], iterations=2 * RADIUS)
    return np.where(near, opacity, 0)
