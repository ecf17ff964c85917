"""Registers the components of this project with Streamlit, and joins their files.

Streamlit takes the JavaScript of a component as one text, or as the files of a "packaged
component". Here the modules are joined into one text, for three reasons. A packaged component is
found only in an installed package, and Lookalike runs from its folder. Its files are served as
publicly cacheable under URLs without a version, so that after an update modules of two versions
could meet. And the map that is exported as one HTML file has nothing to import from, so that its
modules must be joined anyway.

Each module becomes a function that returns what it exports. It has a scope of its own, as a
module has, so that names cannot clash. Joining takes a few milliseconds, when a component is
registered. Named imports by relative path and exports of declarations are all that this project
needs; any other form is refused. Comments that fill their lines are left out, because Streamlit
sends the text with every change of the data. They are found line by line: text in backquotes must
not span lines, which eslint enforces.

Style sheets that several components need are joined in the same way, each in place of the `@import`
that names it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_IMPORT = re.compile(r'^import \{([^}]+)\} from "(\.\.?/[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?=(?:const|class|(?:async )?function\*?) (\w+)\b(?! *,))", re.MULTILINE
)
_DEFAULT = re.compile(r"^export default (?!function\b|async\b|class\b)", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import "(\.\.?/[^"]+)";$', re.MULTILINE)
_COMMENT = re.compile(r"^ *(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_REFUSED = re.compile(r"^(?:import|export)\b.*|\bimport\.meta\b.*", re.MULTILINE)


class ModuleError(Exception):
    """JavaScript modules that cannot be joined."""


@dataclass(frozen=True, slots=True)
class _Module:
    variable: str
    exports: frozenset[str]
    text: str


def register(module: str) -> "ComponentRenderer":
    """Register the component of the package whose `__file__` is `module`; return what mounts it.

    The package's folder `name` holds `name.html`, `name.css` and `name.js`. Call it once, when the
    module is imported.
    """
    folder = Path(module).parent
    name = folder.name
    files = folder / name
    return st.components.v2.component(
        f"lookalike_{name}",
        html=files.with_suffix(".html").read_text("utf-8"),
        css=style_sheet(files.with_suffix(".css")),
        js=joined(files.with_suffix(".js")),
    )


def style_sheet(path: Path) -> str:
    """Return a style sheet with those that it imports by relative paths in place of the imports."""
    return _STYLE_IMPORT.sub(
        lambda found: style_sheet(path.parent / found[1]), path.read_text("utf-8")
    )


def joined(entry: Path) -> str:
    """Return a module and all that it imports as one text with the same default export.

    Raises:
        ModuleError: if a module is missing or does not export what is imported from it, if
            modules import each other in a circle, or if one uses another form of `import` or
            `export`.
    """
    modules: dict[Path, _Module] = {}
    main = _add(entry.resolve(), modules, ())
    texts = [module.text for module in modules.values()]
    if "default" in main.exports:
        texts.append(f"export default {main.variable}.default;\n")
    return "\n".join(texts)


def _add(path: Path, modules: dict[Path, _Module], importers: tuple[Path, ...]) -> _Module:
    """Add a module to `modules`, after those that it imports."""
    if path in modules:
        return modules[path]
    chain = (*importers, path)
    if path in importers:
        raise ModuleError(f"Modules import each other: {' -> '.join(each.name for each in chain)}")
    try:
        text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModuleError(f"There is no module {path}") from None

    def destructured(found: re.Match[str]) -> str:
        names = [name.strip() for name in found[1].split(",") if name.strip()]
        source = _add((path.parent / found[2]).resolve(), modules, chain)
        for name in names:
            if name not in source.exports - {"default"}:
                raise ModuleError(f"{path.name}: {found[2]} does not export '{name}'")
        return f"const {{ {', '.join(names)} }} = {source.variable};"

    exports = _EXPORT.findall(text)
    text, defaults = _DEFAULT.subn("const $default = ", text)
    text = _EXPORT.sub("", _IMPORT.sub(destructured, text))
    refused = _REFUSED.search(text)
    if refused:
        raise ModuleError(f"{path.name}: this form cannot be joined: {refused[0]}")

    variable = f"${path.stem}_{len(modules)}"
    returned = ", ".join(exports + ["default: $default"] * defaults)
    text = f"const {variable} = (() => {{\n{text}\nreturn {{ {returned} }};\n}})();\n"
    modules[path] = _Module(
        variable, frozenset(exports + ["default"] * defaults), f"// {path.name}\n{text}"
    )
    return modules[path]
