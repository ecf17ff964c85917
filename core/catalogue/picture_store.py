"""The pictures and 3D models of a catalogue's items, and the other files that pages serve.

Pictures as received are named by digest. Files that pages serve (thumbnails, strips of them, 3D
models, JSON for the map) are named by the item's id, or by what they hold. The names of cut-out
thumbnails also contain digests of the picture and the mask: a name never stands for another
picture, and the files themselves are the list of those that exist.

The size and CRC-32 of pictures, of what is stored beside them, and of thumbnails are registered,
and compared by `damage`.
"""

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from core.catalogue.database import Database, bump
from core.catalogue.errors import CatalogueError, UnknownItem
from core.catalogue.file_store import SERVED, FileStore
from core.catalogue.item import Item, item_from_row
from core.catalogue.records import CutOutThumbnail, Damage, Picture

_ORIGINALS = "originals/"
# Names of files that are stored beside a picture, after its digest.
_MODEL = "model.glb"
_SQUASHED = "frame.png"
_CUT_OUTS = f"{SERVED}cut-outs/"
_CUT_OUT = re.compile(rf"{_CUT_OUTS}([a-z2-7]{{13}})\.([0-9a-f]{{8}})\.([0-9a-f]{{8}})\.webp")
# The key of the setting that holds the byte count.
_BYTES = "picture bytes"


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """What `PictureStore.write` has written, for `PictureStore.register`.

    Attributes:
        growth: by how many bytes the stored pictures have grown.
        checksums: the name, size in bytes and CRC-32 of each file.
    """

    growth: int
    checksums: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class DamagedItem:
    """An item with a file that is lost or not as it was written.

    Attributes:
        item: the item, which may be hidden.
        damage: of the file.
        is_thumbnail: whether the file can be made again from the item's picture.
    """

    item: Item
    damage: Damage
    is_thumbnail: bool


