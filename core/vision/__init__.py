"""VGG16 and its weights, the objects of pictures, and the views that the network gets."""

from core.vision.network import Features, Network, Precision

__all__ = [
    "Features",
    "Network",
    "Precision",
]
