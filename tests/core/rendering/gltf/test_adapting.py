"""What the viewer does not know is said in terms that it does."""

import pytest

from benchmarks.support.gltf_suite import FILES
from core.rendering.files import Files
from core.rendering.gltf import nodes, packing
from core.rendering.gltf.adapting import adapted, is_misread
from core.rendering.gltf.document import Document

PLAIN = Files("/", "/")


def read(name: str) -> Document:
    return Document.parse("glb", FILES[name](), PLAIN)


def test_a_document_of_what_the_viewer_knows_stays_as_it_is() -> None:
    for name in ("texture", "skin", "unlit", "transmission"):
        document = read(name)
        assert adapted(document) is document.tree


def test_hidden_meshes_are_left_out_and_instances_become_nodes() -> None:
    for name, count in (("hidden nodes", 1), ("instances", 3)):
        document = read(name)
        tree = adapted(document)
        assert "extensionsUsed" not in tree
        again = Document(tree, document.chunk, PLAIN)
        assert sum(len(placed.matrices) for placed in nodes.read(again)) == count
        assert sum("mesh" in node for node in tree["nodes"]) == count


def test_gloss_becomes_a_matt_surface_of_the_same_colour() -> None:
    document = read("specular and gloss")

    [material] = adapted(document)["materials"]

    assert material["pbrMetallicRoughness"] == {
        "metallicFactor": 0,
        "baseColorFactor": [0.2, 0.5, 0.8, 1],
    }


@pytest.mark.parametrize(
    ("name", "misread"),
    [
        ("skin", False),
        ("skin with a second set", True),
        ("texture scaled", False),
        ("texture scaled, turned and moved", False),
        ("texture scaled unevenly and turned", True),
    ],
)
def test_what_the_viewer_shows_in_another_way_is_known(name: str, misread: bool) -> None:
    assert is_misread(read(name)) is misread
    assert packing.is_plain(read(name)) is not misread
