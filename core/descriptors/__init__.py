"""Descriptors turn pictures into vectors."""

from core.descriptors.base import (
    COMPACT,
    NAMES,
    PUBLISHED,
    Descriptor,
    Embedded,
    PictureKind,
    QueryKind,
    Space,
)
from core.descriptors.compact import Compact, NoLinesError
from core.descriptors.fitting import CompactFit
from core.descriptors.published import Published

__all__ = [
    "COMPACT",
    "NAMES",
    "PUBLISHED",
    "Compact",
    "CompactFit",
    "Descriptor",
    "Embedded",
    "NoLinesError",
    "PictureKind",
    "Published",
    "QueryKind",
    "Space",
]
