"""The pictures and 3D models of a catalogue's items, as files.

Pictures as received are in the catalogue's folder and named by digest. Files that pages serve
(thumbnails, strips of them, 3D models, JSON for the map) are below the folder `static/`; those of
an item are named by its id. The names of cut-out thumbnails also contain digests of the picture
and the mask: a name never stands for another picture, and the folder itself is the list of those
that exist.
"""

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from core import files
from core.catalogue.database import Database, bump
from core.catalogue.errors import CatalogueError, UnknownItem
from core.catalogue.item import Item, item_from_row
from core.catalogue.records import CutOutThumbnail, Picture

# Names of files that are stored beside a picture, after its digest.
_MODEL = "model.glb"
_SQUASHED = "frame.png"
# The folder of cut-out thumbnails, beside the thumbnails.
_CUT_OUTS = "cut-outs"
_CUT_OUT = re.compile(r"([a-z2-7]{13})\.([0-9a-f]{8})\.([0-9a-f]{8})\.webp")
# The key of the setting that holds the byte count.
_BYTES = "picture bytes"


class PictureStore(Protocol):
    """The interface of picture stores, of which `LocalPictureStore` is one."""

    @property
    def served(self) -> Path:
        """The folder of the files that pages serve, below the folder `static/`."""

    @property
    def revision(self) -> int:
        """A number that grows whenever a picture or cut-out thumbnail is added or restored."""

    @property
    def byte_count(self) -> int:
        """The bytes of the stored pictures, and of what is stored beside them."""

    def write(self, item: Item, picture: Picture) -> int:
        """Write the files of `picture`, and return by how many bytes the store has grown."""

    def record_bytes(self, db: sqlite3.Connection, count: int) -> None:
        """Add what `write` returned to `byte_count`, in the transaction that adds the items."""

    def original(self, item: Item) -> bytes:
        """Return the stored picture of `item`, even if the item was removed.

        Raises `UnknownItem` if there never was such an item, `CatalogueError` if its file is lost.
        """

    def extension(self, item: Item) -> str:
        """Return the file extension of the stored picture, without a dot; raises `UnknownItem`."""

    def squashed(self, item: Item) -> bytes | None:
        """Return the `squashed` view that is stored with a downscaled picture, PNG, or None."""

    def viewpoint(self, item: Item, name: str) -> bytes:
        """Return the picture of `item` from one of its `viewpoints`, WebP.

        Raises `CatalogueError` if its file is lost.
        """

    def thumbnail(self, item_id: str) -> Path:
        """Return the path of the thumbnail of an item, by its id, below the folder `static/`."""

    def model(self, item: Item) -> Path | None:
        """Return the path of the 3D model of `item` below the folder `static/`, or None."""

    def lost_originals(self) -> list[Item]:
        """Return the shown items whose stored picture is lost."""

    def lost_thumbnails(self) -> list[Item]:
        """Return the shown items whose thumbnail is lost (the data folder was moved)."""

    def restore_thumbnail(self, item: Item, thumbnail: bytes) -> None:
        """Write the thumbnail of `item` again, and serve its 3D model again if it has one."""

    def cut_out(self, cut_out: CutOutThumbnail) -> Path:
        """Return the path of a cut-out thumbnail, below the folder `static/`."""

    def cut_outs(self) -> set[CutOutThumbnail]:
        """Return the cut-out thumbnails that exist."""

    def write_cut_out(self, cut_out: CutOutThumbnail, thumbnail: bytes) -> None:
        """Write a cut-out thumbnail, WebP; pages learn of it from `keep_cut_outs`."""

    def keep_cut_outs(self, kept: Collection[CutOutThumbnail]) -> None:
        """Delete all cut-out thumbnails but these, and give the store a new revision."""

    def serve(self, name: str, data: bytes, *, suffix: str = ".json") -> Path:
        """Write a file that pages serve beside the thumbnails, and replace the last of that name.

        Returns its path below the folder `static/`: a new path for new data, so that no
        browser shows an old copy from its cache.
        """

    def served_file(self, name: str) -> Path | None:
        """Return the path that `serve` last returned for `name`, or None."""

    def delete_served(self, name: str) -> None:
        """Delete what `serve` wrote for `name`, if anything."""

    def sweep(self) -> None:
        """Delete the files of pictures that no item has, and count the bytes of the others."""


