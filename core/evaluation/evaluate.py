"""Evaluates searches with pictures whose right item is known: at which rank do they find it?

`run` evaluates a folder of such pictures; `core.evaluation.metrics` sums up the ranks.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import PurePosixPath

from PIL import Image

from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import Embedded, QueryKind
from core.errors import LookalikeError
from core.evaluation.metrics import QUERIES_PER_BATCH, Quality
from core.importers import Entry, SkippedEntry, Source
from core.importers.folder import SUFFIXES
from core.jobs import Progress, Stage
from core.pictures import decoding, resizing
from core.search import Embedder, IndexInSpace, PictureExample, Query, SearchError
from core.similarity import Index
from core.vision import Network, preprocessing
from core.vision.cutout import Cutout

# How many results a search returns; the rank of an item further down is computed without them.
FIRST = 10


@dataclass(frozen=True, slots=True)
class EvaluationQuery:
    """An RGB picture, and the id of the one item that it should find."""

    picture: Image.Image
    item_id: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of an evaluation.

    Attributes:
        qualities: by the name of each descriptor; empty if no picture could be used.
        skipped: the pictures that could not be used, with their reasons.
    """

    qualities: Mapping[str, Quality]
    skipped: Sequence[SkippedEntry]


def run(
    queries: Source,
    *,
    catalogue: Catalogue,
    names: Sequence[str],
    load_network: Callable[[], Network],
    query_kind: QueryKind = "auto",
    progress: Progress | None = None,
) -> Evaluation:
    """Search with each picture of a folder, and measure how well its item is found.

    Each picture is named after the `source_id` of its item, as `Names` describes. A picture that
    names no item or cannot be read is skipped with its reason.

    Args:
        queries: the folder, as opened by `core.importers.folder.read`.
        catalogue: the catalogue to search.
        names: the names of the descriptors to evaluate.
        load_network: called once, after everything else is loaded.
        query_kind: what the pictures are, as for a search.
        progress: advanced after each batch.

    Raises:
        NotIndexedError: the catalogue has no vectors of a descriptor yet.
        Cancelled: `progress` was cancelled.
    """
    progress = progress or Progress()
    indexes = {name: cache(partial(search.index_of, catalogue, name)) for name in names}
    descriptors = {name: search.descriptor_of(catalogue, name) for name in names}
    progress.stage(Stage.LOADING_NETWORK)
    network = load_network()
    progress.stage(Stage.SEARCHING, queries.total)
    ranks_by_name: dict[str, list[int]] = {name: [] for name in names}
    skipped: list[SkippedEntry] = []
    stored = [index_in("pictures") for index_in in indexes.values()]
    pending = _evaluation_queries(queries, catalogue, stored)
    while batch := list(islice(pending, QUERIES_PER_BATCH)):
        usable = [one for one in batch if isinstance(one, EvaluationQuery)]
        unusable = [one for one in batch if isinstance(one, SkippedEntry)]
        for name in names:
            ranks_by_name[name] += ranks(
                usable,
                catalogue=catalogue,
                index_in=indexes[name],
                embed=partial(descriptors[name].embed, network),
                query_kind=query_kind,
            )
        skipped += unusable
        progress.advance(len(batch), failed=len(unusable))
        progress.check()
    qualities = {name: Quality.of(each) for name, each in ranks_by_name.items() if each}
    return Evaluation(qualities, skipped)


def ranks(
    queries: Sequence[EvaluationQuery],
    *,
    catalogue: Catalogue,
    index_in: IndexInSpace,
    embed: Embedder,
    query_kind: QueryKind = "auto",
) -> list[int]:
    """Return the rank at which `search.run` finds the right item of each query, 1 for the first.

    Raises `SearchError` if a search does, or if a right item has no vector.
    """
    all_ranks = []
    for start in range(0, len(queries), QUERIES_PER_BATCH):
        batch = queries[start : start + QUERIES_PER_BATCH]
        embedded = embed([query.picture for query in batch], query_kinds=[query_kind] * len(batch))
        all_ranks += [
            _rank(query, embedded.only(row), catalogue, index_in, query_kind)
            for row, query in enumerate(batch)
        ]
    return all_ranks


