"""What tests of imports share."""

from core.catalogue import Catalogue


def shown(catalogue: Catalogue) -> list[str]:
    """Return the source ids of the models that are shown, in their order."""
    return [item.source_id for item in catalogue.items.find()]
