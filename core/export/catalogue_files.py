"""Exports a catalogue as plain files that a spreadsheet or another Lookalike can read."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from core import disk, search
from core.catalogue import Catalogue, CatalogueError, Map
from core.descriptors import COMPACT
from core.errors import LookalikeError
from core.exported_table import COLUMNS, escape
from core.jobs import Progress, Stage
from core.similarity import Index

MAP_COLUMNS = ("id", "x", "y", "grid_x", "grid_y", "cluster")
# How many neighbours of each item are written.
NEIGHBOURS = 9


@dataclass(frozen=True, slots=True)
class ExportedFiles:
    """What was exported.

    Attributes:
        tables: the tables that were written.
        left_out: why items were left out whose pictures are lost or damaged, a sentence for each.
    """

    tables: tuple[Path, ...]
    left_out: tuple[str, ...]


def write(catalogue: Catalogue, folder: Path, *, progress: Progress | None = None) -> ExportedFiles:
    """Write items, pictures, neighbours and map into `folder`, all of it or nothing.

    `items.csv` can be imported as it is, with the folder of pictures next to it, which is how a
    catalogue is moved to another computer. `map.csv` is only written if there is a map, and
    `neighbours.csv` if this version of Lookalike has indexed the catalogue. An item whose picture
    is lost or damaged is left out.

    Args:
        catalogue: the catalogue to export, without its hidden items.
        folder: an empty folder, or one that does not exist yet.
        progress: reports each stage.

    Raises:
        LookalikeError: the folder is not empty, or cannot be written to.
        Cancelled: `progress` was cancelled.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LookalikeError(
            f"The folder {folder} is not empty. Choose an empty folder or a new one."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as unfinished:
            inside = Path(unfinished) / folder.name
            inside.mkdir()
            exported = _write(catalogue, inside, progress or Progress())
            # Replaces an empty folder.
            inside.rename(folder)
    except OSError as error:
        raise LookalikeError(f"Nothing was exported. {disk.describe(error)}") from error
    return replace(exported, tables=tuple(folder / path.name for path in exported.tables))


def _write(catalogue: Catalogue, folder: Path, progress: Progress) -> ExportedFiles:
    """Write all files into an empty folder."""
    pictures = folder / "pictures"
    pictures.mkdir()
    items = catalogue.items.find()
    progress.stage(Stage.WRITING_PICTURES, len(items))
    rows = []
    left_out = []
    for item in items:
        progress.advance()
        progress.check()
        try:
            data = catalogue.pictures.original(item)
        except CatalogueError as error:
            left_out.append(str(error))
            continue
        path = pictures / f"{item.id}.{catalogue.pictures.extension(item)}"
        path.write_bytes(data)
        cells = (
            item.source_id,
            item.name,
            item.category,
            _tags(item.tags),
            item.creator,
            item.licence,
            item.page_url,
            item.embed_url,
            path.relative_to(folder).as_posix(),
            item.id,
        )
        rows.append(tuple(map(escape, cells)))
    written = [_table(folder / "items.csv", COLUMNS, rows)]
    if (current := catalogue.map.load()) is not None:
        written.append(_table(folder / "map.csv", MAP_COLUMNS, _map_rows(current)))
    if search.current_fit_fingerprint(catalogue) is not None:
        index = search.index_of(catalogue, COMPACT)
        progress.stage(Stage.WRITING_NEIGHBOURS, len(index))
        columns = ("id", "rank", "neighbour", "score")
        written.append(_table(folder / "neighbours.csv", columns, _neighbour_rows(index, progress)))
    return ExportedFiles(tuple(written), tuple(left_out))


def _tags(tags: tuple[str, ...]) -> str:
    """Return tags as one cell that the table importer can split again."""
    if any(sign in tag for tag in tags for sign in ",;|") or (tags and tags[0].startswith("[")):
        return json.dumps(tags, ensure_ascii=False)
    return "|".join(tags)


def _map_rows(current: Map) -> Iterable[tuple[str, ...]]:
    """Yield each item's coordinates and its cluster's name, or number if it has no name."""
    for item_id, label, *coordinates in zip(
        current.ids, current.labels.tolist(), *current.coordinates.T, *current.grid.T, strict=True
    ):
        cluster = "" if label < 0 else current.clusters[label].name or str(label)
        yield item_id, *(f"{number:.6f}" for number in coordinates), escape(cluster)


def _neighbour_rows(index: Index, progress: Progress) -> Iterable[tuple[str, int, str, str]]:
    """Yield the id of each item with rank, id and score of its nearest neighbours."""
    for row, item_id in enumerate(index.ids):
        best = index.top_k(index.rows([row]), k=NEIGHBOURS + 1)[0]
        others = [
            (index.ids[other], score)
            for other, score in zip(best.rows, best.scores, strict=True)
            if other != row
        ]
        for rank, (other, score) in enumerate(others[:NEIGHBOURS], start=1):
            yield item_id, rank, other, f"{score:.6f}"
        progress.advance()
        progress.check()


def _table(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path
