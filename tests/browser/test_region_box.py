"""The box on a picture: drawn, moved, resized and cleared, on a page of its own."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some
from playwright.sync_api import Locator, Page, expect

from components.widgets.region_box import checked
from core.pictures import Box

from .conftest import ServeScript

# Beside the picture the page has room, above and below it text, and it scrolls.
APP = """
import base64, io, json
from dataclasses import astuple

import streamlit as st
from PIL import Image

from components.widgets.region_box import region_box
from core.pictures import Box

state = st.session_state
state.setdefault("region", None)
state.setdefault("changes", 0)
state.setdefault("colour", "white")


def choose(region):
    state.region = region
    state.changes += 1


def picture():
    file = io.BytesIO()
    Image.new("RGB", (400, 300), state.colour).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


st.title("A box")
region_box(
    key="box",
    src="app/static/nothing.webp" if "broken" in st.query_params else picture(),
    alt="A red chair",
    region=state.region,
    on_change=choose,
)
st.text(f"Change {state.changes}: {json.dumps(state.region and astuple(state.region))}")
st.button("Put elsewhere", on_click=lambda: state.update(region=Box(0.8, 0.8, 0.9, 0.9)))
st.button("Another picture", on_click=lambda: state.update(region=None, colour="blue"))
st.container(height=1500, border=False)
"""

DRAWN = (0.2, 0.3, 0.5, 0.7)


@pytest.fixture(scope="session")
def base_url(serve_script: ServeScript) -> Iterator[str]:
    with serve_script(APP) as server:
        yield server.url


@pytest.fixture
def frame(page: Page) -> Locator:
    """Open the page, and give the picture on it."""
    page.goto("/")
    return shown(page)


def shown(page: Page) -> Locator:
    """Wait until the picture is there to be drawn on."""
    expect(page.get_by_role("img", name="A red chair")).to_have_js_property("naturalWidth", 400)
    expect(page.get_by_role("button", name="Select a region")).to_be_visible()
    return page.locator(".frame")


def spot(frame: Locator, x: float, y: float) -> tuple[float, float]:
    """Return where on the page a place of the picture is, given in shares of it."""
    view = frame.bounding_box()
    assert view is not None
    return view["x"] + x * view["width"], view["y"] + y * view["height"]


def drag(frame: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    mouse = frame.page.mouse
    mouse.move(*spot(frame, *start))
    mouse.down()
    mouse.move(*spot(frame, *end), steps=5)
    mouse.up()


def draw(frame: Locator) -> Locator:
    """Draw a box, the first change of the page, and return it."""
    left, top, right, bottom = DRAWN
    drag(frame, (left, top), (right, bottom))
    expect_received(frame.page, 1, DRAWN)
    return box(frame.page)


def box(page: Page) -> Locator:
    return page.get_by_role("application", name="Selected region of the picture")


def expect_received(page: Page, change: int, edges: tuple[float, ...] | None) -> None:
    """Wait for the change of this number, and compare what Python received, within 1 %."""
    line = page.get_by_text(re.compile(rf"^Change {change}: "))
    expect(line).to_be_visible()
    received = json.loads(line.inner_text().split(": ")[1])
    assert received == (None if edges is None else pytest.approx(edges, abs=0.01))


# -- the pointer ------------------------------------------------------------------


def test_picture_is_whole_and_centred(page: Page, frame: Locator) -> None:
    view, around = frame.bounding_box(), page.locator(".region").bounding_box()
    assert view is not None
    assert around is not None

    assert view["height"] == pytest.approx(448, abs=0.5)
    assert view["width"] / view["height"] == pytest.approx(4 / 3, abs=0.001)
    assert view["x"] - around["x"] == pytest.approx(
        around["x"] + around["width"] - view["x"] - view["width"], abs=1
    )


@pytest.mark.parametrize("backwards", [False, True])
def test_box_is_drawn(page: Page, frame: Locator, backwards: bool) -> None:
    left, top, right, bottom = DRAWN
    corners = [(left, top), (right, bottom)]

    drag(frame, *(reversed(corners) if backwards else corners))

    expect_received(page, 1, DRAWN)
    expect(box(page)).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(
        "20 to 50 % from the left, 30 to 70 % from the top"
    )


def test_box_ends_at_the_edge_of_the_picture(page: Page, frame: Locator) -> None:
    drag(frame, (0.6, 0.5), (1.15, 1.2))

    expect_received(page, 1, (0.6, 0.5, 1, 1))


def test_new_box_replaces_the_old(page: Page, frame: Locator) -> None:
    draw(frame)

    drag(frame, (0.6, 0.1), (0.9, 0.2))

    expect_received(page, 2, (0.6, 0.1, 0.9, 0.2))
    expect(box(page)).to_have_count(1)


def test_box_is_moved_and_stays_on_the_picture(page: Page, frame: Locator) -> None:
    draw(frame)

    drag(frame, (0.3, 0.5), (0.4, 0.4))
    expect_received(page, 2, (0.3, 0.2, 0.6, 0.6))

    drag(frame, (0.4, 0.4), (1.1, 0.35))
    expect_received(page, 3, (0.7, 0.15, 1, 0.55))


def test_box_is_resized_by_each_handle(page: Page, frame: Locator) -> None:
    draw(frame)

    drags = [
        ((0.35, 0.3), (0.4, 0.2), (0.2, 0.2, 0.5, 0.7)),
        ((0.5, 0.2), (0.6, 0.3), (0.2, 0.3, 0.6, 0.7)),
        ((0.6, 0.5), (0.7, 0.6), (0.2, 0.3, 0.7, 0.7)),
        ((0.7, 0.7), (0.8, 0.9), (0.2, 0.3, 0.8, 0.9)),
        ((0.5, 0.9), (0.6, 0.8), (0.2, 0.3, 0.8, 0.8)),
        ((0.2, 0.8), (0.1, 0.7), (0.1, 0.3, 0.8, 0.7)),
        ((0.1, 0.5), (0.15, 0.4), (0.15, 0.3, 0.8, 0.7)),
        ((0.15, 0.3), (0.3, 0.4), (0.3, 0.4, 0.8, 0.7)),
    ]
    for change, (start, end, edges) in enumerate(drags, start=2):
        drag(frame, start, end)
        expect_received(page, change, edges)


def test_box_cannot_be_turned_inside_out(page: Page, frame: Locator) -> None:
    draw(frame)

    drag(frame, (0.5, 0.5), (0.05, 0.5))

    expect_received(page, 2, (0.2, 0.3, 0.23, 0.7))


def test_slips_change_nothing(page: Page, frame: Locator) -> None:
    draw(frame)

    for end in (0.61, 0.11), (0.9, 0.12), (0.62, 0.9):
        drag(frame, (0.6, 0.1), end)

    expect(page.get_by_role("status")).to_have_text(re.compile("^20 to 50 %"))
    drag(frame, (0.3, 0.5), (0.4, 0.5))
    expect_received(page, 2, (0.3, 0.3, 0.6, 0.7))


def test_click_on_the_picture_chooses_nothing(page: Page, frame: Locator) -> None:
    page.mouse.click(*spot(frame, 0.5, 0.5))

    expect(box(page)).to_have_count(0)
    draw(frame)


def touch(page: Page, *places: tuple[float, float]) -> None:
    """Put a finger down at the first place, and take it along to the others."""
    session = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(places):
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def test_finger_draws_and_moves_on_the_picture(page: Page, frame: Locator) -> None:
    touch(page, *(spot(frame, 0.2 + step / 10, 0.7 - step / 10) for step in range(4)))
    expect_received(page, 1, (0.2, 0.4, 0.5, 0.7))

    touch(page, *(spot(frame, 0.3, 0.5 - step / 10) for step in range(3)))
    expect_received(page, 2, (0.2, 0.2, 0.5, 0.5))


def test_finger_beside_the_picture_scrolls_the_page(page: Page, frame: Locator) -> None:
    main = page.get_by_test_id("stMain")

    touch(page, *(spot(frame, 0.3 + step / 10, 0.8 - step / 10) for step in range(5)))
    expect_received(page, 1, (0.3, 0.4, 0.7, 0.8))
    assert main.evaluate("(element) => element.scrollTop") == 0

    touch(page, *(spot(frame, -0.1, 0.8 - step / 10) for step in range(5)))
    page.wait_for_function("(element) => element.scrollTop > 50", arg=main.element_handle())


# -- the keyboard -----------------------------------------------------------------


def test_keys_choose_move_and_resize(page: Page, frame: Locator) -> None:
    page.get_by_role("button", name="Select a region").press("Enter")
    expect_received(page, 1, (0.25, 0.25, 0.75, 0.75))
    expect(box(page)).to_be_focused()

    for _ in range(10):
        page.keyboard.press("ArrowRight")
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    for _ in range(20):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")

    expect(page.get_by_role("status")).to_have_text(
        "35 to 65 % from the left, 20 to 71 % from the top"
    )
    # Where keys come slowly, the box is sent in between too.
    expect(page.get_by_text(re.compile(r"^Change \d+: \[0\.35.*, 0\.71"))).to_be_visible()
    expect(box(page)).to_have_accessible_description(re.compile("^35 to 65 %.*Escape clears it"))
    expect(box(page)).to_be_focused()


def test_keys_go_on_from_a_drawn_box(page: Page, frame: Locator) -> None:
    draw(frame)

    page.keyboard.press("ArrowRight")

    expect_received(page, 2, (0.21, 0.3, 0.51, 0.7))


def test_escape_clears(page: Page, frame: Locator) -> None:
    draw(frame)

    page.keyboard.press("Escape")

    expect_received(page, 2, None)
    expect(box(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Select a region")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Whole picture")


def test_escape_ends_a_drag_and_keeps_the_box(page: Page, frame: Locator) -> None:
    draw(frame)

    page.mouse.move(*spot(frame, 0.3, 0.5))
    page.mouse.down()
    page.mouse.move(*spot(frame, 0.5, 0.5), steps=3)
    page.keyboard.press("Escape")
    page.mouse.up()

    page.keyboard.press("ArrowDown")
    expect_received(page, 2, (0.2, 0.31, 0.5, 0.71))


def test_button_clears(page: Page, frame: Locator) -> None:
    draw(frame)

    page.get_by_role("button", name="Clear box").click()

    expect_received(page, 2, None)
    expect(box(page)).to_have_count(0)


# -- what Python says -------------------------------------------------------------


def test_update_does_not_break_a_drag(page: Page, frame: Locator) -> None:
    draw(frame)

    page.mouse.move(*spot(frame, 0.3, 0.5))
    page.mouse.down()
    page.mouse.move(*spot(frame, 0.5, 0.5), steps=3)
    page.get_by_role("button", name="Put elsewhere").dispatch_event("click")
    expect(page.get_by_text("Change 1: [0.8, 0.8, 0.9, 0.9]")).to_be_visible()
    page.mouse.up()

    expect_received(page, 2, (0.4, 0.3, 0.7, 0.7))


def test_box_follows_python(page: Page, frame: Locator) -> None:
    draw(frame)

    page.get_by_role("button", name="Put elsewhere").click()

    expect(page.get_by_role("status")).to_have_text(re.compile("^80 to 90 %"))
    drag(frame, (0.85, 0.85), (0.65, 0.55))
    expect_received(page, 2, (0.6, 0.5, 0.7, 0.6))


def test_another_picture_has_no_box(page: Page, frame: Locator) -> None:
    draw(frame)

    page.get_by_role("button", name="Another picture").click()

    expect(box(page)).to_have_count(0)
    shown(page)


def test_broken_picture_says_what_it_shows(page: Page) -> None:
    page.goto("/?broken=1")

    expect(page.get_by_text("A red chair")).to_be_visible()
    expect(page.get_by_role("button", name="Select a region")).to_have_count(0)


# -- what the browser sends -------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "box"),
    [
        ([0.1, 0.2, 0.3, 0.4], Box(0.1, 0.2, 0.3, 0.4)),
        ([0.3, 0.4, 0.1, 0.2], Box(0.1, 0.2, 0.3, 0.4)),
        ([-5, 0.5, 10**400, 2], Box(0, 0.5, 1, 1)),
    ],
)
def test_box_is_put_right(edges: list[float], box: Box) -> None:
    assert checked(edges) == box


@pytest.mark.parametrize(
    "edges",
    [
        None,
        "0123",
        {"left": 0, "top": 0, "right": 1, "bottom": 1},
        [],
        [0, 0, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 1, "1"],
        [0, 0, 1, None],
        [False, False, True, True],
        [0, 0, 1, float("nan")],
        [0, 0, 1, float("inf")],
        [0.5, 0, 0.5, 1],
        [2, 2, 3, 3],
    ],
)
def test_nonsense_is_no_box(edges: object) -> None:
    assert checked(edges) is None


@given(some.lists(some.floats() | some.integers(), min_size=4, max_size=4))
def test_box_is_always_on_the_picture(edges: list[float]) -> None:
    box = checked(edges)

    assert box is None or (0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1)
