"""Near-duplicates: groups of models whose pictures are the same, or nearly so.

Of all pairs few are looked at: exact neighbours by their vectors, and by mirrored sketches of
their edges, since the vector of a mirrored picture is far from that of the picture. The two
pictures of a pair are laid over each other (`core.overlay`); its score is how far they agree in
the place where they agree the least. What counts as the same is cut where the scores of the
catalogue itself are the fewest.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import prod

import numpy as np

from core.catalogue import Catalogue, Item
from core.duplicates import registration
from core.duplicates.groups import Difference, Duplicate, DuplicateReport, Group
from core.duplicates.matcher import Matcher, Pair, _picture, words_of
from core.duplicates.registration import AlignedPicture
from core.jobs import Progress, Stage
from core.similarity import Index

# Neighbours that are looked at of each model, and the least cosine that they have. Copies of 820
# pieces of furniture at 60 % of their size are all among the first 10, above .6; of 4,560 pairs of
# skin tones 93 % are, and 99 % lie above .56.
NEIGHBOURS = 12
MIN_COSINE = 0.5
# The same of mirrored sketches, where mirrored copies of furniture are the first, above .8.
MIRRORED = 3
MIN_SKETCH = 0.6
# Where the cut may lie. Of 3,280 copies of furniture 98 in 100 score more than the higher; but for
# two columns, nothing else does, and above the lower are windows that have other panes.
CUTS = (0.7, 0.85)
# How much less than the cut those joined through others may agree with the one that is kept: of
# the pairs of skin tones 93 in 100 are found so, and 82 without.
SLACK = 0.2
# The width of what a score counts for, where the cut is sought: with .01 to .03 the cuts of emoji,
# their skin tones, furniture and its copies stay where they are, give or take .01.
BANDWIDTH = 0.02
# Pictures that agree less somewhere differ in more than their encoding.
RETOUCHED = 0.85

# Shares of a picture that are worth a word.
_NOTABLE = 0.03
# Rows whose neighbours are looked for at once.
_ROWS = 256
_THREADS = 2


def find(
    catalogue: Catalogue, *, index: Index, progress: Progress | None = None
) -> DuplicateReport:
    """Return the groups of near-duplicates in a catalogue.

    Items of the same bytes are found in any case, others if their picture or at least its
    thumbnail can be read.

    Args:
        catalogue: what to look through; hidden items are left out.
        index: its vectors, in the space of models.
        progress: told of each step; raises `Cancelled` through this function.
    """
    progress = progress or Progress()
    items = {item.id: item for item in catalogue.items.find()}
    matcher = Matcher(catalogue, items.values())
    pairs = _candidates(catalogue, matcher.singles, index, progress)
    progress.stage(Stage.COMPARING_PICTURES, len(pairs))
    for pair in pairs:
        matcher.score(*pair)
        progress.advance()
        progress.check()
    cut = find_cut(list(matcher.scores.values()))
    joined = [(one, other) for (one, other, _), score in matcher.scores.items() if score >= cut]
    joined += matcher.copies
    progress.stage(Stage.GROUPING)
    while True:
        together = list(_grouped(joined, matcher, items, cut - SLACK, progress))
        further = _beyond(together, index, matcher)
        if not (same := [pair[:2] for pair in further if matcher.score(*pair) >= cut]):
            break
        joined += same
    groups = [_group([items[one] for one in members], matcher) for members in together]
    order = {item_id: number for number, item_id in enumerate(items)}
    groups.sort(key=lambda group: (-group.score, order[group.kept.id]))
    return DuplicateReport(tuple(groups), cut, len(items), len(matcher.scores))


def find_cut(scores: Sequence[float]) -> float:
    """Return where between the two `CUTS` the scores are the fewest; half-way without any.

    Scores of a catalogue pile up at both ends: pictures that are the same, and things of a
    kind. How many there are around a score is counted with Gaussian weights.
    """
    places = np.linspace(*CUTS, 61)
    if not scores:
        return float(np.median(places))
    apart = (places[:, np.newaxis] - np.array(scores)) / BANDWIDTH
    return float(places[np.exp(-(apart**2) / 2).sum(axis=1).argmin()])


def _candidates(
    catalogue: Catalogue, items: Sequence[Item], index: Index, progress: Progress
) -> list[Pair]:
    """Return the pairs that are worth a look, in the order of their ids.

    Those without a vector are looked for by their sketches.
    """
    wanted = {item.id for item in items}
    rows: Sequence[int] = [row for row, one in enumerate(index.ids) if one in wanted]
    progress.stage(Stage.FINDING_CANDIDATES, len(rows))
    near = _nearest(index, rows, wanted, NEIGHBOURS, MIN_COSINE, progress)
    pairs = {(min(pair), max(pair), False) for pair in near}
    progress.stage(Stage.READING_THUMBNAILS, len(items))
    sketches, turned = _sketches(catalogue, items, progress)
    progress.stage(Stage.FINDING_MIRRORED, len(sketches))
    rows = range(len(sketches))
    near = _nearest(sketches, rows, wanted, MIRRORED, MIN_SKETCH, progress, asked=turned)
    pairs |= {(min(pair), max(pair), True) for pair in near}
    rows = [row for row in rows if sketches.ids[row] not in index.row_of]
    near = _nearest(sketches, rows, wanted, NEIGHBOURS, MIN_SKETCH)
    return sorted(pairs | {(min(pair), max(pair), False) for pair in near})


def _nearest(
    index: Index,
    rows: Sequence[int],
    wanted: Collection[str],
    count: int,
    least: float,
    progress: Progress | None = None,
    *,
    asked: np.ndarray | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield the ids of rows with those of their wanted neighbours, of at least such a cosine.

    Asked for are the rows themselves, or those of `asked` in their place.
    """
    progress = progress or Progress()
    mask = np.array([one in wanted for one in index.ids], bool)
    for start in range(0, len(rows), _ROWS):
        part = np.array(rows[start : start + _ROWS])
        queries = index.rows(part) if asked is None else asked[part]
        finite = np.isfinite(queries).all(axis=1)
        answers = index.top_k(queries[finite], k=count + 1, mask=mask)
        for row, answer in zip(part[finite].tolist(), answers, strict=True):
            for other, cosine in zip(answer.rows.tolist(), answer.scores.tolist(), strict=True):
                if other != row and cosine >= least:
                    yield index.ids[row], index.ids[other]
        progress.advance(len(part))
        progress.check()


