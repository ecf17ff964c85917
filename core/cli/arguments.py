"""What the commands share when they declare their arguments."""

import argparse
import math
from collections.abc import Callable
from typing import Any, TypeAlias

from core.pictures import Box

MAX_RESULTS = 10_000

# What `ArgumentParser.add_subparsers` returns.
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    commands: Subparsers,
    name: str,
    run: Callable[[argparse.Namespace], Any],
    text: str,
    *,
    format_result: Callable[[Any], str],
    is_failure: Callable[[Any], bool] = lambda _: False,
    on_catalogue: bool = True,
    network: bool = False,
) -> argparse.ArgumentParser:
    """Add a command, and return its parser, to which its own arguments are added.

    Args:
        commands: where to add it.
        name: what the user types.
        run: gets the parsed options, and returns a result that can be printed as JSON.
        text: what the command does, for `--help`.
        format_result: returns the result as text for people.
        is_failure: returns whether a result is one for which the exit status is 1.
        on_catalogue: whether the first argument is the name of a catalogue.
        network: whether the command may load the network, so that it gets `--precision`.
    """
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run, format_result=format_result, is_failure=is_failure)
    command.add_argument("--json", action="store_true", help="print JSON, for machines")
    if on_catalogue:
        command.add_argument("name", metavar="NAME")
    if network:
        command.add_argument(
            "--precision",
            choices=["auto", "float32", "mixed_bfloat16"],
            default="auto",
            help="number format of the network; auto picks the faster one after a short trial",
        )
    return command


def region(text: str) -> Box:
    """Parse `--region`: four shares of a picture's width and height."""
    try:
        left, top, right, bottom = (float(share) for share in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            "a region is four shares of the picture, as in 0.1,0.1,0.6,0.8"
        ) from None
    return Box(left, top, right, bottom)


def count(text: str) -> int:
    """Parse `-k`: how many results to return."""
    if not text.isdecimal() or not 1 <= int(text) <= MAX_RESULTS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MAX_RESULTS} is needed")
    return int(text)


def seconds(text: str) -> float:
    """Parse `--every`: a time in seconds."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("a number of seconds above 0 is needed")
    return value


def query_kind(text: str) -> str:
    """Parse `--query-kind`; earlier versions called a drawing `line`."""
    return "drawing" if text == "line" else text
