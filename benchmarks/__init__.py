"""Programs that measure the speed and quality of Lookalike, and that make its files.

Run each as `python -m benchmarks.NAME`; most take minutes. Where Lookalike is compared with
something else, both are measured in the same run. Most print tables for people, or JSON with
`--json`, headed by the machine they ran on. Missing a target does not make a program fail.

Four programs make files: `domains`, `mask_training` and `drawing_training` those that `compact`,
the segmentation and the drawing detector come with, and `screenshots` the pictures of the README.
"""

import core as core  # First, as in the product: it says how NumPy's threads behave.
