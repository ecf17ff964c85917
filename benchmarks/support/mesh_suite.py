"""Small files of formats other than glTF, each of which uses one feature of its format.

Most show a cube with sides of 2, whose lower half is red and whose upper half is blue.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import numpy as np
from PIL import Image

from benchmarks.support import collada, fbx, step, usd

CORNERS = ((-1, -1, -1), (1, -1, -1), (1, 1, -1), (-1, 1, -1),
           (-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1))  # fmt: skip
FACES = ((1, 4, 3, 2), (5, 6, 7, 8), (1, 2, 6, 5), (3, 4, 8, 7), (1, 5, 8, 4), (2, 3, 7, 6))
COLOURS = [(255, 0, 0)] * 4 + [(0, 0, 255)] * 4
# A file's bytes by its name; the first is the model.
Files = dict[str, bytes]


def lines(*rows: str) -> bytes:
    """Return lines of text."""
    return "\n".join([*rows, ""]).encode()


def rows(keyword: str, values: object) -> list[str]:
    """Return a line for each row of numbers."""
    assert isinstance(values, list | tuple)
    return [" ".join([keyword, *map(str, each)]).strip() for each in values]


def quarters() -> bytes:
    """Return a picture of four quarters in different colours."""
    picture = Image.new("RGB", (16, 16))
    for place, colour in enumerate(("red", "lime", "blue", "yellow")):
        left, top = place % 2 * 8, place // 2 * 8
        picture.paste(colour, (left, top, left + 8, top + 8))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def textured_obj(mtl: str, *, library: str = "m.mtl", picture: str = "quarters.png") -> Files:
    """Return a cube with one material, `m`, and a texture on each side."""
    faces = [[f"{corner}/{place + 1}" for place, corner in enumerate(face)] for face in FACES]
    uvs = ((0, 0), (1, 0), (1, 1), (0, 1))
    obj = lines(
        f"mtllib {library}", *rows("v", CORNERS), *rows("vt", uvs), "usemtl m", *rows("f", faces)
    )
    return {"a.obj": obj, library: lines("newmtl m", mtl), picture: quarters()}


def painted_obj() -> Files:
    """Return a cube whose vertices have colours, with tabs and lines that continue."""
    vertices = [
        (*at, *(part / 255 for part in colour)) for at, colour in zip(CORNERS, COLOURS, strict=True)
    ]
    faces = [row.replace(" ", " \\\n\t", 2) for row in rows("f", FACES)]
    return {
        "a.obj": lines(
            "# painted", *(row.replace(" ", "\t") for row in rows("v", vertices)), *faces
        )
    }


def relative_obj() -> Files:
    """Return a cube and a star whose faces count backwards, with lines and points."""
    turn = np.arange(10) * np.pi / 5
    size = np.where(np.arange(10) % 2, 0.4, 1.0)
    star = np.stack([size * np.cos(turn), size * np.sin(turn), np.full(10, 2.0)], axis=1).round(4)
    backwards = [[corner - 9 for corner in face] for face in FACES]
    return {
        "a.obj": lines(
            *rows("v", CORNERS), *rows("f", backwards),
            *rows("v", star.tolist()), "f " + " ".join(str(each) for each in range(-10, 0)),
            "l 1 2 -1", "p -1 -2",
        )
    }  # fmt: skip


def zbrush_obj() -> Files:
    """Return a cube whose vertices have colours as ZBrush writes them."""
    painted = ["#MRGB " + "ffff0000" * 4, "#MRGB " + "ff0000ff" * 4]
    return {"a.obj": lines(*rows("v", CORNERS), *painted, *rows("f", FACES))}


def two_libraries() -> Files:
    """Return a cube whose materials are in two libraries on one line."""
    obj = lines(
        "mtllib a.mtl my b.mtl", *rows("v", CORNERS),
        "usemtl one", *rows("f", FACES[:3]), "usemtl two words", *rows("f", FACES[3:]),
    )  # fmt: skip
    return {
        "a.obj": obj,
        "a.mtl": lines("newmtl one", "Kd 1 0 0", "d -halo 1"),
        "my b.mtl": lines("newmtl two words", "Kd 0 0 1", "Tr 0"),
    }


def ply(
    form: str, elements: Mapping[str, tuple[list[str], list[list[object]]]], *comments: str
) -> Files:
    """Return a PLY file.

    Args:
        form: "ascii", "binary_little_endian" or "binary_big_endian".
        elements: the properties, such as "float x", and the rows of each; a list is a value.
        *comments: lines of the header.
    """
    header, body = ["ply", f"format {form} 1.0", *(f"comment {each}" for each in comments)], b""
    for name, (properties, values) in elements.items():
        header += [f"element {name} {len(values)}", *(f"property {each}" for each in properties)]
        for row in values:
            if form == "ascii":
                words = [
                    word
                    for each in row
                    for word in ([len(each), *each] if isinstance(each, list) else [each])
                ]
                body += lines(" ".join(map(str, words)))
            else:
                body += b"".join(
                    _packed(kind, value, ">" if "big" in form else "<")
                    for kind, value in zip(properties, row, strict=True)
                )
    return {"a.ply": lines(*header, "end_header") + body}


_CODES = {"uchar": "B", "ushort": "H", "int": "i", "uint": "I", "float": "f", "double": "d"}


def _packed(kind: str, value: object, order: str) -> bytes:
    """Return a value of a property as bytes."""
    words = kind.split()
    if isinstance(value, list):
        return struct.pack(
            f"{order}{_CODES[words[1]]}{len(value)}{_CODES[words[2]]}", len(value), *value
        )
    return struct.pack(order + _CODES[words[0]], value)


XYZ = ["float x", "float y", "float z"]
INDICES = ["list uchar int vertex_indices"]


def cube_faces() -> list[list[object]]:
    """Return the sides of the cube, of which the first is two triangles."""
    first, *others = [[corner - 1 for corner in face] for face in FACES]
    sides: list[list[int]] = [first[:3], [first[0], *first[2:]], *others]
    return [[side] for side in sides]


DIFFUSE = ("diffuse_red", "diffuse_green", "diffuse_blue")


def painted_ply(form: str, *names: str, kind: str = "uchar") -> Files:
    """Return a cube whose vertices have colours, as numbers of a kind."""
    largest = {"uchar": 255, "ushort": 65_535, "float": 1}[kind]
    vertices: list[list[object]] = [
        [*at, *(part // 255 * largest for part in colour)]
        for at, colour in zip(CORNERS, COLOURS, strict=True)
    ]
    properties = [*XYZ, *(f"{kind} {name}" for name in names)]
    return ply(form, {"face": (INDICES, cube_faces()), "vertex": (properties, vertices)})


def plain(*more: object) -> list[list[object]]:
    """Return the vertices of the cube, each with more values."""
    return [[*at, *more] for at in CORNERS]


def textured_ply() -> Files:
    """Return a cube with a picture, placed by the corners of its faces."""
    uvs: list[float] = [0, 0, 1, 0, 1, 1, 0, 1]
    faces: list[list[object]] = [[[corner - 1 for corner in face], uvs] for face in FACES]
    made = ply(
        "binary_little_endian",
        {"vertex": (XYZ, plain()), "face": ([*INDICES, "list uchar float texcoord"], faces)},
        "TextureFile my quarters.png",
    )
    return made | {"my quarters.png": quarters()}


def strips_ply(form: str) -> Files:
    """Return four sides of a cube as strips."""
    strip = [0, 1, 3, 2, 7, 6, 4, 5, -1, 0, 1, 4, 5]
    return ply(
        form, {"vertex": (XYZ, plain()), "tristrips": (["list int int vertex_indices"], [[strip]])}
    )


def edges_ply() -> Files:
    """Return two diagonals of a cube."""
    edges: list[list[object]] = [[0, 6], [1, 7]]
    both = {"vertex": (XYZ, plain()), "edge": (["int vertex1", "int vertex2"], edges)}
    return ply("ascii", both)


def splats_ply(*, size: float = 0.1, opacity: float = 0.98, count: int = 200) -> Files:
    """Return Gaussian splats in orange on a sphere."""
    at = np.random.default_rng(0).normal(size=(count, 3))
    at /= np.linalg.norm(at, axis=1, keepdims=True)
    logit = float(np.log(opacity / (1 - opacity)))
    colour = [(part - 0.5) / 0.28209479 for part in (1.0, 0.5, 0.1)]
    scale = float(np.log(size))
    values: list[list[object]] = [
        [*each, *colour, logit, scale, scale, scale - 3, 1, 0, 0, 0] for each in at.tolist()
    ]
    names = "f_dc_0 f_dc_1 f_dc_2 opacity scale_0 scale_1 scale_2 rot_0 rot_1 rot_2 rot_3"
    properties = [*XYZ, *(f"float {name}" for name in names.split())]
    return ply("binary_little_endian", {"vertex": (properties, values)})


def triangles() -> np.ndarray:
    """Return the cube's triangles, float32 (12, 3, 3); the first six are its lower half."""
    corners = np.array(CORNERS, np.float32)
    return np.array([corners[[face[0] - 1, one - 1, two - 1]] for face in FACES
                     for one, two in (face[1:3], face[2:])])  # fmt: skip


