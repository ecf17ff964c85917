"""The program that renders: it forks a process for each file, and ends with its parent.

It has NumPy, Pillow and Embree loaded, so that the process for a file costs a fork, 10 ms, rather
than the second that loading them takes. It sends and receives bytes and JSON.

    parent --(start number + a socket | kill number)--> this --fork--> one process per file
    parent <-- the request, and then the answer, over that socket --> the process of the file
"""

import contextlib
import gc
import importlib.util
import json
import os
import select
import signal
import socket
import struct
import sys
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from core.rendering.extras import BLENDER_SUFFIXES, MAX_RESULT_BYTES, STEP_SUFFIXES
from core.sandbox.limits import leave_network, limit
from core.viewpoints import Axis

# A command of the parent: one letter and the number of a file.
COMMAND = struct.Struct(">cQ")
START, KILL = b"s", b"k"
# The byte that ends the header of an answer.
END = b"\n"

# Of a picture: a larger one is not decoded.
MAX_PIXELS = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to render, and within which limits.

    Attributes:
        path: the path of the 3D file.
        root: the folder that it may read files from.
        views: azimuth and elevation in degrees, by the name of the picture.
        up: which axis of the file points up, "y" or "z"; None to detect it.
        up_gives_way: whether `up` does not hold where the format says it.
        size: the side of the pictures in pixels.
        max_model_bytes: a larger binary glTF is left out.
        scratch: a folder for a program that converts the file; empty if it needs none.
        memory: the limit of address space, in bytes.
        seconds: the limit of time.
    """

    path: str
    root: str
    views: Mapping[str, tuple[float, float]]
    up: Axis | None
    up_gives_way: bool
    size: int
    max_model_bytes: int
    scratch: str
    memory: int
    seconds: int

    def encode(self) -> bytes:
        """Return the request as one line of JSON."""
        # File names need not be valid text: invalid bytes are passed on as surrogate escapes.
        return json.dumps(asdict(self)).encode("ascii") + END


def main() -> None:
    """Serve the socket whose file descriptor is the only argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    leave_network()
    try:
        _load()
    except ImportError as error:
        control.sendall(str(error).encode() + END)
        return
    control.sendall(END)
    # Loaded modules stay in memory pages that all forks share.
    gc.collect()
    gc.freeze()
    _serve(control)


def _load() -> None:
    """Import everything that rendering a file needs, once."""
    for name in (
        "core.pictures.encoding",
        "core.rendering.mesh_reader",
        "core.rendering.raytracer",
        "embreex.rtcore_scene",
        "meshopt",
    ):
        importlib.import_module(name)
    importlib.import_module("embreex.mesh_construction")
    if importlib.util.find_spec("DracoPy"):
        importlib.import_module("DracoPy")
    from PIL import Image

    from core.rendering import assimp
    from core.rendering.files import UnusableFileError

    # Without it, files that need it say so.
    with contextlib.suppress(UnusableFileError):
        assimp.library()
    Image.init()
    # Of this process only: the app says how large a picture is that it does not decode.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _serve(control: socket.socket) -> None:
    """Start and kill processes on command, until the parent closes the socket."""
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            _reap(running)
        if control not in ready:
            continue
        try:
            command, files, _, _ = socket.recv_fds(control, COMMAND.size, 1)
        except ConnectionError:
            command, files = b"", []
        if len(command) < COMMAND.size:
            break
        letter, number = COMMAND.unpack(command)
        if letter == START and files:
            if not (pid := os.fork()):
                for end in (control, woken, waker):
                    end.close()
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _render(socket.socket(fileno=files[0]))
            running[number] = pid
        elif letter == KILL and number in running:
            os.kill(running[number], signal.SIGKILL)
        for file in files:
            os.close(file)
    for pid in running.values():
        os.kill(pid, signal.SIGKILL)
    for pid in running.values():
        os.waitpid(pid, 0)


def _reap(running: dict[int, int]) -> None:
    """Remove the processes that have ended; only here, so that no pid is reused meanwhile."""
    for number, pid in list(running.items()):
        if os.waitpid(pid, os.WNOHANG)[0]:
            del running[number]


def _render(channel: socket.socket) -> NoReturn:
    """Answer one request and exit. Runs in the process of one file."""
    try:
        with channel.makefile("rb") as lines:
            request = Request(**json.loads(lines.readline()))
        # What reads these hands over its result in a file.
        is_converted = request.path.lower().endswith((*STEP_SUFFIXES, *BLENDER_SUFFIXES))
        limit(
            memory=request.memory,
            seconds=request.seconds,
            file_bytes=MAX_RESULT_BYTES if is_converted else 0,
        )
        header, parts = _answer(request)
        channel.sendall(json.dumps(header).encode("ascii") + END)
        for part in parts:
            channel.sendall(part)
    finally:
        os._exit(0)


def _answer(request: Request) -> tuple[dict[str, Any], list[bytes]]:
    """Return the answer: a header, and the parts whose lengths it lists."""
    from core.rendering.files import Files, UnusableFileError

    folder, name = os.path.split(os.path.realpath(request.path))
    files = Files(os.path.realpath(request.root), folder, os.path.splitext(name)[0])
    try:
        parts, facts = _pictures(request, files)
    except UnusableFileError as error:
        return {"error": str(error), "files": files.read}, []
    except MemoryError:
        error_text = f"Rendering it takes more than {request.memory / 1e9:g} GB of memory."
        return {"error": f"{error_text} Simplify it in a 3D program.", "files": files.read}, []
    except Exception:
        # Deliberately every exception: this process has no other way to report a damaged file.
        text = "The file is damaged and cannot be rendered. Export it again, or in another format."
        return {"error": text, "files": files.read}, []
    lengths = [[name, len(data)] for name, data in parts.items()]
    header = {"files": files.read, "unreadable": files.unreadable, **facts}
    return {"parts": lengths} | header, list(parts.values())


def _pictures(request: Request, files: Any) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the pictures as PNG and the model as binary glTF, by name, and facts about them."""
    from core.pictures import encoding
    from core.rendering import mesh_reader
    from core.rendering.files import UnusableFileError
    from core.rendering.raytracer import Scene, View

    model = mesh_reader.read(
        request.path,
        files,
        up=request.up,
        up_gives_way=request.up_gives_way,
        max_bytes=request.max_model_bytes,
        scratch=request.scratch,
    )
    scene = Scene(model.mesh)
    parts = {}
    for name, (azimuth, elevation) in request.views.items():
        view = View(azimuth=azimuth, elevation=elevation)
        picture = scene.picture(view, size=request.size)
        if picture is not None:
            parts[name] = encoding.png(picture)
        elif not parts:
            raise UnusableFileError(
                "Nothing of it is visible: its surfaces are transparent, or as thin as a line."
            )
    if model.binary is not None:
        parts["model"] = model.binary
    return parts, {
        "up": model.up,
        "detected_up": model.detected_up,
        "up_basis": model.up_basis,
        "remark": model.remark,
    }


if __name__ == "__main__":
    main()
