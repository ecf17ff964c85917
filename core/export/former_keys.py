"""Keys of JSON output under the names that earlier versions gave them."""

from collections.abc import Mapping
from typing import Any

# Scripts read the JSON of the command line and of exported results. A key that was renamed is
# printed under both names, so that they keep working: the current name, and the former one.
FORMER_KEYS: Mapping[str, str] = {
    "missing": "gone",
    "negative": "unlike",
    "preview": "plan",
    "region": "part",
    "revision": "generation",
    "source": "origin",  # of a failure
    "viewpoint": "side",
    "viewpoints": "sides",
}


def with_former_keys(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return `result` with each renamed key under its former name as well."""
    former = {FORMER_KEYS[key]: value for key, value in result.items() if key in FORMER_KEYS}
    return {**result, **former}