def binary_stl(*, header: bytes = b"", bits: tuple[int, int] = (0, 0), count: int = 12) -> Files:
    """Return a cube whose first and last triangles have bits of colour each."""
    body = b"".join(
        struct.pack("<12fH", 0, 0, 0, *each.ravel(), bits[place >= 6])
        for place, each in enumerate(triangles())
    )
    return {"a.stl": header.ljust(80, b"\0") + struct.pack("<I", count) + body}


def text_stl() -> Files:
    """Return a cube in two solids, as text."""
    made = []
    for place, each in enumerate(triangles()):
        made += [f"solid {place}"] if place % 6 == 0 else []
        made += ["facet normal 0 0 0", " outer loop", *rows("  vertex", each.tolist())]
        made += [" endloop", "endfacet"] + (["endsolid"] if place % 6 == 5 else [])
    return {"a.stl": lines(*made)}


SHARES = [tuple(part / 255 for part in each) for each in COLOURS]


def dae(**options: Any) -> Files:
    """Return a cube as COLLADA, with its picture if the options name one."""
    return {"a.dae": collada.cube(CORNERS, FACES, **options), **_named(options)}


def fbx_file(*, in_text: bool = False, **options: Any) -> Files:
    """Return a cube as FBX, with its pictures if the options name some that are not in it."""
    made = fbx.cube(CORNERS, FACES, **options)
    return {"a.fbx": fbx.text(made) if in_text else fbx.binary(made), **_named(options)}


