"""The map of a catalogue: coordinates, clusters and their quality."""

from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import files
from core.catalogue.database import Database


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items that lie together on the map.

    Attributes:
        name: the words that they have in common; empty where there are none.
        landmark: the id of the most central of them.
    """

    name: str
    landmark: str


@dataclass(frozen=True, slots=True)
class MapQuality:
    """How far a map can be trusted; both measures are shares, 0 to 1, over `sample` items.

    Attributes:
        trustworthiness: of Venna and Kaski, 2001: less than 1 by how far from being
            neighbours those items are that the map shows as neighbours.
        neighbours_kept: of an item's `neighbours` nearest by its vector, the share that are
            among its nearest on the map.
        neighbours: how many neighbours of each item were compared.
        sample: how many items were measured.
    """

    trustworthiness: float
    neighbours_kept: float
    neighbours: int
    sample: int


@dataclass(frozen=True, slots=True)
class Map:
    """Where items lie on the map. Row i of each array belongs to `ids[i]`.

    Attributes:
        ids: of the items.
        digests: the first 8 characters of the digest of each item's picture.
        coordinates: float32 (n, 2), each number between about -1 and 1.
        grid: float32 (n, 2): the same without overlap, one item a cell of a square lattice.
        labels: int32 (n,): the number of the item's cluster, -1 for none.
        added_later: bool (n,): placed among its neighbours after the others were laid out.
        clusters: the clusters, by number.
        fingerprint: of the vectors that the map was laid out by.
        quality: None where there are too few items to measure it.
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
        """Keep the database and the folder of the map's file."""
        self._database = database
        self._folder = folder

    @property
    def revision(self) -> int:
        """A number that grows whenever `load` may give another map."""
        return self._database.revision("map")

    def save(self, new: Map) -> None:
        """Store `new` in place of the map that there was."""
        # The names within the file are those of its first version.
        arrays = {
            "ids": np.array(new.ids, dtype="U13"),
            "digests": np.array(new.digests, dtype="U8"),
            "places": new.coordinates,
            "grid": new.grid,
            "labels": new.labels,
            "later": new.added_later,
            "clusters": np.array([astuple(one) for one in new.clusters], "U").reshape(-1, 2),
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
        """Return the map of the items that are still shown, or None before there is one.

        Clusters of which nothing is left are still listed, so that their numbers stay.
        """
        return files.read_again(self._load)

    def count(self) -> int:
        """Return how many items that are shown are on the map."""
        return files.read_again(self._count)

    def sweep(self) -> None:
        """Delete the files of earlier maps.

        Only for the process that holds the catalogue's job: a file that is being written is
        not registered yet either.
        """
        with self._database.connect() as db:
            known = {row["file"] for row in db.execute("SELECT file FROM maps")}
        for path in self._folder.glob("*"):
            if path.name not in known:
                path.unlink(missing_ok=True)

    def _load(self) -> Map | None:
        if (found := self._file()) is None:
            return None
        path, fingerprint = found
        with np.load(path) as stored:
            arrays = dict(stored)
        rows = self._present_rows(arrays["ids"])
        trustworthiness, share, neighbours, sample = arrays["quality"].tolist() or [None] * 4
        return Map(
            ids=tuple(arrays["ids"][rows].tolist()),
            digests=tuple(arrays["digests"][rows].tolist()),
            coordinates=arrays["places"][rows],
            grid=arrays["grid"][rows],
            labels=arrays["labels"][rows],
            added_later=arrays["later"][rows],
            clusters=tuple(Cluster(*one) for one in arrays["clusters"].tolist()),
            fingerprint=fingerprint,
            quality=trustworthiness
            and MapQuality(trustworthiness, share, int(neighbours), int(sample)),
        )

    def _count(self) -> int:
        if (found := self._file()) is None:
            return 0
        with np.load(found[0]) as stored:
            return len(self._present_rows(stored["ids"]))

    def _file(self) -> tuple[Path, str] | None:
        """Return the path of the map and the fingerprint of its vectors, or None."""
        with self._database.connect() as db:
            row = db.execute(
                "SELECT fingerprint, file FROM maps ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if row is None else (self._folder / row["file"], str(row["fingerprint"]))

    def _present_rows(self, ids: NDArray[np.str_]) -> list[int]:
        with self._database.connect() as db:
            present = {row[0] for row in db.execute("SELECT id FROM items WHERE present")}
        return [row for row, item_id in enumerate(ids.tolist()) if item_id in present]
