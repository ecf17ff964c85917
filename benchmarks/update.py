"""Measure how long an update takes in a large catalogue in which little has changed.

A folder with copies of the demo's pictures is imported, and each picture gets the vectors of a
mixture of the demo's models, so that nothing has to be embedded. Then some pictures are replaced,
and `python -m core update` is timed from start to finish, as a user runs it: reading all files,
finding the changed ones, loading the network, embedding them and adding them to the map. Needs
`python -m core demo`:
python -m benchmarks.update [--items N] [--changed N]
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
from benchmarks.support.synthetic import Mixtures, build_map
from core import search
from core.catalogue import Catalogue, names
from core.descriptors import COMPACT, PUBLISHED
from core.importers import open_source
from core.settings import PROJECT
from core.workflows import importing
from devtools.browser import demo

ITEMS, CHANGED, RUNS = 10_000, 10, 3
NAME = "to-update"
TARGET = 10.0


def make(folder: Path, count: int) -> Catalogue:
    """Return a catalogue imported from `folder`, with vectors and a map."""
    source = demo()
    rows = search.index_of(source, COMPACT).unit_rows()
    mixtures = Mixtures.of(rows, count)
    by_id = {item.id: item for item in source.items.find()}
    in_order = [by_id[item_id] for item_id in search.index_of(source, COMPACT).ids]
    parents = mixtures.parents[:, 0]
    thumbnails = [source.pictures.thumbnail(item.id) for item in in_order]
    for number, parent in enumerate(parents):
        # Bytes after the end of a picture change its digest and not what it shows.
        data = thumbnails[parent] + number.to_bytes(4)
        name = re.sub(r"\W+", "-", in_order[parent].name)
        (folder / f"{name}-{number}.webp").write_bytes(data)
    if NAME in names():
        Catalogue.remove(NAME)
    catalogue = Catalogue.create(NAME, title=f"{count:,} pictures to update")
    importing.run(open_source(str(folder)), catalogue)
    items = catalogue.items.find()
    fit = source.vectors.load_fit(COMPACT)
    assert fit is not None, "the demo is indexed"
    spaces = [
        mixtures.rows(search.index_of(source, COMPACT, space).unit_rows())
        for space in ("pictures", "models")
    ]
    fingerprint = search.fingerprint_of(source, COMPACT)
    catalogue.vectors.save_fit(COMPACT, fingerprint, fit, items, np.hstack(spaces))
    fingerprint = search.fingerprint_of(source, PUBLISHED)
    published = source.vectors.read(PUBLISHED, fingerprint).matrix()
    for start in range(0, count, 2_048):
        part = slice(start, start + 2_048)
        catalogue.vectors.add(PUBLISHED, fingerprint, items[part], published[parents[part]])
    build_map(catalogue)
    return catalogue


def change(folder: Path, count: int, *, run: int) -> None:
    """Replace `count` pictures by others of the demo, different ones in each run."""
    source = demo()
    random = np.random.default_rng(run)
    files = sorted(folder.iterdir())
    pictures = source.items.find()
    for file in random.choice(len(files), count, replace=False):
        picture = source.pictures.original(pictures[random.integers(len(pictures))])
        files[file].write_bytes(picture + run.to_bytes(4))


def update() -> tuple[float, dict[str, dict[str, int]]]:
    """Return how many seconds an update took, and its JSON output."""
    began = time.perf_counter()
    process = subprocess.run(
        [sys.executable, "-m", "core", "update", NAME, "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        sys.exit(process.stderr)
    return time.perf_counter() - began, json.loads(process.stdout)


def main() -> None:
    """Make the catalogue, then change and update it several times."""
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
            seconds, _ = update()
            print(f"{options.items:,} pictures, none changed: {seconds:.1f} s")
            for run in range(1, RUNS + 1):
                change(folder, options.changed, run=run)
                seconds, result = update()
                print(
                    f"{options.changed} changed: {seconds:.1f} s (target {TARGET:.0f}); "
                    f"{result['imported']['changed']} imported, "
                    f"{result['indexed']['embedded']} embedded, "
                    f"{result['indexed']['placed']} added to the map"
                )
        finally:
            if NAME in names():
                Catalogue.remove(NAME)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
