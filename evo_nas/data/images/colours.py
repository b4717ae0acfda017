"""Any kind of picture that Pillow opens, as 8-bit grey or as 8-bit red, green and blue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evo_nas.data.images.bad_images import UnreadableImage

if TYPE_CHECKING:
    from PIL import Image

GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"})
"""Pillow's names of what holds no colours. A palette counts as colours, since it may hold any."""

_DEEP_MODES = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N"})
_WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_LARGEST_DEEP = 65535


def in_eight_bits(image: Image.Image, channels: int) -> Image.Image:
    """The picture in mode L (1 channel) or RGB (3 channels), what is transparent laid on white.

    16-bit values are divided by 257, so that black stays black and white white; CMYK and the rest are converted as
    Pillow does. Raises UnreadableImage for values whose range nobody knows, ValueError where Pillow knows no way.
    """
    if image.mode in _DEEP_MODES:
        image = _from_sixteen_bits(image)
    elif image.mode == "F":
        raise UnreadableImage("holds floating-point values, of which nobody knows which is white; save it with 8 bits")
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        image = _on_white(image)
    mode = "L" if channels == 1 else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _from_sixteen_bits(image: Image.Image) -> Image.Image:
    from PIL import Image

    values = np.asarray(image)
    if values.min() < 0 or values.max() > _LARGEST_DEEP:
        raise UnreadableImage("holds values outside the 16 bits of a picture; save it with 8 or 16 bits")
    return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    coloured = image.convert("RGBA")
    white = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, coloured).convert("RGB")
