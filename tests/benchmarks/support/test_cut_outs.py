"""Cut-outs: which pictures are objects to learn from, and in which order they are looked at."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.support import cut_outs
from benchmarks.support.cut_outs import Quota, cut_out, is_photograph, shuffled
from benchmarks.support.packages import FileFilter, Package
from core.pictures import encoding


def disc(*, size: tuple[int, int] = (300, 200), radius: int = 60) -> Image.Image:
    picture = Image.new("RGBA", size)
    ImageDraw.Draw(picture).ellipse((20, 20, 20 + 2 * radius, 20 + 2 * radius), fill="red")
    return picture


def test_an_object_is_cropped_to_its_alpha() -> None:
    found = cut_out(disc())
    assert found is not None and found.size == (121, 121)


def test_a_large_object_becomes_smaller() -> None:
    found = cut_out(disc(size=(1500, 1500), radius=700))
    assert found is not None and max(found.size) == cut_outs.MAX_SIDE


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(Image.new("RGBA", (200, 200)), id="nothing"),
        pytest.param(Image.new("RGB", (200, 200), "red"), id="nothing transparent"),
        pytest.param(disc(radius=15), id="too small"),
        pytest.param(
            Image.new("RGBA", (400, 200)).crop((0, 0, 400, 200)), id="all of it transparent"
        ),
    ],
)
def test_other_pictures_are_left_out(picture: Image.Image) -> None:
    assert cut_out(picture) is None


def test_what_fills_its_box_or_is_too_thin_is_left_out() -> None:
    for box in ((50, 50, 150, 150), (10, 50, 190, 55)):
        picture = Image.new("RGBA", (200, 200))
        ImageDraw.Draw(picture).rectangle(box, fill="red")
        assert cut_out(picture) is None


def test_photographs_have_noise() -> None:
    random = np.random.default_rng(0)
    pixels = np.full((100, 100, 4), 255, np.uint8)
    pixels[..., :3] = 128 + random.normal(0, 4, (100, 100, 3))
    assert is_photograph(Image.fromarray(pixels))
    assert not is_photograph(disc())


def test_the_order_depends_on_the_names_only() -> None:
    names = [f"{number}" for number in range(50)]
    assert shuffled(names) == shuffled(reversed(names)) != names
    assert sorted(shuffled(names)) == sorted(names)


def test_a_quota_counts_only_what_was_taken() -> None:
    quota = Quota()
    assert quota.take({"a": 2, "b": 1})
    assert not quota.take({"a": 2, "b": 1})
    assert quota.take({"a": 2}) and not quota.take({"a": 2})


def test_names_without_their_numbers() -> None:
    assert cut_outs.without_number("a/hammer-12.png") == "hammer"
    assert cut_outs.without_number("a/cat.webp") == "cat"


def test_what_is_no_picture_is_left_out() -> None:
    assert cut_outs.decoded("a.png", b"no picture") is None
    assert cut_outs.decoded("a.txt", encoding.png(disc())) is None
    assert cut_outs.decoded("a.png", encoding.png(disc())) is not None


def test_drawings_of_one_folder_and_of_the_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*(f"games/res/animals/cat_{n}.png" for n in range(50)), "games/res/animals/ico_a.png"]
    files = {name: encoding.png(disc(radius=50 + n)) for n, name in enumerate(names)}

    def contents(_: Package, wanted: FileFilter) -> Iterator[tuple[str, bytes]]:
        return ((name, data) for name, data in files.items() if wanted(name))

    monkeypatch.setattr(Package, "files", contents)
    package = Package(kind="debian", name="a", version="1", sha256="")
    found = list(cut_outs.of_pysiogame(package))
    assert len(found) == cut_outs.OF_ONE_FOLDER
    assert all(each.group == "pysiogame" and "ico_" not in each.name for each in found)


def test_icons_are_drawn_in_the_box_that_their_package_says() -> None:
    icons = {"icons": {"a": {"body": "<path/>", "width": 32}}, "width": 16, "height": 8}
    svg = cut_outs._svg(json.loads(json.dumps(icons)), "a").decode()
    assert 'viewBox="0 0 32 8" width="512.0" height="128.0"' in svg and "<path/>" in svg
