"""What the frozen part of a backbone gives for the images of a data set: computed once, for every network that freezes
as much, whichever run or worker trains it.

It is a function of the backbone, the images, their preprocessing and where freezing ends, and of what decides how
numbers are rounded: the versions, the threads and the kind of the device. By these it is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from evo_nas.config import BYTES_PER_MB
from evo_nas.data import ArrayStore, Dataset, Fold, ImagePreprocessing
from evo_nas.training.backbones.store import OpenBackbone, open_backbone
from evo_nas.training.examples import Examples, Float32Array, FoldExamples, SplitDataset
from evo_nas.training.kept_examples import DISK_BYTES, disk_folder, kept_examples
from evo_nas.training.networks.transfer import pooled
from evo_nas.training.news import Alive, silent
from genomes import Genome
from genomes.backbone import END
from genomes.transfer_size import num_logits

FOLDER, LOCKS = "features", "locks"
MEMORY_BYTES = 256 * BYTES_PER_MB
"""Of a worker. The features used last are kept even where they alone are more."""
ROWS_AT_ONCE = 32
"""Images in one piece: always the same number, since rounding depends on it."""
WAIT_SECONDS = 1.0
FORMAT = 1

Rows = NDArray[np.int64]
Make = Callable[[], Float32Array]


def feature_examples(data: SplitDataset, fold: Fold, genome: Genome, cache: str, alive: Alive = silent) -> FoldExamples:
    """What the trained part of a genome's network is fed: the frozen part's features, with the images' targets.

    cache: "none" computes them again for each training; else they are kept on disk, and the last ones in memory.
    alive: is called while they are computed, here or by another worker.
    """
    images = kept_examples(data, fold, str(genome.genes["preprocessing"]), cache=cache)
    parts = (fold.train, fold.validation, data.rows.confirmation)
    rows = np.unique(np.concatenate(parts))
    num_outputs = num_logits(genome, data.dataset.num_outputs)
    features = kept_features(data.dataset, rows, images.preprocessing, genome, cache=cache, alive=alive)
    train, validation, confirmation = (
        _fed_with(features, examples, np.searchsorted(rows, part), num_outputs)
        for examples, part in zip((images.train, images.validation, images.confirmation), parts, strict=True)
    )
    return replace(images, train=train, validation=validation, confirmation=confirmation)


def _fed_with(features: Float32Array, examples: Examples, places: Rows, num_outputs: int) -> Examples:
    """Outputs that no class has are never right."""
    targets = np.pad(examples.targets, ((0, 0), (0, num_outputs - examples.targets.shape[1])))
    if features.ndim == 2:  # short rows, as those of a table
        return replace(examples, inputs=features[places], targets=targets, places=None, affine=None)
    return replace(examples, inputs=features, targets=targets, places=places.astype(np.int32), affine=None)


def kept_features(
    dataset: Dataset, rows: Rows, preprocessing: object, genome: Genome, *, cache: str, alive: Alive
) -> Float32Array:
    """Features of these rows, ascending: float32 [rows, ...], pooled where the whole backbone is frozen."""
    assert isinstance(preprocessing, ImagePreprocessing), "a backbone takes images"

    def make() -> Float32Array:
        return computed_features(dataset, rows, preprocessing, genome, alive)

    if cache == "none":
        return make()
    key = features_key(dataset, rows, preprocessing, genome)
    return _in_memory.get(key, lambda: _from_disk(disk_folder() / FOLDER, key, make, alive))


def features_key(dataset: Dataset, rows: Rows, preprocessing: ImagePreprocessing, genome: Genome) -> str:
    """32 hexadecimal digits of all that the features are a function of."""
    genes = genome.genes
    frozen = [genes[name] for name in ("backbone_digest", "frozen_until")]
    pooling = genes["pooling"] if genes["frozen_until"] == END else None
    threads = tf.config.threading
    machine = [threads.get_intra_op_parallelism_threads(), threads.get_inter_op_parallelism_threads()]
    device = [device.device_type for device in tf.config.get_visible_devices()]
    how = [FORMAT, np.__version__, tf.__version__, keras.__version__, machine, device]
    what = [dataset.fingerprint, preprocessing.to_json(), frozen, pooling]
    digest = hashlib.blake2b(json.dumps([how, what], sort_keys=True).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(rows, dtype="<i8").data)
    return digest.hexdigest()


def computed_features(
    dataset: Dataset, rows: Rows, preprocessing: ImagePreprocessing, genome: Genome, alive: Alive = silent
) -> Float32Array:
    """The features, computed. Batch normalisation is in inference mode, as everything is that is frozen."""
    frozen = frozen_part(open_backbone(str(genome.genes["backbone_digest"])), genome)
    scales, shifts = preprocessing.affine
    images = tf.TensorSpec((None, *dataset.input_shape), tf.uint8)

    @tf.function(input_signature=[images], autograph=False)  # type: ignore[untyped-decorator]
    def features_of(pixels: tf.Tensor) -> tf.Tensor:
        return frozen(tf.cast(pixels, tf.float32) * scales + shifts, training=False)

    features = np.empty((len(rows), *frozen.output_shape[1:]), dtype=np.float32)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        piece = rows[start : start + ROWS_AT_ONCE]
        features[start : start + len(piece)] = features_of(tf.constant(dataset.pixels[piece]))
        alive()
    return features


def frozen_part(backbone: OpenBackbone, genome: Genome) -> keras.Model:
    """Images as numbers -> what the thawed part takes or, where nothing is thawed, what the head takes."""
    values = backbone.cut(str(genome.genes["frozen_until"]))
    if genome.genes["frozen_until"] == END:
        values = pooled(values, genome)
    return keras.Model(backbone.model.inputs[0], values)


class _InMemory:
    """The features used last, by key, within a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[str, Float32Array] = OrderedDict()

    def get(self, key: str, make: Make) -> Float32Array:
        found = self._kept.pop(key) if key in self._kept else make()
        self._kept[key] = found
        while sum(array.nbytes for array in self._kept.values()) > self._limit_bytes and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return found


_in_memory = _InMemory(MEMORY_BYTES)


def _from_disk(folder: Path, key: str, make: Make, alive: Alive) -> Float32Array:
    """Those of a key on disk, which `make` makes, and are then written, where they are missing or damaged.

    While one worker computes them, another that needs them waits.
    """
    store = ArrayStore(folder, DISK_BYTES)
    if (entry := store.read(key)) is None:
        with _lock(folder / LOCKS, key, alive):
            if (entry := store.read(key)) is None:
                made = make()
                store.write(key, {"features": made}, {})
                return made
    features: Float32Array = entry[0]["features"]
    return features


def _lock(folder: Path, key: str, alive: Alive) -> AbstractContextManager[object]:
    """A kernel lock, which ends with its process; none where the disk cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _acquired(FileLock(folder / f"{key}.lock"), alive)
    except OSError:
        return nullcontext()


def _acquired(lock: FileLock, alive: Alive) -> AbstractContextManager[object]:
    while True:
        try:
            return lock.acquire(timeout=WAIT_SECONDS)
        except Timeout:
            alive()