def _beyond(groups: Iterable[Sequence[str]], index: Index, matcher: Matcher) -> list[Pair]:
    """Return pairs that a crowd has hidden so far: all neighbours of its members are members.

    So the one that is kept is asked for its neighbours outside.
    """
    singles, pairs = {item.id for item in matcher.singles}, []
    for kept, *others in groups:
        if len(others) >= NEIGHBOURS and kept in index.row_of:
            outside = singles.difference(others)
            near = _nearest(index, [index.row_of[kept]], outside, NEIGHBOURS, MIN_COSINE)
            pairs += [(min(pair), max(pair), False) for pair in near]
    return [pair for pair in pairs if pair not in matcher.scores]


def _sketches(
    catalogue: Catalogue, items: Sequence[Item], progress: Progress
) -> tuple[Index, np.ndarray]:
    """Return the sketches of the items that can be seen, and a row each of it mirrored."""
    ids, plain, turned = [], [], []
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="sketch") as pool:
        try:
            for item, outline in zip(
                items, pool.map(partial(_outline, catalogue), items), strict=True
            ):
                if outline is not None:
                    ids.append(item.id)
                    plain.append(registration.sketch(outline))
                    turned.append(registration.sketch(registration.mirrored(outline)))
                progress.advance()
                progress.check()
        finally:
            pool.shutdown(cancel_futures=True)
    return Index(ids, [np.stack(plain)] if plain else []), np.array(turned)


def _outline(catalogue: Catalogue, item: Item) -> np.ndarray | None:
    picture = _picture(catalogue, item, small=True)
    return None if picture is None else AlignedPicture(picture).outline()


