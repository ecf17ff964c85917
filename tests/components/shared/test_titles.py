"""What a page is called."""

from components.shared import titles


def test_a_heading_is_smaller_if_long_and_never_html(html: list[str]) -> None:
    titles.heading('<img src="x">', of='a"b')
    titles.heading("x" * (titles.LONG + 1), of="c")
    titles.unseen_heading("<b>")

    short, long, unseen = html
    assert short.startswith('<h1 class="name" dir="auto" data-of="a&quot;b" title="&lt;img')
    assert "<img" not in short
    assert long.startswith('<h1 class="name long"')
    assert unseen == '<h1 class="unseen" dir="auto">&lt;b&gt;</h1>'
