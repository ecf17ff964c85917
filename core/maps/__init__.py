"""The map of a catalogue: layout, clusters and their names, grid, quality."""
