"""The errors of catalogues."""

from core.errors import LookalikeError


class CatalogueError(LookalikeError):
    """A catalogue cannot be used as requested."""


class UnknownCatalogue(CatalogueError):
    """No catalogue has that name."""


class UnknownItem(CatalogueError):
    """The catalogue has no item with that id."""

    def __init__(self, title: str | None, item_id: str) -> None:
        """Name the catalogue's title and the id, of which the first 60 characters are shown."""
        super().__init__(f"The catalogue “{title}” has no model with the id “{item_id[:60]}”.")


class WrongVersion(CatalogueError):
    """The catalogue was written by another version of Lookalike."""
