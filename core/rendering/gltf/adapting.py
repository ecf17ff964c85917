"""Rewrites what the page's viewer does not support."""

import copy
from typing import Any

from core.rendering.gltf import nodes
from core.rendering.gltf.document import Document, extension

GLOSS = "KHR_materials_pbrSpecularGlossiness"
INSTANCING = "EXT_mesh_gpu_instancing"
VISIBILITY = "KHR_node_visibility"


def adapted(document: Document) -> dict[str, Any]:
    """Return the JSON of a document for the viewer; the same one if nothing has to be changed.

    - Specular and glossy materials become matt ones of the same colour and texture.
    - Nodes that are hidden lose their meshes.
    - Instances become nodes: the viewer would fit only the first one into its window.

    Raises `InvalidGltfError` if a part of it is invalid, and `OSError` if a file cannot be read.
    """
    used = document.extensions("extensionsUsed") & {GLOSS, INSTANCING, VISIBILITY}
    if not used:
        return document.tree
    tree = copy.deepcopy(document.tree)
    if GLOSS in used:
        for material in tree.get("materials") or []:
            _without_gloss(material)
    shown = {place for place, node in nodes.collected(document).items() if node.is_visible}
    listed = tree.get("nodes") or []
    for place, node in enumerate(list(listed)):
        if VISIBILITY in used and place not in shown:
            node.pop("mesh", None)
        if INSTANCING in used and "mesh" in node and len(copies := nodes.instances(document, node)):
            mesh = node.pop("mesh")
            node["children"] = list(node.get("children") or []) + [
                len(listed) + number for number in range(len(copies))
            ]
            listed += [{"mesh": mesh, "matrix": matrix.T.ravel().tolist()} for matrix in copies]
        for name in (INSTANCING, VISIBILITY):
            (node.get("extensions") or {}).pop(name, None)
    for key in ("extensionsUsed", "extensionsRequired"):
        if key in tree:
            tree[key] = [name for name in tree[key] if name not in used]
            if not tree[key]:
                del tree[key]
    return tree


def _without_gloss(material: dict[str, Any]) -> None:
    """Describe a specular and glossy material as a matt one."""
    gloss = extension(material, GLOSS)
    if gloss is None:
        return
    surface = {"metallicFactor": 0}
    for theirs, ours in (
        ("diffuseFactor", "baseColorFactor"),
        ("diffuseTexture", "baseColorTexture"),
    ):
        if theirs in gloss:
            surface[ours] = gloss[theirs]
    material["pbrMetallicRoughness"] = surface
    del material["extensions"][GLOSS]
