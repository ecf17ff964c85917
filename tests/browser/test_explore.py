"""Explore: finding a model, and going from neighbour to neighbour."""

import re
from itertools import pairwise
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from components.explore.start import LINE
from core.catalogue import Catalogue, Filters, Item, Map
from core.importers import open_source
from core.maps import mixed_order
from core.workflows import importing

from .conftest import (
    EMBED_URL,
    EMBEDDED,
    HOSTILE,
    HOSTILE_CATEGORY,
    UNSAFE,
    Library,
    choose,
    expect_heading,
    expect_loaded,
    expect_painted,
    gallery,
    search_box,
)

SMALL = "/?catalogue=small"
ALL = "Models of Small shelf"


def models(page: Page) -> Locator:
    return gallery(page, ALL)


def chip(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Categories").get_by_role(
        "link", name=name, exact=True
    )


def ids(cards: Locator) -> list[str]:
    """Return the ids of the models of cards that lead to them."""
    urls = [str(card.get_attribute("href")) for card in cards.all()]
    return [re.search(r"item=(\w+)", url)[1] for url in urls]  # type: ignore[index]


def neighbours(page: Page, item: Item) -> Locator:
    return gallery(page, f"Neighbours of {item.name}")


def scores(cards: Locator) -> list[float]:
    return [float(text.partition(" ")[0]) for text in cards.locator(".note").all_inner_texts()]


def steps(page: Page) -> Locator:
    """Return the models of the trail; the last is the one that is shown."""
    return page.get_by_role("navigation", name="Trail").get_by_role("listitem")


def open_options(page: Page) -> None:
    page.get_by_role("button", name="Options").click()


@pytest.fixture
def ship(library: Library) -> Item:
    return library.by_source[EMBEDDED]


@pytest.fixture
def mixed(library: Library) -> list[Item]:
    """Return the models in mixed order."""
    by_id = {item.id: item for item in library.small}
    return [by_id[item_id] for item_id in mixed_order.mixed_ids(Catalogue("small"))]


# -- the start ----------------------------------------------------------------


