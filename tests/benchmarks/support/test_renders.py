"""The models that are rendered, and what is unpacked of a package."""

from pathlib import Path

from PIL import Image

from benchmarks.support import renders


def test_models_are_spread_over_their_folders() -> None:
    paths = [*(f"many/{number}.obj" for number in range(9)), "few/a.obj", "few/b.obj", "one/a.obj"]
    ordered = renders.spread(paths)
    assert sorted(ordered) == sorted(paths)
    assert {path.split("/")[0] for path in ordered[:3]} == {"many", "few", "one"}
    assert {path.split("/")[0] for path in ordered[3:5]} == {"many", "few"}


def test_files_are_unpacked_below_the_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    for path in ("a/b.obj", "../c.obj", "/d.obj", "a/../../e.obj"):
        renders.unpack(folder, path, b"v 0 0 0")
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()] == [
        Path("inside/a/b.obj")
    ]


def test_plain_boxes_have_few_colours() -> None:
    assert not renders.has_colours(Image.new("RGBA", (50, 50), "red"))
    assert renders.has_colours(Image.linear_gradient("L").convert("RGBA"))
    assert not renders.has_colours(Image.new("RGBA", (50, 50)))
