"""The program that renders: forks a process for each file, and ends with whoever started it.

It has NumPy, trimesh and Embree loaded, so that a process for a file costs a fork, 10 ms, and not
the second that loading them takes. What comes in and goes out is bytes and JSON.

    parent --(start number + a socket | kill number)--> this --fork--> one process a file
    parent <-- the request, and then the answer, over that socket --> the process of the file
"""

import gc
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

# What the parent says: one letter and the number of a file.
ORDER = struct.Struct(">cQ")
START, KILL = b"s", b"k"
# Where the answer's header ends.
END = b"\n"

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be rendered, and within which limits."""

    path: str
    root: str
    views: Mapping[str, tuple[float, float]]
    up: str | None
    size: int
    most_model_bytes: int
    memory: int
    seconds: int

    def encode(self) -> bytes:
        """Return it as a line."""
        # Names of files need not be text: their bytes go through as halves of surrogate pairs.
        return json.dumps(asdict(self)).encode("ascii") + END


def main() -> None:
    """Serve the socket whose number is the only argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _leave_network()
    try:
        _load()
    except ImportError as error:
        control.sendall(str(error).encode() + END)
        return
    control.sendall(END)
    # What is loaded stays in the pages that all the forks share.
    gc.collect()
    gc.freeze()
    _serve(control)


def _load() -> None:
    """Load all that a file needs, once."""
    for name in ("core.rendering.mesh_reader", "core.rendering.raytracer", "embreex.rtcore_scene"):
        importlib.import_module(name)
    importlib.import_module("embreex.mesh_construction")
    if importlib.util.find_spec("DracoPy"):
        importlib.import_module("DracoPy")
    from PIL import Image

    Image.init()


def _leave_network() -> None:
    """Give up the network where the system lets a process do so: Linux does, as a rule."""
    if sys.platform == "linux":
        import ctypes

        # Root would lose its right to read others' files in a user namespace, and needs none.
        flags = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
        ctypes.CDLL(None, use_errno=True).unshare(flags)


def _serve(control: socket.socket) -> None:
    """Start and kill processes as told, until the parent is gone."""
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
            order, files, _, _ = socket.recv_fds(control, ORDER.size, 1)
        except ConnectionError:
            order, files = b"", []
        if len(order) < ORDER.size:
            break
        what, number = ORDER.unpack(order)
        if what == START and files:
            if not (pid := os.fork()):
                for end in (control, woken, waker):
                    end.close()
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _render(socket.socket(fileno=files[0]))
            running[number] = pid
        elif what == KILL and number in running:
            os.kill(running[number], signal.SIGKILL)
        for file in files:
            os.close(file)
    for pid in running.values():
        os.kill(pid, signal.SIGKILL)
    for pid in running.values():
        os.waitpid(pid, 0)


def _reap(running: dict[int, int]) -> None:
    """Forget the processes that have ended. Only here, so that no number names a new one."""
    for number, pid in list(running.items()):
        if os.waitpid(pid, os.WNOHANG)[0]:
            del running[number]


def _render(channel: socket.socket) -> NoReturn:
    """Answer one request, and end. Runs in the process of one file."""
    try:
        with channel.makefile("rb") as lines:
            request = Request(**json.loads(lines.readline()))
        _limit(request)
        header, parts = _answer(request)
        channel.sendall(json.dumps(header).encode("ascii") + END)
        for part in parts:
            channel.sendall(part)
    finally:
        os._exit(0)


def _limit(request: Request) -> None:
    """Bound what this process may take, and what it may leave."""
    for what, most in (
        (resource.RLIMIT_AS, request.memory),
        (resource.RLIMIT_CPU, request.seconds * 2),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, highest = resource.getrlimit(what)
        if highest != resource.RLIM_INFINITY:
            most = min(most, highest)
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            # macOS knows no limit of addresses.
            continue
    # Where memory is short for the whole machine, this goes before what a person works with.
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("800")
    except OSError:
        return


def _answer(request: Request) -> tuple[dict[str, Any], list[bytes]]:
    """Return what is sent back: a header, and the bytes that it gives the lengths of."""
    from core.rendering.files import Files, UnusableFileError

    files = Files(os.path.realpath(request.root), os.path.dirname(os.path.realpath(request.path)))
    try:
        parts, remark = _pictures(request, files)
    except UnusableFileError as error:
        return {"error": str(error), "files": files.read}, []
    except MemoryError:
        error_text = f"It takes more than {request.memory / 1e9:g} GB of memory to show."
        return {"error": f"{error_text} Simplify it in a 3D program.", "files": files.read}, []
    except Exception:
        # Deliberately all: this process has no other way to say that a file is broken.
        text = "The file is damaged: it cannot be shown. Export it again, or in another format."
        return {"error": text, "files": files.read}, []
    lengths = [[name, len(data)] for name, data in parts.items()]
    return {"parts": lengths, "files": files.read, "remark": remark}, list(parts.values())


def _pictures(request: Request, files: Any) -> tuple[dict[str, bytes], str]:
    """Return all the pictures as PNG, and the model as binary glTF, by their names."""

    from core.pictures import encoding
    from core.rendering import mesh_reader
    from core.rendering.files import UnusableFileError
    from core.rendering.raytracer import Scene, View

    model = mesh_reader.read(
        request.path, files, up=request.up, most_bytes=request.most_model_bytes
    )
    scene = Scene(model.solid)
    parts = {}
    for name, (azimuth, elevation) in request.views.items():
        view = View(azimuth=azimuth, elevation=elevation)
        picture = scene.picture(view, size=request.size)
        if picture is not None:
            parts[name] = encoding.png(picture)
        elif not parts:
            raise UnusableFileError(
                "Nothing of it can be seen: its surfaces are transparent or thin as a line."
            )
    if model.binary is not None:
        parts["model"] = model.binary
    return parts, model.remark


if __name__ == "__main__":
    main()
