"""Exports search results and whole catalogues as files for other programs."""
