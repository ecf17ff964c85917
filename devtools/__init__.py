"""What tests, benchmarks and `make check` share; nothing of it is part of the product."""