class PictureStore:
    """The pictures of one catalogue."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database`, and keep the pictures in `files`."""
        self._database = database
        self._files = files

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
        count = self._files.size(_ORIGINALS)
        if not self._database.is_read_only:
            self._store_byte_count(count)
        return count

    def write(self, item: Item, picture: Picture) -> WrittenFiles:
        """Write the files of `picture`; what is returned is to be registered with the item."""
        beside = {f"{name}.webp": data for name, data in picture.viewpoints.items()}
        if picture.squashed is not None:
            beside[_SQUASHED] = picture.squashed
        if picture.model is not None:
            beside[_MODEL] = picture.model
        written = {_stored(picture.digest, name): data for name, data in beside.items()}
        original = _stored(picture.digest, picture.extension)
        if not self._holds(original, picture.original):
            written[original] = picture.original
        before = self._files.size(_stored(picture.digest, ""))
        for name, data in written.items():
            self._files.write(name, data)
        # Not synced: `lost_thumbnails` finds one that was lost in a power cut.
        thumbnail = _thumbnail(item.id)
        self._files.write(thumbnail, picture.thumbnail, sync=False)
        if picture.model is None:
            # There may be one beside the picture, of another item with the same picture.
            self._files.delete(_model(item.id))
        else:
            self._serve_model(replace(item, digest=picture.digest))
        held = {**written, original: picture.original, thumbnail: picture.thumbnail}
        return WrittenFiles(
            self._files.size(_stored(picture.digest, "")) - before,
            tuple(_checksum(name, data) for name, data in held.items()),
        )

    def register(self, db: sqlite3.Connection, written: Sequence[WrittenFiles]) -> None:
        """Register what `write` returned, in the transaction that adds the items."""
        growth = sum(each.growth for each in written)
        db.execute(
            "UPDATE settings SET value = CAST(value AS INTEGER) + ? WHERE key = ?", [growth, _BYTES]
        )
        _register(db, [checksum for each in written for checksum in each.checksums])

    def original(self, item: Item) -> bytes:
        """Return the stored picture of `item`, even if the item was removed.

        Raises `UnknownItem` if there never was such an item, `CatalogueError` if its file is lost
        or is not as it was written.
        """
        row = self._stored_row(item)
        name = _stored(row["digest"], row["extension"])
        try:
            data = self._files.read(name)
        except OSError:
            raise CatalogueError(
                f"The picture of “{item.name}” is missing from the catalogue’s folder. "
                "Import its source again to restore it."
            ) from None
        checksum = None if row["crc32"] is None else (name, row["bytes"], row["crc32"])
        if not _is_whole(row, name, data, checksum):
            raise CatalogueError(
                f"The picture of “{item.name}” is damaged: its file is not as it was imported. "
                "Import its source again to restore it."
            )
        return data

    def extension(self, item: Item) -> str:
        """Return the file extension of the stored picture, without a dot; raises `UnknownItem`."""
        return str(self._stored_row(item)["extension"])

    def squashed(self, item: Item) -> bytes | None:
        """Return the `squashed` view that is stored with a downscaled picture, PNG, or None."""
        try:
            return self._files.read(_stored(item.digest, _SQUASHED))
        except FileNotFoundError:
            return None

    def viewpoint(self, item: Item, name: str) -> bytes:
        """Return the picture of `item` from one of its `viewpoints`, WebP.

        Raises `CatalogueError` if its file is lost.
        """
        try:
            return self._files.read(_stored(item.digest, f"{name}.webp"))
        except OSError:
            raise CatalogueError(
                f"The picture of “{item.name}” from the {name} is missing from the catalogue’s "
                "folder. Import its source again to restore it."
            ) from None

    def thumbnail(self, item_id: str) -> bytes:
        """Return the thumbnail of an item, WebP; raises `FileNotFoundError` if it is lost."""
        return self._files.read(_thumbnail(item_id))

    def thumbnail_url(self, item_id: str) -> str:
        """Return the URL of the thumbnail of an item."""
        return self._files.url(_thumbnail(item_id))

    def model_url(self, item: Item) -> str | None:
        """Return the URL of the 3D model of `item`, or None; a changed model has another URL."""
        name = _model(item.id)
        written = self._files.written(name)
        return None if written is None else f"{self._files.url(name)}?v={written:x}"

    def lost_originals(self) -> list[Item]:
        """Return the shown items whose stored picture is lost (files were deleted by hand)."""
        stored = {_digest(name) for name in self._files.find(_ORIGINALS)}
        return [item for item in self._present_items() if item.digest not in stored]

    def lost_thumbnails(self) -> list[Item]:
        """Return the shown items whose thumbnail is lost (the data folder was moved)."""
        served = self._files.find(SERVED)
        return [item for item in self._present_items() if _thumbnail(item.id) not in served]

    def restore_thumbnail(self, item: Item, thumbnail: bytes) -> None:
        """Write the thumbnail of `item` again, and serve its 3D model again if it has one."""
        name = _thumbnail(item.id)
        self._files.write(name, thumbnail)
        self._serve_model(item)
        with self._database.transaction() as db:
            _register(db, [_checksum(name, thumbnail)])
            bump(db, "pictures")

    def delete_thumbnail(self, item: Item) -> None:
        """Delete the thumbnail of `item`, so that it is made again from its picture."""
        self._files.delete(_thumbnail(item.id))

    def damage(self, advance: Callable[[], None] = lambda: None) -> list[DamagedItem]:
        """Return the items with files that are lost or not as they were written.

        Every file is read; `advance` is called after those of an item. A file that an earlier
        version wrote has no checksum: a picture that was stored as received is compared with its
        digest, and any other file counts as it is from now on.
        """
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM items WHERE NOT removed ORDER BY position").fetchall()
            known = {
                row["name"]: (row["name"], row["bytes"], row["crc32"])
                for row in db.execute("SELECT * FROM picture_files")
            }
        found, new = [], []
        for row in rows:
            item = item_from_row(row)
            for name, meaning in _files_of(row, item, known):
                try:
                    data = self._files.read(name)
                except FileNotFoundError:
                    found.append(_damaged(item, name, meaning, is_missing=True))
                    continue
                if not _is_whole(row, name, data, known.get(name)):
                    found.append(_damaged(item, name, meaning, is_missing=False))
                elif name not in known:
                    new.append(_checksum(name, data))
            advance()
        if not self._database.is_read_only:
            with self._database.transaction() as db:
                _register(db, new)
        return found

    def cut_out(self, cut_out: CutOutThumbnail) -> bytes:
        """Return a cut-out thumbnail, WebP; raises `FileNotFoundError` if it is lost."""
        return self._files.read(_cut_out(cut_out))

    def cut_out_url(self, cut_out: CutOutThumbnail) -> str:
        """Return the URL of a cut-out thumbnail."""
        return self._files.url(_cut_out(cut_out))

    def cut_outs(self) -> set[CutOutThumbnail]:
        """Return the cut-out thumbnails that exist."""
        matches = (_CUT_OUT.fullmatch(name) for name in self._files.find(_CUT_OUTS))
        return {CutOutThumbnail(*match.groups()) for match in matches if match}

    def write_cut_out(self, cut_out: CutOutThumbnail, thumbnail: bytes) -> None:
        """Write a cut-out thumbnail, WebP; pages learn of it from `keep_cut_outs`."""
        # Not synced: one that was lost in a power cut is made again.
        self._files.write(_cut_out(cut_out), thumbnail, sync=False)

    def keep_cut_outs(self, kept: Collection[CutOutThumbnail]) -> None:
        """Delete all cut-out thumbnails but these, and give the store a new revision."""
        for deleted in self.cut_outs() - set(kept):
            self._files.delete(_cut_out(deleted))
        with self._database.transaction() as db:
            bump(db, "pictures")

    def serve(self, name: str, data: bytes, *, suffix: str = ".json") -> str:
        """Write a file that pages serve beside the thumbnails, and replace the last of that name.

        Returns its URL: a new one for new data, so that no browser shows an old copy from its
        cache.
        """
        file = f"{_served(name)}{hashlib.sha256(data).hexdigest()[:16]}{suffix}"
        before = self._files.find(_served(name))
        if file not in before:
            self._files.write(file, data, sync=False)
        for old in before:
            if old != file:
                self._files.delete(old)
        return self._files.url(file)

    def served_url(self, name: str) -> str | None:
        """Return the URL that `serve` last returned for `name`, or None."""
        # After a crash there may be an older file beside the last.
        found = self._files.find(_served(name))
        last = max(found, key=lambda file: self._files.written(file) or 0, default=None)
        return last and self._files.url(last)

    def is_served(self, url: str) -> bool:
        """Return whether the file of a URL that `serve` returned is still there."""
        name = url.removeprefix(self._files.url(SERVED))
        return self._files.written(SERVED + name) is not None

    def delete_served(self, name: str) -> None:
        """Delete what `serve` wrote for `name`, if anything."""
        for file in self._files.find(_served(name)):
            self._files.delete(file)

    def sweep(self) -> None:
        """Delete the files of pictures that no item has, and count the bytes of the others."""
        for name in self.leftovers():
            self._files.delete(name)
        with self._database.transaction() as db:
            digests = _digests(db)
            gone = [
                (row["name"],)
                for row in db.execute("SELECT name FROM picture_files")
                if row["name"].startswith(_ORIGINALS) and _digest(row["name"]) not in digests
            ]
            db.executemany("DELETE FROM picture_files WHERE name = ?", gone)
        self._store_byte_count(self._files.size(_ORIGINALS))

    def leftovers(self) -> set[str]:
        """Return the files of pictures that no item has, which `sweep` deletes."""
        with self._database.connect() as db:
            digests = _digests(db)
        return {name for name in self._files.find(_ORIGINALS) if _digest(name) not in digests}

    def _holds(self, name: str, data: bytes) -> bool:
        """Return whether there is a file with exactly this data."""
        try:
            return self._files.read(name) == data
        except FileNotFoundError:
            return False

    def _store_byte_count(self, count: int) -> None:
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [_BYTES, str(count)])

    def _stored_row(self, item: Item) -> sqlite3.Row:
        """Return the row of `item`, even if it was removed, with the checksum of its picture."""
        with self._database.connect() as db:
            row: sqlite3.Row | None = db.execute(
                "SELECT i.*, f.bytes, f.crc32 FROM items i LEFT JOIN picture_files f ON f.name = "
                "? || substr(i.digest, 1, 2) || '/' || i.digest || '.' || i.extension "
                "WHERE i.id = ?",
                [_ORIGINALS, item.id],
            ).fetchone()
        if row is None:
            raise UnknownItem(self._database.setting("title"), item.id)
        return row

    def _present_items(self) -> list[Item]:
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM items WHERE present ORDER BY position")
            return [item_from_row(row) for row in rows]

    def _serve_model(self, item: Item) -> None:
        """Make the 3D model of `item`, if any, available to pages."""
        try:
            self._files.copy(_stored(item.digest, _MODEL), _model(item.id))
        except FileNotFoundError:
            self._files.delete(_model(item.id))


