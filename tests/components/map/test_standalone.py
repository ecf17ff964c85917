"""The map as one HTML file, read as a browser reads it, whatever the models are called."""

import base64
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from PIL import Image

from components.map import colouring, standalone
from components.map.colouring import NONE, Colouring
from components.map.map_data import MapData
from components.map.map_view import Landmark
from core.catalogue import Catalogue, Item
from tests.components.map.test_map_data import catalogue_of, lay_out, read, unpacked
from tests.served_files import thumbnail_file

COUNT = 12
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]></SCRIPT >",
    "$title ${points} $$ $",
    "\\u003c \\ \" ' & &lt; \u2028 🪑 木",
]


class Read(HTMLParser):
    """What a browser finds in a page: its elements, and the text of each script and title."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append((tag, ""))
        self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            tag, text = self.texts[-1]
            self.texts[-1] = tag, text + data

    def all(self, tag: str) -> list[str]:
        return [text for found, text in self.texts if found == tag]

    def script(self, name: str) -> str:
        (number,) = [
            number for number, (_, said) in enumerate(self.elements) if said.get("id") == name
        ]
        assert self.elements[number][0] == "script"
        return self.texts[number][1]

    @property
    def points(self) -> dict[str, Any]:
        return dict(json.loads(self.script("points")))

    @property
    def settings(self) -> dict[str, Any]:
        return dict(json.loads(self.script("settings")))


def things(names: Sequence[str] = ()) -> list[Item]:
    return [
        Item(
            source_id=str(number),
            name=name,
            category=("Food", "Tools", "")[number % 3],
            creator="Ada" if number % 2 else "",
            licence="MIT",
            page_url=f"https://example.org/{number}" if number % 4 else "",
        )
        for number, name in enumerate(
            [*names, *(f"Thing {number}" for number in range(len(names), COUNT))]
        )
    ]


@pytest.fixture
def catalogue() -> Catalogue:
    made = catalogue_of(things())
    lay_out(
        made,
        order=[*range(5, COUNT), *range(5)],
        labels=[0, 1, 1, 2, -1, 0, 1, 2, 0, 0, 0, 1],
        clusters=["Chairs", "", "Lamps"],
    )
    return made


def landmarks(map_: MapData) -> list[Landmark]:
    return [Landmark(map_.row_of[one.landmark], one.name) for one in map_.clusters]


def page(
    catalogue: Catalogue,
    *,
    rows: Sequence[int] | None = None,
    coloured: Colouring | None = None,
) -> Read:
    return Read(page_text(catalogue, rows=rows, coloured=coloured))


def page_text(
    catalogue: Catalogue,
    *,
    rows: Sequence[int] | None = None,
    coloured: Colouring | None = None,
) -> str:
    map_ = read(catalogue)
    chosen = None if rows is None else np.isin(np.arange(len(map_.items)), rows)
    return standalone.as_html(
        catalogue,
        map_,
        coloured or colouring.by_cluster(map_, catalogue),
        landmarks(map_),
        rows=chosen,
    )


def picture_at(url: str) -> bytes:
    head, _, data = url.partition(",")
    assert head == "data:image/webp;base64"
    return base64.b64decode(data, validate=True)


# -- one file --------------------------------------------------------------------------


def test_the_page_loads_nothing_from_any_server(catalogue: Catalogue) -> None:
    text = page_text(catalogue)

    found = Read(text)
    loads = {"src", "href", "srcset", "data", "action", "poster", "ping", "background"}
    for tag, said in found.elements:
        assert tag not in {"link", "base", "iframe", "object", "embed", "form"}
        assert not loads & set(said), f"<{tag}> loads a file"
    assert "app/static" not in text
    assert found.settings["pictures"] == found.settings["atlas"] == ""
    # Pages of models are links that a person may follow; nothing else names a server.
    without_links = text
    for url in found.points["pages"]:
        without_links = without_links.replace(f'"{url}"', '""')
    assert not re.findall(r"\b(?:https?|wss?|ftp):/*\w", without_links)
    assert not re.search(r"@import|url\((?!['\"]?data:)", without_links)
    assert not re.search(r"""(?:import|from)\s*\(?\s*["']""", without_links)
    assert all(url.startswith("data:image/") for url in found.points["pictures"])


def test_the_page_is_a_complete_document_with_the_scripts_of_the_app(catalogue: Catalogue) -> None:
    text = page_text(catalogue)
    found = Read(text)
    assert text.startswith("<!doctype html>") and text.rstrip().endswith("</html>")
    assert found.all("h1") == found.all("title") == ["Things"]
    assert found.all("p")[0] == "12 models of Things, made with Lookalike"
    assert "class Renderer {" in found.all("script")[-1]
    assert [tag for tag, _ in found.elements].count("canvas") == 1
    assert next(said for tag, said in found.elements if tag == "meta") == {"charset": "utf-8"}


# -- what is in it ---------------------------------------------------------------------


def test_the_page_holds_the_whole_map_with_coordinates_credits_and_pictures(
    catalogue: Catalogue,
) -> None:
    map_ = read(catalogue)

    found = page(catalogue)

    points = found.points
    assert points["ids"] == [item.id for item in map_.items]
    assert points["names"] == [item.name for item in map_.items]
    assert points["pages"] == [item.page_url for item in map_.items]
    assert points["credits"] == ["Ada · MIT" if item.creator else "MIT" for item in map_.items]
    categories = [points["categories"][number] for number in unpacked(points["category"], "<u2")]
    assert categories == [item.category for item in map_.items]
    np.testing.assert_array_equal(
        unpacked(points["layouts"]["map"], "<f4").reshape(-1, 2), map_.layouts["map"]
    )
    for item, url in zip(map_.items, points["pictures"], strict=True):
        assert picture_at(url) == catalogue.pictures.thumbnail(item.id)


def test_the_page_holds_only_the_selected_models(catalogue: Catalogue) -> None:
    map_, rows = read(catalogue), [1, 4, 7, 11]
    coloured = colouring.by_cluster(map_, catalogue)

    text = page_text(catalogue, rows=rows)

    points, settings = Read(text).points, Read(text).settings
    for row, item in enumerate(map_.items):
        assert (item.id in text) == (row in rows)
    assert points["names"] == [map_.items[row].name for row in rows]
    assert {len(points[key]) for key in ("pictures", "pages", "credits", "versions")} == {4}
    np.testing.assert_array_equal(
        unpacked(points["layouts"]["map"], "<f4").reshape(-1, 2), map_.layouts["map"][rows]
    )
    assert unpacked(settings["groups"], "u1").tolist() == coloured.groups[rows].tolist()
    assert unpacked(settings["groups"], "u1").tolist() == [1, NONE, 2, 1]
    assert settings["faded"] == settings["selected"] == ""
    assert settings["label"] == "Map of 4 models"


def test_selected_landmarks_keep_their_points_and_others_are_left_out(
    catalogue: Catalogue,
) -> None:
    map_ = read(catalogue)
    whole = page(catalogue)
    assert [one["point"] for one in whole.settings["landmarks"]] == [0, 1, 3]

    found = page(catalogue, rows=[1, 2, 3, 6])

    listed = {one["name"]: found.points["ids"][one["point"]] for one in found.settings["landmarks"]}
    assert listed == {"": map_.items[1].id, "Lamps": map_.items[3].id}


def test_the_legend_lists_the_selected_groups(catalogue: Catalogue) -> None:
    map_ = read(catalogue)
    coloured = colouring.by_cluster(map_, catalogue)
    colour_of = {entry.name: entry.colour for entry in coloured.entries}

    legend = page(catalogue, rows=[0, 3, 4, 5]).settings["legend"]

    assert [entry["name"] for entry in legend] == ["Chairs", "Lamps"]
    assert [entry["colour"] for entry in legend] == [colour_of["Chairs"], colour_of["Lamps"]]
    assert [entry["name"] for entry in page(catalogue).settings["legend"]] == [
        "Chairs",
        "Cluster 2",
        "Lamps",
    ]


def test_the_legend_counts_the_models_of_the_page(catalogue: Catalogue) -> None:
    legend = page(catalogue, rows=[0, 3, 4, 5]).settings["legend"]
    assert [entry["count"] for entry in legend] == [2, 1]


def test_the_legend_is_right_if_a_cluster_is_empty(catalogue: Catalogue) -> None:
    map_ = read(catalogue)
    catalogue.items.remove(
        [item.id for row, item in enumerate(map_.items) if map_.labels[row] == 0]
    )
    map_ = read(catalogue)
    lamps = np.flatnonzero(map_.labels == 2)

    found = Read(
        standalone.as_html(
            catalogue,
            map_,
            colouring.by_cluster(map_, catalogue),
            [],
            rows=np.isin(np.arange(len(map_.items)), lamps),
        )
    )

    assert [entry["name"] for entry in found.settings["legend"]] == ["Lamps"]


def test_a_page_without_models_can_be_opened(catalogue: Catalogue) -> None:
    found = page(catalogue, rows=[])
    assert found.points["ids"] == []
    assert found.settings["landmarks"] == found.settings["legend"] == []


# -- hostile names ----------------------------------------------------------


def test_no_name_ends_the_data_or_adds_an_element() -> None:
    items = [
        replace(item, category=name, creator=name, licence=name, page_url=name)
        for item, name in zip(things(HOSTILE), HOSTILE, strict=False)
    ]
    catalogue = catalogue_of(items)
    lay_out(catalogue, labels=[0] * len(items), clusters=[HOSTILE[0]])
    map_ = read(catalogue)
    by_category = colouring.by_facet(map_, "category")

    text = page_text(catalogue, coloured=by_category)
    found = Read(text)

    harmless = page_text(catalogue, rows=[])
    assert [tag for tag, _ in found.elements] == [tag for tag, _ in Read(harmless).elements]
    assert text.lower().count("</script") == harmless.lower().count("</script")
    assert "<!--" not in text
    assert found.points["names"] == HOSTILE
    assert found.points["pages"] == HOSTILE
    assert found.points["credits"] == [f"{name} · {name}" for name in HOSTILE]
    assert sorted(found.points["categories"]) == sorted(HOSTILE)
    assert found.settings["landmarks"] == [{"point": 0, "name": HOSTILE[0]}]
    assert sorted(entry["name"] for entry in found.settings["legend"]) == sorted(HOSTILE)


@pytest.mark.parametrize("title", ["</title><script>alert(1)</script>", '"><img src=x>', *HOSTILE])
def test_a_title_is_only_text(title: str) -> None:
    Catalogue.create("things", title=title)
    catalogue = catalogue_of(things())
    lay_out(catalogue)

    found = page(catalogue)

    assert found.all("h1") == [title]
    assert found.all("title") == [title]
    assert found.all("p")[0] == f"{COUNT} models of {title}, made with Lookalike"
    assert [tag for tag, _ in found.elements].count("script") == 3
    assert "img" not in {tag for tag, said in found.elements if "src" in said}


# -- pictures --------------------------------------------------------------------------


def test_a_lost_thumbnail_is_not_an_error(catalogue: Catalogue) -> None:
    map_ = read(catalogue)
    thumbnail_file(catalogue, map_.items[4].id).unlink()

    pictures = page(catalogue).points["pictures"]

    assert [row for row, url in enumerate(pictures) if not url] == [4]


def test_the_pictures_of_many_models_are_smaller(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    map_ = read(catalogue)
    monkeypatch.setattr(standalone, "MAX_FULL_THUMBNAILS", 5)
    thumbnail_file(catalogue, map_.items[4].id).unlink()

    in_full = page(catalogue, rows=[0, 1, 2, 3, 4]).points["pictures"]
    small = page(catalogue).points["pictures"]

    for row in (0, 1, 2, 3):
        whole = Image.open(io.BytesIO(picture_at(in_full[row])))
        less = Image.open(io.BytesIO(picture_at(small[row])))
        assert (whole.size, less.size, less.format) == ((160, 160), (64, 64), "WEBP")
        means = [np.asarray(one.convert("RGB"), float).mean(axis=(0, 1)) for one in (whole, less)]
        np.testing.assert_allclose(
            means[0],
            means[1],
            atol=8,
        )
    assert in_full[4] == small[4] == ""


@pytest.mark.parametrize(
    "in_full",
    [500, 5],
)
def test_a_broken_thumbnail_is_not_an_error(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, in_full: int
) -> None:
    map_ = read(catalogue)
    monkeypatch.setattr(standalone, "MAX_FULL_THUMBNAILS", in_full)
    thumbnail_file(catalogue, map_.items[4].id).write_bytes(b"<html>not found</html>")

    pictures = page(catalogue).points["pictures"]

    assert len(pictures) == COUNT
    assert all(picture_at(url) for url in pictures[:4] + pictures[5:])
