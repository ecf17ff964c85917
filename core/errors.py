"""The base class of errors whose text is written for users."""


class LookalikeError(Exception):
    """An error that the user can do something about: its text says what was wrong and what to do.

    It names no page, button or command of Lookalike: pages and the command line add where to go.

    Pages show the text and the command line prints it. Any other exception that reaches them is a
    bug, except `core.jobs.Cancelled` and `KeyboardInterrupt`.
    """
