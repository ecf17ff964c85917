"""Exact nearest neighbours by cosine similarity."""

from core.similarity.index import Index, ScoreDistribution, TopK
from core.similarity.knn_graph import KnnGraph

__all__ = [
    "Index",
    "KnnGraph",
    "ScoreDistribution",
    "TopK",
]
