"""A phone: everything that can be pressed is large enough for a finger."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from core.catalogue import Item

from .conftest import EMBEDDED, Library, expect_heading, expect_loaded, gallery, prepared

PHONE: ViewportSize = {"width": 390, "height": 844}

# What can be pressed and is smaller than a fingertip, in CSS pixels. A field counts with the frame
# that a tap on it focuses, and an option with its label. Links within sentences may be smaller.
TOO_SMALL = """async () => {
    const LEAST = 44;
    const SELECTOR = "a[href], button, input, select, textarea, summary, [role=button], " +
        "[role=radio], [role=checkbox], [role=combobox], [role=switch]";
    const FRAME = "label, [data-testid=stSelectbox] [role=group], " +
        "[data-testid=stTextInputRootElement], .box";

    function all(root) {
        const found = [...root.querySelectorAll(SELECTOR)];
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) found.push(...all(element.shadowRoot));
        }
        return found;
    }

    function isPressed(element) {
        if (element.matches("p a, [type=file], [disabled], [aria-hidden=true]")) return false;
        const outside = element.getRootNode().host ?? element;
        if (outside.closest("details:not([open])")) return element.matches("summary");
        // What is behind an open dialog cannot be pressed.
        const dialog = document.querySelector("[role=dialog]");
        if (dialog && !dialog.contains(outside)) return false;
        // What only screen readers are told is in a box of one pixel.
        const isSeen = ({ offsetWidth }) => offsetWidth > 1;
        return element.checkVisibility({ visibilityProperty: true }) &&
            [element, element.parentElement].every((each) => !each || isSeen(each));
    }

    function at(x, y) {
        let found = document.elementFromPoint(x, y);
        while (found?.shadowRoot?.elementFromPoint(x, y)) {
            const inner = found.shadowRoot.elementFromPoint(x, y);
            if (inner === found) break;
            found = inner;
        }
        return found;
    }

    const tooSmall = [];
    for (const element of all(document).filter(isPressed)) {
        const frame = element.closest(FRAME) ?? element;
        const { width, height } = frame.getBoundingClientRect();
        if (width >= LEAST - 0.5 && height >= LEAST - 0.5) continue;
        // What is seen may be smaller than what reacts.
        frame.scrollIntoView({ block: "center", inline: "center" });
        const box = frame.getBoundingClientRect();
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        const reach = LEAST / 2 - 1;
        const reacts = [[-reach, 0], [reach, 0], [0, -reach], [0, reach]].every(([right, down]) => {
            const hit = at(x + right, y + down);
            return hit && (frame.contains(hit) || hit.contains(frame) && hit.matches(SELECTOR));
        });
        const name = element.ariaLabel || element.textContent.trim().slice(0, 40);
        const size = `${Math.round(width)} x ${Math.round(height)}`;
        if (!reacts) tooSmall.push(`${element.tagName.toLowerCase()} “${name}”: ${size}`);
    }
    return tooSmall;
}"""

STATES = {
    "explore": "/?catalogue=small",
    "explore-words": "/?catalogue=small&q=cat",
    "explore-page": "/?catalogue=small&page=2",
    "explore-nothing-found": "/?catalogue=small&q=elefnat",
    "model": "/?catalogue=small&item=ITEM&trail=ITEM",
    "search": "/search?catalogue=small",
    "search-with-a-model": "/search?catalogue=small&like=ITEM",
    "map": "/map?catalogue=small",
    "map-model": "/map?catalogue=small&item=ITEM",
    "map-selection": "/map?catalogue=small&sel=cluster:0",
    "catalogues": "/catalogues?catalogue=small",
    "about": "/about?catalogue=small",
    "unknown": "/nonsense?catalogue=small",
}


@pytest.fixture(scope="module")
def phone(browser: Browser, browser_context_args: dict[str, Any], base_url: str) -> Iterator[Page]:
    options = browser_context_args | {
        "base_url": base_url,
        "viewport": PHONE,
        "has_touch": True,
        "is_mobile": True,
        "user_agent": "Mozilla/5.0 (Linux; Android 10) Chrome/156.0.0.0 Mobile Safari/537.36",
    }
    with browser.new_context(**options) as window:
        tab = prepared(window.new_page())
        yield tab.page
        assert not tab.errors, tab.errors


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@pytest.mark.parametrize("state", STATES)
def test_everything_is_large_enough_for_a_finger(phone: Page, ship: Item, state: str) -> None:
    phone.goto(STATES[state].replace("ITEM", ship.id))
    expect(phone.get_by_role("heading", level=1)).to_have_count(1)
    expect_loaded(phone)

    assert phone.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize(
    ("url", "folded", "button"),
    [
        ("/map?catalogue=small", "Options", "Filters"),
        ("/map?catalogue=small", "Options", "Display"),
        ("/map?catalogue=small", "Legend", "Export"),
        ("/search?catalogue=small&like=ITEM", "", "Search with a region"),
        ("/search?catalogue=small&like=ITEM", "", "Options"),
        ("/?catalogue=small&item=ITEM", "", "Options"),
        ("/?catalogue=small&item=ITEM", "Details", "Compared"),
    ],
)
def test_what_opens_is_large_enough_for_a_finger(
    phone: Page, ship: Item, url: str, folded: str, button: str
) -> None:
    phone.goto(url.replace("ITEM", ship.id))
    if folded:
        unfolding = phone.get_by_role("button", name=folded)
        unfolding.or_(phone.locator("summary").filter(has_text=folded)).tap()
    phone.get_by_role("button", name=button).tap()
    opened = phone.locator("[data-testid=stPopoverBody], [role=dialog]").first
    expect(opened).to_be_visible()
    expect(phone.get_by_test_id("stSkeleton")).to_have_count(0)

    assert phone.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize("width", [390, 320])
def test_links_are_at_the_bottom_and_hide_nothing(phone: Page, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": PHONE["height"]})
    try:
        phone.goto("/?catalogue=small&page=2")
        models = phone.get_by_role("list", name="Models of Small shelf", exact=True)
        expect(models.locator(".pick")).to_have_count(22)
        bar = phone.get_by_role("navigation", name="Pages")
        links = bar.bounding_box()
        assert links is not None
        assert (links["x"], links["width"]) == (0, width)
        assert links["y"] + links["height"] == PHONE["height"]
        top = phone.locator(".st-key-bar").bounding_box()

        last = models.locator(".pick").last
        last.evaluate("(card) => card.focus()")
        shown = last.bounding_box()
        assert shown is not None
        assert shown["y"] + shown["height"] <= links["y"]
        assert bar.bounding_box() == links
        assert phone.locator(".st-key-bar").bounding_box() == top

        for name in ("Map", "Search", "Explore"):
            bar.get_by_role("link", name=name, exact=True).tap()
            expect(bar.locator("[aria-current=page]")).to_have_text(re.compile(name))
        bar.get_by_role("button", name="More").tap()
        bar.get_by_role("link", name="About", exact=True).tap()
        expect_heading(phone, "How it works")
    finally:
        phone.set_viewport_size(PHONE)


@pytest.mark.parametrize("state", STATES)
def test_no_page_scrolls_sideways(phone: Page, ship: Item, state: str) -> None:
    phone.goto(STATES[state].replace("ITEM", ship.id))
    expect(phone.get_by_role("heading", level=1)).to_have_count(1)
    expect_loaded(phone)

    main = phone.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") == 0


def test_details_do_not_lie_over_the_neighbours_of_the_next_model(phone: Page, ship: Item) -> None:
    phone.goto(STATES["model"].replace("ITEM", ship.id))
    fact = phone.get_by_role("definition").first
    phone.get_by_text("Details", exact=True).tap()
    expect(fact).to_be_visible()

    gallery(phone, f"Neighbours of {ship.name}").last.tap()

    expect(phone.get_by_role("heading", level=1)).not_to_have_text(ship.name)
    expect_loaded(phone)
    expect(fact).to_have_count(0)


def test_the_sketch_pad_and_its_tools_fit_a_narrow_phone(phone: Page) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    try:
        phone.goto(STATES["search"])
        expect(phone.get_by_role("button", name="Draw a house")).to_be_visible()
        for name in ("Clear", "Pink", "Draw a fish"):
            button = phone.get_by_role("button", name=name, exact=True)
            button.scroll_into_view_if_needed()
            expect(button).to_be_in_viewport(ratio=1)
        main = phone.get_by_test_id("stMain")
        assert main.evaluate("main => main.scrollWidth - main.clientWidth") == 0
    finally:
        phone.set_viewport_size(PHONE)


def test_models_are_searched_with_before_the_sketch_pad_is_opened(
    phone: Page, library: Library
) -> None:
    ids = "~".join(item.id for item in library.small[:5])
    phone.goto(f"/search?catalogue=small&like={ids}")
    chips = phone.get_by_role("list", name="Examples of this search")
    removing = chips.get_by_role("button", name=re.compile("^Remove "))
    expect(removing).to_have_count(5)
    for button in removing.all():
        expect(button).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("button", name="Remove all")).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("heading", name="Strong matches")).to_be_in_viewport(ratio=1)
    pad = phone.get_by_role("img", name="Sketch pad")
    expect(pad).to_be_hidden()

    phone.get_by_role("button", name="Draw too").click()
    expect(pad).to_be_visible()
