"""Backbones by the digest of what they are, on disk for every worker and run, and one of them in memory."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from filelock import FileLock

from evo_nas.atomic import write_atomically
from evo_nas.errors import UserError
from evo_nas.training.backbones.blocks import blocks_of
from evo_nas.training.backbones.sources import Source
from evo_nas.training.kept_examples import disk_folder
from genomes import Shape
from genomes.backbone import END, Backbone
from genomes.transfer_genes import DIGEST, SAVED_NETWORK, WEIGHTS, read_backbone

FOLDER = "backbones"
_sources: dict[str, Source] = {}
"""Digest -> where the backbone came from, for one whose file has gone from the disk."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenBackbone:
    """model: images -> features, with the pretrained weights; nobody trains it. table: its blocks."""

    model: keras.Model
    table: Backbone

    def cut(self, frozen_until: str) -> keras.KerasTensor:
        """What the frozen part gives."""
        name = self.table.blocks[-1].name if frozen_until == END else frozen_until
        return self.model.get_layer(name).output


def look_at(space: Mapping[str, Any], input_shape: Shape) -> dict[str, Any]:
    """The keys that complete a [space] section: the table of its backbone for images of a shape. The backbone is kept
    on disk. Raises UserError as `Source.build` and `blocks_of` do.
    """
    source = Source(*read_backbone(space), tuple(input_shape))
    keras.utils.clear_session()  # names that Keras counts up begin at the beginning
    model = source.build()
    table = Backbone(digest_of(model), source.input_shape, blocks_of(model))
    _keep(model, table.digest)
    return table.describe()


def remember_source(space: Mapping[str, Any]) -> None:
    """Note where the backbone of a complete space came from."""
    if DIGEST in space and space["blocks"]:
        _sources[str(space[DIGEST])] = Source(*read_backbone(space), tuple(space["input_shape"]))


@lru_cache(maxsize=1)
def open_backbone(digest: str) -> OpenBackbone:
    """The backbone of a digest, from the disk or, if it has gone from there, from where it came from.

    Raises UserError where it is in neither place, or no longer what it was.
    """
    model = _kept(digest) or _made_again(digest)
    shape = tuple(int(length) for length in model.inputs[0].shape[1:])
    return OpenBackbone(model, Backbone(digest, shape, blocks_of(model)))


def digest_of(model: keras.Model) -> str:
    """32 hexadecimal digits of the weights, by path, and of all layers, their settings and how they are joined."""
    digest = hashlib.blake2b(json.dumps(model.get_config(), sort_keys=True).encode(), digest_size=16)
    for weight in model.weights:
        value = np.ascontiguousarray(weight.numpy())
        digest.update(f"{weight.path} {value.dtype.str} {value.shape}".encode())
        digest.update(value.data)
    return digest.hexdigest()


def _path(digest: str) -> Path:
    return disk_folder() / FOLDER / f"{digest}{SAVED_NETWORK}"


def _keep(model: keras.Model, digest: str) -> None:
    """On a disk that refuses, nothing is kept."""
    path = _path(digest)
    with suppress(OSError), tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / path.name
        model.save(temporary)
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            write_atomically(path, temporary.read_bytes())


def _kept(digest: str) -> keras.Model | None:
    """None where there is none, it is damaged, or another one bears its name."""
    try:
        model = keras.saving.load_model(_path(digest), compile=False, safe_mode=True)
    except Exception:  # noqa: BLE001 - Keras and zipfile raise whatever they like of a damaged file
        return None
    return model if digest_of(model) == digest else None


def _made_again(digest: str) -> keras.Model:
    source = _sources.get(digest)
    if source is None:
        raise UserError(
            f"{_path(digest)}: the backbone of this network is not here; run the search on it again, or set "
            "EVO_NAS_CACHE to the folder that it was kept in"
        )
    keras.utils.clear_session()
    model = source.build()
    if digest_of(model) != digest:
        raise UserError(
            f"[space] {WEIGHTS}: {source.name} from {source.weights} is no longer what it was when the run began; "
            "restore the file"
        )
    _keep(model, digest)
    return model