def _named(options: Mapping[str, Any]) -> Files:
    """Return the pictures that options name."""
    names = [] if "embedded" in options else [options.get("texture"), options.get("mask")]
    return {unquote(name): quarters() for name in names if name}


def painted_fbx() -> Files:
    """Return a cube whose corners have colours, as FBX."""
    return fbx_file(colour=(1, 1, 1), colours=[(*each, 1.0) for each in SHARES])


MM = 'unit="millimeter" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"'
MM += ' xmlns:p="http://schemas.microsoft.com/3dmanufacturing/production/2015/06"'
MM += ' xmlns:m="http://schemas.microsoft.com/3dmanufacturing/material/2015/02"'


def cube_3mf(number: int, *, attributes: str = "", ids: str = "") -> str:
    """Return a cube as an object of 3MF.

    Args:
        number: its id.
        attributes: of the object.
        ids: the attributes of each triangle; "{side}" stands for 0 or 1, its lower or upper half.
    """
    corners = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in CORNERS)
    made = [(face[0], *pair) for face in FACES for pair in (face[1:3], face[2:])]
    triangles = "".join(
        '<triangle v1="{}" v2="{}" v3="{}" {}/>'.format(
            *(corner - 1 for corner in each), ids.format(side=int(place >= 6))
        )
        for place, each in enumerate(made)
    )
    return (
        f'<object id="{number}" {attributes}><mesh><vertices>{corners}</vertices>'
        f"<triangles>{triangles}</triangles></mesh></object>"
    )