class LocalPictureStore:
    """A `PictureStore` in local folders."""

    def __init__(self, database: Database, folder: Path, served: Path) -> None:
        """Use `database`, `folder` for stored pictures and `served` for files that pages serve."""
        self._database = database
        self._folder = folder
        self._served = served

    @property
    def served(self) -> Path:
        """The folder of the files that pages serve, below the folder `static/`."""
        return self._served

    @property
    def revision(self) -> int:
        """A number that grows whenever a picture or cut-out thumbnail is added or restored."""
        return self._database.revision("pictures")

    @property
    def byte_count(self) -> int:
        """The bytes of the stored pictures, and of what is stored beside them.

        A stored count that grows with each picture: a page cannot wait until the sizes of 25,000
        files are read. `sweep` counts the files, as does the first read for a catalogue of an
        earlier version.
        """
        stored = self._database.setting(_BYTES)
        if stored is not None:
            return int(stored)
        count = files.size(self._folder.glob("*/*"))
        self._store_byte_count(count)
        return count

    def write(self, item: Item, picture: Picture) -> int:
        """Write the files of `picture`, and return by how many bytes the store has grown."""
        beside = {f"{name}.webp": data for name, data in picture.viewpoints.items()}
        if picture.squashed is not None:
            beside[_SQUASHED] = picture.squashed
        if picture.model is not None:
            beside[_MODEL] = picture.model
        original = self._path(picture.digest, picture.extension)
        paths = {self._path(picture.digest, name): data for name, data in beside.items()}
        if not original.exists():
            paths[original] = picture.original
        before = files.size(paths)
        for path, data in paths.items():
            files.write(path, data)
        # Not synced: `lost_thumbnails` finds one that was lost in a power cut.
        files.write(self.thumbnail(item.id), picture.thumbnail, sync=False)
        self._serve_model(replace(item, digest=picture.digest))
        return files.size(paths) - before

    def record_bytes(self, db: sqlite3.Connection, count: int) -> None:
        """Add what `write` returned to `byte_count`, in the transaction that adds the items."""
        db.execute(
            "UPDATE settings SET value = CAST(value AS INTEGER) + ? WHERE key = ?", [count, _BYTES]
        )

    def original(self, item: Item) -> bytes:
        """Return the stored picture of `item`, even if the item was removed.

        Raises `UnknownItem` if there never was such an item, `CatalogueError` if its file is lost.
        """
        try:
            return self._path(*self._digest_and_extension(item)).read_bytes()
        except OSError:
            raise CatalogueError(
                f"The picture of “{item.name}” is missing from the catalogue’s folder. "
                "Import its source again to restore it."
            ) from None

    def extension(self, item: Item) -> str:
        """Return the file extension of the stored picture, without a dot; raises `UnknownItem`."""
        _, extension = self._digest_and_extension(item)
        return extension

    def squashed(self, item: Item) -> bytes | None:
        """Return the `squashed` view that is stored with a downscaled picture, PNG, or None."""
        path = self._path(item.digest, _SQUASHED)
        return path.read_bytes() if path.exists() else None

    def viewpoint(self, item: Item, name: str) -> bytes:
        """Return the picture of `item` from one of its `viewpoints`, WebP.

        Raises `CatalogueError` if its file is lost.
        """
        try:
            return self._path(item.digest, f"{name}.webp").read_bytes()
        except OSError:
            raise CatalogueError(
                f"The picture of “{item.name}” from the {name} is missing from the catalogue’s "
                "folder. Import its source again to restore it."
            ) from None

    def thumbnail(self, item_id: str) -> Path:
        """Return the path of the thumbnail of an item, by its id, below the folder `static/`."""
        return self.served / f"{item_id}.webp"

    def model(self, item: Item) -> Path | None:
        """Return the path of the 3D model of `item` below the folder `static/`, or None."""
        path = self.served / f"{item.id}.glb"
        return path if path.exists() else None

    def lost_originals(self) -> list[Item]:
        """Return the shown items whose stored picture is lost (files were deleted by hand)."""
        digests = {path.stem for path in self._folder.glob("*/*")}
        return [item for item in self._present_items() if item.digest not in digests]

    def lost_thumbnails(self) -> list[Item]:
        """Return the shown items whose thumbnail is lost (the data folder was moved)."""
        ids = {path.stem for path in self.served.glob("*.webp")}
        return [item for item in self._present_items() if item.id not in ids]

    def restore_thumbnail(self, item: Item, thumbnail: bytes) -> None:
        """Write the thumbnail of `item` again, and serve its 3D model again if it has one."""
        files.write(self.thumbnail(item.id), thumbnail)
        self._serve_model(item)
        with self._database.transaction() as db:
            bump(db, "pictures")

    def cut_out(self, cut_out: CutOutThumbnail) -> Path:
        """Return the path of a cut-out thumbnail, below the folder `static/`."""
        name = f"{cut_out.item_id}.{cut_out.picture}.{cut_out.mask}.webp"
        return self.served / _CUT_OUTS / name

    def cut_outs(self) -> set[CutOutThumbnail]:
        """Return the cut-out thumbnails that exist."""
        names = (path.name for path in (self.served / _CUT_OUTS).glob("*.webp"))
        matches = (_CUT_OUT.fullmatch(name) for name in names)
        return {CutOutThumbnail(*match.groups()) for match in matches if match}

    def write_cut_out(self, cut_out: CutOutThumbnail, thumbnail: bytes) -> None:
        """Write a cut-out thumbnail, WebP; pages learn of it from `keep_cut_outs`."""
        # Not synced: one that was lost in a power cut is made again.
        files.write(self.cut_out(cut_out), thumbnail, sync=False)

    def keep_cut_outs(self, kept: Collection[CutOutThumbnail]) -> None:
        """Delete all cut-out thumbnails but these, and give the store a new revision."""
        if kept:
            for deleted in self.cut_outs() - set(kept):
                self.cut_out(deleted).unlink(missing_ok=True)
        else:
            shutil.rmtree(self.served / _CUT_OUTS, ignore_errors=True)
        with self._database.transaction() as db:
            bump(db, "pictures")

    def serve(self, name: str, data: bytes, *, suffix: str = ".json") -> Path:
        """Write a file that pages serve beside the thumbnails, and replace the last of that name.

        Returns its path below the folder `static/`: a new path for new data, so that no
        browser shows an old copy from its cache.
        """
        path = self.served / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}{suffix}"
        if not path.exists():
            files.write(path, data, sync=False)
        for old in self.served.glob(f"{name}-*{suffix}"):
            if old != path:
                old.unlink(missing_ok=True)
        return path

    def served_file(self, name: str) -> Path | None:
        """Return the path that `serve` last returned for `name`, or None."""
        # After a crash there may be an older file beside the last.
        paths = self.served.glob(f"{name}-*.json")
        return max(paths, key=lambda path: path.stat().st_mtime, default=None)

    def delete_served(self, name: str) -> None:
        """Delete what `serve` wrote for `name`, if anything."""
        for path in self.served.glob(f"{name}-*.json"):
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete the files of pictures that no item has, and count the bytes of the others."""
        with self._database.connect() as db:
            digests = {row["digest"] for row in db.execute("SELECT digest FROM items")}
        used = []
        for path in self._folder.glob("*/*"):
            if path.name.partition(".")[0] in digests:
                used.append(path)
            else:
                path.unlink(missing_ok=True)
        self._store_byte_count(files.size(used))

    def _path(self, digest: str, name: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.{name}"

    def _store_byte_count(self, count: int) -> None:
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [_BYTES, str(count)])

    def _digest_and_extension(self, item: Item) -> tuple[str, str]:
        """Return the digest and extension of the picture of `item`, even if it was removed."""
        with self._database.connect() as db:
            row = db.execute(
                "SELECT digest, extension FROM items WHERE id = ?", [item.id]
            ).fetchone()
        if row is None:
            raise UnknownItem(self._database.setting("title"), item.id)
        return row["digest"], row["extension"]

    def _present_items(self) -> list[Item]:
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM items WHERE present ORDER BY position")
            return [item_from_row(row) for row in rows]

    def _serve_model(self, item: Item) -> None:
        """Make the 3D model of `item`, if any, available to pages: a hard link, or a copy."""
        served = self.served / f"{item.id}.glb"
        served.unlink(missing_ok=True)
        stored = self._path(item.digest, _MODEL)
        try:
            os.link(stored, served)
        except FileNotFoundError:
            return
        except OSError:  # on another disk
            shutil.copyfile(stored, served)
