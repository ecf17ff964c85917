"""Two fragments of a page that are asked for at once, on a page of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.settings import PROJECT

from .conftest import ServeScript, gallery

APP = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})

import streamlit as st
from starlette.middleware import Middleware

from components.serving.runs import OneRunAtATime

app = st.App("main.py", middleware=[Middleware(OneRunAtATime)])
"""

MAIN = """
import time

import streamlit as st

from components.widgets.gallery import Card, gallery

PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
picked = st.session_state.setdefault("picked", [])


@st.fragment
def shelf(name):
    gallery([Card(name, PICTURE, f"Pick {name}")], key=name, label=name, on_pick=picked.append)
    st.write(f"{name}: {'picked' if name in picked else 'full'}")
    if name not in picked:
        st.write(f"More of {name}")
    elif name == "first":
        # The app is slow, so that the second is asked for meanwhile; the test waits for its text.
        time.sleep(0.5)


shelf("first")
shelf("second")
"""


@pytest.fixture(scope="session")
def base_url(serve_script: ServeScript, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    main = tmp_path_factory.mktemp("runs") / "main.py"
    main.write_text(MAIN, encoding="utf-8")
    with serve_script(APP.replace("main.py", str(main))) as server:
        yield server.url


def pick(page: Page, *names: str) -> None:
    """Pick cards in one step of the browser, quicker than a person does."""
    cards = [gallery(page, name).element_handle() for name in names]
    page.evaluate("cards => cards.forEach((card) => card.click())", cards)


def test_a_fragment_is_shown_whole_although_another_is_asked_for_meanwhile(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("More of")).to_have_count(2)

    pick(page, "first")
    expect(page.get_by_text("first: picked")).to_be_visible()
    pick(page, "second")

    expect(page.get_by_text("second: picked")).to_be_visible()
    expect(page.get_by_text("More of")).to_have_count(0)


def test_both_fragments_run_of_two_that_are_asked_for_at_once(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("More of")).to_have_count(2)

    pick(page, "first", "second")

    expect(page.get_by_text("first: picked")).to_be_visible()
    expect(page.get_by_text("second: picked")).to_be_visible()
    expect(page.get_by_text("More of")).to_have_count(0)
