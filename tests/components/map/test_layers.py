"""The layers of the map that the URL hides."""

import json

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    from dataclasses import asdict

    import streamlit as st

    from components.map import layers

    st.json(asdict(layers.from_url()))
    layers.toggles()


def opened(hide: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["hide"] = hide
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def hidden(app: AppTest) -> set[str]:
    (shown,) = app.json
    return {layer for layer, is_shown in json.loads(shown.value).items() if not is_shown}


@pytest.mark.parametrize(
    ("hide", "expected"),
    [
        ("", set()),
        ("pictures", {"pictures"}),
        ("cards.landmarks", {"cards", "landmarks"}),
        ("picture.<b>.", set()),
    ],
)
def test_a_url_hides_the_layers_that_it_names(hide: str, expected: set[str]) -> None:
    app = opened(hide)
    assert hidden(app) == expected
    off = {each.key for each in app.toggle if not each.value}
    assert off == {f"show-{layer}" for layer in expected}


def test_hiding_and_showing_a_layer_is_in_the_url() -> None:
    app = opened("cards")

    app.toggle(key="show-pictures").set_value(False)
    assert hidden(run(app)) == {"cards", "pictures"}
    app.toggle(key="show-cards").set_value(True)
    assert hidden(run(app)) == {"pictures"}
    assert str(app.query_params["hide"]) == "pictures"
