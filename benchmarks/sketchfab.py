"""Check that a Sketchfab import gets all available models and lists the rest with a reason.

A local server simulates Sketchfab (`devtools.fake_sketchfab`). One request in ten fails. Some
faults are temporary: 429 with Retry-After, 500, 503, a connection that is closed before or within
the response, a slow response. Others are permanent: a thumbnail that is missing, forbidden, not
listed, empty, cut short or not a picture. The models are imported twice into a temporary
catalogue. The second time the temporary faults occur again, and no known thumbnail should be sent.

The server shares this process and its cores. `--polite` limits the rate as for Sketchfab itself,
to 4 pages and 20 thumbnails per second. Takes some minutes:
python -m benchmarks.sketchfab [--json] [--models N] [--failing SHARE] [--seed N] [--polite]
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.support.data_folder import data_folder
from benchmarks.support.machine import Machine, Row, report
from core import web
from core.catalogue import Catalogue
from core.importers import sketchfab
from core.workflows import importing
from devtools.fake_sketchfab import PERMANENT, FakeSketchfab

# All models, sorted by likes.
QUERY = "sketchfab:likes=1"
UNLIMITED = 10_000.0


@contextmanager
def temporary_catalogue(fake: FakeSketchfab) -> Iterator[Catalogue]:
    """Yield an empty catalogue in a temporary folder, with `fake` as Sketchfab."""
    with data_folder():
        os.environ[web.ALLOW_PRIVATE] = "1"
        os.environ[sketchfab.API_ROOT] = fake.api
        os.environ.pop(sketchfab.TOKEN, None)
        yield Catalogue.create("sketchfab", title="Sketchfab")


def measure(fake: FakeSketchfab, catalogue: Catalogue, title: str, *, polite: bool) -> Row:
    """Import once and return the counts."""
    fake.reset_tries()
    fake.requests.clear()
    fake.faults.clear()
    rates: dict[str, Any] = {} if polite else {"list_rate": UNLIMITED, "picture_rate": UNLIMITED}
    print(f"{title} …", file=sys.stderr)
    start = time.perf_counter()
    imported = importing.run(sketchfab.read(QUERY, **rates), catalogue).counts
    seconds = time.perf_counter() - start

    available = {model.uid for model in fake.models if model.is_available}
    present = set(catalogue.items.known_items())
    listed = {failure.source_id for failure in catalogue.imports.failures() if failure.reason}
    return {
        "import": title,
        "models": len(fake.models),
        "available": len(available),
        "imported": len(present & available),
        "unavailable": len(fake.models) - len(available),
        "listed": len(listed - available),
        "neither": len(fake.by_uid.keys() - present - listed),
        "added": imported.added,
        "unchanged": imported.unchanged,
        "requests": fake.requests["lists"] + fake.requests["thumbnails"],
        "not modified": fake.requests["not modified"],
        "failed": sum(fake.faults.values()),
        "retried": sum(
            count for fault, count in fake.faults.items() if fault not in (*PERMANENT, "slow")
        ),
        "seconds": round(seconds, 1),
    }


def reasons(fake: FakeSketchfab, catalogue: Catalogue) -> list[Row]:
    """Return how often each fault was listed with which reason."""
    counts = Counter(
        (fake.by_uid[failure.source_id].fault, failure.reason.split(". ")[0])
        for failure in catalogue.imports.failures()
        if failure.source_id in fake.by_uid
    )
    return [
        {"fault": fault, "models": count, "reason": reason}
        for (fault, reason), count in sorted(counts.items())
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")
    parser.add_argument("--models", type=int, default=5_000, metavar="N", help="(5000)")
    parser.add_argument(
        "--failing", type=float, default=0.1, metavar="SHARE", help="of the requests (0.1)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the failures (0)")
    parser.add_argument(
        "--polite", action="store_true", help="limit the rate as for Sketchfab itself"
    )
    options = parser.parse_args()
    machine = Machine.here()
    with (
        FakeSketchfab(models=options.models, failing=options.failing, seed=options.seed) as fake,
        temporary_catalogue(fake) as catalogue,
    ):
        rows = [
            measure(fake, catalogue, title, polite=options.polite) for title in ("first", "second")
        ]
        faults = reasons(fake, catalogue)
    # One line for each figure, with the two imports side by side.
    figures: list[Row] = [
        {"figure": name, **{str(row["import"]): row[name] for row in rows}}
        for name in rows[0]
        if name != "import"
    ]
    report(machine, {"imports": figures, "unavailable": faults}, as_json=options.json)
    if any(
        row["imported"] != row["available"] or row["listed"] != row["unavailable"] for row in rows
    ):
        sys.exit("Not all available models were imported, or not all others were listed.")


if __name__ == "__main__":
    main()