def test_start_says_what_it_is_and_leads_on_and_shows_pictures(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(SMALL)

    expect_heading(page, LINE)
    for name, heading in (
        ("Draw it", "What are you looking for?"),
        ("Use a photo", "What are you looking for?"),
        ("See the map", "Map of Small shelf"),
    ):
        link = page.get_by_role("link", name=name, exact=True)
        expect(link).to_be_in_viewport(ratio=1)
        expect(rows(page).locator(".pick").first).to_be_in_viewport(ratio=1)
        link.click()
        expect_heading(page, heading)
        page.go_back()
        expect_heading(page, LINE)


def test_a_photo_begins_a_search_with_a_picture(page: Page, library: Library) -> None:
    page.goto(SMALL)
    page.get_by_role("link", name="Use a photo").click()

    zone = page.get_by_role("button", name="choose a picture")
    expect(zone).to_be_focused()
    pad = page.get_by_role("img", name="Sketch pad")
    expect(pad).to_have_count(0)
    page.reload()
    expect(zone).to_be_focused()
    page.get_by_role("link", name="Or draw").click()
    expect(pad).to_be_visible()
    page.go_back()
    expect(pad).to_have_count(0)
    with page.expect_file_chooser() as chooser:
        zone.press("Enter")
    chooser.value.set_files(library.picture(library.small[0]))
    expect(page.get_by_role("img", name="Your picture")).to_be_visible()
    page.get_by_role("button", name="Draw instead").click()
    expect(pad).to_be_visible()


def rows(page: Page) -> Locator:
    """Return the lists of models of clusters."""
    return page.locator(".st-key-rows .gallery")


def test_rows_show_models_of_their_clusters(page: Page) -> None:
    map_ = Catalogue("small").map.load()
    assert isinstance(map_, Map)
    page.goto(SMALL)
    # The models come after the rows.
    expect_painted(models(page), 48)

    headings = page.locator(".st-key-rows h2 a")
    expect(headings).not_to_have_count(0)
    expect(rows(page)).to_have_count(headings.count())
    for heading, row in zip(headings.all(), rows(page).all(), strict=True):
        number = int(str(heading.get_attribute("href")).rpartition("cluster%3A")[2])
        members = [
            item_id
            for item_id, label in zip(map_.ids, map_.labels.tolist(), strict=True)
            if label == number
        ]
        name = map_.clusters[number].name
        expect(heading).to_have_accessible_name(f"{name} {len(members)}")
        expect(row).to_have_attribute("aria-label", name)
        shown = ids(row.locator(".pick"))
        assert len(set(shown)) == len(shown) > 3
        assert set(shown) <= set(members)


@pytest.mark.parametrize(
    ("parameter", "heading"),
    [("q=e", "Results for “e”"), ("category=Objects", LINE), ("page=2", LINE)],
)
def test_what_was_asked_for_comes_without_rows(page: Page, parameter: str, heading: str) -> None:
    page.goto(f"{SMALL}&{parameter}")

    expect(models(page).first).to_be_visible()
    expect(rows(page)).to_have_count(0)
    expect_heading(page, heading)


def test_catalogue_that_is_not_indexed_has_a_grid_and_no_rows(page: Page, library: Library) -> None:
    catalogue = Catalogue.create("bare", title="Bare shelf")
    try:
        importing.run(open_source(str(library.pictures), kind="folder"), catalogue)

        page.goto("/?catalogue=bare")

        expect_painted(gallery(page, "Models of Bare shelf"), 48)
        expect(page.get_by_text("70 models", exact=True)).to_be_visible()
        expect(rows(page)).to_have_count(0)
        expect(page.get_by_role("navigation", name="Categories")).to_have_count(0)
        assert ids(gallery(page, "Models of Bare shelf")) != catalogue.items.ids()[:48]
    finally:
        Catalogue.remove("bare")


# -- browsing -----------------------------------------------------------------


def test_gallery_shows_the_first_page_of_pictures(page: Page, mixed: list[Item]) -> None:
    page.goto(SMALL)

    expect_painted(models(page), 48)
    expect(page.get_by_text("70 models", exact=True)).to_be_visible()
    expect(models(page).first).to_have_accessible_name(f"{mixed[0].name}, {mixed[0].category}")
    assert ids(models(page)) == [item.id for item in mixed[:48]]


def test_models_are_shown_in_the_order_that_is_chosen(page: Page, library: Library) -> None:
    page.goto(f"{SMALL}&page=2")
    expect(models(page)).to_have_count(22)

    page.get_by_role("radio", name="Catalogue order").click()

    expect(page).to_have_url(re.compile(r"/\?catalogue=small&sort=catalogue$"))
    expect_painted(models(page), 48)
    assert ids(models(page)) == [item.id for item in library.small[:48]]
    page.get_by_role("radio", name="Name").click()
    expect(page).to_have_url(re.compile("sort=name"))
    page.reload()
    expect(models(page)).to_have_count(48)
    assert ids(models(page)) == Catalogue("small").items.ids(by_name=True)[:48]
    # With words the best match comes first.
    search_box(page).fill("car")
    search_box(page).press("Enter")
    expect(models(page)).not_to_have_count(48)
    expect(page.get_by_role("radio", name="Name")).to_have_count(0)
    assert ids(models(page)) == Catalogue("small").items.ids(Filters(text="car"))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("hippopo", "Hippopotamus", id="by name"),
        pytest.param("ornitho", "Front-facing baby chick", id="by tag"),
        pytest.param("Café ship", None, id="nothing"),
    ],
)
def test_words_narrow_the_gallery(page: Page, typed: str, found: str | None) -> None:
    page.goto(SMALL)
    expect(models(page)).to_have_count(48)
    # A place that comes with its text may not be read aloud.
    read_aloud = page.locator(".announcement").element_handle()

    search_box(page).press_sequentially(typed)
    search_box(page).press("Enter")

    if found:
        expect(models(page)).to_have_count(1)
        expect(models(page).first).to_have_accessible_name(re.compile(f"^{found}, "))
        expect(page.get_by_text("1 model", exact=True).first).to_be_visible()
    else:
        expect(page.get_by_text(f"No models match “{typed}”.")).to_be_visible()
    page.wait_for_function(
        "([place, text]) => place.isConnected && place.textContent === text",
        arg=[read_aloud, "1 model" if found else "No models"],
    )
    expect(search_box(page)).to_be_focused()
    expect(search_box(page)).to_have_value(typed)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(models(page)).to_have_count(48)


