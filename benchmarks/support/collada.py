"""Writes small COLLADA files, to test what reads them."""

from collections.abc import Sequence

_EYE = "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"


def cube(
    corners: Sequence[Sequence[float]],
    faces: Sequence[Sequence[int]],
    *,
    up: str = "Y_UP",
    unit: float = 1.0,
    place: tuple[float, float, float] = (0, 0, 0),
    colour: str = "1 0 0 1",
    colours: Sequence[Sequence[float]] = (),
    texture: str = "",
    transparency: float = 1.0,
    bend: tuple[float, float, float] | None = None,
) -> bytes:
    """Return a scene of a single mesh.

    Args:
        corners: of the mesh.
        faces: the numbers of the corners of each polygon, from 1.
        up: the axis that points up.
        unit: in metres.
        place: where its node is.
        colour: of its material, RGBA.
        colours: RGB of each corner.
        texture: the name of its picture, which each polygon shows whole.
        transparency: as most programs write it, 1 for opaque.
        bend: how far a bone, which all corners follow, has moved since it was bound.
    """
    diffuse = f"<color>{colour}</color>"
    image = parameters = ""
    if texture:
        diffuse = '<texture texture="s" texcoord="uv"/>'
        image = f'<image id="i"><init_from>{texture}</init_from></image>'
        image = f"<library_images>{image}</library_images>"
        parameters = (
            '<newparam sid="f"><surface type="2D"><init_from>i</init_from></surface></newparam>'
            '<newparam sid="s"><sampler2D><source>f</source></sampler2D></newparam>'
        )
    sources = _source("p", "XYZ", corners) + _source("u", "ST", ((0, 0), (1, 0), (1, 1), (0, 1)))
    inputs = '<input semantic="VERTEX" source="#v" offset="0"/>'
    inputs += '<input semantic="TEXCOORD" source="#u" offset="1" set="0"/>'
    if colours:
        sources += _source("c", "RGB", colours)
        inputs += '<input semantic="COLOR" source="#c" offset="0"/>'
    indices = " ".join(f"{corner - 1} {at % 4}" for face in faces for at, corner in enumerate(face))
    instance = '<instance_geometry url="#g">{}</instance_geometry>'
    controller = bone = ""
    if bend is not None:
        instance = '<instance_controller url="#k"><skeleton>#b</skeleton>{}</instance_controller>'
        bone = _node("b", bend, "", ' type="JOINT" sid="b"')
        controller = (
            '<library_controllers><controller id="k"><skin source="#g">'
            f"<bind_shape_matrix>{_EYE}</bind_shape_matrix>"
            '<source id="j"><Name_array id="ja" count="1">b</Name_array><technique_common>'
            '<accessor source="#ja" count="1"><param name="JOINT" type="name"/></accessor>'
            "</technique_common></source>"
            f'<source id="m"><float_array id="ma" count="16">{_EYE}</float_array><technique_common>'
            '<accessor source="#ma" count="1" stride="16"><param name="TRANSFORM" type="float4x4"/>'
            "</accessor></technique_common></source>" + _source("w", "W", [[1.0]])
            + '<joints><input semantic="JOINT" source="#j"/>'
            '<input semantic="INV_BIND_MATRIX" source="#m"/></joints>'
            f'<vertex_weights count="{len(corners)}">'
            '<input semantic="JOINT" source="#j" offset="0"/>'
            '<input semantic="WEIGHT" source="#w" offset="1"/>'
            f"<vcount>{'1 ' * len(corners)}</vcount><v>{'0 0 ' * len(corners)}</v></vertex_weights>"
            "</skin></controller></library_controllers>"
        )  # fmt: skip
    bound = instance.format(
        '<bind_material><technique_common><instance_material symbol="m" target="#m1">'
        '<bind_vertex_input semantic="uv" input_semantic="TEXCOORD" input_set="0"/>'
        "</instance_material></technique_common></bind_material>"
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">'
        f'<asset><unit meter="{unit}"/><up_axis>{up}</up_axis></asset>{image}'
        f'<library_effects><effect id="e"><profile_COMMON>{parameters}<technique sid="t"><phong>'
        f"<diffuse>{diffuse}</diffuse><transparent><color>1 1 1 1</color></transparent>"
        f"<transparency><float>{transparency}</float></transparency>"
        "</phong></technique></profile_COMMON></effect></library_effects>"
        '<library_materials><material id="m1"><instance_effect url="#e"/></material>'
        f'</library_materials><library_geometries><geometry id="g"><mesh>{sources}'
        '<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>'
        f'<polylist count="{len(faces)}" material="m">{inputs}'
        f"<vcount>{' '.join(str(len(face)) for face in faces)}</vcount><p>{indices}</p></polylist>"
        f"</mesh></geometry></library_geometries>{controller}"
        '<library_visual_scenes><visual_scene id="n">'
        f"{_node('a', place, bound)}{bone}</visual_scene></library_visual_scenes>"
        '<scene><instance_visual_scene url="#n"/></scene></COLLADA>'
    ).encode()


def _source(name: str, parts: str, rows: Sequence[Sequence[float]]) -> str:
    """Return an array of rows."""
    values = " ".join(f"{value:g}" for row in rows for value in row)
    params = "".join(f'<param name="{part}" type="float"/>' for part in parts)
    return (
        f'<source id="{name}"><float_array id="{name}a" count="{len(rows) * len(parts)}">{values}'
        f'</float_array><technique_common><accessor source="#{name}a" count="{len(rows)}" '
        f'stride="{len(parts)}">{params}</accessor></technique_common></source>'
    )


def _node(name: str, place: Sequence[float], inner: str, more: str = "") -> str:
    """Return a node at a place."""
    at = " ".join(map(str, place))
    return f'<node id="{name}" name="{name}"{more}><translate>{at}</translate>{inner}</node>'
