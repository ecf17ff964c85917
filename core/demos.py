"""The demo catalogues: fetched, imported and indexed with one call."""

from collections.abc import Callable
from dataclasses import dataclass

from core import importing, indexing
from core.catalogue import Catalogue, names
from core.importers import fluent, sweethome3d
from core.importers.source import Source
from core.jobs import Progress
from core.network import Network


@dataclass(frozen=True, slots=True)
class Demo:
    """A catalogue that anybody can have: its name, its title and where it comes from."""

    name: str
    title: str
    open: Callable[[], Source]


DEMOS = {
    "fluent": Demo("fluent", "Fluent emoji", fluent.read),
    "furniture": Demo(
        "furniture",
        "Sweet Home 3D furniture",
        lambda: sweethome3d.read(*sweethome3d.fetch_furniture()),
    ),
}


def is_ready(demo: Demo) -> bool:
    """Return whether the demo was imported to its end, and indexed."""
    if demo.name not in names():
        return False
    catalogue = Catalogue(demo.name)
    summary = catalogue.summary()
    return bool(
        catalogue.runs() and summary.items and indexing.is_current(catalogue) and summary.mapped
    )


def make_ready(
    demo: Demo, *, load_network: Callable[[], Network], progress: Progress | None = None
) -> tuple[importing.Imported, indexing.Indexed]:
    """Fetch what is missing, import it and bring its vectors and map up to date."""
    progress = progress or Progress()
    progress.stage("Fetching the demo catalogue")
    source = demo.open()
    catalogue = Catalogue.create(demo.name, title=demo.title)
    imported = importing.run(source, catalogue, progress=progress)
    indexed = indexing.update(catalogue, load_network=load_network, progress=progress)
    return imported, indexed
