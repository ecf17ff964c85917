"""Programs that measure the speed and quality of Lookalike.

Run each as `python -m benchmarks.NAME`; most take minutes. Where Lookalike is compared with
something else, both are measured in the same run. A program prints tables for people, or JSON
with `--json`, headed by the machine it ran on. Missing a target does not make a program fail.
"""
