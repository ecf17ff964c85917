"""The gallery's cards: what is done with them and shown on them, on a page of its own."""

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize, expect

from core import settings

from .conftest import ServeScript

# A red patch on grey, on pictures of several proportions: the box is to lie on the patch.
APP = """
import base64, io

import streamlit as st
from PIL import Image

from components.widgets.gallery import Action, Card, gallery
from core.pictures import Box

ACTIONS = [
    Action("more", "More like this", "plus", "+"),
    Action("less", "Less like this", "minus", "-"),
    Action("why", "Why?", "why", "?"),
]
PATCH = Box(0.25, 0.5, 0.5, 0.75)

received = st.session_state.setdefault("received", [])


def picture(width, height):
    image = Image.new("RGB", (width, height), "#ddd")
    patch = (PATCH.left * width, PATCH.top * height, PATCH.right * width, PATCH.bottom * height)
    image.paste("#f00", tuple(round(edge) for edge in patch))
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


wide, tall, square = picture(160, 80), picture(80, 160), picture(160, 160)
cards = [
    Card("wide", wide, "Wide"),
    Card("wide-boxed", wide, "Boxed wide", box=PATCH),
    Card("tall", tall, "Tall"),
    Card("tall-boxed", tall, "Boxed tall", box=PATCH),
    Card("square", square, "Square", "0.91", "Shapes"),
    Card("second", square, "Second", "0.31", "Shapes"),
    Card("broken", "app/static/nothing.webp", "armchair " * 30),
]
cards = [card for card in cards if f"less {card.id}" not in received]

st.button("Before")
gallery(
    cards,
    key="acting",
    label="Acting",
    actions=ACTIONS,
    on_pick=lambda card: received.append(f"picked {card}"),
    on_act=lambda action, card: received.append(f"{action} {card}"),
)
st.button("Between")
gallery(
    cards, key="plain", label="Plain", on_pick=lambda card: received.append(f"picked plain {card}")
)
gallery(
    [Card(f"linked-{name}", square, f"Linked {name}", href=f"?to={name}") for name in "ab"],
    key="linked",
    label="Linked",
    actions=ACTIONS[:1],
    on_act=lambda action, card: received.append(f"{action} {card}"),
)
gallery(
    [
        Card("scored", square, "hippopotamus " * 30, "0.91 · 3.0σ", "Shapes", bar=0.75),
        Card("less", square, "Less", "0.40 · 1.0σ", bar=0.25),
    ],
    key="scored",
    label="Scored",
    on_pick=lambda card: received.append(f"picked {card}"),
)
st.text(f"Received: {'; '.join(received) or 'nothing'}")
st.text(f"To: {st.query_params.get('to', 'nowhere')}")
"""

# How much of a bar is filled.
FILLED = "bar => getComputedStyle(bar).backgroundSize"

ACTIONS = [
    pytest.param("more", "More like this", id="more"),
    pytest.param("less", "Less like this", id="less"),
    pytest.param("why", "Why?", id="why"),
]


@pytest.fixture(scope="session")
def base_url(serve_script: ServeScript) -> Iterator[str]:
    with serve_script(APP) as server:
        yield server.url


@pytest.fixture
def cards(page: Page) -> Locator:
    """Open the page, the pointer on none of the cards, and give those with actions."""
    page.mouse.move(0, 0)
    return opened(page)


def opened(page: Page) -> Locator:
    page.goto("/")
    expect_received(page, "nothing")
    return items(page, "Acting")


def items(page: Page, label: str) -> Locator:
    return page.get_by_role("list", name=label, exact=True).get_by_role("listitem")


def named(cards: Locator, name: str) -> Locator:
    """Return the card of this name, once its picture is there."""
    card = cards.filter(has=cards.page.locator(".name").get_by_text(name, exact=True))
    expect(card.locator("img")).not_to_have_js_property("naturalWidth", 0)
    return card


def broken(cards: Locator) -> Locator:
    """Return the card without a picture, once that is known."""
    card = cards.last
    expect(card.locator(".stand-in")).to_be_visible()
    return card


def pick(card: Locator) -> Locator:
    """Return the button that picks a card."""
    return card.locator(".pick")


def action(card: Locator, label: str) -> Locator:
    """Return the button of an action of a card."""
    return card.get_by_role("button", name=f"{label}: ")


def expect_received(page: Page, *received: str) -> None:
    """Wait until Python received this and nothing else."""
    expect(page.get_by_text("Received: ")).to_have_text(f"Received: {'; '.join(received)}")


