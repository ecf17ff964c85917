"""The pictures that a table names: files in its folder, or on the web."""

import csv
import json
from pathlib import Path

import pytest

from core.importers import Entry, EntryError, SkippedEntry, table
from core.jobs import Cancelled
from devtools.fake_sketchfab import FakeSketchfab
from tests.conftest import MakePicture
from tests.core.importers.sources import contents, write
from tests.core.importers.table.tables import load_all, url_of, write_lines


def test_a_current_picture_is_recognised_without_downloading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_ALLOW_PRIVATE", "1")
    with FakeSketchfab(models=1) as fake:
        path = write_lines(tmp_path / "t.csv", "id,picture", f"1,{url_of(fake, 0)}")
        [entry] = table.read(path).entries
        assert isinstance(entry, Entry)
        loaded = entry.load("")
        assert loaded is not None and entry.is_current(loaded.version)
        assert not entry.is_current("") and not entry.is_current("0" * 64)
        assert fake.requests["not modified"] == 1
        fake.models.clear()
        fake.by_uid.clear()
        with pytest.raises(EntryError, match=r"Row 2: .*404"):
            entry.is_current(loaded.version)


def test_the_version_of_a_local_file_is_its_digest(tmp_path: Path, picture: MakePicture) -> None:
    (tmp_path / "a.png").write_bytes(picture(1))
    [entry] = table.read(write_lines(tmp_path / "t.csv", "picture", "a.png")).entries
    assert isinstance(entry, Entry)
    loaded = entry.load("")
    assert loaded is not None and len(loaded.version) == 64
    assert entry.is_current(loaded.version) and entry.load(loaded.version) is None
    (tmp_path / "a.png").write_bytes(picture(2))
    assert not entry.is_current(loaded.version) and entry.load(loaded.version) is not None
    (tmp_path / "a.png").unlink()
    with pytest.raises(EntryError, match=r'Row 2: There is no file "a\.png"'):
        entry.load("")


def test_private_addresses_are_refused(tmp_path: Path) -> None:
    rows = ["http://169.254.169.254/latest/", "http://localhost/a.png", "http://[::1]/a.png"]
    outcomes = load_all(table.read(write_lines(tmp_path / "t.csv", "picture", *rows)), {})
    assert list(outcomes) == rows
    assert all("inside a private network" in reason for reason in outcomes.values())


def test_waiting_for_a_picture_can_be_cancelled(tmp_path: Path, fake: FakeSketchfab) -> None:
    def check() -> None:
        raise Cancelled("Stop.")

    path = write_lines(tmp_path / "t.csv", "picture", url_of(fake, 0))
    [entry] = table.read(path, check=check).entries
    assert isinstance(entry, Entry)
    with pytest.raises(Cancelled, match="Stop"):
        entry.load("")


def test_a_url_that_is_too_long_is_skipped(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "id,picture", f"1,https://example.org/{'a' * 100_000}")
    [entry] = table.read(path).entries
    assert (
        isinstance(entry, SkippedEntry)
        and "not a valid URL" in entry.reason
        and len(entry.reason) < 300
    )


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "names no picture"),
        ("missing.png", 'no file "missing.png"'),
        ("sub", "no file"),
        ("x" * 5000, "no file"),
        ("../outside.png", "leads out"),
        ("sub/../../outside.png", "leads out"),
        ("/etc/hostname", "leads out"),
        ("C:\\Windows\\a.png", "leads out"),
        ("\\\\server\\share\\a.png", "leads out"),
        ("link.png", "link that leads out"),
        ("linked/outside.png", "link that leads out"),
        ("file:///etc/hostname", "Download it"),
        ("data:image/png;base64,AAAA", "Download it"),
        ("huge.png", "larger than 20 MB"),
        ("nul\0.png", "NUL"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_table_skips_a_bad_picture_and_continues(
    tmp_path: Path, cell: str, reason: str, suffix: str
) -> None:
    root = tmp_path / "root"
    write(root / "sub/good.png"), write(tmp_path / "outside.png")
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    (root / "linked").symlink_to(tmp_path)
    with (root / "huge.png").open("wb") as file:
        file.truncate(1 << 40)
    rows = [["id", "picture"], ["bad", cell], ["good", "sub/good.png"]]
    path = root / f"models{suffix}"
    with path.open("w", newline="", encoding="utf-8") as text:
        if suffix == ".csv":
            csv.writer(text).writerows(rows)
        else:
            text.writelines(
                json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:]
            )

    entries, skipped = contents(table.read(path))

    assert list(entries) == ["good"]
    assert list(skipped) == ["bad"] and reason in skipped["bad"].reason
    assert skipped["bad"].reason.startswith("Row ")


def test_an_absolute_path_in_the_tables_folder_is_inside(
    tmp_path: Path, picture: MakePicture
) -> None:
    folder = tmp_path / "real"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.png").write_bytes(picture(1))
    (tmp_path / "outside.png").write_bytes(picture(2))
    (tmp_path / "link").symlink_to(folder)
    for opened in (folder, tmp_path / "link"):
        paths = [opened / "sub" / "a.png", folder / "x" / ".." / ".." / "outside.png"]
        path = write_lines(folder / "t.csv", "picture,id", *(f"{p},{p.name}" for p in paths))
        inside, outside = table.read(opened / path.name).entries
        assert isinstance(inside, Entry) and inside.quick_picture() == picture(1)
        assert isinstance(outside, Entry)
        with pytest.raises(EntryError, match="leads out"):
            outside.quick_picture()
