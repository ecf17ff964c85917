"""The name of the processor, under which what was measured on it is stored."""

import hashlib
import platform
from pathlib import Path


def processor() -> str:
    """Return the processor's name and, where known, a digest of its instruction sets.

    Processors with the same text can be treated as the same model; the text does not change from
    one start to the next.
    """
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0]
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    facts = {
        key.strip(): value.strip()
        for key, _, value in (line.partition(":") for line in first.splitlines())
    }
    # Intel and AMD say "flags", Arm says "Features" and has no name.
    features = facts.get("flags") or facts.get("Features", "")
    digest = hashlib.sha256(features.encode()).hexdigest()[:12]
    return f"{facts.get('model name', platform.machine())}, features {digest}"
