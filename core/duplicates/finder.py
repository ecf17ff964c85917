"""Finds near-duplicates: groups of models whose pictures are the same, or nearly so.

Only a few of all pairs are compared: exact nearest neighbours by their vectors, and neighbours by
mirrored sketches of their edges, since the vector of a mirrored picture is far from that of the
picture itself. The two pictures of a pair are laid over each other (`registration`); the score is
how well they agree in the place where they agree least. The score from which pictures count as
near-duplicates is set where the catalogue itself has the fewest scores.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import prod

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Item
from core.duplicates import registration
from core.duplicates.matcher import Matcher, Pair, metadata_amount, read_cutout
from core.duplicates.records import Difference, Duplicate, DuplicateReport, Group
from core.duplicates.registration import AlignedPicture
from core.jobs import Progress, Stage
from core.linalg import SingleOrDouble
from core.similarity import Index

# How many neighbours of each model are compared, and their minimum cosine. Copies of 820 pieces of
# furniture at 60 % of their size are all among the first 10, above .6; of 4,560 pairs of skin
# tones 93 % are, and 99 % lie above .56.
NEIGHBOURS = 12
MIN_COSINE = 0.5
# The same for mirrored sketches, among which mirrored copies of furniture come first, above .8.
MIRRORED = 3
MIN_SKETCH_COSINE = 0.6
# The range of the cut. Of 3,280 copies of furniture 98 in 100 score above the upper limit, and
# apart from two columns nothing else does; windows with different panes score above the lower.
CUTS = (0.7, 0.85)
# How far below the cut a member that was joined through others may agree with the model that is
# kept: this finds 93 in 100 of the pairs of skin tones, and 82 without.
SLACK = 0.2
# The standard deviation of the Gaussian that smooths the scores when the cut is set: with .01 to
# .03 the cuts of emoji, their skin tones, furniture and its copies move by at most .01.
BANDWIDTH = 0.02
# Pictures that agree less than this somewhere differ in more than their encoding.
RETOUCHED = 0.85

# Smaller shares of a picture than this are not reported.
_MIN_SHARE = 0.03
# How many rows are searched for neighbours in one step.
_ROWS = 256
_THREADS = 2


def find(
    catalogue: Catalogue, *, index: Index, progress: Progress | None = None
) -> DuplicateReport:
    """Return the groups of near-duplicates in a catalogue.

    Items with the same bytes are always found, others only if their picture or at least its
    thumbnail can be read.

    Args:
        catalogue: the catalogue to search, without its hidden items and those with nothing to see.
        index: its vectors, in the space of models.
        progress: reports each stage.

    Raises:
        Cancelled: `progress` was cancelled.
    """
    progress = progress or Progress()
    items = {item.id: item for item in catalogue.items.find() if not item.is_blank}
    matcher = Matcher(catalogue, items.values())
    pairs = _candidates(catalogue, matcher.singles, index, progress)
    progress.stage(Stage.COMPARING_PICTURES, len(pairs))
    for pair in pairs:
        matcher.score(*pair)
        progress.advance()
        progress.check()
    cut = find_cut(list(matcher.scores.values()))
    links = [
        (first, second) for (first, second, _), score in matcher.scores.items() if score >= cut
    ]
    links += matcher.copies
    progress.stage(Stage.GROUPING)
    while True:
        groups_of_ids = list(_form_groups(links, matcher, items, cut - SLACK, progress))
        more = _candidates_outside(groups_of_ids, index, matcher)
        if not (new_links := [pair[:2] for pair in more if matcher.score(*pair) >= cut]):
            break
        links += new_links
    groups = [_group([items[item_id] for item_id in ids], matcher) for ids in groups_of_ids]
    order = {item_id: number for number, item_id in enumerate(items)}
    groups.sort(key=lambda group: (-group.score, order[group.kept.id]))
    return DuplicateReport(tuple(groups), cut, len(items), len(matcher.scores))


def find_cut(scores: Sequence[float]) -> float:
    """Return the cut: where, within `CUTS`, scores are rarest; half-way if there are none.

    The scores of a catalogue pile up at both ends: the same picture, and objects of one kind.
    How many there are around a score is counted with Gaussian weights.
    """
    cuts = np.linspace(*CUTS, 61)
    if not scores:
        return float(np.median(cuts))
    distances = (cuts[:, np.newaxis] - np.array(scores)) / BANDWIDTH
    return float(cuts[np.exp(-(distances**2) / 2).sum(axis=1).argmin()])


def _candidates(
    catalogue: Catalogue, items: Sequence[Item], index: Index, progress: Progress
) -> list[Pair]:
    """Return the pairs that are worth comparing, in the order of their ids.

    Items without a vector are found by their sketches.
    """
    wanted = {item.id for item in items}
    rows: Sequence[int] = [row for row, item_id in enumerate(index.ids) if item_id in wanted]
    progress.stage(Stage.FINDING_CANDIDATES, len(rows))
    nearest = _nearest(index, rows, wanted, NEIGHBOURS, MIN_COSINE, progress)
    pairs = {(min(pair), max(pair), False) for pair in nearest}
    progress.stage(Stage.READING_THUMBNAILS, len(items))
    sketches, mirrored_sketches = _sketches(catalogue, items, progress)
    progress.stage(Stage.FINDING_MIRRORED, len(sketches))
    rows = range(len(sketches))
    nearest = _nearest(
        sketches, rows, wanted, MIRRORED, MIN_SKETCH_COSINE, progress, queries=mirrored_sketches
    )
    pairs |= {(min(pair), max(pair), True) for pair in nearest}
    rows = [row for row in rows if sketches.ids[row] not in index.row_of]
    nearest = _nearest(sketches, rows, wanted, NEIGHBOURS, MIN_SKETCH_COSINE)
    return sorted(pairs | {(min(pair), max(pair), False) for pair in nearest})


def _nearest(
    index: Index,
    rows: Sequence[int],
    wanted: Collection[str],
    count: int,
    min_cosine: float,
    progress: Progress | None = None,
    *,
    queries: NDArray[np.float32] | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield the ids of rows together with those of their nearest neighbours.

    Args:
        index: the vectors to search.
        rows: the rows whose neighbours are searched.
        wanted: the ids that may be neighbours.
        count: how many neighbours of each row, at most.
        min_cosine: neighbours with a lower cosine are left out.
        progress: counts the rows that are done.
        queries: float32 (rows of the index, dimensions), used in place of the rows themselves.
    """
    progress = progress or Progress()
    mask = np.array([item_id in wanted for item_id in index.ids], bool)
    for start in range(0, len(rows), _ROWS):
        batch = np.array(rows[start : start + _ROWS])
        vectors: SingleOrDouble = index.rows(batch) if queries is None else queries[batch]
        finite = np.isfinite(vectors).all(axis=1)
        results = index.top_k(vectors[finite], k=count + 1, mask=mask)
        for row, result in zip(batch[finite].tolist(), results, strict=True):
            for other, cosine in zip(result.rows.tolist(), result.scores.tolist(), strict=True):
                if other != row and cosine >= min_cosine:
                    yield index.ids[row], index.ids[other]
        progress.advance(len(batch))
        progress.check()


