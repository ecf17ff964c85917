"""Make the font of the icons that pages show: Streamlit's own, without the 3,900 that they do not.

Run it after an icon is added, or when Streamlit has another font; a test says so:
python -m devtools.icon_font
"""

import re
from collections.abc import Iterator
from pathlib import Path

import streamlit
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from components.serving import responses
from core import settings

STREAMLIT = Path(streamlit.__file__).parent / "static" / "static"
# How Streamlit's own scripts name an icon.
_IN_STREAMLIT = re.compile(r":material/(\w+):")
# How this project does, in Python and in Markdown; some of the words that this finds are no icons.
_IN_PYTHON = re.compile(r'"([a-z0-9_]+)"|:material/(\w+):')


def full_font() -> Path:
    """Return Streamlit's font of icons."""
    [path] = (STREAMLIT / "media").glob("MaterialSymbols-Rounded.*.woff2")
    return path


def icons(font: TTFont) -> dict[str, str]:
    """Return the glyph of each icon of a font by the name that is written for it."""
    letters = {glyph: chr(code) for code, glyph in sorted(font.getBestCmap().items())}
    found = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for subtable in lookup.SubTable:
            ligatures = getattr(subtable, "ExtSubTable", subtable).ligatures
            for first, others in ligatures.items():
                for one in others:
                    name = "".join(letters[each] for each in (first, *one.Component))
                    found[name] = one.LigGlyph
    return found


def named() -> Iterator[str]:
    """Yield the names of all icons that pages and Streamlit's scripts may show, and other words."""
    for folder in ("components", "pages"):
        for path in (settings.PROJECT / folder).rglob("*.py"):
            for words in _IN_PYTHON.findall(path.read_text(encoding="utf-8")):
                yield from filter(None, words)
    for path in (STREAMLIT / "js").glob("*.js"):
        yield from _IN_STREAMLIT.findall(path.read_text(encoding="utf-8"))


def main() -> None:
    """Write the font, and say how large it is."""
    font = TTFont(full_font())
    glyphs = icons(font)
    wanted = set(named()) & glyphs.keys()
    characters = {ord(character) for name in wanted for character in name}
    # Without closure: from the letters, all icons of the font could be made.
    subsetter = Subsetter(Options(layout_closure=False, layout_features=["*"], hinting=False))
    subsetter.populate(unicodes=characters, glyphs=[glyphs[name] for name in wanted])
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(responses.ICONS)
    print(f"{len(wanted):,} icons, {responses.ICONS.stat().st_size:,} bytes: {responses.ICONS}")


if __name__ == "__main__":
    main()