def expect_actions(card: Locator, *, shown: bool) -> None:
    expect(card.locator(".actions")).to_have_css("opacity", "1" if shown else "0")


def place(element: Locator) -> tuple[float, float, float, float]:
    """Return the left, top, right and bottom edge of an element on the page."""
    box = element.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def pixels(element: Locator) -> np.ndarray:
    shot = Image.open(io.BytesIO(element.screenshot(animations="disabled")))
    return np.asarray(shot.convert("RGB"), np.int16)


def expect_targets(card: Locator, side: float) -> None:
    """Expect the actions to be of this size, within the tile and beside each other."""
    left, top, right, bottom = place(card.locator(".tile"))
    edge = left
    for button in card.locator(".actions").get_by_role("button").all():
        x0, y0, x1, y1 = place(button)
        assert (x1 - x0, y1 - y0) == (side, side)
        assert edge <= x0
        assert x1 <= right
        assert top <= y0
        assert y1 <= bottom
        edge = x1


# -- the pointer ------------------------------------------------------------------


def test_actions_show_on_the_card_under_the_pointer(cards: Locator) -> None:
    wide, tall = named(cards, "Wide"), named(cards, "Tall")
    expect_actions(wide, shown=False)
    around = place(wide), place(tall)

    wide.hover()

    expect_actions(wide, shown=True)
    expect_actions(tall, shown=False)
    expect_targets(wide, 28)
    assert (place(wide), place(tall)) == around


@pytest.mark.parametrize(("name", "label"), ACTIONS)
def test_action_is_sent_with_its_card_and_picks_nothing(
    cards: Locator, name: str, label: str
) -> None:
    tall = named(cards, "Tall")
    tall.hover()

    action(tall, label).click()

    expect_received(cards.page, f"{name} tall")


def test_picture_beside_the_actions_picks(cards: Locator) -> None:
    wide = named(cards, "Wide")
    left, top, *_ = place(wide.locator(".tile"))

    cards.page.mouse.click(left + 12, top + 12)

    expect_received(cards.page, "picked wide")


def test_pressed_button_is_busy_until_python_answers(cards: Locator) -> None:
    wide = named(cards, "Wide")
    wide.hover()
    busy = wide.evaluate_handle("""card => {
        const seen = [];
        new MutationObserver((changes) => {
            for (const { target } of changes) {
                seen.push(`${target.value || "pick"} ${target.ariaBusy}`);
            }
        }).observe(card, { subtree: true, attributes: true, attributeFilter: ["aria-busy"] });
        return seen;
    }""")

    action(wide, "Why?").click()
    expect_received(cards.page, "why wide")

    expect(wide.locator("[aria-busy]")).to_have_count(0)
    assert busy.json_value() == ["why true", "why null"]


def test_cards_stay_in_place_when_python_answers(cards: Locator) -> None:
    wide = named(cards, "Wide")
    wide.hover()
    wide.locator("*").evaluate_all("nodes => { nodes.forEach((n) => n.old = true); }")
    before = wide.locator("*").count(), place(wide), place(cards.last)

    action(wide, "More like this").click()
    expect_received(cards.page, "more wide")

    kept = wide.locator("*").evaluate_all("nodes => nodes.filter((n) => n.old).length")
    assert (kept, place(wide), place(cards.last)) == before
    expect_actions(wide, shown=True)


def test_actions_go_with_the_pointer_after_a_click(cards: Locator) -> None:
    wide = named(cards, "Wide")
    wide.hover()
    action(wide, "More like this").click()
    expect_received(cards.page, "more wide")

    named(cards, "Tall").hover()

    expect_actions(wide, shown=False)


# -- the keyboard -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Shift+Equal", "more"), ("NumpadAdd", "more"), ("Minus", "less"), ("Shift+Slash", "why")],
)
def test_keys_act_on_the_card_with_the_focus(cards: Locator, typed: str, name: str) -> None:
    named(cards, "Tall")
    pick(cards.nth(1)).focus()
    cards.page.keyboard.press("ArrowRight")

    cards.page.keyboard.press(typed)

    expect_received(cards.page, f"{name} tall")


def test_key_held_down_acts_once(cards: Locator) -> None:
    pick(named(cards, "Wide")).focus()

    cards.page.keyboard.down("?")
    expect_received(cards.page, "why wide")
    cards.page.keyboard.down("?")
    cards.page.keyboard.up("?")
    cards.page.keyboard.press("ArrowRight")
    cards.page.keyboard.press("Enter")

    expect_received(cards.page, "why wide", "picked wide-boxed")


