"""Visual similarity in a catalogue of 3D models: the work itself, without any page."""
