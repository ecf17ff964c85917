"""The demo catalogues: downloaded, imported and indexed with one call."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.catalogue import Catalogue, names
from core.importers import on_grounds, open_source
from core.jobs import Progress, Stage
from core.vision import Network
from core.workflows import importing, indexing
from core.workflows.import_counts import ImportCounts
from core.workflows.indexing import IndexCounts


@dataclass(frozen=True, slots=True)
class Demo:
    """A catalogue that anybody can download.

    Attributes:
        name: of the catalogue, and of the importer that reads its source.
        title: of the catalogue.
        description: what it contains and how much is downloaded, in a line.
    """

    name: str
    title: str
    description: str


DEMOS = {
    demo.name: demo
    for demo in (
        Demo("fluent", "Fluent emoji", "1,599 of Microsoft’s 3D emoji. Downloads 23 MB."),
        Demo(
            "furniture",
            "Sweet Home 3D furniture",
            "820 pieces of furniture, plants, vehicles and people. Downloads 125 MB, with apt.",
        ),
    )
}


def with_grounds(demo: Demo) -> Demo:
    """Return the demo whose pictures are on synthetic backgrounds, a catalogue of its own."""
    return replace(
        demo, name=demo.name + on_grounds.SUFFIX, title=demo.title + on_grounds.TITLE_SUFFIX
    )


def is_ready(demo: Demo) -> bool:
    """Return whether the demo was imported completely and indexed."""
    if demo.name not in names():
        return False
    catalogue = Catalogue(demo.name)
    summary = catalogue.summary()
    return bool(
        catalogue.imports.runs()
        and summary.items
        and indexing.is_current(catalogue)
        and summary.mapped
    )


def download_and_index(
    demo: Demo, *, load_network: Callable[[], Network], progress: Progress | None = None
) -> tuple[ImportCounts, IndexCounts]:
    """Import a demo, which is downloaded the first time, and index it.

    Raises `Cancelled` if the job was cancelled, and `LookalikeError` if the demo cannot be
    downloaded or the network cannot be loaded.
    """
    progress = progress or Progress()
    progress.stage(Stage.DOWNLOADING_DEMO)
    source = open_source(demo.name, kind=demo.name)
    catalogue = Catalogue.create(demo.name, title=demo.title)
    imported = importing.run(source, catalogue, progress=progress)
    indexed = indexing.update(catalogue, load_network=load_network, progress=progress)
    return imported.counts, indexed
