"""The components that the pages are made of."""