def test_after_a_search_without_result_all_models_can_be_shown_again(page: Page) -> None:
    page.goto(f"{SMALL}&q=zzzzzz&category=Objects")
    expect(page.get_by_text("No models match “zzzzzz” in this selection")).to_be_visible()

    page.get_by_role("button", name="Clear filters").click()

    expect(models(page)).to_have_count(48)
    expect(search_box(page)).to_have_value("")
    expect(page).to_have_url(re.compile(r"/\?catalogue=small$"))


def test_where_nothing_is_found_the_nearest_words_and_the_sketch_pad_are_offered(
    page: Page,
) -> None:
    page.goto(f"{SMALL}&q=hipopotmas")
    expect(page.get_by_text("No models match “hipopotmas”.")).to_be_visible()

    page.get_by_role("link", name="hippopotamus").click()

    expect(models(page)).to_have_count(1)
    expect(search_box(page)).to_have_value("hippopotamus")
    page.goto(f"{SMALL}&q=hipopotmas")
    # The first one is always at the top.
    page.get_by_role("link", name="Draw it").last.click()
    expect_heading(page, "What are you looking for?")
    expect(page.get_by_text("Lookalikes appear as you draw.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/search\?catalogue=small&search=\w+$"))


def test_category_narrows_the_gallery(page: Page, library: Library) -> None:
    category = library.small[0].category
    inside = [item for item in library.small if item.category == category]
    page.goto(SMALL)
    # While the page loads it is hidden, and takes no keys.
    expect_painted(models(page), 48)

    chip(page, f"{category} {len(inside)}").press("Enter")

    expect_painted(models(page), len(inside))
    assert sorted(ids(models(page))) == sorted(item.id for item in inside)
    expect(chip(page, f"{category} {len(inside)}")).to_have_attribute("aria-current", "true")
    expect(chip(page, f"{category} {len(inside)}")).to_be_focused()
    page.reload()
    expect(models(page)).to_have_count(len(inside))
    chip(page, "All").click()
    expect(models(page)).to_have_count(48)
    expect(page).to_have_url(re.compile(r"/\?catalogue=small$"))


def test_pages_are_in_the_url(page: Page, library: Library) -> None:
    page.goto(f"{SMALL}&page=2")
    expect_painted(models(page), 22)

    page.get_by_role("link", name="Earlier models").click()

    expect(models(page)).to_have_count(48)
    expect(page).to_have_url(re.compile(r"catalogue=small$"))
    page.go_back()
    expect(models(page)).to_have_count(22)
    page.reload()
    expect(models(page)).to_have_count(22)


def test_surprise_opens_any_model(page: Page, library: Library) -> None:
    page.goto(f"{SMALL}&category=Activities")

    page.get_by_role("link", name="Surprise me").click()

    expect(page).to_have_url(re.compile("category=Activities&item="))
    names = [item.name for item in library.small if item.category == "Activities"]
    expect(page.get_by_role("heading", level=1)).to_have_text(
        [re.compile("|".join(map(re.escape, names)))]
    )


# -- one model ----------------------------------------------------------------


def test_picked_model_is_shown_with_its_facts_and_neighbours(page: Page, ship: Item) -> None:
    page.goto(SMALL)

    models(page).filter(has_text=ship.name).click()

    expect_heading(page, ship.name)
    expect(page.get_by_role("img", name=ship.name, exact=True)).to_have_js_property(
        "naturalWidth", 256
    )
    page.get_by_text("Details", exact=True).click()
    for fact in (ship.category, *ship.tags, ship.creator, ship.licence):
        expect(page.get_by_role("definition").get_by_text(fact, exact=True)).to_be_visible()
    link = page.get_by_role("link", name="example.org")
    expect(link).to_have_attribute("href", ship.page_url)
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    expect_painted(neighbours(page, ship), 18)
    assert all(better >= worse for better, worse in pairwise(scores(neighbours(page, ship))))
    expect(neighbours(page, ship).filter(has_text=re.compile("^Ship"))).to_have_count(0)


