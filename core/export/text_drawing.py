"""Text in any script, drawn on a picture.

A font has the letters of some scripts only, and Pillow takes one font a text: here a text is
drawn with as many fonts as it needs, of those that are there.
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

# Where letters are looked for after the sans serif that comes with Streamlit (Latin, Greek,
# Cyrillic), in this order: what Linux, macOS and Windows may have, emoji first.
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
# How much larger than asked for letters are drawn before they are made smaller.
_LARGER = 3
# The only sizes of the emoji fonts that hold pictures: Google's, Apple's.
_PICTURE_SIZES = (109, 160)
# Longer texts are cut before they are measured: no sheet has room for as many letters.
_MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class FontStyle:
    """Letters of one size, in pixels, and weight, from as many fonts as a text needs.

    `weight` names a variation of a font, such as "Semibold"; a font of one weight stays as it is.
    """

    size: int
    weight: str = "Regular"

    def width(self, text: str) -> int:
        """Return how much room the text takes on one line, in pixels."""
        return ceil(sum(face.width(part) for face, part in self._runs(text)))

    def draw(
        self, image: Image.Image, left: float, baseline: int, text: str, fill: str, *, room: int
    ) -> None:
        """Draw the text on one line, cut with an ellipsis where it is wider than `room`."""
        for face, part in self._runs(self._fitted(" ".join(text[:_MAX_LENGTH].split()), room)):
            left = face.draw(image, left, baseline, part, fill)

    def _fitted(self, text: str, room: int) -> str:
        if self.width(text) <= room:
            return text
        cuts = [text[:length].rstrip() + "…" for length in range(len(text))]
        return cuts[max(0, bisect.bisect(cuts, room, key=self.width) - 1)]

    def _runs(self, text: str) -> list[tuple["_Face", str]]:
        """Return the text in parts, each of letters that its font has.

        Text with words from right to left is one part if any font allows it,
        because Pillow puts the words of a part in order, but not the parts.
        """
        if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
            for whole in _faces(self):
                if all(_has(whole, character) for character in text):
                    return [(whole, text)]
        runs: list[tuple[_Face, str]] = []
        for character in text:
            face, before = runs[-1] if runs else (None, "")
            # Accents, joiners and signs stay with the letter before them.
            if face is None or character.isalnum() or not _has(face, character):
                face = _face_for(character, self)
            if runs and face is runs[-1][0]:
                runs[-1] = (face, before + character)
            else:
                runs.append((face, character))
        return runs


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """A font, opened larger than its letters are drawn, which is `size` pixels.

    Pillow puts each letter at a whole pixel, which at the size of text looks
    uneven: drawn large and then made smaller, letters are where they belong.
    """

    font: ImageFont.FreeTypeFont
    size: int

    @property
    def _scale(self) -> float:
        return self.size / self.font.size

    def width(self, text: str) -> float:
        return self.font.getlength(text) * self._scale

    def draw(self, image: Image.Image, left: float, baseline: int, text: str, fill: str) -> float:
        """Draw the text from `left` on, and return where it ends."""
        # A letter may reach a little to the left of where it begins, an accent far up.
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
def _face_for(character: str, type_: FontStyle) -> _Face:
    """Return the first face that has the character, else the last, which draws a box."""
    for face in _faces(type_):
        if _has(face, character):
            break
    return face


def _faces(type_: FontStyle) -> Iterator[_Face]:
    """Yield the fonts that are there, opened as they are asked for; the last is Pillow's own."""
    for font in (*_streamlit_fonts(), *_SYSTEM_FONTS):
        if face := _face(font, type_):
            yield face
    yield _builtin_face(type_)


@lru_cache(maxsize=256)
def _face(font: str, type_: FontStyle) -> _Face | None:
    """Return the font opened by its path, or by its file name; None if it is not there."""
    for size in (_LARGER * type_.size, *_PICTURE_SIZES):
        with suppress(OSError):
            opened = ImageFont.truetype(font, size)
            with suppress(OSError, ValueError):  # a font of one weight, or of others
                opened.set_variation_by_name(type_.weight)
            return _Face(opened, type_.size)
    return None


@lru_cache(maxsize=32)
def _builtin_face(type_: FontStyle) -> _Face:
    font = cast("ImageFont.FreeTypeFont", ImageFont.load_default(_LARGER * type_.size))
    return _Face(font, type_.size)


@lru_cache(maxsize=1)
def _streamlit_fonts() -> tuple[str, ...]:
    """Return where Streamlit's Source Sans is, found without importing Streamlit."""
    spec = find_spec("streamlit")
    if spec is None or spec.origin is None:
        return ()
    found = (Path(spec.origin).parent / "static").rglob("SourceSans*Upright*.woff2")
    return tuple(map(str, found))


@lru_cache(maxsize=8192)
def _has(face: _Face, character: str) -> bool:
    """Whether the face draws the character otherwise than what no font has, U+10FFFF."""
    drawn, box = (face.font.getmask(text) for text in (character, "\U0010ffff"))
    return drawn.size != box.size or bytes(drawn) != bytes(box)
