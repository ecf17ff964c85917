"""Catalogues of earlier versions are upgraded when they are opened, and lose nothing."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import STORES, Catalogue, Failure, Filters, ImportCounts, SourceRecord, schema
from core.duplicates import report
from core.workflows.import_counts import ImportPreview, NamedKind, StoredPreview
from tests.core.catalogue.support import map_of, mapped_ids, names_found

# The index of the first version, whose condition the first upgrade changed.
FIRST_INDEX = "CREATE INDEX items_by_category ON items (category) WHERE NOT removed;"
# What version 4 calls the columns of versions 1 to 3.
NEW_NAMES = {
    ("items", "sides"): "viewpoints",
    ("items", "origin"): "source",
    ("items", "gone"): "missing",
    ("items", "kept"): "restored",
    ("runs", "gone"): "missing",
    ("failures", "origin"): "source",
    ("sources", "bookmark"): "resume_point",
    ("fits", "identity"): "fingerprint",
    ("segments", "identity"): "fingerprint",
    ("maps", "identity"): "fingerprint",
}
GENERATION = 17


def as_earlier_version(catalogue: Catalogue, version: int) -> None:
    """Write the catalogue's database as `version` of the schema would hold it."""
    file = catalogue.folder / "catalogue.db"
    with closing(sqlite3.connect(":memory:")) as old:
        upgrades = [schema.UPGRADES[number] for number in range(2, version + 1)]
        old.executescript("".join([schema.FIRST_SCHEMA, FIRST_INDEX, *upgrades]))
        old.execute(f"PRAGMA user_version = {version}")
        tables = ["items", "words", "runs", "failures", "fits", "segments", "vectors", "maps"]
        tables += ["collections", "collected"] * (version >= 2) + ["sources"] * (version >= 3)
        with closing(sqlite3.connect(file)) as db:
            for table in tables:
                columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
                names = [NEW_NAMES.get((table, column), column) for column in columns]
                if table == "words":
                    columns, names = ["rowid", *columns], ["rowid", *names]
                rows = db.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
                marks = ", ".join("?" * len(columns))
                into = f"{table} ({', '.join(columns)})"
                old.executemany(f"INSERT OR REPLACE INTO {into} VALUES ({marks})", rows)
            settings = dict(db.execute("SELECT key, value FROM settings"))
        old_settings = {"title": settings["title"], "generation": str(GENERATION)}
        old_settings |= {
            key.replace("note ", "found ", 1): value.replace('"missing":', '"gone":')
            for key, value in settings.items()
            if key.startswith("note ")
        }
        old.executemany("INSERT INTO settings VALUES (?, ?)", old_settings.items())
        if version >= 3:
            old.execute("UPDATE sources SET options = replace(options, 'viewpoints', 'sides')")
        old.commit()
        for path in file.parent.glob("catalogue.db*"):
            path.unlink()
        with closing(sqlite3.connect(file)) as db:
            old.backup(db)
            assert db.execute("PRAGMA user_version").fetchone() == (version,)


