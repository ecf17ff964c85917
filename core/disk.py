"""Sentences for what a disk refuses: one that is full, read-only, failing, or not there."""

import errno
import sqlite3
from pathlib import Path

_FULL = "There is no room left on the disk of {file}. Free some space and try again."
_READ_ONLY = "{file} cannot be written to: its disk or folder is read-only. Allow it and try again."
_LOCKED = "Another program has kept {file} locked. Wait until it ends and try again."
_FAILING = "The disk of {file} failed to read or write it. Check the disk and try again."
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "The quota of {file} is used up. Free some space and try again.",
    errno.EFBIG: "{file} is larger than its disk allows. Choose another disk and try again.",
    errno.EROFS: _READ_ONLY,
    errno.EACCES: "Access to {file} is denied. Allow it and try again.",
    errno.EPERM: "Access to {file} is denied. Allow it and try again.",
    errno.EIO: _FAILING,
    errno.ENOENT: "{file} is not there. Restore it, or check that its disk is connected.",
    errno.ESTALE: "{file} is not there. Restore it, or check that its disk is connected.",
    errno.EMFILE: "Too many files are open. Close other programs and try again.",
    errno.ENFILE: "Too many files are open. Close other programs and try again.",
    errno.ENAMETOOLONG: "The name of {file} is too long for its disk. Choose a shorter one.",
}
_SQLITE_REASONS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_IOERR: _FAILING,
    sqlite3.SQLITE_CANTOPEN: "{file} cannot be opened. Allow access to its folder and try again.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
}
# What SQLite says if the file that it shares with other processes, of 32 kB, does not fit.
_SHARED = (
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMMAP,
)
# Of which files are locked on the network that cannot be.
_PROTOCOL = "{file} cannot be locked, as on some network disks. Move it to another disk."
KEPT = "Finished work is kept."


def describe(error: OSError) -> str:
    """Return a sentence on what was wrong with which file, and what to do."""
    file = str(error.filename or "a file")
    reason = _REASONS.get(error.errno or 0)
    if reason is None:
        words = error.strerror or type(error).__name__
        return f"{_begin(file)} could not be read or written: {words}. Try again."
    return reason.format(file=_begin(file) if reason.startswith("{file}") else file)


def describe_sqlite(error: sqlite3.Error, file: Path) -> str | None:
    """Return such a sentence for an error of SQLite; None if the disk is not to blame."""
    if is_without_room_to_share(error):
        return _FULL.format(file=file)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_PROTOCOL:
        return _PROTOCOL.format(file=file)
    reason = _SQLITE_REASONS.get(code)
    return None if reason is None else reason.format(file=file)


def is_without_room_to_share(error: sqlite3.Error) -> bool:
    """Return whether a disk is so full that a database cannot be opened as usual."""
    return getattr(error, "sqlite_errorcode", 0) in _SHARED


def _begin(file: str) -> str:
    return "A file" if file == "a file" else file