def _candidates_outside(
    groups: Iterable[Sequence[str]], index: Index, matcher: Matcher
) -> list[Pair]:
    """Return pairs that were missed because all neighbours of a large group are its members.

    So the neighbours of the kept item outside its group are searched.
    """
    singles, pairs = {item.id for item in matcher.singles}, []
    for kept, *others in groups:
        if len(others) >= NEIGHBOURS and kept in index.row_of:
            outside = singles.difference(others)
            nearest = _nearest(index, [index.row_of[kept]], outside, NEIGHBOURS, MIN_COSINE)
            pairs += [(min(pair), max(pair), False) for pair in nearest]
    return [pair for pair in pairs if pair not in matcher.scores]


def _sketches(
    catalogue: Catalogue, items: Sequence[Item], progress: Progress
) -> tuple[Index, NDArray[np.float32]]:
    """Return the sketches of the items whose pictures can be read, and the mirrored sketches.

    The second is float32 (rows of the index, 512).
    """
    ids, sketches, mirrored_sketches = [], [], []
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="sketch") as pool:
        try:
            for item, outline in zip(
                items, pool.map(partial(_outline, catalogue), items), strict=True
            ):
                if outline is not None:
                    ids.append(item.id)
                    sketches.append(registration.sketch(outline))
                    mirrored_sketches.append(registration.sketch(registration.mirrored(outline)))
                progress.advance()
                progress.check()
        finally:
            pool.shutdown(cancel_futures=True)
    return Index(ids, [np.stack(sketches)] if sketches else []), np.array(mirrored_sketches)


def _outline(catalogue: Catalogue, item: Item) -> NDArray[np.complex64] | None:
    cut = read_cutout(catalogue, item, prefer_thumbnail=True)
    return None if cut is None else AlignedPicture(cut.picture).outline()


