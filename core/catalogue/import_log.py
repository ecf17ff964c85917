"""What was imported into a catalogue: sources, runs, and what failed."""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime

from core.catalogue.database import Database
from core.catalogue.item import Item
from core.catalogue.records import Failure, ImportCounts, ImportRun, SourceRecord


class ImportLog:
    """The sources, import runs and failures of one catalogue."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @property
    def revision(self) -> int:
        """A number that grows with every run, source and failure that is recorded or deleted."""
        return self._database.revision("imports")

    def record_source(self, source: SourceRecord) -> None:
        """Record that a source is being imported, and where to continue if it does not finish."""
        with self._database.change("imports") as db:
            db.execute(
                "INSERT OR REPLACE INTO sources (location, kind, options, resume_point) "
                "VALUES (?, ?, ?, ?)",
                [
                    source.location,
                    source.kind,
                    json.dumps(dict(source.options), ensure_ascii=False),
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

    def record_run(self, *, kind: str, source: str, counts: ImportCounts) -> None:
        """Record that an import has ended now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.change("imports") as db:
            db.execute(
                "INSERT INTO runs "
                "(kind, source, finished, added, changed, unchanged, failed, missing) "
                "VALUES (:kind, :source, :finished, "
                ":added, :changed, :unchanged, :failed, :missing)",
                {"kind": kind, "source": source, "finished": now, **asdict(counts)},
            )

    def runs(self) -> list[ImportRun]:
        """Return the imports so far, the newest first."""
        with self._database.connect() as db:
            rows = db.execute("SELECT * FROM runs ORDER BY id DESC")
            return [
                ImportRun(
                    row["kind"],
                    row["source"],
                    row["finished"],
                    ImportCounts(**{each.name: row[each.name] for each in fields(ImportCounts)}),
                )
                for row in rows
            ]

    def record_failures(self, failures: Iterable[Failure]) -> None:
        """Record what failed; a later success of the same item deletes it."""
        rows = [(one.stage, one.source_id, one.name, one.reason, one.source) for one in failures]
        if rows:
            with self._database.change("imports") as db:
                db.executemany("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)", rows)

    def delete_failures(self, source: str, *, keep: Iterable[str] = ()) -> None:
        """Delete the failures of a source, except those of the `source_id`s in `keep`."""
        kept = set(keep)
        self._delete(
            (one.stage, one.source_id)
            for one in self.failures()
            if one.source == source and one.source_id not in kept
        )

    def resolve_failures(self, stage: str, items: Iterable[Item]) -> None:
        """Delete the failures of items that have passed `stage` by now."""
        failed = {one.source_id for one in self.failures() if one.stage == stage}
        self._delete((stage, item.source_id) for item in items if item.source_id in failed)

    def failures(self) -> list[Failure]:
        """Return what failed and has not succeeded since."""
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
