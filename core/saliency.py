"""Where the object of a cluttered picture probably is."""

import numpy as np
from PIL import Image

from core import views
from core.network import Network
from core.views import Box

# An object that takes up more of the picture than this needs no box.
NEARLY_ALL = 0.85


def propose(picture: Image.Image, network: Network) -> Box | None:
    """Return a box around what the network sees most of, or None where that is all of it.

    The cells of block5 whose activations add up to more than the mean cell's, and of
    these the largest connected part: selective convolutional descriptor aggregation (Wei,
    Luo, Wu and Zhou, 2017). No training, one pass, a grid of 7 x 7.
    """
    # Imported here, as in `views`: the first gallery need not wait for it.
    from scipy import ndimage

    cells = network.features(views.frame(picture)[np.newaxis]).block5[0].sum(axis=2)
    parts, count = ndimage.label(cells > cells.mean())
    if not count:
        return None
    largest = 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))
    down, across = ndimage.find_objects(parts)[largest - 1]
    size = len(cells)
    box = Box(across.start / size, down.start / size, across.stop / size, down.stop / size)
    covers = min(box.right - box.left, box.bottom - box.top) > NEARLY_ALL
    return None if covers else box
