"""Vector graphics: rendering them, and leaving out some of their groups."""

import xml.etree.ElementTree as ET
from collections.abc import Collection

from PIL import Image

from core.pictures import decoding

NAMESPACE = "http://www.w3.org/2000/svg"


def render(text: str, *, side: int) -> Image.Image:
    """Render vector graphics on white, and decode them as the product decodes pictures."""
    import resvg_py

    png = resvg_py.svg_to_bytes(svg_string=text, width=side, height=side, background="white")
    return decoding.decode(bytes(png))


def without(text: str, groups: Collection[str]) -> str:
    """Return vector graphics without the groups of these ids."""
    ET.register_namespace("", NAMESPACE)
    drawing = ET.fromstring(text)
    for parent in list(drawing.iter()):
        for child in list(parent):
            if child.get("id") in groups:
                parent.remove(child)
    return ET.tostring(drawing, encoding="unicode")
