"""What the benchmarks share: reports, data folders, made-up catalogues, and other pictures."""