def _grouped(
    joined: Collection[tuple[str, str]],
    matcher: Matcher,
    items: Mapping[str, Item],
    least: float,
    progress: Progress,
) -> Iterator[list[str]]:
    """Yield the ids that are joined, directly or through others: the one to keep, and the rest.

    What is joined through others may be another thing in the end. So those that do not match the
    one that has the most matches are left to groups of their own. The one to keep matches all.
    """

    def worth(one: str) -> tuple[int, ...]:
        return prod(matcher.size(items[one])), *words_of(items[one])

    def match(one: str, other: str) -> bool:
        return matcher.best(one, other)[0] >= least

    matches = Counter(one for pair in joined for one in pair)
    waiting = list(_components(list(items), joined))
    while waiting:
        progress.check()
        members = waiting.pop()
        centre = max(members, key=lambda one: (matches[one], *worth(one)))
        group = [one for one in members if match(centre, one)]
        best_first = sorted(group, key=worth, reverse=True)
        kept = next(one for one in best_first if all(match(one, other) for other in group))
        yield [kept, *(one for one in group if one != kept)]
        rest = {*members}.difference(group)
        waiting += _components([one for one in members if one in rest], joined)


def _components(ids: Sequence[str], joined: Iterable[tuple[str, str]]) -> Iterator[list[str]]:
    """Yield the ids that are joined with each other, in order, but none that is alone."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    number = {one: place for place, one in enumerate(ids)}
    inside = [(number[a], number[b]) for a, b in joined if a in number and b in number]
    if not inside:
        return
    rows, columns = np.array(inside).T
    graph = coo_array((np.ones(len(inside)), (rows, columns)), shape=(len(ids),) * 2)
    _, labels = connected_components(graph, directed=False)
    order = np.argsort(labels, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(members) > 1:
            yield [ids[place] for place in members.tolist()]


def _group(items: Sequence[Item], matcher: Matcher) -> Group:
    """Return the group of items, the one to keep first."""
    kept, *others = items
    duplicates = []
    for other in others:
        score, mirrored = matcher.best(kept.id, other.id)
        duplicates.append(Duplicate(other, score, _differences(kept, other, mirrored, matcher)))
    return Group(kept, tuple(duplicates))


def _differences(
    kept: Item, other: Item, mirrored: bool, matcher: Matcher
) -> tuple[Difference, ...]:
    """Say what was done to the picture that is kept to get the other."""
    if kept.digest == other.digest:
        return (Difference("identical", 1.0, "identical"),)
    agreement = matcher.agreement(kept.id, other.id, mirrored)
    told: list[Difference] = []
    if mirrored:
        told.append(Difference("mirrored", 1.0, "mirrored"))
    if agreement is None:
        return (*told, Difference("retouched", 1.0, "details differ"))
    if (share := agreement.recoloured) >= _NOTABLE:
        told.append(Difference("recoloured", share, f"other colours: {share:.0%} of it"))
    elif agreement.least < RETOUCHED:
        share = 1 - agreement.least
        told.append(Difference("retouched", share, f"details differ: by {share:.0%} in one place"))
    if (share := agreement.missing) >= _NOTABLE:
        told.append(Difference("cropped", share, f"cropped: {share:.0%} of the picture is missing"))
    if (share := agreement.beyond) >= _NOTABLE:
        told.append(Difference("wider", share, f"more around it: {share:.0%} of the picture"))
    size, before = matcher.size(other), matcher.size(kept)
    framed_alike = max(agreement.missing, agreement.beyond) < _NOTABLE
    if framed_alike and size != before:
        word = "smaller" if prod(size) < prod(before) else "larger"
        text = f"{word}: {size[0]} x {size[1]} instead of {before[0]} x {before[1]}"
        told.append(Difference("resized", size[0] / before[0], text))
    if not told:
        share = agreement.difference
        told.append(Difference("re-encoded", share, f"re-encoded: colours differ by {share:.1%}"))
    return tuple(told)
