"""The models that were visited on the way to one."""

from components.model import trail
from components.model.trail import LENGTH, SHOWN
from core.catalogue import Item
from tests.components.conftest import Url
from tests.components.map.test_map_data import catalogue_of

ITEM = Item(source_id="1", name="One")


def test_a_trail_grows_and_forgets_its_beginning(url: Url) -> None:
    assert trail.after(ITEM) == ITEM.id
    url["trail"] = "a..b."
    assert trail.after(ITEM) == f"a.b.{ITEM.id}"

    url["trail"] = ".".join(f"{number}" for number in range(LENGTH))
    steps = trail.after(ITEM).split(".")
    assert len(steps) == LENGTH
    assert (steps[0], steps[-1]) == ("1", ITEM.id)


def test_each_step_leads_back_to_the_trail_before_it(url: Url, html: list[str]) -> None:
    items = [Item(source_id=f"{number}", name=f"Thing <{number}>") for number in range(SHOWN + 3)]
    catalogue = catalogue_of(items)
    *visited, shown = items
    ids = [item.id for item in visited]
    url |= {"item": shown.id, "trail": ".".join(["nonsense", *ids]), "k": "9"}

    trail.show(catalogue, shown)

    [line] = html
    assert line.count("<img") == SHOWN
    first = len(visited) - SHOWN
    earlier = f"Earlier: Thing &lt;{first - 1}&gt;"
    assert f'title="{earlier}" aria-label="{earlier}">…</a>' in line
    assert f'href="?k=9&amp;item={ids[0]}"' not in line, "it is behind the dots"
    last = f"?k=9&amp;item={ids[-1]}&amp;trail={'.'.join(ids[:-1])}"
    assert f'href="{last}"' in line
    assert '<a class="in-app all" href="?k=9">' in line
    assert '<li aria-current="page"><span dir="auto">Thing &lt;9&gt;</span></li>' in line
    assert "nonsense" not in line
