"""Text in pictures: in any script with a font, and never wider than allowed."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageChops

from core.export.text_drawing import FontStyle
from core.settings import PROJECT

WHITE = (255, 255, 255)
LEFT, BASELINE = 40, 60
PLAIN = FontStyle(20)


def drawn(
    text: str, *, style: FontStyle = PLAIN, max_width: int = 300, fill: str = "black"
) -> Image.Image:
    """Return the text drawn on white."""
    image = Image.new("RGB", (400, 100), WHITE)
    style.draw(image, LEFT, BASELINE, text, fill, max_width=max_width)
    return image


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Return the box around everything that is not white: left, top, right, bottom."""
    box = ImageChops.invert(image).getbbox()
    assert box is not None, "nothing is drawn"
    return box


def test_text_stands_on_its_baseline_and_has_the_stated_width() -> None:
    left, top, right, bottom = ink(drawn("HEH"))
    assert left == pytest.approx(LEFT, abs=3)
    assert right == pytest.approx(LEFT + PLAIN.width("HEH"), abs=3)
    assert bottom == pytest.approx(BASELINE, abs=1)
    assert bottom - top == pytest.approx(13, abs=2), "two thirds of the size"


def test_size_weight_and_colour_are_used() -> None:
    *_, bottom = ink(drawn("H", style=FontStyle(40)))
    assert ink(drawn("H", style=FontStyle(40)))[1] < ink(drawn("H"))[1] < bottom
    assert FontStyle(20, "Semibold").width("chair" * 9) > PLAIN.width("chair" * 9)
    red, green, blue = drawn("H", fill="#ff0000").split()
    assert red.getextrema() == (255, 255)
    darkest = np.asarray(green).min()
    assert darkest == np.asarray(blue).min() < 40


@pytest.mark.parametrize("names", [("ΩΩ", "ΨΨ", "ЖЖ", "ШШ", "ŁŁ"), ("Z", "Zé", "Ze", "Z é")])
def test_letters_beyond_latin_are_drawn(names: tuple[str, ...]) -> None:
    """Streamlit's font has Greek and Cyrillic, which Pillow's font draws as boxes."""
    assert len({drawn(name).tobytes() for name in names}) == len(names)


def test_scripts_can_be_mixed() -> None:
    """Each part begins where the previous one ends, in whatever font."""
    ends = [ink(drawn("Ω木🪑אЖ"[:length]))[2] for length in range(1, 6)]
    assert ends == sorted(ends) and len(set(ends)) == 5


def test_text_that_is_too_wide_ends_in_an_ellipsis() -> None:
    text = "Chair with a high back"
    max_width = PLAIN.width(text)
    whole = drawn(text, max_width=max_width)
    assert whole.tobytes() == drawn(text, max_width=300).tobytes()
    cut = drawn(text, max_width=max_width - 1)
    assert cut.tobytes() != whole.tobytes() and ink(cut)[2] <= LEFT + max_width
    assert drawn(text, max_width=PLAIN.width("Chair…")).tobytes() == drawn("Chair…").tobytes()
    assert drawn(text, max_width=0).tobytes() == drawn("…").tobytes()


@pytest.mark.parametrize(
    "text",
    [
        "Wide " * 200,
        "W" * 5000,
        "木の椅子" * 30,
        "كرسي خشبي - 3 أرجل " * 20,
        "Ωμέγα Стул כיסא เก้าอี้ हिन्दी 의자" * 3,
        "🪑👩‍🚀🏳️‍🌈" * 20,
        "\U0010ffff\ue000\uffff" * 50,
    ],
)
def test_no_text_exceeds_its_width(text: str) -> None:
    left, top, right, bottom = ink(drawn(text))
    assert LEFT - 4 <= left < right <= LEFT + 300 + 4
    assert right > LEFT + 250, "the width is used"
    assert 30 <= top < bottom <= 70


def test_spaces_and_line_breaks_become_single_spaces() -> None:
    assert drawn("  Chair\n\t red ").tobytes() == drawn("Chair red").tobytes()
    for blank in ("", " \n\t"):
        assert drawn(blank).getextrema() == ((255, 255),) * 3
    assert PLAIN.width("") == 0


@pytest.mark.parametrize("text", ["\x00\x07\ufeff\u202e\u0301", "a\u0301" * 300, "\u200d\ufe0f"])
def test_control_and_combining_characters_are_harmless(text: str) -> None:
    assert drawn(text).size == (400, 100)


def test_fonts_of_streamlit_are_found_without_importing_it() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n"
        "from core.export.text_drawing import FontStyle\n"
        "assert FontStyle(20).width('ΩΩ') != FontStyle(20).width('ШШ')\n"
        "assert 'streamlit' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
