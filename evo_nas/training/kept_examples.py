"""Prepared rows are found again: within a worker in memory, and by other workers and runs on disk.

They are a function of the data, the rows of the fold and the kind of preprocessing, by which they are kept. What is
found is what would have been made, to the bit.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import BYTES_PER_MB, Task
from evo_nas.data import ArrayStore, Dataset, Fold, Preprocessing
from evo_nas.training.examples import Examples, FoldExamples, SplitDataset, fold_examples

MEMORY_BYTES = 256 * BYTES_PER_MB
"""Of a worker. The rows used last are kept even where they alone are more."""

DISK_BYTES = 4096 * BYTES_PER_MB
FOLDER_VARIABLE = "EVO_NAS_CACHE"
FORMAT = 1
PARTS = ("train", "validation", "confirmation")
ARRAYS = ("inputs", "targets", "truth")

Make = Callable[[], FoldExamples]


class KeptExamples:
    """The examples used last, by key, within a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[str, FoldExamples] = OrderedDict()
        self._bytes = 0

    def get(self, key: str, make: Make) -> FoldExamples:
        """Those of a key, which `make` makes where they are not here."""
        found = self._kept.pop(key, None)
        if found is None:
            found = make()
            self._bytes += size_of(found)
        self._kept[key] = found
        while self._bytes > self._limit_bytes and len(self._kept) > 1:
            self._bytes -= size_of(self._kept.popitem(last=False)[1])
        return found


_in_memory = KeptExamples(MEMORY_BYTES)


def kept_examples(data: SplitDataset, fold: Fold, kind: str, *, cache: str) -> FoldExamples:
    """The examples of a fold under a kind of preprocessing. cache: "memory", "disk" (and memory) or "none"."""

    def make() -> FoldExamples:
        return fold_examples(data, fold, kind)

    if cache == "none":
        return make()
    key = examples_key(data.dataset, fold, data.rows.confirmation, kind)
    on_disk = cache == "disk" and data.dataset.schema.image_shape is None  # images are there as they are
    return _in_memory.get(key, (lambda: from_disk(disk_folder(), key, make)) if on_disk else make)


def examples_key(dataset: Dataset, fold: Fold, confirmation: NDArray[np.int64], kind: str) -> str:
    """32 hexadecimal digits: the data's fingerprint, which rows are in which part, and how they are prepared.

    numpy's version belongs to it, since another one may round otherwise.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps([FORMAT, np.__version__, dataset.fingerprint, kind]).encode())
    for rows in (fold.train, fold.validation, confirmation):
        digest.update(f" {len(rows)} ".encode())
        digest.update(np.ascontiguousarray(rows, dtype="<i8").data)
    return digest.hexdigest()


def disk_folder() -> Path:
    """Where rows are kept across runs: `EVO_NAS_CACHE`, or `rows` in the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else user_cache_path("evo-nas") / "rows"


def from_disk(folder: Path, key: str, make: Make) -> FoldExamples:
    """Those of a key on disk, which `make` makes, and are then written, where they are missing or damaged."""
    store = ArrayStore(folder, DISK_BYTES)
    if (entry := store.read(key)) is not None:
        return _parsed(*entry)
    made = make()
    arrays = {f"{part}_{name}": getattr(getattr(made, part), name) for part in PARTS for name in ARRAYS}
    store.write(key, arrays, {"task": made.task, "preprocessing": made.preprocessing.to_json()})
    return made


def size_of(examples: FoldExamples) -> int:
    """Bytes of the arrays, but for inputs that belong to a whole data set."""
    parts = [getattr(examples, part) for part in PARTS]
    own = [(one.inputs if one.places is None else one.places, one.targets, one.truth) for one in parts]
    return sum(int(array.nbytes) for arrays in own for array in arrays)


def _parsed(arrays: dict[str, NDArray[Any]], beside: dict[str, Any]) -> FoldExamples:
    parts = {part: Examples(*(arrays[f"{part}_{name}"] for name in ARRAYS)) for part in PARTS}
    task: Task = beside["task"]
    return FoldExamples(task=task, preprocessing=Preprocessing.from_json(beside["preprocessing"]), **parts)
