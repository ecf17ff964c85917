"""Reads Blender files through Blender, where it is installed, which exports them as binary glTF.

It runs in the process of the file and within the limits of that, without the network, without the
user's settings, and without the scripts in the file. What it read outside the folder that is
imported, which a file may name, is removed before the export.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from core.rendering import extras
from core.rendering.files import Files, UnusableFileError
from core.rendering.gltf.document import Document

_SCRIPT = Path(__file__).with_name("blender_script.py")
# What it writes into the folder that it gets: the model, and which files it used.
MODEL, USED = "model.glb", "used.json"
_PR_SET_PDEATHSIG = 1


def is_blend(data: bytes, suffix: str) -> bool:
    """Say whether a file is one of Blender, whose compressed ones only their names tell."""
    is_compressed = data.startswith((b"\x28\xb5\x2f\xfd", b"\x1f\x8b"))
    return data.startswith(b"BLENDER") or (is_compressed and suffix in extras.BLENDER_SUFFIXES)


def read(path: str, files: Files, scratch: str) -> Document:
    """Return a file as glTF.

    Args:
        path: its real path.
        files: reads files, and notes which are used.
        scratch: an empty folder, which the caller removes.

    Raises:
        UnusableFileError: it cannot be read, or there is no Blender.
    """
    program = extras.blender()
    if program is None or not scratch:
        raise UnusableFileError(
            "Blender files need Blender. Install it, so that the command blender is found, and "
            "import again; or export the file as GLB from Blender."
        )
    # Python's own variables are for another Python than that of Blender.
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment |= dict.fromkeys(("HOME", "TMPDIR", "BLENDER_USER_RESOURCES"), scratch)
    command = [program, "--background", "--factory-startup", "--disable-autoexec", path]
    command += ["--python-exit-code", "1", "--python", str(_SCRIPT), "--"]
    subprocess.run(
        [*command, scratch, files.root],
        env=environment,
        cwd=scratch,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        # It ends with this process, which may be ended from outside.
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )
    try:
        used = json.loads(Path(scratch, USED).read_bytes())
        binary = b"" if used.get("lacks_numpy") else Path(scratch, MODEL).read_bytes()
    except (OSError, ValueError) as error:
        raise UnusableFileError(
            "Blender cannot export the file: it is damaged, too large, or of a newer Blender. "
            "Open it in Blender and export it as GLB."
        ) from error
    if used.get("lacks_numpy"):
        raise UnusableFileError(
            "Blender's exporter needs NumPy, which some systems install apart from Blender, as the "
            "package python3-numpy. Install it, then import again."
        )
    for name in used["files"]:
        # What the other process says is not trusted.
        real = os.path.realpath(name)
        if Path(real).is_relative_to(files.root):
            with suppress(OSError):
                files.open(real)
    for name in used["missing"]:
        files.note_unreadable(str(name))
        with suppress(FileNotFoundError):
            files.find(str(name))
    return Document.parse("glb", binary, files)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
