"""Which way is up in 3D files is detected, and corrected for one model or for all."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import trimesh

from core import settings
from core.catalogue import Catalogue, ImportCounts, Item, SourceRecord
from core.errors import LookalikeError
from core.importers import open_source
from core.viewpoints import UpChoice
from core.workflows import importing, turning
from tests.bad_pictures import noise

pytestmark = pytest.mark.slow


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.create("things", title="Things")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def write(folder: Path, *names: str) -> None:
    """Write 3D files: a table with y up, or a bar that stands as well either way."""
    legs = [
        trimesh.creation.box((0.1, 0.7, 0.1)).apply_translation((x, -0.4, z))
        for x in (-0.7, 0.7)
        for z in (-0.35, 0.35)
    ]
    table: Any = trimesh.util.concatenate([trimesh.creation.box((1.6, 0.1, 0.9)), *legs])
    bar = trimesh.creation.box((1, 2, 3))
    for name in names:
        (table if "table" in name else bar).export(folder / name)


def read(catalogue: Catalogue, *sources: SourceRecord) -> list[ImportCounts]:
    """Import sources again, and return what changed."""
    return [
        importing.run(
            open_source(each.location, kind=each.kind, **each.options),
            catalogue,
            options=each.options,
        ).counts
        for each in sources
    ]


def shown_sizes(catalogue: Catalogue, item: Item) -> Any:
    """Return the width, height and depth of a model in the viewer of the page."""
    shown: Any = trimesh.load(settings.thumbnails_root() / catalogue.name / f"{item.id}.glb")
    return pytest.approx(shown.extents)


def ups(catalogue: Catalogue) -> dict[str, str]:
    return {item.source_id: item.up for item in catalogue.items.find()}


def turn(catalogue: Catalogue, up: UpChoice, *names: str) -> ImportCounts:
    ids = [item.id for item in catalogue.items.find() if item.source_id in names]
    [counts] = read(catalogue, *turning.choose(catalogue, up, item_ids=ids if names else None))
    return counts


def test_one_model_or_all_are_turned_and_only_these_rendered(
    catalogue: Catalogue, folder: Path
) -> None:
    write(folder, "bar.glb", "bar.stl", "table.stl")
    read(catalogue, SourceRecord(str(folder), "models", {}))
    assert ups(catalogue) == {"bar.glb": "y", "bar.stl": "z", "table.stl": "y"}
    bases = {item.source_id: item.up_basis for item in catalogue.items.find()}
    assert bases == {"bar.glb": "format", "bar.stl": "usual", "table.stl": "shape"}
    assert catalogue.up_choices.count() == {"y": 1, "z": 1}
    before = {item.source_id: item.digest for item in catalogue.items.find()}

    assert turn(catalogue, "z", "table.stl") == ImportCounts(changed=1, unchanged=2)
    assert ups(catalogue)["table.stl"] == "z"
    after = {item.source_id: item.digest for item in catalogue.items.find()}
    assert {name for name in before if before[name] != after[name]} == {"table.stl"}

    # All others, but for those that say themselves what is up; later ones too.
    write(folder, "bar 2.stl")
    assert turn(catalogue, "y") == ImportCounts(added=1, changed=1, unchanged=2)
    expected = {"bar.glb": "y", "bar.stl": "y", "table.stl": "z", "bar 2.stl": "y"}
    assert ups(catalogue) == expected
    assert catalogue.up_choices.of_sources() == {"y"}
    choices = {item.source_id: catalogue.up_choices.of(item.id) for item in catalogue.items.find()}
    assert choices == {"bar.glb": "auto", "bar.stl": "y", "table.stl": "z", "bar 2.stl": "y"}

    # What is as it was detected is not rendered again.
    assert turn(catalogue, "auto") == ImportCounts(changed=2, unchanged=2)
    assert turn(catalogue, "z") == ImportCounts(unchanged=4)
    assert turn(catalogue, "auto", "table.stl") == ImportCounts(changed=1, unchanged=3)
    assert turn(catalogue, "z", "bar.glb") == ImportCounts(changed=1, unchanged=3)
    assert ups(catalogue) == {"bar.glb": "z", "bar.stl": "z", "table.stl": "y", "bar 2.stl": "z"}
    # Another import keeps what was chosen, and a preview knows it.
    [source] = catalogue.imports.sources()
    assert read(catalogue, source) == [ImportCounts(unchanged=4)]
    preview = importing.preview(
        open_source(source.location, **source.options), catalogue.items.known_items()
    )
    assert preview.counts == ImportCounts(unchanged=4)


def test_the_axis_can_be_set_at_import(catalogue: Catalogue, folder: Path) -> None:
    write(folder, "bar.obj", "table.ply")

    read(catalogue, SourceRecord(str(folder), "models", {"up": "z"}))

    assert ups(catalogue) == {"bar.obj": "z", "table.ply": "z"}


def test_a_model_of_an_archive_is_turned(catalogue: Catalogue, folder: Path) -> None:
    write(folder, "bar.stl", "table.stl")
    archive = shutil.make_archive(str(folder.parent / "models"), "zip", folder)
    read(catalogue, SourceRecord(archive, "archive", {}))

    assert turn(catalogue, "z", "table.stl") == ImportCounts(changed=1, unchanged=1)
    assert ups(catalogue) == {"bar.stl": "z", "table.stl": "z"}


def test_a_model_with_a_picture_of_its_own_is_turned_in_the_viewer(
    catalogue: Catalogue, folder: Path
) -> None:
    write(folder, "bar.stl")
    noise(40, 40).save(folder / "bar.png")
    read(catalogue, SourceRecord(str(folder), "models", {"take": "both"}))
    [before] = catalogue.items.find()
    url = catalogue.pictures.model_url(before)
    assert shown_sizes(catalogue, before) == (1, 3, 2)

    assert turn(catalogue, "y", "bar.stl") == ImportCounts(changed=1, parts=1)

    [after] = catalogue.items.find()
    assert after.digest == before.digest and after.up == "y"
    assert catalogue.pictures.model_url(after) != url
    assert shown_sizes(catalogue, after) == (1, 2, 3)


def test_what_is_gltf_is_told_by_its_bytes(catalogue: Catalogue, folder: Path) -> None:
    write(folder, "bar.glb", "bar.stl")
    (folder / "bar.glb").rename(folder / "printed.stl")
    (folder / "bar.stl").rename(folder / "scene.glb")

    read(catalogue, SourceRecord(str(folder), "models", {"up": "y"}))
    assert turn(catalogue, "z") == ImportCounts(changed=1, unchanged=1)

    assert ups(catalogue) == {"printed.stl": "y", "scene.glb": "z"}


def test_a_choice_without_effect_is_told(catalogue: Catalogue, folder: Path) -> None:
    write(folder, "bar.glb")
    noise(40, 40).save(folder / "chair.png")
    source = SourceRecord(str(folder), "models", {"up": "z", "take": "both"})
    read(catalogue, source)

    assert "no effect" in turning.check_effect(catalogue, source)
    with pytest.raises(LookalikeError, match="Other formats say which way is up"):
        turning.choose(catalogue, "y")
    with pytest.raises(LookalikeError, match=r"chair.* was not rendered"):
        turn(catalogue, "y", "bar.glb", "chair.png")
    assert turn(catalogue, "z", "bar.glb") == ImportCounts(changed=1, unchanged=1)

    write(folder, "bar.stl")
    read(catalogue, source)
    assert turning.check_effect(catalogue, source) == ""
