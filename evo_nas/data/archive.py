"""A data set as one npz file without pickle, whole or not at all, its fingerprint checked when it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.atomic import fill_atomically
from evo_nas.data.dataset import Dataset, Schema
from evo_nas.data.npz_files import read_npz
from evo_nas.errors import UserError


def save_dataset(dataset: Dataset, path: Path) -> None:
    """Write a data set to `path`; an existing file is replaced. Raises OSError (a full disk, no such folder)."""
    header = {"name": dataset.name, "schema": dataset.schema.to_json(), "fingerprint": dataset.fingerprint}
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    fill_atomically(
        path,
        lambda file: np.savez(
            file, header=text, numeric=dataset.numeric, categorical=dataset.categorical, target=dataset.target
        ),
    )


def load_dataset(path: Path) -> Dataset:
    """Read what `save_dataset` wrote. Raises UserError where the file is missing, damaged, foreign or changed."""
    arrays = read_npz(path)
    try:
        header: dict[str, Any] = json.loads(arrays["header"].tobytes())
        schema, fingerprint = Schema.from_json(header["schema"]), header["fingerprint"]
        dataset = Dataset(str(header["name"]), schema, arrays["numeric"], arrays["categorical"], arrays["target"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a saved data set, or a damaged one ({error}); restore the file") from None
    if dataset.fingerprint != fingerprint:
        raise UserError(
            f"{path}: the content has changed since it was saved (fingerprint {dataset.fingerprint}, expected "
            f"{fingerprint}); restore the file"
        )
    return dataset
