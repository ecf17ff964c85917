"""The one exception whose text is written for the person who uses Lookalike."""


class LookalikeError(Exception):
    """Something a person can mend: the text says what was wrong and what to do.

    Pages show the text as it is and the command line prints it; anything else
    that is raised is a bug.
    """
