"""VGG16: its weights, the network, and how pictures are prepared for it."""

from core.vision.network import Features, Network, Precision

__all__ = [
    "Features",
    "Network",
    "Precision",
]
