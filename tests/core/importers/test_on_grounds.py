"""Reading a demo on grounds."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.catalogue import Catalogue, Item
from core.cli.main import main
from core.importers import InMemoryEntry, SkippedEntry, Source, fluent, on_grounds, open_source
from core.importers.npm import Archive
from core.pictures import decoding
from core.workflows import importing
from core.workflows.demos import DEMOS, is_ready, with_grounds
from tests.core.importers.sources import contents

EMOJI = ("1f600", "1f34e", "1f697", "1f332", "1f436", "1f3e0")


def webp(number: int = 0) -> bytes:
    """Return a cut-out: a square with a round corner, its colour by the number."""
    picture = Image.new("RGBA", (128, 128))
    colour = (40 * number % 256, 90, 255 - 40 * number % 256, 255)
    ImageDraw.Draw(picture).rounded_rectangle((10, 10, 118, 118), 10 + 8 * number, colour)
    return _saved(picture)


def opaque() -> bytes:
    return _saved(Image.new("RGB", (64, 64), "green"))


def _saved(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True)
    return file.getvalue()


def source(*pictures: bytes) -> Source:
    items = [Item(source_id=str(number), name="A") for number in range(len(pictures))]
    entries = (InMemoryEntry(item, data) for item, data in zip(items, pictures, strict=True))
    return Source("test", "test", len(pictures), entries)


def _archive(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture
def few_emoji(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the archives of the demo `fluent` by small ones."""
    emoji = [
        {"hexcode": code.upper(), "label": f"emoji {code}", "group": 0, "subgroup": 0}
        for code in EMOJI
    ]
    messages: dict[str, Any] = {
        "groups": [{"order": 0, "key": "objects", "message": "objects"}],
        "subgroups": [{"order": 0, "message": "things"}],
    }
    folder = tmp_path / "archives"
    folder.mkdir()
    paths = {
        fluent.WORDS: _archive(
            folder / "words.tgz",
            {
                "en/data.json": json.dumps(emoji).encode(),
                "en/messages.json": json.dumps(messages).encode(),
            },
        ),
        fluent.PICTURES: _archive(
            folder / "pictures.tgz",
            {f"assets/{code}.webp": webp(number) for number, code in enumerate(EMOJI)},
        ),
    }

    def fetch(*archives: Archive) -> list[Path]:
        return [paths[archive] for archive in archives]

    monkeypatch.setattr(fluent, "fetch", fetch)


def test_pictures_are_put_on_grounds_and_keep_their_facts() -> None:
    read = on_grounds.read(source(webp(0), webp(1)))
    assert (read.kind, read.location, read.total) == ("test-on-grounds", "test-on-grounds", 2)
    entries, _ = contents(read)
    made = [decoding.decode(entry.data) for entry in entries.values()]
    assert [entry.item.name for entry in entries.values()] == ["A", "A"]
    assert all(picture.width > 130 for picture in made), "the frame is larger than the cut-out"
    assert entries["0"].data != entries["1"].data


def test_pictures_without_alpha_stay_as_they_are() -> None:
    empty = _saved(Image.new("RGBA", (64, 64)))
    entries, _ = contents(on_grounds.read(source(opaque(), empty)))
    assert [entry.data for entry in entries.values()] == [opaque(), empty]
    assert on_grounds.composite(Item(source_id="1", name="A"), opaque()) is None


def test_what_is_not_an_entry_is_passed_on() -> None:
    skipped = SkippedEntry("a", "A", "Because.")
    read = on_grounds.read(Source("test", "test", 1, iter([skipped])))
    assert list(read.entries) == [skipped]


def test_a_picture_that_cannot_be_decoded_fails_and_the_others_do_not() -> None:
    catalogue = Catalogue.create("mine")
    counts = importing.run(on_grounds.read(source(b"not a picture", webp())), catalogue).counts
    assert (counts.added, counts.failed) == (1, 1)


def test_the_picture_is_the_composite_whose_mask_is_known() -> None:
    entries, _ = contents(on_grounds.read(source(webp())))
    made = on_grounds.composite(entries["0"].item, webp())
    assert made is not None and made.file == entries["0"].data
    assert 0.1 < np.mean(made.mask > 127) < 0.7


def test_a_second_import_changes_nothing_and_a_changed_cut_out_is_made_anew() -> None:
    catalogue = Catalogue.create("mine")
    assert importing.run(on_grounds.read(source(webp(0), webp(1))), catalogue).counts.added == 2
    again = importing.run(on_grounds.read(source(webp(0), webp(1))), catalogue).counts
    assert (again.unchanged, again.changed) == (2, 0)
    changed = importing.run(on_grounds.read(source(webp(0), webp(2))), catalogue).counts
    assert (changed.unchanged, changed.changed) == (1, 1)
    reseeded = importing.run(on_grounds.read(source(webp(0), webp(2)), seed=1), catalogue).counts
    assert reseeded.changed == 2


@pytest.mark.usefixtures("few_emoji")
def test_the_demo_on_grounds_is_updated_from_itself() -> None:
    catalogue = Catalogue.create("fluent-on-grounds")
    first = open_source("", kind="fluent-on-grounds")
    assert importing.run(first, catalogue).counts.added == len(EMOJI)
    [record] = catalogue.imports.sources()
    again = open_source(record.location, kind=record.kind)
    assert importing.run(again, catalogue).counts.unchanged == len(EMOJI)


@pytest.mark.slow
@pytest.mark.usefixtures("few_emoji")
def test_demo_on_grounds_makes_a_catalogue_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "fluent", "--on-grounds", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result == {"name": "fluent-on-grounds", "ready": True, "items": len(EMOJI)}
    demo = with_grounds(DEMOS["fluent"])
    catalogue = Catalogue(demo.name)
    assert catalogue.title == "Fluent emoji on grounds"
    assert is_ready(demo) and not is_ready(DEMOS["fluent"])
    assert {catalogue.pictures.extension(item) for item in catalogue.items.find()} == {"jpg"}
