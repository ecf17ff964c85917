"""Where the object of a cluttered picture probably is."""

import numpy as np
from PIL import Image

from core.pictures import Box
from core.vision import preprocessing
from core.vision.network import Network

# An object that takes up more of the picture than this needs no box.
NEARLY_ALL = 0.85
# Of what stands out in a picture, the object holds more than this, or it is not one thing:
# .89 to .94 of one on blotches, .50 of the blotches alone, .33 of one that fills the picture.
MAX_SHARE = 2 / 3


def propose(picture: Image.Image, network: Network) -> Box | None:
    """Return a box around what the network sees most of, or None where that is all of it.

    None, too, where no one place stands out: a wrong box is worse than none.

    The cells of block5 whose activations add up to more than the mean cell's, and of
    these the strongest connected part: selective convolutional descriptor aggregation (Wei,
    Luo, Wu and Zhou, 2017). No training, one pass, a grid of 7 x 7.
    """
    # Imported here, as in `views`: the first gallery need not wait for it.
    from scipy import ndimage

    cells = network.features(preprocessing.squash(picture)[np.newaxis]).block5[0].sum(axis=2)
    parts, count = ndimage.label(cells > cells.mean())
    if not count:
        return None
    held = ndimage.sum_labels(cells, parts, np.arange(1, count + 1))
    if held.max() < MAX_SHARE * held.sum():
        return None
    down, across = ndimage.find_objects(parts)[int(held.argmax())]
    size = len(cells)
    box = Box(across.start / size, down.start / size, across.stop / size, down.stop / size)
    covers = min(box.right - box.left, box.bottom - box.top) > NEARLY_ALL
    return None if covers else box