def test_trail_leads_from_neighbour_to_neighbour_and_back(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    expect_heading(page, ship.name)
    expect(steps(page)).to_have_text([ship.name])
    expect_painted(neighbours(page, ship), 18)
    second = neighbours(page, ship).nth(1).locator(".name").inner_text()
    place = picture_of(neighbours(page, ship))

    neighbours(page, ship).nth(1).click()

    expect_heading(page, second)
    expect(steps(page)).to_have_text([ship.name, second])
    expect(steps(page).last).to_have_attribute("aria-current", "page")
    expect_painted(gallery(page, f"Neighbours of {second}"), 18)
    assert picture_of(gallery(page, f"Neighbours of {second}")) == place

    third = gallery(page, f"Neighbours of {second}").nth(2).locator(".name").inner_text()
    gallery(page, f"Neighbours of {second}").nth(2).click()
    expect(steps(page)).to_have_text([ship.name, second, third])

    steps(page).nth(0).get_by_role("link").click()
    expect_heading(page, ship.name)
    expect(steps(page)).to_have_text([ship.name])
    page.go_back()
    expect_heading(page, third)
    expect(steps(page)).to_have_text([ship.name, second, third])


def test_long_trail_shows_its_end_and_leads_to_what_is_before(page: Page, library: Library) -> None:
    visited = library.small[:12]
    trail = ".".join(item.id for item in visited)
    shown = library.small[12]
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{SMALL}&item={shown.id}&trail={trail}")

    expect(steps(page)).to_have_count(9)
    expect(steps(page).last).to_be_in_viewport(ratio=1)
    earlier = page.get_by_role("link", name=f"Earlier: {visited[4].name}")
    earlier.focus()
    expect(earlier).to_be_in_viewport(ratio=0.9)
    earlier.press("Enter")

    expect_heading(page, visited[4].name)
    expect(steps(page)).to_have_text([item.name for item in visited[:5]])


def picture_of(cards: Locator) -> object:
    """Return where the picture of the first card is."""
    return cards.first.locator(".tile").bounding_box()


def test_neighbours_stay_in_place_and_the_model_in_view(page: Page, library: Library) -> None:
    first = library.small[0]
    longest = max(library.small, key=lambda item: len(item.name))
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{SMALL}&item={longest.id}&trail={first.id}")
    expect_painted(neighbours(page, longest), 18)
    place = picture_of(neighbours(page, longest))
    page.goto(f"{SMALL}&item={first.id}")
    expect_painted(neighbours(page, first), 18)
    assert picture_of(neighbours(page, first)) == place

    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_role("definition").first).to_be_visible()
    assert picture_of(neighbours(page, first)) == place
    neighbours(page, first).last.scroll_into_view_if_needed()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 390, "height": 844})
    place = picture_of(neighbours(page, first))
    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_role("definition")).to_have_count(0)
    assert picture_of(neighbours(page, first)) == place
    page.get_by_text("Details", exact=True).click()
    page.set_viewport_size({"width": 1280, "height": 720})

    # The next model's details are unfolded too.
    page.get_by_role("link", name="Small shelf").click()
    models(page).first.click()
    expect(page.get_by_role("definition").first).to_be_visible()


def test_back_forward_and_reload_bring_the_model_back(page: Page, ship: Item) -> None:
    page.goto(SMALL)
    models(page).filter(has_text=ship.name).click()
    expect_heading(page, ship.name)
    second = neighbours(page, ship).first.locator(".name").inner_text()
    neighbours(page, ship).first.click()
    expect_heading(page, second)

    page.reload()
    expect_heading(page, second)
    expect(steps(page)).to_have_text([ship.name, second])
    page.go_back()
    expect_heading(page, ship.name)
    expect_painted(neighbours(page, ship), 18)
    page.go_back()
    # More models may be there than at first: the card was scrolled to before it was clicked.
    expect(models(page).filter(has_text=ship.name)).to_be_visible()
    page.go_forward()
    expect_heading(page, ship.name)