class Names:
    """Finds the item that a picture file is named after.

    The file's path below the folder, without its extension, is the item's `source_id`, with or
    without a picture's extension: `1f600.png` names `1f600`, and `chairs/red.jpg` names
    `chairs/red.png`. If no item has that `source_id`, the file's name alone is enough if only one
    `source_id` ends with it: `red.jpg`. Upper and lower case are the same.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        """Index the items by their `source_id`."""
        self._by_id: dict[str, set[Item]] = defaultdict(set)
        self._by_path: dict[str, set[Item]] = defaultdict(set)
        self._by_end: dict[str, set[Item]] = defaultdict(set)
        for item in items:
            bare = _stem(item.source_id)
            self._by_id[_fold_case(item.source_id)].add(item)
            self._by_path[_fold_case(str(bare))].add(item)
            self._by_end[_fold_case(bare.name)].add(item)

    def item(self, path: str) -> Item:
        """Return the item that the file at `path`, relative to its folder, is named after.

        Raises `LookalikeError` if there is no such item, or more than one.
        """
        bare = _stem(path)
        matches = (
            self._by_id.get(_fold_case(path))
            or self._by_id.get(_fold_case(str(bare)))
            or self._by_path.get(_fold_case(str(bare)))
            or self._by_end.get(_fold_case(bare.name))
        )
        if not matches:
            raise LookalikeError(f"No model has the source_id “{bare}”.")
        if len(matches) > 1:
            ids = sorted(item.source_id for item in matches)
            raise LookalikeError(
                f"Its name matches {len(matches):,} models, “{ids[0]}” and “{ids[1]}” among them. "
                "Name it after the whole source_id, with folders where that has a “/”."
            )
        return next(iter(matches))


def _evaluation_queries(
    queries: Source, catalogue: Catalogue, indexes: Iterable[Index]
) -> Iterator[EvaluationQuery | SkippedEntry]:
    """Yield each picture with its right item, or the reason why it cannot be used."""
    known = Names(catalogue.items.find())
    for entry in queries.entries:
        if not isinstance(entry, Entry):
            if isinstance(entry, SkippedEntry):
                yield entry
            continue
        file = entry.item
        try:
            item = known.item(file.source_id)
            if any(item.id not in index.row_of for index in indexes):
                raise LookalikeError(f"The model “{item.source_id}” has not been indexed yet.")
            # Downscaled like the picture of a query, so that a batch of photos fits in memory.
            loaded = entry.load("")
            assert loaded is not None
            picture = resizing.shrink(decoding.decode(loaded.picture))
            if preprocessing.is_blank(picture):
                raise LookalikeError("The picture has only one colour.")
        except LookalikeError as error:
            yield SkippedEntry(file.source_id, file.name, str(error))
        else:
            yield EvaluationQuery(picture, item.id)


def _rank(
    query: EvaluationQuery,
    embedded: Embedded,
    catalogue: Catalogue,
    index_in: IndexInSpace,
    query_kind: QueryKind,
) -> int:
    """Return the rank of the right item for a query with these vectors."""

    def embed(
        pictures: Sequence[Image.Image | Cutout], *, query_kinds: Sequence[QueryKind] | None = None
    ) -> Embedded:
        return embedded

    space = embedded.space()
    index = index_in(space)
    if query.item_id not in index.row_of:
        raise SearchError(f"The model {query.item_id} has no vector: index it first.")
    results = search.run(
        Query(examples=[PictureExample(query.picture, query_kind=query_kind)]),
        catalogue=catalogue,
        index_in=index_in,
        embed=embed,
        k=FIRST,
    )
    for neighbour in results.neighbours:
        if neighbour.item.id == query.item_id:
            return neighbour.rank
    return index.rank_of(index.row_of[query.item_id], embedded.of(0, space))


def _stem(path: str) -> PurePosixPath:
    """Return a path without its extension, if that is a picture's."""
    pure = PurePosixPath(path)
    return pure.with_suffix("") if pure.suffix.lower() in SUFFIXES else pure


def _fold_case(path: str) -> str:
    """Return a path in the form in which paths are compared: macOS decomposes accents."""
    return unicodedata.normalize("NFC", path).casefold()
