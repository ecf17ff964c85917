"""Write the thumbnails without backgrounds of the items whose object is cut out by a mask.

Items on a plain background, and those of which the whole picture is compared, have none: pages show
their thumbnails as they are.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor

from core.catalogue import Catalogue, CutOutThumbnail, Item
from core.errors import LookalikeError
from core.jobs import Progress, Stage
from core.maps import thumbnail_atlas
from core.pictures import decoding, resizing
from core.vision import segmentation
from core.vision.segmentation import Segmentation

# Changed with how cut-out thumbnails are made, so that all are made again.
_RECIPE = b"1"
# Decoding, scaling and encoding leave Python's lock to other threads.
_THREADS = 4
# The key of the note that says which tiles the atlas has.
_NOTE = "cut-out atlas"


def update(catalogue: Catalogue, *, progress: Progress) -> None:
    """Write the cut-out thumbnails that are missing or outdated, and their atlas.

    Those of hidden items, and of items whose object is no longer cut out by a mask, are deleted.
    An item whose picture cannot be read has none. Raises `Cancelled`; what was written until then
    is not written again.
    """
    masks = catalogue.masks.applied()
    items = catalogue.items.find() if masks else []
    wanted = {
        CutOutThumbnail(item.id, item.short_digest, _digest(_RECIPE + masks[item.id])): item
        for item in items
        if item.id in masks
    }
    before = catalogue.pictures.cut_outs()
    missing = {cut_out: item for cut_out, item in wanted.items() if cut_out not in before}
    _write(catalogue, missing, masks, progress)
    kept = catalogue.pictures.cut_outs() & wanted.keys()
    # The atlas is written first, because pages load it as soon as they find the thumbnails.
    is_new_atlas = _update_atlas(catalogue, items, kept, progress)
    if kept != before or is_new_atlas:
        catalogue.pictures.keep_cut_outs(kept)


def _write(
    catalogue: Catalogue,
    missing: dict[CutOutThumbnail, Item],
    masks: dict[str, bytes],
    progress: Progress,
) -> None:
    if not missing:
        return
    progress.stage(Stage.CUTTING_OUT, len(missing))
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="cut out") as pool:
        made = pool.map(lambda item: _thumbnail(catalogue, item, masks[item.id]), missing.values())
        try:
            for cut_out, thumbnail in zip(missing, made, strict=True):
                if thumbnail is not None:
                    catalogue.pictures.write_cut_out(cut_out, thumbnail)
                progress.advance()
                progress.check()
        finally:
            pool.shutdown(cancel_futures=True)


def _thumbnail(catalogue: Catalogue, item: Item, mask: bytes) -> bytes | None:
    """Return an item's thumbnail cut out by a mask, PNG; None if its picture cannot be read."""
    try:
        picture = decoding.decode(catalogue.pictures.original(item))
        found = Segmentation(decoding.decode(mask).convert("L"), confidence=1.0)
    except LookalikeError:
        return None
    return resizing.thumbnail(segmentation.apply(picture, found).picture)


def _update_atlas(
    catalogue: Catalogue, items: list[Item], kept: set[CutOutThumbnail], progress: Progress
) -> bool:
    """Build the atlas if it shows other thumbnails, and return whether pages must load it."""
    if not kept:
        thumbnail_atlas.remove_cut_outs(catalogue)
        return False
    by_id = {cut_out.item_id: cut_out for cut_out in kept}
    tiles = [f"{item.id} {item.digest} {by_id.get(item.id)}" for item in items]
    shown = _digest("\n".join(tiles).encode())
    before = catalogue.pictures.served_url(thumbnail_atlas.CUT_OUT_ATLAS)
    if before is not None and catalogue.load_note(_NOTE) == shown:
        return False
    thumbnail_atlas.serve(catalogue, items, progress=progress, cut_outs=by_id)
    catalogue.save_note(_NOTE, shown)
    return catalogue.pictures.served_url(thumbnail_atlas.CUT_OUT_ATLAS) != before


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]
