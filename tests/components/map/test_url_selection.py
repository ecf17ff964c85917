"""The selection on the map, in URLs that a browser writes and that a person types."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from components.map import arrangements, url_selection
from components.map.map_data import MapData
from core.catalogue import Catalogue, Cluster, Item
from tests.components.map.test_map_data import catalogue_of, lay_out

COUNT = 12
CATEGORIES = ("Food", "A: b", "", "Ünï “q” & <b>")


def items() -> list[Item]:
    return [
        Item(
            source_id=str(number),
            name=f"Thing {number}",
            category=CATEGORIES[number % 4],
            creator="Ada" if number < 5 else "",
            licence="MIT" if number % 2 else "CC BY 4.0",
        )
        for number in range(COUNT)
    ]


def map_of(places: np.ndarray, grid: np.ndarray) -> MapData:
    """Return a map of three clusters, the last one of which has lost its models."""
    made = items()
    return MapData(
        items=tuple(made),
        row_of={item.id: row for row, item in enumerate(made)},
        layouts={"map": places.astype(np.float32), "grid": grid.astype(np.float32)},
        labels=np.array([0, 1, -1] * (COUNT // 3), np.int32),
        clusters=(
            Cluster("Chairs", made[0].id),
            Cluster("", made[1].id),
            Cluster("Gone", "a" * 13),
        ),
        added_later=0,
        fingerprint="vectors",
        quality=None,
        url="",
        atlas="",
    )


CHANCE = np.random.default_rng(4)
CHART = map_of(CHANCE.uniform(-1, 1, (COUNT, 2)), CHANCE.uniform(-1, 1, (COUNT, 2)))


def written(layout: str, corners: Sequence[tuple[int, int]]) -> str:
    """Return a lasso as `codec.js` writes it, its corners in ten-thousandths."""
    return f"{layout}:" + ".".join(f"{x}.{y}" for x, y in corners)


TEN_THOUSANDTHS = st.integers(-20_000, 20_000)


# -- what can be selected --------------------------------------------------------------


@given(
    layout=st.sampled_from(["map", "grid", "grid-145", "category-45"]),
    sides=st.tuples(
        st.lists(TEN_THOUSANDTHS, min_size=2, max_size=2, unique=True).map(sorted),
        st.lists(TEN_THOUSANDTHS, min_size=2, max_size=2, unique=True).map(sorted),
    ),
)
def test_a_box_drawn_on_a_layout_selects_the_models_inside_it(
    layout: str, sides: tuple[list[int], list[int]]
) -> None:
    (left, right), (bottom, top) = sides
    text = written(layout, [(left, bottom), (right, bottom), (right, top), (left, top)])

    found = url_selection.read(text, CHART)

    points = arrangements.named(CHART, layout)
    assert points is not None
    x, y = points.astype(np.float64).T * 10_000
    assert found is not None
    inside = (left < x) & (x < right) & (bottom < y) & (y < top)
    np.testing.assert_array_equal(found.rows, inside)
    assert (found.text, found.is_group) == (text, False)


def test_a_cluster_selects_its_models_and_has_a_name() -> None:
    chairs, nameless = (url_selection.read(f"cluster:{number}", CHART) for number in range(2))
    assert chairs is not None and nameless is not None
    assert np.flatnonzero(chairs.rows).tolist() == [0, 3, 6, 9]
    assert np.flatnonzero(nameless.rows).tolist() == [1, 4, 7, 10]
    assert (chairs.name, nameless.name) == ("Chairs", "Cluster 2")
    assert chairs.is_group


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("category:Food", [0, 4, 8]),
        ("category:A: b", [1, 5, 9]),
        ("category:Ünï “q” & <b>", [3, 7, 11]),
        ("creator:Ada", [0, 1, 2, 3, 4]),
        ("licence:MIT", [1, 3, 5, 7, 9, 11]),
        ("licence:CC BY 4.0", [0, 2, 4, 6, 8, 10]),
    ],
)
def test_a_group_of_a_facet_selects_its_models(text: str, rows: list[int]) -> None:
    found = url_selection.read(text, CHART)
    assert found is not None
    assert np.flatnonzero(found.rows).tolist() == rows
    assert f"{text.split(':')[0]}:{found.name}" == found.text == text
    assert found.is_group


# -- what cannot be selected -----------------------------------------------------------------------

HUGE = "9" * 330


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "map",
        "map:",
        "map:.....",
        "map:1.2",
        "map:1.2.3.4",
        "map:1.2.3.4.5",
        "map:1.2.3.4.5.6.7",
        "map:1.2.3.4.5.x",
        "map:1.2.3.4.5.nan",
        "map:1.2.3.4.5.inf",
        "map:1.2.3.4.5.1e5",
        "map:1,2,3,4,5,6",
        f"map:{HUGE}.0.0.{HUGE}.0.0",
        "cluster:",
        "cluster:3",
        "cluster:-1",
        "cluster:0.5",
        "cluster:\u0660",
        "cluster:²",
        f"cluster:{HUGE}",
        "category:",
        "category:food",
        "category:Nothing of the kind",
        "creator:",
        "tag:first",
        "name:Thing 1",
        "__class__:Item",
        "collection:Mine",
        "Map:0.0.10000.0.0.10000",
        "<script>alert(1)</script>",
    ],
)
def test_a_selection_that_this_map_does_not_have_is_none(text: str) -> None:
    assert url_selection.read(text, CHART) is None


@given(
    kind=st.sampled_from(["map:", "grid:", "cluster:", "category:", ""]),
    text=st.text() | st.from_regex(r"-?[0-9]{0,400}(\.-?[0-9]{0,40}){0,9}", fullmatch=True),
)
def test_no_url_raises_an_error(kind: str, text: str) -> None:
    found = url_selection.read(kind + text[:680], CHART)
    assert found is None or (found.rows.dtype, found.rows.shape) == (np.bool_, (COUNT,))


@pytest.mark.filterwarnings("error")
def test_a_lasso_far_outside_the_map_selects_all_or_nothing() -> None:
    far = 10**12
    around = [(-far, -far), (far, -far), (far, far), (-far, far)]
    found = url_selection.read(written("map", around), CHART)
    beside = url_selection.read(written("map", [(x + 3 * far, y) for x, y in around]), CHART)
    assert found is not None and found.rows.all()
    assert beside is not None and not beside.rows.any()


# -- in the URL of a page ----------------------------------------------------------


def page() -> None:
    import streamlit as st

    from components.map import map_data, url_selection
    from core.catalogue import Catalogue

    drawn = map_data.read(Catalogue("things"))
    assert drawn is not None
    found = url_selection.from_url(drawn)
    names = found and [drawn.items[row].name for row in found.rows.nonzero()[0]]
    st.json({"selected": names, "text": found and found.text})
    st.button("Food", on_click=url_selection.toggle, args=("category:Food",))
    st.button("Chairs", on_click=url_selection.toggle, args=("cluster:0",))
    st.button("Draw", on_click=url_selection.put, args=("map:-1.-1.5.-1.5.5", "0.0.3"))
    st.button("Clear", on_click=url_selection.put, args=("", "1.1.2"))


@pytest.fixture
def catalogue() -> Catalogue:
    made = catalogue_of(items())
    lay_out(made, labels=[0, 1, -1] * (COUNT // 3), clusters=["Chairs", ""])
    return made


def opened(text: str | None, **more: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    for name, value in ({} if text is None else {"sel": text}).items() | more.items():
        app.query_params[name] = value
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, words: str) -> dict[str, str]:
    """Press a button and return the parameters of the URL afterwards."""
    (button,) = [one for one in app.button if one.label == words]
    button.click()
    return {name: str(value) for name, value in run(app).query_params.items()}


def shown(app: AppTest) -> dict[str, Any]:
    (found,) = app.json
    return dict(json.loads(found.value))


def selected(app: AppTest) -> Any:
    """Return the names of the selected models, or None without a selection."""
    return shown(app)["selected"]


@pytest.mark.parametrize("text", [None, ""])
def test_a_url_without_a_selection_selects_nothing_and_warns_of_nothing(
    catalogue: Catalogue, text: str | None
) -> None:
    app = opened(text)
    assert selected(app) is None
    assert not app.warning


def test_the_longest_lasso_of_a_browser_fits_into_the_url(catalogue: Catalogue) -> None:
    """It has 48 corners of the most characters; cut short, it would be another lasso."""
    text = written("grid", [(-10_000 - 7 * number, -99_999 + number) for number in range(48)])
    app = opened(text)
    assert not app.warning
    assert shown(app)["text"] == text


@pytest.mark.parametrize(
    "text",
    [
        "map:1.2.3.4.5",
        "cluster:77",
        "category:" + "x" * 3_000,
        "x" * 100_000,
        f"map:{HUGE}.0.0.1.1.0",
    ],
)
def test_the_page_warns_of_what_it_cannot_select(catalogue: Catalogue, text: str) -> None:
    app = opened(text)
    (warning,) = app.warning
    assert "sel=" in warning.value and len(warning.value) < 250
    assert selected(app) is None


def test_clicking_a_group_selects_it_and_clicking_it_again_clears_the_selection(
    catalogue: Catalogue,
) -> None:
    app = opened(None, view="0.0.9", colour="category")

    assert press(app, "Food") == {"sel": "category:Food", "colour": "category"}
    assert selected(app) == ["Thing 0", "Thing 4", "Thing 8"]
    assert press(app, "Chairs") == {"sel": "cluster:0", "colour": "category"}
    assert selected(app) == ["Thing 0", "Thing 3", "Thing 6", "Thing 9"]
    assert press(app, "Chairs") == {"colour": "category"}
    assert selected(app) is None


def test_a_lasso_is_written_to_the_url_with_the_view_and_cleared(catalogue: Catalogue) -> None:
    app = opened("cluster:0", colour="creator")

    drawn = press(app, "Draw")
    assert drawn == {"sel": "map:-1.-1.5.-1.5.5", "view": "0.0.3", "colour": "creator"}
    assert press(app, "Clear") == {"view": "1.1.2", "colour": "creator"}
