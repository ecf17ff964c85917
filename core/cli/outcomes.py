"""What imports did, as dictionaries for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.catalogue import ImportCounts, ImportRun, merge_passed_over
from core.export.former_keys import with_former_keys


def outcome_as_dict(runs: Sequence[ImportRun]) -> dict[str, Any]:
    """Return the counts of some imports, what they passed over by kind, and their remarks."""
    counts = sum((run.counts for run in runs), ImportCounts())
    passed = merge_passed_over(run.passed_over for run in runs)
    return {
        **with_former_keys(asdict(counts)),
        "passed_over_kinds": [asdict(each) for each in passed],
        "remarks": [remark for run in runs for remark in run.remarks],
    }
