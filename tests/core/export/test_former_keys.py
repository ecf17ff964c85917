"""JSON for scripts: renamed keys are there under their former names as well."""

import json

from core.catalogue import Item
from core.export import results
from core.export.former_keys import with_former_keys
from core.pictures import Box
from core.search import Neighbour, Results


def test_renamed_keys_are_doubled_and_others_left_alone() -> None:
    counts = {"added": 1, "missing": 2}

    assert with_former_keys(counts) == {"added": 1, "missing": 2, "gone": 2}
    assert counts == {"added": 1, "missing": 2}
    assert with_former_keys({"revision": 7}) == {"revision": 7, "generation": 7}


def test_a_neighbour_has_both_names_of_its_viewpoint_and_region() -> None:
    item = Item(source_id="1", name="Chair", viewpoints=("front", "back"))
    region = Box(0.0, 0.25, 0.5, 1.0)
    neighbour = Neighbour(item, 1, 0.75, 4.125, region=region, viewpoint="back")

    text = results.as_json(Results((neighbour,), 10, 3.0), query={})

    [exported] = json.loads(text)["neighbours"]
    assert exported["side"] == exported["viewpoint"] == "back"
    assert exported["part"] == exported["region"] == [0.0, 0.25, 0.5, 1.0]
    assert exported["sides"] == exported["viewpoints"] == ["front", "back"]
    assert exported["z_score"] == 4.125


def test_a_neighbour_of_a_whole_picture_has_no_region() -> None:
    neighbour = Neighbour(Item(source_id="1", name="Chair"), 1, 0.75, 4.125)

    exported = results.as_dict(neighbour)

    assert exported.keys() == {
        *("id", "name", "score", "rank", "z_score"),
        *("mirrored", "viewpoint", "side"),
    }
