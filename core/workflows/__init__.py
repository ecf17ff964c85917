"""Long work on a catalogue: importing, indexing, watching and setting up demos."""
