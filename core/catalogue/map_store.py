"""The map of a catalogue: coordinates, clusters and their quality."""

from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import files
from core.catalogue.database import Database


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of similar models on the map.

    Attributes:
        name: the words that they have in common; empty if there are none.
        landmark: the id of the most central one.
    """

    name: str
    landmark: str


@dataclass(frozen=True, slots=True)
class MapQuality:
    """How well a map shows which items are similar; both measures are between 0 and 1.

    Attributes:
        trustworthiness: of Venna and Kaski, 2001: 1 minus a penalty for neighbours on the map
            that are not neighbours by their vectors.
        neighbours_kept: the share of an item's nearest neighbours by vector that are also among
            its nearest on the map.
        neighbours: how many neighbours of each item were compared.
        sample: how many items were measured.
    """

    trustworthiness: float
    neighbours_kept: float
    neighbours: int
    sample: int


@dataclass(frozen=True, slots=True)
class Map:
    """A map of items. Row i of each array belongs to `ids[i]`.

    Attributes:
        ids: of the items.
        digests: the first 8 characters of the digest of each item's picture.
        coordinates: float32 (n, 2), each number between about -1 and 1.
        grid: float32 (n, 2): the same without overlap, one item per cell of a square grid.
        labels: int32 (n,): the number of the item's cluster, -1 for none.
        added_later: bool (n,): placed next to similar models after the layout was computed.
        clusters: the clusters, by number.
        fingerprint: of the vectors that the layout was computed from.
        quality: None if there are too few items to measure it.
    """

    ids: tuple[str, ...]
    digests: tuple[str, ...]
    coordinates: NDArray[np.float32]
    grid: NDArray[np.float32]
    labels: NDArray[np.int32]
    added_later: NDArray[np.bool_]
    clusters: tuple[Cluster, ...]
    fingerprint: str
    quality: MapQuality | None


class MapStore:
    """The map of one catalogue."""

    def __init__(self, database: Database, folder: Path) -> None:
        """Use `database`, and `folder` for the map's file."""
        self._database = database
        self._folder = folder

    @property
    def revision(self) -> int:
        """A number that grows whenever `load` may return another map."""
        return self._database.revision("map")

    def save(self, new: Map) -> None:
        """Store `new`, and replace the earlier map."""
        # The names of arrays in the file have been the same since its first version.
        arrays = {
            "ids": np.array(new.ids, dtype="U13"),
            "digests": np.array(new.digests, dtype="U8"),
            "places": new.coordinates,
            "grid": new.grid,
            "labels": new.labels,
            "later": new.added_later,
            "clusters": np.array([astuple(cluster) for cluster in new.clusters], "U").reshape(
                -1, 2
            ),
            "quality": np.array([] if new.quality is None else astuple(new.quality)),
        }
        file = files.write_new(self._folder, files.npz_bytes(arrays), ".npz")
        with self._database.change("map") as db:
            db.execute("DELETE FROM maps")
            db.execute(
                "INSERT INTO maps (fingerprint, file) VALUES (?, ?)", [new.fingerprint, file]
            )
        self.sweep()

    def load(self) -> Map | None:
        """Return the map, restricted to items that are shown, or None if there is none.

        Clusters that are empty now are still listed, so that the numbers of the others stay.
        """
        return files.read_again(self._load)

    def count(self) -> int:
        """Return how many shown items are on the map; of its file only the ids are read."""
        return files.read_again(self._count)

    def sweep(self) -> None:
        """Delete the files of earlier maps.

        Call it only in the process that runs the catalogue's job: a file that is still being
        written is not registered either.
        """
        with self._database.connect() as db:
            known = {row["file"] for row in db.execute("SELECT file FROM maps")}
        for path in self._folder.glob("*"):
            if path.name not in known:
                path.unlink(missing_ok=True)

    def _load(self) -> Map | None:
        if (registered := self._file()) is None:
            return None
        path, fingerprint = registered
        with np.load(path) as stored:
            arrays = dict(stored)
        rows = self._present_rows(arrays["ids"])
        quality = arrays["quality"].tolist()
        return Map(
            ids=tuple(arrays["ids"][rows].tolist()),
            digests=tuple(arrays["digests"][rows].tolist()),
            coordinates=arrays["places"][rows],
            grid=arrays["grid"][rows],
            labels=arrays["labels"][rows],
            added_later=arrays["later"][rows],
            clusters=tuple(Cluster(*fields) for fields in arrays["clusters"].tolist()),
            fingerprint=fingerprint,
            quality=MapQuality(*quality[:2], *map(int, quality[2:])) if quality else None,
        )

    def _count(self) -> int:
        if (registered := self._file()) is None:
            return 0
        with np.load(registered[0]) as stored:
            return len(self._present_rows(stored["ids"]))

    def _file(self) -> tuple[Path, str] | None:
        """Return the path of the map's file and the fingerprint of its vectors, or None."""
        with self._database.connect() as db:
            row = db.execute(
                "SELECT fingerprint, file FROM maps ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if row is None else (self._folder / row["file"], str(row["fingerprint"]))

    def _present_rows(self, ids: NDArray[np.str_]) -> list[int]:
        with self._database.connect() as db:
            present = {row[0] for row in db.execute("SELECT id FROM items WHERE present")}
        return [row for row, item_id in enumerate(ids.tolist()) if item_id in present]