def test_focus_shows_the_actions_and_stays_when_python_answers(cards: Locator) -> None:
    page, tall = cards.page, named(cards, "Tall")
    page.get_by_role("button", name="Before").focus()
    page.keyboard.press("Tab")
    expect(pick(cards.nth(0))).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect_actions(tall, shown=True)

    page.keyboard.press("+")
    expect_received(page, "more tall")

    expect(pick(tall)).to_be_focused()
    expect_actions(tall, shown=True)
    expect_actions(cards.nth(0), shown=False)


def test_focus_goes_to_the_first_card_when_an_action_removes_the_focused_one(
    cards: Locator,
) -> None:
    pick(named(cards, "Tall")).focus()
    count = cards.count()

    cards.page.keyboard.press("-")

    expect(cards).to_have_count(count - 1)
    expect(pick(cards.nth(0))).to_be_focused()


def test_arrows_go_on_from_an_action(cards: Locator) -> None:
    tall = named(cards, "Tall")
    tall.hover()
    action(tall, "Why?").click()
    expect_received(cards.page, "why tall")

    cards.page.keyboard.press("ArrowRight")

    expect(pick(cards.nth(3))).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_gallery_is_two_tab_stops_a_card_and_its_actions(cards: Locator, key: str) -> None:
    page = cards.page
    named(cards, "Wide")
    page.get_by_role("button", name="Before").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")

    page.keyboard.press("Tab")
    expect(action(cards.nth(1), "More like this")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Between")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(pick(cards.nth(1))).to_be_focused()
    page.keyboard.press(key)

    expect_received(page, "picked wide-boxed")


def test_arrows_go_from_action_to_action_and_back_to_the_card(cards: Locator) -> None:
    page, tall = cards.page, named(cards, "Tall")
    pick(tall).focus()

    page.keyboard.press("Tab")
    expect(action(tall, "More like this")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(action(tall, "Less like this")).to_be_focused()
    expect_actions(tall, shown=True)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(pick(tall)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect_received(page, "why tall")
    expect(action(tall, "Why?")).to_be_focused()
    page.keyboard.press("Escape")
    expect(pick(tall)).to_be_focused()


def test_galleries_without_actions_are_one_tab_stop(cards: Locator) -> None:
    page = cards.page
    pick(named(items(page, "Plain"), "Wide")).focus()

    page.keyboard.press("Tab")

    expect(pick(named(items(page, "Linked"), "Linked a"))).to_be_focused()


def test_tile_has_a_placeholder_until_its_picture_is_there(browser: Browser, base_url: str) -> None:
    """The one picture that is a file comes when the test says so; the others are in the page."""
    loading = re.compile("loading")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with browser.new_context(base_url=base_url) as window:
        page = window.new_page()
        page.route("**/nothing.webp", hold)
        with page.expect_request("**/nothing.webp"):
            late = opened(page).last
            late.scroll_into_view_if_needed()

        expect(late).to_have_class(loading)
        expect(named(items(page, "Acting"), "Wide")).not_to_have_class(loading)
        held[0].fulfill(path=settings.PROJECT / "static" / "icon.png")
        expect(late).not_to_have_class(loading)
        expect(late.locator("img")).not_to_have_js_property("naturalWidth", 0)


# -- without actions ----------------------------------------------------------------


def test_gallery_without_actions_has_none(cards: Locator) -> None:
    page = cards.page
    plain = items(page, "Plain")
    wide = named(plain, "Wide")
    wide.hover()
    expect(wide.get_by_role("button")).to_have_count(1)
    expect(pick(wide)).to_have_accessible_description("Wide")
    pick(wide).focus()

    for key in ("+", "-", "?", "ArrowRight", "Enter"):
        page.keyboard.press(key)

    expect_received(page, "picked plain wide-boxed")


# -- links ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "Enter", "Space"], ids=["click", "Enter", "Space"])
def test_linked_card_is_followed_within_the_app(cards: Locator, key: str) -> None:
    page = cards.page
    pick(named(cards, "Wide")).click()
    expect_received(page, "picked wide")
    link = pick(named(items(page, "Linked"), "Linked b"))
    expect(link).to_have_attribute("href", "?to=b")
    expect(link).to_have_role("link")

    if key:
        link.press(key)
    else:
        link.click()

    expect(page.get_by_text("To: b")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?to=b$"))
    expect_received(page, "picked wide")
    page.go_back()
    expect(page.get_by_text("To: nowhere")).to_be_visible()
    expect_received(page, "picked wide")


def test_linked_card_opens_in_a_new_tab(cards: Locator) -> None:
    page = cards.page
    link = pick(named(items(page, "Linked"), "Linked b"))

    with page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])

    expect(opened.value.get_by_text("To: b")).to_be_visible()
    opened.value.close()
    expect(page.get_by_text("To: nowhere")).to_be_visible()
    expect(link).not_to_have_attribute("aria-busy", "true")


def test_action_of_a_linked_card_follows_nothing(cards: Locator) -> None:
    card = named(items(cards.page, "Linked"), "Linked a")
    card.hover()

    action(card, "More like this").click()

    expect_received(cards.page, "more linked-a")
    expect(cards.page.get_by_text("To: nowhere")).to_be_visible()


# -- what is shown on a card ----------------------------------------------------------


@pytest.mark.parametrize("name", ["Wide", "Tall"])
def test_box_lies_on_its_part_of_the_picture(cards: Locator, name: str) -> None:
    bare, boxed = named(cards, name), named(cards, f"Boxed {name.lower()}")
    shown = pixels(bare.locator(".tile"))
    red = (shown[..., 0] > 200) & (shown[..., 1] < 100)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    patch = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1

    left, top, *_ = place(boxed.locator(".tile"))
    x0, y0, x1, y1 = place(boxed.locator(".box"))

    assert (x0 - left, y0 - top, x1 - left, y1 - top) == pytest.approx(patch, abs=2)
    expect(bare.locator(".box")).to_be_hidden()


def test_card_whose_picture_fails_still_has_its_actions(cards: Locator) -> None:
    card = broken(cards)
    card.hover()
    expect_actions(card, shown=True)
    *_, bottom = place(action(card, "Why?"))
    _, top, *_ = place(card.locator(".stand-in"))
    assert bottom <= top, "the actions cover the name"

    action(card, "Why?").click()

    expect_received(cards.page, "why broken")


def test_bar_has_its_figures_in_a_tooltip_for_pointer_and_keyboard(cards: Locator) -> None:
    page = cards.page
    expect(items(page, "Scored")).to_have_count(2)
    best, less = items(page, "Scored").all()
    best.scroll_into_view_if_needed()
    around = place(best), place(less)
    filled = [bar.evaluate(FILLED) for bar in items(page, "Scored").locator(".bar").all()]
    assert filled == ["75% 100%", "25% 100%"]
    expect(best.locator(".tooltip")).to_have_css("opacity", "0")

    best.hover()

    expect(best.locator(".tooltip")).to_have_css("opacity", "1")
    expect(best.locator(".note")).to_have_text("0.91 · 3.0σ")
    assert (place(best), place(less)) == around
    page.mouse.move(0, 0)
    expect(best.locator(".tooltip")).to_have_css("opacity", "0")

    pick(best).focus()
    page.keyboard.press("ArrowRight")
    expect(less.locator(".tooltip")).to_have_css("opacity", "1")
    page.keyboard.press("Escape")
    expect(less.locator(".tooltip")).to_have_css("opacity", "0")
    expect(pick(less)).to_be_focused()
    expect(pick(less)).to_have_accessible_name("Less, 0.40 · 1.0σ")


# -- touch --------------------------------------------------------------------------


def test_on_a_touch_screen_the_actions_are_in_a_sheet_with_their_names(
    browser: Browser, base_url: str
) -> None:
    phone: ViewportSize = {"width": 390, "height": 844}
    with browser.new_context(
        base_url=base_url, viewport=phone, has_touch=True, is_mobile=True
    ) as window:
        wide = named(opened(window.new_page()), "Wide")
        sheet, less = wide.locator(".actions"), action(wide, "Less like this")
        opening = action(wide, "Actions")
        left, top, right, bottom = place(opening)
        assert (right - left, bottom - top) == (44, 44)
        expect(sheet).to_be_hidden()

        # What lies beside the sheet closes it, and is not pressed itself.
        opening.tap()
        expect(less.get_by_text("Less like this", exact=True)).to_be_visible()
        expect(less).to_have_css("min-height", "48px")
        wide.page.touchscreen.tap(195, 60)
        expect(sheet).to_be_hidden()
        expect_received(wide.page, "nothing")

        # The keyboard of a tablet.
        opening.press("Enter")
        expect(action(wide, "More like this")).to_be_focused()
        wide.page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        expect(opening).to_be_focused()
        opening.press("Enter")
        expect(action(wide, "More like this")).to_be_focused()
        wide.page.keyboard.press("ArrowDown")
        wide.page.keyboard.press("Enter")

        expect_received(wide.page, "less wide")
        expect(sheet).to_be_hidden()
