"""The 2016 recipe, exactly."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from core.descriptors.base import PUBLISHED, QueryKind, make_fingerprint
from core.linalg import unit_rows
from core.vision import Features, Network, preprocessing


class Published:
    """The 2016 recipe: block5_pool of the whole picture, 25,088 numbers, plain cosine.

    Source: E. Rosenthal, "Recasketch, Part 2: Keras", 2016. Transparency is
    put on white and the camera's orientation is applied before, which the
    recipe's JPEG thumbnails had no need of.
    """

    name = PUBLISHED

    def __init__(self, weights_digest: str) -> None:
        """Say which weights the vectors come from."""
        self.fingerprint = make_fingerprint(
            weights_digest, descriptor=self.name, layer="block5_pool"
        )

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, query_kind: QueryKind = "auto"
    ) -> np.ndarray:
        """Return float32 (n, 1, 25088). The recipe knows one view: `query_kind` changes nothing."""
        pixels = np.stack([preprocessing.squash(picture) for picture in pictures])
        return self.vectors(network.features(pixels))[:, np.newaxis]

    @staticmethod
    def vectors(features: Features) -> np.ndarray:
        """Return float32 (n, 25088) of unit length from the features of `frame` views."""
        return unit_rows(features.block5.reshape(len(features.block5), -1))
