"""The parser of the command line; each command declares its own arguments."""

import argparse

from core.cli import catalogue_commands, check_commands, import_commands, search_commands


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands.

    A parsed command has `run`, which does the work and returns its result, and `format_result`,
    which returns the result as text for people.
    """
    parser = argparse.ArgumentParser(
        prog="python -m core", description="Visual similarity in catalogues of 3D models."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    import_commands.add_commands(commands)
    catalogue_commands.add_commands(commands)
    check_commands.add_commands(commands)
    search_commands.add_commands(commands)
    return parser
