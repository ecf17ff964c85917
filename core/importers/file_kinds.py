"""What the files are that an import passes over, and how to have what is in them."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.catalogue import PassedOver
from core.importers.relative_paths import is_hidden
from core.importers.text import one_line, storable
from core.pictures import UnsupportedFormat
from core.pictures.decoding import format_of
from core.rendering.extras import (
    STEP_PACKAGE,
    USD_PACKAGE,
    blender,
    installing,
    reads_step,
    reads_usd,
)

# The bytes at the beginning of a file by which its kind is told.
FIRST_BYTES = 64
# Names of files that are listed as examples of each kind.
MAX_NAMES = 3


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: what one is called, as in "FBX file", and how to have it, or ""."""

    name: str
    advice: str = ""


_TAKE_BOTH = "take “both” to have these as well"
PICTURE = FileKind("picture", _TAKE_BOTH)
RENDER = FileKind(
    "likely render",
    "take “both” to show each as the picture of the 3D file of its name",
)
MODEL = FileKind("3D file", _TAKE_BOTH)
# What `take` chooses from.
CHOSEN = (PICTURE, RENDER, MODEL)
TABLE = FileKind("table", "import it by itself to have what it lists")
ARCHIVE = FileKind("archive", "import it by itself")
LIBRARY = FileKind("furniture library", "import it by itself")
MATERIAL = FileKind("unused material file")
HIDDEN = FileKind("hidden file")

_BLENDER = FileKind(
    "Blender file",
    "install Blender, so that the command blender is found, or export as GLB from it",
)
_CAD = "export as GLB or STL from a CAD program, for example FreeCAD"
_STEP = FileKind("STEP file", f"run “{installing(STEP_PACKAGE)}”, or {_CAD}")
_USD = FileKind(
    "USD file", f"run “{installing(USD_PACKAGE)}”, or export as GLB, for example from Blender"
)
_PHOTOSHOP = FileKind("Photoshop file", "save as PNG")
_EXR = FileKind("OpenEXR picture", "save as PNG")
_HDR = FileKind("HDR picture", "save as PNG")
_PDF = FileKind("PDF")
_VIDEO, _SOUND = FileKind("video"), FileKind("sound")

_BY_SUFFIX: Mapping[str, FileKind] = {
    suffix: kind
    for kind, suffixes in (
        (PICTURE, "jpg jpeg jpe jfif png webp avif heic heif gif bmp tif tiff jxl"),
        (MODEL, "glb gltf obj stl ply dae fbx 3mf"),
        (TABLE, "csv tsv psv json jsonl ndjson xlsx xls ods parquet"),
        (ARCHIVE, "zip tar gz tgz bz2 tbz2 xz txz zst 7z rar"),
        (LIBRARY, "sh3f"),
        (MATERIAL, "mtl bin"),
        (MODEL if blender() else _BLENDER, "blend"),
        (FileKind("Blender backup", "end its name in .blend"), "blend1 blend2"),
        (MODEL if reads_step() else _STEP, "step stp"),
        (MODEL if reads_usd() else _USD, "usd usda usdc usdz"),
        (FileKind("3DS file", "export as GLB, for example from Blender"), "3ds"),
        (FileKind("3ds Max file", "export as GLB from 3ds Max"), "max"),
        (FileKind("Maya file", "export as GLB or FBX from Maya"), "ma mb"),
        (FileKind("Cinema 4D file", "export as GLB from Cinema 4D"), "c4d"),
        (FileKind("SketchUp file", "export as GLB from SketchUp"), "skp"),
        (FileKind("IGES file", _CAD), "iges igs"),
        (_PHOTOSHOP, "psd"),
        (_EXR, "exr"),
        (_HDR, "hdr"),
        (FileKind("SVG drawing", "save as PNG"), "svg"),
        (FileKind("TGA picture", "save as PNG"), "tga"),
        (_PDF, "pdf"),
        (FileKind("text"), "txt md rtf doc docx html htm url"),
        (_VIDEO, "mp4 mov avi mkv webm"),
        (_SOUND, "mp3 wav ogg flac"),
    )
    for suffix in suffixes.split()
}

