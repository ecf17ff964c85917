"""A cold load: what is on the screen stays where it is while the rest comes.

How far pages shift is measured by `benchmarks.shifts`; here the limit is what is called good.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from core.catalogue import Item

from .conftest import DESK, EMBEDDED, Library, prepared

PHONE: ViewportSize = {"width": 390, "height": 844}
GOOD = 0.1

WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
        const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.nodeName);
        window.shifts.push({ value, moved });
    }
}).observe({ type: "layout-shift", buffered: true });
"""

PAGES = {
    "explore": "/?catalogue=small",
    "model": "/?catalogue=small&item=ITEM",
    "search": "/search?catalogue=small",
    "search-with-a-model": "/search?catalogue=small&like=ITEM",
    "map": "/map?catalogue=small",
    "about": "/about?catalogue=small",
}


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_page_hardly_shifts_while_it_loads(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    ship: Item,
    name: str,
    size: ViewportSize,
) -> None:
    options = browser_context_args | {"base_url": base_url, "viewport": size}
    with browser.new_context(**options) as window:
        page = prepared(window.new_page()).page
        page.add_init_script(WATCH)
        page.goto(PAGES[name].replace("ITEM", ship.id))
        expect(page.locator("html")).to_have_attribute("data-loaded", "")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)

        shifts = page.evaluate("window.shifts")
        assert sum(shift["value"] for shift in shifts) < GOOD, shifts
