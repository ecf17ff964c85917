"""The commands that import and update: dry runs, sources that fail, and jobs at the same time."""

from pathlib import Path

import pytest
import trimesh

from core.catalogue import Catalogue, names
from core.jobs import Job
from tests import command_line
from tests.conftest import MakePicture
from tests.core.workflows.support import shown


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things", title="Things")


def test_a_dry_run_creates_no_catalogue(picture: MakePicture, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(picture(number))

    done = command_line.run("import", folder, "--into", "new", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "Preview: 3 to add."
    assert names() == []


@pytest.mark.slow
def test_update_imports_every_source_again(picture: MakePicture, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.png").write_bytes(picture(len(name)))
        assert command_line.run("import", tmp_path / name, "--into", "both").returncode == 0
    (tmp_path / "one" / "new.png").write_bytes(picture(9))
    (tmp_path / "two" / "two.png").unlink()
    (tmp_path / "two" / "other.png").write_bytes(picture(10))

    preview = command_line.run("update", "both", "--dry-run")
    assert preview.stdout.strip() == "Preview: 2 to add, 1 unchanged, 1 missing from the source."
    done = command_line.run("update", "both")

    assert done.returncode == 0, done.stderr
    assert "2 added, 1 unchanged, 1 missing from the source" in done.stdout
    assert shown(Catalogue("both")) == ["one.png", "new.png", "other.png"]


@pytest.mark.slow
def test_a_source_that_cannot_be_read_does_not_keep_the_others_from_being_updated(
    picture: MakePicture, tmp_path: Path
) -> None:
    for number, name in enumerate(("one", "two")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.png").write_bytes(picture(number))
        command_line.run("import", tmp_path / name, "--into", "both")
    (tmp_path / "one" / "one.png").rename(tmp_path / "two" / "new.png")
    (tmp_path / "one").rmdir()

    done = command_line.run("update", "both")

    assert done.returncode == 1
    assert "1 added" in done.stderr
    assert "cannot be read (No such file" in done.stderr
    assert shown(Catalogue("both")) == ["one.png", "two.png", "new.png"], "nothing is lost"


def test_a_second_import_into_a_catalogue_waits_for_the_first(
    catalogue: Catalogue, picture: MakePicture, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "0.png").write_bytes(picture(0))
    with Job(catalogue.job_file, title="First"):
        done = command_line.run_process("import", folder, "--into", "things")

    assert done.returncode == 1
    assert "Another job is running on this catalogue" in done.stderr


@pytest.mark.slow
def test_models_are_turned_by_update(picture: MakePicture, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("one", "two"):
        trimesh.creation.box((1, 2, 2)).export(folder / f"{name}.stl")
    done = command_line.run("import", folder, "--into", "things", "--up", "y")
    assert done.returncode == 0, done.stderr

    wrong = command_line.run("update", "things", "--model", "two.stl")
    assert wrong.returncode == 1 and "Add --up" in wrong.stderr
    done = command_line.run("update", "things", "--up", "z", "--model", "two.stl")

    assert done.returncode == 0, done.stderr
    assert "1 changed, 1 unchanged" in done.stdout and "no effect" not in done.stdout
    assert [item.up for item in Catalogue("things").items.find()] == ["y", "z"]

    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "one.png").write_bytes(picture(1))
    done = command_line.run("import", tmp_path / "pictures", "--into", "others", "--up", "z")
    assert done.returncode == 0, done.stderr
    assert "which way is up had no effect" in done.stdout
