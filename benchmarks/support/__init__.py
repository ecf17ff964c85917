"""What the benchmarks share: their reports, and synthetic catalogues."""
