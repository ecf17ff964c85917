"""Search: a picture is given, and its lookalikes are found by the real network."""

import base64
import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Locator, Page, expect

from core.catalogue import Item
from core.importers.grounds import compose, generator
from core.vision import cutout, drawing_detector, preprocessing

from .conftest import (
    EMBEDDED,
    HAND_OVER,
    HOSTILE,
    PATIENCE,
    Library,
    choose,
    expect_heading,
    expect_painted,
    follow,
    gallery,
    lists,
)

SEARCH = "/search?catalogue=small"
INVITATION = "What are you looking for?"
# How many matches there are, as it is read aloud.
MATCHES = re.compile(r"^(\d+|No) strong(, \d+ weaker)? match(es)?$")
HINT = "Lookalikes appear as you draw."


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@pytest.fixture
def jpeg(library: Library, ship: Item) -> bytes:
    file = io.BytesIO()
    Image.open(library.picture(ship)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def lookalikes(page: Page) -> Locator:
    return gallery(page, "Lookalikes")


def score(note: Locator) -> float:
    """Return the cosine of a card's note, such as "0.87 · 9.1σ"."""
    return float(note.inner_text().split(" · ")[0])


def give(page: Page, *, name: str, data: bytes, type: str = "image/png") -> None:
    """Choose a file by the page's button."""
    button = page.get_by_role("button", name="choose a picture")
    # For a moment after the first picture there are two: the page is laid out again.
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


def options(page: Page) -> Locator:
    """Open the options, unless they are open, and return them."""
    opened = page.get_by_test_id("stPopoverBody")
    if opened.count() == 0:
        page.get_by_role("button", name=re.compile("^tune Options|^Options")).click()
    expect(opened).to_be_visible()
    return opened


def weigh(page: Page, name: str, weight: str) -> None:
    """Choose the weight of an example, such as "× 2"."""
    page.get_by_role("combobox", name=f"Weight of {name}").select_option(weight)


def reload(page: Page) -> None:
    """Reload the page once the server has nothing more to say to it."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.reload()


def expect_first(page: Page, item: Item, score: str = "1.00") -> None:
    expect(lookalikes(page).first).to_have_accessible_name(
        re.compile(f"^{re.escape(item.name)}, {score} · .*σ, {re.escape(item.category)}")
    )


def test_page_invites_a_picture(page: Page) -> None:
    page.goto(SEARCH)

    expect_heading(page, INVITATION)
    expect(page.get_by_role("button", name="choose a picture")).to_be_visible()
    expect(page.get_by_text("The server never stores them")).to_be_visible()
    expect(lookalikes(page)).to_have_count(0)


@pytest.mark.parametrize("source_id", [EMBEDDED, next(iter(HOSTILE))])
def test_picture_of_a_model_finds_that_model(page: Page, library: Library, source_id: str) -> None:
    item = library.by_source[source_id]

    open_with(page, library, item)

    expect_painted(lookalikes(page), 18)
    scores = [score(note) for note in lookalikes(page).locator(".note").all()]
    assert scores == sorted(scores, reverse=True)
    expect(page.get_by_role("img", name="Your picture")).to_have_js_property("naturalWidth", 256)
    expect(page.get_by_text("Your picture looks like a photo or render.")).to_be_visible()


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_picture_can_be_pasted_and_dropped(page: Page, ship: Item, jpeg: bytes, way: str) -> None:
    page.goto(SEARCH)
    expect(page.get_by_role("button", name="choose a picture")).to_be_visible()

    data = base64.b64encode(jpeg).decode()
    page.evaluate(HAND_OVER, [way, "image.jpg", "image/jpeg", data])

    expect_painted(lookalikes(page), 18)
    expect(lookalikes(page).first).to_have_accessible_name(re.compile(f"^{ship.name}, "))


def test_picture_that_faces_the_other_way_is_called_mirrored(
    page: Page, library: Library, ship: Item
) -> None:
    turned = io.BytesIO()
    with Image.open(library.picture(ship)) as picture:
        ImageOps.mirror(picture).save(turned, "PNG")
    page.goto(SEARCH)

    give(page, name="turned.png", data=turned.getvalue())

    expect(lookalikes(page).first).to_have_accessible_name(
        re.compile(rf"^{re.escape(ship.name)}, 0\.\d\d · .*σ · mirrored, ")
    )
    expect(lookalikes(page).first.locator(".note")).to_have_text(re.compile(r"^0\.\d\d · .*σ · ⇆$"))
    expect(page.get_by_text("⇆ marks models that match when they are mirrored.")).to_be_visible()


def test_page_shows_what_is_compared(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    seen = page.get_by_role("img", name="What is compared")

    expect(page.get_by_text("the object, cropped and centred")).to_be_visible()
    expect(seen).to_have_js_property("naturalWidth", 96)
    ours = seen.get_attribute("src")

    options(page).get_by_role("radio", name="Drawing").click()
    expect(page.get_by_text("a line drawing made from your picture")).to_be_visible()
    expect(seen).not_to_have_attribute("src", str(ours))

    options(page).get_by_role("radio", name="2016 recipe").click()
    expect(page.get_by_text("the whole picture, squashed to a square")).to_be_visible()


def test_object_of_a_picture_is_compared_and_all_of_it_on_request(
    page: Page, library: Library, ship: Item
) -> None:
    with Image.open(library.picture(ship)) as cut_out:
        composite = compose(cut_out, random=generator("ship"), kind="environment")
    page.goto(SEARCH)
    expect_heading(page, INVITATION)

    give(page, name="scene.jpg", data=composite.file, type="image/jpeg")

    expect_first(page, ship, score=r"(1\.00|0\.9\d)")
    expect(page.get_by_text("Only the object is compared.")).to_be_visible()
    expect(page.get_by_text("What is compared: the object")).to_be_visible()

    page.get_by_role("button", name="Use the whole picture").click()

    expect(page.get_by_text("The whole picture is compared.")).to_be_visible()
    expect(page.get_by_text("What is compared: the whole picture.")).to_be_visible()

    page.get_by_role("button", name="Use only the object").click()
    expect(page.get_by_text("What is compared: the object")).to_be_visible()
    expect_first(page, ship, score=r"(1\.00|0\.9\d)")


def test_2016_recipe_finds_the_model_too(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    second = lookalikes(page).nth(1).locator(".note")
    ours = second.inner_text()

    options(page).get_by_role("radio", name="2016 recipe").click()

    expect(page).to_have_url(re.compile("by=published"))
    expect(second).not_to_have_text(ours)
    expect_first(page, ship)
    expect_painted(lookalikes(page), 18)
    expect(options(page).get_by_role("radio", name="Drawing")).to_have_count(0)


def test_picture_can_be_taken_for_a_drawing(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    best = lookalikes(page).first.locator(".note")

    options(page).get_by_role("radio", name="Drawing").click()

    expect(page).to_have_url(re.compile("as=drawing"))
    expect(best).not_to_have_text(re.compile("^1.00"))
    expect_painted(lookalikes(page), 18)


def line_drawing(library: Library, item: Item) -> Image.Image:
    """Return the strokes of a drawing of a model, black on white."""
    with Image.open(library.picture(item)) as picture:
        cut = cutout.find_object(picture.convert("RGB"))
    assert cut is not None
    return Image.fromarray(preprocessing.line_drawing(cut).pixels)


def on_grey_paper(drawing: Image.Image) -> bytes:
    """Return a photograph of a pencil drawing on squared grey paper, darker at one side."""
    random = np.random.default_rng(5)
    strokes = 1 - np.asarray(drawing.resize((420, 420)).convert("L"), np.float32) / 255
    covered = np.pad(0.6 * strokes, ((60, 40), (90, 50)))
    height, width = covered.shape
    squares = (np.arange(height) % 28 == 0)[:, None] | (np.arange(width) % 28 == 0)[None]
    light = np.linspace(190, 110, width)[None] * np.where(squares, 0.9, 1)
    levels = light * (1 - covered) + random.normal(0, 2, covered.shape)
    file = io.BytesIO()
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(file, "JPEG")
    return file.getvalue()


def test_a_pencil_sketch_on_grey_paper_is_searched_as_a_drawing(
    page: Page, library: Library, ship: Item
) -> None:
    sketch = on_grey_paper(line_drawing(library, ship))
    page.goto(SEARCH)
    expect_heading(page, INVITATION)

    give(page, name="sketch.jpg", data=sketch, type="image/jpeg")

    expect(page.get_by_text("Your picture looks like a drawing.")).to_be_visible()
    expect(page.get_by_text("What is compared: the ink of your drawing")).to_be_visible()
    expect(lookalikes(page).first).to_have_accessible_name(re.compile(f"^{ship.name}, "))


def test_what_could_be_a_drawing_or_not_is_compared_as_both(page: Page, library: Library) -> None:
    # Of this one more is left in such a blend than its lines.
    briefcase = library.by_source["1f4bc"]
    strokes = line_drawing(library, briefcase)
    with Image.open(library.picture(briefcase)) as picture:
        render = picture.convert("RGB").resize(strokes.size)
    blends = (Image.blend(strokes, render, share) for share in np.linspace(1, 0, 41))
    ambiguous = next(one for one in blends if drawing_detector.detect(one) == "either")
    file = io.BytesIO()
    ambiguous.save(file, "PNG")
    page.goto(SEARCH)
    expect_heading(page, INVITATION)

    give(page, name="both.png", data=file.getvalue())

    seen = page.get_by_text("Your picture could be a drawing or a photo. It is compared both ways.")
    expect(seen).to_be_visible()
    expect(page.get_by_text("What is compared: both the ink, as a drawing, and")).to_be_visible()
    expect(lookalikes(page).first).to_have_accessible_name(re.compile(f"^{briefcase.name}, "))

    # It is explained as what it matches better.
    act(page, 0, "Why?")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="Your picture, as a photo, with")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    options(page).get_by_role("radio", name="Photo").click()
    expect(page.get_by_text("What is compared: the object")).to_be_visible()
    expect(seen).to_have_count(0)


def test_the_type_of_a_picture_is_not_that_of_the_next(
    page: Page, library: Library, ship: Item
) -> None:
    open_with(page, library, ship)
    options(page).get_by_role("radio", name="Drawing").click()
    expect(page).to_have_url(re.compile("as=drawing"))
    expect(page.get_by_text("a line drawing made from your picture")).to_be_visible()
    other = next(item for item in library.small if item.source_id != EMBEDDED)

    give(page, name="other.webp", data=library.picture(other).read_bytes(), type="image/webp")

    expect_first(page, other)
    expect(page).not_to_have_url(re.compile("as="))
    expect(options(page).get_by_role("radio", name="Detect automatically")).to_be_checked()


def test_lookalikes_can_be_limited_to_one_category(
    page: Page, library: Library, ship: Item
) -> None:
    inside = [item.name for item in library.small if item.category == "Food & drink"]
    open_with(page, library, ship)

    options(page)
    choose(page, "Category", f"Food & drink ({len(inside)})")
    expect(page).to_have_url(re.compile("category=Food"))
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Options · 1 filter")).to_be_visible()
    expect_painted(lookalikes(page), len(inside))
    assert sorted(names(page)) == sorted(inside)


def test_links_of_the_first_version_still_work(page: Page, library: Library, ship: Item) -> None:
    inside = [item for item in library.small if item.category == "Food & drink"]
    page.goto(f"{SEARCH}&as=line&within=Food+%26+drink&only=outstanding")
    expect_heading(page, INVITATION)

    give(page, name="mine.webp", data=library.picture(ship).read_bytes(), type="image/webp")

    expect(page.get_by_role("button", name="Options · 1 filter")).to_be_visible()
    expect(options(page).get_by_role("radio", name="Drawing")).to_be_checked()
    options(page).get_by_text("Strong matches only").click()
    expect_painted(lookalikes(page), len(inside))
    expect(page.get_by_role("alert")).to_have_count(0)


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


@pytest.fixture
def camera(page: Page) -> Iterator[Callable[..., Locator]]:
    """Return `camera(allowed=True)`, which opens it on the page."""

    def ask(*, allowed: bool) -> Locator:
        page.context.grant_permissions(["camera"] if allowed else [])
        page.get_by_role("button", name="Camera").click()
        return page.get_by_role("dialog", name="Take a picture")

    yield ask
    page.context.clear_permissions()


def test_picture_is_taken_with_the_camera(page: Page, camera: Callable[..., Locator]) -> None:
    page.goto(SEARCH)

    dialog = camera(allowed=True)
    # Streamlit offers to take a photo before there is a picture to take.
    page.wait_for_function("document.querySelector('video')?.videoWidth > 0")
    take = dialog.get_by_role("button", name="Take Photo")
    take.click()
    for _ in range(10):
        # On a busy machine Streamlit takes no photo if the button is pressed too early.
        with suppress(AssertionError):
            expect(take).to_have_count(0, timeout=5_000)
            break
        take.click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("img", name="Your picture")).to_be_visible()
    expect_painted(lookalikes(page), 18)


def test_camera_that_is_refused_loses_nothing(
    page: Page, library: Library, ship: Item, camera: Callable[..., Locator]
) -> None:
    open_with(page, library, ship)

    refused = camera(allowed=False)

    expect(refused.get_by_text("The camera may be blocked")).to_be_visible()
    expect(refused.get_by_role("button", name="Take Photo")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
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


# The line is gone once the results are there: it is noted when it comes.
NOTE_WORK = """() => {
    window.work = [];
    new MutationObserver(() => {
        if (!document.querySelector('[role="progressbar"][aria-label="Searching"]')) return;
        const alerts = [...document.querySelectorAll('[data-testid="stAlert"]')];
        window.work.push(alerts.some((each) => each.checkVisibility({ visibilityProperty: true })));
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
}"""


def test_a_search_shows_that_it_is_at_work_and_noise_is_no_drawing(page: Page, jpeg: bytes) -> None:
    values = np.random.default_rng(0).integers(0, 256, (500, 500, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    page.goto(f"{SEARCH}&as=drawing")
    give(page, name="noise.png", data=file.getvalue())
    refusal = page.get_by_role("alert").filter(has_text="no lines that can be told from its back")
    expect(refusal).to_be_visible()
    expect(lookalikes(page)).to_have_count(0)

    page.evaluate(NOTE_WORK)
    give(page, name="model.jpg", data=jpeg, type="image/jpeg")

    expect_painted(lookalikes(page), 18)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("progressbar", name="Searching")).to_have_count(0)
    # At last without the sentence about the picture before.
    assert page.evaluate("window.work.at(-1)") is False


def test_file_that_is_too_large_gets_a_sentence(page: Page) -> None:
    page.goto(SEARCH)
    expect_heading(page, INVITATION)

    give(page, name="large.png", data=bytes(21_000_000))

    expect(page.get_by_text(re.compile(r"larger than \d+ MB"))).to_be_visible()
    expect_heading(page, INVITATION)


def test_picture_of_one_colour_gets_a_sentence(page: Page) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), (250, 250, 250)).save(file, "PNG")
    page.goto(SEARCH)

    give(page, name="white.png", data=file.getvalue())

    expect(page.get_by_role("alert").filter(has_text="has only one colour")).to_be_visible()


# -- drawing ----------------------------------------------------------------------

MUG = [[(0.25, 0.3), (0.27, 0.8), (0.6, 0.8), (0.62, 0.3), (0.25, 0.3)], [(0.62, 0.4), (0.8, 0.5)]]
INK = """(pad) => {
    const { data } = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
    let ink = 0;
    for (let at = 3; at < data.length; at += 4) ink += data[at] > 127;
    return ink;
}"""


def names(page: Page) -> list[str]:
    # Not as it is seen: the name of the card under the pointer is hidden.
    return lookalikes(page).locator(".name").all_text_contents()


def draw(page: Page, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Draw with the mouse; places are shares of the sketch pad.

    The pad becomes smaller when the first lookalikes come, but not under the pen.
    """
    canvas = page.locator("canvas")
    for stroke in strokes:
        box = None
        places: list[tuple[float, float]] = []
        while box != (box := canvas.bounding_box()):
            assert box is not None
            left, top, width, height = box["x"], box["y"], box["width"], box["height"]
            places = [(left + x * width, top + y * height) for x, y in stroke]
            page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()


def expect_ink(page: Page, *, more_than: int = 0, at_most: int = 448 * 448) -> int:
    """Wait until so many of the sketch pad's pixels are black, and return how many are."""
    deadline = time.monotonic() + PATIENCE / 1000
    while True:
        # While a new sketch pad replaces an old one, there are two.
        pads = page.locator("canvas").evaluate_all(f"pads => pads.map({INK})")
        if len(pads) == 1 and more_than < pads[0] <= at_most:
            return int(pads[0])
        assert time.monotonic() < deadline, f"black pixels of each sketch pad: {pads}"
        page.wait_for_timeout(50)


@pytest.fixture
def pad(page: Page) -> Locator:
    page.goto(SEARCH)
    pad = page.locator("canvas")
    expect(pad).to_be_visible()
    return pad


def test_drawing_finds_lookalikes_after_each_stroke(page: Page, pad: Locator) -> None:
    expect(page).to_have_title("Search · Lookalike")
    draw(page, MUG[:1])
    expect_painted(lookalikes(page), 18)
    first = names(page)
    ink = expect_ink(page, more_than=1000)
    # Screen readers are told, and the focus stays on the pad.
    expect(page.get_by_role("status").filter(has_text=MATCHES)).to_have_count(1)
    expect(page).to_have_title("Lookalikes · Small shelf · Lookalike")
    expect_heading(page, "Lookalikes")
    expect(page.get_by_role("heading", level=1)).not_to_be_focused()

    draw(page, MUG[1:])

    expect(lookalikes(page).locator(".name")).not_to_have_text(first)
    expect_painted(lookalikes(page), 18)
    expect_ink(page, more_than=ink)


def test_strokes_can_be_undone_and_redone(page: Page, pad: Locator) -> None:
    draw(page, MUG[:1])
    expect_painted(lookalikes(page), 18)
    ink = expect_ink(page, more_than=1000)

    page.keyboard.press("Control+z")
    expect(page.get_by_text(HINT)).to_be_visible()
    assert pad.evaluate(INK) == 0
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()

    page.get_by_role("button", name="Redo").click()
    expect_painted(lookalikes(page), 18)
    assert pad.evaluate(INK) == ink

    page.get_by_role("button", name="Clear").click()
    expect(lookalikes(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect_painted(lookalikes(page), 18)


def test_eraser_removes_ink_and_width_adds_some(page: Page, pad: Locator) -> None:
    line = [[(0.2, 0.5), (0.8, 0.5)]]
    draw(page, line)
    thin = expect_ink(page, more_than=0)
    # From now on the pad stays where it is.
    expect_painted(lookalikes(page), 18)

    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    draw(page, [[(0.5, 0.3), (0.5, 0.7)]])
    expect_ink(page, at_most=thin - 50)

    page.keyboard.press("p")
    for _ in range(5):
        page.keyboard.press("]")
    draw(page, line)
    expect_ink(page, more_than=2 * thin)


def test_a_drawing_in_colours_says_what_counts(page: Page, pad: Locator) -> None:
    draw(page, MUG[:1])
    expect_painted(lookalikes(page), 18)
    says = page.get_by_text("Lines decide what matches;")
    expect(says).to_have_count(0)

    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Red", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    draw(page, MUG[1:])

    expect(says).to_be_visible()
    expect_painted(lookalikes(page), 18)


def test_drawing_is_still_there_after_another_page(page: Page, pad: Locator) -> None:
    draw(page, MUG)
    expect_painted(lookalikes(page), 18)
    found, ink = names(page), expect_ink(page, more_than=1000)

    follow(page, "About")
    expect_heading(page, "How it works")
    page.get_by_role("link", name="Search").click()

    expect_painted(lookalikes(page), 18)
    assert names(page) == found
    expect_ink(page, more_than=ink - 1)


def test_picture_can_be_traced(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)

    page.get_by_role("button", name="Trace", exact=True).click()
    expect(page.locator("img.traced")).to_be_visible()
    expect(lookalikes(page)).to_have_count(0)
    draw(page, MUG)
    expect_painted(lookalikes(page), 18)
    best = score(lookalikes(page).first.locator(".note"))
    assert best < 0.9, "what shines through is no part of the drawing"

    page.get_by_role("button", name="Remove traced picture").click()
    expect(page.locator("img.traced")).to_be_hidden()
    expect_painted(lookalikes(page), 18)


def test_picture_gives_way_to_the_drawing(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)

    page.get_by_role("button", name="Draw instead").click()

    expect(page.locator("canvas")).to_be_visible()
    expect(page.get_by_text(HINT)).to_be_visible()
    expect(lookalikes(page)).to_have_count(0)


def test_a_ghost_drawing_shows_lookalikes_at_once(page: Page, pad: Locator) -> None:
    ghosts = page.get_by_role("group", name="Drawings to try").get_by_role("button")
    expect(ghosts).to_have_count(4)
    large = pad.bounding_box()
    assert large is not None

    page.get_by_role("button", name="Draw a house").click()

    expect_painted(lookalikes(page), 18)
    house = names(page)
    ink = expect_ink(page, more_than=1000)
    expect(ghosts.first).to_be_hidden()
    small = pad.bounding_box()
    assert small is not None and small["width"] < large["width"]
    # The focus is on the pad: the last stroke can be undone by its key.
    page.keyboard.press("Control+z")
    expect_ink(page, at_most=ink - 50)
    expect(lookalikes(page).locator(".name")).not_to_have_text(house)


def test_the_pad_does_not_move_under_the_pen(page: Page, ship: Item) -> None:
    page.goto(with_models(ship.id))
    expect_painted(lookalikes(page), 18)
    pad = page.locator("canvas").element_handle()
    page.get_by_role("button", name=f"Remove {ship.name}").click()
    expect(page.get_by_role("button", name="Draw a house")).to_be_visible()
    before = pad.bounding_box()
    assert before is not None
    x, y, side = before["x"], before["y"], before["width"]

    page.mouse.move(x + 0.3 * side, y + 0.4 * side)
    page.mouse.down()
    page.go_back()
    # Not `expect_painted`, which scrolls.
    expect(lookalikes(page)).to_have_count(18)
    assert pad.bounding_box() == before
    page.mouse.move(x + 0.7 * side, y + 0.4 * side, steps=4)
    page.mouse.up()

    page.wait_for_function("([pad, width]) => pad.clientWidth < width - 8", arg=[pad, side])
    assert pad.evaluate("pad => pad.isConnected"), "it is the same pad"
    expect_ink(page, more_than=1000)
    expect(page.get_by_role("button", name="Remove Your drawing")).to_be_visible()


def test_dot_is_too_little(page: Page, pad: Locator) -> None:
    draw(page, [[(0.5, 0.5)]])

    expect(page.get_by_text("Draw a little more")).to_be_visible()


# -- examples -----------------------------------------------------------------------


def act(page: Page, place: int, action: str) -> None:
    """Press an action of the lookalike at `place`."""
    card = lists(page, "Lookalikes").locator("li").nth(place)
    card.hover()
    card.get_by_role("button", name=action).click()


def with_models(*models: str) -> str:
    return f"{SEARCH}&like={'~'.join(models)}"


def test_lookalikes_become_examples_by_one_click(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    like, unlike = (lookalikes(page).nth(n).locator(".name").inner_text() for n in (1, 2))
    ids = {item.name: item.id for item in library.small}

    act(page, 1, "More like this")
    expect(page).to_have_url(re.compile(f"like={ids[like]}$"))
    expect(lookalikes(page).locator(".name").filter(has_text=like)).to_have_count(0)
    # It may be on its way from one gallery to the other.
    expect(lookalikes(page).locator(".name").filter(has_text=unlike)).to_have_count(1)
    place = names(page).index(unlike)
    act(page, place, "Less like this")
    expect(page).to_have_url(re.compile(f"like={ids[like]}~{ids[unlike]}.x-1$"))
    expect(lookalikes(page).locator(".name").filter(has_text=unlike)).to_have_count(0)

    for name in (like, unlike):
        expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()


def test_search_by_models_is_in_its_url(page: Page, library: Library, ship: Item) -> None:
    page.goto(with_models(ship.id))
    expect_painted(lookalikes(page), 18)
    alone = lookalikes(page).locator(".note").first.inner_text()

    page.get_by_role("button", name=f"Less like this: {ship.name}").click()
    expect(page.get_by_role("alert").filter(has_text="nothing to search for")).to_be_visible()
    page.go_back()
    expect_painted(lookalikes(page), 18)
    expect(lookalikes(page).locator(".note").first).to_have_text(alone)

    page.get_by_role("button", name=f"Remove {ship.name}").click()
    expect(page.get_by_text(HINT)).to_be_visible()
    expect(page).not_to_have_url(re.compile("like="))


def test_chips_are_turned_weighed_and_removed(page: Page, library: Library, ship: Item) -> None:
    other = next(item for item in library.small if item.category == "Food & drink")
    page.goto(with_models(ship.id, other.id))
    strip = page.get_by_role("list", name="Examples of this search")
    expect(strip.locator("li")).to_have_count(2)
    expect_painted(lookalikes(page), 18)
    both = names(page)

    sign = page.get_by_role("button", name=f"Less like this: {other.name}")
    sign.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"like={ship.id}~{other.id}\.x-1$"))
    expect(sign).to_have_attribute("aria-pressed", "true")
    expect(sign).to_be_focused()
    expect(lookalikes(page).locator(".name")).not_to_have_text(both)
    weigh(page, other.name, "× 2")
    expect(page).to_have_url(re.compile(rf"~{other.id}\.x-2$"))

    page.get_by_role("button", name=f"Remove {other.name}").click()
    expect(page).to_have_url(re.compile(f"like={ship.id}$"))
    expect(strip.locator("li")).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("combobox", name=f"Weight of {other.name}")).to_have_value("2")

    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text(HINT)).to_be_visible()


# While a search runs, an element that moved would be shown at its old place as well.
COUNT_OPTIONS = """() => {
    window.mostOptions = 0;
    new MutationObserver(() => {
        const shown = [...document.querySelectorAll("button")]
            .filter((each) => each.textContent.includes("Options"));
        window.mostOptions = Math.max(window.mostOptions, shown.length);
    }).observe(document.body, { childList: true, subtree: true });
}"""


def test_region_of_a_model_can_be_searched_with(page: Page, ship: Item) -> None:
    page.goto(with_models(ship.id))
    expect_painted(lookalikes(page), 18)
    whole = names(page)

    page.evaluate(COUNT_OPTIONS)
    page.get_by_role("button", name=f"Search with a region of {ship.name}").click()
    box = page.get_by_role("dialog").get_by_role("img", name=ship.name).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(rf"like={ship.id}\.r(19|20|21)-(29|30|31)-"))
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    expect(lookalikes(page).locator(".name")).not_to_have_text(whole)
    expect_painted(lookalikes(page), 18)
    assert page.evaluate("window.mostOptions") == 1


def test_drawing_becomes_an_example_and_the_sketch_pad_is_empty(page: Page, pad: Locator) -> None:
    draw(page, MUG)
    expect_painted(lookalikes(page), 18)
    found = names(page)

    page.get_by_role("button", name="Keep and add another").click()

    expect(page.get_by_role("button", name="Remove Drawing 1")).to_be_visible()
    expect_ink(page, more_than=-1, at_most=0)
    expect(lookalikes(page).locator(".name")).to_have_text(found)
    page.get_by_role("button", name="Less like this: Drawing 1").click()
    expect(page.get_by_role("alert").filter(has_text="nothing to search for")).to_be_visible()


def test_pictures_are_there_again_after_a_reload(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    page.get_by_role("button", name="Keep and add another").click()
    expect(page.get_by_role("combobox", name="Weight of Picture 1")).to_be_visible()
    give(page, name="other.webp", data=library.picture(library.small[0]).read_bytes())
    for name in ("Remove Your picture", "Remove Picture 1"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    expect_painted(lookalikes(page), 18)

    reload(page)

    for name in ("Remove Your picture", "Remove Picture 1"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    expect_painted(lookalikes(page), 18)
    # Each is a picture of a model: both are found before all others, in either order.
    best = names(page)[:2]
    assert sorted(best) == sorted([ship.name, library.small[0].name])
    expect(page.get_by_text("which this browser tab keeps until it is closed")).to_be_visible()


def test_a_drawing_is_there_again_after_a_reload(page: Page, pad: Locator) -> None:
    draw(page, MUG)
    expect_painted(lookalikes(page), 18)
    found = names(page)
    ink = expect_ink(page, more_than=1000)

    reload(page)

    expect(lookalikes(page).locator(".name")).to_have_text(found)
    expect_ink(page, more_than=ink - 1)

    # The bar's pencil takes it along, also from a page that shows nothing of it.
    follow(page, "Explore")
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    reload(page)
    expect_painted(gallery(page, "Models of Small shelf"), 48)
    page.get_by_role("link", name="Draw what you are looking for").click()
    expect(lookalikes(page).locator(".name")).to_have_text(found)
    expect_ink(page, more_than=ink - 1)


def test_a_link_opens_its_own_search_and_not_the_one_before(
    page: Page, library: Library, ship: Item
) -> None:
    open_with(page, library, ship)
    other = library.small[0]

    page.goto(f"{SEARCH}&like={other.id}")

    expect(page.get_by_role("combobox", name=f"Weight of {other.name}")).to_be_visible()
    expect_painted(lookalikes(page), 18)
    expect(page.get_by_role("img", name="Your picture")).to_have_count(0)


def test_pictures_that_were_removed_stay_away_after_a_reload(page: Page, pad: Locator) -> None:
    draw(page, MUG)
    expect_painted(lookalikes(page), 18)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(lookalikes(page)).to_have_count(0)

    reload(page)

    expect(page.get_by_text("The server never stores them")).to_be_visible()
    expect_ink(page, more_than=-1, at_most=0)


def test_where_the_browser_has_no_room_for_pictures_the_page_says_so(
    page: Page, library: Library, ship: Item
) -> None:
    page.goto(SEARCH)
    expect_heading(page, INVITATION)
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")

    give(page, name="mine.webp", data=library.picture(ship).read_bytes(), type="image/webp")

    expect_first(page, ship)
    expect(page.get_by_text("which are lost after a reload")).to_be_visible()


def test_region_of_a_picture_can_be_searched_with(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    box = page.get_by_role("img", name="Your picture").bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.9 * box["height"], steps=5)
    page.mouse.up()

    expect(lookalikes(page).first.locator(".note")).not_to_have_text(re.compile("^1.00"))
    expect_painted(lookalikes(page), 18)


def test_models_come_from_explore(page: Page, ship: Item) -> None:
    page.goto(f"/?catalogue=small&item={ship.id}")
    cards = page.get_by_role("list", name=f"Neighbours of {ship.name}").locator("li")
    cards.first.hover()
    cards.first.get_by_role("button", name="Less like this").click()

    expect_heading(page, "Lookalikes")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_url(re.compile(f"like={ship.id}~[a-z2-7]{{13}}.x-1"))
    expect_painted(lookalikes(page), 18)

    page.goto(f"/?catalogue=small&item={ship.id}")
    page.get_by_role("link", name="Find similar").click()
    expect(page).to_have_url(re.compile(f"like={ship.id}$"))
    expect_painted(lookalikes(page), 18)


# -- what is made of the answer -------------------------------------------------------


def test_reasons_are_shown_on_both_pictures(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship)
    name = lookalikes(page).nth(1).locator(".name").inner_text()
    shown = score(lookalikes(page).nth(1).locator(".note"))

    act(page, 1, "Why?")

    dialog = page.get_by_role("dialog")
    for whose in ("Your picture", name):
        expect(dialog.get_by_role("img", name=f"{whose}, with the matching parts")).to_be_visible()
    dialog.get_by_text("Details", exact=True).click()
    expect(dialog.get_by_text(f"The score is {shown:.2f}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect_first(page, ship)


def test_strong_matches_come_first_and_weaker_ones_can_be_hidden(
    page: Page, library: Library, ship: Item
) -> None:
    open_with(page, library, ship)
    expect(lookalikes(page)).to_have_count(18)
    strong, weaker = (lists(page, f"Lookalikes: {which} matches") for which in ("Strong", "Weaker"))
    count = weaker.locator("li").count()
    assert 0 < count < 18
    expect(strong.locator("li")).to_have_count(18 - count)
    for which, number in (("Strong", 18 - count), ("Weaker", count)):
        heading = page.get_by_role("heading", name=f"{which} matches {number}", exact=True)
        expect(heading).to_be_visible()

    options(page).get_by_text("Strong matches only").click()

    expect(page).to_have_url(re.compile("only=outstanding"))
    expect(weaker).to_have_count(0)
    expect_painted(lookalikes(page), 18 - count)


@pytest.mark.parametrize(
    ("button", "ending", "beginning"),
    [
        ("Contact sheet (PNG)", ".png", b"\x89PNG"),
        ("Table (CSV)", ".csv", b'\xef\xbb\xbf"rank"'),
        ("JSON", ".json", b"{"),
    ],
)
def test_lookalikes_can_be_exported(
    page: Page, library: Library, ship: Item, button: str, ending: str, beginning: bytes
) -> None:
    open_with(page, library, ship)

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()

    assert download.value.suggested_filename == f"lookalikes-small{ending}"
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(beginning)
    if ending != ".png":
        assert ship.id.encode() in data


def test_without_a_strong_match_the_nearest_are_shown(page: Page, ship: Item) -> None:
    page.goto(f"{with_models(ship.id)}&category=Food+%26+drink")

    nearest = page.get_by_role("heading", name="No strong matches. The closest models")
    expect(nearest).to_be_visible()
    expect(lookalikes(page).first).to_be_visible()
    expect(page.get_by_role("heading", name="Weaker matches")).to_have_count(0)


def test_filters_that_match_nothing_can_be_cleared(page: Page, ship: Item) -> None:
    page.goto(f"{with_models(ship.id)}&words=zzzzzz")

    expect(page.get_by_text("No models match the filters.")).to_be_visible()
    expect(page.locator(".announcement")).to_have_text("No matches")
    page.get_by_role("button", name="Clear filters").click()

    expect_painted(lookalikes(page), 18)
    expect(page).not_to_have_url(re.compile("words="))


# -- what goes wrong --------------------------------------------------------------


def test_unknown_controls_in_the_url_are_reported(page: Page, library: Library, ship: Item) -> None:
    open_with(page, library, ship, address=f"{SEARCH}&by=nonsense&as=x&k=abc")

    for parameter in ("by=nonsense", "as=x", "k=abc"):
        expect(page.get_by_role("alert").filter(has_text=f"“{parameter}”")).to_be_visible()


def test_an_empty_catalogue_says_what_to_do(page: Page, jpeg: bytes) -> None:
    page.goto("/search?catalogue=empty")

    give(page, name="mine.jpg", data=jpeg, type="image/jpeg")

    expect(page.get_by_role("alert")).to_contain_text("is empty. Import models on the Catalogues")
    page.get_by_role("link", name="Go to Catalogues").click()
    expect(page).to_have_url(re.compile(r"/catalogues\?catalogue=empty$"))


@pytest.mark.parametrize(
    "like", ["nonsense", "a" * 13 + ".x9", "a" * 13 + ".r0-0-200-50", "<script>alert(1)</script>"]
)
def test_examples_that_are_none_are_left_out(page: Page, ship: Item, like: str) -> None:
    page.goto(with_models(ship.id, like))

    expect(page.get_by_role("alert").filter(has_text="not available here")).to_be_visible()
    expect_painted(lookalikes(page), 18)


def test_a_model_that_is_not_there_is_left_out(page: Page, ship: Item) -> None:
    page.goto(with_models("a" * 13, ship.id))

    missing = page.get_by_role("alert").filter(has_text="1 model in this link is not in this")
    expect(missing).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Remove "))).to_have_count(1)
    expect_painted(lookalikes(page), 18)


def test_same_model_as_positive_and_negative_example_is_reported(page: Page, ship: Item) -> None:
    page.goto(with_models(ship.id, f"{ship.id}.x-1"))

    expect(
        page.get_by_role("alert").filter(has_text="is both a positive and a negative example")
    ).to_be_visible()