def tables_of(catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the columns of each table."""
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        return {
            name: sorted(row[1] for row in db.execute(f"PRAGMA table_xinfo({name})"))
            for name in sorted(names)
        }


def test_a_catalogue_of_the_first_version_is_upgraded(furniture: Catalogue) -> None:
    """Several threads open it; nothing is lost but the map, which has to be built again."""
    items = furniture.items.find()
    furniture.vectors.add("compact", "v1", items, np.eye(7, dtype=np.float32))
    furniture.map.save(map_of([item.id for item in items], np.eye(7, 2, dtype=np.float32), "m"))
    furniture.imports.record_failures([Failure("import", "8", "Broken", "It is cut short.")])
    furniture.items.remove([items[6].id])
    as_earlier_version(furniture, 1)

    with ThreadPoolExecutor(4) as pool:
        *_, opened = pool.map(Catalogue, ["things"] * 8)

    with closing(sqlite3.connect(furniture.folder / "catalogue.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA_VERSION,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert opened.items.find() == items[:6]
    stores = [getattr(opened, name) for name in STORES]
    assert [store.revision for store in stores] == [GENERATION] * len(STORES)
    assert opened.revision == GENERATION * len(STORES)
    assert names_found(opened, "chair", "Seats") == ["Kitchen chair", "Armchair"]
    assert opened.items.facet("category") == {
        "Lights": 1,
        "Rock & roll": 1,
        "Seats": 3,
        "Tables": 1,
    }
    assert len(opened.imports.failures()) == 1
    np.testing.assert_array_equal(opened.vectors.read("compact", "v1").matrix(), np.eye(7)[:6])
    assert opened.map.load() is None
    assert opened.map.count() == 0
    opened.items.hide([items[1].id], kept=items[0].id)
    opened.collections.add("Mine", [items[0].id])
    assert opened.items.count() == 5
    assert opened.items.facet("collection") == {"Mine": 1}


@pytest.mark.parametrize("version", [2, 3])
def test_a_catalogue_of_a_later_version_is_upgraded(furniture: Catalogue, version: int) -> None:
    items = furniture.items.find()
    ids = [item.id for item in items]
    coordinates = np.arange(14, dtype=np.float32).reshape(7, 2)
    furniture.vectors.save_fit("compact", "v1", {"mean": np.ones(2)}, items, coordinates)
    furniture.vectors.add("published", "p", items[:4], np.eye(4, dtype=np.float32))
    furniture.map.save(map_of(ids, coordinates, "m"))
    furniture.collections.add("Mine", ids[:3])
    failures = [Failure("index", "9", "Dark", "It is black.", "/pictures")]
    furniture.imports.record_failures(failures)
    furniture.imports.record_run(
        kind="folder", source="/pictures", counts=ImportCounts(7, 1, 2, 3, 4)
    )
    furniture.imports.record_source(
        SourceRecord("/models", "models", {"viewpoints": True, "columns": None}, "page 3")
    )
    furniture.items.hide(ids[5:6], kept=ids[4])
    furniture.items.remove(ids[6:])
    furniture.save_note("duplicates", '{"cut": 0.9, "models": 7, "pairs": 3, "groups": []}')
    if version == 3:
        furniture.items.mark_missing([items[3].source_id, items[2].source_id])
        furniture.items.restore_missing(ids[2:3])
    expected = {
        "items": furniture.items.find(),
        "known": furniture.items.known_items(),
        "missing": furniture.items.missing(),
        "hidden": furniture.items.hidden(),
        "collections": furniture.items.facet("collection"),
        "failures": furniture.imports.failures(),
        "map": mapped_ids(furniture),
        "columns": tables_of(furniture),
    }
    if version == 2:  # which had no versions of entries; the upgrade takes the digests
        expected["known"] = {
            source_id: replace(known, version=known.item.digest)
            for source_id, known in furniture.items.known_items().items()
        }
    as_earlier_version(furniture, version)

    opened = Catalogue("things")

    assert {
        "items": opened.items.find(),
        "known": opened.items.known_items(),
        "missing": opened.items.missing(),
        "hidden": opened.items.hidden(),
        "collections": opened.items.facet("collection"),
        "failures": opened.imports.failures(),
        "map": mapped_ids(opened),
        "columns": tables_of(opened),
    } == expected
    assert opened.imports.failures()[0].source == "/pictures"
    assert opened.vectors.fit_fingerprint("compact") == "v1"
    fit = opened.vectors.load_fit("compact")
    assert fit is not None and fit["mean"].tolist() == [1, 1]
    assert opened.vectors.missing("compact", "v1") == []
    vectors = opened.vectors.read("compact", "v1")
    rows = [ids.index(item_id) for item_id in vectors.ids]
    np.testing.assert_array_equal(vectors.matrix(), coordinates[rows])
    shown = [number for number in range(4) if ids[number] in opened.items.ids()]
    np.testing.assert_array_equal(opened.vectors.read("published", "p").matrix(), np.eye(4)[shown])
    (run,) = opened.imports.runs()
    assert run.counts == ImportCounts(7, 1, 2, 3, 4 if version == 3 else 0)
    if version == 3:
        (source,) = opened.imports.sources()
        assert source == SourceRecord(
            "/models", "models", {"viewpoints": True, "columns": None}, "page 3"
        )
    else:
        assert [source.location for source in opened.imports.sources()] == ["/pictures"]
    duplicates = report.load(opened)
    assert duplicates is not None
    assert (duplicates.cut, duplicates.items, duplicates.pairs) == (0.9, 7, 3)
    assert opened.load_note("plan") is None
    assert {getattr(opened, name).revision for name in STORES} == {GENERATION}
    assert opened.items.count(Filters(text="chair")) == 2
    assert opened.summary().bytes > 50_000


def test_a_stored_preview_of_an_earlier_version_can_be_read(catalogue: Catalogue) -> None:
    """Its counts and names are under “gone”, and a name may hold that word itself."""
    names: dict[NamedKind, tuple[str, ...]] = {
        "added": ('A "missing": b',),
        "changed": (),
        "missing": ("gone",),
        "failed": (),
    }
    preview = ImportPreview(ImportCounts(added=1, unchanged=2, missing=3), names)
    stored = StoredPreview(preview, ("update", "things"))
    catalogue.save_note("plan", stored.to_json())
    as_earlier_version(catalogue, 3)
    with closing(sqlite3.connect(catalogue.folder / "catalogue.db")) as db:
        (old,) = db.execute("SELECT value FROM settings WHERE key = 'found plan'").fetchone()
    assert json.loads(old)["plan"]["counts"]["gone"] == 3

    assert StoredPreview.from_json(Catalogue("things").load_note("plan")) == stored


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_upgraded_catalogue_has_the_schema_of_a_new_one(version: int, tmp_path: Path) -> None:
    expected = tables_of(Catalogue.create("new"))
    as_earlier_version(Catalogue.create("old"), version)
    assert tables_of(Catalogue("old")) == expected


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_change_after_an_upgrade_grows_the_revisions(furniture: Catalogue, version: int) -> None:
    as_earlier_version(furniture, version)
    opened = Catalogue("things")
    opened.collections.add("Mine", opened.items.ids()[:1])
    assert opened.collections.revision == GENERATION + 1
    assert opened.items.revision == GENERATION


def test_an_upgrade_knows_which_way_is_up_in_earlier_renderings(furniture: Catalogue) -> None:
    ids = furniture.items.ids()[:4]
    with closing(sqlite3.connect(furniture.folder / "catalogue.db")) as db:
        for item_id, name in zip(ids, ["a.STL", "b.glb", "c.obj", "d.png"], strict=True):
            version = "0a1b2c" if name == "d.png" else f'3+sides {{"{name}": "0a1b2c"}}'
            db.execute(
                "UPDATE items SET source_id = ?, version = ? WHERE id = ?", [name, version, item_id]
            )
        db.commit()
    as_earlier_version(furniture, 3)

    items = Catalogue("things").items.get_many(ids)

    expected = [("z", "usual"), ("y", "format"), ("y", "usual"), ("", "")]
    assert [(item.up, item.up_basis) for item in items] == expected


def test_the_last_upgrade_keeps_the_map_and_its_revision(furniture: Catalogue) -> None:
    expected = tables_of(furniture)
    ids = furniture.items.ids()
    furniture.map.save(map_of(ids, np.eye(7, 2, dtype=np.float32), "m"))
    revision = furniture.map.revision
    with closing(sqlite3.connect(furniture.folder / "catalogue.db")) as db:
        columns = {"runs": ["parts", "passed_over", "passed_over_kinds", "remarks"]}
        columns["segments"] = ["bytes", "crc32"]
        columns["items"] = ["comparable", "blank", "missing_textures", "remark", "up", "up_basis"]
        for table, added in columns.items():
            for column in added:
                db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        db.executescript(
            "DROP TABLE up_choices; DROP TABLE cluster_names; DROP TABLE picture_files;"
            "PRAGMA user_version = 5;"
        )

    opened = Catalogue("things")

    assert tables_of(opened) == expected
    assert mapped_ids(opened) == tuple(ids)
    assert opened.map.revision == revision
