"""Widgets that know nothing of catalogues."""
