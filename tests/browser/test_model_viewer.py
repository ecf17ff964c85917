"""The model that turns in the page, on a page of its own.

Drawn without a graphics card, the first model of a page takes five seconds, or over 30 on two
slow and busy cores: so the tests share one page, and each begins with a model of its own on it.
"""

import hashlib
import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.settings import PROJECT

from .conftest import LONG, PATIENCE, ServeScript, Tab

APP = Path(__file__).with_name("model_viewer_app.py")

# Where the camera is and how wide it sees, and how far the model has turned by itself.
VIEW = """model => {
    const { theta, phi } = model.getCameraOrbit();
    const radians = [theta, phi, model.turntableRotation];
    return [...radians.map((angle) => (angle * 180) / Math.PI), model.getFieldOfView()];
}"""
# Frames after which what moves by itself has moved: a third of a second, or more on a busy machine.
A_WHILE = 20
START = pytest.approx([30, 70, 0, 30], abs=0.5)

# Notes the contexts of WebGL that the page makes, and in part of the tests lets it make none.
CONTEXTS = """
window.contexts = new Set();
const before = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
    if (location.search.includes("flat")) return null;
    const context = before.call(this, kind, ...options);
    if (kind.startsWith("webgl") && context) window.contexts.add(context);
    return context;
};
"""


@pytest.fixture(scope="session")
def base_url(serve_script: ServeScript) -> Iterator[str]:
    with serve_script(APP.read_text(encoding="utf-8")) as server:
        yield server.url


@pytest.fixture(scope="module")
def asked(tabs: Callable[[str], Tab], base_url: str) -> Iterator[list[str]]:
    """Open the page, and note whatever it asks for."""
    page = tabs(base_url).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(CONTEXTS)
    page.goto("/")
    show(page, patience=LONG)
    yield asked
    page.goto("about:blank")


@pytest.fixture
def page(tabs: Callable[[str], Tab], base_url: str, asked: list[str]) -> Iterator[Page]:
    """Give the page, and fail the test on any error, and on any request for another server."""
    tab = tabs(base_url)
    tab.errors.clear()
    asked.clear()
    yield tab.page
    assert not tab.errors, tab.errors
    assert not [url for url in asked if not url.startswith((base_url, "blob:", "data:"))]


def show(
    page: Page, name: str = "box", *, state: str = "ready", patience: int = PATIENCE
) -> Locator:
    """Show a model in a viewer of its own, for which there are `patience` ms, and give it."""
    line = page.get_by_text(re.compile("^Number "))
    number = int(line.inner_text().split()[1].strip(":")) + 1
    page.get_by_role("button", name=name, exact=True).click(timeout=patience)
    expect(line).to_have_text(f"Number {number}: {name}", timeout=patience)
    viewer = page.locator(f".st-key-viewer-{number} .viewer")
    expect(viewer).to_have_attribute("data-state", state, timeout=patience)
    expect(page.locator(".viewer")).to_have_count(1)
    return page.locator("model-viewer")


def frames(page: Page, number: int = A_WHILE) -> None:
    """Wait until the page was painted so many times: on a busy machine that takes longer."""
    page.evaluate(
        """async number => {
            while (number--) await new Promise(requestAnimationFrame);
        }""",
        number,
    )


def view(model: Locator) -> list[float]:
    """Return the view once it has come to rest."""
    seen: list[float] = []
    while (now := model.evaluate(VIEW)) != seen:
        seen = now
        frames(model.page)
    return seen


def pixels(page: Page) -> np.ndarray:
    """Return what is seen of the stage within its border."""
    picture = Image.open(io.BytesIO(page.locator(".stage").screenshot())).convert("RGB")
    return np.asarray(picture).astype(int)[4:-4, 4:-4]


def redness(colours: np.ndarray) -> np.ndarray:
    """Return which pixels are red."""
    return colours[..., 0] - colours[..., 1:].max(-1) > 60


def painted(page: Page) -> np.ndarray:
    """Return the pixels of the stage once the picture has given way to the model."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not 0.1 < redness(pixels(page)).mean() < 0.8:
        assert time.monotonic() < deadline, f"{redness(pixels(page)).mean():.0%} of it is red"
    frames(page)
    return pixels(page)


def middle(page: Page) -> tuple[float, float]:
    """Return the middle of the stage."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_library_is_the_one_that_is_named() -> None:
    folder = PROJECT / "static" / "model-viewer"
    library = (folder / "model-viewer.min.js").read_bytes()
    assert hashlib.sha256(library).hexdigest() in (folder / "README.md").read_text()
    assert "Apache License" in (folder / "LICENSE").read_text()


@pytest.mark.parametrize("name", ["box", "vast", "tiny"])
def test_a_model_of_any_size_is_seen_whole(page: Page, name: str) -> None:
    model = show(page, name)
    red = redness(painted(page))
    assert view(model) == START
    assert not (red[0].any() or red[-1].any() or red[:, 0].any() or red[:, -1].any())
    assert red.any(0).mean() > 0.6 or red.any(1).mean() > 0.6, "it is far away"


def test_keys_turn_it_and_zoom_and_bring_it_back(page: Page) -> None:
    model = show(page)
    first = painted(page)
    page.get_by_role("checkbox", name="In 3D").focus()
    page.keyboard.press("Tab")

    expect(page.get_by_role("application", name="A red box")).to_be_focused()
    expect(page.locator(".viewer")).to_have_attribute("data-focus", "keys")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    theta, phi, _, width = view(model)
    assert theta < 20
    assert phi < 60
    assert (redness(pixels(page)) != redness(first)).mean() > 0.02
    page.keyboard.press("+")
    assert view(model)[3] < width - 3
    page.keyboard.press("-")
    assert view(model)[3] == pytest.approx(width, abs=0.5)
    page.keyboard.press("+")
    page.keyboard.press("0")
    assert view(model) == START
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0