def _files_of(row: sqlite3.Row, item: Item, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the name of each file that an item should have, and what its loss means."""
    again = "Import its source again to restore it."
    yield (
        _stored(item.digest, row["extension"]),
        f"It is the picture of “{item.name}”. {again}",
    )
    for viewpoint in item.viewpoints:
        meaning = f"It is the picture of “{item.name}” from the {viewpoint}. {again}"
        yield _stored(item.digest, f"{viewpoint}.webp"), meaning
    if row["downscaled"]:
        meaning = f"By it “{item.name}” is compared as in 2016. {again}"
        yield _stored(item.digest, _SQUASHED), meaning
    model = _stored(item.digest, _MODEL)
    if model in known:
        yield model, f"It is the 3D model of “{item.name}”. {again}"
    if row["present"]:
        yield (
            _thumbnail(item.id),
            f"It is the thumbnail of “{item.name}”, which is made again when indexing.",
        )


def _is_whole(
    row: sqlite3.Row, name: str, data: bytes, checksum: tuple[str, int, int] | None
) -> bool:
    """Return whether a file of the item in `row` is as it was written, as far as that is known.

    Without a checksum, a picture that was stored as received is compared with its digest.
    """
    if checksum is not None:
        return _checksum(name, data) == checksum
    is_original = name == _stored(row["digest"], row["extension"])
    if is_original and not row["downscaled"] and row["viewpoints"] == "[]":
        return hashlib.sha256(data).hexdigest() == str(row["digest"])
    return True


def _damaged(item: Item, name: str, meaning: str, *, is_missing: bool) -> DamagedItem:
    return DamagedItem(item, Damage(name, is_missing, meaning), name.startswith(SERVED))


def _checksum(name: str, data: bytes) -> tuple[str, int, int]:
    """Return a row of the table `picture_files`."""
    return name, len(data), zlib.crc32(data)


def _register(db: sqlite3.Connection, checksums: Sequence[tuple[str, int, int]]) -> None:
    db.executemany("INSERT OR REPLACE INTO picture_files VALUES (?, ?, ?)", checksums)


def _digests(db: sqlite3.Connection) -> set[str]:
    return {row["digest"] for row in db.execute("SELECT digest FROM items")}


def _stored(digest: str, name: str) -> str:
    """Return the name of a picture's file, which ends in an extension or in what it holds."""
    return f"{_ORIGINALS}{digest[:2]}/{digest}.{name}"


def _digest(stored: str) -> str:
    """Return the digest in a name that `_stored` made."""
    return stored.rpartition("/")[2].partition(".")[0]


def _thumbnail(item_id: str) -> str:
    return f"{SERVED}{item_id}.webp"


def _model(item_id: str) -> str:
    return f"{SERVED}{item_id}.glb"


def _cut_out(one: CutOutThumbnail) -> str:
    return f"{_CUT_OUTS}{one.item_id}.{one.picture}.{one.mask}.webp"


def _served(name: str) -> str:
    """Return what the names of the files begin with that `serve` writes for `name`."""
    return f"{SERVED}{name}-"
