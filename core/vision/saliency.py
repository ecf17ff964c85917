"""Propose a region of a cluttered picture: where its object probably is."""

import numpy as np
from PIL import Image

from core.pictures import Box
from core.vision import preprocessing
from core.vision.network import Network

# An object that fills more of the picture than this, in both directions, needs no box.
NEARLY_ALL = 0.85
# The smallest share of the salient activations in one object: .89 to .94 for an object on blotches,
# .50 for the blotches alone, .33 for an object that fills the picture.
MIN_SHARE = 2 / 3


def propose(picture: Image.Image, network: Network) -> Box | None:
    """Return a box around the most salient object of an RGB picture, or None.

    None if the object fills nearly the whole picture, or if no single object is salient: a wrong
    box is worse than none.

    The method is selective convolutional descriptor aggregation (Wei, Luo, Wu and Zhou, 2017): the
    cells of block5 whose activations sum to more than the mean cell's, and of these the strongest
    connected component. It needs no training and one pass, on a grid of 7 x 7.
    """
    # Imported here: it takes 0.3 s, which the first gallery does not have to wait for.
    from scipy import ndimage

    cells = network.features(preprocessing.squash(picture)[np.newaxis]).block5[0].sum(axis=2)
    components, count = ndimage.label(cells > cells.mean())
    if not count:
        return None
    sums = ndimage.sum_labels(cells, components, np.arange(1, count + 1))
    if sums.max() < MIN_SHARE * sums.sum():
        return None
    down, across = ndimage.find_objects(components)[int(sums.argmax())]
    size = len(cells)
    box = Box(across.start / size, down.start / size, across.stop / size, down.stop / size)
    covers = min(box.right - box.left, box.bottom - box.top) > NEARLY_ALL
    return None if covers else box
