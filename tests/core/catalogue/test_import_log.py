"""Import runs and failures are recorded."""

from core.catalogue import Catalogue, Failure, ImportCounts
from tests.core.catalogue.support import add, numbered


def test_a_failure_is_recorded_until_the_item_is_added(catalogue: Catalogue) -> None:
    first, second = numbered(2)
    failures = [
        Failure("import", first.source_id, first.name, "It is cut short."),
        Failure("import", second.source_id, second.name, "It is too large."),
    ]
    catalogue.imports.record_failures(failures)
    catalogue.imports.record_failures([])
    assert catalogue.imports.failures() == failures
    another = Failure("import", first.source_id, first.name, "It is empty.")
    catalogue.imports.record_failures([another])
    assert catalogue.imports.failures() == [another, failures[1]]
    add(catalogue, first)
    assert catalogue.imports.failures() == [failures[1]]


def test_import_runs_are_listed_newest_first(catalogue: Catalogue) -> None:
    for added in (1, 2):
        counts = ImportCounts(added=added, changed=3, unchanged=4, failed=5, missing=6)
        catalogue.imports.record_run(kind="folder", source="/pictures", counts=counts)
    runs = catalogue.imports.runs()
    assert [run.counts.added for run in runs] == [2, 1]
    assert (runs[0].kind, runs[0].source, runs[0].counts) == ("folder", "/pictures", counts)
