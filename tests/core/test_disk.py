"""What a disk refuses is told in a sentence, and nothing that was stored is lost."""

import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core import disk, files
from core.catalogue import Catalogue, CatalogueError, names
from core.cli import catalogue_commands
from core.jobs import Job, read_status
from core.settings import PROJECT
from tests.command_line import run
from tests.core.catalogue.support import add, numbered, picture_of


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            OSError(errno.ENOSPC, "x", "/data/a"),
            "There is no room left on the disk of /data/a. Free some space and try again.",
        ),
        (
            OSError(errno.ENOSPC, "x"),
            "There is no room left on the disk of a file. Free some space and try again.",
        ),
        (
            OSError(errno.EIO, "x", "/data/a"),
            "The disk of /data/a failed to read or write it. Check the disk and try again.",
        ),
        (
            OSError(errno.EROFS, "x", "/data/a"),
            "/data/a cannot be written to: its disk or folder is read-only. Allow it and try "
            "again.",
        ),
        (
            OSError(errno.ELOOP, "Too many links", "/data/a"),
            "/data/a could not be read or written: Too many links. Try again.",
        ),
        (OSError("odd"), "A file could not be read or written: OSError. Try again."),
    ],
)
def test_every_error_of_the_system_is_a_sentence(error: OSError, sentence: str) -> None:
    assert disk.describe(error) == sentence


def test_a_full_disk_is_told_by_commands_and_jobs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/data/things/a.npy")

    sentence = (
        "There is no room left on the disk of /data/things/a.npy. Free some space and try again. "
        "Finished work is kept."
    )
    with monkeypatch.context() as patch:
        patch.setattr(catalogue_commands, "names", full)
        done = run("list")
    assert (done.returncode, done.stderr) == (1, f"{sentence}\n")

    with pytest.raises(OSError), Job(tmp_path / "job.json", title="Import") as job:
        # The status is still written where the last one was.
        monkeypatch.setattr(os, "replace", full)
        job.advance()
        full()
    status = read_status(tmp_path / "job.json")
    assert status is not None
    assert (status.state, status.message) == ("failed", sentence)


def test_a_transaction_that_does_not_fit_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue.create("things")
    add(catalogue, *numbered(3))
    connect = sqlite3.connect

    def small(*arguments: object, **options: object) -> sqlite3.Connection:
        db = connect(*arguments, **options)  # type: ignore[call-overload]
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        with pytest.raises(CatalogueError, match=r"no room left .* Finished work is kept"):
            add(catalogue, *numbered(2_000))

    assert catalogue.items.count() == 3
    add(catalogue, *numbered(5))
    assert catalogue.items.count() == 5
    assert catalogue.errors_of_database() == []


def test_a_catalogue_that_does_not_fit_is_not_created(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", full)
        with pytest.raises(CatalogueError, match="“things” could not be created"):
            Catalogue.create("things")

    assert names() == []
    Catalogue.create("things")
    assert names() == ["things"]


def test_a_locked_database_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue.create("things")
    connect = sqlite3.connect

    def impatient(*arguments: object, **options: object) -> sqlite3.Connection:
        return connect(*arguments, **options | {"timeout": 0.1})  # type: ignore[call-overload]

    with closing(connect(catalogue.folder / "catalogue.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(sqlite3, "connect", impatient)
        with pytest.raises(CatalogueError, match=r"Another program has kept .* locked"):
            add(catalogue, *numbered(1))


def test_a_database_that_is_a_folder_is_told_and_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "things" / "catalogue.db").mkdir(parents=True)
    Catalogue.create("whole")

    done = run("list")
    assert done.returncode == 0
    assert "its catalogue.db is a folder" in done.stdout
    assert "whole" in done.stdout
    assert run("show", "things").stderr.startswith("The catalogue “things” is damaged")

    assert run("remove", "things").returncode == 0
    assert names() == ["whole"]


def test_a_file_of_a_removed_catalogue_is_not_written() -> None:
    catalogue = Catalogue.create("things")
    [item] = add(catalogue, *numbered(1))
    Catalogue.remove("things")

    with pytest.raises(FileNotFoundError):
        catalogue.pictures.write(item, picture_of("another"))
    with pytest.raises(FileNotFoundError):
        catalogue.save_cache("atlas", {})
    assert not catalogue.folder.exists()


def test_a_database_is_copied_before_its_schema_is_upgraded() -> None:
    catalogue = Catalogue.create("things")
    add(catalogue, *numbered(3))
    file = catalogue.folder / "catalogue.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(
            "ALTER TABLE segments DROP COLUMN bytes; ALTER TABLE segments DROP COLUMN crc32;"
            "DROP TABLE picture_files; ALTER TABLE cluster_names DROP COLUMN landmark;"
            "PRAGMA user_version = 9;"
        )

    assert Catalogue("things").items.count() == 3

    with closing(sqlite3.connect(catalogue.folder / "catalogue-format-9.db")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (9,)
        assert copy.execute("SELECT COUNT(*) FROM items").fetchone() == (3,)
    assert Catalogue("things").pictures.damage() == []
    assert not list(catalogue.folder.glob(".new-*"))


# -- real disks, where this machine lets a test mount one ---------------------------------


def mounted(script: str, *, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a shell script in a name space of its own, in which it may mount disks."""
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-euc", script, "sh", str(folder)],
        cwd=PROJECT,
        env=os.environ | {"LOOKALIKE_DATA": str(folder), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def disk_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    if mounted('mount -t tmpfs -o size=1m tmpfs "$1"', folder=folder).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    return folder


# Makes catalogues until one does not fit, says what happened to it, makes room, and tries again.
FILL = """
import shutil, sys
from pathlib import Path
from core.catalogue import Catalogue, CatalogueError, names
folder = Path(sys.argv[1])
for size in range(0, 340, 4):
    ballast = folder / "ballast"
    ballast.write_bytes(b"")
    try:
        ballast.write_bytes(bytes(size * 1024))
    except OSError:
        break
    try:
        Catalogue.create("things")
    except CatalogueError as error:
        assert "no room left" in str(error), error
        assert names() == [], names()
    ballast.unlink()
    whole = Catalogue.create("things")
    assert whole.errors_of_database() == [], size
    assert whole.items.count() == 0
    Catalogue.remove("things")
print("done")
"""


def test_a_new_catalogue_on_a_small_disk_is_whole_or_not_there(disk_folder: Path) -> None:
    script = f'mount -t tmpfs -o size=340k tmpfs "$1"; "$PYTHON" -c \'{FILL}\' "$1"'
    done = mounted(script, folder=disk_folder)
    assert done.stdout == "done\n", done.stderr


@pytest.mark.parametrize("command", ["list", "show things", "check things"])
def test_a_catalogue_on_a_read_only_disk_can_be_read(disk_folder: Path, command: str) -> None:
    make = (
        "from core.catalogue import Catalogue; "
        "from tests.core.catalogue.support import add, numbered; "
        'add(Catalogue.create("things"), *numbered(3))'
    )
    script = (
        f'mount -t tmpfs -o size=4m tmpfs "$1"; "$PYTHON" -c \'{make}\'; '
        f'mount -o remount,ro "$1"; "$PYTHON" -m core {command}'
    )
    done = mounted(script, folder=disk_folder)

    assert done.returncode == 0, done.stderr
    assert "3 models" in " ".join(done.stdout.split())


def test_folders_are_synced_after_a_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    files.write(tmp_path / "a.json", b"{}")

    assert synced[-1] == str(tmp_path)
