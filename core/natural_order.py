"""The order in which people expect names with numbers."""

import re


def natural_key(path: str) -> tuple[object, ...]:
    """Return a key that sorts names and paths as a person would: `chair 2` before `chair 10`."""
    parts = [re.split("([0-9]+)", part.casefold()) for part in path.split("/")]
    return [[_number(p) if i % 2 else p for i, p in enumerate(part)] for part in parts], path


def _number(digits: str) -> tuple[int, str]:
    """Return a key that sorts numbers of any length, which `int` would not read."""
    digits = digits.lstrip("0")
    return len(digits), digits
