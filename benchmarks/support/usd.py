"""Writes small USD files as text, and packages, to test what reads them."""

import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def text(*prims: str, up: str = "Y", unit: float = 1.0) -> bytes:
    """Return a layer with prims at its top."""
    head = (
        f'#usda 1.0\n(\n    defaultPrim = "a"\n    upAxis = "{up}"\n    metersPerUnit = {unit}\n)\n'
    )
    return "\n".join([head, *prims, ""]).encode()


def prim(kind: str, name: str, *lines: str, header: str = "") -> str:
    """Return a prim with the lines in it, and those of its header."""
    return "\n".join([f'def {kind} "{name}" (\n{header}\n)\n{{', *lines, "}"])


def mesh(
    name: str,
    points: Sequence[Sequence[float]],
    faces: Sequence[Sequence[int]],
    *lines: str,
    header: str = "",
) -> str:
    """Return a mesh; the numbers of the corners of its faces begin with 1."""
    corners = [corner - 1 for face in faces for corner in face]
    return prim(
        "Mesh",
        name,
        f"int[] faceVertexCounts = {[len(face) for face in faces]}",
        f"int[] faceVertexIndices = {corners}",
        f"point3f[] points = {triples(points)}",
        'uniform token subdivisionScheme = "none"',
        *lines,
        header=header,
    )


def triples(rows: Sequence[Sequence[float]]) -> str:
    """Return rows of numbers."""
    return f"[{', '.join(str(tuple(map(float, each))) for each in rows)}]"


def primvar(kind: str, name: str, value: str, of: str) -> str:
    """Return values that a mesh has by a name."""
    return f'{kind}[] primvars:{name} = {value} (\n    interpolation = "{of}"\n)'


def material(name: str, *inputs: str, nodes: Sequence[str] = ()) -> str:
    """Return a material with the inputs of its surface."""
    surface = prim("Shader", "s", 'uniform token info:id = "UsdPreviewSurface"', *inputs,
                   "token outputs:surface")  # fmt: skip
    return prim(
        "Material", name, f"token outputs:surface.connect = </{name}/s.outputs:surface>", surface,
        *nodes,
    )  # fmt: skip


def texture(owner: str, name: str, file: str, *inputs: str) -> str:
    """Return a texture of a material, which reads the coordinates "st"."""
    return prim(
        "Shader",
        name,
        'uniform token info:id = "UsdUVTexture"',
        f"asset inputs:file = @{file}@",
        f"float2 inputs:st.connect = </{owner}/st.outputs:result>",
        *inputs,
        "float3 outputs:rgb",
        *(f"float outputs:{channel}" for channel in "rgba"),
    )


def coordinates() -> str:
    """Return what reads the coordinates "st"."""
    return prim(
        "Shader",
        "st",
        'uniform token info:id = "UsdPrimvarReader_float2"',
        'string inputs:varname = "st"',
        "float2 outputs:result",
    )


def bound(path: str) -> str:
    """Return that a mesh has a material."""
    return f"rel material:binding = <{path}>"


def package(files: Mapping[str, bytes]) -> bytes:
    """Return a package, whose files begin at multiples of 64 bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            # What fills the space has a header of four bytes.
            space = -(made.tell() + 30 + len(name.encode()) + 4) % 64
            entry.extra = b"\x86\x19" + space.to_bytes(2, "little") + bytes(space)
            archive.writestr(entry, data)
    return made.getvalue()


def binary(layer: bytes) -> bytes:
    """Return a layer of text as a binary one; this needs the library that reads USD."""
    from pxr import Sdf

    made = Sdf.Layer.CreateAnonymous(".usda")
    made.ImportFromString(layer.decode())
    with tempfile.TemporaryDirectory() as folder:
        made.Export(f"{folder}/a.usdc")
        return Path(folder, "a.usdc").read_bytes()
