"""The errors of a search."""

from typing import Literal

from core.errors import LookalikeError

# Why vectors cannot be searched: there are no models, or none with anything to see, or no
# vectors of them yet, or another version of Lookalike made the vectors, or the file is damaged
# that pictures are embedded with.
NotIndexedReason = Literal[
    "no models", "nothing to see", "never indexed", "another version", "damaged"
]

_MESSAGES: dict[NotIndexedReason, str] = {
    "no models": "The catalogue “{title}” is empty.",
    "nothing to see": "There is nothing to see in the pictures of the catalogue “{title}”: "
    "they are blank, nearly black or of one colour.",
    "never indexed": "The catalogue “{title}” has not been indexed yet.",
    "another version": "The catalogue “{title}” was indexed by another version of Lookalike, "
    "whose vectors cannot be compared with this one’s.",
    "damaged": "A file of the catalogue “{title}” is damaged, without which pictures cannot be "
    "compared with its models.",
}


class SearchError(LookalikeError):
    """A query that cannot be answered."""


class NothingToSee(SearchError):
    """A model in whose picture there is nothing that could be compared."""

    def __init__(self, name: str) -> None:
        """Say so of the model `name`."""
        super().__init__(
            f"There is nothing to see in the picture of “{name}”: it is blank, nearly black or of "
            "one colour. So it is not compared with others."
        )


class NotIndexedError(SearchError):
    """Vectors that a search needs are missing or outdated until the catalogue is indexed.

    The message states the fact; the page or the command line says what to do about it.

    Attributes:
        catalogue_name: the name of the catalogue.
        title: its title.
        reason: why its vectors cannot be searched.
    """

    def __init__(
        self, catalogue_name: str, title: str, reason: NotIndexedReason, *, message: str = ""
    ) -> None:
        """Store the facts; `message` replaces the sentence about the whole catalogue."""
        super().__init__(message or _MESSAGES[reason].format(title=title))
        self.catalogue_name = catalogue_name
        self.title = title
        self.reason: NotIndexedReason = reason
