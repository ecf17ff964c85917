"""Rows in blobs, and their layout."""

import numpy as np
from sklearn.datasets import make_blobs

from core.maps import umap_layout
from core.similarity import knn_graph


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def blobs(count: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of unit length in four blobs, and the blob of each."""
    rows, own = make_blobs(
        count, 32, centers=4, cluster_std=0.4, center_box=(-1, 1), random_state=seed
    )
    return unit(rows), own


def laid_out(rows: np.ndarray) -> np.ndarray:
    return umap_layout.umap_layout(rows, knn_graph.knn_graph(rows))
