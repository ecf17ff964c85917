"""Parse and run one command of the command line.

Results go to standard output, for people or with `--json` for machines;
progress goes to standard error. Exit status: 0 done, 1 failed, 2 bad usage.
"""

import json
import sys
from collections.abc import Sequence

from core.cli.messages import error_message
from core.cli.parser import build_parser
from core.errors import LookalikeError
from core.jobs import Cancelled


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    options.arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = options.run(options)
    except (Cancelled, LookalikeError) as error:
        print(error_message(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Cancelled. Finished work is kept; run the command again to continue.", file=sys.stderr
        )
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        print(options.format_result(result))
    return 0