# Kinds that are told by how their files begin, whatever their names.
_BY_BYTES: tuple[tuple[bytes, FileKind], ...] = (
    (rb"BLENDER", FileKind("Blender file", "end its name in .blend") if blender() else _BLENDER),
    (rb"ISO-10303-21", FileKind("STEP file", "end its name in .step") if reads_step() else _STEP),
    (rb"PXR-USDC|#usda ", FileKind("USD file", "end its name in .usd") if reads_usd() else _USD),
    (rb"....ftyp", _VIDEO),
    (rb"\x1aE\xdf\xa3|RIFF....AVI ", _VIDEO),
    (rb"RIFF....WAVE|ID3|OggS|fLaC", _SOUND),
    (rb"8BPS", _PHOTOSHOP),
    (rb"\x76\x2f\x31\x01", _EXR),
    (rb"#\?RADIANCE", _HDR),
    (rb"%PDF-", _PDF),
    (rb"PK\x03\x04|Rar!|7z\xbc\xaf\x27\x1c", ARCHIVE),
)

# How those 3D files begin whose bytes alone would tell another kind, by their suffix.
_BEGINNINGS: Mapping[str, bytes | tuple[bytes, ...]] = {
    **dict.fromkeys(["3mf", "usdz"], b"PK\3\4"),
    **dict.fromkeys(["usd", "usda", "usdc"], (b"PXR-USDC", b"#usda ")),
    **dict.fromkeys(["step", "stp"], b"ISO-10303-21"),
    # Compressed ones too.
    "blend": (b"BLENDER", b"\x28\xb5\x2f\xfd", b"\x1f\x8b"),
}


def is_picture(first: bytes) -> bool:
    """Say whether a file that begins so is a picture that can be read, whatever its name."""
    try:
        format_of(first)
    except UnsupportedFormat:
        return False
    return True


def is_model(first: bytes) -> bool:
    """Say whether a file that begins so is a 3D file, whatever its name, as far as bytes tell."""
    return first.startswith((b"glTF", b"ply\n", b"ply\r", b"Kaydara FBX", b"; FBX "))


def kind_of(path: str, first: bytes = b"") -> FileKind:
    """Return the kind of a file: what can be read by its first bytes, and the rest by its name.

    Bytes also tell what has a name that says nothing, or that of a picture that it is not.
    """
    pure = PurePosixPath(path)
    if is_hidden(pure.parts) or pure.name.lower() in ("thumbs.db", "desktop.ini"):
        return HIDDEN
    suffix = pure.suffix.lower().removeprefix(".")
    named = _BY_SUFFIX.get(suffix)
    if is_picture(first):
        return PICTURE
    if is_model(first) or (suffix in _BEGINNINGS and first.startswith(_BEGINNINGS[suffix])):
        return named if named in (_STEP, _USD, _BLENDER) else MODEL
    if named is None or named in (PICTURE, MODEL):
        for pattern, kind in _BY_BYTES:
            if re.match(pattern, first, re.DOTALL):
                return kind
    ending = one_line(storable(suffix[:20]))
    return named or FileKind(f".{ending} file" if ending else "other file")


def passed_over(files: Mapping[str, FileKind]) -> tuple[PassedOver, ...]:
    """Return the files that are passed over, by kind, the most frequent first."""
    paths: dict[FileKind, list[str]] = defaultdict(list)
    for path, kind in files.items():
        paths[kind].append(path)
    found = [
        PassedOver(kind.name, kind.advice, len(named), _names(named))
        for kind, named in paths.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.count, each.kind)))


def _names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the first of some paths, as people read them."""
    return tuple(one_line(storable(path)) for path in sorted(paths)[:MAX_NAMES])
