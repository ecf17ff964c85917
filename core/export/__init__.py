"""Results and catalogues as files for other programs."""
