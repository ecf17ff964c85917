"""Visual similarity in catalogues of 3D models: the library below pages and command line."""
