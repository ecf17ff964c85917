"""Read a demo on grounds: its cut-outs on synthetic backgrounds, which should not matter."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from PIL import Image

from core.catalogue import Item
from core.importers.base import Entry, Loaded, ResumePoint, SkippedEntry, Source
from core.importers.grounds import GROUNDS, RECIPE, Composite, MakeGround, compose, generator
from core.pictures import decoding

# What the name of a demo ends with if it is on grounds, and its title.
SUFFIX = "-on-grounds"
TITLE_SUFFIX = " on grounds"


def read(source: Source, *, grounds: Mapping[str, MakeGround] = GROUNDS, seed: int = 0) -> Source:
    """Return a source with each picture on a ground of its own.

    An item has the same ground at every import. The kind and location of the source get `SUFFIX`,
    so that a catalogue is updated from the same source. Pictures without alpha stay as they are.

    Args:
        source: whose pictures are cut-outs.
        grounds: what makes the grounds, by kind.
        seed: another one gives other pictures.
    """
    return replace(
        source,
        kind=source.kind + SUFFIX,
        location=source.location + SUFFIX,
        entries=_entries(source, grounds, seed),
        others={},
    )


def composite(
    item: Item, data: bytes, *, grounds: Mapping[str, MakeGround] = GROUNDS, seed: int = 0
) -> Composite | None:
    """Return the picture of an item on the ground that `read` gives it.

    `data` is the file of a cut-out. None if it has no alpha, or nothing but transparent pixels.
    Raises `ImageError` if it cannot be decoded.
    """
    decoding.decode(data)  # for its checks: it returns the picture on white
    with Image.open(io.BytesIO(data)) as picture:
        cut_out = picture.convert("RGBA")
    lowest, highest = cut_out.getchannel("A").getextrema()
    if lowest == 255 or not isinstance(highest, int) or highest <= 8:
        return None
    random = generator(item.source_id, seed=seed)
    return compose(cut_out, random=random, grounds=grounds)


@dataclass(frozen=True, slots=True)
class _OnGround(Entry):
    """An entry of a demo on its ground. The version names the recipe and the cut-out."""

    item: Item
    entry: Entry
    grounds: Mapping[str, MakeGround]
    seed: int

    def is_current(self, known: str) -> bool:
        """Compare the versions of the cut-out, if the recipe is the same."""
        prefix = self._version("")
        return known.startswith(prefix) and self.entry.is_current(known.removeprefix(prefix))

    def load(self, known: str) -> Loaded | None:
        """Load the cut-out and put it on its ground, unless neither has changed."""
        prefix = self._version("")
        loaded = self.entry.load(known.removeprefix(prefix) if known.startswith(prefix) else "")
        if loaded is None:
            return None
        made = composite(self.item, loaded.picture, grounds=self.grounds, seed=self.seed)
        picture = loaded.picture if made is None else made.file
        return Loaded(picture=picture, version=self._version(loaded.version))

    def _version(self, version: str) -> str:
        return f"ground {RECIPE}.{self.seed} of {version}"


def _entries(
    source: Source, grounds: Mapping[str, MakeGround], seed: int
) -> Iterator[Entry | SkippedEntry | ResumePoint]:
    for entry in source.entries:
        if isinstance(entry, Entry):
            yield _OnGround(entry.item, entry, grounds, seed)
        else:
            yield entry
