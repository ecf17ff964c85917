"""The options of the command line: former names give the same options as the current ones."""

import argparse
import json
from pathlib import Path

import pytest

from core.cli.parser import build_parser
from core.jobs import read_status


def parse(*arguments: str) -> argparse.Namespace:
    return build_parser().parse_args(arguments)


@pytest.mark.parametrize(
    ("former", "current"),
    [
        (("index", "mine", "--new-map"), ("index", "mine", "--rebuild-map")),
        (
            ("import", "/models", "--into", "mine", "--sides"),
            ("import", "/models", "--into", "mine", "--viewpoints"),
        ),
        (
            ("search", "mine", "a.png", "--unlike", "b.png", "c.png"),
            ("search", "mine", "a.png", "--negative", "b.png", "c.png"),
        ),
        *(
            (
                (*command, "--as", former_kind),
                (*command, "--query-kind", kind),
            )
            for command in (("search", "mine", "a.png"), ("evaluate", "mine", "queries"))
            for former_kind, kind in (("auto", "auto"), ("photo", "photo"), ("line", "drawing"))
        ),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_former_option_does_what_the_current_one_does(
    former: tuple[str, ...], current: tuple[str, ...]
) -> None:
    assert vars(parse(*former)) == vars(parse(*current))


def test_the_options_have_an_effect() -> None:
    assert parse("index", "mine", "--rebuild-map").rebuild_map
    assert parse("import", "/models", "--into", "mine", "--viewpoints").viewpoints
    assert parse("search", "mine", "a.png", "--negative", "b.png").negative == ["b.png"]
    assert parse("evaluate", "mine", "queries", "--query-kind", "drawing").query_kind == "drawing"
    assert parse("search", "mine", "a.png").query_kind == "auto"


def test_a_job_that_an_earlier_version_started_can_be_started_again(tmp_path: Path) -> None:
    file = tmp_path / "job.json"
    arguments = [
        *("import", "/models", "--into", "mine", "--title", "Mine", "--index"),
        *("--kind", "models", "--sides"),
    ]
    status = {
        "title": "Import into Mine",
        "state": "cancelled",
        "stage": "Importing",
        "stage_began": 1.0,
        "updated": 2.0,
        "arguments": arguments,
    }
    file.write_text(json.dumps(status))

    stored = read_status(file)

    assert stored is not None
    options = parse(*stored.arguments)
    assert (options.source, options.into, options.kind) == ("/models", "mine", "models")
    assert options.viewpoints and options.index


@pytest.mark.parametrize(
    ("command", "pairs"),
    [
        ("index", ["--rebuild-map, --new-map"]),
        ("import", ["--viewpoints, --sides"]),
        ("search", ["--negative PICTURE", "--query-kind {auto,photo,drawing}"]),
        ("evaluate", ["--query-kind {auto,photo,drawing}"]),
    ],
)
def test_help_shows_the_current_names(
    command: str, pairs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(command, "--help")

    shown = " ".join(capsys.readouterr().out.split())
    for pair in pairs:
        assert pair in shown
