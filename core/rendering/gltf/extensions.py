"""The extensions of glTF that are known here."""

from core.rendering.gltf.document import Document

# Those of Khronos, which are read here or change little in a still picture, and those of others
# that are read or show nothing, begin so.
_KNOWN = ("KHR_", "EXT_mesh", "EXT_texture_", "EXT_lights_", "EXT_structural_metadata")
_MAX_NAMES = 3


def note_unknown(document: Document) -> None:
    """Note which extensions a file requires that are not known: what they add is not shown."""
    unknown = sorted(
        name
        for name in document.extensions("extensionsRequired")
        if not name.startswith(_KNOWN) and name.isascii() and name.isidentifier()
    )
    if unknown:
        names = ", ".join(name[:60] for name in unknown[:_MAX_NAMES])
        more = f" and {len(unknown) - _MAX_NAMES} more" if len(unknown) > _MAX_NAMES else ""
        document.files.remark(
            f"It requires glTF extensions that are not known here, so that something may be "
            f"missing: {names}{more}."
        )
