"""One image file as pixels, however hostile the file: bounded memory, no code run, and a reason where it fails."""

from __future__ import annotations

import os
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from evo_nas.data.dataset import ImageArray
from evo_nas.data.images.bad_images import UnreadableImage
from evo_nas.data.images.colours import GREY_MODES, in_eight_bits
from evo_nas.data.images.look import Header, Look

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
"""What is opened; Pillow's others start foreign programs (EPS), or nobody keeps images to learn from in them."""

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"})
"""Of the names of image files, in small letters."""

MOST_PIXELS = 2**25
"""Of a picture that must be held whole: 160 MB while it is converted. A JPEG may have more, as it is read smaller."""

MANY_PIXELS = 2**22
"""From here on pictures are decoded one at a time, so that threads together need no more memory than one picture."""

_SIDEWAYS = frozenset({5, 6, 7, 8})
_ORIENTATION = 0x0112
_JPEG_FORMATS = frozenset({"JPEG", "MPO"})
_FINER = 2
"""A JPEG is read at the smallest of its sizes that is so many times what is asked for, and then made smaller well."""

# Whatever Pillow was seen to raise over a damaged file.
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)

_large_picture = threading.Lock()


@contextmanager
def hostile_images_refused() -> Iterator[None]:
    """Turn Pillow's warning of too many pixels into an error, and silence its others, in all threads meanwhile."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def read_header(path: Path) -> Header:
    """Size and colours of an image file, nothing decoded. Raises UnreadableImage."""
    with _opened(path) as image:
        width, height = image.size
        if _orientation(image) in _SIDEWAYS:
            width, height = height, width
        return Header(height, width, image.mode in GREY_MODES)


def read_pixels(path: Path, look: Look) -> ImageArray:
    """uint8 [height, width, channels]: the first frame, turned as its camera says. Raises UnreadableImage."""
    with _opened(path) as image:
        if image.width * image.height <= MANY_PIXELS:
            return pixels_of(image, look)
        with _large_picture:
            return pixels_of(image, look)


def pixels_of(image: Image.Image, look: Look) -> ImageArray:
    """A picture as uint8 [height, width, channels]. Raises UnreadableImage, or what Pillow raises."""
    if image.format in _JPEG_FORMATS:
        side = _FINER * max(look.height, look.width)
        image.draft(None, (side, side))
    if image.width * image.height > MOST_PIXELS:
        raise UnreadableImage(
            f"has {image.width:,} x {image.height:,} pixels, more than the {MOST_PIXELS:,} that are decoded; "
            f"make it smaller"
        )
    image.load()
    upright = _turned(image, _orientation(image))
    pixels = np.asarray(fitted(in_eight_bits(upright, look.channels), look))
    return pixels.reshape(look.shape)


def fitted(image: Image.Image, look: Look) -> Image.Image:
    """The picture in the size of the look; one that has it is not touched.

    stretch: each side on its own. pad: the whole picture in the middle of black. crop: the middle of the picture.
    Sizes are changed with Pillow's bilinear filter, which looks at every pixel when it makes a picture smaller.
    """
    from PIL import Image, ImageOps

    size = (look.width, look.height)
    if image.size == size:
        return image
    if look.fit == "pad":
        return ImageOps.pad(image, size, Image.Resampling.BILINEAR)
    if look.fit == "crop":
        return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    return image.resize(size, Image.Resampling.BILINEAR)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """A picture whose header was read; whatever is raised inside becomes a reason."""
    from PIL import Image, UnidentifiedImageError

    try:
        with _regular_file(path) as file, Image.open(file, formats=FORMATS) as image:
            yield image
    except UnreadableImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableImage(
            f"has far more than the {MOST_PIXELS:,} pixels that are decoded; make it smaller"
        ) from None
    except UnidentifiedImageError:
        raise UnreadableImage("is not an image that can be read, whatever its name says") from None
    except PermissionError:
        raise UnreadableImage("may not be read; change its permissions") from None
    except _DAMAGED as error:
        raise UnreadableImage(f"is damaged ({_short(error)})") from None


@contextmanager
def _regular_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that is neither empty nor something that would wait for ever, such as a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UnreadableImage("is not there (a link to nothing, or removed meanwhile)") from None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a path cannot open a descriptor
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableImage("is no ordinary file")
        if status.st_size == 0:
            raise UnreadableImage("is empty (0 bytes)")
        yield file


def _orientation(image: Image.Image) -> int:
    """How the camera was held, 1 to 8; 1 where the file does not say, or says it in a way that nobody understands."""
    with suppress(*_DAMAGED):
        return int(image.getexif().get(_ORIENTATION, 1))
    return 1


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
