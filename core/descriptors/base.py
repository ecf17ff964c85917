"""What all descriptors have in common: their names, their interface and their fingerprints."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.vision import Network
from core.vision.cutout import Cutout

# What a query's picture is; "auto" detects it.
QueryKind = Literal["auto", "photo", "drawing"]
# What a picture shows: a model of the catalogue, or from outside it a picture such as a render or
# an illustration, a photograph, or a drawing.
PictureKind = Literal["model", "picture", "photograph", "drawing"]
# What vectors can be compared with: models and photographs, or models and any picture.
Space = Literal["models", "pictures"]

PUBLISHED = "published"
COMPACT = "compact"
NAMES = (COMPACT, PUBLISHED)
# Increase by one whenever the same picture would give another vector: all catalogues are then
# indexed again.
VERSION = 3


@dataclass(frozen=True, eq=False, slots=True)
class Embedded:
    """The vectors of n pictures, of length 1, or 0 if all features are zero.

    The first variant of a picture is the original. The second, if the descriptor has one, is the
    mirrored picture.

    Attributes:
        vectors: float32 (n, variants, dimensions), in the space "pictures".
        photographs: by the row of each photograph, its vectors in the space "models", in which
            photographs are compared: float32 (variants, dimensions).
    """

    vectors: NDArray[np.float32]
    photographs: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)

    def space(self) -> Space:
        """Return the space in which all pictures can be compared: the best one for them."""
        return "models" if len(self.photographs) == len(self.vectors) else "pictures"

    def of(self, row: int, space: Space) -> NDArray[np.float32]:
        """Return the vectors of a picture in a space, float32 (variants, dimensions)."""
        return self.photographs[row] if space == "models" else self.vectors[row]

    def only(self, row: int) -> "Embedded":
        """Return the vectors of one picture."""
        photographs = {0: self.photographs[row]} if row in self.photographs else {}
        return Embedded(self.vectors[row : row + 1], photographs)


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
        query_kinds: Sequence[QueryKind] | None = None,
    ) -> Embedded:
        """Return the vectors of RGB pictures.

        Of a cut-out the object is compared, of a picture what the descriptor finds in it.
        `query_kinds` says of each whether it is a photo or a drawing; "auto", the default, detects
        it.
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