def test_a_mouse_turns_it_and_zooms_and_brings_it_back(page: Page) -> None:
    model = show(page)
    first = painted(page)
    x, y = middle(page)

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 20, steps=5)
    page.mouse.up()
    theta, phi, _, width = view(model)
    assert theta < 0
    assert phi < 65
    assert (redness(pixels(page)) != redness(first)).mean() > 0.02
    page.mouse.wheel(0, -300)
    assert view(model)[3] < width - 3
    assert page.locator(".viewer").get_attribute("data-focus") is None

    page.mouse.dblclick(x, y)
    assert view(model) == START


@pytest.fixture
def touch(page: Page) -> Iterator[Callable[[float, float], None]]:
    """Make the tab a phone's, and give what swipes so far to the right and down."""
    session = page.context.new_cdp_session(page)
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def swipe(right: float, down: float) -> None:
        x, y = middle(page)

        def send(kind: str, *points: dict[str, Any]) -> None:
            event = {"type": kind, "touchPoints": list(points)}
            session.send("Input.dispatchTouchEvent", event)

        send("touchStart", {"x": x, "y": y})
        for step in range(1, 9):
            send("touchMove", {"x": x + right * step / 8, "y": y + down * step / 8})
            frames(page, 1)
        send("touchEnd")

    yield swipe
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    session.detach()
    assert size is not None
    page.set_viewport_size(size)
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop = 0")


def test_a_finger_turns_it_sideways_and_scrolls_the_page_up(
    page: Page, touch: Callable[[float, float], None]
) -> None:
    model = show(page)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    page.evaluate(f"{scrolled} = 0")

    touch(90, 4)
    turned = view(model)
    assert turned[0] < 0
    assert page.evaluate(scrolled) == 0
    touch(2, -150)
    page.wait_for_function(f"{scrolled} > 50")
    assert view(model) == pytest.approx(turned, abs=0.5)
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390


def test_it_turns_by_itself_until_it_is_touched_and_not_where_that_is_unwanted(page: Page) -> None:
    model = show(page)
    frames(page)
    assert view(model) == START
    page.emulate_media(reduced_motion="no-preference")
    try:
        model = show(page)
        first = model.evaluate(VIEW)[2]
        frames(page)
        assert model.evaluate(VIEW)[2] > first
        page.get_by_role("application", name="A red box").focus()
        page.keyboard.press("ArrowLeft")
        rested = view(model)
        assert rested[2] > first
        frames(page)
        assert view(model) == rested
    finally:
        page.emulate_media(reduced_motion="reduce")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_how_a_model_is_turned_is_said_once_until_one_is_turned(
    page: Page, motion: Literal["reduce", "no-preference"]
) -> None:
    page.emulate_media(reduced_motion=motion)
    # As in a tab that has shown no model yet.
    page.evaluate("sessionStorage.clear()")
    hint = page.get_by_text(re.compile("to turn it, .* to zoom"))
    try:
        show(page)
        expect(hint).to_be_visible()
        page.get_by_role("application", name="A red box").focus()
        page.keyboard.press("ArrowLeft")
        expect(hint).to_have_count(0)
        show(page)
        expect(hint).to_have_count(0)
    finally:
        page.emulate_media(reduced_motion="reduce")


@pytest.mark.parametrize("name", ["broken", "missing", "elsewhere", "packed"])
def test_what_cannot_be_shown_keeps_its_picture_and_says_so(page: Page, name: str) -> None:
    show(page, name, state="failed")
    expect(page.get_by_role("status").filter(has_text="cannot be shown")).to_be_visible()
    expect(page.get_by_role("img", name="A red box")).to_have_js_property("naturalWidth", 160)
    frames(page)
    assert pixels(page)[150, 150].tolist() == [0, 160, 0]


def test_a_texture_of_another_server_is_left_out(page: Page, asked: list[str]) -> None:
    show(page, "outside")
    assert not any("outside.example" in url for url in asked)
    deadline = time.monotonic() + PATIENCE / 1000
    while pixels(page).std((0, 1)).max() < 3:
        assert time.monotonic() < deadline, "nothing is drawn"


def test_many_models_take_no_more_than_one(page: Page, asked: list[str]) -> None:
    show(page)
    asked.clear()
    for _ in range(5):
        show(page)
    show(page, "tiny")
    painted(page)
    # Another one asked whether there is any.
    assert page.evaluate("window.contexts.size") == 2
    expect(page.locator("model-viewer")).to_have_count(1)
    assert not any("model-viewer.min.js" in url for url in asked), "it was loaded before"


def test_its_ground_is_that_of_its_picture_in_both_themes(page: Page) -> None:
    page.mouse.move(0, 0)
    show(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        try:
            frames(page)
            assert painted(page)[8, 20:60].mean() > 250
        finally:
            page.emulate_media(color_scheme="light")


def test_without_webgl_there_is_the_picture_and_no_error(page: Page, asked: list[str]) -> None:
    page.goto("/?flat")
    try:
        expect(page.locator(".viewer")).to_have_attribute("data-state", "still")
        expect(page.get_by_role("img", name="A red box")).to_have_js_property("naturalWidth", 160)
        expect(page.get_by_text("3D needs WebGL")).to_have_css("opacity", "1")
        expect(page.get_by_text("No WebGL", exact=True)).to_be_visible()
        assert not any("model-viewer.min.js" in url for url in asked), "it is loaded for nothing"
    finally:
        page.goto("/")
