"""Decode damaged pictures, and report those that raise what they should not or take too long.

Each file that is given is damaged at random, as `benchmarks.fuzz` does it. A damaged picture may be
decoded or refused with a sentence. The program reports anything else with the seed that reproduces
it: python -m benchmarks.fuzz_pictures FILE... [--files N] [--seed N]
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from benchmarks.fuzz import DAMAGES
from core.pictures import ImageError
from core.pictures.decoding import decode

# The seconds that a damaged file may take.
SECONDS = 10


def main() -> int:
    """Decode, print how many pictures had which outcome, and return 1 if any had a wrong one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("pictures", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--files", type=int, default=300, metavar="N", help="how many (300)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first (0)")
    options = parser.parse_args()
    pictures = [path.read_bytes() for path in options.pictures]
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for seed in range(options.seed, options.seed + options.files):
        random = Random(seed)
        damage = random.choice(DAMAGES)
        data = damage(random, random.choice(pictures))
        start = time.monotonic()
        try:
            decode(data)
            outcome = "decoded"
        except ImageError as error:
            outcome = type(error).__name__
        except Exception as error:
            outcome = f"! {error!r}"
        seconds = time.monotonic() - start
        slowest = max(slowest, seconds)
        if seconds > SECONDS:
            outcome = f"! {outcome} after more than {SECONDS} s"
        if outcome.startswith("!"):
            print(f"seed {seed}: {outcome}")
        outcomes[outcome] += 1
    for outcome, count in outcomes.most_common():
        print(f"{count:>6,}  {outcome}")
    print(f"The slowest took {slowest:.1f} s.")
    return int(any(outcome.startswith("!") for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
