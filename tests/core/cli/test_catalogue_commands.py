"""The command that lists the clusters of a map and renames them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.catalogue import Catalogue, Cluster
from tests.command_line import run
from tests.core.catalogue.support import add, map_of, numbered


@pytest.fixture
def ids() -> list[str]:
    """Return the ids of five items, with a map of two clusters."""
    catalogue = Catalogue.create("things", title="My things")
    ids = [item.id for item in add(catalogue, *numbered(5))]
    map_ = map_of(ids, np.zeros((5, 2), np.float32), "v1")
    clusters = (Cluster("Hands", ids[0]), Cluster("", ids[2]))
    catalogue.map.save(replace(map_, labels=np.array([0, 0, 1, 1, 1], np.int32), clusters=clusters))
    return ids


def test_clusters_are_listed_and_renamed(ids: list[str]) -> None:
    assert run("clusters", "things").stdout == "       3  Cluster 2\n       2  Hands\n"

    done = run("clusters", "things", "--rename", "hands", "Paws", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "name": "things",
        "clusters": [
            {"name": "Cluster 2", "automatic_name": "", "models": 3, "landmark": ids[2]},
            {"name": "Paws", "automatic_name": "Hands", "models": 2, "landmark": ids[0]},
        ],
    }
    assert "       2  Paws  (automatic name: Hands)\n" in run("clusters", "things").stdout
    assert "       2  Hands\n" in run("clusters", "things", "--rename", "Paws", "").stdout


def test_what_cannot_be_renamed_is_said(ids: list[str]) -> None:
    done = run("clusters", "things", "--rename", "Feet", "Paws")
    assert done.returncode == 1
    assert "No cluster of “My things” is called “Feet”." in done.stderr

    done = run("clusters", "things", "--rename", "Hands", "cluster 2")
    assert done.returncode == 1
    assert "Another cluster is called “cluster 2”." in done.stderr

    Catalogue.create("new")
    done = run("clusters", "new")
    assert done.returncode == 1
    assert "has no map yet" in done.stderr
