"""Long work on a catalogue: importing, indexing, watching, making demos."""
