"""The filters of a page, in URLs of this version and of the first one."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.catalogue import Catalogue, Item
from tests.components.map.test_map_data import catalogue_of


def page() -> None:
    from dataclasses import asdict

    import streamlit as st

    from components.shared import controls, filters, url_state
    from core.catalogue import Catalogue

    catalogue = Catalogue("things")
    chosen = filters.from_url(catalogue)
    filters.choose(catalogue, chosen)
    kind = url_state.choice("as", ["auto", "drawing"], "auto", renamed={"line": "drawing"})
    st.json({"filters": asdict(chosen), "as": kind, "strong only": controls.strong_matches_only()})


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_of(
        [
            Item(source_id="1", name="Pear", category="Food"),
            Item(source_id="2", name="Saw", category="Tools"),
        ]
    )


def opened(**parameters: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    for name, value in parameters.items():
        app.query_params[name] = value
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def state(app: AppTest) -> dict[str, Any]:
    (shown,) = app.json
    return dict(json.loads(shown.value))


def url(app: AppTest) -> dict[str, str]:
    return {name: str(value) for name, value in app.query_params.items()}


@pytest.mark.parametrize(
    "parameters",
    [{"category": "Food"}, {"within": "Food"}, {"category": "Food", "within": "Tools"}],
)
def test_the_category_has_one_name_and_the_old_one_is_still_read(
    catalogue: Catalogue, parameters: dict[str, str]
) -> None:
    app = opened(**parameters)

    assert state(app)["filters"]["category"] == "Food"
    assert not app.warning


def test_choosing_a_category_replaces_the_old_parameter(catalogue: Catalogue) -> None:
    app = opened(within="Food", words="a")

    app.selectbox(key="facet-Category").select("Tools")

    assert state(run(app))["filters"]["category"] == "Tools"
    assert url(app) == {"category": "Tools", "words": "a"}


@pytest.mark.parametrize("name", ["category", "within"])
def test_all_filters_are_cleared(catalogue: Catalogue, name: str) -> None:
    app = opened(**{name: "Food"}, words="pear", k="9")

    app.button(key="clear-filters-filters").click()

    assert not any(state(run(app))["filters"].values())
    assert url(app) == {"k": "9"}


@pytest.mark.parametrize("name", ["category", "within"])
def test_a_category_that_is_not_there_is_named_as_in_the_url(
    catalogue: Catalogue, name: str
) -> None:
    app = opened(**{name: "Nonsense"})

    (warning,) = app.warning
    assert f"{name}=Nonsense" in warning.value
    assert state(app)["filters"]["category"] is None


def test_values_of_the_first_version_are_still_read(catalogue: Catalogue) -> None:
    app = opened(**{"as": "line", "only": "outstanding"})

    assert state(app)["as"] == "drawing"
    assert state(app)["strong only"] is True
    assert not app.warning
