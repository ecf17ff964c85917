"""Links that look like buttons, whatever is in their labels and URLs."""

from components.shared.links import Link, html, icon


def test_labels_urls_and_tooltips_cannot_become_html() -> None:
    link = Link('<b>&"', '?q="><script>', symbol='"><i>', aloud='"onclick="x')

    found = html([link])

    assert "<b>" not in found and "<script>" not in found and "<i>" not in found
    assert 'href="?q=&quot;&gt;&lt;script&gt;"' in found
    assert 'aria-label="&quot;onclick=&quot;x" title="&quot;onclick=&quot;x"' in found


def test_a_plain_click_stays_within_the_app() -> None:
    found = html([Link("One", "?a=1"), Link("Two", "./map", is_primary=True)])

    assert found == (
        '<div class="links">'
        '<a class="in-app button" href="?a=1"><span dir="auto">One</span></a>'
        '<a class="in-app primary button" href="./map"><span dir="auto">Two</span></a>'
        "</div>"
    )


def test_an_icon_is_not_read_aloud() -> None:
    assert icon("draw") == '<span class="icon" aria-hidden="true">draw</span>'
    assert icon("") == ""
