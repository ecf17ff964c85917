"""VGG16: the network, its weights, and the preparation of pictures for it."""

from core.vision.network import Features, Network, Precision

__all__ = [
    "Features",
    "Network",
    "Precision",
]
