"""The descriptor of 2016, exactly as it was published."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.descriptors.base import PUBLISHED, Embedded, QueryKind, make_fingerprint
from core.linalg import unit_rows
from core.vision import Features, Network, preprocessing
from core.vision.cutout import Cutout


class Published:
    """The 2016 recipe: block5_pool of the whole picture, 25,088 numbers, compared by cosine.

    Source: E. Rosenthal, "Recasketch, Part 2: Keras", 2016. Pictures are put on white where they
    are transparent, and turned upright as the camera recorded; the recipe's JPEG thumbnails needed
    neither.
    """

    name = PUBLISHED

    def __init__(self, weights_digest: str) -> None:
        """Name the network's weights, which are part of the fingerprint, by their digest."""
        self.fingerprint = make_fingerprint(
            weights_digest, descriptor=self.name, layer="block5_pool"
        )

    def embed(
        self,
        network: Network,
        pictures: Sequence[Image.Image | Cutout],
        *,
        query_kinds: Sequence[QueryKind] | None = None,
    ) -> Embedded:
        """Return one vector of 25,088 numbers for each RGB picture, whatever its kind.

        The whole picture is compared, of a cut-out too: the 2016 recipe knows no objects.
        """
        wholes = [each.original if isinstance(each, Cutout) else each for each in pictures]
        pixels = np.stack([preprocessing.squash(picture) for picture in wholes])
        return Embedded(self.vectors(network.features(pixels))[:, np.newaxis])

    @staticmethod
    def vectors(features: Features) -> NDArray[np.float32]:
        """Return float32 (n, 25088) of length 1 from the features of `squash` views."""
        return unit_rows(features.block5.reshape(len(features.block5), -1))
