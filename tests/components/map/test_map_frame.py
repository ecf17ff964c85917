"""What the box of the map finds, and what marking a model writes to the URL."""

import base64
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.map import map_frame
from core.catalogue import Catalogue, Item, Map
from tests.components.map.test_map_data import catalogue_of, read
from tests.served_files import thumbnail_file

NAMES = ("Ship", "Shipping crate", "Boat", "Chair")


@pytest.fixture
def items() -> list[Item]:
    """Return models of a stored catalogue, whose map does not have the last one."""
    made = [Item(source_id=name, name=name) for name in NAMES]
    catalogue = catalogue_of(made)
    shown = made[:-1]
    places = np.linspace(-1, 1, 2 * len(shown), dtype=np.float32).reshape(-1, 2)
    catalogue.map.save(
        Map(
            ids=tuple(item.id for item in shown),
            digests=("",) * len(shown),
            coordinates=places,
            grid=places,
            labels=np.full(len(shown), -1, np.int32),
            added_later=np.zeros(len(shown), bool),
            clusters=(),
            fingerprint="v1",
            quality=None,
        )
    )
    return made


def script() -> None:
    """A page that answers what the test sends, and shows what it found and its URL."""
    import json

    import streamlit as st

    from components.map import map_data, map_frame
    from core.catalogue import Catalogue

    for name, value in json.loads(st.session_state.get("sent", "[]")):
        {"find": map_frame.find, "mark": map_frame.mark}[name](value, "1_2_3")
    st.session_state["sent"] = "[]"
    catalogue = Catalogue("things")
    map_ = map_data.read(catalogue)
    assert map_ is not None
    found = map_frame.found(catalogue, map_)
    names = None if found is None else [map_.items[point].name for point in found.points]
    st.text(json.dumps([names, st.query_params.to_dict()]))


def send(app: AppTest, *events: tuple[str, str]) -> tuple[list[str] | None, dict[str, str]]:
    """Return what was found after some events, and the URL."""
    app.session_state["sent"] = json.dumps(events)
    app.run()
    assert not app.exception
    names, url = json.loads(app.text[0].value)
    return names, url


def test_words_find_models_of_the_map_best_match_first(items: list[Item]) -> None:
    app = AppTest.from_function(script, default_timeout=30)

    assert send(app) == (None, {})
    assert send(app, ("find", "ship"))[0] == ["Ship", "Shipping crate", "Boat"]
    assert send(app)[0] == ["Ship", "Shipping crate", "Boat"], "until one is marked"
    assert send(app, ("find", "chair"))[0] == [], "it is not on the map"
    assert send(app, ("find", "zzzz"))[0] == []


def test_marking_writes_the_model_and_the_view_and_ends_the_search(items: list[Item]) -> None:
    app = AppTest.from_function(script, default_timeout=30)
    send(app, ("find", "ship"))

    names, url = send(app, ("mark", items[0].id))

    assert names is None
    assert url == {"item": items[0].id, "view": "1_2_3"}


@pytest.mark.parametrize(
    ("colour", "left"), [("similarity", {}), ("cluster", {"colour": "cluster"})]
)
def test_unmarking_keeps_colours_that_need_no_model(
    items: list[Item], colour: str, left: dict[str, str]
) -> None:
    app = AppTest.from_function(script, default_timeout=30)
    app.query_params.update({"item": items[0].id, "colour": colour})

    assert send(app, ("mark", ""))[1] == {"view": "1_2_3", **left}


def test_pictures_come_with_the_answer_but_for_a_lost_one(items: list[Item]) -> None:
    catalogue = Catalogue("things")
    map_ = read(catalogue)
    thumbnail_file(catalogue, map_.items[1].id).unlink()

    found = map_frame.pictures(catalogue, map_, [2, 1])

    webp = catalogue.pictures.thumbnail(map_.items[2].id)
    assert found == [f"data:image/webp;base64,{base64.b64encode(webp).decode()}", ""]
