"""Limits that a process puts on itself before it reads an untrusted file."""

import os
import resource
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def leave_network() -> None:
    """Give up network access where the system allows it, which Linux usually does."""
    if sys.platform == "linux":
        import ctypes

        # In a user namespace, root could not read other users' files; and root does not need one.
        flags = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
        ctypes.CDLL(None, use_errno=True).unshare(flags)


def limit(*, memory: int, seconds: int, file_bytes: int = 0) -> None:
    """Limit the memory and time of this process, and the files it writes: by default none."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds * 2),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, highest = resource.getrlimit(kind)
        if highest != resource.RLIM_INFINITY:
            most = min(most, highest)
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            # macOS does not limit the address space.
            continue
    # If the whole machine runs out of memory, this process is killed first.
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("800")
    except OSError:
        return
