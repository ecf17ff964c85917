"""Draws text in any script into a picture.

A font covers only some scripts, and Pillow draws a text with a single font. Here a text is drawn
with as many of the installed fonts as it needs.
"""

import bisect
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import cast

from PIL import Image, ImageColor, ImageDraw, ImageFont, ImageOps

# The fonts that are tried, in this order, after the sans serif that comes with Streamlit (Latin,
# Greek, Cyrillic): those that Linux, macOS and Windows may have, emoji first.
_SYSTEM_FONTS = (
    "NotoColorEmoji.ttf",
    "Apple Color Emoji.ttc",
    "seguiemj.ttf",
    "DejaVuSans.ttf",
    "segoeui.ttf",
    "Arial Unicode.ttf",
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "YuGothR.ttc",
    "msyh.ttc",
    "malgun.ttf",
    "FreeSans.ttf",
)
# Letters are drawn this many times larger and then reduced.
_OVERSAMPLING = 3
# The only sizes that bitmap emoji fonts have: Google's and Apple's.
_BITMAP_SIZES = (109, 160)
# Longer texts are cut before they are measured: no picture is wide enough for as many letters.
_MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class FontStyle:
    """A size and a weight of text, in whichever fonts the text needs.

    Attributes:
        size: in pixels.
        weight: the name of a font's variation, such as "Semibold"; a font that has no
            variations is used as it is.
    """

    size: int
    weight: str = "Regular"

    def width(self, text: str) -> int:
        """Return the width of the text on one line, in pixels."""
        return ceil(sum(face.width(part) for face, part in self._runs(text)))

    def draw(
        self,
        image: Image.Image,
        left: float,
        baseline: int,
        text: str,
        fill: str,
        *,
        max_width: int,
    ) -> None:
        """Draw the text on one line, shortened with an ellipsis to `max_width` pixels.

        Args:
            image: the picture to draw into.
            left: where the text begins, in pixels.
            baseline: the y coordinate of the baseline, in pixels.
            text: any text; line breaks and repeated spaces become single spaces.
            fill: a colour as CSS writes it.
            max_width: the width that is available, in pixels.
        """
        line = " ".join(text[:_MAX_LENGTH].split())
        for face, part in self._runs(self._shortened(line, max_width)):
            left = face.draw(image, left, baseline, part, fill)

    def _shortened(self, text: str, max_width: int) -> str:
        if self.width(text) <= max_width:
            return text
        cuts = [text[:length].rstrip() + "…" for length in range(len(text))]
        return cuts[max(0, bisect.bisect(cuts, max_width, key=self.width) - 1)]

    def _runs(self, text: str) -> list[tuple["_Face", str]]:
        """Return the text in parts, each with a font that has its letters.

        Right-to-left text stays in one part if any font has all of it, because Pillow reorders
        the words within a part, but not the parts.
        """
        if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
            for whole in _faces(self):
                if all(_has(whole, character) for character in text):
                    return [(whole, text)]
        runs: list[tuple[_Face, str]] = []
        for character in text:
            face, before = runs[-1] if runs else (None, "")
            # Accents, joiners and punctuation stay with the letter before them.
            if face is None or character.isalnum() or not _has(face, character):
                face = _face_for(character, self)
            if runs and face is runs[-1][0]:
                runs[-1] = (face, before + character)
            else:
                runs.append((face, character))
        return runs


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """An opened font, larger than the `size` in pixels at which its letters appear.

    Pillow places each letter at a whole pixel, which looks uneven at the size of text. Letters
    that are drawn large and then reduced are spaced evenly.
    """

    font: ImageFont.FreeTypeFont
    size: int

    @property
    def _scale(self) -> float:
        return self.size / self.font.size

    def width(self, text: str) -> float:
        return self.font.getlength(text) * self._scale

    def draw(self, image: Image.Image, left: float, baseline: int, text: str, fill: str) -> float:
        """Draw the text starting at `left`, and return where it ends."""
        # A letter may extend a little to the left of its origin, and an accent far up.
        em = round(self.font.size)
        clear = (*ImageColor.getrgb(fill)[:3], 0)
        large = Image.new("RGBA", (ceil(self.font.getlength(text)) + em, 2 * em), clear)
        ImageDraw.Draw(large).text(
            (em / 2, 1.5 * em), text, fill, self.font, anchor="ls", embedded_color=True
        )
        small = ImageOps.scale(large, self._scale, Image.Resampling.BOX)
        image.paste(small, (round(left - self.size / 2), round(baseline - 1.5 * self.size)), small)
        return left + self.width(text)


@lru_cache(maxsize=8192)
def _face_for(character: str, style: FontStyle) -> _Face:
    """Return the first face that has the character, or else the last, which draws a box."""
    for face in _faces(style):
        if _has(face, character):
            break
    return face


def _faces(style: FontStyle) -> Iterator[_Face]:
    """Yield the installed fonts, opened one by one; the last is Pillow's own."""
    for font in (*_streamlit_fonts(), *_SYSTEM_FONTS):
        if face := _face(font, style):
            yield face
    yield _builtin_face(style)


@lru_cache(maxsize=256)
def _face(font: str, style: FontStyle) -> _Face | None:
    """Return a font, named by its path or file name; None if it is not installed."""
    for size in (_OVERSAMPLING * style.size, *_BITMAP_SIZES):
        with suppress(OSError):
            opened = ImageFont.truetype(font, size)
            with suppress(OSError, ValueError):  # a font without this weight
                opened.set_variation_by_name(style.weight)
            return _Face(opened, style.size)
    return None


@lru_cache(maxsize=32)
def _builtin_face(style: FontStyle) -> _Face:
    font = cast("ImageFont.FreeTypeFont", ImageFont.load_default(_OVERSAMPLING * style.size))
    return _Face(font, style.size)


@lru_cache(maxsize=1)
def _streamlit_fonts() -> tuple[str, ...]:
    """Return the paths of Streamlit's Source Sans, found without importing Streamlit."""
    spec = find_spec("streamlit")
    if spec is None or spec.origin is None:
        return ()
    paths = (Path(spec.origin).parent / "static").rglob("SourceSans*Upright*.woff2")
    return tuple(map(str, paths))


@lru_cache(maxsize=8192)
def _has(face: _Face, character: str) -> bool:
    """Return whether the face has the character: it then differs from the box for U+10FFFF."""
    drawn, box = (face.font.getmask(text) for text in (character, "\U0010ffff"))
    return drawn.size != box.size or bytes(drawn) != bytes(box)
