"""Descriptors: functions from pictures to vectors."""

from core.descriptors.base import COMPACT, NAMES, PUBLISHED, As, Descriptor, Kind, Space
from core.descriptors.compact import Compact
from core.descriptors.fitting import Fit
from core.descriptors.published import Published

__all__ = [
    "COMPACT",
    "NAMES",
    "PUBLISHED",
    "As",
    "Compact",
    "Descriptor",
    "Fit",
    "Kind",
    "Published",
    "Space",
]