def test_title_in_the_trail_leads_back_to_the_gallery(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")

    page.get_by_role("link", name="Small shelf").click()

    expect(models(page)).to_have_count(48)


def test_keyboard_alone_walks_the_gallery_and_picks(page: Page, mixed: list[Item]) -> None:
    page.goto(SMALL)
    cards = models(page)
    expect_painted(cards, 48)
    page.get_by_role("radio", name="Mixed").focus()

    page.keyboard.press("Tab")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(cards.nth(47)).to_be_focused()
    page.keyboard.press("Home")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    focused = page.get_by_role("list", name=ALL).locator(".pick:focus")
    below = focused.bounding_box()
    above = cards.nth(0).bounding_box()
    assert below and above
    assert below["x"] == above["x"]
    assert below["y"] > above["y"]
    page.keyboard.press("ArrowUp")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")

    expect_heading(page, mixed[1].name)


# -- how it is compared -------------------------------------------------------


def test_side_by_side_shows_both_descriptors(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}&k=9")
    expect(neighbours(page, ship)).to_have_count(9)
    ours = scores(neighbours(page, ship))

    open_options(page)
    page.get_by_role("radio", name="Side by side").click()

    for title in ("Lookalike", "2016 recipe"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    lists = page.get_by_role("list", name=re.compile(f"^Neighbours of {ship.name}"))
    expect(lists).to_have_count(2)
    for shown in lists.all():
        expect_painted(shown.locator(".pick"), 9)
    assert scores(lists.nth(0)) == ours
    assert scores(lists.nth(1)) != ours
    expect(page).to_have_url(re.compile("by=both"))


def test_2016_recipe_gives_other_scores(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    best = neighbours(page, ship).first.locator(".note")
    ours = best.inner_text()

    open_options(page)
    page.get_by_role("radio", name="2016 recipe").click()

    expect(page).to_have_url(re.compile("by=published"))
    expect(best).not_to_have_text(ours)
    expect(neighbours(page, ship)).to_have_count(18)


def test_number_of_neighbours_can_be_chosen(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    expect(neighbours(page, ship)).to_have_count(18)

    open_options(page)
    choose(page, "Neighbours", "36")

    expect_painted(neighbours(page, ship), 36)
    expect(page).to_have_url(re.compile("k=36"))
    choose(page, "Neighbours", "18")
    expect(neighbours(page, ship)).to_have_count(18)
    expect(page).not_to_have_url(re.compile("k="))


def test_neighbours_can_be_limited_to_one_category(
    page: Page, library: Library, ship: Item
) -> None:
    inside = [item.name for item in library.small if item.category == "Food & drink"]
    page.goto(f"{SMALL}&item={ship.id}")

    open_options(page)
    choose(page, "Category", f"Food & drink ({len(inside)})")

    expect_painted(neighbours(page, ship), len(inside))
    shown = neighbours(page, ship).locator(".name").all_inner_texts()
    assert sorted(shown) == sorted(inside)
    page.reload()
    expect(neighbours(page, ship)).to_have_count(len(inside))
    # As links of earlier versions have it.
    page.goto(f"{SMALL}&item={ship.id}&within=Food+%26+drink")
    expect(neighbours(page, ship)).to_have_count(len(inside))


def test_reasons_for_a_neighbour_are_shown_on_both_pictures(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}&by=both&k=9")
    lists = page.get_by_role("list", name=f"Neighbours of {ship.name}")
    expect(lists).to_have_count(2)
    card = lists.last.locator("li").nth(1)
    name = card.locator(".name").inner_text()
    score = card.locator(".note").inner_text().partition(" ")[0]
    why = card.get_by_role("button", name="Why?")

    why.press("Enter")

    dialog = page.get_by_role("dialog")
    for whose in (ship.name, name):
        expect(dialog.get_by_role("img", name=f"{whose}, with the matching parts")).to_be_visible()
    expect(dialog.get_by_text("in the bright areas")).to_be_visible()
    dialog.get_by_text("Details", exact=True).click()
    expect(dialog.get_by_text(f"The score is {score}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(why).to_be_focused()
    expect_heading(page, ship.name)


# -- sharing ------------------------------------------------------------------


def test_link_to_a_model_is_copied_or_shown(page: Page, library: Library, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}&trail={library.small[0].id}&k=9")
    expect_painted(neighbours(page, ship), 9)
    share = page.get_by_role("button", name="Share")
    link = re.compile(rf"^http://[^/]+/\?catalogue=small&item={ship.id}$")

    page.evaluate(
        """() => Object.defineProperty(navigator, "clipboard", {
            configurable: true, value: { writeText: async (text) => { window.copied = text; } },
        })"""
    )
    share.click()
    expect(page.get_by_role("status").filter(has_text="Link copied")).to_have_count(1)
    assert link.match(page.evaluate("window.copied"))

    page.evaluate("""() => Object.defineProperty(navigator, "clipboard", { value: undefined })""")
    share.click()
    field = page.get_by_role("textbox", name="Copy this link")
    expect(field).to_be_focused()
    expect(field).to_have_value(link)
    selected = "field => [field.selectionStart, field.selectionEnd === field.value.length]"
    assert field.evaluate(selected) == [0, True]
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()


# -- the 3D viewer ------------------------------------------------------------


def test_viewer_of_another_server_is_shown_on_request(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}")
    expect_heading(page, ship.name)
    expect(page.get_by_role("img", name=ship.name, exact=True)).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)

    page.get_by_role("radio", name="3D").click()

    expect(page.locator("iframe")).to_have_attribute("src", EMBED_URL)


@pytest.mark.parametrize("source_id", [pytest.param(UNSAFE, id="http"), "1f40b"])
def test_model_without_a_safe_viewer_has_none(page: Page, library: Library, source_id: str) -> None:
    item = library.by_source[source_id]
    page.goto(f"{SMALL}&item={item.id}")
    expect_painted(neighbours(page, item), 18)

    expect(page.get_by_role("radio", name="3D")).to_have_count(0)
    expect(page.locator("iframe")).to_have_count(0)


# -- names that nobody trusts -------------------------------------------------


@pytest.mark.parametrize("source_id", HOSTILE)
def test_hostile_names_are_shown_as_they_are(page: Page, library: Library, source_id: str) -> None:
    item = library.by_source[source_id]
    assert item.name == HOSTILE[source_id]
    page.goto(f"{SMALL}&item={item.id}&trail={library.small[0].id}")

    expect_heading(page, item.name)
    expect(page.get_by_role("heading", level=1).locator("*")).to_have_count(0)
    expect(steps(page).last).to_have_text(item.name)
    page.get_by_text("Details", exact=True).click()
    facts = page.get_by_role("definition")
    expect(facts.filter(has_text=HOSTILE_CATEGORY)).to_have_text(HOSTILE_CATEGORY)
    expect(facts.locator("li")).to_have_text(["sharp", "<i>*tag*</i>"])
    expect(page.locator("h1 script, dd i, dd b")).to_have_count(0)
    expect(page.locator(".trail :not(nav, div, ol, li, a, img, span)")).to_have_count(0)


def test_hostile_names_are_shown_as_they_are_in_galleries(page: Page, library: Library) -> None:
    names = [item.name for item in library.small if item.source_id in HOSTILE]
    page.goto(f"{SMALL}&sort=catalogue")

    chip(page, f"{HOSTILE_CATEGORY} {len(HOSTILE)}").click()

    expect_painted(models(page), len(HOSTILE))
    expect(models(page).locator(".name")).to_have_text(names)
    expect(models(page).locator(".name *")).to_have_count(0)


# -- addresses that nobody trusts ---------------------------------------------


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/?catalogue=nowhere", "There is no catalogue “nowhere”."),
        ("/?catalogue=../../etc", "cannot name a catalogue"),
        ("/?catalogue=%3Cscript%3Ealert(1)%3C/script%3E", "<script>alert(1)</script>"),
        ("/?catalogue=foreign", "made by another version of Lookalike"),
        (f"{SMALL}&item=nothing", "has no model with the id “nothing”"),
        (f"{SMALL}&category=nonsense", "“category=nonsense”"),
        (f"{SMALL}&page=two", "“page=two”"),
        (f"{SMALL}&page=-1", "“page=-1”"),
        (f"{SMALL}&sort=nonsense", "“sort=nonsense”"),
    ],
)
def test_unknown_values_in_the_url_are_reported(page: Page, address: str, sentence: str) -> None:
    page.goto(address)

    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    if address.startswith(SMALL):
        expect_painted(models(page), 48)


@pytest.mark.parametrize(
    ("parameter", "shown"),
    [("k=abc", 18), ("k=-1", 18), ("k=0", 18), ("k=999999999999", 18), ("by=nonsense", 18)],
)
def test_unknown_controls_in_the_url_are_reported(
    page: Page, ship: Item, parameter: str, shown: int
) -> None:
    page.goto(f"{SMALL}&item={ship.id}&{parameter}")

    expect(page.get_by_role("alert").filter(has_text=f"“{parameter}”")).to_be_visible()
    expect_painted(neighbours(page, ship), shown)


def test_page_past_the_last_shows_the_last(page: Page) -> None:
    page.goto(f"{SMALL}&page=9999")

    expect_painted(models(page), 22)


def test_trail_of_nonsense_is_left_out(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}&trail=x.{ship.id}..y&unknown=1")

    expect_heading(page, ship.name)
    expect(steps(page)).to_have_text([ship.name, ship.name])


def test_number_of_neighbours_in_the_url_need_not_be_in_the_list(page: Page, ship: Item) -> None:
    page.goto(f"{SMALL}&item={ship.id}&k=5")

    expect_painted(neighbours(page, ship), 5)
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("name", ["nonsense", "<b>*x*"])
def test_unknown_page_says_so_and_leads_on(page: Page, name: str) -> None:
    page.goto(f"/{quote(name)}?catalogue=small")

    expect_heading(page, "Page not found")
    expect(page.get_by_text(f"There is no page “{name}”.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Go to Explore").click()

    expect_painted(models(page), 48)
    expect(page).to_have_url(re.compile(r"/\?catalogue=small$"))
    page.go_back()
    expect_heading(page, "Page not found")


def test_explore_opens_by_its_name_and_counts_what_is_searched(page: Page) -> None:
    page.goto("/explore?catalogue=small")
    expect_painted(models(page), 48)
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.locator("[aria-current=page]")).to_have_text(re.compile("Explore"))

    page.goto("/explore?catalogue=small&q=ship")

    expect(page).to_have_title(re.compile("^“ship” · "))
    expect_loaded(page)
    counts = page.get_by_role("navigation", name="Categories").locator("small").all_inner_texts()
    expect(models(page)).to_have_count(sum(int(count) for count in counts))


def test_empty_catalogue_says_what_to_do(page: Page) -> None:
    page.goto("/?catalogue=empty")

    expect(page.get_by_text("This catalogue is empty.")).to_be_visible()
    expect(page.get_by_role("link", name="Draw it")).to_have_count(0)
    page.get_by_role("link", name="Go to Catalogues").click()
    expect_heading(page, "Catalogues")


def test_one_model_alone_has_no_neighbours(page: Page, library: Library) -> None:
    item = library.small[0]
    page.goto(f"/?catalogue=one&item={item.id}")

    expect_heading(page, item.name)
    expect(page.get_by_text("There are no other models to compare with.")).to_be_visible()


def test_two_models_are_neighbours_of_each_other(page: Page, library: Library) -> None:
    first, second = library.small[:2]
    page.goto(f"/?catalogue=two&item={first.id}")

    expect_painted(neighbours(page, first), 1)
    expect(neighbours(page, first)).to_have_accessible_name(re.compile(f"^{second.name}, "))
