"""The weights of a network as a safetensors file: by name, with shapes and content checked, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from evo_nas.atomic import write_atomically
from evo_nas.errors import UserError

Weights = Mapping[str, NDArray[np.float32]]


def read_weights(model: keras.Model) -> dict[str, NDArray[np.float32]]:
    """Path of a weight ("hidden_1/kernel") -> a copy of its value."""
    return {weight.path: weight.numpy().copy() for weight in model.weights}


def assign_weights(model: keras.Model, weights: Weights) -> None:
    """Give a network its weights. They must be those of `read_weights` for a network of the same genome."""
    for weight in model.weights:
        weight.assign(weights[weight.path])


def save_weights(weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write `path`; an existing file is replaced. Raises OSError, and leaves what was there."""
    content = save(dict(weights), metadata={"blake2b": _digest(weights)})
    write_atomically(path, content)


def load_weights(path: Path, expected: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.float32]]:
    """The weights of a file, for the names and shapes of a network.

    Raises UserError where the file is missing, damaged, or of another network: which name, which shapes.
    """
    weights = read_arrays(path)
    if set(weights) != set(expected):
        different = ", ".join(sorted(set(weights) ^ set(expected)))
        raise UserError(f"{path}: these are the weights of another network: only one of the two has {different}")
    for name, shape in expected.items():
        if weights[name].shape != shape or weights[name].dtype != np.float32:
            found = f"{weights[name].dtype} {weights[name].shape}"
            raise UserError(f"{path}: these are the weights of another network: {name} is {found}, not float32 {shape}")
    return weights


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of a file, by name. Raises UserError where it is missing, damaged or not what was written."""
    try:
        with safe_open(path, framework="numpy") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            recorded = (file.metadata() or {}).get("blake2b")
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path}: no weights can be read here ({error})") from None
    if recorded != _digest(weights):
        raise UserError(f"{path}: the weights have changed since they were saved")
    return weights


def _digest(weights: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(weights):
        digest.update(f"{name}{weights[name].shape}".encode())
        digest.update(weights[name].tobytes())
    return digest.hexdigest()
