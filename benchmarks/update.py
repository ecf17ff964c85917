"""How long it takes to bring a large catalogue up to date in which little has changed.

A folder of pictures made of the demo's is imported, and each gets the vectors of a mixture of
the demo's models, so that nothing has to be embedded; then some pictures are replaced by others,
and `python -m core update` is timed as a whole, as a user starts it: reading all files, finding
the changed ones, loading the network, embedding them and placing them on the map. Needs
`python -m core demo`: python -m benchmarks.update [--items N] [--changed N]
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.support.machine import Machine
from benchmarks.support.synthetic import Mixtures, draw
from core import search
from core.catalogue import Catalogue, names
from core.descriptors import COMPACT, PUBLISHED
from core.importers import open_source
from core.settings import PROJECT
from core.similarity import knn_graph
from core.workflows import importing
from devtools.browser import demo

ITEMS, CHANGED, RUNS = 10_000, 10, 3
NAME = "to-update"
TARGET = 10.0


def make(folder: Path, count: int) -> Catalogue:
    """Return a catalogue imported from `folder`, with vectors and a map."""
    source = demo()
    rows = knn_graph.unit_rows(search.index_of(source, COMPACT))
    mixtures = Mixtures.of(rows, count)
    by_id = {item.id: item for item in source.items.find()}
    own = [by_id[one] for one in search.index_of(source, COMPACT).ids]
    parents = mixtures.parents[:, 0]
    thumbnails = [source.pictures.thumbnail(item).read_bytes() for item in own]
    for number, parent in enumerate(parents):
        # What follows a picture's end changes its digest and nothing that is seen.
        data = thumbnails[parent] + number.to_bytes(4)
        name = re.sub(r"\W+", "-", own[parent].name)
        (folder / f"{name}-{number}.webp").write_bytes(data)
    if NAME in names():
        Catalogue.remove(NAME)
    catalogue = Catalogue.create(NAME, title=f"{count:,} pictures to update")
    importing.run(open_source(str(folder)), catalogue)
    items = catalogue.items.find()
    fit = source.vectors.load_fit(COMPACT)
    assert fit is not None, "the demo is indexed"
    spaces = [
        mixtures.rows(knn_graph.unit_rows(search.index_of(source, COMPACT, space)))
        for space in ("pictures", "models")
    ]
    fingerprint = search.fingerprint_of(source, COMPACT)
    catalogue.vectors.save_fit(COMPACT, fingerprint, fit, items, np.hstack(spaces))
    fingerprint = search.fingerprint_of(source, PUBLISHED)
    published = source.vectors.read(PUBLISHED, fingerprint).matrix()
    for start in range(0, count, 2_048):
        part = slice(start, start + 2_048)
        catalogue.vectors.add(PUBLISHED, fingerprint, items[part], published[parents[part]])
    draw(catalogue)
    return catalogue


def change(folder: Path, count: int, *, run: int) -> None:
    """Replace `count` of the pictures by others of the demo, others in each run."""
    source = demo()
    chance = np.random.default_rng(run)
    files = sorted(folder.iterdir())
    pictures = source.items.find()
    for file in chance.choice(len(files), count, replace=False):
        picture = source.pictures.original(pictures[chance.integers(len(pictures))])
        files[file].write_bytes(picture + run.to_bytes(4))


def update() -> tuple[float, dict[str, dict[str, int]]]:
    """Return how many seconds an update took, and what it did."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "core", "update", NAME, "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - began, json.loads(done.stdout)


def main() -> None:
    """Make the catalogue, change it and update it, some times."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=ITEMS, metavar="N", help=f"({ITEMS:,})")
    parser.add_argument("--changed", type=int, default=CHANGED, metavar="N", help=f"({CHANGED})")
    options = parser.parse_args()
    print(Machine.here(), file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "pictures")
        folder.mkdir()
        try:
            make(folder, options.items)
            nothing, _ = update()
            print(f"{options.items:,} pictures, none changed: {nothing:.1f} s")
            for run in range(1, RUNS + 1):
                change(folder, options.changed, run=run)
                seconds, told = update()
                print(
                    f"{options.changed} changed: {seconds:.1f} s (target {TARGET:.0f}); "
                    f"{told['imported']['changed']} taken, {told['indexed']['embedded']} embedded, "
                    f"{told['indexed']['placed']} placed on the map"
                )
        finally:
            if NAME in names():
                Catalogue.remove(NAME)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
