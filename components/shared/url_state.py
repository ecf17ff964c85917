"""The page's address: everything that matters is in it, and nothing in it is trusted."""

from collections.abc import Sequence

import streamlit as st

# An address longer than some proxies take is of no use to anyone.
_MAX_LENGTH = 400


def text(name: str, *, longest: int = _MAX_LENGTH) -> str:
    """Return the first `longest` characters of the parameter `name`, or an empty string."""
    return str(st.query_params.get(name, ""))[:longest]


def choice(name: str, options: Sequence[str], default: str) -> str:
    """Return the parameter `name` if it is one of `options`; say so if it is something else."""
    given = text(name)
    if not given or given in options:
        return given or default
    warn_invalid(name, given, default)
    return default


def number(name: str, default: int, *, least: int, most: int) -> int:
    """Return the parameter `name` as a whole number within bounds; say so if it is none."""
    given = text(name)
    if not given:
        return default
    if given.isascii() and given.isdecimal() and least <= int(given) <= most:
        return int(given)
    warn_invalid(name, given, str(default))
    return default


def change(**parameters: str | int | None) -> None:
    """Change parameters of the address in one step of the browser's history.

    None and the empty string take a parameter out. Only in callbacks: a change
    while the page runs would put a step into the history that Back cannot leave.
    """
    after: dict[str, str] = dict(st.query_params.to_dict())
    for name, value in parameters.items():
        after.pop(name, None)
        if value not in (None, ""):
            after[name] = str(value)
    if after != st.query_params.to_dict():
        st.query_params.from_dict(after)


def warn_invalid(name: str, given: str, instead: str) -> None:
    """Say that the address asks for what cannot be shown, and what is shown instead."""
    shown = given if len(given) <= 40 else given[:40] + "…"
    st.warning(
        f"The address says “{escape_markdown(name)}={escape_markdown(shown)}”, which this page cannot show; "
        f"it shows {instead or 'everything'} instead.",
        icon=":material/link_off:",
    )


def escape_markdown(words: str) -> str:
    """Return `words` so that Streamlit's Markdown shows them as they are."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in " ".join(words.split()))


_SIGNS = frozenset("\\`*_{}[]()<>#+-.!|~$:&")
