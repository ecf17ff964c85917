"""The import log of a catalogue: sources, import runs and failures."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime

from core.catalogue.database import Database
from core.catalogue.item import Item
from core.catalogue.records import (
    Failure,
    ImportCounts,
    ImportRun,
    PassedOver,
    SourceRecord,
)


class ImportLog:
    """The sources, import runs and failures of one catalogue."""

    def __init__(self, database: Database) -> None:
        """Use `database`."""
        self._database = database

    @property
    def revision(self) -> int:
        """A number that grows when a run, source or failure is recorded or deleted."""
        return self._database.revision("imports")

    def record_source(self, source: SourceRecord) -> None:
        """Record a source, and where its import continues if it was interrupted."""
        with self._database.change("imports") as db:
            db.execute(
                "INSERT OR REPLACE INTO sources (location, kind, options, resume_point) "
                "VALUES (?, ?, ?, ?)",
                [
                    source.location,
                    source.kind,
                    _as_json(dict(source.options)),
                    source.resume_point,
                ],
            )

    def sources(self) -> list[SourceRecord]:
        """Return the sources that were imported, by location."""
        with self._database.connect() as db:
            return [
                SourceRecord(
                    row["location"], row["kind"], json.loads(row["options"]), row["resume_point"]
                )
                for row in db.execute("SELECT * FROM sources ORDER BY location")
            ]

    def record_run(
        self,
        *,
        kind: str,
        source: str,
        counts: ImportCounts,
        passed_over: Sequence[PassedOver] = (),
        remarks: Sequence[str] = (),
    ) -> ImportRun:
        """Record and return an import that has just finished."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        run = ImportRun(kind, source, now, counts, tuple(passed_over), tuple(remarks))
        values = {
            "kind": kind,
            "source": source,
            "finished": now,
            "passed_over_kinds": _as_json([asdict(each) for each in passed_over]),
            "remarks": _as_json(list(remarks)),
            **asdict(counts),
        }
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        with self._database.change("imports") as db:
            db.execute(f"INSERT INTO runs ({columns}) VALUES ({places})", values)
        return run

    def runs(self) -> list[ImportRun]:
        """Return all import runs, newest first."""
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM runs ORDER BY id DESC")
            return [
                ImportRun(
                    row["kind"],
                    row["source"],
                    row["finished"],
                    ImportCounts(**{each.name: row[each.name] for each in fields(ImportCounts)}),
                    tuple(
                        PassedOver(**each | {"names": tuple(each["names"])})
                        for each in json.loads(row["passed_over_kinds"])
                    ),
                    tuple(json.loads(row["remarks"])),
                )
                for row in rows
            ]

    def record_failures(self, failures: Iterable[Failure]) -> None:
        """Record failures; each is deleted when its item succeeds later."""
        rows = [
            (failure.stage, failure.source_id, failure.name, failure.reason, failure.source)
            for failure in failures
        ]
        if rows:
            with self._database.change("imports") as db:
                db.executemany("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)", rows)

    def delete_failures(self, source: str, *, keep: Iterable[str] = ()) -> None:
        """Delete the failures of a source, except those of the `source_id`s in `keep`."""
        kept = set(keep)
        self._delete(
            (failure.stage, failure.source_id)
            for failure in self.failures()
            if failure.source == source and failure.source_id not in kept
        )

    def resolve_failures(self, stage: str, items: Iterable[Item]) -> None:
        """Delete the failures of items that have now passed `stage`, "import" or "index"."""
        failed = {failure.source_id for failure in self.failures() if failure.stage == stage}
        self._delete((stage, item.source_id) for item in items if item.source_id in failed)

    def failures(self) -> list[Failure]:
        """Return the failures that have not been resolved."""
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM failures ORDER BY stage, source_id")
            return [Failure(*row) for row in rows]

    def count_failures(self) -> int:
        """Return how many failures there are."""
        with self._database.connect() as db:
            return int(db.execute("SELECT COUNT(*) FROM failures").fetchone()[0])

    def _delete(self, failures: Iterable[tuple[str, str]]) -> None:
        """Delete failures, each given by its stage and `source_id`."""
        rows = list(failures)
        if rows:
            with self._database.change("imports") as db:
                db.executemany("DELETE FROM failures WHERE stage = ? AND source_id = ?", rows)


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
