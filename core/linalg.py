"""Vectors: the precisions they are in, and scaling them to length 1."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

# Vectors as they are stored: float16 for activations, float32 for all others.
HalfOrSingle = NDArray[np.float16 | np.float32]
# Vectors and scores as they are compared: float32 from the network, float64 from an index.
SingleOrDouble = NDArray[np.float32 | np.float64]

F = TypeVar("F", np.float32, np.float64)


def unit_rows(rows: NDArray[F]) -> NDArray[F]:
    """Return the rows of a matrix, (n, dimensions), each scaled to length 1.

    The dtype stays the same. A row of zeros stays zero.
    """
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0))


def unit_vector(vector: NDArray[F]) -> NDArray[F]:
    """Return a vector, (dimensions,), scaled to length 1; a vector of zeros stays zero.

    The dtype stays the same.
    """
    norm = np.linalg.norm(vector)
    return np.asarray(vector / norm if norm > 0 else vector)
