"""Pictures on surfaces, as lines of MTL name them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.rendering.files import Files
from core.rendering.mesh_parts import MAX_TEXTURE_SIDE, reduced_picture
from core.rendering.raytracer import Wrap
from core.rendering.text import without_comment

# The options before the name of a picture, and the most values that each has.
_OPTIONS = {
    "-blendu": 1, "-blendv": 1, "-bm": 1, "-boost": 1, "-cc": 1, "-clamp": 1, "-imfchan": 1,
    "-mm": 2, "-o": 3, "-s": 3, "-t": 3, "-texres": 1, "-type": 1,
}  # fmt: skip
_WORDS = ("-blendu", "-blendv", "-cc", "-clamp", "-imfchan", "-type")


@dataclass(frozen=True, slots=True)
class Placement:
    """How a picture lies on a surface: its coordinates are stretched, and then moved."""

    scale: tuple[float, float] = (1.0, 1.0)
    offset: tuple[float, float] = (0.0, 0.0)

    def apply(self, uv: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where in the picture coordinates are, float64 (n, 2)."""
        return uv * self.scale + self.offset


@dataclass(frozen=True, slots=True)
class TextureName:
    """A picture as a line of MTL names it.

    Attributes:
        name: as it is written.
        placement: how it lies on a surface.
        wrap: what is beyond its edges.
    """

    name: str
    placement: Placement = Placement()
    wrap: Wrap = "repeat"

    @classmethod
    def parse(cls, value: str) -> "TextureName":
        """Return what the words after a keyword such as `map_Kd` say."""
        rest = value.strip()
        options: dict[str, list[str]] = {}
        while (option := rest.split(None, 1)[0].lower() if rest else "") in _OPTIONS:
            values: list[str] = []
            rest = rest[len(option) :].lstrip()
            while rest and len(values) < _OPTIONS[option]:
                word = rest.split(None, 1)[0]
                if option not in _WORDS and _number(word) is None:
                    break
                values.append(word)
                rest = rest[len(word) :].lstrip()
            options[option] = values
        return cls(
            rest.strip().strip('"'),
            Placement(_pair(options.get("-s"), 1.0), _pair(options.get("-o"), 0.0)),
            "clamp" if [each.lower() for each in options.get("-clamp", ())] == ["on"] else "repeat",
        )

    def picture(self, files: Files, *, beside: str) -> Image.Image | None:
        """Return the picture, not decoded yet; None if there is none that can be read.

        `beside` is the name of the library, beside which it is looked for first.
        """
        plain = without_comment(self.name)
        name = self.name if plain == self.name or files.has(self.name) else plain
        if not name:
            return None
        try:
            return Image.open(io.BytesIO(files.get(name, beside=beside)))
        except Exception as error:
            # Deliberately every exception: a picture from outside may be broken in any way, and
            # is treated as missing.
            files.note_unreadable(name, error)
            return None


def masked(picture: Image.Image | None, mask: Image.Image | None) -> Image.Image | None:
    """Return a picture with the opacity that another has in its alpha or else its brightness."""
    small = reduced_picture(mask, MAX_TEXTURE_SIDE)
    if small is None:
        return picture
    grey = small.getchannel("A") if "A" in small.getbands() else small.convert("L")
    try:
        result = (picture or Image.new("RGB", grey.size, "white")).convert("RGBA")
    except Exception:
        # Deliberately every exception, as above.
        return picture
    result.putalpha(grey.resize(result.size))
    return result


def of_metal(metallic: Image.Image | None, roughness: Image.Image | None) -> Image.Image | None:
    """Return one picture of how metallic a surface is, in blue, and how rough, in green."""
    channels = [reduced_picture(each, MAX_TEXTURE_SIDE) for each in (roughness, metallic)]
    sizes = [each.size for each in channels if each is not None]
    if not sizes:
        return None
    green, blue = (
        Image.new("L", sizes[0], 255) if each is None else each.convert("L").resize(sizes[0])
        for each in channels
    )
    return Image.merge("RGB", (Image.new("L", sizes[0], 255), green, blue))


def _number(word: str) -> float | None:
    """Return a number that is finite, or None."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _pair(words: Sequence[str] | None, default: float) -> tuple[float, float]:
    """Return the first two numbers, with those that are missing replaced."""
    values = [_number(word) for word in words or ()] + [None, None]
    first, second = (default if value is None else value for value in values[:2])
    return (first, second)
