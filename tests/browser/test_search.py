"""Search: a picture is given, and its lookalikes are found by the real network."""

import base64
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.items import Item

from .conftest import (
    EMBEDDED,
    HOSTILE,
    Library,
    choose,
    expect_heading,
    expect_painted,
    gallery,
)

SEARCH = "/search?catalogue=small"
INVITATION = "What are you looking for?"

# As a browser does it: the event bubbles up from the page's body with the file.
HAND_OVER = """([kind, name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    const options = { bubbles: true, cancelable: true };
    document.body.dispatchEvent(kind === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: transfer })
        : new DragEvent("drop", { ...options, dataTransfer: transfer }));
}"""


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@pytest.fixture
def jpeg(library: Library, ship: Item) -> bytes:
    file = io.BytesIO()
    Image.open(library.picture(ship)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def lookalikes(page: Page) -> Locator:
    return gallery(page, "Lookalikes of your picture")


def give(page: Page, *, name: str, data: bytes, type: str = "image/png") -> None:
    """Choose a file by the page's button."""
    button = page.get_by_role("button", name="Paste a picture anywhere")
    # For a moment after the first picture there are two: the page is laid out anew.
    expect(button).to_have_count(1)
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files({"name": name, "mimeType": type, "buffer": data})


def open_with(page: Page, library: Library, item: Item, *, address: str = SEARCH) -> None:
    """Open the page and give it the picture of `item`."""
    page.goto(address)
    expect_heading(page, INVITATION)
    give(page, name="mine.webp", data=library.picture(item).read_bytes(), type="image/webp")
    expect_first(page, item)


def expect_first(page: Page, item: Item, score: str = "1.00") -> None:
    expect(lookalikes(page).first).to_have_accessible_name(
        f"{item.name}, similarity {score}, {item.category}"
    )


def test_page_invites_a_picture(page: Page) -> None:
    page.goto(SEARCH)

    expect_heading(page, INVITATION)
    expect(page.get_by_role("button", name="Paste a picture anywhere")).to_be_visible()
    expect(page.get_by_text("is never stored")).to_be_visible()
    expect(page.get_by_role("list")).to_have_count(0)


@pytest.mark.parametrize("source_id", [EMBEDDED, next(iter(HOSTILE))])
def test_picture_of_a_model_finds_that_model(page: Page, library: Library, source_id: str) -> None:
    item = library.by_source[source_id]

    open_with(page, library, item)

    expect_painted(lookalikes(page), 18)
    scores = [float(text) for text in lookalikes(page).locator(".note").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    expect(page.get_by_role("img", name="Your picture")).to_have_js_property("naturalWidth", 256)
    expect(page.get_by_text("Your picture looks like a photo or a render.")).to_be_visible()


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_picture_can_be_pasted_and_dropped(page: Page, ship: Item, jpeg: bytes, way: str) -> None:
    page.goto(SEARCH)
    expect(page.get_by_role("button", name="Paste a picture anywhere")).to_be_visible()

    data = base64.b64encode(jpeg).decode()
    page.evaluate(HAND_OVER, [way, "image.jpg", "image/jpeg", data])

    expect_painted(lookalikes(page), 18)
    expect(lookalikes(page).first).to_have_accessible_name(re.compile(f"^{ship.name}, "))


def test_page_shows_what_is_compared(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    seen = page.get_by_role("img", name="What is compared")

    expect(page.get_by_text("the object, without the space around it")).to_be_visible()
    expect(seen).to_have_js_property("naturalWidth", 96)
    ours = seen.get_attribute("src")

    page.get_by_role("radio", name="Drawing").click()
    expect(page.get_by_text("a line drawing made of it")).to_be_visible()
    expect(seen).not_to_have_attribute("src", str(ours))

    page.get_by_role("radio", name="2016 recipe").click()
    expect(page.get_by_text("the whole picture, squashed to a square")).to_be_visible()


def test_2016_recipe_finds_the_model_too(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    second = lookalikes(page).nth(1).locator(".note")
    ours = second.inner_text()

    page.get_by_role("radio", name="2016 recipe").click()

    expect(page).to_have_url(re.compile("by=published"))
    expect(second).not_to_have_text(ours)
    expect_first(page, ship)
    expect_painted(lookalikes(page), 18)
    expect(page.get_by_role("radio", name="Drawing")).to_have_count(0)


def test_picture_can_be_taken_for_a_drawing(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    best = lookalikes(page).first.locator(".note")

    page.get_by_role("radio", name="Drawing").click()

    expect(page).to_have_url(re.compile("as=line"))
    expect(best).not_to_have_text("1.00")
    expect_painted(lookalikes(page), 18)


def test_lookalikes_can_be_looked_for_in_one_category(
    page: Page, library: Library, ship: Item
) -> None:
    inside = [item.name for item in library.small if item.category == "Food & drink"]
    open_with(page, library, ship)

    choose(page, "Look in", f"Food & drink ({len(inside)})")

    expect_painted(lookalikes(page), len(inside))
    assert sorted(lookalikes(page).locator(".name").all_inner_texts()) == sorted(inside)


def test_lookalike_opens_in_explore_and_back_keeps_the_picture(
    page: Page, library: Library, ship: Item
) -> None:
    open_with(page, library, ship)
    name = lookalikes(page).nth(1).locator(".name").inner_text()

    lookalikes(page).nth(1).click()

    expect_heading(page, name)
    expect(page).to_have_url(re.compile(r"/\?catalogue=small&item="))
    page.go_back()
    expect_first(page, ship)


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("notes.png", "text", "The file is not a JPEG, PNG,"),
        ("half.jpg", "truncated", "The JPEG picture is cut short"),
        ("empty.png", "empty", "The file is empty."),
    ],
)
def test_bad_file_gets_a_sentence_and_the_earlier_picture_stays(
    page: Page, library: Library, ship: Item, jpeg: bytes, name: str, wrong: str, sentence: str
) -> None:
    open_with(page, library, ship)
    data = {"text": b"Not a picture.\n", "truncated": jpeg[: len(jpeg) // 2], "empty": b""}[wrong]

    give(page, name=name, data=data)

    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    expect_first(page, ship)
    expect(page.get_by_role("img", name="Your picture")).to_be_visible()

    give(page, name="good.jpg", data=jpeg, type="image/jpeg")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(lookalikes(page).first).to_have_accessible_name(re.compile(f"^{ship.name}, "))


def test_file_that_is_too_large_gets_a_sentence(page: Page, tmp_path: Path) -> None:
    page.goto(SEARCH)
    large = tmp_path / "large.png"
    large.write_bytes(bytes(21_000_000))

    page.locator("input[type=file]").set_input_files(large)

    expect(page.get_by_text(re.compile(r"larger than \d+ MB"))).to_be_visible()
    expect_heading(page, INVITATION)


def test_picture_of_one_colour_gets_a_sentence(page: Page) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), (250, 250, 250)).save(file, "PNG")
    page.goto(SEARCH)

    give(page, name="white.png", data=file.getvalue())

    expect(page.get_by_role("alert").filter(has_text="it is of one colour")).to_be_visible()


# -- drawing ----------------------------------------------------------------------

MUG = [[(0.25, 0.3), (0.27, 0.8), (0.6, 0.8), (0.62, 0.3), (0.25, 0.3)], [(0.62, 0.4), (0.8, 0.5)]]
INK = """(paper) => {
    const { data } = paper.getContext("2d").getImageData(0, 0, paper.width, paper.height);
    let ink = 0;
    for (let at = 3; at < data.length; at += 4) ink += data[at] > 127;
    return ink;
}"""


def drawing_finds(page: Page) -> Locator:
    return gallery(page, "Lookalikes of your drawing")


def names(page: Page) -> list[str]:
    return drawing_finds(page).locator(".name").all_inner_texts()


def draw(page: Page, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Draw with the mouse; places are shares of the paper."""
    box = page.locator("canvas").bounding_box()
    assert box is not None
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()


def expect_ink(page: Page, *, more_than: int = 0, at_most: int = 448 * 448) -> int:
    """Wait until so many of the paper's pixels are black, and return how many are."""
    page.wait_for_function(
        f"([paper, least, most]) => {{ const ink = ({INK})(paper);"
        " return ink > least && ink <= most; }",
        arg=[page.locator("canvas").element_handle(), more_than, at_most],
    )
    return int(page.locator("canvas").evaluate(INK))


@pytest.fixture
def paper(page: Page) -> Locator:
    page.goto(SEARCH)
    paper = page.locator("canvas")
    expect(paper).to_be_visible()
    return paper


def test_drawing_finds_lookalikes_after_each_stroke(page: Page, paper: Locator) -> None:
    draw(page, MUG[:1])
    expect_painted(drawing_finds(page), 18)
    first = names(page)
    ink = expect_ink(page, more_than=1000)

    draw(page, MUG[1:])

    expect(drawing_finds(page).locator(".name")).not_to_have_text(first)
    expect_painted(drawing_finds(page), 18)
    expect_ink(page, more_than=ink)


def test_strokes_can_be_undone_and_redone(page: Page, paper: Locator) -> None:
    draw(page, MUG[:1])
    expect_painted(drawing_finds(page), 18)
    ink = expect_ink(page, more_than=1000)

    page.keyboard.press("Control+z")
    expect(page.get_by_text("Lookalikes appear here as you draw")).to_be_visible()
    assert paper.evaluate(INK) == 0
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()

    page.get_by_role("button", name="Redo").click()
    expect_painted(drawing_finds(page), 18)
    assert paper.evaluate(INK) == ink

    page.get_by_role("button", name="Clear").click()
    expect(drawing_finds(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect_painted(drawing_finds(page), 18)


def test_eraser_takes_ink_away_and_width_adds_some(page: Page, paper: Locator) -> None:
    line = [[(0.2, 0.5), (0.8, 0.5)]]
    draw(page, line)
    thin = expect_ink(page, more_than=0)

    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    draw(page, [[(0.5, 0.3), (0.5, 0.7)]])
    expect_ink(page, at_most=thin - 50)

    page.keyboard.press("p")
    for _ in range(5):
        page.keyboard.press("]")
    draw(page, line)
    expect_ink(page, more_than=2 * thin)


def test_drawing_is_still_there_after_another_page(page: Page, paper: Locator) -> None:
    draw(page, MUG)
    expect_painted(drawing_finds(page), 18)
    found, ink = names(page), expect_ink(page, more_than=1000)

    page.get_by_role("link", name="About").click()
    expect_heading(page, "How it works")
    page.get_by_role("link", name="Search").click()

    expect_painted(drawing_finds(page), 18)
    assert names(page) == found
    expect_ink(page, more_than=ink - 1)


def test_picture_can_be_traced(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)

    page.get_by_role("button", name="Trace it").click()
    expect(page.locator("img.traced")).to_be_visible()
    expect(lookalikes(page)).to_have_count(0)
    draw(page, MUG)
    expect_painted(drawing_finds(page), 18)
    score = drawing_finds(page).first.locator(".note").inner_text()
    assert float(score) < 0.9, "what shines through is no part of the drawing"

    page.get_by_role("button", name="Take the picture away").click()
    expect(page.locator("img.traced")).to_be_hidden()
    expect_painted(drawing_finds(page), 18)


def test_picture_gives_way_to_the_drawing(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)

    page.get_by_role("button", name="Draw instead").click()

    expect(page.locator("canvas")).to_be_visible()
    expect(page.get_by_text("Lookalikes appear here as you draw")).to_be_visible()
    expect(lookalikes(page)).to_have_count(0)


def test_dot_is_too_little(page: Page, paper: Locator) -> None:
    draw(page, [[(0.5, 0.5)]])

    expect(page.get_by_text("Draw a little more")).to_be_visible()


# -- what goes wrong --------------------------------------------------------------


def test_unknown_controls_in_the_address_get_a_sentence(
    page: Page, library: Library, ship: Item
) -> None:
    open_with(page, library, ship, address=f"{SEARCH}&by=nonsense&as=x&k=abc")

    for parameter in ("by=nonsense", "as=x", "k=abc"):
        expect(page.get_by_role("alert").filter(has_text=f"“{parameter}”")).to_be_visible()


def test_catalogue_without_vectors_says_what_to_do(page: Page, jpeg: bytes) -> None:
    page.goto("/search?catalogue=empty")

    give(page, name="mine.jpg", data=jpeg, type="image/jpeg")

    expect(page.get_by_role("alert").filter(has_text="has not been indexed yet")).to_be_visible()
