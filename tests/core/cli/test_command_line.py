"""The command line as scripts use it: what it prints, where, and its exit status."""

import csv
import json
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core import settings
from tests import command_line
from tests.conftest import MakePicture

pytestmark = pytest.mark.slow


COUNT = 6


@dataclass(frozen=True)
class CommandLine:
    """Runs commands on a temporary data folder, in which `shapes` is imported and indexed."""

    root: Path

    @contextmanager
    def data(self) -> Iterator[None]:
        """Let commands find this data."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOOKALIKE_DATA", str(self.root / "data"))
            yield

    def run(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        with self.data():
            return command_line.run(*arguments)

    def run_process(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        with self.data():
            return command_line.run_process(*arguments)

    def json(self, *arguments: str | Path) -> Any:
        """Return the JSON that a command prints, which must succeed."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, picture: MakePicture) -> Iterator[CommandLine]:
    root = tmp_path_factory.mktemp("command-line")
    for number in range(COUNT):
        path = root / "pictures" / ("even" if number % 2 == 0 else "odd") / f"shape_{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number))
    (root / "pictures" / "broken.png").write_bytes(b"not a picture")
    shell = CommandLine(root)
    with shell.data():
        thumbnails = settings.thumbnails_root()
    done = shell.run_process(
        *("import", root / "pictures", "--into", "shapes", "--title", "Shapes", "--index", "--json")
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["name"] == "shapes"
    assert made["imported"] == outcome(added=COUNT, failed=1)
    assert made["indexed"] == {
        "embedded": COUNT,
        "failed": 0,
        "fitted": True,
        "mapped": True,
        "placed": 0,
        "replaced": 0,
    }
    yield shell
    shutil.rmtree(thumbnails, ignore_errors=True)


@pytest.fixture(scope="module")
def ids(shell: CommandLine) -> dict[str, str]:
    """Return the ids of the models by name, read from an export."""
    shell.json("export", "shapes", "--to", shell.root / "ids")
    with (shell.root / "ids" / "items.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["id"] for row in csv.DictReader(file)}


def counts(**some: int) -> dict[str, int]:
    """Return the counts of an import; those not given are 0, `gone` is the former `missing`."""
    names = ("added", "changed", "unchanged", "failed", "missing", "gone", "parts", "passed_over")
    return dict.fromkeys(names, 0) | some


def outcome(**some: int) -> dict[str, Any]:
    """Return what is told of an import in which nothing is passed over or missing."""
    return counts(**some) | {"passed_over_kinds": [], "remarks": []}


NEIGHBOUR_KEYS = {"id", "name", "score", "z_score", "rank", "mirrored", "viewpoint"}
# What earlier versions called keys of a neighbour.
FORMER_NEIGHBOUR_KEYS = {"side"}


def expect_neighbours(neighbours: list[dict[str, Any]], count: int, *also: str) -> None:
    keys = NEIGHBOUR_KEYS | FORMER_NEIGHBOUR_KEYS | {*also}
    assert len(neighbours) == count
    assert all(each.keys() == keys for each in neighbours)
    assert [each["rank"] for each in neighbours] == list(range(1, count + 1))
    assert all(better["score"] >= worse["score"] for better, worse in pairwise(neighbours))
    assert all(better["z_score"] >= worse["z_score"] for better, worse in pairwise(neighbours))
    assert all(each["side"] == each["viewpoint"] for each in neighbours)


# -- catalogues ----------------------------------------------------------------


def test_list_describes_each_catalogue(shell: CommandLine) -> None:
    [shapes] = [each for each in shell.json("list") if each["name"] == "shapes"]

    assert shapes["title"] == "Shapes"
    assert (shapes["items"], shapes["categories"], shapes["failures"]) == (COUNT, 2, 1)
    assert shapes["mapped"] == COUNT
    assert shapes["vectors"]["compact"] == shapes["vectors"]["published"] == COUNT
    assert shapes["bytes"] > 0
    assert shapes["generation"] == shapes["revision"] > 0


def test_list_includes_a_catalogue_that_cannot_be_opened(shell: CommandLine) -> None:
    broken = shell.root / "data" / "broken" / "catalogue.db"
    broken.parent.mkdir()
    broken.write_bytes(b"no database" * 100)

    listed = {each["name"]: each for each in shell.json("list")}
    text = shell.run("list").stdout
    removed = shell.json("remove", "broken")

    assert "is damaged" in listed["broken"]["error"]
    assert listed["shapes"]["items"] == COUNT
    assert "is damaged" in text
    assert "Shapes" in text
    assert removed == {"name": "broken", "removed": True}
    assert not broken.parent.exists()


def test_show_lists_imports_and_failures(shell: CommandLine) -> None:
    shapes = shell.json("show", "shapes")

    assert (shapes["name"], shapes["items"]) == ("shapes", COUNT)
    assert shapes["generation"] == shapes["revision"]
    [run] = [run for run in shapes["imports"] if run["added"]]
    assert (run["kind"], run["source"]) == ("folder", str(shell.root / "pictures"))
    assert {name: run[name] for name in counts()} == counts(added=COUNT, failed=1)
    assert run.keys() == {"kind", "source", "finished", *outcome()}
    [failed] = shapes["failed"]
    assert (failed["stage"], failed["source_id"]) == ("import", "broken.png")
    assert failed["origin"] == failed["source"] == str(shell.root / "pictures")
    assert "is not a JPEG" in failed["reason"]


def test_the_map_is_recomputed_on_request(shell: CommandLine) -> None:
    unchanged = shell.json("index", "shapes")
    rebuilt = shell.json("index", "shapes", "--rebuild-map")
    former = shell.json("index", "shapes", "--new-map")

    assert (unchanged["mapped"], unchanged["message"]) == (False, "Vectors and map are up to date.")
    assert (rebuilt["mapped"], rebuilt["message"]) == (True, "Map layout computed.")
    assert former == rebuilt


def test_results_for_people_are_lines_of_text(shell: CommandLine, ids: dict[str, str]) -> None:
    shown = shell.run("show", "shapes")
    neighbours = shell.run("neighbours", "shapes", ids["shape 0"], "-k", "2")

    assert f"{COUNT} models in 2 categories" in shown.stdout
    assert "6 added, 1 failed to import." in shown.stdout
    assert "failed to import: broken: The file is not a JPEG" in shown.stdout
    assert [line.split()[0] for line in neighbours.stdout.splitlines()] == ["1", "2"]
    assert neighbours.stderr == ""


def test_a_dry_run_counts_changes_and_makes_none(
    shell: CommandLine, picture: MakePicture, tmp_path: Path
) -> None:
    (tmp_path / "new.png").write_bytes(picture(9))
    before = shell.json("show", "shapes")

    preview = shell.json("import", tmp_path, "--into", "shapes", "--dry-run")
    text = shell.run("update", "shapes", "--dry-run").stdout

    assert preview["message"] == "Preview: 1 to add."
    assert preview["preview"]["counts"] == counts(added=1)
    assert preview["preview"]["names"]["added"] == ["new"]
    assert preview["preview"]["names"]["gone"] == preview["preview"]["names"]["missing"] == []
    assert preview["plan"] == preview["preview"]
    assert text == "Nothing to do: 6 unchanged, 1 failed to import.\n"
    # The file of the last job has another size.
    assert shell.json("show", "shapes") | {"bytes": before["bytes"]} == before


# -- search ------------------------------------------------------------------------


@pytest.mark.parametrize("descriptor", ["compact", "published"])
def test_neighbours_of_a_model(shell: CommandLine, ids: dict[str, str], descriptor: str) -> None:
    wanted = ids["shape 0"]

    found = shell.json("neighbours", "shapes", wanted, "-k", "3", "--descriptor", descriptor)

    assert found["query"] == {"id": wanted, "name": "shape 0", "descriptor": descriptor}
    expect_neighbours(found["neighbours"], 3)
    assert wanted not in {one["id"] for one in found["neighbours"]}
    assert {one["id"] for one in found["neighbours"]} <= set(ids.values())


def test_more_neighbours_than_there_are(shell: CommandLine, ids: dict[str, str]) -> None:
    found = shell.json("neighbours", "shapes", ids["shape 0"], "-k", "100")

    expect_neighbours(found["neighbours"], COUNT - 1)


def test_search_finds_the_model_of_a_picture(shell: CommandLine, ids: dict[str, str]) -> None:
    wanted = shell.root / "pictures" / "odd" / "shape_3.png"
    other = shell.root / "pictures" / "even" / "shape_0.png"

    done = shell.run_process(
        *("search", "shapes", wanted, "-k", "4", "--negative", other, "--json")
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    former = shell.json("search", "shapes", wanted, "-k", "4", "--unlike", other)

    assert found["query"]["pictures"] == [str(wanted)]
    assert found["query"]["negative"] == found["query"]["unlike"] == [str(other)]
    expect_neighbours(found["neighbours"], 4)
    best = found["neighbours"][0]
    assert (best["id"], best["name"]) == (ids["shape 3"], "shape 3")
    assert former == found


def test_search_takes_a_drawing_under_its_former_name(shell: CommandLine) -> None:
    wanted = shell.root / "pictures" / "odd" / "shape_3.png"

    drawing = shell.json("search", "shapes", wanted, "--query-kind", "drawing")
    former = shell.json("search", "shapes", wanted, "--as", "line")
    photo = shell.json("search", "shapes", wanted, "--query-kind", "photo")

    assert former == drawing
    assert photo != drawing


def test_search_with_a_region_prints_the_same_keys(shell: CommandLine, ids: dict[str, str]) -> None:
    wanted = shell.root / "pictures" / "odd" / "shape_3.png"

    found = shell.json("search", "shapes", wanted, "--region", "0,0,1,1")

    assert found["query"]["descriptor"] == "published"
    assert found["query"]["region"] == [0, 0, 1, 1]
    expect_neighbours(found["neighbours"], COUNT, "region", "part")
    best = found["neighbours"][0]
    assert best["id"] == ids["shape 3"]
    assert best["score"] == pytest.approx(1, abs=1e-3)
    assert best["part"] == best["region"] == [0, 0, 1, 1]


# -- evaluation ---------------------------------------------------------------------

# The files of queries, and the number of the shape that each shows.
QUERIES = {"even/shape_0.png": 0, "even/shape_2.jpg": 4, "SHAPE_3.PNG": 3, "shape_5.png": 0}


@pytest.fixture(scope="module")
def queries(shell: CommandLine, picture: MakePicture) -> Path:
    """Return a folder of queries, some of which show a model that they are not named after."""
    folder = shell.root / "queries"
    for name, number in (QUERIES | {"unknown.png": 1}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture(number))
    Image.new("RGB", (64, 64), "white").save(folder / "shape_1.png")
    (folder / "shape_4.png").write_bytes(b"not a picture")
    return folder


def test_evaluate_measures_the_ranks_of_searches(
    shell: CommandLine, ids: dict[str, str], queries: Path
) -> None:
    ranks = []
    for name, number in QUERIES.items():
        near = shell.json(
            *("neighbours", "shapes", ids[f"shape {number}"], "--descriptor", "published")
        )
        answer = [ids[f"shape {number}"], *(one["id"] for one in near["neighbours"])]
        wanted = ids[Path(name).stem.lower().replace("_", " ")]
        ranks.append(1 + answer.index(wanted))

    found = shell.json("evaluate", "shapes", queries, "--descriptor", "published")

    assert found.keys() == {"queries", "r1", "r10", "mrr", "median_rank", "skipped"}
    assert (found["queries"], found["r1"], found["r10"]) == (4, 0.5, 1)
    assert found["mrr"] == pytest.approx(statistics.mean(1 / rank for rank in ranks))
    assert found["median_rank"] == statistics.median(ranks)
    reasons = {one["file"]: one["reason"] for one in found["skipped"]}
    assert reasons.keys() == {"shape_1.png", "shape_4.png", "unknown.png"}
    assert "only one colour" in reasons["shape_1.png"]
    assert "is not a JPEG" in reasons["shape_4.png"]
    assert "No model has the source_id “unknown”" in reasons["unknown.png"]


def test_evaluate_compares_the_descriptors(shell: CommandLine, queries: Path) -> None:
    found = shell.json("evaluate", "shapes", queries)
    told = shell.run("evaluate", "shapes", queries, "--as", "photo")

    each = found["descriptors"]
    assert list(each) == ["compact", "published"]
    figures = {key: each["compact"].pop(key) for key in list(each["compact"])[:5]}
    assert figures == {key: found[key] for key in ("queries", "r1", "r10", "mrr", "median_rank")}
    for quality in each.values():
        # Each of the six has one of the other category more than of its own for a neighbour.
        assert quality["same_category"] == pytest.approx(2 / 5)
    assert told.returncode == 0
    title, *rows = told.stdout.splitlines()
    assert title.split()[:4] == ["descriptor", "queries", "R@1", "R@10"]
    assert [row.split()[:3] for row in rows] == [
        ["compact", "4", "0.500"],
        ["published", "4", "0.500"],
    ]
    assert {len(row) for row in rows} == {len(title)}
    assert "skipped: unknown.png: No model has the source_id “unknown”." in told.stderr


def test_evaluate_without_a_usable_query(shell: CommandLine, tmp_path: Path) -> None:
    shutil.copy(shell.root / "pictures" / "odd" / "shape_3.png", tmp_path / "unknown.png")

    done = shell.run("evaluate", "shapes", tmp_path, "--json")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "skipped: unknown.png" in done.stderr
    assert "Name each by the source_id of the model" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


# -- near-duplicates -------------------------------------------------------


@pytest.fixture(scope="module")
def twins(shell: CommandLine, picture: MakePicture) -> dict[str, str]:
    """Make a catalogue with one shape in two sizes and another twice; return ids by name."""
    folder = shell.root / "twins"
    folder.mkdir()
    for number in range(3):
        (folder / f"shape_{number}.png").write_bytes(picture(number, size=(128, 128)))
    (folder / "again.png").write_bytes(picture(1, size=(128, 128)))
    with Image.open(folder / "shape_2.png") as shape:
        shape.resize((80, 80), Image.Resampling.LANCZOS).save(folder / "small.png")
    found = shell.json("import", folder, "--into", "twins")
    assert found["imported"]["added"] == 5
    unready = shell.run("duplicates", "twins")
    assert (unready.returncode, unready.stdout) == (1, "")
    assert unready.stderr == (
        "The catalogue “twins” has not been indexed yet. Run: python -m core index twins\n"
    )
    shell.json("index", "twins")
    shell.json("export", "twins", "--to", shell.root / "twins-export")
    with (shell.root / "twins-export" / "items.csv").open(newline="") as file:
        return {row["name"]: row["id"] for row in csv.DictReader(file)}


def test_duplicates_are_listed_hidden_and_restored(
    shell: CommandLine, twins: dict[str, str]
) -> None:
    found = shell.json("duplicates", "twins")

    assert 0 < found["cut"] < 1
    same, resized = found["groups"]
    assert {one["name"] for one in same["items"]} == {"again", "shape 1"}
    assert same["items"][0]["id"] == same["kept"]
    assert same["items"][1]["difference"] == "identical"
    assert [one["name"] for one in resized["items"]] == ["shape 2", "small"]
    assert resized["kept"] == twins["shape 2"]
    assert resized["items"][1]["id"] == twins["small"]
    assert resized["items"][1]["difference"] == "smaller: 80 x 80 instead of 128 x 128"
    assert found["cut"] <= resized["items"][1]["score"] <= 1

    hidden = shell.json("duplicates", "twins", "--hide")
    rest = shell.json("duplicates", "twins")
    near = shell.json("neighbours", "twins", twins["shape 2"], "-k", "9")
    assert hidden["hidden"] == 2
    assert rest["groups"] == []
    assert twins["small"] not in {one["id"] for one in near["neighbours"]}
    assert len(near["neighbours"]) == 2

    shown = shell.json("duplicates", "twins", "--restore")
    assert (shown["name"], shown["restored"]) == ("twins", 2)
    assert shell.json("duplicates", "twins")["groups"] == found["groups"]


@pytest.mark.usefixtures("twins")
def test_duplicates_are_text_for_people(shell: CommandLine) -> None:
    listed = shell.run("duplicates", "twins")
    hidden = shell.run("duplicates", "twins", "--hide")
    none = shell.run("duplicates", "twins")
    shown = shell.run("duplicates", "twins", "--restore")

    first, *lines = [line for line in listed.stdout.splitlines() if line]
    assert first == ("Groups of near-duplicates among 5 models: 2. Models that could be hidden: 2.")
    assert [line.split()[0] == "keep" for line in lines] == [True, False, True, False]
    assert lines[3].endswith("small  (smaller: 80 x 80 instead of 128 x 128)")
    assert "Comparing pictures" in listed.stderr
    assert hidden.stdout.splitlines()[-1] == (
        "2 models hidden. To restore: python -m core duplicates twins --restore"
    )
    assert none.stdout.strip() == "There are no near-duplicates among 3 models."
    assert shown.stdout.strip() == "2 models restored."


# -- import and export ---------------------------------------------------------------


def test_second_import_and_index_find_nothing_to_do(shell: CommandLine) -> None:
    again = shell.json("import", shell.root / "pictures", "--into", "shapes", "--index")

    assert again["imported"] == outcome(unchanged=COUNT, failed=1)
    assert again["indexed"] == {
        "embedded": 0,
        "failed": 0,
        "fitted": False,
        "mapped": False,
        "placed": 0,
        "replaced": 0,
    }


def test_export_can_be_imported_again(shell: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "out"

    written = shell.json("export", "shapes", "--to", folder)["written"]

    assert {Path(path).name for path in written} == {"items.csv", "map.csv", "neighbours.csv"}
    taken = shell.json("import", folder / "items.csv", "--into", "copy")
    assert taken["imported"] == outcome(added=COUNT)
    shell.json("export", "copy", "--to", tmp_path / "again")
    tables = [(path / "items.csv").read_text() for path in (folder, tmp_path / "again")]
    assert tables[0] == tables[1]
    with (folder / "neighbours.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT * (COUNT - 1)

    assert shell.json("remove", "copy") == {"name": "copy", "removed": True}
    assert "copy" not in {one["name"] for one in shell.json("list")}


# -- errors --------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "nowhere"), "There is no catalogue “nowhere”."),
        (("show", "../../etc"), "cannot name a catalogue"),
        (("remove", "nowhere"), "There is no catalogue “nowhere”."),
        (("neighbours", "shapes", "nothing"), "has no model with the id “nothing”"),
        (("search", "shapes", "/no/such.png"), "The picture /no/such.png cannot be read"),
        (("search", "shapes", "{broken}"), "The file is not a JPEG"),
        (("search", "shapes", "{good}", "--region", "0,0,0.001,1"), "The region is too small"),
        (("import", "/no/such/folder", "--into", "new"), "There is no folder or file"),
        (("import", "{pictures}", "--into", "Not A Name"), "cannot name a catalogue"),
        (("import", "{pictures}", "--into", "new", "--column", "a"), "--column takes"),
        (("export", "shapes", "--to", "{pictures}"), "is not empty"),
        (("duplicates", "nowhere"), "There is no catalogue “nowhere”."),
        (("evaluate", "nowhere", "{pictures}"), "There is no catalogue “nowhere”."),
        (("evaluate", "shapes", "/no/such/folder"), 'The folder "/no/such/folder" cannot be read'),
        (("evaluate", "shapes", "{good}"), "is a file, not a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_failure_is_a_sentence_on_standard_error(
    shell: CommandLine, arguments: tuple[str, ...], sentence: str
) -> None:
    pictures = shell.root / "pictures"
    places = {
        "pictures": pictures,
        "broken": pictures / "broken.png",
        "good": pictures / "even" / "shape_0.png",
    }

    done = shell.run(*(argument.format(**places) for argument in arguments))

    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (shell.root / "data" / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "COMMAND"),
        (("dance",), "dance"),
        (("neighbours", "shapes"), "ID"),
        (("neighbours", "shapes", "x", "-k", "0"), "-k"),
        (("search", "shapes", "x.png", "--region", "1,2"), "--region"),
        (("index", "shapes", "--descriptor", "best"), "--descriptor"),
        (("import", "somewhere"), "--into"),
        (("evaluate", "shapes"), "QUERIES"),
        (("duplicates", "shapes", "--hide", "--restore"), "--restore"),
        (("evaluate", "shapes", "x", "--as", "sketch"), "--as"),
        (("search", "shapes", "x", "--query-kind", "sketch"), "--query-kind"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_usage_exits_with_status_2(
    shell: CommandLine, arguments: tuple[str, ...], word: str
) -> None:
    done = shell.run(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "usage: python -m core" in done.stderr
    assert word in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"), [(("show", "nowhere"), 1), (("dance",), 2)], ids=["failure", "usage"]
)
def test_a_process_ends_as_its_command_does(
    shell: CommandLine, arguments: tuple[str, ...], status: int
) -> None:
    done = shell.run_process(*arguments)

    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == shell.run(*arguments).stderr.splitlines()[-1]


def test_help_names_every_command(shell: CommandLine) -> None:
    done = shell.run("--help")

    assert done.returncode == 0
    for command in ("demo", "import", "index", "list", "show", "remove", "neighbours"):
        assert command in done.stdout
    for command in ("search", "evaluate", "duplicates", "export"):
        assert command in done.stdout
