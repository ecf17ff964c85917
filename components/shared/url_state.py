"""The state of a page in its URL: read with checks, and changed in one step of the history."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

# Some proxies cut URLs that are much longer than this.
_MAX_LENGTH = 400


def text(name: str, *, max_length: int = _MAX_LENGTH) -> str:
    """Return the first `max_length` characters of the parameter `name`, or an empty string."""
    return str(st.query_params.get(name, ""))[:max_length]


def choice(
    name: str,
    options: Sequence[str] | Mapping[str, str],
    default: str,
    *,
    renamed: Mapping[str, str] | None = None,
) -> str:
    """Return the parameter `name` if it is one of `options`; otherwise warn and use `default`.

    A mapping has the names of the options that people see, by which the warning calls them.
    `renamed` maps values of earlier versions to the present ones: old links keep working.
    """
    given = text(name)
    given = (renamed or {}).get(given, given)
    if not given or given in options:
        return given or default
    shown = options[default] if isinstance(options, Mapping) and default else default
    warn_invalid(name, given, f"“{shown}”" if shown else "")
    return default


def number(name: str, default: int, *, minimum: int, maximum: int) -> int:
    """Return the parameter `name` if it is a whole number from `minimum` to `maximum`.

    Otherwise warn and use `default`.
    """
    given = text(name)
    if not given:
        return default
    if given.isascii() and given.isdecimal() and minimum <= int(given) <= maximum:
        return int(given)
    warn_invalid(name, given, str(default))
    return default


def change(**parameters: str | int | None) -> None:
    """Change parameters of the URL in one step of the browser's history.

    None and the empty string remove a parameter. Only in callbacks: a change while the page
    runs would add a step to the history that Back cannot leave.
    """
    changed = _changed(parameters)
    if changed != st.query_params.to_dict():
        st.query_params.from_dict(changed)


def link(**parameters: str | int | None) -> str:
    """Return the URL, relative to this page, that `change` would lead to."""
    return f"?{urlencode(_changed(parameters))}"


def _changed(parameters: Mapping[str, str | int | None]) -> dict[str, str]:
    """Return the parameters of the URL with some of them changed; see `change`."""
    changed: dict[str, str] = dict(st.query_params.to_dict())
    for name, value in parameters.items():
        changed.pop(name, None)
        if value not in (None, ""):
            changed[name] = str(value)
    return changed


def warn_invalid(name: str, given: str, instead: str) -> None:
    """Warn that the URL asks for something that cannot be shown, and say what is shown instead."""
    shown = given if len(given) <= 40 else given[:40] + "…"
    st.warning(
        f"The URL asks for “{escape_markdown(name)}={escape_markdown(shown)}”, which is not "
        f"available here. Showing {escape_markdown(instead) or 'everything'} instead.",
        icon=":material/link_off:",
    )


def escape_markdown(words: str) -> str:
    """Return `words` so that Streamlit's Markdown shows them as they are."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in " ".join(words.split()))


_SIGNS = frozenset("\\`*_{}[]()<>#+-.!|~$:&")
