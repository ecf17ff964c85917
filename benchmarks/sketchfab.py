"""Whether an import from Sketchfab gets all that can be had, and says why it did not get the rest.

A server on this machine plays the part of Sketchfab (`devtools.fake_sketchfab`). One request in ten
fails: with 429 and a Retry-After, 500, 503, a connection that is cut before or within the answer,
or a slow answer, all of which pass; or for good, where a thumbnail is gone, forbidden, not listed,
empty, cut short, or no picture. The models are imported twice into a catalogue of its own; the
second time what passes fails once more, and no thumbnail that is known should be sent again.

The server shares this process and its cores. `--polite` keeps to the pace that Sketchfab itself is
asked at, 4 pages and 20 thumbnails a second, instead of none. Takes some minutes:
python -m benchmarks.sketchfab [--json] [--models N] [--failing SHARE] [--seed N] [--polite]
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.support.machine import Machine, Row, report
from core import settings, web
from core.catalogue import Catalogue
from core.importers import sketchfab
from core.workflows import importing
from devtools.fake_sketchfab import PERMANENT, FakeSketchfab

# All models, the most liked first.
WANTED = "sketchfab:likes=1"
NO_PACE = 10_000.0


@contextmanager
def catalogue_of_its_own(fake: FakeSketchfab) -> Iterator[Catalogue]:
    """Give an empty catalogue in a temporary folder, for which `fake` is Sketchfab."""
    with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
        os.environ["LOOKALIKE_DATA"] = folder
        os.environ[web.ALLOW_PRIVATE] = "1"
        os.environ[sketchfab.API_ROOT] = fake.api
        os.environ.pop(sketchfab.TOKEN, None)
        try:
            yield Catalogue.create("sketchfab", title="Sketchfab")
        finally:
            shutil.rmtree(settings.thumbnails_root(), ignore_errors=True)


def measure(fake: FakeSketchfab, catalogue: Catalogue, title: str, *, polite: bool) -> Row:
    """Import once and return what came of it."""
    fake.reset_tries()
    fake.requests.clear()
    fake.faults.clear()
    pace: dict[str, Any] = {} if polite else {"list_rate": NO_PACE, "picture_rate": NO_PACE}
    print(f"{title} …", file=sys.stderr)
    start = time.perf_counter()
    imported = importing.run(sketchfab.read(WANTED, **pace), catalogue)
    seconds = time.perf_counter() - start

    possible = {model.uid for model in fake.models if model.is_available}
    had = set(catalogue.items.known_items())
    listed = {failure.source_id for failure in catalogue.imports.failures() if failure.reason}
    return {
        "import": title,
        "models": len(fake.models),
        "can be had": len(possible),
        "had": len(had & possible),
        "cannot": len(fake.models) - len(possible),
        "listed": len(listed - possible),
        "neither": len(fake.by_uid.keys() - had - listed),
        "added": imported.added,
        "unchanged": imported.unchanged,
        "requests": fake.requests["lists"] + fake.requests["thumbnails"],
        "not modified": fake.requests["not modified"],
        "failed": sum(fake.faults.values()),
        "tried again": sum(
            count for fault, count in fake.faults.items() if fault not in (*PERMANENT, "slow")
        ),
        "seconds": round(seconds, 1),
    }


def reasons(fake: FakeSketchfab, catalogue: Catalogue) -> list[Row]:
    """Return how often each way to fail was listed with which reason."""
    told = Counter(
        (fake.by_uid[failure.source_id].fault, failure.reason.split(". ")[0])
        for failure in catalogue.imports.failures()
        if failure.source_id in fake.by_uid
    )
    shown = Counter[tuple[str, str]]()
    for (fault, reason), count in told.items():
        # The only one that names its model.
        shown[fault, reason.split(" Look at ")[0]] += count
    return [
        {"way": fault, "models": count, "reason": reason}
        for (fault, reason), count in sorted(shown.items())
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
    parser.add_argument("--polite", action="store_true", help="at the pace for Sketchfab itself")
    options = parser.parse_args()
    machine = Machine.here()
    with (
        FakeSketchfab(models=options.models, failing=options.failing, seed=options.seed) as fake,
        catalogue_of_its_own(fake) as catalogue,
    ):
        rows = [
            measure(fake, catalogue, title, polite=options.polite) for title in ("first", "second")
        ]
        ways = reasons(fake, catalogue)
    # One line a figure: the two imports stand side by side.
    figures: list[Row] = [
        {"figure": name, **{str(row["import"]): row[name] for row in rows}}
        for name in rows[0]
        if name != "import"
    ]
    report(machine, {"imports": figures, "what could not be had": ways}, as_json=options.json)
    if any(row["had"] != row["can be had"] or row["listed"] != row["cannot"] for row in rows):
        sys.exit("Not all that can be had was had, or not all the rest was listed.")


if __name__ == "__main__":
    main()
