"""Choose which way is up in the 3D files of a catalogue, of some models or of all."""

from collections.abc import Collection
from dataclasses import replace

from core.catalogue import Catalogue, SourceRecord
from core.errors import LookalikeError
from core.viewpoints import UpChoice

NO_EFFECT = (
    "The choice of which way is up had no effect: the source has no STL, PLY, OBJ or STEP "
    "that was rendered, and other formats say it themselves."
)


def choose(
    catalogue: Catalogue, up: UpChoice, *, item_ids: Collection[str] | None = None
) -> list[SourceRecord]:
    """Store which axis points up in 3D files.

    Args:
        catalogue: the catalogue of the models.
        up: the axis, or "auto" to detect it.
        item_ids: the models; None for all that have no choice of their own, and whose format does
            not say it.

    Returns:
        The sources of the models. Importing them again renders those that are to be turned.

    Raises:
        LookalikeError: there is nothing to turn, or one of the models cannot be turned.
    """
    for item in map(catalogue.items.get, item_ids or ()):
        if not item.up:
            raise LookalikeError(
                f"“{item.name}” cannot be turned: it was not rendered from a 3D file."
            )
    locations = catalogue.up_choices.sources(item_ids)
    sources = [each for each in catalogue.imports.sources() if each.location in locations]
    if not sources:
        raise LookalikeError(
            f"Nothing was turned: “{catalogue.title}” has no model that was rendered from STL, "
            "PLY, OBJ or STEP. Other formats say which way is up; they are turned one by one."
            if item_ids is None
            else "Nothing was turned: the source of these models is not known."
        )
    if item_ids is not None:
        catalogue.up_choices.choose(up, item_ids)
        return sources
    turned = [replace(each, options={**each.options, "up": up}) for each in sources]
    for each in turned:
        catalogue.imports.record_source(each)
    return turned


def check_effect(catalogue: Catalogue, source: SourceRecord) -> str:
    """Return a sentence if a choice was made for a source that has no models to turn, or ""."""
    chosen = source.options.get("up", "auto")
    if chosen == "auto" or source.location in catalogue.up_choices.sources():
        return ""
    return NO_EFFECT
