"""Map: the whole catalogue as points and pictures, to move about in, select from and open."""

import csv
import io
import json
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from components.map import arrangements, map_data
from components.shared import controls
from core import search
from core.catalogue import Catalogue, Item, Map
from core.descriptors import COMPACT
from core.maps.lasso import Lasso
from core.search import ItemExample, Query

from .conftest import (
    EMBEDDED,
    HOSTILE,
    HOSTILE_CATEGORY,
    PATIENCE,
    Library,
    box,
    choose_more,
    expect_heading,
    expect_loaded,
    follow,
    gallery,
    prepared,
)

MAP = "/map?catalogue=small"


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@pytest.fixture
def stored_map(library: Library) -> Map:
    found = Catalogue("small").map.load()
    assert found is not None
    return found


def open_map(page: Page, address: str = MAP) -> Locator:
    """Open the map, and return its canvas once it has come to rest."""
    page.goto(address)
    return at_rest(page)


def at_rest(page: Page) -> Locator:
    """Return the canvas of the map once nothing on it changes."""
    canvas = page.locator("canvas[data-frames]")
    expect(canvas).to_be_visible()
    before = None
    while before != (before := screenshot(page).tobytes()):
        page.wait_for_timeout(250)
    return canvas


def edges_of(element: Locator) -> tuple[float, float, float, float]:
    """Return where an element begins and ends: left, top, right, bottom."""
    found = element.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def view_of(canvas: Locator) -> str:
    """Return what the map shows: its scale, and how far it is moved to the right and down."""
    return str(canvas.get_attribute("data-transform"))


def scale_of(view: str) -> float:
    return float(view.split()[0])


def expect_view(canvas: Locator, view: str) -> None:
    """Wait until the map shows this again; the URL holds it with a few decimals."""
    wanted = pytest.approx([float(part) for part in view.split()], rel=0.01, abs=4)
    deadline = time.monotonic() + PATIENCE / 1000
    while [float(part) for part in view_of(canvas).split()] != wanted:
        assert time.monotonic() < deadline, f"{view_of(canvas)} instead of {view}"
        canvas.page.wait_for_timeout(50)


def expect_other_view(canvas: Locator, view: str) -> None:
    expect(canvas).not_to_have_attribute("data-transform", view)


def places_of(canvas: Locator, places: np.ndarray) -> np.ndarray:
    """Return where places of the map, (n, 2), are in the window: (n, 2)."""
    k, tx, ty = map(float, view_of(canvas).split())
    box = canvas.bounding_box()
    assert box is not None
    return np.column_stack([box["x"] + tx + k * places[:, 0], box["y"] + ty - k * places[:, 1]])


def place_of(canvas: Locator, stored_map: Map, item: Item) -> tuple[float, float]:
    """Return where the point of `item` is in the window."""
    row = stored_map.ids.index(item.id)
    x, y = places_of(canvas, shown_points(canvas, stored_map)[[row]])[0].tolist()
    return x, y


def shown_points(canvas: Locator, stored_map: Map) -> np.ndarray:
    """Return the coordinates of the layout that is shown, in the shape that it has."""
    name = str(canvas.get_attribute("data-layout"))
    if name == "map":
        x, y = stored_map.coordinates.T
        is_turned = canvas.get_attribute("data-turned") == "true"
        return np.column_stack([y, -x] if is_turned else [x, y])
    map_ = map_data.read(Catalogue("small"))
    assert map_ is not None
    points = arrangements.named(map_, name)
    assert points is not None
    return points


