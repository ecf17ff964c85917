"""Pictures without their backgrounds: switched on once for galleries, Search and the map."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from core import settings
from core.catalogue import Catalogue, Item, StoredMask
from core.importers import InMemoryEntry, Source, on_grounds
from core.jobs import Progress
from core.maps import thumbnail_atlas
from core.pictures import encoding
from core.workflows import cut_out_thumbnails, importing
from tests.components.map.test_map_data import lay_out

from .conftest import ServeFolder, expect_painted, gallery

COUNT = 6
TITLES = {"grounds": "On grounds", "plain": "As they are"}


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a data folder with a catalogue on grounds, and one that is not cut out."""
    folder = tmp_path_factory.mktemp("grounds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_DATA", str(folder))
        thumbnails = settings.thumbnails_root()
        assert thumbnails.name.startswith("at-"), "these would be the product's own thumbnails"
        try:
            _make("plain", cut_out=False)
            _make("grounds", cut_out=True)
            yield folder
        finally:
            shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture(scope="session")
def base_url(data: Path, serve_folder: ServeFolder) -> Iterator[str]:
    with serve_folder(data) as server:
        yield server.url


@pytest.fixture
def catalogue(data: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setenv("LOOKALIKE_DATA", str(data))
    return Catalogue("grounds")


def _make(name: str, *, cut_out: bool) -> None:
    """Make a catalogue with a map whose models are all cut out by their right masks, or none."""
    items = [Item(source_id=str(number), name=f"Thing {number}") for number in range(COUNT)]
    files = {item.id: _object(number) for number, item in enumerate(items)}
    entries = (InMemoryEntry(item, files[item.id]) for item in items)
    catalogue = Catalogue.create(name, title=TITLES[name])
    importing.run(on_grounds.read(Source("test", "test", COUNT, entries)), catalogue)
    for item in catalogue.items.find() if cut_out else []:
        composite = on_grounds.composite(item, files[item.id])
        assert composite is not None
        png = encoding.png(Image.fromarray(composite.mask))
        catalogue.masks.add([(item, StoredMask("mask", 0.99, png))])
    thumbnail_atlas.serve(catalogue, catalogue.items.find(), progress=Progress())
    cut_out_thumbnails.update(catalogue, progress=Progress())
    lay_out(catalogue)


def _object(number: int) -> bytes:
    """Return a cut-out: a square with round corners, its colour by the number."""
    picture, file = Image.new("RGBA", (128, 128)), io.BytesIO()
    colour = (40 * number, 90, 255 - 40 * number, 255)
    ImageDraw.Draw(picture).rounded_rectangle((10, 10, 118, 118), 30, colour)
    picture.save(file, "WEBP", lossless=True)
    return file.getvalue()


def switch(page: Page) -> Locator:
    """Return the switch, once there is only one: while pages change, both have theirs."""
    found = page.get_by_role("switch", name="Hide backgrounds")
    expect(found).to_have_count(1)
    return found


def turn(page: Page) -> None:
    """Click the switch: Streamlit covers what has the role by what is drawn."""
    page.get_by_text("Hide backgrounds", exact=True).click()


def sources(cards: Locator) -> list[str]:
    """Return the URLs of the pictures of all cards, once they have loaded."""
    expect_painted(cards, COUNT)
    return [str(image.get_attribute("src")) for image in cards.locator("img").all()]


def white_share(page: Page, src: str) -> float:
    """Return which share of a picture is white, as the browser draws it."""
    share = page.evaluate(
        """async (src) => {
          const image = new Image();
          image.src = src;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const { data } = context.getImageData(0, 0, image.width, image.height);
          let white = 0;
          for (let i = 0; i < data.length; i += 4) white += Math.min(...data.slice(i, i + 3)) > 245;
          return (4 * white) / data.length;
        }""",
        src,
    )
    return float(share)


def test_backgrounds_are_hidden_on_all_pages_until_they_are_shown_again(
    page: Page, catalogue: Catalogue
) -> None:
    page.goto("/?catalogue=grounds")
    cards = gallery(page, f"Models of {TITLES['grounds']}")
    plain = sources(cards)
    expect(switch(page)).not_to_be_checked()

    turn(page)

    expect(cards.locator("img").first).not_to_have_attribute("src", plain[0])
    hidden = sources(cards)
    assert not set(hidden) & set(plain)
    for before, after in zip(plain, hidden, strict=True):
        assert white_share(page, after) > white_share(page, before) + 0.1

    # A model has the switch too, and its own picture is as it was.
    cards.first.click()
    expect(page.locator(".st-key-subject img")).to_be_visible()
    page.get_by_role("button", name="Options").click()
    expect(switch(page)).to_be_checked()
    page.keyboard.press("Escape")

    # The map has both kinds of pictures too: the atlas, and each of its own.
    with page.expect_request("**/cut-out-atlas-*.json"):
        page.get_by_role("link", name="Map", exact=True).click()
    canvas = page.locator("canvas[data-frames]")
    card = page.locator(".card img")
    canvas.focus()
    canvas.press("ArrowRight")
    expect(card).to_have_attribute("src", re.compile("/cut-outs/"))
    page.get_by_role("button", name="Display").click()
    expect(switch(page)).to_be_checked()
    with page.expect_request("**/atlas-*.json"):
        turn(page)
    page.keyboard.press("Escape")
    canvas.focus()
    canvas.press("ArrowRight")
    expect(card).to_have_attribute("src", re.compile(r"/grounds/\w+\.webp"))

    page.get_by_role("link", name="Explore").click()
    expect(switch(page)).not_to_be_checked()
    assert sources(cards) == plain


def test_a_corrected_picture_is_loaded_again(page: Page, catalogue: Catalogue) -> None:
    page.goto("/?catalogue=grounds&sort=catalogue")
    cards = gallery(page, f"Models of {TITLES['grounds']}")
    plain = sources(cards)
    turn(page)
    expect(cards.locator("img").first).not_to_have_attribute("src", plain[0])
    before = sources(cards)
    first = catalogue.items.find()[0]

    try:
        catalogue.masks.choose("whole", item_ids=[first.id])
        cut_out_thumbnails.update(catalogue, progress=Progress())
        turn(page)
        expect(cards.locator("img").last).to_have_attribute("src", plain[-1])
        turn(page)
        expect(cards.locator("img").last).to_have_attribute("src", before[-1])
        expect(cards.locator("img").first).to_have_attribute("src", plain[0])
        assert sources(cards) == [plain[0], *before[1:]]
    finally:
        catalogue.masks.choose("auto", item_ids=[first.id])
        cut_out_thumbnails.update(catalogue, progress=Progress())


@pytest.mark.parametrize("path", ["/", "/search", "/map"])
def test_a_catalogue_that_is_not_cut_out_has_no_switch(page: Page, path: str) -> None:
    page.goto(f"{path}?catalogue=plain")
    if path == "/":
        expect_painted(gallery(page, f"Models of {TITLES['plain']}"), COUNT)
    elif path == "/map":
        page.get_by_role("button", name="Display").click()
        expect(page.get_by_text("Hover cards", exact=True)).to_be_visible()
    else:
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Hide backgrounds")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_the_switch_fits_into_the_controls(
    page: Page, scheme: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ("/?catalogue=grounds", f"/?catalogue=grounds&item={_first_id()}"):
        page.goto(path)
        if "item" in path:
            page.get_by_role("button", name="Options").click()
        label = page.get_by_text("Hide backgrounds", exact=True)
        expect(label).to_be_visible()
        label.scroll_into_view_if_needed()
        box = label.bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def _first_id() -> str:
    return Item(source_id="0", name="").id
