"""The state of a page in its URL: what makes no sense is said, and one click is one step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.shared import url_state
from tests.components.conftest import Url


@pytest.mark.parametrize("given_", ["1", "7", "007", "500"])
def test_a_number_within_its_range_is_taken(url: Url, warnings: list[str], given_: str) -> None:
    url["k"] = given_

    assert url_state.number("k", 18, minimum=1, maximum=500) == int(given_)
    assert warnings == []


@pytest.mark.parametrize("given_", ["0", "501", "-1", "1.5", "1e2", "٣", "²", " 5", "9" * 5000])
def test_any_other_number_is_replaced_and_named(url: Url, warnings: list[str], given_: str) -> None:
    url["k"] = given_

    assert url_state.number("k", 18, minimum=1, maximum=500) == 18
    [warning] = warnings
    assert "“k=" in warning and "Showing 18 instead" in warning
    assert len(warning) < 200


def test_a_choice_may_have_been_called_otherwise(url: Url, warnings: list[str]) -> None:
    options = {"mixed": "Mixed", "name": "Name"}
    renamed = {"abc": "name"}
    for asked, expected in (("", "mixed"), ("name", "name"), ("abc", "name")):
        url["sort"] = asked
        assert url_state.choice("sort", options, "mixed", renamed=renamed) == expected
    assert warnings == []

    url["sort"] = "*rude*"
    assert url_state.choice("sort", options, "mixed") == "mixed"
    assert url_state.choice("sort", ["a"], "") == ""
    assert warnings == [
        "The URL asks for “sort=\\*rude\\*”, which is not available here. Showing “Mixed” instead.",
        "The URL asks for “sort=\\*rude\\*”, which is not available here. "
        "Showing everything instead.",
    ]


def test_text_is_cut(url: Url) -> None:
    url["q"] = "x" * 1000

    assert url_state.text("q") == "x" * 400
    assert url_state.text("q", max_length=3) == "xxx"
    assert url_state.text("other") == ""


def test_a_link_leads_where_a_change_does_and_a_change_is_one_step(url: Url) -> None:
    url |= {"catalogue": "a & b", "page": "3", "q": "chair"}

    link = url_state.link(q="", page=None, item="x", k=9)
    assert url == {"catalogue": "a & b", "page": "3", "q": "chair"}
    url_state.change(q="", page=None, item="x", k=9)

    assert url == {"catalogue": "a & b", "item": "x", "k": "9"}
    assert link == "?catalogue=a+%26+b&item=x&k=9"
    url_state.change(item="x", page=None)
    assert url.steps == 1, "what changes nothing is no step"


@given(st.text())
def test_markdown_has_no_sign_left_that_is_not_escaped(words: str) -> None:
    escaped = url_state.escape_markdown(words)

    plain = escaped.replace("\\\\", "")
    for sign in "`*_{}[]()<>#+-.!|~$:&":
        assert plain.count(sign) == plain.count(f"\\{sign}")
    assert "\n" not in escaped