def screenshot(page: Page) -> np.ndarray:
    """Return the window's pixels: int (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), int)


def rest_on(page: Page, canvas: Locator, place: tuple[float, float], name: str) -> Locator:
    """Rest the pointer on a place, and return the card that appears there."""
    card = page.locator(".card", has_text=name)
    for attempt in range(PATIENCE // 1000):
        page.mouse.move(place[0] + attempt % 2, place[1])
        try:
            card.wait_for(state="visible", timeout=1000)
        except TimeoutError:
            continue
        return card
    raise AssertionError(f"no card for {name}")


def model_card(page: Page) -> Locator:
    """Return the card of the point that was clicked."""
    return page.locator(".model-card")


def draw(page: Page, corners: Sequence[tuple[float, float]]) -> None:
    """Draw a lasso through places of the window."""
    page.get_by_role("button", name="Lasso", exact=True).click()
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=4)
    page.mouse.up()


def around_half(canvas: Locator) -> list[tuple[float, float]]:
    """Return a lasso around the left half of the map, in the window."""
    box = canvas.bounding_box()
    assert box is not None
    left, top, middle = box["x"] + 8, box["y"] + 8, box["x"] + box["width"] / 2
    bottom = box["y"] + box["height"] - 8
    return [(left, top), (middle, top), (middle, bottom), (left, bottom)]


def selected_names(page: Page) -> set[str]:
    return set(gallery(page, "Selected models").locator(".name").all_text_contents())


def legend(page: Page, label: str) -> Locator:
    return page.get_by_role("list", name=label, exact=True).get_by_role("link")


def lasso_in_address(page: Page) -> Lasso:
    """Return the lasso that the address holds."""
    found = re.search(r"[?&]sel=map%3A([-\d.]+)", page.url)
    assert found, page.url
    numbers = [int(part) / 10_000 for part in found[1].split(".")]
    return Lasso("map", tuple(zip(numbers[::2], numbers[1::2], strict=True)))


def test_every_model_has_a_painted_point(page: Page, stored_map: Map) -> None:
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks")

    expect(page.get_by_text("70 models. Models that look alike lie close together")).to_be_visible()
    window = screenshot(page)
    box = canvas.bounding_box()
    assert box is not None
    ground = window[round(box["y"]) + 4, round(box["x"]) + 20]
    painted = np.array(
        [window[round(y), round(x)] for x, y in places_of(canvas, stored_map.coordinates)]
    )
    assert np.abs(painted - ground).max(axis=1).min() > 50


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_map_takes_the_window_below_the_bar(page: Page, size: tuple[int, int]) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    canvas = open_map(page).bounding_box()
    bar = page.locator(".st-key-bar").bounding_box()

    assert canvas is not None
    assert bar is not None
    assert (canvas["x"], canvas["width"]) == (0, width)
    assert canvas["y"] - (bar["y"] + bar["height"]) < 2
    # On a phone the links are below it.
    links = page.get_by_role("navigation", name="Pages").bounding_box()
    assert links is not None
    bottom = links["y"] if links["y"] > canvas["y"] else height
    assert canvas["y"] + canvas["height"] == bottom
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollHeight - main.clientHeight") == 0


@pytest.mark.parametrize("size", [(844, 390), (640, 360)])
def test_nothing_overlaps_over_the_map_of_a_low_window(
    page: Page, ship: Item, size: tuple[int, int]
) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    canvas = open_map(page, f"{MAP}&item={ship.id}")
    card = model_card(page)
    expect(card.get_by_role("list").get_by_role("link")).to_have_count(6)

    parts = [
        page.get_by_role("button", name="Options", exact=True),
        page.get_by_role("button", name="Legend", exact=True),
        page.locator(".finder"),
        page.get_by_role("toolbar", name="Map tools"),
        card,
    ]
    left, top, right, bottom = edges_of(canvas)
    assert bottom <= height
    edges = [edges_of(part) for part in parts]
    for one in edges:
        assert left <= one[0] < one[2] <= right
        assert top <= one[1] < one[3] <= bottom
    for one, other in combinations(edges, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("size", [(1280, 500), (844, 390), (640, 360)])
def test_card_in_a_low_window_does_not_hide_its_point(
    page: Page, library: Library, stored_map: Map, size: tuple[int, int]
) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks")
    places = places_of(canvas, shown_points(canvas, stored_map))
    # Where the card will be.
    left, _, _, bottom = edges_of(canvas)
    row = int(np.hypot(*(places - [left + 180, bottom - 80]).T).argmin())
    item = next(one for one in library.small if one.id == stored_map.ids[row])

    page.mouse.click(*places[row].tolist())

    expect(model_card(page).locator(".name")).to_have_text(item.name)
    expect(model_card(page).get_by_role("list").get_by_role("link")).to_have_count(6)
    at_rest(page)
    x, y = place_of(canvas, stored_map, item)
    over = page.evaluate(
        "(at) => document.elementFromPoint(...at).shadowRoot.elementFromPoint(...at).tagName",
        [x, y],
    )
    assert over == "CANVAS"
    view = view_of(canvas)
    expect(page).to_have_url(re.compile(rf"item={item.id}.*view="))
    page.reload()
    expect_view(at_rest(page), view)


def test_legend_does_not_cover_the_options(page: Page, ship: Item) -> None:
    open_map(page, f"{MAP}&item={ship.id}")
    similarity = page.get_by_role("radio", name="Similarity", exact=True)
    expect(similarity).to_be_visible()

    for width in (820, 1160, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator("canvas[data-frames]")).to_have_css("width", f"{width}px")
        _, _, right, bottom = edges_of(page.locator(".st-key-map-options"))
        left, top, _, _ = edges_of(page.locator(".st-key-map-panel"))
        assert right <= left or bottom <= top, width


def test_what_floats_over_the_map_is_folded_by_the_keyboard(page: Page) -> None:
    open_map(page)
    button = page.get_by_role("button", name="Legend", exact=True)
    entries = legend(page, "Categories")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(entries.first).to_be_visible()

    button.press("Enter")
    expect(entries.first).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")

    follow(page, "About")
    expect_heading(page, "How it works")
    page.get_by_role("link", name="Map", exact=True).click()
    at_rest(page)
    expect(entries.first).to_be_hidden()
    button.press("Enter")
    expect(entries.first).to_be_visible()


def test_a_small_map_shows_pictures_from_the_start_and_asks_for_no_thumbnail(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    canvas = open_map(page)

    assert int(str(canvas.get_attribute("data-pictures"))) > 10
    assert [url for url in asked if ".webp" in url] == []


def test_pictures_and_landmarks_can_be_switched_off(page: Page) -> None:
    canvas = open_map(page)

    page.get_by_role("button", name="Display", exact=True).click()
    for part in ("Pictures", "Landmarks and names"):
        page.get_by_text(part, exact=True).click()

    expect(canvas).to_have_attribute("data-pictures", "0")
    expect(page).to_have_url(re.compile("hide=landmarks.pictures"))


def test_legend_shows_the_categories_as_they_are(page: Page, library: Library) -> None:
    open_map(page)

    shown = legend(page, "Categories").locator(".name")
    expect(shown).to_have_count(9)
    assert set(shown.all_text_contents()) == {item.category for item in library.small}


@pytest.mark.parametrize("source_id", [EMBEDDED, *list(HOSTILE)[:2]])
def test_point_shows_its_picture_and_opens_its_model(
    page: Page, library: Library, stored_map: Map, source_id: str
) -> None:
    item = library.by_source[source_id]
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks")

    place = place_of(canvas, stored_map, item)
    card = rest_on(page, canvas, place, item.name)
    expect(card.locator(".name")).to_have_text(item.name)
    expect(card.locator(".detail")).to_have_text(item.category)
    expect(card.locator("img")).to_have_js_property("naturalWidth", 160)
    page.mouse.click(*place)
    expect(model_card(page).locator(".name")).to_have_text(item.name)
    expect(page).to_have_url(re.compile(rf"/map\?.*item={item.id}"))
    page.mouse.click(*place)

    expect_heading(page, item.name)
    expect(page).to_have_url(re.compile(rf"/\?catalogue=small&item={item.id}"))


def test_card_of_a_point_has_its_neighbours(page: Page, stored_map: Map, ship: Item) -> None:
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks")
    whole = view_of(canvas)
    page.mouse.move(*place_of(canvas, stored_map, ship))
    page.mouse.wheel(0, -300)
    expect_other_view(canvas, whole)
    expect(page).to_have_url(re.compile("view="))
    before = view_of(canvas)
    card = model_card(page)
    near = card.get_by_role("list", name=f"Neighbours of {ship.name}").get_by_role("link")

    small = Catalogue("small")
    found = search.run(
        Query(examples=[ItemExample(ship.id)]),
        catalogue=small,
        index_in=lambda space: search.index_of(small, COMPACT, space),
        k=controls.DEFAULT_COUNT,
    ).neighbours

    # What the page of the model shows is there before it is opened.
    with page.expect_request(re.compile(rf"/{found[-1].item.id}\.webp")):
        page.mouse.click(*place_of(canvas, stored_map, ship))

    expect(near).to_have_count(6)
    expect(near.last.locator("img")).to_have_js_property("naturalWidth", 160)
    shown = [str(link.get_attribute("title")) for link in near.all()]
    assert shown == [one.item.name for one in found[:6]]
    assert near.all_inner_texts() == shown
    assert view_of(canvas) == before
    with page.context.expect_page() as opened:
        near.first.click(modifiers=["ControlOrMeta"])
    expect(model_card(opened.value).locator(".name")).to_have_text(shown[0])
    opened.value.close()

    near.first.click()
    expect(card.locator(".name")).to_have_text(shown[0])
    expect(card.get_by_role("list")).to_have_accessible_name(f"Neighbours of {shown[0]}")
    expect(near).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"item=(?!{ship.id})"))
    page.go_back()
    expect(card.locator(".name")).to_have_text(ship.name)
    page.go_back()
    expect(card).to_be_hidden()
    expect_view(canvas, before)


@pytest.mark.parametrize("way", ["middle button", "Ctrl"])
def test_point_opens_its_model_in_a_new_tab(
    page: Page, stored_map: Map, ship: Item, way: str
) -> None:
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks")
    x, y = place_of(canvas, stored_map, ship)
    url = page.url

    with page.context.expect_page() as opened:
        if way == "Ctrl":
            page.keyboard.down("ControlOrMeta")
        page.mouse.click(x, y, button="left" if way == "Ctrl" else "middle")
    if way == "Ctrl":
        page.keyboard.up("ControlOrMeta")

    expect_heading(opened.value, ship.name)
    opened.value.close()
    assert page.url == url


def test_grid_shows_every_model_apart_from_the_others(
    page: Page, stored_map: Map, ship: Item
) -> None:
    canvas = open_map(page, f"{MAP}&layout=grid")

    assert int(str(canvas.get_attribute("data-pictures"))) == 70
    place = place_of(canvas, stored_map, ship)
    page.mouse.click(place[0] + 8, place[1] + 8)
    model_card(page).get_by_role("link", name=f"Open {ship.name}").click()

    expect_heading(page, ship.name)


def test_layouts_are_changed_and_back_restores_each(page: Page, stored_map: Map) -> None:
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks")
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile("view="))
    at_rest(page)
    seen = view_of(canvas)

    for layout, name in (("Grid", "grid"), ("By category", "category")):
        page.get_by_role("radio", name=layout, exact=True).click()
        expect(canvas).to_have_attribute("data-layout", re.compile(f"^{name}-"))
        expect(canvas).to_have_attribute("data-flying", "false")
        expect(page).to_have_url(re.compile(f"layout={name}$"))
        at_rest(page)
        window, bounds = screenshot(page), canvas.bounding_box()
        assert bounds is not None
        ground = window[round(bounds["y"] + bounds["height"]) - 4, round(bounds["x"]) + 4]
        points = places_of(canvas, shown_points(canvas, stored_map))
        painted = np.array([window[round(y), round(x)] for x, y in points])
        assert np.abs(painted - ground).max(axis=1).min() > 50
        width, height = np.ptp(points, axis=0)
        assert width > 1.1 * height, "as wide as the window"

    page.go_back()
    expect(canvas).to_have_attribute("data-layout", re.compile("^grid-"))
    expect(page.get_by_role("radio", name="Grid")).to_be_checked()
    page.go_back()
    expect(canvas).to_have_attribute("data-layout", "map")
    expect(canvas).to_have_attribute("data-flying", "false")
    expect_view(canvas, seen)


def test_tour_is_led_by_the_keyboard_and_ends_with_escape(page: Page, stored_map: Map) -> None:
    page.emulate_media(reduced_motion="reduce")
    canvas = open_map(page)
    whole = view_of(canvas)
    largest = sorted(np.bincount(stored_map.labels[stored_map.labels >= 0]), reverse=True)
    shown = page.get_by_role("region", name="Tour of the clusters")
    expect(shown).to_be_hidden()

    canvas.press("t")
    expect(shown).to_be_focused()
    expect(shown.locator(".place")).to_have_text(f"1 / {len(largest)}")
    expect(shown.locator(".count")).to_have_text(f"{largest[0]} models")
    expect(page.get_by_role("button", name="Legend", exact=True)).to_be_hidden()
    page.keyboard.press("Space")
    expect(shown.get_by_role("button", name="Continue")).to_be_visible()
    expect_other_view(canvas, whole)
    page.keyboard.press("ArrowLeft")
    expect(shown.locator(".place")).to_have_text(f"{len(largest)} / {len(largest)}")
    page.keyboard.press("ArrowRight")
    expect(shown.locator(".place")).to_have_text(f"1 / {len(largest)}")
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(canvas).to_be_focused()

    page.get_by_role("button", name="Tour", exact=True).click()
    expect(shown).to_be_visible()
    page.mouse.click(*places_of(canvas, np.zeros((1, 2)))[0].tolist())
    expect(shown).to_be_hidden()
    expect(page.get_by_role("button", name="Legend", exact=True)).to_be_visible()


def test_explore_leads_to_the_model_on_the_map(page: Page, stored_map: Map, ship: Item) -> None:
    page.goto(f"/?catalogue=small&item={ship.id}")
    near = gallery(page, f"Neighbours of {ship.name}").first.get_attribute("aria-label")

    page.get_by_role("link", name="Show on map").click()

    canvas = at_rest(page)
    expect(page).to_have_url(re.compile(rf"/map\?.*item={ship.id}"))
    expect(page.get_by_text(ship.name, exact=True)).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    nearest = next(
        item for item in Catalogue("small").items.find() if str(near).startswith(item.name)
    )
    for item in (ship, nearest):
        x, y = place_of(canvas, stored_map, item)
        assert box["x"] < x < box["x"] + box["width"]
        assert box["y"] < y < box["y"] + box["height"]
    x, y = np.round(place_of(canvas, stored_map, ship)).astype(int)
    frame = screenshot(page)[y, x - 40 : x - 20].astype(int)
    assert (frame[:, 2] - frame[:, 0] > 90).any(), "the frame around it, in the accent's blue"


def test_catalogues_leads_to_its_map(page: Page) -> None:
    page.goto("/catalogues")

    box(page, "small").get_by_role("link", name="Map").click()

    at_rest(page)
    expect(page).to_have_url(re.compile(r"/map\?catalogue=small"))


def test_lasso_shows_the_models_inside_in_the_gallery(
    page: Page, library: Library, stored_map: Map
) -> None:
    canvas = open_map(page)

    draw(page, around_half(canvas))

    expect(page.get_by_role("heading", name="Selection")).to_be_visible()
    lasso = lasso_in_address(page)
    inside = {stored_map.ids[row] for row in np.flatnonzero(lasso.contains(stored_map.coordinates))}
    names = {item.name for item in library.small if item.id in inside}
    assert 5 < len(inside) < 65
    expect(page.get_by_text(f"{len(inside)} models · most typical first")).to_be_visible()
    expect(gallery(page, "Selected models")).to_have_count(min(len(inside), 48))
    assert selected_names(page) <= names

    page.reload()

    at_rest(page)
    expect(page.get_by_text(f"{len(inside)} models · most typical first")).to_be_visible()


def test_lasso_around_nothing_says_so(page: Page) -> None:
    canvas = open_map(page)
    box = canvas.bounding_box()
    assert box is not None
    left, top = box["x"] + 8, box["y"] + 8

    draw(page, [(left, top), (left + 20, top), (left + 20, top + 9), (left, top + 9)])

    expect(page.get_by_text("There are no models inside the lasso.")).to_be_visible()
    page.get_by_role("button", name="Clear selection").click()
    expect(page).not_to_have_url(re.compile("sel="))


def test_colours_change_and_the_view_and_the_selection_stay(page: Page) -> None:
    canvas = open_map(page)
    draw(page, around_half(canvas))
    expect(page.get_by_role("heading", name="Selection")).to_be_visible()
    page.get_by_role("button", name="Zoom in").click()
    at_rest(page)
    view, address = view_of(canvas), page.url
    selection = lasso_in_address(page)

    page.get_by_role("radio", name="Cluster").click()
    expect(page).to_have_url(re.compile("colour=cluster"))

    at_rest(page)
    assert view_of(canvas) == view
    assert lasso_in_address(page) == selection
    in_address = re.search(r"view=([^&]+)", address)
    assert in_address
    expect(page).to_have_url(re.compile(re.escape(in_address[0])))


def rename(page: Page, name: str) -> None:
    """Give the selected cluster a name."""
    page.get_by_role("button", name="Rename", exact=True).first.click()
    field = page.get_by_role("textbox", name="Cluster name")
    field.fill(name)
    field.press("Enter")


def test_cluster_is_called_what_somebody_calls_it_everywhere(page: Page, stored_map: Map) -> None:
    named = [number for number, cluster in enumerate(stored_map.clusters) if cluster.name]
    first, second = (stored_map.clusters[number].name for number in named[:2])
    open_map(page, f"{MAP}&colour=cluster&sel=cluster:{named[0]}")
    headings = page.get_by_role("heading", level=2)
    expect(headings).to_have_text([first])

    rename(page, second.upper())
    expect(page.get_by_role("alert")).to_have_text(
        f"Another cluster is called “{second.upper()}”. Choose another name."
    )
    page.keyboard.press("Escape")
    new = "<b>Old</b> & *dear* things"
    rename(page, new)

    expect(headings).to_have_text([new])
    expect(page.get_by_role("textbox", name="Cluster name")).to_have_count(0)
    expect(page.get_by_role("button", name="Rename", exact=True)).to_be_focused()
    expect(legend(page, "Clusters").locator(".name", has_text=new)).to_have_count(1)
    page.get_by_role("link", name="Explore", exact=True).click()
    row = page.locator(".st-key-rows h2 a", has_text=new)
    expect(row).to_be_visible()
    row.click()
    at_rest(page)
    rename(page, "")
    expect(headings).to_have_text([first])


def test_view_in_the_url_is_restored_and_adds_no_step_to_the_history(page: Page) -> None:
    page.goto("/?catalogue=small")
    expect(page.get_by_text("70 models")).to_be_visible()
    page.get_by_role("link", name="Map", exact=True).click()
    canvas = at_rest(page)
    whole = view_of(canvas)
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
        page.wait_for_timeout(400)
    expect(page).to_have_url(re.compile(r"view=-?[\d.]+_-?[\d.]+_4\.1"))
    seen = view_of(canvas)
    assert seen != whole

    page.reload()
    at_rest(page)
    expect_view(canvas, seen)

    page.go_back()
    expect(page.get_by_text("70 models")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?catalogue=small$"))


def test_moved_map_leaves_the_url_of_the_next_page_alone(page: Page) -> None:
    open_map(page)

    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("link", name="Explore").click()

    expect(page.get_by_text("70 models", exact=True)).to_be_visible()
    page.wait_for_timeout(
        600
    )  # twice as long as the map waits before it writes its view to the URL
    expect(page).not_to_have_url(re.compile("view="))


def test_group_of_the_legend_is_selected_and_deselected(page: Page, library: Library) -> None:
    canvas = open_map(page)
    whole = view_of(canvas)
    entry = legend(page, "Categories").filter(has_text=HOSTILE_CATEGORY)

    entry.click()

    expect(page.get_by_role("heading", name=HOSTILE_CATEGORY)).to_be_visible()
    expect(gallery(page, "Selected models")).to_have_count(len(HOSTILE))
    assert selected_names(page) == {
        item.name for item in library.small if item.category == HOSTILE_CATEGORY
    }
    expect(entry).to_have_attribute("aria-current", "true")
    # It is framed.
    expect_other_view(canvas, whole)

    entry.click()
    expect(gallery(page, "Selected models")).to_have_count(0)
    expect(entry).to_have_attribute("aria-current", "false")


def test_group_of_the_legend_opens_in_a_new_tab(page: Page) -> None:
    open_map(page)
    entry = legend(page, "Categories").filter(has_text=HOSTILE_CATEGORY)

    with page.context.expect_page() as opened:
        entry.click(modifiers=["ControlOrMeta"])

    expect(gallery(opened.value, "Selected models")).to_have_count(len(HOSTILE))
    opened.value.close()
    expect(gallery(page, "Selected models")).to_have_count(0)


def test_what_does_not_match_the_filters_is_grey_and_stays(
    page: Page, library: Library, stored_map: Map
) -> None:
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks&words=zzzz")
    window = screenshot(page)
    colours = np.array(
        [window[round(y), round(x)] for x, y in places_of(canvas, stored_map.coordinates)]
    )
    assert np.ptp(colours, axis=1).max() < 40, "all are grey"

    first = library.small[0]
    canvas = open_map(page, f"{MAP}&hide=pictures.landmarks&within={first.category}")
    window = screenshot(page)
    x, y = np.round(place_of(canvas, stored_map, first)).astype(int)
    assert np.ptp(window[y, x]) > 60, "one that matches has its colour"


def test_selection_is_searched_with(page: Page) -> None:
    open_map(page)
    legend(page, "Categories").filter(has_text=HOSTILE_CATEGORY).click()
    expect(gallery(page, "Selected models")).to_have_count(len(HOSTILE))

    page.get_by_role("button", name="Search with selection").click()

    expect(page).to_have_url(re.compile(r"/search\?catalogue=small"))
    expect(page.get_by_text(f"{len(HOSTILE)} models", exact=True)).to_be_visible()
    found = gallery(page, "Lookalikes")
    expect(found).to_have_count(18)
    assert not set(found.locator(".name").all_text_contents()) & set(HOSTILE.values())


def test_selection_is_saved_as_a_collection(page: Page, library: Library) -> None:
    open_map(page)
    legend(page, "Categories").filter(has_text=HOSTILE_CATEGORY).click()
    expect(gallery(page, "Selected models")).to_have_count(len(HOSTILE))
    try:
        page.get_by_role("button", name="Save as collection").click()
        page.get_by_role("textbox", name="Collection name").fill("Odd *ones*")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved as “Odd *ones*”")).to_be_visible()

        page.goto("/catalogues")
        choose_more(page, "small", "Collections (1)")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("Odd *ones*")).to_be_visible()
        dialog.get_by_role("link", name="Explore: Odd *ones*").click()

        expect(page.get_by_text(f"{len(HOSTILE)} models")).to_be_visible()
        expect(gallery(page, "Models of Small shelf")).to_have_count(len(HOSTILE))
        page.go_back()
        expect_heading(page, "Catalogues")
        expect_loaded(page)
        expect(dialog).to_have_count(0)
    finally:
        Catalogue("small").collections.delete("Odd *ones*")


def test_selection_is_exported_as_a_table_and_as_json(page: Page, library: Library) -> None:
    open_map(page)
    legend(page, "Categories").filter(has_text=HOSTILE_CATEGORY).click()
    expect(gallery(page, "Selected models")).to_have_count(len(HOSTILE))
    ids = {item.id for item in library.small if item.category == HOSTILE_CATEGORY}

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as table:
        page.get_by_role("button", name="Table (CSV)").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()

    text = Path(table.value.path()).read_text(encoding="utf-8-sig")
    assert {row["id"] for row in csv.DictReader(io.StringIO(text))} == ids
    answer = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert {one["id"] for one in answer["neighbours"]} == ids
    assert answer["query"]["selection"] == f"category:{HOSTILE_CATEGORY}"


def test_map_in_one_file_opens_without_a_server(
    page: Page, library: Library, tmp_path: Path
) -> None:
    open_map(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Map (HTML)").click()
    file = tmp_path / "map.html"
    download.value.save_as(file)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(file.as_uri())

    canvas = at_rest(page)
    assert int(str(canvas.get_attribute("data-pictures"))) > 10
    canvas.focus()
    page.keyboard.press("ArrowRight")
    said = str(page.locator(".live-region").text_content())
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=2)
    expect(heading).to_have_text(next(one.name for one in library.small if one.name in said))
    expect(page.locator("aside img").first).to_have_js_property("naturalWidth", 160)
    draw(page, around_half(canvas))
    expect(heading).to_have_text(re.compile(r"\d+ selected"))
    assert [url for url in asked if url.startswith("http")] == []


def finder(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Find a model on the map")


def test_model_is_found_by_words_and_flown_to(page: Page, stored_map: Map, ship: Item) -> None:
    canvas = open_map(page)
    box = finder(page)
    options = page.get_by_role("listbox", name="Models").get_by_role("option")
    before = view_of(canvas)

    box.press_sequentially(ship.name.lower())
    expect(options.first).to_contain_text(ship.name)
    expect(options.first.locator("img")).to_have_js_property("naturalWidth", 160)
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Enter")

    expect(model_card(page).locator(".name")).to_have_text(ship.name)
    expect(model_card(page).locator("li a")).to_have_count(6)
    expect(options.first).to_be_hidden()
    expect(canvas).to_be_focused()
    at_rest(page)
    assert scale_of(view_of(canvas)) > 2 * scale_of(before)
    bounds = canvas.bounding_box()
    assert bounds is not None
    x, y = place_of(canvas, stored_map, ship)
    assert bounds["x"] < x < bounds["x"] + bounds["width"]
    assert bounds["y"] < y < bounds["y"] + bounds["height"]
    expect(page).to_have_url(re.compile(rf"item={ship.id}.*view="))


def test_box_that_finds_no_model_offers_similar_words_and_the_sketch_pad(
    page: Page, ship: Item
) -> None:
    canvas = open_map(page)
    canvas.press("/")
    expect(finder(page)).to_be_focused()
    options = page.get_by_role("listbox", name="Models").get_by_role("option")

    page.keyboard.type("ship zzzzqqq")
    expect(page.get_by_text("No models match “ship zzzzqqq”. Similar words:")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("No models match")).to_be_hidden()
    finder(page).fill("zzzzqqq ship")
    expect(options).to_have_text(["ship", "Draw it"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(finder(page)).to_have_value("ship")
    expect(options.first).to_contain_text(ship.name)

    finder(page).fill("zzzzqqq")
    expect(options).to_have_text(["Draw it"])
    options.click()
    expect(page.get_by_role("img", name="Sketch pad")).to_be_visible()
    page.go_back()
    expect(canvas).to_be_visible()


def test_keyboard_goes_from_model_to_model_and_opens_one(page: Page, library: Library) -> None:
    canvas = open_map(page)

    canvas.focus()
    page.keyboard.press("ArrowRight")
    first = str(page.locator(".live-region").text_content())
    page.keyboard.press("ArrowDown")
    expect(page.locator(".live-region")).not_to_have_text(first)
    said = str(page.locator(".live-region").text_content())
    name = next(one.name for one in library.small if said.startswith(one.name))
    page.keyboard.press("Enter")
    expect(model_card(page).locator(".name")).to_have_text(name)
    page.keyboard.press("Escape")
    expect(model_card(page)).to_be_hidden()
    expect(page).not_to_have_url(re.compile("item="))
    page.keyboard.press("ArrowRight")
    said = str(page.locator(".live-region").text_content())
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")

    expect_heading(page, next(one.name for one in library.small if said.startswith(one.name)))


def test_drawn_query_is_placed_among_its_lookalikes(page: Page, ship: Item) -> None:
    page.goto(f"/search?catalogue=small&like={ship.id}")
    expect(gallery(page, "Lookalikes")).to_have_count(18)

    page.get_by_role("button", name="Show on map").click()

    at_rest(page)
    expect(page).to_have_url(re.compile(r"/map\?.*from=search"))
    page.goto(page.url)
    expect(page.get_by_text("The picture in this link is no longer available.")).to_be_visible()


@pytest.mark.parametrize(("name", "count"), [("one", 1), ("two", 2)])
def test_very_small_catalogue_has_a_map(
    page: Page, library: Library, name: str, count: int
) -> None:
    canvas = open_map(page, f"/map?catalogue={name}")

    found = Catalogue(name).map.load()
    assert found is not None
    for item in library.small[:count]:
        card = rest_on(page, canvas, place_of(canvas, found, item), item.name)
        expect(card.locator("img")).to_have_js_property("naturalWidth", 160)
    canvas.press("ArrowRight")
    canvas.press("Enter")
    expect(model_card(page).get_by_role("list")).to_have_count(int(count > 1))
    expect(model_card(page)).to_be_visible()


def test_map_of_a_catalogue_without_one_can_be_built(page: Page) -> None:
    database = Catalogue("two").folder / "catalogue.db"
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM maps")
        db.execute("UPDATE settings SET value = value + 1 WHERE key = 'revision map'")
    page.goto("/map?catalogue=two")
    expect(page.get_by_text("This catalogue has no map yet.")).to_be_visible()

    page.get_by_role("button", name="Build map").click()

    at_rest(page)
    expect(page.get_by_text("2 models. Models that look alike lie close together")).to_be_visible()


def test_empty_catalogue_says_what_to_do(page: Page) -> None:
    page.goto("/map?catalogue=empty")

    expect(page.get_by_text("This catalogue is empty.")).to_be_visible()


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("item=nothing", "is not on the map"),
        ("sel=cluster:99", "The URL asks for “sel=cluster:99”"),
        ("sel=map:1.2.3", "The URL asks for “sel=map:1.2.3”"),
        ("colour=taste", "The URL asks for “colour=taste”"),
        ("layout=globe", "The URL asks for “layout=globe”"),
    ],
)
def test_url_that_asks_for_what_is_not_there_is_reported(
    page: Page, asked: str, answer: str
) -> None:
    canvas = open_map(page, f"{MAP}&{asked}")

    expect(page.get_by_role("alert").filter(has_text=answer)).to_be_visible()
    expect(canvas).to_be_visible()


def test_view_that_no_map_has_shows_all(page: Page) -> None:
    whole = view_of(open_map(page))

    canvas = open_map(page, f"{MAP}&view=NaN_1e9_<b>")

    expect_view(canvas, whole)


def test_two_fingers_zoom_the_map_between_them(page: Page) -> None:
    canvas = open_map(page)
    before = view_of(canvas)
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    browser = page.context.new_cdp_session(page)
    browser.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(kind: str, apart: float) -> None:
        fingers = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        points = [] if kind == "touchEnd" else fingers
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    for apart in range(45, 125, 5):
        touch("touchMove", apart)
    touch("touchEnd", 120)
    browser.send("Emulation.setTouchEmulationEnabled", {"enabled": False})

    at_rest(page)
    assert scale_of(view_of(canvas)) / scale_of(before) == pytest.approx(3, rel=0.1)
    expect(page.get_by_text("70 models. Models that look alike lie close together")).to_be_visible()
    expect(page).to_have_url(re.compile("/map"))


@pytest.fixture
def phone_map(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str
) -> Iterator[Locator]:
    """Open the map on a phone, and give its canvas."""
    options = browser_context_args | {
        "base_url": base_url,
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    }
    with browser.new_context(**options) as window:
        tab = prepared(window.new_page())
        yield open_map(tab.page, f"{MAP}&hide=pictures.landmarks")
        assert not tab.errors, tab.errors


def test_tools_of_a_phone_cover_no_cell_of_the_grid(phone_map: Locator, stored_map: Map) -> None:
    page = phone_map.page

    canvas = open_map(page, f"{MAP}&layout=grid")

    tools = page.get_by_role("toolbar", name="Map tools").bounding_box()
    assert tools is not None
    points = places_of(canvas, shown_points(canvas, stored_map))
    half = np.diff(np.unique(points[:, 0])).max() / 2
    assert points[:, 0].max() + half < tools["x"]


def test_map_fills_a_phone_and_its_links_mean_the_same_on_a_laptop(
    phone_map: Locator, page: Page, stored_map: Map, ship: Item
) -> None:
    box = phone_map.bounding_box()
    assert box is not None
    filled = np.ptp(places_of(phone_map, shown_points(phone_map, stored_map)), axis=0)
    assert filled[0] > 0.65 * box["width"]
    assert filled[1] > 0.5 * box["height"]

    def expect_in_the_middle(canvas: Locator, item: Item) -> None:
        box = at_rest(canvas.page).bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert place_of(canvas, stored_map, item) == pytest.approx(middle, abs=4)

    x, y = stored_map.coordinates[stored_map.ids.index(ship.id)]
    phone = phone_map.page
    expect_in_the_middle(open_map(phone, f"{MAP}&view={x:.3f}_{y:.3f}_4.00"), ship)
    phone.get_by_role("button", name="Zoom in").tap()
    expect(phone).to_have_url(re.compile("_6.40$"))
    expect_in_the_middle(open_map(page, phone.url), ship)
    # The phone is laid on its side.
    phone.set_viewport_size({"width": 844, "height": 390})
    expect(phone_map).to_have_attribute("data-turned", "false")
    expect_in_the_middle(phone_map, ship)


@pytest.mark.parametrize("way", ["link", "second tap"])
def test_finger_sees_a_model_before_it_opens_it(
    phone_map: Locator, stored_map: Map, ship: Item, way: str
) -> None:
    page = phone_map.page
    card = model_card(page)
    expect(card).to_be_hidden()

    page.touchscreen.tap(*place_of(phone_map, stored_map, ship))

    expect(card.locator(".name")).to_have_text(ship.name)
    expect(card.locator(".tile img")).to_have_js_property("naturalWidth", 160)
    expect(page).to_have_url(re.compile("/map"))
    link = card.get_by_role("link", name=f"Open {ship.name}")
    # They are links once Python has answered.
    expect(card.get_by_role("list").get_by_role("link")).to_have_count(6)
    expect(link).to_have_attribute("href", re.compile(rf"item={ship.id}$"))
    if way == "link":
        link.tap()
    else:
        at_rest(page)
        page.touchscreen.tap(*place_of(phone_map, stored_map, ship))

    expect_heading(page, ship.name)


def test_tap_where_a_button_of_the_card_will_be_does_not_press_it(
    phone_map: Locator, stored_map: Map, ship: Item
) -> None:
    page = phone_map.page
    card = model_card(page)
    page.touchscreen.tap(*place_of(phone_map, stored_map, ship))
    left, top, right, bottom = edges_of(card.get_by_role("link", name=f"Open {ship.name}"))
    card.get_by_role("button", name="Close").tap()
    at_rest(page)
    page.mouse.move(*place_of(phone_map, stored_map, ship))
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2, steps=4)
    page.mouse.up()
    at_rest(page)

    page.touchscreen.tap(*place_of(phone_map, stored_map, ship))

    expect(card.locator(".name")).to_have_text(ship.name)
    expect(card.get_by_role("list").get_by_role("link")).to_have_count(6)
    expect(page).to_have_url(re.compile(rf"/map\?.*item={ship.id}"))
    assert place_of(at_rest(page), stored_map, ship)[1] < edges_of(card)[1]


def test_finger_closes_the_card_of_a_model(phone_map: Locator, stored_map: Map, ship: Item) -> None:
    page = phone_map.page
    card = model_card(page)
    page.touchscreen.tap(*place_of(phone_map, stored_map, ship))
    expect(card).to_be_visible()

    card.get_by_role("button", name="Close").tap()

    expect(card).to_be_hidden()
    page.touchscreen.tap(*place_of(phone_map, stored_map, ship))
    expect(card).to_be_visible()
    box = phone_map.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 6, box["y"] + 6)
    expect(card).to_be_hidden()
    expect(page).to_have_url(re.compile("/map"))
