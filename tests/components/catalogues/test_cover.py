"""The cover of a catalogue leads to it, if there is anything to see."""

import pytest

from components.catalogues import cover
from components.shared import navigation
from core.catalogue import Catalogue, Item
from tests.components.map.test_map_data import catalogue_of


@pytest.fixture(autouse=True)
def urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know the pages, which only a running app declares."""
    monkeypatch.setattr(
        navigation, "url", lambda page, *, catalogue: f"./{page}?catalogue={catalogue}&x"
    )


def test_an_empty_catalogue_has_a_title_without_a_link_and_no_pictures(html: list[str]) -> None:
    empty = Catalogue.create("things", title="<b>Things")

    cover.show(empty)
    cover.show_title(empty)

    assert html == ['<h2 class="title"><span dir="auto">&lt;b&gt;Things</span></h2>']


def test_pictures_and_title_lead_to_the_catalogue_and_only_the_title_is_read_aloud(
    html: list[str],
) -> None:
    catalogue = catalogue_of([Item(source_id=f"{number}", name="x") for number in range(6)])

    cover.show(catalogue)
    cover.show_title(catalogue)

    pictures, title = html
    assert pictures.count("<img") == cover.PICTURES
    link = '<a class="in-app" href="./explore?catalogue=things&amp;x"'
    assert pictures.startswith(f'{link} tabindex="-1" aria-hidden="true">')
    assert title == f'<h2 class="title">{link}><span dir="auto">Things</span></a></h2>'
