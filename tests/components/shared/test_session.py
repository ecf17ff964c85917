"""Session state that modules share, read and written by name."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st
    from PIL import Image

    from components.shared.query_picture import QueryPicture
    from components.shared.session import session
    from core.search import ItemsExample

    def draw() -> None:
        session.drawing, session.traced_picture, session.sketch_pad_number = b"png", "data:", 3
        session.examples = (ItemsExample(("a" * 13,)), ItemsExample(("b" * 13,)))
        session.query_error = "It is broken."

    def give() -> None:
        picture = Image.new("RGB", (9, 9))
        session.query = QueryPicture(picture, from_sketch_pad=False, likely="picture")

    def keep() -> None:
        session.keep_duplicate("things", "group 1", "x")
        session.keep_duplicate("others", "group 1", "y")

    st.button("Draw", on_click=draw)
    st.button("Give", on_click=give)
    st.button("Start", on_click=lambda: session.start_search(ItemsExample(("c" * 13,))))
    st.button("Keep", on_click=keep)
    st.button("Resume first", on_click=lambda: session.resume_search(""))
    st.button("Resume asked", on_click=lambda: session.resume_search(st.session_state["asked"]))
    st.json(
        {
            "drawing": session.drawing is not None,
            "traced": session.traced_picture,
            "sketch_pad_number": session.sketch_pad_number,
            "examples": [
                one.item_ids[0] for one in session.examples if isinstance(one, ItemsExample)
            ],
            "error": session.query_error,
            "query": session.query is not None,
            "number": session.search_number,
            "kept": [[*list(key), value] for key, value in session.kept_duplicates.items()],
        }
    )


def opened() -> AppTest:
    return run(AppTest.from_function(page, default_timeout=30))


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> dict[str, Any]:
    (button,) = [one for one in app.button if one.label == label]
    button.click()
    return state(run(app))


def state(app: AppTest) -> dict[str, Any]:
    (shown,) = app.json
    return dict(json.loads(shown.value))


NOTHING = {
    "drawing": False,
    "traced": "",
    "sketch_pad_number": 0,
    "examples": [],
    "error": "",
    "query": False,
    "number": "",
    "kept": [],
}


def test_values_have_defaults_and_are_kept_in_their_session() -> None:
    first, second = opened(), opened()
    assert state(first) == NOTHING

    drawn = press(first, "Draw")

    assert drawn["drawing"] and drawn["sketch_pad_number"] == 3
    assert drawn["examples"] == ["a" * 13, "b" * 13]
    assert press(second, "Keep")["examples"] == []


def test_a_search_starts_with_one_example_and_an_empty_sketch_pad() -> None:
    app = opened()
    press(app, "Draw")

    after = press(app, "Start")

    assert after["examples"] == ["c" * 13]
    assert (after["drawing"], after["traced"], after["query"]) == (False, "", False)
    assert after["sketch_pad_number"] == 4


def test_a_search_before_is_resumed_by_its_number_with_all_it_had() -> None:
    app = opened()
    drawn = press(app, "Draw")
    number = press(app, "Start")["number"]

    first = press(app, "Resume first")
    assert {**first, "sketch_pad_number": 3} == drawn
    app.session_state["asked"] = number
    second = press(app, "Resume asked")
    assert (second["number"], second["examples"]) == (number, ["c" * 13])


def test_a_search_that_is_not_known_is_new_and_has_the_sketch_pad() -> None:
    app = opened()
    drawn = press(app, "Draw")
    app.session_state["asked"] = "new"
    assert press(app, "Resume asked") == {**drawn, "number": "new", "sketch_pad_number": 4}

    press(app, "Give")
    app.session_state["asked"] = "newer"
    newer = press(app, "Resume asked")
    assert (newer["number"], newer["drawing"], newer["examples"]) == ("newer", False, [])
    assert not newer["query"]
    app.session_state["asked"] = "new"
    assert press(app, "Resume asked")["query"]


def test_the_kept_model_is_remembered_for_each_catalogue_and_group() -> None:
    kept = press(opened(), "Keep")["kept"]

    assert kept == [["things", "group 1", "x"], ["others", "group 1", "y"]]
