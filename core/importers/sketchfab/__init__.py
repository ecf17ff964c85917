"""Import models of Sketchfab by its public API."""
