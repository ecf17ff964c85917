"""Parse and run one command of the command line.

Results go to standard output, for people or with `--json` for machines;
progress goes to standard error. Exit status: 0 done, 1 failed, 2 bad usage.
"""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from core import disk
from core.cli.messages import error_message
from core.cli.parser import build_parser
from core.errors import LookalikeError
from core.jobs import CANCELLED_MESSAGE, Cancelled


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    options.arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = options.run(options)
        if options.json:
            print(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            print(options.format_result(result))
        sys.stdout.flush()
        return int(options.is_failure(result))
    except (Cancelled, LookalikeError) as error:
        print(error_message(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(CANCELLED_MESSAGE, file=sys.stderr)
        return 1
    except BrokenPipeError:
        _discard_output()
        return 1
    except OSError as error:
        print(f"{disk.describe(error)} {disk.KEPT}", file=sys.stderr)
        return 1


def _discard_output() -> None:
    """Discard what is not written yet: its reader, such as `head`, has ended.

    Python flushes both streams once more at its exit, which would print another error.
    """
    with open(os.devnull, "wb") as nowhere:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                os.dup2(nowhere.fileno(), stream.fileno())
