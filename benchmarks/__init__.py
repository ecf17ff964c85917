"""Programs that measure Lookalike, side by side with what it is compared to, in one run.

Each is run as `python -m benchmarks.NAME` and takes minutes. It prints tables for people,
or JSON with `--json`, headed by the machine it ran on. No figure makes a program fail.
"""
