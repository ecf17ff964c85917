"""Results are strong matches and weaker ones."""

from dataclasses import replace

from core.catalogue import Catalogue
from core.search import ItemExample
from core.similarity import Index
from tests.core.search.support import ask


def test_every_result_is_a_strong_or_a_weaker_match(catalogue: Catalogue, index: Index) -> None:
    results = ask(catalogue, index, ItemExample(index.ids[0]))
    results = replace(results, z_cutoff=results.neighbours[2].z_score)

    assert results.strong_matches == results.neighbours[:3]
    assert results.weaker_matches == results.neighbours[3:]
