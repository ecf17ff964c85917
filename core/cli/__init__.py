"""The command line of Lookalike: `python -m core COMMAND`."""
