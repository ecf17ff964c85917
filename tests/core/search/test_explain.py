"""Contributions sum to the score; oracles remove parts of a picture and compare again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from core.descriptors import COMPACT, Compact, NoLinesError, Published, QueryKind, Space
from core.descriptors.activations import activations, pyramid
from core.descriptors.base import columns
from core.descriptors.fitting import MIN_ITEMS_TO_FIT, fit
from core.descriptors.model_input import model_input
from core.pictures import WHOLE
from core.search.explain import (
    Match,
    MatchMap,
    cell_contributions,
    concentration,
    contributions,
    match,
)
from core.similarity import Index
from core.vision import Features, Network, cutout, drawing_detector, precision, preprocessing
from core.vision.cutout import Cutout

pytestmark = pytest.mark.slow

CELLS = (7, 7, 512)
SEEDS = st.integers(0, 2**32 - 1)
few_examples = settings(max_examples=15)

# ---------------------------------------------------------------- test data


def rows(count: int, *, seed: int = 0) -> np.ndarray:
    """Return `activations` of synthetic features, half of them zeros, as from the network."""
    blocks = np.random.default_rng(seed).normal(size=(2, count, *CELLS)).astype(np.float32)
    return activations(Features(*np.maximum(blocks, 0)), [WHOLE] * count)


def projected(
    *, seed: int, width: int = 2 * 7 * 7 * 512, dimensions: int = 6
) -> tuple[np.ndarray, np.ndarray]:
    """Return a pair of centred rows, and directions."""
    chance = np.random.default_rng(seed)
    pair = chance.normal(size=(2, width)) / np.sqrt(width)
    return pair.astype(np.float32), chance.normal(size=(dimensions, width)).astype(np.float32)


def scene(*, other: str) -> Image.Image:
    """Draw rings around a cross in the top left corner, and one of two shapes far from them."""
    picture = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(picture)
    for radius, ink in ((56, "navy"), (42, "white"), (28, "crimson"), (12, "black")):
        draw.ellipse((64 - radius, 64 - radius, 64 + radius, 64 + radius), fill=ink)
    draw.line((8, 64, 120, 64), fill="black", width=5)
    draw.line((64, 8, 64, 120), fill="black", width=5)
    if other == "box":
        draw.rectangle((150, 180, 248, 248), fill="gold")
    else:
        draw.polygon([(200, 130), (140, 248), (248, 230)], fill="purple")
    return picture


def drawing(side: int = 200) -> Image.Image:
    picture = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 20, 180, 120), outline="black", width=4)
    draw.line((100, 120, 100, 185), fill="black", width=4)
    return picture


@pytest.fixture(scope="module")
def trained() -> Network:
    return precision.load()


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    """A drawing, an object in a wide picture, one that fills its picture, and no plain ground."""
    wide = Image.new("RGB", (300, 180), "white")
    wide.paste(scene(other="box").resize((120, 120)), (150, 20))
    noise = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    return [drawing(), wide, scene(other="spike"), Image.fromarray(noise)]


@pytest.fixture(scope="module")
def compact() -> Compact:
    photos, others = np.split(rows(2 * (MIN_ITEMS_TO_FIT + 6)), 2)
    return Compact("w", fit(photos, (photos + others) / 2))


@pytest.fixture(scope="module")
def random() -> Compact:
    """Return the random projection that is used for few pictures and preserves cosines."""
    photos = rows(3)
    return Compact("w", fit(photos, photos))


def cut(picture: Image.Image) -> Cutout:
    """Return the object that is found without the network, or the whole picture."""
    return cutout.find_object(picture) or cutout.whole(picture)


def check_sums(found: Match, *, score: float, within: float) -> None:
    assert found.score == pytest.approx(score, abs=within)
    for side in (found.first, found.second):
        assert side.cells.shape == (7, 7)
        assert side.cells.dtype == np.float64
        assert side.cells.sum() == pytest.approx(score, abs=within)


# ---------------------------------------------------------------- real pictures


def test_published_sums_to_the_score_of_a_search(
    trained: Network, pictures: list[Image.Image]
) -> None:
    published = Published("w")
    index = Index("abcd", [published.embed(trained, pictures).vectors[:, 0]])
    query, *others = pictures

    [best] = index.top_k(index.rows([0]), k=4)

    scores = dict(zip(best.rows.tolist(), best.scores.tolist(), strict=True))
    for row, other in enumerate(others, start=1):
        found = match(cut(query), cut(other), descriptor=published, network=trained, space="models")
        check_sums(found, score=scores[row], within=1e-6)
        assert found.first.part == found.second.part == WHOLE


@pytest.mark.parametrize(
    ("space", "query_kind"),
    [("models", "auto"), ("pictures", "auto"), ("pictures", "drawing"), ("pictures", "photo")],
)
def test_compact_sums_to_the_score_of_the_stored_vectors(
    space: Space,
    query_kind: QueryKind,
    trained: Network,
    compact: Compact,
    random: Compact,
    pictures: list[Image.Image],
) -> None:
    seen = [model_input(COMPACT, cut(picture), query_kind="photo") for picture in pictures]
    features = trained.features(np.stack([view.pixels for view in seen]))
    as_models = activations(features, [view.part for view in seen]).astype(np.float16)
    for descriptor in (compact, random):
        stored = descriptor.stored(as_models)
        vectors = stored[:, columns(COMPACT, space, stored.shape[1])]
        for query in (0, 2):
            variants = vectors[query : query + 1]
            if space == "pictures":
                embedded = descriptor.embed(
                    trained, [cut(pictures[query])], query_kinds=[query_kind]
                )
                [variants] = embedded.vectors
            scores = (variants @ vectors[1]).tolist()
            found = match(
                cut(pictures[query]),
                cut(pictures[1]),
                descriptor=descriptor,
                network=trained,
                space=space,
                first_as="model" if space == "models" else query_kind,
            )
            # Stored activations are of half precision.
            check_sums(found, score=max(scores), within=1e-4)
            assert found.mirrored == (scores[0] < scores[-1])


def test_a_photograph_sums_to_its_score_with_models(
    trained: Network, compact: Compact, pictures: list[Image.Image]
) -> None:
    """What is a photograph is told by the network: the noise is one. A drawing is none."""
    drawn, wide, _, noise = pictures
    embedded = compact.embed(trained, [drawn, noise], query_kinds=["drawing", "photo"])
    assert set(embedded.photographs) == {1}
    assert embedded.space() == "pictures"
    assert embedded.only(1).space() == "models"
    view = model_input(COMPACT, cut(wide), query_kind="photo")
    features = trained.features(np.stack([view.pixels]))
    stored = compact.stored(activations(features, [view.part]))
    [model] = stored[:, columns(COMPACT, "models", stored.shape[1])]

    found = match(
        cut(noise),
        cut(wide),
        descriptor=compact,
        network=trained,
        space="models",
        first_as="photo",
    )

    scores = (embedded.of(1, "models") @ model).tolist()
    check_sums(found, score=max(scores), within=1e-4)
    assert found.mirrored == (scores[1] > scores[0])


def test_what_has_no_lines_is_refused_as_a_drawing(
    trained: Network, compact: Compact, pictures: list[Image.Image]
) -> None:
    drawn, _, _, noise = pictures
    white = Image.new("RGB", (90, 90), "white")

    for unusable in (noise, white):
        with pytest.raises(NoLinesError, match="no lines that can be told from its background"):
            compact.embed(trained, [drawn, unusable], query_kinds=["drawing", "drawing"])
    assert len(compact.embed(trained, [drawn, noise], query_kinds=["drawing", "photo"]).vectors)


def test_what_may_be_a_drawing_or_not_is_compared_as_both(
    trained: Network,
    compact: Compact,
    pictures: list[Image.Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn, wide, *_ = pictures
    monkeypatch.setattr(drawing_detector, "detect", lambda picture: "either")
    one_way, other_way = (
        compact.embed(trained, [drawn, wide], query_kinds=[kind, "photo"]).vectors
        for kind in ("photo", "drawing")
    )

    found = compact.embed(trained, [drawn, wide], query_kinds=["auto", "photo"])

    mean = one_way[0] + other_way[0]
    expected = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    np.testing.assert_allclose(found.vectors[0], expected, atol=1e-5)
    np.testing.assert_allclose(found.vectors[1], one_way[1], atol=1e-5)
    # What may be a drawing is not compared as a photograph.
    assert set(found.photographs) == {1}


def test_a_picture_that_is_nearly_all_ink_is_compared_as_a_picture(
    trained: Network, compact: Compact, monkeypatch: pytest.MonkeyPatch
) -> None:
    square = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(square).rectangle((30, 30, 170, 170), fill="black")
    monkeypatch.setattr(drawing_detector, "detect", lambda picture: "drawing")

    [[found], [expected]] = (
        compact.embed(trained, [square], query_kinds=[kind]).vectors for kind in ("auto", "photo")
    )

    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("space", "as_drawing"), [("models", False), ("pictures", True)], ids=["models", "pictures"]
)
def test_the_cells_cover_the_part_that_the_network_was_shown(
    space: Space,
    as_drawing: bool,
    trained: Network,
    compact: Compact,
    pictures: list[Image.Image],
) -> None:
    """Models are never drawings; a line drawing of a picture without an object is a square."""
    _, wide, _, noise = pictures

    found = match(
        cut(noise),
        cut(wide),
        descriptor=compact,
        network=trained,
        space=space,
        first_as="drawing" if as_drawing else "model",
    )

    assert found.first.part == preprocessing.shown_part(cut(noise), as_drawing=as_drawing)
    assert (found.first.part == WHOLE) != as_drawing
    assert found.second.part == preprocessing.shown_part(cut(wide)) != WHOLE


@pytest.mark.parametrize("name", ["published", "compact"])
def test_the_shared_part_of_two_pictures_contributes_most(
    name: str, trained: Network, random: Compact
) -> None:
    descriptor = Published("w") if name == "published" else random
    first = scene(other="box")
    second = scene(other="spike")

    found = match(cut(first), cut(second), descriptor=descriptor, network=trained, space="models")

    for side in (found.first, found.second):
        row, column = np.unravel_index(side.cells.argmax(), side.cells.shape)
        x = side.part.left + (column + 0.5) / 7 * (side.part.right - side.part.left)
        y = side.part.top + (row + 0.5) / 7 * (side.part.bottom - side.part.top)
        assert (x * 256, y * 256) == pytest.approx((64, 64), abs=40)
    assert found.strongest == max(found.first.cells.max(), found.second.cells.max())


@pytest.mark.parametrize("space", ["models", "pictures"])
def test_a_picture_matches_itself_with_one_map(
    space: Space, trained: Network, compact: Compact, pictures: list[Image.Image]
) -> None:
    for descriptor in (Published("w"), compact):
        found = match(
            cut(pictures[1]),
            cut(pictures[1]),
            descriptor=descriptor,
            network=trained,
            space=space,
            first_as="model",
        )
        check_sums(found, score=1, within=1e-5)
        np.testing.assert_allclose(found.first.cells, found.second.cells, atol=1e-5)


def test_the_map_of_a_mirrored_picture_marks_where_it_matches(
    trained: Network, random: Compact
) -> None:
    """The similar part is on the left of one picture and on the right of the other."""
    first, second = ImageOps.mirror(scene(other="box")), scene(other="spike")

    found = match(
        cut(first),
        cut(second),
        descriptor=random,
        network=trained,
        space="pictures",
        first_as="photo",
    )

    assert found.mirrored
    columns_of = [side.cells.clip(0).sum(axis=0) for side in (found.first, found.second)]
    first_half, second_half = (found[:3].sum() - found[4:].sum() for found in columns_of)
    assert first_half < 0 < second_half


# ---------------------------------------------------------------- decomposing a cosine


@few_examples
@given(SEEDS)
def test_contributions_sum_to_the_cosine_of_the_projections(seed: int) -> None:
    pair, directions = projected(seed=seed)

    score, both = contributions(pair, directions)

    first, second = (directions.astype(np.float64) @ row for row in pair)
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert score == pytest.approx(cosine, abs=1e-5)
    np.testing.assert_allclose(both.sum(axis=1), cosine, atol=1e-5)


@few_examples
@given(SEEDS)
def test_the_contributions_of_a_row_to_itself_sum_to_one(seed: int) -> None:
    pair, directions = projected(seed=seed)

    score, both = contributions(pair[[0, 0]], directions)

    assert score == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(both[0], both[1])


@few_examples
@given(SEEDS, st.integers(0, 6), st.integers(0, 6), st.sampled_from([0, 1]))
def test_removing_a_cell_removes_its_contribution(
    seed: int, down: int, across: int, side: int
) -> None:
    pair, directions = projected(seed=seed)
    vectors = pair.astype(np.float64) @ directions.T
    without = pair.reshape(2, 2, *CELLS).astype(np.float64)
    without[side, :, down, across] = 0
    left = without.reshape(2, -1) @ directions.T

    _, both = contributions(pair, directions)
    found = cell_contributions(both[side], pair[side])[down, across]

    lost = vectors[0] @ vectors[1] - left[side] @ vectors[1 - side]
    assert found == pytest.approx(lost / np.linalg.norm(vectors, axis=1).prod(), abs=1e-5)


def test_a_picture_without_features_matches_nothing() -> None:
    pair, directions = projected(seed=0)
    pair[1] = 0

    score, both = contributions(pair, directions)

    assert score == 0
    assert not both.any()


# ---------------------------------------------------------------- from columns to cells


@few_examples
@given(SEEDS)
def test_contributions_of_quarters_and_the_whole_are_kept_in_the_cells(seed: int) -> None:
    [row] = rows(1, seed=seed)
    brought = np.random.default_rng(seed).normal(size=pyramid(row[np.newaxis]).shape[1:])

    cells = cell_contributions(brought, row)

    assert cells.sum() == pytest.approx(brought.sum(), abs=1e-8)


@few_examples
@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 511), st.sampled_from([0, 1]))
def test_contributions_of_a_single_cell_stay_in_that_cell(
    down: int, across: int, channel: int, block: int
) -> None:
    blocks = np.zeros((2, *CELLS), np.float32)
    blocks[block, down, across, channel] = 1
    row = blocks.ravel()
    # What a picture brings to its own length: nothing where it has nothing.
    brought = np.square(pyramid(row[np.newaxis])[0])

    cells = cell_contributions(brought, row)

    assert cells[down, across] == pytest.approx(3)
    assert cells.sum() == pytest.approx(3)


def test_the_whole_is_distributed_by_energy_or_evenly_without_any() -> None:
    blocks = np.zeros((2, *CELLS), np.float32)
    blocks[0, 2, 2, 7], blocks[0, 6, 0, 7] = 2, 1
    row = blocks.ravel()
    whole = row.size + 4 * 512
    brought = np.zeros(row.size + 2 * 5 * 512)

    brought[whole + 7] = 5
    expected = np.zeros((7, 7))
    expected[2, 2], expected[6, 0] = 4, 1
    np.testing.assert_allclose(cell_contributions(brought, row), expected)

    brought[whole + 7], brought[whole + 8] = 0, 49
    np.testing.assert_allclose(cell_contributions(brought, row), 1)


# ---------------------------------------------------------------- concentration


def test_concentration_is_the_share_of_the_strongest_quarter() -> None:
    cells = np.full((7, 7), -1.0)
    assert concentration(MatchMap(cells, WHOLE)) == 0
    cells[3, :4] = 2
    assert concentration(MatchMap(cells, WHOLE)) == 1
    assert concentration(MatchMap(np.full((7, 7), 0.1), WHOLE)) == pytest.approx(12 / 49)
