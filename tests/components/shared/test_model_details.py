"""The facts about a model, and which of its URLs a page follows."""

import pytest

from components.shared import model_details
from core.catalogue import Item


@pytest.mark.parametrize(
    ("embed_url", "is_shown"),
    [
        ("https://example.org/1/embed", True),
        ("http://example.org/1/embed", False),
        ("javascript:alert(1)", False),
        ("//example.org/1", False),
        ("http://[::1", False),
        ("https://a]b/c", False),
        ("https://℀.com/", False),
        ("", False),
    ],
)
def test_a_viewer_of_another_server_is_encrypted(embed_url: str, is_shown: bool) -> None:
    item = Item(source_id="1", name="Chair", embed_url=embed_url)

    assert model_details.viewer_url(item) == (embed_url if is_shown else None)


@pytest.mark.parametrize(
    ("page_url", "shown"),
    [
        ("https://www.example.org/chair?a=1&b=2", "example.org"),
        ("http://example.org:8080/", "example.org"),
        ("javascript://example.org/%0aalert(1)", None),
        ("https:///chair", None),
        ("chair.html", None),
        ("http://[::1", None),
        ("https://a]b/c", None),
        ("https://℀.com/", None),
    ],
)
def test_only_pages_of_the_web_are_linked(
    html: list[str], page_url: str, shown: str | None
) -> None:
    model_details.facts(Item(source_id="1", name="C", category="<b>", page_url=page_url))

    [facts] = html
    assert '<dd dir="auto">&lt;b&gt;</dd>' in facts
    assert ("<a " in facts) == (shown is not None)
    if shown:
        assert f'target="_blank" rel="noopener noreferrer">{shown}</a>' in facts


def test_a_name_that_the_heading_cuts_is_told_in_full(html: list[str]) -> None:
    model_details.facts(Item(source_id="1", name="x" * 61, tags=("a<", "b")))

    [facts] = html
    assert facts == (
        f'<dl class="facts"><dt>Name</dt><dd dir="auto">{"x" * 61}</dd>'
        '<dt>Tags</dt><dd dir="auto"><ul><li>a&lt;</li><li>b</li></ul></dd></dl>'
    )