def _form_groups(
    links: Collection[tuple[str, str]],
    matcher: Matcher,
    items: Mapping[str, Item],
    min_score: float,
    progress: Progress,
) -> Iterator[list[str]]:
    """Yield groups of ids that are linked, directly or through others, the one to keep first.

    A chain of links may lead to a different object. So items that do not match the one with the
    most links are split off into groups of their own. The item to keep matches all others.

    Args:
        links: pairs of ids whose pictures match.
        matcher: compares pictures.
        items: all items, by id.
        min_score: the score from which two pictures match.
        progress: raises `Cancelled` if it was cancelled.
    """

    def priority(item_id: str) -> tuple[int, ...]:
        return prod(matcher.size(items[item_id])), *metadata_amount(items[item_id])

    def match(first: str, second: str) -> bool:
        return matcher.best(first, second)[0] >= min_score

    link_counts = Counter(item_id for link in links for item_id in link)
    waiting = list(_components(list(items), links))
    while waiting:
        progress.check()
        members = waiting.pop()
        centre = max(members, key=lambda item_id: (link_counts[item_id], *priority(item_id)))
        group = [item_id for item_id in members if match(centre, item_id)]
        best_first = sorted(group, key=priority, reverse=True)
        kept = next(
            item_id for item_id in best_first if all(match(item_id, other) for other in group)
        )
        yield [kept, *(item_id for item_id in group if item_id != kept)]
        rest = {*members}.difference(group)
        waiting += _components([item_id for item_id in members if item_id in rest], links)


def _components(ids: Sequence[str], links: Iterable[tuple[str, str]]) -> Iterator[list[str]]:
    """Yield the connected components of two or more ids, each in order."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    number_of = {item_id: number for number, item_id in enumerate(ids)}
    edges = [(number_of[a], number_of[b]) for a, b in links if a in number_of and b in number_of]
    if not edges:
        return
    rows, columns = np.array(edges).T
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(len(ids),) * 2)
    _, labels = connected_components(graph, directed=False)
    order = np.argsort(labels, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(members) > 1:
            yield [ids[number] for number in members.tolist()]


def _group(items: Sequence[Item], matcher: Matcher) -> Group:
    """Return the group of items, of which the first is kept."""
    kept, *others = items
    duplicates = []
    for other in others:
        score, mirrored = matcher.best(kept.id, other.id)
        duplicates.append(Duplicate(other, score, _differences(kept, other, mirrored, matcher)))
    return Group(kept, tuple(duplicates))


def _differences(
    kept: Item, other: Item, mirrored: bool, matcher: Matcher
) -> tuple[Difference, ...]:
    """Return how the other picture differs from the one that is kept."""
    if kept.digest == other.digest:
        return (Difference("identical", 1.0, "identical"),)
    agreement = matcher.agreement(kept.id, other.id, mirrored)
    differences: list[Difference] = []
    if mirrored:
        differences.append(Difference("mirrored", 1.0, "mirrored"))
    if agreement is None:
        return (*differences, Difference("retouched", 1.0, "details differ"))
    if (share := agreement.recoloured) >= _MIN_SHARE:
        text = f"different colours: {share:.0%} of the object"
        differences.append(Difference("recoloured", share, text))
    elif agreement.least < RETOUCHED:
        share = 1 - agreement.least
        text = f"details differ: by up to {share:.0%} in one place"
        differences.append(Difference("retouched", share, text))
    if matcher.has_other_background(kept, other):
        # What lies beyond the object is not compared, so neither is the frame.
        return (*differences, Difference("background", 1.0, "another background"))
    if (share := agreement.missing) >= _MIN_SHARE:
        text = f"cropped: {share:.0%} of the picture is missing"
        differences.append(Difference("cropped", share, text))
    if (share := agreement.beyond) >= _MIN_SHARE:
        text = f"wider: {share:.0%} of the picture is outside the one kept"
        differences.append(Difference("wider", share, text))
    size, kept_size = matcher.size(other), matcher.size(kept)
    same_frame = max(agreement.missing, agreement.beyond) < _MIN_SHARE
    if same_frame and size != kept_size:
        word = "smaller" if prod(size) < prod(kept_size) else "larger"
        text = f"{word}: {size[0]} x {size[1]} instead of {kept_size[0]} x {kept_size[1]}"
        differences.append(Difference("resized", size[0] / kept_size[0], text))
    if not differences:
        share = agreement.difference
        text = f"re-encoded: colours differ by {share:.1%} on average"
        differences.append(Difference("re-encoded", share, text))
    return tuple(differences)
