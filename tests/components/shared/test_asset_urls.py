"""URLs of pictures: a changed picture, and one that is cut out by another mask, has a new one."""

import pytest
from PIL import Image

from components.shared import asset_urls, caches, cards
from core import settings
from core.catalogue import Catalogue, CutOutThumbnail, Item, StoredMask
from core.jobs import Progress
from core.pictures import encoding
from core.search import Neighbour, Results
from core.workflows import cut_out_thumbnails
from tests.components.map.test_map_data import catalogue_of


@pytest.fixture
def catalogue() -> Catalogue:
    """Return three models, of which the object of the first two is cut out."""
    made = catalogue_of([Item(source_id=str(number), name="Thing") for number in range(3)])
    first, second, _ = made.items.find()
    made.masks.add([(first, mask(20)), (second, mask(20))])
    cut_out_thumbnails.update(made, progress=Progress())
    return made


def mask(side: int) -> StoredMask:
    opacity = Image.new("L", (64, 64))
    opacity.paste(255, (10, 10, 10 + side, 10 + side))
    return StoredMask("mask", 0.9, encoding.png(opacity))


def urls(catalogue: Catalogue) -> list[str]:
    """Return the URLs of all cards while backgrounds are hidden; each is of a file."""
    found = cards.of_items(
        catalogue, catalogue.items.find(), cut_outs=caches.cut_outs(Catalogue("things"))
    )
    for card in found:
        name = card.src.removeprefix("app/static/").partition("?")[0]
        assert (settings.PROJECT / "static" / name).is_file()
    return [card.src for card in found]


def test_only_pictures_that_are_cut_out_have_another_url(catalogue: Catalogue) -> None:
    plain = [asset_urls.picture(catalogue, item) for item in catalogue.items.find()]

    hidden = urls(catalogue)

    assert [url == other for url, other in zip(plain, hidden, strict=True)] == [False, False, True]
    assert all("/cut-outs/" in url for url in hidden[:2])
    assert plain == [card.src for card in cards.of_items(catalogue, catalogue.items.find())]


def test_neighbours_are_shown_as_other_cards_are(catalogue: Catalogue) -> None:
    neighbours = tuple(
        Neighbour(item=item, score=0.5, z_score=1.0, rank=rank + 1)
        for rank, item in enumerate(catalogue.items.find())
    )
    found = Results(neighbours, candidates=3, z_cutoff=3.0)
    shown = cards.of_neighbours(catalogue, found, cut_outs=caches.cut_outs(catalogue))
    assert [card.src for card in shown] == urls(catalogue)


def test_a_correction_changes_the_url_as_soon_as_the_picture_is_cut_out_again(
    catalogue: Catalogue,
) -> None:
    before = urls(catalogue)
    first, second, _ = catalogue.items.find()

    catalogue.masks.choose("whole", item_ids=[first.id])
    catalogue.masks.add([(second, mask(40))])
    assert urls(catalogue) == before, "the files are still the old ones"
    cut_out_thumbnails.update(catalogue, progress=Progress())

    after = urls(catalogue)
    assert after[0] == asset_urls.picture(catalogue, first)
    assert "/cut-outs/" in after[1] and after[1] != before[1]
    assert after[2] == before[2]


def test_a_changed_picture_is_shown_as_it_is_until_it_is_cut_out(catalogue: Catalogue) -> None:
    item = catalogue.items.find()[0]
    cut_outs = {item.id: CutOutThumbnail(item.id, "0" * 8, "1" * 8)}
    assert asset_urls.picture(catalogue, item, cut_outs=cut_outs) == asset_urls.picture(
        catalogue, item
    )


def test_the_template_gives_the_url_of_each_cut_out(catalogue: Catalogue) -> None:
    item = catalogue.items.find()[0]
    cut_out = caches.cut_outs(catalogue)[item.id]
    template = asset_urls.cut_out_template(catalogue)
    filled = template.format(id=item.id, version=cut_out.picture, mask=cut_out.mask)
    assert filled == urls(catalogue)[0]
