"""What all descriptors have in common: their names, their interface and their fingerprints."""

import hashlib
import json
from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.vision import Network
from core.vision.cutout import Cutout

# What a query's picture is; "auto" detects it.
QueryKind = Literal["auto", "photo", "drawing"]
# What a picture shows: a model of the catalogue, or a picture or drawing from outside it.
PictureKind = Literal["model", "picture", "drawing"]
# What vectors can be compared with: other models only, or any picture.
Space = Literal["models", "pictures"]

PUBLISHED = "published"
COMPACT = "compact"
NAMES = (COMPACT, PUBLISHED)
# Increase by one whenever the same picture would give another vector: all catalogues are then
# indexed again.
VERSION = 3


class Descriptor(Protocol):
    """Turns pictures into vectors of length 1.

    Attributes:
        name: `compact` or `published`.
        fingerprint: names everything that the vectors depend on; vectors of different
            fingerprints cannot be compared.
    """

    name: str
    fingerprint: str

    def embed(
        self,
        network: Network,
        pictures: Sequence[Image.Image | Cutout],
        *,
        query_kind: QueryKind = "auto",
    ) -> NDArray[np.float32]:
        """Return float32 (n, variants, dimensions) for n RGB pictures.

        Of a cut-out the object is compared, of a picture what the descriptor finds in it.
        `query_kind` says whether the pictures are photos or drawings; "auto" detects it.

        The vectors have length 1, or 0 if all features are zero. The first variant is the original
        picture; the second, if the descriptor has one, is the mirrored picture.
        """
        ...


def columns(name: str, space: Space, width: int) -> slice:
    """Return which of the `width` stored columns of descriptor `name` belong to a space."""
    if name == PUBLISHED:
        return slice(0, width)
    return slice(0, width // 2) if space == "pictures" else slice(width // 2, width)


def make_fingerprint(weights_digest: str, **parts: str) -> str:
    """Return 16 hexadecimal digits that name everything a vector depends on.

    Args:
        weights_digest: the SHA-256 of the network's weights.
        parts: what else the vectors depend on. Names and values enter the hash.
    """
    parts |= {"weights": weights_digest, "version": str(VERSION)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
