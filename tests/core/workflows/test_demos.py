"""The demo catalogues: when one is ready, and what is downloaded."""

from core.catalogue import Catalogue
from core.importers import find_importer
from core.workflows import demos
from core.workflows.demos import DEMOS


def test_each_demo_is_read_by_the_importer_of_its_name() -> None:
    for demo in DEMOS.values():
        for each in (demo, demos.with_grounds(demo)):
            assert find_importer(each.name).title.startswith("demo of")


def test_a_demo_is_not_ready_before_it_is_imported_and_indexed() -> None:
    demo = DEMOS["fluent"]
    assert not demos.is_ready(demo)
    Catalogue.create(demo.name, title=demo.title)
    assert not demos.is_ready(demo)
