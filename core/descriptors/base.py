"""What every descriptor has: a name, a fingerprint, and how it embeds pictures."""

import hashlib
import json
from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from PIL import Image

from core.vision import Network

QueryKind = Literal["auto", "photo", "drawing"]
# What a picture is: a model's of the catalogue, or a picture or a drawing from elsewhere.
PictureKind = Literal["model", "picture", "drawing"]
# What a vector is made to be compared with: other models, or pictures from anywhere.
Space = Literal["models", "pictures"]

PUBLISHED = "published"
COMPACT = "compact"
NAMES = (COMPACT, PUBLISHED)
# Grown by one whenever the same picture would give another vector.
VERSION = 3


class Descriptor(Protocol):
    """A function from pictures to vectors of unit length."""

    name: str
    fingerprint: str

    def embed(
        self, network: Network, pictures: Sequence[Image.Image], *, query_kind: QueryKind = "auto"
    ) -> np.ndarray:
        """Return float32 (n, sights, dimensions): vectors of length 1 (or 0 for nothing).

        The first sight is the picture as it is; a second, if there is one, mirrored.
        """
        ...


def columns(name: str, space: Space, width: int) -> slice:
    """Return which of `width` stored columns are those of a space of the descriptor `name`."""
    if name == PUBLISHED:
        return slice(0, width)
    return slice(0, width // 2) if space == "pictures" else slice(width // 2, width)


def make_fingerprint(weights_digest: str, **parts: str) -> str:
    """Return a short name for everything that decides what a vector is."""
    parts |= {"weights": weights_digest, "version": str(VERSION)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
