"""The errors of catalogues."""

from core.errors import LookalikeError


class CatalogueError(LookalikeError):
    """A catalogue cannot be used as requested."""


class UnknownCatalogue(CatalogueError):
    """No catalogue has that name."""


class UnknownItem(CatalogueError):
    """The catalogue has no item with that id."""


class WrongVersion(CatalogueError):
    """The catalogue was written by another version of Lookalike."""
