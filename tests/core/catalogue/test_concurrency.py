"""Several processes and threads write to the same catalogue."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from core.catalogue import Catalogue, Filters, Item
from tests.core.catalogue.support import add, in_another_process, source_ids

ADDS_ITEMS = """
from core.catalogue import Catalogue, Item, Picture
catalogue = Catalogue("things")
for number in range(25):
    item = Item(source_id=f"{sys.argv[1]} {number}", name="x")
    picture = Picture(digest=str(number) * 8, original=b"x", extension="png", thumbnail=b"x")
    catalogue.items.add([(item, picture)])
    assert catalogue.items.get(item.id).name == "x"
"""


def test_processes_and_threads_that_write_concurrently_lose_nothing(catalogue: Catalogue) -> None:
    processes = [
        subprocess.Popen([*in_another_process(ADDS_ITEMS), name], stderr=subprocess.PIPE, text=True)
        for name in ("first process", "second process")
    ]

    def write(name: str) -> None:
        for number in range(25):
            add(catalogue, Item(source_id=f"{name} {number}", name="x"))

    def read() -> Iterator[int]:
        while any(process.poll() is None for process in processes):
            yield catalogue.items.count()

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(write, name) for name in ("first thread", "second thread")]
        counts = list(read())
        for each in done:
            each.result()
    for process in processes:
        _, errors = process.communicate()
        assert process.returncode == 0, errors

    assert counts == sorted(counts)
    writers = ("first process", "second process", "first thread", "second thread")
    expected = {f"{writer} {number}" for writer in writers for number in range(25)}
    assert set(source_ids(catalogue.items.find())) == expected
    assert catalogue.items.count() == catalogue.items.count(Filters(text="x")) == 100
    assert catalogue.items.revision == catalogue.pictures.revision == 100
    assert catalogue.vectors.revision == catalogue.map.revision == 0
    assert catalogue.revision == 200
