"""Map: the whole catalogue as points, and the models behind them."""

import io
import re
from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, TimeoutError, expect

from core.items import Item

from .conftest import EMBEDDED, HOSTILE, PATIENCE, Library, expect_heading

MAP = "/map?catalogue=small"

# Where the point of a model is in the window, once Plotly has drawn it.
FIND_POINT = """(id) => {
    const chart = document.querySelector(".js-plotly-plot");
    const layout = chart?._fullLayout;
    if (!layout?.xaxis || !chart._fullData) return null;
    for (const { customdata, x, y } of chart._fullData) {
        const row = (customdata ?? []).findIndex((one) => one[0] === id);
        if (row < 0) continue;
        const box = chart.getBoundingClientRect();
        return {
            x: box.left + layout.xaxis._offset + layout.xaxis.l2p(x[row]),
            y: box.top + layout.yaxis._offset + layout.yaxis.l2p(y[row]),
        };
    }
    return null;
}"""


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


def place_of(page: Page, item: Item) -> Mapping[str, float]:
    """Return where the point of `item` is in the window."""
    found: Mapping[str, float] = page.wait_for_function(FIND_POINT, arg=item.id).json_value()
    return found


def screenshot(page: Page) -> np.ndarray:
    """Return the window's pixels: int (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), int)


def rest_on(page: Page, item: Item) -> Locator:
    """Rest the pointer on the point of `item`, and return the card that appears."""
    card = page.locator(".card", has_text=item.name)
    for attempt in range(PATIENCE // 1000):
        place = place_of(page, item)
        # A moving pointer, for the chart may have been drawn under one at rest.
        page.mouse.move(place["x"] + attempt % 2, place["y"])
        try:
            card.wait_for(state="visible", timeout=1000)
        except TimeoutError:
            continue
        return card
    raise AssertionError(f"no card for {item.name}")


def test_chart_has_a_painted_point_for_every_model(page: Page, library: Library) -> None:
    page.goto(MAP)

    expect(page.get_by_text("70 models. What looks alike lies together.")).to_be_visible()
    places = [place_of(page, item) for item in library.small]
    expect(page.locator(".js-plotly-plot .legendtext").first).to_be_visible()
    window = screenshot(page)
    ground = window[450, 5]
    painted = np.array([window[round(place["y"]), round(place["x"])] for place in places])
    assert np.abs(painted - ground).max(axis=1).min() > 50


def test_legend_shows_the_categories_as_they_are(page: Page, library: Library) -> None:
    page.goto(MAP)

    shown = page.locator(".js-plotly-plot .legendtext")
    expect(shown).to_have_count(9)
    assert set(shown.all_text_contents()) == {item.category for item in library.small}


@pytest.mark.parametrize("source_id", [EMBEDDED, *list(HOSTILE)[:2]])
def test_point_shows_its_picture_and_opens_its_model(
    page: Page, library: Library, source_id: str
) -> None:
    item = library.by_source[source_id]
    page.goto(MAP)

    card = rest_on(page, item)
    expect(card.locator(".name")).to_have_text(item.name)
    expect(card.locator(".category")).to_have_text(item.category)
    expect(card.locator("img")).to_have_js_property("naturalWidth", 160)

    place = place_of(page, item)
    page.mouse.click(place["x"], place["y"], delay=80)

    expect_heading(page, item.name)
    expect(page).to_have_url(re.compile(rf"/\?catalogue=small&item={item.id}"))


def test_explore_leads_to_the_model_on_the_map(page: Page, ship: Item) -> None:
    page.goto(f"/?catalogue=small&item={ship.id}")

    page.get_by_role("button", name="Show on map").click()

    expect(page).to_have_url(re.compile(rf"/map\?.*item={ship.id}"))
    marked = page.locator(".js-plotly-plot .legendtext", has_text=ship.name)
    expect(marked).to_be_visible()
    place = place_of(page, ship)
    right_of_it = screenshot(page)[round(place["y"]), round(place["x"]) + np.arange(8, 14)]
    red, green, _ = right_of_it.T
    assert ((red > 150) & (green < 100)).any(), "the ring around it"


@pytest.mark.parametrize(("name", "count"), [("one", 1), ("two", 2)])
def test_very_small_catalogue_has_a_map(
    page: Page, library: Library, name: str, count: int
) -> None:
    page.goto(f"/map?catalogue={name}")

    for item in library.small[:count]:
        card = rest_on(page, item)
        expect(card.locator("img")).to_have_js_property("naturalWidth", 160)


def test_empty_catalogue_says_what_to_do(page: Page) -> None:
    page.goto("/map?catalogue=empty")

    expect(page.get_by_text("There is no map of this catalogue yet.")).to_be_visible()


def test_unknown_model_in_the_address_gets_a_sentence(page: Page, library: Library) -> None:
    page.goto(f"{MAP}&item=nothing")

    expect(page.get_by_role("alert").filter(has_text="is not on the map")).to_be_visible()
    place_of(page, library.small[0])
