"""npz files of plain arrays. Object arrays need pickle, which can run code, and are refused."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.errors import UserError

# Whatever a damaged zip file was seen to raise, NotImplementedError (a RuntimeError) among them.
_DAMAGED = (OSError, ValueError, AttributeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


def read_npz(path: Path, only: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """The arrays of a file by their names, or `only` these, as far as they are there; the others are not read.

    Raises UserError: no such file, no npz file, damaged, or holds objects.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if only is None or name in only}
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; check the path") from None
    except _DAMAGED as error:
        raise UserError(
            f"{path}: cannot be read as npz with plain arrays ({error}); it is damaged, foreign, or holds objects"
        ) from None
