"""How well lookalikes are found, measured where the right answer is known.

For a picture that should find one item of the catalogue, that is the item's
rank in the answer of a search: `run` asks for a folder of such pictures. For
items that have a kind each, it is how many of their neighbours share it:
`agreement`, beside what `chance` would bring.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from core import search
from core.catalogue import Catalogue, Item
from core.descriptors import QueryKind
from core.errors import LookalikeError
from core.evaluation.metrics import BATCH, Quality
from core.importers import Entry, SkippedEntry, Source
from core.importers.folder import SUFFIXES
from core.jobs import Progress, Stage
from core.pictures import decoding, resizing
from core.search import Embedder, PictureExample, Query, SearchError
from core.similarity import Index
from core.vision import Network, preprocessing

# Answers asked for; further down only the rank of the right one is counted.
FIRST = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A picture, and the id of the one item that it should find."""

    picture: Image.Image
    right: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a folder of queries showed: each descriptor's quality, and what could not be asked.

    `qualities` is empty where nothing could be asked.
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
    """Ask for each picture of a folder, and measure how well its item is found.

    A picture is named by the `source_id` of that item, as `Names` says. One
    that names no item, or cannot be read, is skipped with its reason.

    Args:
        queries: the folder, as `core.importers.folder.read` opens it.
        catalogue: where to search.
        names: the descriptors to search with.
        load_network: called once, when all else is there.
        query_kind: what the pictures are, as for a search.
        progress: told of each batch.

    Raises:
        SearchError: the vectors of a descriptor have to be made first.
    """
    progress = progress or Progress()
    indexes = {name: search.index_of(catalogue, name, "pictures") for name in names}
    descriptors = {name: search.descriptor_of(catalogue, name) for name in names}
    progress.stage(Stage.LOADING_NETWORK)
    network = load_network()
    progress.stage(Stage.SEARCHING, queries.total)
    found: dict[str, list[int]] = {name: [] for name in names}
    skipped: list[SkippedEntry] = []
    waiting = _questions(queries, catalogue, indexes.values())
    while batch := list(islice(waiting, BATCH)):
        asked = [one for one in batch if isinstance(one, Question)]
        refused = [one for one in batch if isinstance(one, SkippedEntry)]
        for name in names:
            found[name] += ranks(
                asked,
                catalogue=catalogue,
                index=indexes[name],
                embed=partial(descriptors[name].embed, network),
                query_kind=query_kind,
            )
        skipped += refused
        progress.advance(len(batch), failed=len(refused))
        progress.check()
    return Evaluation({name: Quality.of(each) for name, each in found.items() if each}, skipped)


def ranks(
    questions: Sequence[Question],
    *,
    catalogue: Catalogue,
    index: Index,
    embed: Embedder,
    query_kind: QueryKind = "auto",
) -> list[int]:
    """Return at which rank `search.run` answers the right item of each question, 1 for the first.

    Raises `SearchError` where a search does, and where the right item has no vector.
    """
    found = []
    for start in range(0, len(questions), BATCH):
        part = questions[start : start + BATCH]
        vectors = embed([question.picture for question in part], query_kind=query_kind)
        found += [
            _rank(question, variants, catalogue, index, query_kind)
            for question, variants in zip(part, vectors, strict=True)
        ]
    return found


class Names:
    """Which item a file of queries is named after.

    Its path below the folder, without its ending, is the item's `source_id`,
    with or without an ending of a picture that this may have: `1f600.png` asks
    for `1f600`, and `chairs/red.jpg` for `chairs/red.png`. Where no item is
    called so, the file's name alone decides if only one item's has that end:
    `red.jpg`. Upper and lower case are the same.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        """Take the items that can be asked for."""
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

        Raises `LookalikeError` if there is none, or more than one.
        """
        bare = _stem(path)
        found = (
            self._by_id.get(_fold_case(path))
            or self._by_id.get(_fold_case(str(bare)))
            or self._by_path.get(_fold_case(str(bare)))
            or self._by_end.get(_fold_case(bare.name))
        )
        if not found:
            raise LookalikeError(f"No model has the source_id “{bare}”.")
        if len(found) > 1:
            several = sorted(item.source_id for item in found)
            raise LookalikeError(
                f"It may mean {len(found):,} models, “{several[0]}” and “{several[1]}” among them. "
                "Name it by the whole source_id, in folders where that has a “/”."
            )
        return next(iter(found))


def _questions(
    queries: Source, catalogue: Catalogue, indexes: Iterable[Index]
) -> Iterator[Question | SkippedEntry]:
    """Yield what each picture asks for, or why it cannot be asked."""
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
            # Made smaller as the page Search does, so that a batch of photos fits in memory.
            loaded = entry.load("")
            assert loaded is not None
            picture = resizing.shrink(decoding.decode(loaded.picture))
            if preprocessing.is_blank(picture):
                raise LookalikeError("There is nothing to see in it: it is of one colour.")
        except LookalikeError as error:
            yield SkippedEntry(file.source_id, file.name, str(error))
        else:
            yield Question(picture, item.id)


def _rank(
    question: Question,
    variants: np.ndarray,
    catalogue: Catalogue,
    index: Index,
    query_kind: QueryKind,
) -> int:
    """Return the rank of the right item in the answer to a question with these vectors."""

    def embedded(pictures: Sequence[Image.Image], *, query_kind: QueryKind = "auto") -> np.ndarray:
        return variants[np.newaxis]

    if question.right not in index.row_of:
        raise SearchError(f"The model {question.right} is in no answer: index it first.")
    query = Query(examples=[PictureExample(question.picture, query_kind=query_kind)])
    results = search.run(query, catalogue=catalogue, index=index, embed=embedded, k=FIRST)
    for neighbour in results.neighbours:
        if neighbour.item.id == question.right:
            return neighbour.rank
    return index.rank_of(index.row_of[question.right], variants)


def _stem(path: str) -> PurePosixPath:
    """Return a path without its last ending, if that is a picture's."""
    found = PurePosixPath(path)
    return found.with_suffix("") if found.suffix.lower() in SUFFIXES else found


def _fold_case(path: str) -> str:
    """Return a path as it is compared: file names of a Mac have accents apart."""
    return unicodedata.normalize("NFC", path).casefold()
