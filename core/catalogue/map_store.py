"""The map of a catalogue: coordinates, clusters and their quality."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import files
from core.catalogue.database import Database
from core.catalogue.errors import CatalogueError
from core.catalogue.records import Damage
from core.files import AnyArray

MAX_CLUSTER_NAME = 60
# The arrays in a file, under the names that they have had since its first version.
_ARRAYS = ("ids", "digests", "places", "grid", "labels", "later", "clusters", "quality")
# The zero-width characters that join letters or emoji: not printable, but allowed in names.
_JOINERS = {0x200C: None, 0x200D: None}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of similar models on the map.

    Attributes:
        automatic_name: the words that they have in common; empty if there are none.
        landmark: the id of the most typical one.
        edited_name: what somebody called it instead; empty if nobody did.
    """

    automatic_name: str
    landmark: str
    edited_name: str = ""

    @property
    def name(self) -> str:
        """The name that pages show; empty if there is none."""
        return self.edited_name or self.automatic_name

    def label(self, number: int) -> str:
        """Return the name; a cluster without one is called by its `number`."""
        return self.name or f"Cluster {number + 1}"


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
        digests: the `short_digest` of each item.
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


@dataclass(frozen=True, slots=True)
class _RegisteredMap:
    """What the database holds of a map.

    Attributes:
        path: of its file.
        fingerprint: of the vectors that it was computed from.
        edited_names: names that people gave clusters, by the number of the cluster.
    """

    path: Path
    fingerprint: str
    edited_names: Mapping[int, str]


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
        """Store `new`, and replace the earlier map.

        Clusters keep the names that people gave them; see `inherited_names`.
        """
        arrays: dict[str, AnyArray] = {
            "ids": np.array(new.ids, dtype="U13"),
            "digests": np.array(new.digests, dtype="U8"),
            "places": new.coordinates,
            "grid": new.grid,
            "labels": new.labels,
            "later": new.added_later,
            "clusters": np.array(
                [(cluster.automatic_name, cluster.landmark) for cluster in new.clusters], "U"
            ).reshape(-1, 2),
            "quality": np.array([] if new.quality is None else astuple(new.quality)),
        }
        file = files.write_new(
            self._folder, files.npz_bytes(arrays), ".npz", root=self._folder.parent
        )
        with self._database.change("map") as db:
            # Read here: somebody may have edited a name while the map was computed.
            edited = db.execute("SELECT 1 FROM cluster_names").fetchone()
            names = self._inherited_names(db, new) if edited else {}
            db.execute("DELETE FROM maps")
            db.execute(
                "INSERT INTO maps (fingerprint, file) VALUES (?, ?)", [new.fingerprint, file]
            )
            db.execute("DELETE FROM cluster_names")
            db.executemany(
                "INSERT INTO cluster_names VALUES (?, ?, ?)",
                [(number, name, new.clusters[number].landmark) for number, name in names.items()],
            )
        self.sweep()

    def edited_names(self) -> list[str]:
        """Return the names that people gave clusters, even if the map is damaged."""
        with self._database.connect() as db:
            return [row["name"] for row in db.execute("SELECT name FROM cluster_names")]

    def rename_cluster(self, number: int, name: str, *, landmark: str) -> None:
        """Give a cluster of the current map a name; an empty one restores its automatic name.

        Whoever renames it last wins. Raises `CatalogueError` if the name has more than 60
        characters or some that cannot be printed, if another cluster has it, or if the cluster
        `number` no longer has this `landmark`: then the map has changed since the caller read it.
        """
        name = " ".join(name.split())
        if len(name) > MAX_CLUSTER_NAME or not name.translate(_JOINERS).isprintable():
            raise CatalogueError(
                f"A cluster’s name has at most {MAX_CLUSTER_NAME} characters, all of which can be "
                "printed. Choose another name."
            )
        with self._database.change("map") as db:
            current = self.load()
            clusters = () if current is None else current.clusters
            if current is None or number >= len(clusters) or clusters[number].landmark != landmark:
                raise CatalogueError(
                    "The map has changed since this cluster was selected. Select it again."
                )
            automatic = replace(clusters[number], edited_name="").label(number)
            edited = "" if name == automatic else name
            label = edited or automatic
            others = set(current.labels.tolist()) - {number, -1}
            if label.casefold() in {clusters[one].label(one).casefold() for one in others}:
                raise CatalogueError(f"Another cluster is called “{label}”. Choose another name.")
            db.execute("DELETE FROM cluster_names WHERE cluster = ?", [number])
            if edited:
                db.execute("INSERT INTO cluster_names VALUES (?, ?, ?)", [number, edited, landmark])

    def load(self) -> Map | None:
        """Return the map, restricted to items that are shown, or None if there is none to be read.

        Clusters that are empty now are still listed, so that the numbers of the others stay.
        """
        try:
            return files.read_again(self._load)
        except (FileNotFoundError, files.DamagedFile):
            return None

    def count(self) -> int:
        """Return how many shown items are on the map; 0 if its file is damaged."""
        try:
            return files.read_again(self._count)
        except (FileNotFoundError, files.DamagedFile):
            return 0

    def damage(self, *, quick: bool = False) -> list[Damage]:
        """Return the file of the map if it is lost or not as it was written.

        With `quick` its arrays are not read.
        """
        try:
            files.read_again(self._check if quick else self._load)
        except (FileNotFoundError, files.DamagedFile) as error:
            if (registered := self._registered()) is not None:
                path = registered.path
                return [
                    Damage(
                        path.relative_to(self._folder.parent).as_posix(),
                        isinstance(error, FileNotFoundError),
                        "Without it there is no map. It is computed again when indexing.",
                    )
                ]
        return []

    def sweep(self) -> None:
        """Delete the files of earlier maps.

        Call it only in the process that runs the catalogue's job: a file that is still being
        written is not registered either.
        """
        for path in self._unregistered():
            path.unlink(missing_ok=True)

    def leftovers(self) -> list[str]:
        """Return the files of earlier maps, which `sweep` deletes."""
        return [path.relative_to(self._folder.parent).as_posix() for path in self._unregistered()]

    def _unregistered(self) -> list[Path]:
        with self._database.connect() as db:
            known = {row["file"] for row in db.execute("SELECT file FROM maps")}
        return [path for path in self._folder.glob("*") if path.name not in known]

    def _load(self) -> Map | None:
        if (registered := self._registered()) is None:
            return None
        arrays = files.read_npz(registered.path, *_ARRAYS)
        rows = self._comparable_rows(arrays["ids"])
        quality = arrays["quality"].tolist()
        return Map(
            ids=tuple(arrays["ids"][rows].tolist()),
            digests=tuple(arrays["digests"][rows].tolist()),
            coordinates=arrays["places"][rows],
            grid=arrays["grid"][rows],
            labels=arrays["labels"][rows],
            added_later=arrays["later"][rows],
            clusters=tuple(
                Cluster(name, landmark, registered.edited_names.get(number, ""))
                for number, (name, landmark) in enumerate(arrays["clusters"].tolist())
            ),
            fingerprint=registered.fingerprint,
            quality=MapQuality(*quality[:2], *map(int, quality[2:])) if quality else None,
        )

    def _count(self) -> int:
        if (registered := self._registered()) is None:
            return 0
        # All arrays, so that a damaged one is noticed: 3 MB for 25,000 items.
        return len(self._comparable_rows(files.read_npz(registered.path, *_ARRAYS)["ids"]))

    def _check(self) -> None:
        if (registered := self._registered()) is not None:
            files.check_npz(registered.path)

    def _inherited_names(self, db: sqlite3.Connection, new: Map) -> dict[int, str]:
        """Return the names that people gave clusters, by the number of a cluster of `new`."""
        if (before := self.load()) is not None:
            return inherited_names(before, new)
        # The map is damaged: a cluster is found again by its landmark.
        label_of = dict(zip(new.ids, new.labels.tolist(), strict=True))
        names: dict[int, str] = {}
        for row in db.execute("SELECT * FROM cluster_names ORDER BY cluster"):
            number = label_of.get(row["landmark"], -1)
            if number >= 0:
                names.setdefault(number, row["name"])
        return names

    def _registered(self) -> _RegisteredMap | None:
        """Return what the database holds of the current map, in one read."""
        with self._database.connect() as db:
            row = db.execute(
                "SELECT fingerprint, file, "
                "(SELECT json_group_object(cluster, name) FROM cluster_names) AS names "
                "FROM maps ORDER BY id DESC LIMIT 1"
            ).fetchone()
        if row is None:
            return None
        names = {int(number): name for number, name in json.loads(row["names"]).items()}
        return _RegisteredMap(self._folder / row["file"], str(row["fingerprint"]), names)

    def _comparable_rows(self, ids: NDArray[np.str_]) -> list[int]:
        with self._database.connect() as db:
            comparable = {row[0] for row in db.execute("SELECT id FROM items WHERE comparable")}
        return [row for row, item_id in enumerate(ids.tolist()) if item_id in comparable]


def inherited_names(old: Map, new: Map) -> dict[int, str]:
    """Return the names that people gave clusters of `old`, by the number of a cluster of `new`.

    A new cluster inherits a name if it has at least half of the old cluster's members, without
    those that the new map lacks. The pair that shares most members comes first, and neither is in
    another pair.
    """
    label_of = dict(zip(new.ids, new.labels.tolist(), strict=True))
    pairs: list[tuple[int, int, int]] = []
    for number, cluster in enumerate(old.clusters):
        if cluster.edited_name:
            members = [old.ids[row] for row in np.flatnonzero(old.labels == number)]
            shared = Counter(label_of[item_id] for item_id in members if item_id in label_of)
            least = shared.total() / 2
            del shared[-1]  # in no cluster
            pairs += [(-count, number, label) for label, count in shared.items() if count >= least]
    names: dict[int, str] = {}
    given: set[int] = set()
    for _, number, label in sorted(pairs):
        if number not in given and label not in names:
            names[label] = old.clusters[number].edited_name
            given.add(number)
    return names
