"""Rewrites what the page's viewer does not support."""

import copy
from collections.abc import Iterator
from typing import Any

from core.rendering.gltf import nodes
from core.rendering.gltf.document import Document, extension, number, numbers

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


def is_misread(document: Document) -> bool:
    """Return whether the viewer shows a part of a document in another way than glTF says.

    - It ignores joints of a vertex beyond the fourth.
    - It turns a texture after it has scaled it, which differs if both sides are scaled differently.
    """
    primitives = [
        primitive
        for mesh in _entries(document.tree.get("meshes"))
        for primitive in _entries(mesh.get("primitives"))
    ]
    if any("JOINTS_1" in (each.get("attributes") or ()) for each in primitives):
        return True
    return any(map(_is_skewed, _references(_entries(document.tree.get("materials")))))


def _entries(value: Any) -> list[dict[str, Any]]:
    """Return the entries of a list of the document."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _references(value: Any) -> Iterator[dict[str, Any]]:
    """Yield what a value of the document contains, at any depth, that may refer to a texture."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value or ():
        if isinstance(each, dict | list):
            yield from _references(each)


def _is_skewed(reference: dict[str, Any]) -> bool:
    """Return whether a texture is turned, and scaled differently along its sides."""
    transform = extension(reference, "KHR_texture_transform") or {}
    scale_u, scale_v = numbers(transform.get("scale"), (1.0, 1.0))
    return scale_u != scale_v and number(transform.get("rotation"), 0.0) != 0


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
