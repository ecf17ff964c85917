"""Exact nearest neighbours by cosine similarity."""

from core.similarity.index import Index, Spread, TopK
from core.similarity.knn_graph import Neighbourhoods

__all__ = [
    "Index",
    "Neighbourhoods",
    "Spread",
    "TopK",
]
