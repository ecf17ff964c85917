"""The benchmark of backgrounds: what it measures of masks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks import grounds
from benchmarks.grounds import Judged
from benchmarks.support.data_folder import data_folder
from benchmarks.support.machine import Row
from core import settings
from core.catalogue import Catalogue, Item
from core.importers import InMemoryEntry, Source, fluent, on_grounds
from core.importers.grounds import GROUNDS, Composite, compose, generator
from core.pictures import encoding

Mask = NDArray[np.float32]


@dataclass(frozen=True)
class FakeMask:
    alpha: Mask | None
    whole: bool = False


class FakeSegmenter:
    """Answers with the masks that it was given, in their order."""

    def __init__(self, masks: Sequence[FakeMask]) -> None:
        self.left = list(masks)
        self.batches: list[int] = []

    def masks(self, pictures: Sequence[Image.Image]) -> list[FakeMask]:
        self.batches.append(len(pictures))
        return [self.left.pop(0) for _ in pictures]


def composites(count: int) -> list[tuple[Item, Composite]]:
    cut_out = Image.new("RGBA", (60, 60), "red")
    return [
        (
            Item(source_id=str(number), name=f"model {number}"),
            compose(cut_out, random=generator(str(number))),
        )
        for number in range(count)
    ]


def right(composite: Composite, *, size: tuple[int, int] | None = None) -> FakeMask:
    """Return the right mask, as a segmentation with lower resolution would have it."""
    alpha = Image.fromarray(composite.mask)
    return FakeMask(np.asarray(alpha.resize(size or alpha.size), np.float32) / np.float32(255))


def judged(made: Sequence[tuple[Item, Composite]], masks: Sequence[FakeMask]) -> list[Judged]:
    return list(grounds.judge(made, FakeSegmenter(masks)))


@pytest.mark.parametrize("size", [None, (112, 112)])
def test_right_masks_of_any_resolution_score_one(size: tuple[int, int] | None) -> None:
    made = composites(5)
    found = judged(made, [right(composite, size=size) for _, composite in made])
    assert [each.name for each in found] == [f"model {number}" for number in range(5)]
    assert all(each.iou > (0.999 if size is None else 0.95) for each in found)


def test_without_a_mask_the_whole_picture_counts() -> None:
    [pair] = composites(1)
    area = float(np.mean(pair[1].mask >= 127.5))
    for mask in (FakeMask(None, whole=True), FakeMask(None), FakeMask(right(pair[1]).alpha, True)):
        [found] = judged([pair], [mask])
        assert found.iou == pytest.approx(area) and found.found.all()


def test_pictures_are_segmented_in_batches() -> None:
    made = composites(3) * 25
    segmenter = FakeSegmenter([right(composite) for _, composite in made])
    assert len(list(grounds.judge(made, segmenter))) == 75
    assert segmenter.batches == [32, 32, 11]


@pytest.mark.parametrize(
    "first, second, expected",
    [([1, 1, 0, 0], [0, 1, 1, 0], 1 / 3), ([0, 0], [0, 0], 1), ([1, 0], [0, 1], 0)],
)
def test_iou(first: list[int], second: list[int], expected: float) -> None:
    assert grounds.iou(np.array(first, bool), np.array(second, bool)) == pytest.approx(expected)


def test_rows_by_kind_and_for_all() -> None:
    made = composites(12)
    masks = [right(composite) for _, composite in made]
    masks[0] = FakeMask(None, whole=True)
    found = judged(made, masks)
    *kinds, everything = grounds.mask_rows(found)
    assert [row["ground"] for row in kinds] == sorted({pair[1].kind for pair in made})
    assert everything["ground"] == "all" and everything["pictures"] == 12
    assert sum(int(row["pictures"]) for row in kinds) == 12
    assert everything["no one object"] == round(1 / 12, 3)
    assert everything["mean IoU"] == round(float(np.mean([each.iou for each in found])), 3)


def test_pictures_without_an_object_are_counted_by_kind() -> None:
    pictures = grounds.empty_pictures(GROUNDS, count=3, seed=1)
    again = grounds.empty_pictures(GROUNDS, count=3, seed=1)
    assert set(pictures) == {*GROUNDS, "pattern"}
    assert all(len(each) == 3 for each in pictures.values())
    assert all(
        first.tobytes() == second.tobytes()
        for kind, each in pictures.items()
        for first, second in zip(each, again[kind], strict=True)
    )
    found = {kind: [FakeMask(None, whole=True)] * 3 for kind in pictures}
    found["floor"] = [FakeMask(np.ones((9, 9), np.float32)), *found["floor"][1:]]
    segmenter = FakeSegmenter([mask for kind in pictures for mask in found[kind]])

    *kinds, everything = grounds.empty_rows(pictures, segmenter)

    assert {row["picture"]: row["one object"] for row in kinds if row["one object"]} == {
        "floor": 0.333
    }
    assert everything == {
        "picture": "all",
        "pictures": 3 * len(pictures),
        "one object": round(1 / (3 * len(pictures)), 3),
    }


def test_the_page_has_the_worst_first_and_at_most_fifty() -> None:
    made = composites(4)
    masks = [right(composite) for _, composite in made]
    masks[2] = FakeMask(None, whole=True)
    page = grounds.worst_page(judged(made, masks), count=1)
    pixels = np.asarray(page).astype(int)
    tinted = pixels[:, grounds.WIDTH + 4 :]
    assert (tinted[..., 0] - tinted[..., 2] > 150).mean() > 0.1, "what is not the object is red"
    assert (tinted[..., 1] - tinted[..., 2] > 150).mean() > 0.05, "the object is green"
    assert grounds.worst_page(judged(made, masks)).height > page.height
    assert grounds.worst_page([]).size


def test_shares_of_the_plain_catalogue() -> None:
    row = grounds.shares(
        {"descriptor": "compact", "R@1": 0.4, "R@10": 0.8},
        {"descriptor": "compact", "R@1": 0.1, "R@10": 0.6},
        columns=("R@1", "R@10"),
    )
    assert row["descriptor"] == "compact"
    assert (row["R@10, plain"], row["R@10, on grounds"], row["R@10, share"]) == (0.8, 0.6, 0.75)
    assert row["R@1, share"] == 0.25
    nothing: Row = {"descriptor": "compact", "R@1": 0.0}
    assert grounds.shares(nothing, nothing, columns=("R@1",))["R@1, share"] == 0


@pytest.mark.parametrize(
    "items, expected", [(None, range(10)), (3, [0, 4, 9]), (1, [0]), (99, range(10))]
)
def test_fewer_models_are_evenly_spread(
    items: int | None, expected: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        InMemoryEntry(Item(source_id=str(number), name="A"), b"%d" % number) for number in range(10)
    ]
    monkeypatch.setattr(fluent, "read", lambda: Source("fluent", "fluent", 10, iter(entries)))
    models = grounds.cut_outs("fluent", items=items)
    assert [int(item.source_id) for item, _ in models] == list(expected)
    assert [data for item, data in models] == [item.source_id.encode() for item, _ in models]


@pytest.mark.parametrize("kept", [True, False])
def test_the_catalogues_have_a_data_folder_of_their_own(kept: bool, tmp_path: Path) -> None:
    before = settings.data_root()
    keep = tmp_path / "kept" if kept else None
    with data_folder(keep):
        inside = settings.data_root()
        Catalogue.create("mine")
        assert inside != before and (keep is None or inside == keep)
    assert settings.data_root() == before
    assert inside.exists() == kept


@pytest.mark.slow
def test_both_catalogues_have_the_same_models_and_are_compared() -> None:
    models = []
    for number in range(6):
        picture = Image.new("RGBA", (96, 96))
        draw = ImageDraw.Draw(picture)
        draw.rounded_rectangle((8, 8, 88, 88), 8 * number, (40 * number, 80, 160, 255))
        item = Item(source_id=str(number), name="A", category="left" if number < 3 else "right")
        models.append((item, encoding.png(picture)))
    source = grounds.source_of("furniture", models)
    plain, seconds = grounds.make(source, name="furniture", title="Plain")
    assert seconds > 0
    on_ground = on_grounds.read(grounds.source_of("furniture", models))
    second, _ = grounds.make(on_ground, name="furniture-on-grounds", title="On grounds")
    ids = [[item.id for item in each.items.find()] for each in (plain, second)]
    assert ids[0] == ids[1]
    assert {second.pictures.extension(item) for item in second.items.find()} == {"jpg"}

    [rows] = grounds.compare(plain, second, every=1).values()
    assert [row["descriptor"] for row in rows] == ["published", "compact"]
    assert all(0 < float(row["same category, plain"]) <= 1 for row in rows)
    again = grounds.make(grounds.source_of("furniture", models), name="furniture", title="Plain")
    assert again[1] == 0, "nothing was left to index"
