"""Check every file of a catalogue, and note what the next import and indexing are to mend."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from core.catalogue import Catalogue
from core.counting import counted
from core.jobs import Progress, Stage

# The key of the note that holds the last report.
NOTE = "check"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a catalogue.

    Attributes:
        file: the file, by its path within the catalogue's folder.
        problem: "missing", "damaged" or "leftover".
        meaning: sentences on what that means, and what mends it.
        mended_by: "import" of the model's source, "index", or "" if neither mends it.
        source_id: the importer's id of the model that the file belongs to; empty if to none.
    """

    file: str
    problem: str
    meaning: str
    mended_by: str
    source_id: str = ""

    def __str__(self) -> str:
        """Return the finding as sentences."""
        if self.problem == "leftover":
            return f"{self.file} belongs to nothing. {self.meaning}"
        return f"{self.file} is {self.problem}. {self.meaning}"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check has found.

    Attributes:
        finished: when it ended, ISO 8601 in UTC.
        models: how many models were checked, those that are hidden or missing among them.
        findings: what is wrong.
        repaired: how many findings of the check before were mended, if that was asked for.
    """

    finished: str
    models: int
    findings: tuple[Finding, ...]
    repaired: int = 0

    def __str__(self) -> str:
        """Return the result as a sentence."""
        words = []
        if self.repaired:
            words.append(f"{counted(self.repaired, 'finding')} repaired.")
        if self.findings:
            words.append(f"{counted(len(self.findings), 'finding')} in {self._models()}.")
        elif not self.repaired:
            words.append(f"No damage in {self._models()}.")
        else:
            words.append("Nothing else is wrong.")
        return " ".join(words)

    def _models(self) -> str:
        return counted(self.models, "model")

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "CheckReport":
        """Return the report that `as_dict` returned; raises `KeyError` or `TypeError` else."""
        findings = tuple(Finding(**each) for each in stored["findings"])
        return cls(**{**stored, "findings": findings})


def check(catalogue: Catalogue, *, progress: Progress | None = None) -> CheckReport:
    """Read every file of a catalogue, compare it with what was written, and store the report.

    Of a catalogue on a read-only disk the report is only returned.

    The database is checked by SQLite, the files of vectors, fits, the map, pictures, viewpoints,
    3D models and thumbnails by their checksums, and each folder for files that belong to nothing.

    Raises:
        Cancelled: `progress` was cancelled; the last report stays.
        CatalogueError: the database cannot be read.
    """
    progress = progress or Progress()
    models = len(catalogue.items.known_items())
    progress.stage(Stage.CHECKING_FILES, models)
    findings = [
        Finding("catalogue.db", "damaged", f"{error} Remove the catalogue and import it again.", "")
        for error in catalogue.errors_of_database()
    ]
    findings += [
        Finding(each.file, _problem(each.is_missing), each.meaning, "index")
        for each in catalogue.damage()
    ]

    def advance() -> None:
        progress.advance()
        progress.check()

    findings += [
        Finding(
            each.damage.file,
            _problem(each.damage.is_missing),
            each.damage.meaning,
            "index" if each.is_thumbnail else "import",
            each.item.source_id,
        )
        for each in catalogue.pictures.damage(advance)
    ]
    findings += [
        Finding(file, "leftover", "A run that was stopped left it. Indexing deletes it.", "index")
        for file in catalogue.leftovers()
    ]
    report = CheckReport(datetime.now(UTC).isoformat(timespec="seconds"), models, tuple(findings))
    if not catalogue.is_read_only:
        save(catalogue, report)
    return report


def save(catalogue: Catalogue, report: CheckReport) -> None:
    """Store a report for the Catalogues page, and for the imports that mend what it lists."""
    catalogue.save_note(NOTE, json.dumps(report.as_dict(), ensure_ascii=False))


def last(catalogue: Catalogue) -> CheckReport | None:
    """Return the last report, or None."""
    stored = catalogue.load_note(NOTE)
    return None if stored is None else CheckReport.of(json.loads(stored))


def to_import_again(catalogue: Catalogue) -> set[str]:
    """Return the `source_id` of each model whose files the last check found damaged."""
    report = last(catalogue)
    findings = report.findings if report else ()
    return {each.source_id for each in findings if each.mended_by == "import"}


def resolve_imported(catalogue: Catalogue, source_ids: Collection[str]) -> None:
    """Take what importing models again has mended off the last report."""
    if source_ids:
        _keep(
            catalogue,
            lambda each: each.mended_by != "import" or each.source_id not in source_ids,
        )


def discard_thumbnails(catalogue: Catalogue) -> None:
    """Delete the thumbnails that the last check found damaged, so that they are made again."""
    report = last(catalogue)
    damaged = {
        each.source_id
        for each in (report.findings if report else ())
        if each.source_id and each.mended_by == "index" and each.problem == "damaged"
    }
    items = catalogue.items.all_items() if damaged else {}
    for source_id in damaged & items.keys():
        catalogue.pictures.delete_thumbnail(items[source_id])


def resolve_indexed(catalogue: Catalogue) -> None:
    """Take what indexing has mended off the last report."""
    report = last(catalogue)
    if report is None or all(each.mended_by != "index" for each in report.findings):
        return
    damaged = {each.file for each in catalogue.damage()}
    without_thumbnail = {item.source_id for item in catalogue.pictures.lost_thumbnails()}
    _keep(
        catalogue,
        lambda each: (
            each.mended_by != "index" or each.file in damaged or each.source_id in without_thumbnail
        ),
    )


def _keep(catalogue: Catalogue, is_kept: Callable[[Finding], bool]) -> None:
    report = last(catalogue)
    if report is None:
        return
    findings = tuple(each for each in report.findings if is_kept(each))
    if findings != report.findings:
        save(catalogue, replace(report, findings=findings))


def compared(before: CheckReport, after: CheckReport) -> CheckReport:
    """Return the report `after` a repair with how many findings of the one `before` are gone."""
    left = _keys(after.findings)
    return replace(after, repaired=len(_keys(before.findings) - left))


def _keys(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(each.file, each.problem) for each in findings}


def _problem(is_missing: bool) -> str:
    return "missing" if is_missing else "damaged"
