"""Lets Pillow open KTX2 textures of Basis Universal: ETC1S and UASTC, at their full size."""

import io
from typing import Any

import opengl_basisu
from PIL import Image, ImageFile

MARK = b"\xabKTX 20\xbb\r\n\x1a\n"


class Ktx2File(ImageFile.ImageFile):
    """A KTX2 texture, which is decoded when it is loaded."""

    format = "KTX2"
    format_description = "Basis Universal"
    _texture: opengl_basisu.Texture

    def _open(self) -> None:
        """Read the size, before which nothing is decoded."""
        assert self.fp is not None
        try:
            self._texture = opengl_basisu.open(self.fp.read())
        except opengl_basisu.BasisuError as error:
            raise SyntaxError("it is damaged, or not of Basis Universal") from error
        self._size = (self._texture.width, self._texture.height)
        self._mode = "RGBA" if self._texture.has_alpha else "RGB"
        self.tile = [ImageFile._Tile("raw", (0, 0, *self.size), 0, self._raw_mode)]

    def load(self) -> Any:
        """Decode the picture."""
        if self.tile:
            self.fp = io.BytesIO(self._texture.transcode("rgba8").data.tobytes())
        return super().load()

    @property
    def _raw_mode(self) -> str:
        """How the pixels are decoded."""
        return "RGBA" if self.mode == "RGBA" else "RGBX"


Image.register_open(Ktx2File.format, Ktx2File, lambda start: start.startswith(MARK))