def package_3mf(
    resources: str, items: str, *, root: str = "3D/3dmodel.model", **more: str
) -> bytes:
    """Return a 3MF package.

    Args:
        resources: what its main file defines.
        items: what is built.
        root: the path of that file.
        **more: what other files define, by their names.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
        link = f'Target="/{root}" Id="r" Type="{kind}"'
        archive.writestr("_rels/.rels", f"<Relationships><Relationship {link}/></Relationships>")
        archive.writestr("3D/Textures/quarters.png", quarters())
        for path, defined, built in (
            (root, resources, items),
            *((f"3D/{name}.model", text, "") for name, text in more.items()),
        ):
            archive.writestr(
                path,
                f"<model {MM}><resources>{defined}</resources><build>{built}</build></model>",
            )
    return file.getvalue()


TWO_COLOURS = (
    '<m:colorgroup id="9"><m:color color="#FF0000"/><m:color color="#0000FFFF"/></m:colorgroup>'
)
TWO_BASES = (
    '<basematerials id="9"><base name="a" displaycolor="#FF0000"/>'
    '<base name="b" displaycolor="#0000FF"/></basematerials>'
)
PICTURE_3MF = (
    '<m:texture2d id="8" path="/3D/Textures/quarters.png" contenttype="image/png"/>'
    '<m:texture2dgroup id="9" texid="8"><m:tex2coord u="0" v="0"/><m:tex2coord u="1" v="0"/>'
    '<m:tex2coord u="1" v="1"/></m:texture2dgroup>'
)
ITEM = '<item objectid="1"/>'


def group_3mf() -> bytes:
    """Return two cubes beside each other, of another file, in a group that is moved."""
    part = '<component objectid="5" p:path="/3D/other.model" {}/>'
    beside = part.format('transform="1 0 0 0 1 0 0 0 1 3 0 0"')
    group = f'<object id="1"><components>{part.format("")}{beside}</components></object>'
    item = '<item objectid="1" transform="1 0 0 0 1 0 0 0 1 0 0 10"/>'
    return package_3mf(group, item, other=cube_3mf(5))


def usd_file(*, name: str = "a.usda", up: str = "Y", unit: float = 1.0) -> Files:
    """Return a cube with a texture on each side, as text, binary or in a package."""
    uvs = usd.primvar("texCoord2f", "st", str([(0, 0), (1, 0), (1, 1), (0, 1)] * 6), "faceVarying")
    layer = usd.text(
        usd.mesh("a", CORNERS, FACES, uvs, usd.bound("/m")),
        usd.material(
            "m",
            "color3f inputs:diffuseColor.connect = </m/t.outputs:rgb>",
            nodes=[usd.texture("m", "t", "quarters.png"), usd.coordinates()],
        ),
        up=up,
        unit=unit,
    )
    if name.endswith(".usdz"):
        return {name: usd.package({"a.usda": layer, "quarters.png": quarters()})}
    made = layer if name.endswith(".usda") else usd.binary(layer)
    return {name: made, "quarters.png": quarters()}


def painted_usd() -> bytes:
    """Return a cube whose vertices have colours, placed three times in different ways."""
    colours = [tuple(part / 255 for part in each) for each in COLOURS]
    cube = usd.mesh(
        "cube", CORNERS, FACES, usd.primvar("color3f", "displayColor", str(colours), "vertex")
    )
    return usd.text(
        usd.prim("Xform", "a", cube),
        usd.prim(
            "Xform", "b", "double3 xformOp:translate = (4, 0, 0)",
            'uniform token[] xformOpOrder = ["xformOp:translate"]',
            header="instanceable = true\nprepend references = </a>",
        ),
        usd.prim(
            "PointInstancer", "c", "int[] protoIndices = [0]", "point3f[] positions = [(8, 0, 0)]",
            "rel prototypes = </c/p>",
            usd.prim("Xform", "p", header="prepend references = </a>"),
        ),
    )  # fmt: skip


FILES: Mapping[str, Mapping[str, Callable[[], Files]]] = {
    "obj": {
        "texture": lambda: textured_obj("Kd 0 0 0\nmap_Kd quarters.png"),
        "texture with options": lambda: textured_obj(
            "map_Kd -s 4 4 1 -o .25 0 -bm 1 -clamp on -mm 0 1 quarters.png\nd .5"
        ),
        "metal and glow": lambda: textured_obj(
            "Pm 1\nPr .2\nmap_Pr quarters.png\nKe .1 0 0\nmap_Ke quarters.png\nmap_d quarters.png"
        ),
        "painted": painted_obj,
        "relative": relative_obj,
        "two libraries": two_libraries,
        "UTF-16": lambda: {"a.obj": painted_obj()["a.obj"].decode().encode("utf-16")},
        "ZBrush": zbrush_obj,
    },
    "ply": {
        "text": lambda: painted_ply("ascii", "red", "green", "blue"),
        "little endian": lambda: painted_ply("binary_little_endian", "r", "g", "b"),
        "big endian": lambda: painted_ply("binary_big_endian", *DIFFUSE),
        "floats": lambda: painted_ply("ascii", "red", "green", "blue", kind="float"),
        "texture": textured_ply,
        "strips": lambda: strips_ply("binary_big_endian"),
        "edges": edges_ply,
        "points": lambda: ply("ascii", {"vertex": (XYZ, plain())}),
        "splats": splats_ply,
    },
    "stl": {
        "binary": binary_stl,
        "text": text_stl,
        "VisCAM": lambda: binary_stl(bits=(0x8000 | 31 << 10, 0x8000 | 31)),
        "Magics": lambda: binary_stl(header=b"COLOR=\xc8\x14\x14\xff", bits=(0x8000, 31 << 10)),
    },
    "3mf": {
        "plain": lambda: {"a.3mf": package_3mf(cube_3mf(1), ITEM)},
        "colours": lambda: {
            "a.3mf": package_3mf(TWO_COLOURS + cube_3mf(1, ids='pid="9" p1="{side}"'), ITEM)
        },
        "bases": lambda: {
            "a.3mf": package_3mf(
                TWO_BASES + cube_3mf(1, attributes='pid="9" pindex="0"', ids='p1="{side}"'), ITEM
            )
        },
        "picture": lambda: {
            "a.3mf": package_3mf(
                PICTURE_3MF + cube_3mf(1, ids='pid="9" p1="0" p2="1" p3="2"'), ITEM
            )
        },
        "group": lambda: {"a.3mf": group_3mf()},
    },
    "step": {
        "plain": lambda: {"a.step": step.solid(CORNERS, FACES)},
        "colour": lambda: {"a.step": step.solid(CORNERS, FACES, colour=(1, 0, 0))},
    },
    "usd": {
        "text": lambda: usd_file(up="Z", unit=0.01),
        "binary": lambda: usd_file(name="a.usdc"),
        "package": lambda: usd_file(name="a.usdz"),
        "package of binary": lambda: {
            "a.usdz": usd.package(
                {"a.usdc": usd.binary(usd_file()["a.usda"]), "quarters.png": quarters()}
            )
        },
        "shapes": lambda: {
            "a.usda": usd.text(
                *(usd.prim(each, each) for each in ("Cube", "Sphere", "Cone", "Capsule"))
            )
        },
        "painted": lambda: {"a.usda": painted_usd()},
        "painted binary": lambda: {"a.usd": usd.binary(painted_usd())},
    },
    "dae": {
        "plain": lambda: dae(up="Z_UP", unit=0.0254, place=(0, 0, 5)),
        "painted": lambda: dae(colour="1 1 1 1", colours=SHARES),
        "texture": lambda: dae(texture="my%20quarters.png"),
        "skin": lambda: dae(bend=(0, 3, 0)),
    },
    "fbx": {
        "binary": lambda: fbx_file(up="z", unit=100.0, place=(0, 0, 5)),
        "text": lambda: fbx_file(in_text=True, texture="quarters.png"),
        "painted": painted_fbx,
        "texture": lambda: fbx_file(texture="quarters.png", mask="mask.png"),
        "picture inside": lambda: fbx_file(texture="quarters.png", embedded=quarters()),
        "skin": lambda: fbx_file(bend=(0, 3, 0)),
        "skin in text": lambda: fbx_file(in_text=True, bend=(0, 3, 0)),
    },
}  # fmt: skip
